#!/usr/bin/env python3
"""Kills `pvsplan apply` with SIGKILL at the calls by which it changes anything, kills the `resume` that follows as well, and
resumes once more: every command has run exactly once, in the plan's order, and the journal verifies.

    run_killed.py PVSPLAN KILL_AT_LIBRARY [--over local|ssh] [--store file|postgres] [--every N]

--every 1 kills at each such call in turn; larger numbers take a sample, each time shifted. --rounds N goes through them N
times, with another kill of the `resume` each time; PVSPLAN_KILL_ROUNDS in the environment overrides it."""
import argparse, itertools, os, random, shutil, socket, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
from postgres import Postgres, programs  # noqa: E402
from scenarios import remove  # noqa: E402
from skip import skip  # noqa: E402

MODULE = r"""
module: site
summary: A box with a mark.
kinds:
  box:
    plural: boxes
    state:
      mark: {type: string, default: none}
    observe:
      command: [sh, -c, 'printf "{\"mark\":\"%s\"}" "$(cat DIR/mark 2>/dev/null || echo none)"']
actions:
  set:
    summary: Write the mark.
    on: box
    parameters: {text: {type: string}}
    does: mark(on)
    sets: {on.mark: "${text}"}
    run: {command: [sh, -c, 'echo "$0" >> DIR/ran; printf %s "$0" > DIR/mark', "${text}"]}
    undo: {do: site.set, with: {text: "${before.mark}"}}
"""
FARM = """
farm: site
uses: [./site.yaml]
STORE
defaults:
  box: {connect: CONNECT}
boxes:
  - {name: a}
"""
PLAN = """
plan: mark
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - {id: one, do: site.set, on: box, with: {text: one}}
  - {id: two, do: site.set, on: box, with: {text: two}}
  - {id: three, do: site.set, on: box, with: {text: three}}
"""
NUMBERS = itertools.count()
RAN = "one\ntwo\nthree\n"


class Sshd:
    """A real one, on loopback, with keys of its own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pvsplan-test-")
        for name in ("host", "login"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.folder}/{name}"], check=True)
        shutil.copy(f"{self.folder}/login.pub", f"{self.folder}/authorized_keys")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with open(f"{self.folder}/host.pub") as key, open(f"{self.folder}/known_hosts", "w") as known:
            known.write(f"[127.0.0.1]:{self.port} {key.read()}")
        with open(f"{self.folder}/config", "w") as config:
            config.write(
                f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.folder}/host\n"
                f"AuthorizedKeysFile {self.folder}/authorized_keys\nPidFile {self.folder}/pid\nUsePAM no\n"
                "StrictModes no\nPermitRootLogin yes\nMaxStartups 100\nPasswordAuthentication no\n"
            )
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        # Sessions outlive the listener for a minute; nobody shall wait for what they could print.
        self.process = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-f", f"{self.folder}/config", "-E", f"{self.folder}/log"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(400):
            if os.path.exists(f"{self.folder}/pid"):
                return
            time.sleep(0.01)
        sys.exit("sshd does not start: " + open(f"{self.folder}/log").read())

    def connect(self, jobs):
        return (
            f"{{over: ssh, address: 127.0.0.1, port: {self.port}, identity: {self.folder}/login, "
            f"known_hosts: {self.folder}/known_hosts, jobs: {jobs}}}"
        )

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)


class Servers:
    """What the scenarios share."""

    def __init__(self, over="local", store="file"):
        self.sshd = Sshd() if over == "ssh" else None
        self.postgres = Postgres() if store == "postgres" else None

    def close(self):
        for one in (self.sshd, self.postgres):
            if one:
                one.close()


class Project:
    """What is run, in a folder and a store of its own."""

    def __init__(self, tool, library, servers=Servers()):
        self.tool, self.library, self.servers = tool, library, servers
        self.folder = tempfile.mkdtemp(prefix="pvsplan-test-")
        self.name = os.path.basename(self.folder).replace("-", "_").lower() + str(next(NUMBERS))
        connect = servers.sshd.connect(f"{self.folder}/jobs") if servers.sshd else "{over: local}"
        self.store = ["--store", servers.postgres.store(self.name)] if servers.postgres else []
        farm = FARM.replace("CONNECT", connect).replace("STORE", f"store: {self.store[1]}" if self.store else "")
        for name, text in (("site", MODULE.replace("DIR", self.folder)), ("farm", farm), ("plan", PLAN)):
            with open(f"{self.folder}/{name}.yaml", "w") as file:
                file.write(text.lstrip())

    def environment(self, kill_at=None):
        environment = dict(os.environ, HOME=self.folder, PVSPLAN_JOBS=f"{self.folder}/jobs")
        if kill_at is not None:
            environment.update(LD_PRELOAD=self.library, PVSPLAN_KILL_AT=str(kill_at), PVSPLAN_KILL_COUNT=f"{self.folder}/count")
        return environment

    def run(self, *words, kill_at=None):
        environment = self.environment(kill_at)
        done = subprocess.run(
            [self.tool, *words, *self.store], cwd=self.folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=120
        )
        if "Sanitizer" in done.stderr or "runtime error:" in done.stderr:
            raise RuntimeError(done.stderr)
        return done

    def has_run(self):
        return "began" in self.run("runs", "--format", "json").stdout

    def text(self, name):
        try:
            return open(f"{self.folder}/{name}").read()
        except FileNotFoundError:
            return ""

    def close(self):
        if self.servers.postgres:
            self.servers.postgres.drop(self.name)
        remove(self.folder)


def scenario(arguments, servers, at, seed):
    """The number of kills, and what went wrong."""
    project = Project(arguments.pvsplan, arguments.library, servers)
    kills, told = 0, []
    chance = random.Random(seed)
    for attempt, kill_at in enumerate([at, chance.randint(1, 200), None, None]):
        words = ["resume", "last"] if attempt and project.has_run() else ["apply", "plan.yaml"]
        done = project.run(*words, "--yes", "--no-input", kill_at=kill_at)
        told.append(f"{words[0]} (killed at {kill_at}) -> {done.returncode}: {done.stderr.strip()[-300:]}")
        if done.returncode == -9:
            kills += 1
        elif done.returncode == 0 or "is over: done" in done.stderr:
            break
    verified = project.run("log", "last", "--verify")
    ran = project.text("ran")
    wrong = None
    if ran != RAN or verified.returncode != 0 or project.text("mark") != "three":
        wrong = f"killed at {at}, seed {seed}: ran {ran!r}, verify {verified.returncode}\n  " + "\n  ".join(told)
    project.close()
    return kills, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pvsplan")
    parser.add_argument("library")
    parser.add_argument("--over", choices=["local", "ssh"], default="local")
    parser.add_argument("--store", choices=["file", "postgres"], default="file")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.pvsplan, arguments.library = os.path.abspath(arguments.pvsplan), os.path.abspath(arguments.library)
    if not os.path.exists(arguments.library):  # the loader only warns, and nothing would be killed
        sys.exit(f"{arguments.library} has not been built")
    if arguments.over == "ssh" and not os.path.exists("/usr/sbin/sshd"):
        skip("no sshd can be run here")
    if arguments.store == "postgres" and programs() is None:
        skip("postgresql is not installed")
    servers = Servers(arguments.over, arguments.store)
    try:
        whole = Project(arguments.pvsplan, arguments.library, servers)
        done = whole.run("apply", "plan.yaml", "--yes", "--no-input", kill_at=0)
        if done.returncode != 0 or whole.text("ran") != RAN:
            print("the plan does not even run undisturbed:", done.returncode, done.stderr)
            return 1
        points = int(whole.text("count"))
        whole.close()
        rounds = int(os.environ.get("PVSPLAN_KILL_ROUNDS", arguments.rounds))
        places = [
            (at, at * 7919 + arguments.seed + 104729 * round)
            for round in range(rounds)
            for at in range(1 + random.randrange(arguments.every), points + 1, arguments.every)
        ]
        with ThreadPoolExecutor(arguments.jobs) as pool:
            results = list(pool.map(lambda place: scenario(arguments, servers, *place), places))
    finally:
        servers.close()
    wrong = [text for _, text in results if text]
    print(f"{arguments.over}, {arguments.store}: {points} places to be killed at, {len(results)} scenarios, {sum(kills for kills, _ in results)} kills")
    for text in wrong[:10]:
        print("WRONG", text)
    return 1 if wrong or sum(kills for kills, _ in results) < len(results) // 2 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Kills `pvsplan apply` with SIGKILL at the calls by which it changes anything, kills the `resume` that follows as well, and
resumes once more: every command has run exactly once, in the plan's order, and the journal verifies.

    run_killed.py PVSPLAN KILL_AT_LIBRARY [--over local|ssh] [--store file|postgres] [--every N]

--every 1 kills at each such call in turn; larger numbers take a sample, from the place --first on. --rounds N goes through them N
times, with another kill of the `resume` each time; PVSPLAN_KILL_ROUNDS in the environment overrides it."""
import itertools, os, random, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
import preloaded  # noqa: E402
from postgres import PATIENT, Postgres, programs  # noqa: E402
from scenarios import SECONDS  # noqa: E402
from skip import skip  # noqa: E402
from sshd import Sshd  # noqa: E402
from toy import PLAN, TEXTS, Toy  # noqa: E402

FARM = """
farm: site
uses: [./site.yaml]
STORE
defaults:
  box: {connect: CONNECT}
boxes:
  - {name: a}
"""
NUMBERS = itertools.count()


class Servers:
    """What the scenarios share."""

    def __init__(self, over="local", store="file"):
        self.sshd = Sshd() if over == "ssh" else None
        self.postgres = Postgres() if store == "postgres" else None

    def close(self):
        for one in (self.sshd, self.postgres):
            if one:
                one.close()


class Project(Toy):
    """What is run, in a folder and a store of its own."""

    def __init__(self, tool, library, servers=Servers(), parameters=PATIENT):
        self.tool, self.library, self.servers = tool, library, servers
        super().__init__(plan=PLAN)
        self.name = os.path.basename(self.folder).replace("-", "_").lower() + str(next(NUMBERS))
        connect = servers.sshd.connect(f"{self.folder}/jobs") if servers.sshd else "{over: local}"
        self.store = ["--store", servers.postgres.store(self.name, parameters)] if servers.postgres else []
        self.put("farm.yaml", FARM.lstrip().replace("CONNECT", connect).replace("STORE", f"store: {self.store[1]}" if self.store else ""))

    def environment(self, kill_at=None):
        environment = dict(os.environ, HOME=self.folder, PVSPLAN_JOBS=f"{self.folder}/jobs")
        if kill_at is not None:
            environment.update(LD_PRELOAD=self.library, PVSPLAN_KILL_AT=str(kill_at), PVSPLAN_KILL_COUNT=f"{self.folder}/count")
        return environment

    def run(self, *words, kill_at=None):
        environment = self.environment(kill_at)
        done = subprocess.run(
            [self.tool, *words, *self.store], cwd=self.folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=SECONDS
        )
        if "Sanitizer" in done.stderr or "runtime error:" in done.stderr:
            raise RuntimeError(done.stderr)
        return done

    def has_run(self):
        return "began" in self.run("runs", "--format", "json").stdout

    def close(self):
        if self.servers.postgres:
            self.servers.postgres.drop(self.name)
        super().close()


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
    ran = project.ran()
    wrong = None
    if ran != TEXTS or verified.returncode != 0 or project.mark() != "three":
        wrong = f"killed at {at}, seed {seed}: ran {ran!r}, verify {verified.returncode}\n  " + "\n  ".join(told)
    project.close()
    return kills, wrong


def main():
    parser = preloaded.parser(jobs=4)
    parser.add_argument("--over", choices=["local", "ssh"], default="local")
    parser.add_argument("--store", choices=["file", "postgres"], default="file")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.over == "ssh" and not os.path.exists("/usr/sbin/sshd"):
        skip("no sshd can be run here")
    if arguments.store == "postgres" and programs() is None:
        skip("postgresql is not installed")
    servers = Servers(arguments.over, arguments.store)
    try:
        whole = Project(arguments.pvsplan, arguments.library, servers)
        done = whole.run("apply", "plan.yaml", "--yes", "--no-input", kill_at=0)
        if done.returncode != 0 or whole.ran() != TEXTS:
            print("the plan does not even run undisturbed:", done.returncode, done.stderr)
            return 1
        points = int(whole.text("count"))
        whole.close()
        rounds = int(os.environ.get("PVSPLAN_KILL_ROUNDS", arguments.rounds))
        places = [
            (at, at * 7919 + arguments.seed + 104729 * round)
            for round in range(rounds)
            for at in preloaded.places(arguments, points)
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

#!/usr/bin/env python3
"""The pages of `serve` in Chromium: of a store in a file, behind a real web server that names people, and of one on a
PostgreSQL server with workers; runs that go on, wait, failed and are done. browser.py PVSPLAN [--keep FOLDER]"""
import argparse, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "integration")]
from postgres import Postgres, free_port, programs, wait_until_it_listens  # noqa: E402
from scenarios import SECONDS, remove, wait_for  # noqa: E402
from skip import node_for, skip  # noqa: E402

MODULE = """
module: shop
summary: Boxes with a mark.
kinds:
  box:
    plural: boxes
    state:
      mark: {type: string, default: none}
    observe: {command: [echo, '{"mark":"none"}']}
actions:
  set:
    summary: Write the mark.
    on: box
    parameters: {waits: {type: string, default: "0"}, status: {type: string, default: "0"}}
    run: {command: [sh, -c, 'echo "writing the mark of $2"; for i in $(seq 9999); do [ $0 = 0 ] || [ -e OVER ] || sleep 0.1; done; exit $1', "${waits}", "${status}", "${on.name}"]}
    undo: {nothing: a mark harms nobody}
"""
FARM = "farm: NAME\nuses: [./shop.yaml]\nSTOREsecrets: {key: {file: ./key}}\ndefaults: {box: {connect: {CONNECT}}}\nboxes: [{name: a}, {name: b}]\n"
PLAN = """
plan: NAME
uses: [./shop.yaml]
farm: ./NAME.farm.yaml
steps:
  - {id: first, do: shop.set, on: 'boxes["a"]'}
  - {id: second, do: shop.set, on: 'boxes["b"]', with: {waits: "WAITS", status: "STATUS"}}
"""
APPROVAL = """
  - {id: checked, approve: "Are boxes <a> and <b> well? Look at https://monitor.example/shop, and at the console of box a, before the third step."}
  - {id: third, do: shop.set, on: 'boxes["a"]'}
"""
APACHE = """
ServerRoot "FOLDER"
ServerName runs.localhost
PidFile "FOLDER/apache.pid"
ErrorLog "FOLDER/apache.log"
Listen 127.0.0.1:PORT
User www-data
Group www-data
StartServers 1
ProxyPass / "unix:FOLDER/web|http://runs.localhost/"
<Location />
  AuthType Basic
  AuthName runs
  AuthUserFile "FOLDER/people"
  Require valid-user
  RequestHeader set X-Remote-User expr=%{REMOTE_USER}
</Location>
"""
FARMS = ("done", "failed", "waiting", "running", "untaken")
MODULES = "mpm_event authn_core authn_file authz_core authz_user auth_basic headers proxy proxy_http".split()


class Project:
    """Plans and a store of theirs; what was started with it ends with it."""

    def __init__(self, tool, store, connect="over: local"):
        self.tool, self.store, self.processes = str(tool), store, []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pvsplan-test-"))
        os.chmod(self.folder, 0o755)
        self.put("shop.yaml", MODULE.replace("OVER", f"{self.folder}/over").lstrip())
        self.put("key", "0123456789abcdef" * 4)
        said = f"store: {store}\n" if store.startswith("postgresql:") else ""
        for name in FARMS:
            at = connect.replace("berlin", "hamburg") if name == "untaken" else connect
            self.put(f"{name}.farm.yaml", FARM.replace("NAME", name).replace("STORE", said).replace("CONNECT", at))
            plan = PLAN + (APPROVAL if name == "waiting" else "")
            self.put(f"{name}.plan.yaml", plan.replace("NAME", name).replace("WAITS", "1" if name in ("running", "untaken") else "0")
                     .replace("STATUS", "1" if name == "failed" else "0").lstrip())

    def put(self, name, text):
        file = self.folder / name
        file.write_text(text)
        file.chmod(0o600)

    def start(self, *words):
        environment = dict(os.environ, PVSPLAN_JOBS=str(self.folder / "jobs"), XDG_STATE_HOME=str(self.folder / "state"))
        process = subprocess.Popen([self.tool, *words, "--store", self.store], cwd=self.folder, env=environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def call(self, *words, status=0):
        process = self.start(*words)
        text = process.communicate(timeout=SECONDS)[0]
        assert process.returncode == status, f"{words} ended with {process.returncode}:\n{text}"
        return text

    def runs(self):
        """Runs of all kinds; their ids by plan."""
        for name, status in (("done", 0), ("failed", 4), ("waiting", 7)):
            self.call("apply", f"{name}.plan.yaml", "--yes", "--no-input", status=status)
        self.goes_on("running")
        return {row["plan"]: row["run"] for row in json.loads(self.call("runs", "--format", "json"))["runs"]}

    def goes_on(self, name):
        """A run that is with its second step when this returns, and stays there."""
        self.start("apply", f"{name}.plan.yaml", "--yes", "--no-input")
        wait_for(lambda: re.search(r"second +running", self.start("status", f"last:{name}").communicate(timeout=SECONDS)[0]),
                 f"the second step of the run {name}")

    def work(self, site):
        return self.start("work", "--site", site, "--key", "key", *(word for farm in FARMS for word in ("--farm", farm)))

    def serve(self, *words):
        line = self.start("serve", *words).stdout.readline()
        assert " on " in line, line
        return line.rsplit(" on ", 1)[1].strip()

    def close(self):
        (self.folder / "over").touch()  # what waits on a host ends
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
        remove(self.folder)


def start_apache(project):
    """Where it listens, before the socket of `serve`."""
    folder, port = str(project.folder), free_port()
    hashed = subprocess.run(["openssl", "passwd", "-apr1", "secret"], check=True, capture_output=True, text=True).stdout.strip()
    (project.folder / "people").write_text(f"anna:{hashed}\nberta:{hashed}\n")
    if os.geteuid() == 0:
        shutil.chown(project.folder / "web", group="www-data")
    loaded = "".join(f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so\n" for one in MODULES)
    (project.folder / "apache").write_text(loaded + APACHE.replace("FOLDER", folder).replace("PORT", str(port)))
    project.processes.append(subprocess.Popen(["/usr/sbin/apache2", "-DFOREGROUND", "-f", f"{folder}/apache"], cwd=folder, text=True,
                                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    wait_until_it_listens(port)
    return f"http://127.0.0.1:{port}/"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="where screenshots are left")
    arguments = parser.parse_args()
    node, chromium = node_for(ROOT / "tests/picture"), shutil.which("chromium")
    if chromium is None or programs() is None or not os.path.exists("/usr/sbin/apache2"):
        skip("chromium, postgresql or apache2 is not here")
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    server, projects = Postgres(), []
    try:
        tool = arguments.program.resolve()
        file = Project(tool, "state.db")
        projects.append(file)
        shared = Project(tool, server.store("shared", "ttl=15&connect_timeout=60"), 'over: local, via: berlin, site_key: "${secret.key}"')
        projects.append(shared)
        asked = {"chromium": chromium, "keep": str(arguments.keep.resolve()) if arguments.keep else "", "stores": []}
        asked["stores"].append({"name": "file", "size": "wide", "runs": file.runs(), "url": file.serve("--listen", "127.0.0.1:0")})
        file.serve("--listen", f"unix:{file.folder}/web", "--trust-header", "X-Remote-User", "--resume", "1")
        asked["named"] = {"url": start_apache(file), "run": asked["stores"][0]["runs"]["waiting"]}
        shared.work("berlin")
        runs = shared.runs()
        lost = shared.work("hamburg")
        shared.goes_on("untaken")
        lost.kill()
        asked["stores"].append({"name": "shared", "size": "small", "runs": runs, "url": shared.serve("--listen", "127.0.0.1:0")})
        status = subprocess.run([node, HERE / "browser.mjs", json.dumps(asked)], timeout=4 * SECONDS, check=False).returncode
        log = file.call("log", asked["named"]["run"])
        if not re.search(r"approved.*checked.*berta", log) or "seen on the monitor" not in log:
            print("not so: the approval of berta is in the journal:\n" + log, file=sys.stderr)
            status = 1
    finally:
        for project in projects:
            project.close()
        server.close()
    return status


if __name__ == "__main__":
    sys.exit(main())

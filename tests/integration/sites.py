#!/usr/bin/env python3
"""Workers of a site, as real processes around a real PostgreSQL: every command has run exactly once and the journal verifies,
whoever of them is killed, stopped or cut off; a worker does nothing that was changed in the database. sites.py PVSPLAN [NAME…]"""
import json, os, re, shutil, signal, subprocess, sys, tempfile, threading, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
from failure import Failure, check  # noqa: E402
from postgres import Pool, Postgres, programs  # noqa: E402
from run_killed import Sshd  # noqa: E402
from skip import skip  # noqa: E402
import socket  # noqa: E402

MODULE = r"""
module: site
summary: A box with a mark.
kinds:
  box:
    plural: boxes
    state:
      mark: {type: string, default: none}
    observe:
      command: [sh, -c, 'printf "{\"mark\":\"%s\"}" "$(cat DIR/mark-$0 2>/dev/null || echo none)"', "${on.name}"]
actions:
  set:
    summary: Write the mark.
    on: box
    parameters: {text: {type: string}, pause: {type: string, default: "0"}}
    does: mark(on)
    sets: {on.mark: "${text}"}
    run: {command: [sh, -c, 'echo "$0" >> DIR/ran-$1; touch DIR/began-$0; sleep $2; printf %s "$0" > DIR/mark-$1', "${text}", "${on.name}", "${pause}"]}
    undo: {do: site.set, with: {text: "${before.mark}"}}
  tell:
    summary: Print a secret.
    on: box
    parameters: {word: {type: secret}}
    run: {command: [sh, -c, 'echo "the word is $PVSPLAN_SECRET_word"']}
    undo: {nothing: it only prints}
"""
FARM = """
farm: shop
uses: [./site.yaml]
store: STORE
secrets:
  berlin: {file: ./key}
  word: {file: ./word}
defaults:
  box: {connect: {CONNECT, via: berlin, site_key: "${secret.berlin}"}}
boxes:
  - {name: a}
  - {name: b}
"""
PLAN = """
plan: mark
uses: [./site.yaml]
farm: ./farm.yaml
parameters: {pause: {type: string, default: "0"}}
steps:
  - for_each: it in boxes
    id: all
    at_most: 2
    steps:
      - {id: one, do: site.set, on: it, with: {text: one}}
      - {id: two, do: site.set, on: it, with: {text: two, pause: "${pause}"}}
      - {id: three, do: site.set, on: it, with: {text: three}}
"""
TELL = """
plan: tell
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - for_each: it in boxes
    id: all
    steps:
      - {id: tell, do: site.tell, on: it, with: {word: "${secret.word}"}}
"""
KEY = "0123456789abcdef" * 4
WORD = "correct-horse-battery"


class Relay:
    """A line to the server that can be cut and come back: what is under way neither ends nor goes on."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.target, self.open = self.listener.getsockname()[1], port, threading.Event()
        self.open.set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:  # the server is dead
                near.close()
                continue
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    def pump(self, source, sink):
        try:
            while data := source.recv(65536):
                self.open.wait()
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Project:
    """Who asks, and beside it the site: a machine of its own, as far as its HOME, folder and secrets go."""

    def __init__(self, tool, server, name, connect="over: local"):
        self.tool, self.server, self.name = tool, server, name
        self.store = server.store(name)
        self.folder = tempfile.mkdtemp(prefix="pvsplan-test-")
        self.site = f"{self.folder}/berlin"
        os.mkdir(self.site)
        files = {"site.yaml": MODULE.replace("DIR", self.folder), "plan.yaml": PLAN, "tell.yaml": TELL, "key": KEY + "\n",
                 "farm.yaml": FARM.replace("STORE", self.store).replace("CONNECT", connect.replace("JOBS", f"{self.folder}/jobs"))}
        for file, text in files.items():
            self.put(file, text.lstrip())
        self.put("berlin/key", KEY)
        self.put("berlin/word", WORD)
        self.processes = []

    def put(self, name, text):
        with open(os.open(f"{self.folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def start(self, folder, *words, wrap=(), **more):
        """`wrap`: words before those of the program; `more`: of its environment."""
        environment = dict(os.environ, HOME=folder, PVSPLAN_JOBS=f"{self.folder}/jobs", **more)
        process = subprocess.Popen([*wrap, self.tool, *words], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def work(self, farm="shop", store=None, key="key"):
        return self.start(self.site, "work", "--site", "berlin", "--key", key, "--farm", farm, "--store", store or self.store)

    def apply(self, *words, plan="plan.yaml", **how):
        return self.start(self.folder, "apply", plan, "--yes", "--no-input", *words, **how)

    def done(self, process, status=0):
        text = process.communicate(timeout=90)[0]
        check("Sanitizer" not in text, text)
        text = " ".join(text.split())  # however it was wrapped
        check(process.returncode == status, f"exit {process.returncode}, not {status}:\n{text}")
        return text

    def sql(self, text):
        return self.server.sql(text, self.name)

    def wait_for(self, what, seconds=20):
        for _ in range(seconds * 50):
            if what():
                return
            time.sleep(0.02)
        raise Failure("did not come: " + what.__doc__)

    def began(self, text):
        def is_there():
            return os.path.exists(f"{self.folder}/began-{text}")
        is_there.__doc__ = f"the command {text}"
        self.wait_for(is_there)

    def wait_for_tables(self):
        def are_there():
            return self.sql("SELECT to_regclass('pvsplan.jobs') IS NOT NULL") == "t"
        are_there.__doc__ = "the tables"
        self.wait_for(are_there)

    def waits(self):
        def is_there():
            return self.sql("SELECT to_regclass('pvsplan.jobs') IS NOT NULL") == "t" and self.sql("SELECT count(*) FROM pvsplan.jobs") != "0"
        is_there.__doc__ = "a job in the store"
        self.wait_for(is_there)

    def check_once(self):
        for box in "ab":
            ran = open(f"{self.folder}/ran-{box}").read()
            check(ran == "one\ntwo\nthree\n", f"on {box} ran {ran!r}")
        self.done(self.start(self.site, "log", "last", "--verify", "--store", self.store))

    def through(self, port):
        """From here on the store is reached at another port."""
        before, self.store = self.store, self.store.replace(f":{self.server.port}/", f":{port}/")
        text = open(f"{self.folder}/farm.yaml").read()
        self.put("farm.yaml", text.replace(before, self.store))

    def close_processes(self):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
            process.stdout.close()
        self.processes = []

    def close(self):
        self.close_processes()
        shutil.rmtree(self.folder)


# ---- what is held

def two_workers(project):
    """Two workers share what a plan does, and Ctrl-C ends them."""
    workers = [project.work(), project.work()]
    project.done(project.apply())
    project.check_once()
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        project.done(worker)
    check(project.sql("SELECT count(*) FROM pvsplan.workers") == "0", "a worker that left is still there")


def no_worker_yet(project):
    """Where no worker is there yet, what is asked waits for one; the pages of `serve` say so, and then who is there."""
    run = project.apply("--set", "pause=1")
    project.waits()
    served = project.start(project.folder, "serve", "--listen", "127.0.0.1:0", "--store", project.store)
    url = served.stdout.readline().split()[-1]

    def page():
        return urllib.request.urlopen(url, timeout=20).read().decode()
    check(re.search("jobs? waits? for the site berlin, and no worker", page()), page())
    time.sleep(6)
    worker = project.work()
    project.began("two")
    check(f"(process {worker.pid})" in page() and "it is late" not in page() and "no worker" not in page(), page())
    project.done(run)
    project.check_once()
    worker.kill()

    def is_late():
        """a worker that was killed is late"""
        return "it is late" in page()
    project.wait_for(is_late)


def worker_killed(project):
    """A worker that is killed in the middle of a command: another one attaches to it."""
    first = project.work()
    run = project.apply("--set", "pause=3")
    project.began("two")
    first.kill()
    project.work()
    project.done(run)
    project.check_once()


def worker_stopped(project):
    """A worker that was away for longer than it may: what it then says is not heard."""
    first = project.work()
    run = project.apply("--set", "pause=1")
    project.began("two")
    first.send_signal(signal.SIGSTOP)
    project.work()
    project.done(run)
    first.send_signal(signal.SIGCONT)
    time.sleep(1)
    project.check_once()
    check(project.sql("SELECT count(*) FROM pvsplan.jobs") == "0", "a job is left")


def worker_cut_off(project):
    """A worker whose line to the store is cut: another one takes over, the line comes back, everything once."""
    relay = Relay(project.server.port)
    project.work(store=project.store.replace(f":{project.server.port}/", f":{relay.port}/"))
    run = project.apply("--set", "pause=1")
    project.began("two")
    relay.open.clear()
    project.work()
    project.done(run)
    relay.open.set()
    time.sleep(1)
    project.check_once()


def coordinator_killed(project):
    """Who asked is killed: `resume` finds at the hosts what had begun, and removes what nobody had taken."""
    project.work()
    run = project.apply("--set", "pause=2")
    project.began("two")
    run.kill()
    project.sql("INSERT INTO pvsplan.jobs (asker, key, site, farm, token, plan, bytes) "
                "SELECT 'gone', 'three', 'nowhere', farm, token, '', '' FROM pvsplan.farms")
    project.done(project.start(project.folder, "resume", "last", "--yes", "--no-input", "--store", project.store))
    project.check_once()
    check(project.sql("SELECT count(*) FROM pvsplan.jobs") == "0", "a job of who was killed is left")


def refusals(project):
    """What was changed in the database, or is of another farm or key, is refused, and nothing of it is done."""
    def changed(table, when, change):
        project.sql(f"""CREATE OR REPLACE FUNCTION pvsplan.change() RETURNS trigger LANGUAGE plpgsql AS
            $f$ BEGIN IF {when} THEN {change}; END IF; RETURN NEW; END $f$;
            CREATE OR REPLACE TRIGGER change BEFORE INSERT ON pvsplan.{table} FOR EACH ROW EXECUTE FUNCTION pvsplan.change()""")

    worker = project.work()
    project.wait_for_tables()
    for change in ("""NEW.bytes := convert_to(replace(convert_from(NEW.bytes, 'UTF8'), '"one"', '"six"'), 'UTF8')""",
                   "NEW.farm := 'another'; NEW.token := 0", "NEW.plan := repeat('0', 64)"):
        changed("jobs", "NEW.token <> 0", change)
        text = project.done(project.apply(), 4)
        check("refuses it" in text and "it was changed" in text, text)
        project.done(project.start(project.folder, "abandon", "last", "--yes", "--store", project.store, "--because", "a test"))
    project.sql("DROP TRIGGER change ON pvsplan.jobs")
    changed("plans", "true", "NEW.bytes := convert_to(replace(convert_from(NEW.bytes, 'UTF8'), 'printf', 'print '), 'UTF8')")
    text = project.done(project.apply("--set", "pause=9"), 1)
    check("refuses it" in text and "it was changed" in text, text)
    project.sql("DROP TRIGGER change ON pvsplan.plans")
    worker.send_signal(signal.SIGTERM)
    check("refused" in project.done(worker), "the worker says nothing of it")
    project.put("berlin/other", "f" * 64)
    for wrong, why in (({"farm": "another"}, "does nothing for the farm"), ({"key": "other"}, "changed on the way")):
        worker = project.work(**wrong)
        text = project.done(project.apply(), 1)
        check(why in text, text)
        worker.send_signal(signal.SIGTERM)
        check("refused" in project.done(worker), "a worker took it")
    check(not os.path.exists(f"{project.folder}/ran-a"), "something ran")


def secrets(project):
    """A secret is read at the site alone, and nobody finds it elsewhere."""
    project.work()
    text = project.done(project.apply(plan="tell.yaml"))
    log = project.done(project.start(project.folder, "log", "last", "--store", project.store, "--format", "json"))
    check("the word is ***" in log, log)
    dump = subprocess.run(["pg_dump", "-h", "127.0.0.1", "-p", str(project.server.port), "-U", "owner", "-d", project.name],
                          check=True, capture_output=True).stdout.decode()
    for secret in (WORD, KEY):
        check(secret not in text and secret not in dump and secret.encode().hex() not in dump, "a secret is in the store, or was printed")


def through_a_pool(project):
    """All of them through a pool of two sessions that is shared by transactions."""
    pool = Pool(project.server)
    try:
        project.through(pool.port)
        project.work()
        project.work()
        project.done(project.apply())
        project.check_once()
    finally:
        project.close_processes()
        pool.close()


SCENARIOS = [two_workers, no_worker_yet, worker_killed, worker_stopped, worker_cut_off, coordinator_killed, refusals, secrets, through_a_pool]


def main():
    if programs() is None or shutil.which("pgbouncer") is None:
        skip("postgresql or pgbouncer is not installed")
    tool, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    server, sshd, wrong = Postgres(), Sshd(), 0
    try:
        for number, scenario in enumerate(one for one in SCENARIOS if not wanted or one.__name__ in wanted):
            connects = {"local": "over: local", "ssh": sshd.connect("JOBS")[1:-1]}
            far = scenario in (worker_killed, worker_cut_off)  # where the host is another machine
            project = Project(tool, server, f"store{number}", connects["ssh" if far else "local"])
            began = time.monotonic()
            try:
                scenario(project)
                print(f"ok    {scenario.__name__} ({time.monotonic() - began:.1f} s): {scenario.__doc__}")
            except (Failure, subprocess.SubprocessError) as failure:
                wrong += 1
                print(f"WRONG {scenario.__name__}: {scenario.__doc__}\n{failure}")
            finally:
                project.close()
    finally:
        sshd.close()
        server.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

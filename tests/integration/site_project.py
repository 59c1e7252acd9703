"""A project whose hosts are reached through workers of a site, around a real PostgreSQL: what its tests share."""
import os, signal, socket, subprocess, threading

from postgres import PATIENT
from scenarios import SECONDS, Failure, check, wait_for
from toy import MODULE, TEXTS, Toy, plan_of_all

TELL_ACTION = """\
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
PLAN = plan_of_all(TEXTS, at_most=2)
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


class Project(Toy):
    """Who asks, and beside it the site: a machine of its own, as far as its HOME, folder and secrets go."""

    def __init__(self, tool, server, name, connect="over: local", parameters=PATIENT):
        self.tool, self.server, self.name = tool, server, name
        self.store = server.store(name, parameters)
        super().__init__(site=MODULE + TELL_ACTION, plan=PLAN, tell=TELL,
                         farm=FARM.replace("STORE", self.store).replace("CONNECT", connect.replace("JOBS", "DIR/jobs")))
        self.site = f"{self.folder}/berlin"
        self.jobs = f"{self.folder}/jobs"
        os.mkdir(self.site)
        for file, text in (("key", KEY + "\n"), ("berlin/key", KEY), ("berlin/word", WORD)):
            self.put(file, text)
        self.processes = []

    def store_for(self, ttl):
        """The same store, for a process whose leases last so many seconds."""
        return self.store.replace(PATIENT, f"ttl={ttl}")

    def start(self, folder, *words, wrap=(), **more):
        """`wrap`: words before those of the program; `more`: of its environment."""
        environment = dict(os.environ, HOME=folder, PVSPLAN_JOBS=self.jobs, **more)
        process = subprocess.Popen([*wrap, self.tool, *words], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def work(self, farm="shop", store=None, key="key"):
        return self.start(self.site, "work", "--site", "berlin", "--key", key, "--farm", farm, "--store", store or self.store)

    def apply(self, *words, plan="plan.yaml", **how):
        return self.start(self.folder, "apply", plan, "--yes", "--no-input", *words, **how)

    def hears(self, process, words):
        """What it has said, once these words are among it, however they are wrapped."""
        text = ""
        for line in process.stdout:
            text = " ".join([*text.split(), *line.split()])
            if words in text:
                return text
        raise Failure(f"it never said {words}:\n{text}")

    def done(self, process, status=0):
        text = process.communicate(timeout=SECONDS)[0]
        check("Sanitizer" not in text, text)
        text = " ".join(text.split())  # however it was wrapped
        check(process.returncode == status, f"exit {process.returncode}, not {status}:\n{text}")
        return text

    def sql(self, text):
        return self.server.sql(text, self.name)

    def wait_for_tables(self):
        wait_for(lambda: self.sql("SELECT to_regclass('pvsplan.jobs') IS NOT NULL") == "t", "the tables")

    def wait_for_workers(self, count):
        """From here on so many are at work, and a signal ends them as it should."""
        self.wait_for_tables()
        wait_for(lambda: self.sql("SELECT count(*) FROM pvsplan.workers") == str(count), f"{count} workers")

    def waits(self):
        self.wait_for_tables()
        wait_for(lambda: self.sql("SELECT count(*) FROM pvsplan.jobs") != "0", "a job in the store")

    def check_once(self):
        for box in "ab":
            check(self.ran(box) == TEXTS, f"on {box} ran {self.ran(box)}")
        self.done(self.start(self.site, "log", "last", "--verify", "--store", self.store))

    def through(self, port):
        """From here on the store is reached at another port."""
        before, self.store = self.store, self.store.replace(f":{self.server.port}/", f":{port}/")
        self.put("farm.yaml", self.text("farm.yaml").replace(before, self.store))

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
        super().close()

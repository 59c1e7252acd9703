"""A project whose hosts are reached through workers of a site, around a real PostgreSQL: what its tests share."""
import os, signal, socket, subprocess, tempfile, threading, time

from scenarios import Failure, check, remove

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
        remove(self.folder)

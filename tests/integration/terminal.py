#!/usr/bin/env python3
"""Signals and terminals, with the whole program on `local` in a pseudo-terminal of its own: Ctrl-C once and twice, SIGTERM,
SIGHUP, a terminal that goes away, an approval by key, and what a line-wise reader is told when there is no terminal. After
each the run is resumed, and every command has run once.

    terminal.py PVSPLAN"""
import fcntl, os, pty, re, select, shlex, signal, struct, subprocess, sys, termios, threading, time

from scenarios import SECONDS
from toy import Toy

FARM = """farm: site
uses: [./site.yaml]
defaults:
  box: {connect: {over: local}}
boxes: [{name: a}]
"""
PLAN = """plan: mark
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - {id: one, do: site.set, on: box, with: {text: one}}
  APPROVAL
  - {id: two, do: site.set, on: box, with: {text: two}}
"""
wrong = []


def check(holds, *what):
    if not holds:
        wrong.append(" ".join(str(part) for part in what))


class Project(Toy):
    """Its first step is under way for as long as a test wants."""

    def __init__(self, tool, approval=""):
        super().__init__(farm=FARM, plan=PLAN.replace("  APPROVAL\n", approval))
        self.tool = tool
        self.environment = dict(os.environ, HOME=self.folder, PVSPLAN_JOBS=f"{self.folder}/jobs", TERM="xterm")
        self.hold("one")

    def run(self, *words):
        return subprocess.run([self.tool, *words], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=SECONDS)

    def ends_well(self, what):
        self.release("one")
        done = self.run("resume", "last")
        check(done.returncode == 0, what, "resumed: exit", done.returncode, done.stderr)
        check(self.ran() == ["one", "two"], what, "ran", self.ran())
        check(self.run("log", "last", "--verify").returncode == 0, what, "the journal does not verify")
        self.close()


class Terminal:
    """A terminal of 80 columns in which a command runs; its output is recorded."""

    def __init__(self, project, *words):
        self.shown = b""
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
            os.chdir(project.folder)
            os.execve(project.tool, [project.tool, *words], project.environment)

    def read(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if select.select([self.file], [], [], 0.05)[0]:
                try:
                    self.shown += os.read(self.file, 65536)
                except OSError:
                    return

    def wait_for(self, text):
        until = time.monotonic() + SECONDS
        while text.encode() not in self.shown and time.monotonic() < until:
            self.read(0.1)
        check(text.encode() in self.shown, "never shown:", text, "but", self.shown[-600:])

    def type(self, text):
        os.write(self.file, text.encode())

    def end(self):
        """Its exit status, or minus the signal that ended it."""
        drain = threading.Thread(target=self.read, args=(SECONDS,), daemon=True)
        drain.start()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                drain.join(5)  # of what it said last
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return "it never ended"


def interrupted_once(tool):
    project = Project(tool)
    terminal = Terminal(project, "apply", "plan.yaml", "--yes")
    project.began("one")
    terminal.type("\x03")
    terminal.wait_for("what runs is waited for")
    project.release("one")
    exit = terminal.end()
    check(exit == 130, "Ctrl-C once: exit", exit)
    status = project.run("status", "last").stdout
    check(re.search(r"one +finished", status), "Ctrl-C once: what ran was not waited for", status)
    check(project.ran() == ["one"], "Ctrl-C once: something new began")
    project.ends_well("Ctrl-C once")


def interrupted_twice(tool):
    project = Project(tool)
    terminal = Terminal(project, "apply", "plan.yaml", "--yes")
    project.began("one")
    terminal.type("\x03")
    terminal.wait_for("what runs is waited for")
    terminal.type("\x03")
    exit = terminal.end()
    check(exit == 130 and project.mark() == "", "Ctrl-C twice: exit", exit, "and the box is marked", project.mark())
    check(re.search(r"one +not known", project.run("status", "last").stdout), "Ctrl-C twice: the step is not left open")
    project.ends_well("Ctrl-C twice")  # it attaches to what still runs


def told(tool, number, expected):
    project = Project(tool)
    child = subprocess.Popen([tool, "apply", "plan.yaml", "--yes"], cwd=project.folder, env=project.environment,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    project.began("one")
    child.send_signal(number)
    for line in child.stdout:
        if b"what runs is waited for" in line:
            break
    project.release("one")
    child.communicate()
    check(child.returncode == expected, number.name, "-> exit", child.returncode)
    check(project.ran() == ["one"], number.name, "something new began")
    project.ends_well(number.name)


def is_told(pid, number):
    """Whether a signal has come to that process and was not looked at yet."""
    with open(f"/proc/{pid}/status") as file:
        waiting = re.findall(r"^(?:Sig|Shd)Pnd:\t(\w+)$", file.read(), re.M)
    return any(int(mask, 16) & 1 << number - 1 for mask in waiting)


def terminal_goes_away(tool):
    project = Project(tool)
    terminal = Terminal(project, "apply", "plan.yaml", "--yes")
    project.began("one")
    os.close(terminal.file)  # the window is closed: SIGHUP, and nobody reads any more
    until = time.monotonic() + SECONDS
    while is_told(terminal.pid, signal.SIGHUP) and time.monotonic() < until:
        time.sleep(0.02)
    project.release("one")
    status = None
    while status is None and time.monotonic() < until:
        pid, code = os.waitpid(terminal.pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if pid else None
        time.sleep(0.05)
    check(status in (129, 1), "the terminal goes away: exit", status)
    check(project.ran() == ["one"], "the terminal goes away: something new began")
    check(re.search(r"one +finished", project.run("status", "last").stdout), "the terminal goes away: what ran was not waited for")
    project.ends_well("the terminal goes away")


def reader_goes_away(tool):
    project = Project(tool)
    project.release("one")
    subprocess.run(f"{shlex.quote(tool)} apply plan.yaml --yes 2>/dev/null | head -1", shell=True, cwd=project.folder, env=project.environment,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=SECONDS)
    # Nobody reads, yet nobody asked to stop either.
    project.began("two")
    until = time.monotonic() + SECONDS
    while "done" not in project.run("runs").stdout and time.monotonic() < until:
        time.sleep(0.1)
    check("done" in project.run("runs").stdout, "the reader goes away: the run does not end", project.run("runs").stdout)
    project.close()


def approved_by_key(tool):
    project = Project(tool, "  - {id: look, approve: Look at it.}\n")
    terminal = Terminal(project, "apply", "plan.yaml")
    terminal.wait_for("[y/N]")
    terminal.type("y\n")
    terminal.wait_for("half of one")  # the last line of what runs
    project.release("one")
    terminal.wait_for("press y")
    terminal.type("y")
    exit = terminal.end()
    check(exit == 0, "approved by key: exit", exit, terminal.shown[-400:])
    check(project.ran() == ["one", "two"], "approved by key: ran", project.ran())
    plain = re.sub(rb"\x1b\[[0-9;]*[A-Za-z]", b"", terminal.shown).decode(errors="replace")
    long = [line for line in re.split(r"[\r\n]+", plain) if len(line) > 80]
    check(not long, "wider than the terminal:", long[:2])
    project.close()


def refused_by_key(tool):
    project = Project(tool, "  - {id: look, approve: {text: Look at it., not: starter}}\n")
    project.release("one")
    terminal = Terminal(project, "apply", "plan.yaml", "--yes")
    terminal.wait_for("press y")
    terminal.type("y")
    terminal.wait_for("somebody else has to approve")  # and the run keeps waiting
    terminal.type("\x03")
    exit = terminal.end()
    check(exit == 130, "refused by key: exit", exit, terminal.shown[-400:])
    project.close()


def approved_elsewhere(tool):
    project = Project(tool, "  - {id: look, approve: Look at it.}\n")
    project.release("one")
    terminal = Terminal(project, "apply", "plan.yaml", "--yes")
    terminal.wait_for("wants approval")
    said = project.run("approve", "last", "look", "--because", "seen")
    check(said.returncode == 0 and "the run that is under way goes on" in said.stderr, "approve:", said.returncode, said.stderr)
    exit = terminal.end()
    check(exit == 0, "approved from another terminal: exit", exit, terminal.shown[-400:])
    project.close()


def runs_in_the_background(tool):
    """`apply … &`: whoever touches a terminal from the background is stopped by the system, and the farm stays locked."""
    project = Project(tool)
    project.release("one")
    pid, master = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # as the shell that keeps the terminal
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.chdir(project.folder)
            os.execve(tool, [tool, "apply", "plan.yaml", "--yes"], project.environment)
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.kill(child, signal.SIGKILL)
        os._exit(99 if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status))
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    exit = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(master)
    check(exit == 0, "in the background: exit (99: it was stopped)", exit, shown[-400:])
    check(project.ran() == ["one", "two"], "in the background: what ran", project.ran())
    project.close()


def begins_a_project(tool):
    project = Project(tool)
    terminal = Terminal(project, "init", "new")
    terminal.wait_for("Plan [rolling-upgrade]:")
    terminal.type("rolling\n")
    terminal.wait_for("it is one of")
    terminal.type("\n")
    terminal.wait_for("Servers")
    terminal.type("alpha, beta\n")
    terminal.wait_for("Sites")
    terminal.type("north,south\n")
    terminal.wait_for("Check plans on every change")
    terminal.type("gitlab\n")
    exit = terminal.end()
    farm = open(f"{project.folder}/new/farms/contoso.farm.yaml").read()
    check(exit == 0 and "name: beta, address: beta, site: south" in farm, "init that asks: exit", exit, farm[:400])
    check(os.path.exists(f"{project.folder}/new/.gitlab-ci.yml"), "init that asks: no file for the service")
    said = project.run("validate", "new/rolling-upgrade.plan.yaml")
    check(said.returncode == 0, "what init has made:", said.returncode, said.stdout, said.stderr)
    project.close()


def shows_names_of_files(tool):
    """A name that would steer the terminal, or begin a line that looks like another one."""
    project = Project(tool)
    project.release("one")
    project.release("two")
    check(project.run("apply", "plan.yaml", "--yes").returncode == 0, "names of files: the run")
    evil = "a\x1b[31m\u202eb\nok: all is well"
    for words in (["schema", "--write", evil], ["init", evil, "--no-input"], ["runs", "last", "--archive", evil]):
        terminal = Terminal(project, *words)
        if words[0] == "runs":
            terminal.wait_for("[y/N]")
            terminal.type("y\n")
        exit = terminal.end()
        shown = re.sub(r"\x1b\[(?!31)[0-9;]*m", "", terminal.shown.decode())  # colours of its own
        check(exit == 0 and "all is well" in shown and not re.search("[\x1b\u202e]|^ok: all", shown, re.M), words, exit, shown[-600:])
    project.close()


def leaves_nothing_behind(tool, typed, expected):
    project = Project(tool)
    terminal = Terminal(project, "init", "new")
    terminal.wait_for("Plan [rolling-upgrade]:")
    terminal.type("\n")
    terminal.wait_for("Servers")
    terminal.type(typed)
    exit = terminal.end()
    check(exit == expected, "init that is given up: exit", exit, terminal.shown[-400:])
    check(not os.path.exists(f"{project.folder}/new"), "init that is given up: something was written")
    project.close()


def main():
    tool = os.path.abspath(sys.argv[1])
    scenarios = [
        (interrupted_once,), (interrupted_twice,), (told, signal.SIGTERM, 143), (told, signal.SIGHUP, 129),
        (terminal_goes_away,), (reader_goes_away,), (approved_by_key,), (refused_by_key,), (approved_elsewhere,),
        (runs_in_the_background,), (begins_a_project,), (shows_names_of_files,), (leaves_nothing_behind, "\x03", 130), (leaves_nothing_behind, "\x04", 1),
    ]
    for scenario, *more in scenarios:
        scenario(tool, *more)
    print(len(scenarios), "scenarios of signals and terminals")
    for text in wrong[:12]:
        print("WRONG", text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

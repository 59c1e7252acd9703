#!/usr/bin/env python3
"""Several coordinators around one store on a real PostgreSQL: one that is stopped for longer than its lease lasts, in this or another
container; clocks that are ten minutes off; a server that dies and whose copy had lagged behind. Every command has run exactly once
and the journal verifies. coordinators.py PVSPLAN [NAME…]"""
import glob, os, signal, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor

from postgres import Postgres, programs
from run_killed import Sshd
from scenarios import Failure, check, chosen, is_right
from site_project import Project, Relay
from skip import skip

TTL = 3
IN_DOUBT, WAITING, HELD = 6, 7, 8
FARM = """
farm: shop
uses: [./site.yaml]
store: STORE
boxes:
  - {name: a, connect: CONNECT}
  - {name: b, connect: CONNECT}
"""
PLAN = """
plan: mark
uses: [./site.yaml]
farm: ./farm.yaml
parameters:
  wait: {type: string, default: "0"}
  pause: {type: string, default: "0"}
steps:
  - for_each: it in boxes
    id: all
    at_most: 2
    steps:
      - {id: one, do: site.set, on: it, with: {text: one}}
      - {id: two, do: site.set, on: it, with: {text: two, pause: "${wait}"}}
      - {id: three, do: site.set, on: it, with: {text: three, pause: "${pause}"}}
      - {id: four, do: site.set, on: it, with: {text: four}}
"""
TEXTS = ["one", "two", "three", "four"]


class Shared(Project):
    """Hosts that every coordinator reaches by itself."""

    def __init__(self, tool, server, name, sshd):
        super().__init__(tool, server, name)
        self.connect = sshd.connect(f"{self.folder}/jobs") if sshd else "{over: local}"
        self.keep_runs_in(self.store)
        self.put("plan.yaml", PLAN.lstrip())

    def keep_runs_in(self, store):
        self.store = store
        self.put("farm.yaml", FARM.lstrip().replace("STORE", store).replace("CONNECT", self.connect))

    def resume(self, **how):
        return self.start(self.folder, "resume", "last", "--yes", "--no-input", "--store", self.store, **how)

    def ran(self, box):
        with open(f"{self.folder}/ran-{box}") as file:
            return file.read().split()

    def check_once(self):
        for box in "ab":
            check(self.ran(box) == TEXTS, f"on {box} ran {self.ran(box)}")
        self.done(self.start(self.folder, "log", "last", "--verify", "--store", self.store))

    def holder(self):
        return self.sql("SELECT pid FROM pvsplan.farms WHERE holder <> ''")

    def taken_over(self, **environment):
        """The `resume` that has taken the run over, once it does, and how long that took: until then it is refused."""
        began = time.monotonic()
        while time.monotonic() - began < TTL + 10:
            process = self.resume(**environment)
            while process.poll() is None:
                if self.holder() == str(process.pid):
                    return process, time.monotonic() - began
                time.sleep(0.02)
            self.done(process, HELD)
        raise Failure("nobody could take the run over")


# ---- one that is stopped

def end_stopped(project, first, pid):
    """It is stopped in the middle of a command; another one takes the run over, and is under way when the first goes on."""
    project.began("three")
    os.kill(pid, signal.SIGSTOP)
    second, after = project.taken_over()
    check(TTL * 0.6 < after < TTL + 3, f"it was taken over after {after:.1f} s")
    os.kill(pid, signal.SIGCONT)
    text = project.done(first, HELD)
    check("taken over by" in text and f"(process {second.pid})" in text and "this process has stopped" in text, text)
    check(second.poll() is None, "the second was over before the first went on")
    project.done(second)
    project.check_once()


def stopped(project):
    """One that is stopped for longer than its lease lasts: another one takes over though its process lives; it says so and ends with 8."""
    first = project.apply("--set", f"pause={TTL + 6}")
    end_stopped(project, first, first.pid)


def stopped_elsewhere(project):
    """The same where nobody can tell whether its process lives: in another container."""
    if os.geteuid() != 0:
        return
    first = project.apply("--set", f"pause={TTL + 6}", wrap=["unshare", "--pid", "--fork", "--mount-proc", "--uts"])
    project.began("three")
    with open(f"/proc/{first.pid}/task/{first.pid}/children") as file:
        inside = int(file.read().split()[0])
    end_stopped(project, first, inside)


# ---- clocks

def clock(minutes):
    """What makes a process believe that it is later; earlier."""
    library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    return {"LD_PRELOAD": library[0], "FAKETIME": f"{minutes:+d}m", "FAKETIME_DONT_FAKE_MONOTONIC": "1"} if library else None


def under_other_clocks(project, first, second):
    """The one holds its lease for as long as it lives, whatever the other's clock says, and not a moment longer than the server says."""
    run = project.apply("--set", f"pause={TTL + 9}", **first)
    project.began("three")
    until = time.monotonic() + TTL + 1
    while time.monotonic() < until:
        project.done(project.resume(**second), HELD)
    os.kill(run.pid, signal.SIGSTOP)
    next, after = project.taken_over(**second)
    check(TTL * 0.6 < after < TTL + 3, f"it was taken over after {after:.1f} s")
    os.kill(run.pid, signal.SIGCONT)
    project.done(run, HELD)
    project.done(next)
    project.check_once()
    for words in (["runs"], ["status", "last"], ["log", "last"]):
        text = project.done(project.start(project.folder, *words, "--store", project.store))
        check(" -" not in text.replace(" - ", " "), text)


def clock_ahead(project):
    """A client's clock is ten minutes ahead: it neither loses its lease nor takes another's before the server says so."""
    under_other_clocks(project, {}, clock(10))


def clock_behind(project):
    """The first one's clock is ten minutes behind that of the second."""
    under_other_clocks(project, clock(-10), {})


def windows_by_the_clock_of_the_coordinator(project):
    """Windows are judged by the clock of the process that has the run."""
    opens = time.time() + 5 * 60
    at = [time.strftime("%H:%M", time.gmtime(opens + minutes * 60)) for minutes in (0, 180)]
    project.put("plan.yaml", PLAN.lstrip().replace("steps:\n", f'window: {{from: "{at[0]}", to: "{at[1]}", zone: UTC}}\nsteps:\n', 1))
    project.done(project.apply(), WAITING)
    project.done(project.resume(**clock(-10)), WAITING)
    project.done(project.resume(**clock(10)))
    project.check_once()


# ---- a server that dies

class Pair:
    """A server and a copy that nobody waits for, behind a line that can be cut."""

    def __init__(self, project):
        self.project, self.first = project, Postgres()
        self.line = Relay(self.first.port)
        self.second = Postgres(copy_of=self.line.port)
        project.server = self.first
        project.keep_runs_in(self.first.store(project.name).replace(f":{self.first.port}/", f":{self.first.port},127.0.0.1:{self.second.port}/"))

    def records(self, server):
        try:
            return server.sql("SELECT count(*) FROM pvsplan.records", self.project.name)
        except subprocess.CalledProcessError:
            return ""

    def cut(self):
        """From here on the copy lags behind."""
        def has_all():
            return self.records(self.first) == self.records(self.second)
        has_all.__doc__ = "the copy"
        self.project.wait_for(has_all)
        self.line.open.clear()

    def fail_over(self):
        """How many records are lost."""
        lost = int(self.records(self.first)) - int(self.records(self.second) or 0)
        self.first.kill()
        self.second.promote()
        self.project.server = self.second
        return lost

    def close(self):
        self.project.close_processes()
        self.first.close()
        self.second.close()


def store_went_back(project):
    """A copy that had lagged behind takes over: the run ends with 6 and says what is missing; `resume` finds it at the hosts."""
    pair = Pair(project)
    try:
        head = PLAN.lstrip().split("  - for_each")[0]
        project.put("plan.yaml", head + """\
  - {id: one, do: site.set, on: a, with: {text: one}}
  - {id: two, do: site.set, on: b, with: {text: two, pause: "${wait}"}}
  - {id: three, do: site.set, on: a, with: {text: three, pause: "${pause}"}}
  - {id: four, do: site.set, on: b, with: {text: four}}
""")
        run = project.apply("--set", "wait=3", "--set", "pause=4")
        project.began("two")
        pair.cut()
        project.began("three")
        lost = pair.fail_over()
        check(lost > 0, "nothing was lost")
        text = project.done(run, IN_DOUBT)
        check("nothing further was started" in text and f"{lost} record{'s are' if lost > 1 else ' is'} missing" in text, f"{lost}: {text}")
        check(project.ran("b") == ["two"], f"it went on: {project.ran('b')}")
        # Of `two` the end was lost, of `three` even that it began: their hosts know.
        project.done(project.resume())
        project.done(project.start(project.folder, "log", "last", "--verify", "--store", project.store))
        check((project.ran("a"), project.ran("b")) == (["one", "three"], ["two", "four"]), f"ran {project.ran('a')}, {project.ran('b')}")
    finally:
        pair.close()


def run_went_missing(project):
    """The copy does not even know the run: its hosts keep the farm from everybody until a person says what became of it."""
    pair = Pair(project)
    try:
        project.done(project.apply("--set", "pause=0", plan="plan.yaml"))
        pair.cut()
        for box in "ab":
            os.remove(f"{project.folder}/mark-{box}")
            os.remove(f"{project.folder}/ran-{box}")
        os.remove(f"{project.folder}/began-three")
        run = project.apply("--set", "pause=4")
        project.began("three")
        pair.fail_over()
        text = project.done(run, IN_DOUBT)
        check("missing" in text, text)
        ran = project.ran("a") + project.ran("b")
        text = project.done(project.apply(), HELD)
        check("is locked by the run" in text and "--take-over" in text, text)
        check(project.ran("a") + project.ran("b") == ran, "something ran")
    finally:
        pair.close()


SCENARIOS = [stopped, stopped_elsewhere, clock_ahead, clock_behind, windows_by_the_clock_of_the_coordinator, store_went_back, run_went_missing]


def main():
    if programs() is None or not clock(0):
        skip("postgresql or faketime is not installed")
    tool, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    server, sshd = Postgres(), Sshd()

    def project_of(number, scenario):
        far = sshd if scenario is stopped_elsewhere else None  # from another container no process of this one is seen
        return Shared(tool, server, f"store{number}", far)

    try:
        with ThreadPoolExecutor() as pool:  # most of the time they wait
            results = list(pool.map(lambda number, scenario: is_right(scenario, project_of(number, scenario)),
                                    *zip(*enumerate(chosen(SCENARIOS, wanted)))))
    finally:
        sshd.close()
        server.close()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Several coordinators around one store on a real PostgreSQL: one that is stopped for longer than its lease lasts, in this or another
container; clocks that are ten minutes off; a server that dies and whose copy had lagged behind. Every command has run exactly once
and the journal verifies. coordinators.py PVSPLAN [NAME…]"""
import glob, os, signal, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
from postgres import Postgres, programs  # noqa: E402
from scenarios import SECONDS, Failure, check, chosen, is_right, wait_for  # noqa: E402
from site_project import Project, Relay  # noqa: E402
from skip import skip  # noqa: E402
from sshd import Sshd  # noqa: E402
from toy import plan_of_all  # noqa: E402

TTL = 20  # whoever lives renews its lease in that time, on a busy machine as well
IN_DOUBT, WAITING, HELD = 6, 7, 8
FARM = """
farm: shop
uses: [./site.yaml]
store: STORE
boxes:
  - {name: a, connect: CONNECT}
  - {name: b, connect: CONNECT}
"""
TEXTS = ["one", "two", "three", "four"]
PLAN = plan_of_all(TEXTS, at_most=2)


class Shared(Project):
    """Hosts that every coordinator reaches by itself."""

    def __init__(self, tool, server, name, sshd):
        super().__init__(tool, server, name, f"ttl={TTL}&connect_timeout={TTL}")
        self.connect = sshd.connect(f"{self.folder}/jobs") if sshd else "{over: local}"
        self.keep_runs_in(self.store)
        self.put("plan.yaml", PLAN.lstrip())

    def keep_runs_in(self, store):
        self.store = store
        self.put("farm.yaml", FARM.lstrip().replace("STORE", store).replace("CONNECT", self.connect))

    def resume(self, **how):
        return self.start(self.folder, "resume", "last", "--yes", "--no-input", "--store", self.store, **how)

    def check_once(self):
        for box in "ab":
            check(self.ran(box) == TEXTS, f"on {box} ran {self.ran(box)}")
        self.done(self.start(self.folder, "log", "last", "--verify", "--store", self.store))

    def lease(self, what):
        return self.sql(f"SELECT {what} FROM pvsplan.farms WHERE holder <> ''")

    def taken_over(self, **environment):
        """The `resume` that has taken the run over from whoever was stopped, once that one's lease has expired by the clock of the
        server; until then it is refused."""
        expires_at, until = self.lease("expires_at"), time.monotonic() + SECONDS
        while time.monotonic() < until:
            process = self.resume(**environment)
            while process.poll() is None:
                if self.lease("pid") == str(process.pid):
                    is_early = self.sql(f"SELECT clock_timestamp() < '{expires_at}'")
                    check(is_early == "f", f"it was taken over before {expires_at}")
                    return process
                time.sleep(0.02)
            self.done(process, HELD)
            time.sleep(0.5)
        raise Failure("nobody could take the run over")


# ---- one that is stopped

def end_stopped(project, first, pid):
    """It is stopped in the middle of a command; another one takes the run over, and is under way when the first goes on."""
    os.kill(pid, signal.SIGSTOP)
    second = project.taken_over()
    os.kill(pid, signal.SIGCONT)
    text = project.done(first, HELD)
    check("taken over by" in text and f"(process {second.pid})" in text and "this process has stopped" in text, text)
    check(second.poll() is None, "the second was over before the first went on")
    project.release("three")
    project.done(second)
    project.check_once()


def stopped(project):
    """One that is stopped for longer than its lease lasts: another one takes over though its process lives; it says so and ends with 8."""
    project.hold("three")
    first = project.apply()
    project.began("three", "a", "b")
    end_stopped(project, first, first.pid)


def stopped_elsewhere(project):
    """The same where nobody can tell whether its process lives: in another container."""
    if os.geteuid() != 0:
        return
    project.hold("three")
    first = project.apply(wrap=["unshare", "--pid", "--fork", "--mount-proc", "--uts"])
    project.began("three", "a", "b")
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
    project.hold("three")
    run = project.apply(**first)
    project.began("three", "a", "b")
    until = time.monotonic() + TTL + 1
    while time.monotonic() < until:
        project.done(project.resume(**second), HELD)
        time.sleep(1)
    os.kill(run.pid, signal.SIGSTOP)
    next = project.taken_over(**second)
    os.kill(run.pid, signal.SIGCONT)
    project.done(run, HELD)
    project.release("three")
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
        wait_for(lambda: self.records(self.first) == self.records(self.second), "the copy")
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
  - {id: two, do: site.set, on: b, with: {text: two}}
  - {id: three, do: site.set, on: a, with: {text: three}}
  - {id: four, do: site.set, on: b, with: {text: four}}
""")
        project.hold("two", "three")
        run = project.apply()
        project.began("two")
        pair.cut()
        project.release("two")
        project.began("three")
        lost = pair.fail_over()
        project.release("three")
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
        project.done(project.apply())
        pair.cut()
        for box in "ab":
            project.take(f"mark-{box}")
            project.take(f"ran-{box}")
        project.hold("three")
        run = project.apply()
        project.began("three", "a", "b")
        pair.fail_over()
        project.release("three")
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

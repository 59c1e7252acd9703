#!/usr/bin/env python3
"""`serve --resume` with real processes: a run whose coordinator was killed, or that somebody approved, goes on; every command has
run once and the journal verifies; what failed, was interrupted or was to stop stays as it is. taken_up.py PVSPLAN [NAME…]"""
import glob, os, re, signal, subprocess, sys, time, urllib.request
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
from postgres import Postgres, free_port, programs  # noqa: E402
from scenarios import SECONDS, Failure, check, chosen, is_right, wait_for  # noqa: E402
from skip import skip  # noqa: E402
from toy import PLAN, TEXTS, Toy  # noqa: E402

FARM = "farm: site\nuses: [./site.yaml]\nSTOREdefaults: {box: {connect: {over: local}}}\nboxes: [{name: a}]\n"


class Project(Toy):
    """A plan of three steps on a box of this machine, and its store."""

    def __init__(self, tool, store):
        self.tool, self.store, self.processes = tool, store, []
        super().__init__(plan=PLAN, farm=FARM.replace("STORE", f"store: {store}\n" if store.startswith("postgresql:") else ""))

    def approval(self, before):
        """From here on somebody has to approve `look` before that step."""
        self.put("plan.yaml", self.text("plan.yaml").replace(f"  - {{id: {before},", f'  - {{id: look, approve: "Is it well?"}}\n  - {{id: {before},'))

    def start(self, *words, **more):
        environment = dict(os.environ, PVSPLAN_JOBS=f"{self.folder}/jobs", XDG_STATE_HOME=f"{self.folder}/state")
        process = subprocess.Popen([self.tool, *words, "--store", self.store], cwd=self.folder, env=environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
        self.processes.append(process)
        return process

    def call(self, *words, status=0):
        process = self.start(*words)
        text = process.communicate(timeout=SECONDS)[0]
        check("Sanitizer" not in text and process.returncode == status, f"{words} ended with {process.returncode}, not {status}:\n{text}")
        return text

    def apply(self, *words, status=None):
        return self.call("apply", "plan.yaml", "--yes", "--no-input", *words, status=status) if status is not None else \
            self.start("apply", "plan.yaml", "--yes", "--no-input", *words)

    def serve(self, port=0):
        """At a port of its own, or at one that is kept for it."""
        process = self.start("serve", "--resume", "2", "--listen", f"127.0.0.1:{port}")
        line = process.stdout.readline()
        check(line.startswith("serving the runs of "), line)
        process.url = line.split()[-1]
        return process

    def page(self, served, path=""):
        return urllib.request.urlopen(served.url + path, timeout=SECONDS).read().decode()

    def run(self):
        return re.findall(r"\d{8}-\d{4}-\w{4}", self.call("runs"))[-1]

    def comes(self, what, why):
        try:
            wait_for(what, why)
        except Failure as failure:
            raise Failure(f"{failure}\n{self.call('log', 'last')}{self.logs()}") from None

    def is_taken_up(self):
        self.comes(lambda: "resumed" in self.call("log", "last"), "somebody who resumes it")

    def is_done(self):
        return re.search(r"\bdone$", self.call("runs"), re.M) is not None

    def logs(self):
        return "".join(open(file).read() for file in glob.glob(f"{self.folder}/state/pvsplan/resumed/*.log"))

    def check_once(self):
        self.comes(self.is_done, "the end of the run")
        check(self.ran() == TEXTS, f"these ran: {self.ran()}")
        self.call("log", "last", "--verify")

    def check_alone(self, served, status):
        """Some looks later nothing was started."""
        before = self.ran()
        time.sleep(5)
        check(self.logs() == "" and self.ran() == before, "it was taken up: " + self.logs())
        check(status in self.page(served, "runs/" + self.run()), f"it is not {status}")

    def close(self):
        self.release_all()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()
        super().close()


# ---- what is held

def coordinator_killed(project):
    """A coordinator is killed in the middle of a step: the server goes on with the run, its page names the log."""
    project.hold("two")
    coordinator = project.apply()
    project.began("two")
    served = project.serve()
    coordinator.kill()
    coordinator.wait()
    project.is_taken_up()
    run = project.run()
    def is_told():
        page = project.page(served, "runs/" + run)
        return f"{project.folder}/state/pvsplan/resumed/{run}.log" in page and "this server took it up at" in page
    project.comes(is_told, "a page that says who took it up")
    project.release("two")
    project.check_once()
    check(f"pvsplan resume {run}" in project.logs() and "all steps are done" in project.logs(), project.logs())


def server_ended(project):
    """What the server has started goes on when that ends, and the next server, on the same port, sees that somebody has the run."""
    project.hold("two")
    coordinator = project.apply()
    project.began("two")
    port = free_port()
    served = project.serve(port)
    coordinator.kill()
    coordinator.wait()
    project.is_taken_up()
    served.send_signal(signal.SIGTERM)
    check(served.wait(timeout=SECONDS) == 0, "the server did not end well")
    again = project.serve(port)
    time.sleep(5)
    check("under way" in project.page(again, "runs/" + project.run()), "nobody has the run")
    check(project.logs().count("pvsplan resume") == 1, "it was started twice: " + project.logs())
    project.release("two")
    project.check_once()


def approved(project):
    """A run that waits for a person goes on once somebody has approved."""
    project.approval("two")
    project.apply(status=7)
    served = project.serve()
    project.check_alone(served, "waiting")
    project.call("approve", "last", "look")
    project.check_once()


def interrupted(project):
    """What a person has interrupted is left alone."""
    project.hold("two")
    coordinator = project.apply()
    project.began("two")
    served = project.serve()
    coordinator.send_signal(signal.SIGINT)
    for line in coordinator.stdout:
        if "what runs is waited for" in line:
            break
    project.release("two")
    check(coordinator.wait(timeout=SECONDS) == 130, "it was not interrupted")
    project.check_alone(served, "interrupted")


def failed(project):
    """What failed is left alone, and what was to stop, where it was to."""
    project.put("fail-two")
    project.apply(status=4)
    served = project.serve()
    project.check_alone(served, "failed")
    project.take("fail-two")
    project.call("abandon", "last", "--yes", "--because", "a test")
    project.apply("--until", "two", status=7)
    project.check_alone(served, "waiting")


def two_servers(project):
    """Two servers take up one run: it goes on once."""
    project.hold("two")
    coordinator = project.apply()
    project.began("two")
    servers = [project.serve(), project.serve()]
    coordinator.kill()
    coordinator.wait()
    project.is_taken_up()
    time.sleep(4)
    project.release("two")
    project.check_once()
    check(project.call("log", "last").count(" resumed ") == 1, project.call("log", "last"))
    for served in servers:
        check("taken up" not in project.page(served), project.page(served))


def before_the_first(project):
    """A server that was started before the first run made the tables shows no run, then that one, and takes it up."""
    served = project.serve()
    check("no run yet" in project.page(served), project.page(served))
    project.approval("two")
    project.apply(status=7)
    check(project.run() in project.page(served), project.page(served))
    project.call("approve", "last", "look")
    project.check_once()


def nowhere_to_write(project):
    """Without a folder for what resumed runs say the server does not begin, and says which variable names one."""
    environment = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_STATE_HOME")}
    for more, says in (({}, "`XDG_STATE_HOME` or `HOME`"), ({"HOME": "/proc"}, "`XDG_STATE_HOME` names another place")):
        done = subprocess.run([project.tool, "serve", "--resume", "2", "--listen", "127.0.0.1:0", "--store", project.store],
                              cwd=project.folder, env={**environment, **more}, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
        check(done.returncode == 1 and says in " ".join(done.stdout.split()), f"{more}: {done.returncode} {done.stdout}")


SCENARIOS = [(coordinator_killed, "file"), (server_ended, "file"), (approved, "server"), (interrupted, "file"), (failed, "file"),
             (two_servers, "server"), (before_the_first, "server"),
             (nowhere_to_write, "file")]


def main():
    if programs() is None:
        skip("postgresql is not installed")
    tool, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    server = Postgres()

    try:
        asked = chosen([scenario for scenario, _ in SCENARIOS], wanted)
        # A lease that lasts: that its owner died is seen here without it.
        stores = {scenario: "state.db" if kind == "file" else server.store(scenario.__name__) for scenario, kind in SCENARIOS}
        with ThreadPoolExecutor(len(asked)) as pool:  # they wait more than they do
            return 0 if all(list(pool.map(lambda scenario: is_right(scenario, Project(tool, stores[scenario])), asked))) else 1
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())

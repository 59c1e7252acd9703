#!/usr/bin/env python3
"""What a store on a server costs, next to SQLite on the same disk in the same minutes, on real servers on loopback: appends of
one run and of sixteen, steps of chains through workers of a site, how soon another goes on, and what idle workers cost.

    cmake --build --preset release --target pvsplan bench_appends bench_slow_sync
    shared_store.py build/release/pvsplan build/release/tests/bench_appends [--only appends|chains|handover|idle] [--sync-us 1000]"""
import argparse, contextlib, os, resource, shutil, signal, subprocess, sys, tempfile, time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../integration"))
from postgres import Postgres, free_port, programs  # noqa: E402

KEY = "0123456789abcdef" * 4
MODULE = """module: chain
kinds:
  box: {plural: boxes}
actions:
  nothing:
    on: box
    run: {command: [COMMAND]}
    undo: {nothing: it does nothing}
"""
FARM = """farm: bench
uses: [./chain.yaml]
store: STORE
secrets: {berlin: {file: ./key}}
defaults:
  box: {connect: {over: local, via: berlin, site_key: "${secret.berlin}"}}
boxes: {csv: boxes.csv}
"""
PLAN = """plan: chains
uses: [./chain.yaml]
farm: ./farm.yaml
steps:
  - for_each: it in boxes
    id: all
    at_most: all
    steps:
"""


class Standby(Postgres):
    """A copy that each commit of the server waits for."""

    def __init__(self, first):
        self.folder, self.port = tempfile.mkdtemp(prefix="pvsplan-test-"), free_port()
        os.chmod(self.folder, 0o755)
        self.data = f"{self.folder}/data"
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
        self._run("pg_basebackup", "-D", self.data, "-R", "-c", "fast", "-d", f"host=127.0.0.1 port={first.port} user=owner application_name=copy")
        with open(f"{self.data}/postgresql.conf", "a") as settings:
            settings.write(f"port={self.port}\n")
        self._run("pg_ctl", "-w", "-t", "30", "-D", self.data, "-l", f"{self.folder}/log", "start")
        first.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        first.sql("SELECT pg_reload_conf()")
        while first.sql("SELECT sync_state FROM pg_stat_replication") != "sync":
            time.sleep(0.05)


class Server(Postgres):
    """As its package sets it up, with room for many connections."""

    def __init__(self):
        super().__init__()
        with open(f"{self.data}/postgresql.conf", "a") as settings:
            settings.write("max_connections=500\n")
        self._run("pg_ctl", "-w", "-D", self.data, "-l", f"{self.folder}/log", "restart")


def load():
    return f"load {os.getloadavg()[0]:.1f}"


# ---- appends

def appends(program, store, writers, seconds):
    """A second, of so many processes together, each with a run of its own."""
    processes = [subprocess.Popen([program, store, f"farm{n}", str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                 for n in range(writers)]
    for process in processes:
        if process.stdout.readline() != "ready\n":
            sys.exit("a writer did not begin")
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    written = sum(int(process.communicate()[0]) for process in processes)
    return written / seconds


@contextlib.contextmanager
def disk(program, sync_us):
    """Files lie in memory, of which a sync takes so long: for SQLite and the server alike, whatever this disk does."""
    if sync_us is None:
        yield
        return
    before, tempfile.tempdir = tempfile.tempdir, "/dev/shm"
    folder = tempfile.mkdtemp(prefix="pvsplan-test-")
    os.chmod(folder, 0o755)  # what the server's account cannot read is not preloaded
    os.environ.update(LD_PRELOAD=shutil.copy(f"{os.path.dirname(program)}/libbench_slow_sync.so", folder), PVSPLAN_SYNC_US=str(sync_us))
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"], os.environ["PVSPLAN_SYNC_US"]
        tempfile.tempdir = before
        shutil.rmtree(folder)


def appends_of_all(program, seconds):
    """By store and number of writers."""
    folder = tempfile.mkdtemp(prefix="pvsplan-test-", dir=tempfile.tempdir or os.path.dirname(program))
    server, rates = Server(), {}
    try:
        for writers in (1, 16):
            for name, store in (("sqlite", f"{folder}/{writers}.db"), ("server", server.store(f"w{writers}", "ttl=30"))):
                rates[name, writers] = appends(program, store, writers, seconds)
        standby = Standby(server)
        for writers in (1, 16):
            rates["two", writers] = appends(program, server.store(f"s{writers}", "ttl=30&copies=2"), writers, seconds)
        standby.close()
    finally:
        server.close()
        shutil.rmtree(folder)
    return rates


def measure_appends(program, seconds, rounds, sync_us):
    """Each pair one after the other, again and again: the best of each, since other work on this machine only ever adds."""
    best = {}
    for _ in range(rounds):
        with disk(program, sync_us):
            for kind, rate in appends_of_all(program, seconds).items():
                best[kind] = max(best.get(kind, 0), rate)
    if sync_us and max(rate for (_, writers), rate in best.items() if writers == 1) * sync_us > 1e6:
        sys.exit("a sync took less than it was to take")
    one, many = best["sqlite", 1], best["sqlite", 16]
    where = "on this disk" if sync_us is None else f"where a sync takes {sync_us} us"
    print(f"appends a second {where}, {load()}:")
    print(f"  one run:  SQLite {one:.0f}; a server {best['server', 1]:.0f}: {best['server', 1] / one:.2f} times (aimed at 0.6); "
          f"with a synchronous standby {best['two', 1]:.0f}: {best['two', 1] / one:.2f} times (0.2)")
    print(f"  16 runs:  SQLite {many:.0f}; a server {best['server', 16]:.0f}: {best['server', 16] / many:.1f} times (2); "
          f"with a synchronous standby {best['two', 16]:.0f}: {best['two', 16] / many:.1f} times")


# ---- runs

class Project:
    """A plan of chains side by side, on boxes that are reached through the workers of a site."""

    def __init__(self, tool, store, chains, steps, command="true"):
        self.tool, self.store, self.processes = tool, store, []
        self.folder = tempfile.mkdtemp(prefix="pvsplan-test-")
        self.put("chain.yaml", MODULE.replace("COMMAND", command))
        self.put("boxes.csv", "name\n" + "".join(f"b{n}\n" for n in range(chains)))
        self.put("farm.yaml", FARM.replace("STORE", store))
        self.put("plan.yaml", PLAN + "".join(f"      - {{id: s{n}, do: chain.nothing, on: it}}\n" for n in range(steps)))
        self.put("key", KEY)

    def put(self, name, text):
        with open(os.open(f"{self.folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def start(self, *words, before=(), home="home"):
        environment = dict(os.environ, HOME=f"{self.folder}/{home}")
        os.makedirs(environment["HOME"], exist_ok=True)
        process = subprocess.Popen([*before, self.tool, *words], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=open(f"{self.folder}/said", "a"))
        self.processes.append(process)
        return process

    def work(self):
        return self.start("work", "--site", "berlin", "--key", "key", "--farm", "bench", "--store", self.store, home="berlin")

    def apply(self, *more, before=()):
        return self.start("apply", "plan.yaml", "--yes", "--no-input", *more, before=before)

    def done(self, process):
        if process.wait() != 0:
            sys.exit(open(f"{self.folder}/said").read()[-2000:])

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait()
        shutil.rmtree(self.folder)


def wait_for_rows(server, database, of, count):
    """In a table, once it is there."""
    table = of.split()[0]
    while server.sql(f"SELECT to_regclass('pvsplan.{table}') IS NOT NULL", database) == "f" or int(
            server.sql(f"SELECT count(*) FROM pvsplan.{of}", database)) < count:
        time.sleep(0.1)


def cpu_seconds(pids):
    """Of the processes that are still there, with all their threads, by name."""
    spent = {}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/comm") as file:
                name = file.read().strip()
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                    spent[name] = spent.get(name, 0) + int(file.read().split()[0]) / 1e9
        except OSError:
            continue
    return spent


def cpu_of_children():
    """Of those that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def pids_of(server):
    """Of the server and its backends."""
    with open(f"{server.data}/postmaster.pid") as file:
        parent = int(file.readline())
    with open(f"/proc/{parent}/task/{parent}/children") as file:
        return [parent, *map(int, file.read().split())]


def chains(tool, server, name, parameters, arguments):
    """Steps a second, and commits a step: of the workers two, of who runs the plan one."""
    project = Project(tool, server.store(name, parameters), arguments.chains, arguments.steps)
    try:
        workers = [project.work() for _ in range(arguments.workers)]
        wait_for_rows(server, name, "workers", len(workers))
        commits = int(server.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())"))
        began = time.monotonic()
        spent = cpu_seconds([*(worker.pid for worker in workers), *pids_of(server)])
        own = cpu_of_children()
        project.done(project.apply("--max-parallel", str(arguments.chains)))
        seconds, own = time.monotonic() - began, cpu_of_children() - own
        after = cpu_seconds([*(worker.pid for worker in workers), *pids_of(server)])
        commits = int(server.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())")) - commits
    finally:
        project.close()
    steps = arguments.chains * arguments.steps
    used = {name: value - spent.get(name, 0) for name, value in after.items()}
    used = {"who runs the plan": own, "workers": used["pvsplan"], "server": used["postgres"]}
    used = ", ".join(f"{name} {value * 1000 / steps:.2f} ms" for name, value in used.items())
    return steps / seconds, commits / steps, used


def measure_chains(tool, arguments):
    server = Server()
    try:
        for name, parameters, aim in (("alone", "ttl=30", 600), ("two", "ttl=30&copies=2", 400)):
            if name == "two":
                standby = Standby(server)
            rate, commits, used = chains(tool, server, name, parameters, arguments)
            print(f"{arguments.chains} chains of {arguments.steps} steps through {arguments.workers} workers, "
                  f"{'with a synchronous standby' if name == 'two' else 'one server'}: {rate:.0f} steps a second (aimed at {aim}), "
                  f"{commits:.2f} commits a step; {used} CPU a step, {load()}")
        standby.close()
    finally:
        server.close()


def measure_handover(tool):
    """Whoever runs a plan is killed; another, which cannot see its processes, takes it over once the lease is over."""
    server, ttl = Server(), 3
    project = Project(tool, server.store("handover", f"ttl={ttl}"), 1, 3, command="sleep, \"4\"")
    elsewhere = ["unshare", "--pid", "--fork", "--kill-child"]
    try:
        project.work()
        run = project.apply()
        wait_for_rows(server, "handover", "jobs WHERE token <> 0", 1)
        token = server.sql("SELECT token FROM pvsplan.farms", "handover")
        run.kill()
        killed = time.monotonic()
        resumed = None
        while server.sql("SELECT token FROM pvsplan.farms", "handover") == token:
            if resumed is None or resumed.poll() is not None:
                resumed = project.start("resume", "last", "--yes", "--no-input", "--store", project.store, before=elsewhere)
            time.sleep(0.05)
        seconds = time.monotonic() - killed
        project.done(resumed)
    finally:
        project.close()
        server.close()
    print(f"hand-over after a death with leases of {ttl} s: {seconds:.1f} s (aimed at {ttl + 2}), {load()}")


def measure_idle(tool, count, seconds):
    server = Server()
    project = Project(tool, server.store("idle", "ttl=30"), 1, 1)
    try:
        workers = []
        for _ in range(count):
            workers.append(project.work())
            time.sleep(0.02)
        wait_for_rows(server, "idle", "workers", count)
        time.sleep(8)  # until none is busy
        pids = [*(worker.pid for worker in workers), *pids_of(server)]
        before = cpu_seconds(pids)
        time.sleep(seconds)
        after = cpu_seconds(pids)
    finally:
        project.close()
        server.close()
    share = {name: (after[name] - before.get(name, 0)) / seconds for name in after}
    print(f"{count} idle workers: " + ", ".join(f"{name} {value:.1%}" for name, value in share.items()) +
          f" of a core (aimed at 15 %), {load()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pvsplan")
    parser.add_argument("appends")
    parser.add_argument("--only", choices=["appends", "chains", "handover", "idle"])
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement of appends")
    parser.add_argument("--rounds", type=int, default=3, help="of all measurements of appends")
    parser.add_argument("--sync-us", type=int, help="appends as on a disk of which a sync takes so long, in place of this one")
    parser.add_argument("--chains", type=int, default=128)
    parser.add_argument("--steps", type=int, default=40, help="in each chain")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--idle", type=int, default=400, help="workers that have nothing to do")
    arguments = parser.parse_args()
    if programs() is None:
        sys.exit("postgresql is not installed")
    tool, program = os.path.abspath(arguments.pvsplan), os.path.abspath(arguments.appends)
    for name, measure in (("appends", lambda: measure_appends(program, arguments.seconds, arguments.rounds, arguments.sync_us)),
                          ("chains", lambda: measure_chains(tool, arguments)), ("handover", lambda: measure_handover(tool)),
                          ("idle", lambda: measure_idle(tool, arguments.idle, 10))):
        if arguments.only in (None, name):
            measure()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Workers of a site, as real processes around a real PostgreSQL: every command has run exactly once and the journal verifies,
whoever of them is killed, stopped or cut off; a worker does nothing that was changed in the database. sites.py PVSPLAN [NAME…]"""
import os, re, shutil, signal, subprocess, sys, time, urllib.request
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
from postgres import Pool, Postgres, programs  # noqa: E402
from scenarios import SECONDS, check, chosen, is_right, wait_for  # noqa: E402
from site_project import KEY, PLAN, WORD, Project, Relay  # noqa: E402
from skip import skip  # noqa: E402
from sshd import Sshd  # noqa: E402


SHORT = 8  # seconds for which somebody has a lease who is to lose it

# ---- what is held

def two_workers(project):
    """Two workers share what a plan does, and Ctrl-C ends them."""
    workers = [project.work(), project.work()]
    project.wait_for_workers(2)
    project.done(project.apply())
    project.check_once()
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        project.done(worker)
    check(project.sql("SELECT count(*) FROM pvsplan.workers") == "0", "a worker that left is still there")


def no_worker_yet(project):
    """Where no worker is there yet, what is asked waits for one; the pages of `serve` say so, and then who is there."""
    project.hold("two")
    run = project.apply()
    project.waits()
    served = project.start(project.folder, "serve", "--listen", "127.0.0.1:0", "--store", project.store_for(SHORT))
    url = served.stdout.readline().split()[-1]

    def page():
        return urllib.request.urlopen(url, timeout=SECONDS).read().decode()
    check(re.search("jobs? waits? for the site berlin, and no worker", page()), page())
    time.sleep(6)
    worker = project.work()
    project.began("two")

    def is_there():
        shown = page()
        return f"(process {worker.pid})" in shown and "it is late" not in shown and "no worker" not in shown
    wait_for(is_there, "a page on which that worker is there")
    project.release("two")
    project.done(run)
    project.check_once()
    worker.kill()
    wait_for(lambda: "it is late" in page(), "a page on which the worker that was killed is late")


def worker_killed(project):
    """A worker that is killed in the middle of a command: another one attaches to it. Until it is there,
    `status` says from any machine what the run waits for."""
    first = project.work(store=project.store_for(SHORT))
    project.hold("two")
    run = project.apply()
    project.began("two")
    first.kill()

    def status():
        return " ".join(project.start(project.site, "status", "last", "--store", project.store_for(SHORT)).communicate(timeout=SECONDS)[0].split())
    wait_for(lambda: re.search("jobs? waits? for the site berlin, and no worker of it was seen lately", status()), "why the run waits")
    project.work()
    project.release("two")
    project.done(run)
    project.check_once()


def worker_stopped(project):
    """A worker that was away for longer than it may: what it then says is not heard."""
    first = project.work(store=project.store_for(SHORT))
    project.hold("two")
    run = project.apply()
    project.began("two")
    first.send_signal(signal.SIGSTOP)
    project.work()
    project.release("two")
    project.done(run)
    first.send_signal(signal.SIGCONT)
    time.sleep(1)
    project.check_once()
    check(project.sql("SELECT count(*) FROM pvsplan.jobs") == "0", "a job is left")


def worker_cut_off(project):
    """A worker whose line to the store is cut: another one takes over, the line comes back, everything once."""
    relay = Relay(project.server.port)
    project.work(store=project.store_for(SHORT).replace(f":{project.server.port}/", f":{relay.port}/"))
    project.hold("two")
    run = project.apply()
    project.began("two")
    relay.open.clear()
    project.work()
    project.release("two")
    project.done(run)
    relay.open.set()
    time.sleep(1)
    project.check_once()


def store_away(project):
    """A store that is away for longer than a lease lasts: the worker waits for it, and goes on with what it had."""
    relay = Relay(project.server.port)
    worker = project.work(store=project.store_for(SHORT).replace(f":{project.server.port}/", f":{relay.port}/"))
    project.hold("two")
    run = project.apply()
    project.began("two")
    relay.open.clear()
    heard = project.hears(worker, "its store is asked again and again")
    time.sleep(SHORT + 1)
    check(worker.poll() is None, "the worker has ended")
    relay.open.set()
    project.release("two")
    project.done(run)
    project.check_once()
    worker.send_signal(signal.SIGTERM)
    text = project.done(worker)
    check("its store answers again" in text, heard, text)


def coordinator_killed(project):
    """Who asked is killed: `resume` finds at the hosts what had begun, and removes what nobody had taken."""
    project.work()
    project.hold("two")
    run = project.apply()
    project.began("two")
    run.kill()
    run.wait()
    project.release("two")
    project.sql("INSERT INTO pvsplan.jobs (asker, key, site, farm, token, plan, bytes) "
                "SELECT 'gone', 'three', 'nowhere', farm, token, '', '' FROM pvsplan.farms")
    project.done(project.start(project.folder, "resume", "last", "--yes", "--no-input", "--store", project.store))
    project.check_once()
    check(project.sql("SELECT count(*) FROM pvsplan.jobs") == "0", "a job of who was killed is left")


def store_takes_no_job(project):
    """A store that takes no job, as where its disk is full: that is told, with why, and given up like a site without workers."""
    project.work()
    project.wait_for_tables()
    project.sql("""CREATE FUNCTION pvsplan.full() RETURNS trigger LANGUAGE plpgsql AS
        $f$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $f$;
        CREATE TRIGGER full_disk BEFORE INSERT ON pvsplan.jobs FOR EACH ROW EXECUTE FUNCTION pvsplan.full()""")
    text = project.done(project.apply(), 1)
    check("takes no job for the site berlin: the disk of the server is full" in text and "no space left" in text, text)
    project.sql("DROP TRIGGER full_disk ON pvsplan.jobs")
    project.done(project.apply())
    project.check_once()


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
    project.put("plan.yaml", PLAN.lstrip().replace("text: three", "text: four"))
    text = project.done(project.apply(), 1)
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


SCENARIOS = [two_workers, no_worker_yet, worker_killed, worker_stopped, worker_cut_off, store_away, coordinator_killed, store_takes_no_job, refusals, secrets, through_a_pool]


def main():
    if programs() is None or shutil.which("pgbouncer") is None:
        skip("postgresql or pgbouncer is not installed")
    tool, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    server, sshd = Postgres(), Sshd()

    def project_of(number, scenario):
        connects = {"local": "over: local", "ssh": sshd.connect("JOBS")[1:-1]}
        far = scenario in (worker_killed, worker_cut_off)  # where the host is another machine
        return Project(tool, server, f"store{number}", connects["ssh" if far else "local"])

    try:
        with ThreadPoolExecutor(3) as pool:  # most of the time they wait
            results = list(pool.map(lambda number, scenario: is_right(scenario, project_of(number, scenario)),
                                    *zip(*enumerate(chosen(SCENARIOS, wanted)))))
    finally:
        sshd.close()
        server.close()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Stops `pvsplan apply` with SIGSTOP at the calls by which it changes anything, for longer than its lease on a PostgreSQL server
lasts, until another process has ended the run; then lets it go on. Its process lives all the while. Every command has run exactly
once, it writes no further record, says who has the run, and the journal verifies. Where it had not acquired the farm yet, it has
a run of its own afterwards, unless it had observed the farm before that run.

    run_stopped.py PVSPLAN KILL_AT_LIBRARY [--every N]

--every 1 stops at each such call in turn; larger numbers take a sample, from the place --first on."""
import os, signal, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor

import preloaded
from postgres import programs
from run_killed import Project, Servers
from scenarios import SECONDS, Failure, check
from skip import skip
from toy import TEXTS

TTL = 10  # nobody needs so long to be answered by the server, on a busy machine either
HELD = 8  # the exit status where another process has the run
LATE = 1  # where the store could not be reached
STALE = 9  # where the farm has changed since it was observed


def ended_by_another(project):
    """What each attempt said, until one ended the run."""
    told, until = [], time.monotonic() + SECONDS
    while time.monotonic() < until:
        done = project.run(*(["resume", "last"] if project.has_run() else ["apply", "plan.yaml"]), "--yes", "--no-input")
        told.append(f"{done.args[1]} -> {done.returncode}: {' '.join(done.stderr.split())[-300:]}")
        if done.returncode == 0:
            return told
        check(done.returncode == HELD, "another one could not end the run", *told)
        time.sleep(0.2)
    raise Failure("\n  ".join(["nobody else came to have the run", *told]))


def stopped(project, at):
    """Whether it was stopped there: it may have been over before."""
    def journal():
        return project.servers.postgres.sql("SELECT run, number, hash FROM pvsplan.records ORDER BY 1, 2", project.name)

    def owner():
        has_tables = project.servers.postgres.sql("SELECT to_regclass('pvsplan.farms') IS NOT NULL", project.name) == "t"
        return project.servers.postgres.sql("SELECT pid FROM pvsplan.farms WHERE holder <> ''", project.name) if has_tables else ""

    has_farm, is_over, is_stale, is_late = True, False, False, False
    first = subprocess.Popen(
        [project.tool, "apply", "plan.yaml", "--yes", "--no-input", *project.store], cwd=project.folder, text=True,
        env=dict(project.environment(at), PVSPLAN_KILL_WITH=str(int(signal.SIGSTOP))), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )
    try:
        was_stopped = os.WIFSTOPPED(os.waitpid(first.pid, os.WUNTRACED)[1])
        if was_stopped:
            has_farm = owner() == str(first.pid)
            told, before = ended_by_another(project), journal()
            first.send_signal(signal.SIGCONT)
            said = " ".join(first.communicate(timeout=SECONDS)[1].split())
            is_over = "is over: done" in told[-1] or "nothing is left to do" in told[-1]  # it had recorded its end by then
            is_stale = first.returncode == STALE  # it had no run yet
            is_late = first.returncode == LATE and not has_farm  # stopped while it connected, until nobody answered it any more
            wanted = STALE if is_stale else LATE if is_late else HELD if has_farm and not is_over else 0
            check(first.returncode == wanted, f"the first -> {first.returncode}: {said}", *told)
            says = {LATE: "timeout expired", STALE: "has changed the farm site since it was observed", HELD: "taken over by", 0: ""}
            check(says[wanted] in said, f"the first says {said}", *told)
            check(journal() == before or not (has_farm or is_stale or is_late), f"the first wrote on: {said}", *told)
    finally:
        first.kill()
        first.stderr.close()
    verified, ran = project.run("log", "last", "--verify"), project.ran()
    check(ran == TEXTS * (1 if has_farm or is_over or is_stale or is_late else 2) and verified.returncode == 0, f"ran {ran!r}, verify: {verified.stderr}")
    return was_stopped


def scenario(arguments, servers, at):
    project = Project(arguments.pvsplan, arguments.library, servers, f"ttl={TTL}")
    try:
        return stopped(project, at), None
    except (Failure, subprocess.SubprocessError) as failure:
        return True, f"stopped at {at}: {failure}"
    finally:
        project.close()


def main():
    parser = preloaded.parser(jobs=8)  # most of the time they wait
    parser.add_argument("--at", type=int, help="only there")
    arguments = parser.parse_args()
    if programs() is None:
        skip("postgresql is not installed")
    servers = Servers(store="postgres")
    try:
        whole = Project(arguments.pvsplan, arguments.library, servers)
        done = whole.run("apply", "plan.yaml", "--yes", "--no-input", kill_at=0)
        check(done.returncode == 0, "the plan does not even run undisturbed", done.stderr)
        points = int(whole.text("count"))
        whole.close()
        places = [arguments.at] if arguments.at else preloaded.places(arguments, points)
        with ThreadPoolExecutor(arguments.jobs) as pool:
            results = list(pool.map(lambda at: scenario(arguments, servers, at), places))
    finally:
        servers.close()
    wrong = [text for _, text in results if text]
    stops = sum(was_stopped for was_stopped, _ in results)
    print(f"{points} places to be stopped at, {len(results)} scenarios, {stops} stopped")
    for text in wrong:
        print("WRONG", text)
    return 1 if wrong or stops < len(results) // 2 else 0


if __name__ == "__main__":
    sys.exit(main())

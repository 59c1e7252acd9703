#!/usr/bin/env python3
"""What becomes of a run when its store does not obey: the disk is full or broken from the n-th write on, the store cannot be
written, was cut off, has a flipped bit, or is of another version. Always: no further command, a message that says what to do,
no crash; what was recorded stays readable; and where the disk is repaired, `resume` ends with every command run once.

    store_faults.py PVSPLAN FULL_AT_LIBRARY [--every N]

--every 1 takes every write and every place in turn; larger numbers take a sample."""
import contextlib, json, os, shutil, sqlite3, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor

import preloaded
from run_killed import Project
from scenarios import SECONDS, copy, copy_program, remove
from toy import TEXTS

NOBODY = 65534
wrong = []


def check(holds, *what):
    if not holds:
        wrong.append(" ".join(str(part) for part in what))


def store_of(project):
    return os.path.join(project.folder, ".pvsplan", "state.db")


def run(project, *words, fail_at=None, how="ENOSPC", count=None):
    environment = dict(os.environ, HOME=project.folder, PVSPLAN_JOBS=f"{project.folder}/jobs")
    if fail_at is not None:
        environment.update(LD_PRELOAD=project.library, PVSPLAN_FAIL_AT=str(fail_at), PVSPLAN_FAIL_WITH=how)
        if count:
            environment.update(PVSPLAN_FAIL_COUNT=count)
    return subprocess.run(
        [project.tool, *words], cwd=project.folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, text=True,
        timeout=SECONDS,
    )


def check_calm(done, *what):
    """Neither a crash nor a bug of ours, and a failure is explained."""
    check(done.returncode in (0, 1, 2, 4, 6, 7, 8), *what, "-> exit", done.returncode, done.stderr[-300:])
    if done.returncode == 1:
        check("error: " in done.stderr, *what, "says nothing")


def started_in_journal(project):
    told = run(project, "log", "last", "--format", "json")
    lines = [json.loads(line) for line in told.stdout.splitlines()] if told.returncode == 0 else []
    records = lines[0] if lines and isinstance(lines[0], list) else lines
    return sum(1 for record in records if "started" in (record.get("is"), record.get("kind")))


def full_disk(arguments, at, how):
    project = Project(arguments.pvsplan, arguments.library)
    done = run(project, "apply", "plan.yaml", "--yes", "--no-input", fail_at=at, how=how)
    what = f"{how} from write {at} on:"
    ran = project.ran()
    check(TEXTS[: len(ran)] == ran, what, "ran", ran)
    if done.returncode != 0:  # the last writes of all are those of closing the store, which nothing waits for
        check(done.returncode == 1, what, "exit", done.returncode, done.stderr[-300:])
        check("disk" in done.stderr and (how == "EIO" or "full" in done.stderr), what, "the message is", done.stderr[-300:])
        if ran or run(project, "runs").stdout.count("\n") > 1:
            check(started_in_journal(project) >= len(ran), what, "a command ran that no record started")
            # While the disk is as it is.
            for words in (["status", "last"], ["log", "last"], ["log", "last", "--verify"], ["runs"]):
                seen = run(project, *words, fail_at=1, how=how)
                check(seen.returncode == 0, what, *words, "-> exit", seen.returncode, seen.stderr[-300:])
        again = run(project, "resume", "last", "--yes", "--no-input", fail_at=1, how=how)
        check(again.returncode in (1, 2), what, "resume on the same disk: exit", again.returncode)
        check(project.ran() == ran, what, "a command ran while the disk was full")
    has_run = run(project, "runs").stdout.count("\n") > 1
    words = ["resume", "last"] if has_run else ["apply", "plan.yaml"]
    repaired = run(project, *words, "--yes", "--no-input")
    check(repaired.returncode == 0 or "is over: done" in repaired.stderr, what, "repaired: exit", repaired.returncode, repaired.stderr)
    check(project.ran() == TEXTS, what, "repaired: ran", project.ran())
    verified = run(project, "log", "last", "--verify")
    check(verified.returncode == 0, what, "repaired: verify", verified.stderr)
    remove(project.folder)


def halted(arguments):
    """A project whose run halted after its first step; the host was repaired since."""
    project = Project(arguments.pvsplan, arguments.library)
    project.put("fail-two")
    done = run(project, "apply", "plan.yaml", "--yes", "--no-input")
    check(done.returncode == 4, "the run that halts: exit", done.returncode, done.stderr)
    project.take("fail-two")
    return project


def damaged(arguments, template, name, damage):
    folder = f"{template.folder}-{name.replace(' ', '-')}"
    copy(template.folder, folder)
    # The module names the folder it was made in: a copy has its own, and so its own farm.
    with open(os.path.join(folder, ".pvsplan", "state.db"), "r+b") as store:
        damage(store)
    project = Project.__new__(Project)
    project.tool, project.library, project.folder = template.tool, template.library, folder
    before = template.ran()
    for words in (["runs"], ["status", "last"], ["log", "last"], ["log", "last", "--verify"]):
        check_calm(run(project, *words), name, *words)
    check(template.ran() == before, name, "looking ran a command")
    remove(folder)


def damaged_and_resumed(arguments, name, damage):
    """The whole story in a project of its own: what goes on after the damage, if anything, is right."""
    project = halted(arguments)
    with open(store_of(project), "r+b") as store:
        damage(store)
    done = run(project, "resume", "last", "--yes", "--no-input")
    check_calm(done, name, "resume")
    wanted = TEXTS if done.returncode == 0 else ["one"]
    check(project.ran() == wanted, name, "ran", project.ran(), "exit", done.returncode)
    remove(project.folder)


def cut_at(size):
    return lambda store: store.truncate(size)


def flip_at(place, bit):
    def flip(store):
        store.seek(place)
        byte = store.read(1)[0]
        store.seek(place)
        store.write(bytes([byte ^ (1 << bit)]))

    return flip


def other_versions(arguments):
    for version, words in ((99, "newer pvsplan"), (0, "older")):
        project = halted(arguments)
        with sqlite3.connect(store_of(project)) as store:
            store.execute(f"PRAGMA user_version={version}")
        for command in (["resume", "last"], ["apply", "plan.yaml"]):
            done = run(project, *command, "--yes", "--no-input")
            check(done.returncode == 1 and words in done.stderr, f"version {version}:", *command, done.returncode, done.stderr)
        check(project.ran() == ["one"], f"version {version}: a command ran")
        seen = run(project, "status", "last")
        check(seen.returncode == 1 and words in seen.stderr, f"version {version}: status", seen.returncode, seen.stderr)
        remove(project.folder)
    project = halted(arguments)
    remove(os.path.dirname(store_of(project)))
    os.mkdir(os.path.dirname(store_of(project)))
    with sqlite3.connect(store_of(project)) as store:
        store.execute("CREATE TABLE songs (name)")
    done = run(project, "apply", "plan.yaml", "--yes", "--no-input")
    check(done.returncode == 1 and "not a store of pvsplan" in " ".join(done.stderr.split()), "another's file:", done.returncode, done.stderr)
    remove(project.folder)


EDITS = {
    "UPDATE runs SET farm = 'other'": "on the farm `other`, its compiled plan is `mark` on the farm `site`",
    "UPDATE runs SET plan = 'other'": "of the plan `other` on the farm `site`, its compiled plan is `mark`",
    "UPDATE runs SET digest = 'sha256:0'": "of the compiled plan sha256:0",
    "UPDATE runs SET outcome = ''": "its records say `failed`",
    "UPDATE runs SET head = ''": "is not the one that the store knows as the last",
    "UPDATE runs SET records = records - 1": "was added",
    "UPDATE runs SET records = records + 1": "missing",
    "UPDATE records SET number = 1000 WHERE number = (SELECT max(number) FROM records)": "is not there: what follows has the number 1000",
    "UPDATE records SET number = 'x' WHERE number = (SELECT max(number) FROM records)": "is not there: what follows has the number 0",
    "DELETE FROM records WHERE number = 2": "record 2 is not there: what follows has the number 3",
    "DELETE FROM records WHERE number = (SELECT max(number) FROM records)": "missing",
    "UPDATE records SET bytes = replace(bytes, 'one', 'six')": "was changed: its hash is not that of its text",
    "DELETE FROM plans": "has no compiled plan",
}


def edit_store(project, *edits):
    """Closed by the last who has it, the store is one file."""
    with contextlib.closing(sqlite3.connect(store_of(project))) as store:
        for edit in edits:
            store.execute(edit)
        store.commit()


def edited(arguments):
    """What somebody has changed by hand is said by all that look at the run, and nothing goes on with it."""
    project = halted(arguments)
    kept = f"{project.folder}/kept.db"
    edit_store(project, "DROP TRIGGER records_are_never_changed", "DROP TRIGGER records_are_never_deleted")
    shutil.copy(store_of(project), kept)
    for edit, words in EDITS.items():
        shutil.copy(kept, store_of(project))
        edit_store(project, edit)
        for command, status in ((["status", "last"], (0, 1)), (["log", "last", "--verify"], (1,)), (["resume", "last", "--yes", "--no-input"], (1,))):
            done = run(project, *command)
            said = " ".join(done.stderr.split())
            check(done.returncode in status and words in said, edit, *command, "->", done.returncode, said)
    check(project.ran() == ["one"], "an edited store: a command ran")
    remove(project.folder)


def read_only(arguments):
    """As a user who may not write it (root may write anything, so it becomes nobody)."""
    project = halted(arguments)
    os.chmod(project.folder, 0o755)
    for name in ("site", "farm", "plan"):
        os.chmod(f"{project.folder}/{name}.yaml", 0o644)
    for path, folders, files in os.walk(os.path.dirname(store_of(project))):
        for name in files:
            os.chmod(os.path.join(path, name), 0o444)
        os.chmod(path, 0o555)
    as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    tool = copy_program(project.tool, project.folder)
    # Where nothing can be written either: what is read instead is a copy elsewhere.
    environment = dict(os.environ, HOME=project.folder, PVSPLAN_JOBS=f"{project.folder}/jobs", TMPDIR="/proc")

    def asked(*words):
        return subprocess.run([*as_user, tool, *words], cwd=project.folder, env=environment,
                              capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=SECONDS)

    for words in (["resume", "last", "--no-input"], ["apply", "plan.yaml", "--no-input"], ["approve", "last", "one"], ["abandon", "last"],
                  ["runs", "--archive", "archive", "--older-than", "0s"]):
        done = asked(*words, *([] if words[0] == "approve" else ["--yes"]))
        said = " ".join(done.stderr.split())
        check(done.returncode == 1 and "cannot be written: give this user the right to write it" in said and "then resume" not in said,
              "read-only:", *words, done.returncode, done.stderr)
    check(project.ran() == ["one"], "read-only: a command ran")
    for words in (["status", "last"], ["log", "last"], ["log", "last", "--verify"], ["runs"]):
        done = asked(*words)
        check(done.returncode == 0, "read-only:", *words, "-> exit", done.returncode, done.stderr)
    for path, folders, files in os.walk(os.path.dirname(store_of(project))):
        os.chmod(path, 0o755)
    remove(project.folder)


def no_threads(arguments):
    """Where the system gives no further thread: nothing waits for ever, and what can be done without is done."""
    project = halted(arguments)
    as_user, tool = [], copy_program(project.tool, project.folder)
    os.chmod(project.folder, 0o755)
    if os.geteuid() == 0:  # for whom there is no such limit
        as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        subprocess.run(["chown", "-R", str(NOBODY), project.folder], check=True)
    began = project.ran()
    # Where the address sanitizer is built in, it would look for leaks in a process of its own.
    environment = dict(os.environ, HOME=project.folder, PVSPLAN_JOBS=f"{project.folder}/jobs", ASAN_OPTIONS="detect_leaks=0")
    for words, status in ((["rehearse", "plan.yaml"], 0), (["serve", "--listen", "127.0.0.1:0"], 1), (["lsp"], 1), (["resume", "last", "--yes"], 1)):
        done = subprocess.run([*as_user, "prlimit", "--nproc=1", tool, *words], cwd=project.folder, capture_output=True, text=True, timeout=SECONDS,
                              env=environment, stdin=subprocess.DEVNULL)
        check(done.returncode == status and (status == 0 or "the system refuses" in done.stderr), "no threads:", *words, done.returncode, done.stderr[-300:])
    check(project.ran() == began, "no threads: a command ran")
    remove(project.folder)


def nameless(arguments):
    """As an account without a name, a database is asked for as nobody: what to say instead is told."""
    if os.geteuid() != 0:
        return
    project = Project(arguments.pvsplan, arguments.library)
    tool = copy_program(project.tool, project.folder)
    os.chmod(project.folder, 0o755)
    done = subprocess.run(["setpriv", "--reuid=4242", "--regid=4242", "--clear-groups", tool, "runs", "--store", "postgresql://127.0.0.1:1/shop"],
                          cwd=project.folder, env=dict(os.environ, HOME=project.folder), capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=SECONDS)
    said = " ".join(done.stderr.split())
    check(done.returncode == 1 and ("say one before the host" in said or "wants its client library" in said), "an account without a name:", done.returncode, said)
    remove(project.folder)


def timed(scenario, *words):
    began = time.monotonic()
    scenario(*words)
    return time.monotonic() - began, scenario, words


def main():
    arguments = preloaded.parser(jobs=2).parse_args()
    whole = Project(arguments.pvsplan, arguments.library)
    count = os.path.join(whole.folder, "count")
    done = run(whole, "apply", "plan.yaml", "--yes", "--no-input", fail_at=0, count=count)
    check(done.returncode == 0 and whole.ran() == TEXTS, "undisturbed:", done.returncode, done.stderr)
    writes = int(whole.text("count") or 0)
    check(writes > 20, "only", writes, "writes into the store were seen")
    remove(whole.folder)
    template = halted(arguments)
    size = os.path.getsize(store_of(template))
    # Odd steps through the file, so that a sample meets headers, cells and free space alike.
    cuts = [size * part // 64 for part in range(0, 64, max(1, arguments.every // 2))]
    flips = [(place, place % 8) for place in range(0, size, 211 * arguments.every)]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        jobs = [pool.submit(timed, full_disk, arguments, at, how) for how in ("ENOSPC", "EIO") for at in range(1, writes + 1, arguments.every)]
        for cut in cuts:
            jobs.append(pool.submit(timed, damaged, arguments, template, f"cut at {cut}", cut_at(cut)))
            jobs.append(pool.submit(timed, damaged_and_resumed, arguments, f"cut at {cut}", cut_at(cut)))
        for place, bit in flips:
            jobs.append(pool.submit(timed, damaged, arguments, template, f"bit {bit} of {place}", flip_at(place, bit)))
            jobs.append(pool.submit(timed, damaged_and_resumed, arguments, f"bit {bit} of {place}", flip_at(place, bit)))
        jobs += [pool.submit(timed, other_versions, arguments), pool.submit(timed, edited, arguments), pool.submit(timed, read_only, arguments), pool.submit(timed, no_threads, arguments), pool.submit(timed, nameless, arguments)]
        took = [job.result() for job in jobs]
    usual = sorted(seconds for seconds, _, _ in took)[len(took) // 2]  # on this machine, as busy as it is
    for seconds, scenario, words in took:
        for _ in range(4):  # the machine itself may have stood still; a lock that nobody gives up is there each time
            if seconds > 15 + 10 * usual:
                seconds = timed(scenario, *words)[0]
        check(seconds < 15 + 10 * usual, scenario.__name__, "took", round(seconds), "s: something waited for a lock that nobody gives up")
    remove(template.folder)
    print(f"{writes} writes; {len(jobs)} scenarios: disks that fail, {len(cuts)} cuts, {len(flips)} flipped bits, versions, read-only")
    for text in wrong[:12]:
        print("WRONG", text)
    if len(wrong) > 12:
        print("and", len(wrong) - 12, "more")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Jobs on this machine, with the whole program: who has the lease of a farm, where a job is found again, how it ends.

    hosts.py PVSPLAN

Two runs of one farm from two folders, clones and stores; another HOME; job folders that are gone; `--redo`, `--done` and
`--kill` while a job lives; timeouts that kill; observations that hang; claims that are taken over, and what cannot be read
as one; processes that outlive their job; secrets that are waited for; what a dead run is called."""
import json, os, pwd, shutil, signal, subprocess, sys, tempfile, threading, time, uuid

from scenarios import SECONDS, remove, wait_for

TOOL = os.path.abspath(sys.argv[1])
MODULE = r"""
module: site
kinds:
  box:
    plural: boxes
    attributes: {file: {type: string}}
    state:
      mark: {type: string, default: none}
    observe:
      command: [sh, -c, 'cat "$0.look" 2>/dev/null && sleep 600; printf "{\"mark\":\"%s\"}" "$(cat "$0" 2>/dev/null || echo none)"', "${on.file}"]
actions:
  set:
    on: box
    parameters: {text: {type: string}}
    sets: {on.mark: "${text}"}
    run: {command: [sh, -c, 'echo "$0" >> "$1.ran"; echo $$ > "$1.pid"; [ ! -e "$1.stay" ] || { rm "$1.stay"; setsid sh -c "echo \$\$ >\"$1.stayed\"; while [ ! -e \"$1.print\" ]; do sleep 0.1; done; head -c 40000000 /dev/zero; exec sleep 600" & }; while [ -e "$1.wait" ]; do sleep 0.1; done; printf %s "$0" > "$1"', "${text}", "${on.file}"]}
    undo: {do: site.set, with: {text: "${before.mark}"}}
"""
PLAN = """
plan: mark
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - {id: one, do: site.set, on: first(boxes), with: {text: one}TIMEOUT}
  - {id: two, do: site.set, on: first(boxes), with: {text: two}}
"""


class Project:
    def __init__(self, connect="{over: local, jobs: FOLDER/jobs}", timeout="", boxes="a"):
        self.folder = tempfile.mkdtemp(prefix="pvsplan-test-")
        self.project = f"{self.folder}/proj"
        self.farm = "site-" + uuid.uuid4().hex[:12]
        os.mkdir(self.project)
        farm = f"farm: {self.farm}\nuses: [./site.yaml]\nboxes:\n"
        for name in boxes:
            farm += f"  - {{name: {name}, file: {self.folder}/{name}, connect: {connect.replace('FOLDER', self.folder)}}}\n"
        for name, text in (("site", MODULE), ("farm", farm), ("plan", PLAN.replace("TIMEOUT", timeout))):
            with open(f"{self.project}/{name}.yaml", "w") as file:
                file.write(text.lstrip())
        self.children = []

    def start(self, *words, cwd=None, **environment):
        child = subprocess.Popen([TOOL, *words], cwd=cwd or self.project, env=dict(os.environ, **environment), text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.children.append(child)
        return child

    def run(self, *words, cwd=None, **environment):
        child = self.start(*words, cwd=cwd, **environment)
        output, _ = child.communicate(timeout=SECONDS)
        return child.returncode, output

    def path(self, name):
        return f"{self.folder}/{name}"

    def text(self, name):
        try:
            return open(self.path(name)).read()
        except FileNotFoundError:
            return ""

    def touch(self, name):
        open(self.path(name), "w").close()

    def until(self, true, what):
        wait_for(true, what)

    def began(self, words):
        self.until(lambda: self.text("a.ran") == words, f"the step that prints {words!r}")
        self.until(lambda: self.text("a.pid") != "", "its process")

    def close(self):
        for name in os.listdir(self.folder):
            if name.endswith(".wait") or name.endswith(".look"):
                os.remove(self.path(name))
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        remove(self.folder)


def expect(condition, *words):
    if not condition:
        raise AssertionError("\n".join(str(word) for word in words))


def is_alive(pid):
    try:
        os.kill(int(pid), 0)
        return True
    except ProcessLookupError:
        return False


def killed_within(project):
    """A run whose coordinator was killed while its first job runs on."""
    project.touch("a.wait")
    child = project.start("apply", "plan.yaml", "--yes")
    project.began("one\n")
    child.kill()
    child.wait()


def ends(project):
    """The job of a run whose coordinator was killed, before anything else may write the mark."""
    os.remove(project.path("a.wait"))
    project.until(lambda: project.text("a") == "one", "the end of the job")


def one_run_at_a_time(project):
    shutil.copytree(project.project, project.path("clone"))
    os.mkdir(project.path("elsewhere"))
    project.touch("a.wait")
    first = project.start("apply", "plan.yaml", "--yes")
    project.began("one\n")
    for cwd, words in ((project.path("elsewhere"), ["apply", "../proj/plan.yaml"]),
                       (project.path("clone"), ["apply", "plan.yaml"]),
                       (project.project, ["apply", "plan.yaml", "--store", "other.db"])):
        status, output = project.run(*words, "--yes", cwd=cwd)
        expect(status == 8, "a second run was not refused:", words, output)
        expect("is locked by" in output, output)
    os.remove(project.path("a.wait"))
    output, _ = first.communicate(timeout=SECONDS)
    expect(first.returncode == 0, output)
    expect(project.text("a.ran") == "one\ntwo\n", project.text("a.ran"))
    # It is over: another may have the farm now.
    os.remove(project.path("a"))
    status, output = project.run("apply", "plan.yaml", "--yes", cwd=project.path("clone"))
    expect(status == 0, output)


def a_run_that_is_not_over_keeps_its_leases(project):
    shutil.copytree(project.project, project.path("clone"))
    killed_within(project)
    status, output = project.run("apply", "plan.yaml", "--yes", cwd=project.path("clone"))
    expect(status == 8, output)
    # However it was wrapped, also where the name of the folder has blanks.
    expect("".join(f"{project.project}/.pvsplan/state.db".split()) in "".join(output.split()), "it does not say where that run is:", output)
    ends(project)
    # Given up, it lets them go.
    status, output = project.run("abandon", "last", "--yes")
    expect(status == 0, output)
    status, output = project.run("apply", "plan.yaml", "--yes", cwd=project.path("clone"))
    expect(status == 0, output)


def a_claim_of_a_store_that_is_gone_gives_way(project):
    shutil.copytree(project.project, project.path("clone"))
    killed_within(project)
    ends(project)
    remove(f"{project.project}/.pvsplan")
    status, output = project.run("apply", "plan.yaml", "--yes", cwd=project.path("clone"))
    expect(status == 0 and "gives way" in output, output)


def a_claim_of_a_store_that_may_come_back_stays(project):
    shutil.copytree(project.project, project.path("clone"))
    killed_within(project)
    ends(project)
    os.rename(project.project, project.path("moved"))  # as a disk goes that is unmounted
    status, output = project.run("apply", "plan.yaml", "--yes", cwd=project.path("clone"))
    expect(status == 8 and "--take-over" in output, output)
    os.rename(project.path("moved"), project.project)
    status, output = project.run("resume", "last", "--yes")
    expect(status == 0, output)


def a_store_that_was_put_back_frees_no_farm(project):
    status, output = project.run("apply", "plan.yaml", "--yes")
    expect(status == 0, output)
    store = f"{project.project}/.pvsplan"
    shutil.copytree(store, project.path("backup"))
    for name in ("a", "a.ran", "a.pid"):
        os.remove(project.path(name))
    killed_within(project)
    ends(project)
    remove(store)
    os.rename(project.path("backup"), store)
    # Its claim tells of a run that had begun; that the store does not know it is no proof that it is over.
    status, output = project.run("apply", "plan.yaml", "--yes")
    expect(status == 8 and "is locked by" in output and "--take-over" in output, output)
    expect(project.text("a.ran") == "one\n", project.text("a.ran"), output)
    status, output = project.run("apply", "plan.yaml", "--yes", "--take-over", "--because", "looked at: one is done")
    expect(status == 0 and "gives way" in output, output)
    expect("looked at: one is done" in project.run("log", "last")[1], "who took it is not in the journal")


def another_home_finds_the_job(project):
    homes = [account.pw_dir for account in pwd.getpwall() if account.pw_uid == os.geteuid()]
    if os.geteuid() != 0 and not any(os.access(home, os.W_OK) for home in homes):
        return  # an account without a place for its jobs
    killed_within(project)
    resumed = project.start("resume", "last", HOME=project.path("home"))
    time.sleep(2)
    os.remove(project.path("a.wait"))
    output, _ = resumed.communicate(timeout=SECONDS)
    expect(resumed.returncode == 0, output)
    expect(project.text("a.ran") == "one\ntwo\n", "a step ran twice:", project.text("a.ran"), output)


def a_job_whose_folder_is_gone_is_in_doubt(project):
    killed_within(project)
    jobs = project.path("jobs")
    for name in os.listdir(jobs):
        if not name.startswith("."):
            os.rename(f"{jobs}/{name}", project.path(name))
    status, output = project.run("resume", "last")
    expect(status == 6, output)
    expect(project.text("a.ran") == "one\n", "it ran again:", output)


def another_folder_of_jobs_says_nothing(project):
    killed_within(project)
    # Moved and not removed: what still runs in there may write a file while it is removed.
    os.rename(project.path("jobs"), project.path("jobs.gone"))
    status, output = project.run("resume", "last")
    expect(status == 6, output)
    expect("made anew" in output, output)
    expect(project.text("a.ran") == "one\n", "it ran again:", output)


def while_it_lives_no_other_attempt_begins(project):
    killed_within(project)
    for word in ("--redo", "--done"):
        status, output = project.run("resume", "last", word, "one", "--because", "x")
        expect(status == 2, output)
        expect("`one` still runs" in output, output)
    expect(project.text("a.ran") == "one\n", project.text("a.ran"))
    pid = project.text("a.pid")
    os.rename(project.path("a.wait"), project.path("a.unwait"))
    status, output = project.run("resume", "last", "--kill", "one", "--because", "it hangs")
    expect(status == 0, output)
    log = project.run("log", "last")[1]
    expect("it hangs" in log, log)


def a_kill_ends_all_of_it(project):
    killed_within(project)
    pid = project.text("a.pid")
    expect(is_alive(pid), "it is gone already")
    resumed = project.start("resume", "last", "--kill", "one", "--because", "it hangs")
    project.until(lambda: not is_alive(pid), "the end of its process")
    project.until(lambda: project.text("a.ran") == "one\none\n", "the second attempt")
    os.remove(project.path("a.wait"))
    output, _ = resumed.communicate(timeout=SECONDS)
    expect(resumed.returncode == 0, output)


def a_timeout_may_kill(project):
    project.touch("a.wait")
    status, output = project.run("apply", "plan.yaml", "--yes")
    expect(status == 4, output)
    expect("it did not end within 30s, and was ended as `timeout` says" in output, output)
    pid = project.text("a.pid")
    project.until(lambda: not is_alive(pid), "the end of its process")


def who_printed_on_is_bounded(project):
    """A process that outlives its job prints into its files: they stay, and are bounded, until it is gone."""
    project.touch("a.stay")
    status, output = project.run("apply", "plan.yaml", "--yes")
    expect(status == 0, status, output)
    project.until(lambda: project.text("a.stayed") != "", "a process that outlives its job")
    pid = project.text("a.stayed").strip()
    expect(is_alive(pid), "the process that outlived its job is gone")
    folders = [name for name in os.listdir(project.path("jobs")) if not name.startswith(".")]
    expect(len(folders) == 1, "its folder is gone while it can print:", folders)
    out = project.path(f"jobs/{folders[0]}/out")
    expect(os.path.samefile(f"/proc/{pid}/fd/1", out), "it prints into another file")
    project.touch("a.print")
    project.until(lambda: os.path.exists(out + ".gone"), "the bound on what it prints")
    project.until(lambda: os.path.getsize(out) <= 16 << 20, "an output within its bound")
    os.kill(int(pid), signal.SIGKILL)
    project.until(lambda: not os.path.exists(out), "the end of its folder")


def a_claim_is_taken_over(project):
    """A run that nobody goes on with, from elsewhere: refused, then taken over for a reason that the log keeps; whoever
    had it gets no further."""
    shutil.copytree(project.project, project.path("clone"))
    killed_within(project)
    ends(project)
    clone = project.path("clone")
    status, output = project.run("apply", "plan.yaml", "--yes", cwd=clone)
    expect(status == 8 and "--take-over --because TEXT" in output, status, output)
    status, output = project.run("apply", "plan.yaml", "--yes", "--take-over", cwd=clone)
    expect(status == 2 and "--because" in output, "taken over without a reason:", status, output)
    status, output = project.run("apply", "plan.yaml", "--yes", "--take-over", "--because", "otto is ill", cwd=clone)
    expect(status == 0, status, output)
    expect("gives way" in output and "otto is ill" in output, output)
    expect(project.text("a.ran") == "one\none\ntwo\n", project.text("a.ran"))
    log = project.run("log", "last", cwd=clone)[1]
    expect("otto is ill" in log, "the log does not say why:", log)


def what_cannot_be_read_as_a_claim_is_one(project):
    """A link, a pipe, a folder or rubbish in the place of a claim: nobody waits for it, follows it or takes it for nothing."""
    def link(file):
        os.symlink("/etc/passwd", file)

    def rubbish(file):
        with open(file, "w") as claim:
            claim.write("\x1b[2J" + "x" * 1_000_000)

    file = None
    for make in (link, os.mkfifo, os.mkdir, rubbish):
        if file is None:
            killed_within(project)
            status, output = project.run("apply", "plan.yaml", "--yes", "--store", project.path("other.db"))
            words = output.replace("\n  ", " ")
            file = words.split("its claim ")[1].split(")")[0]
            ends(project)
            status, output = project.run("abandon", "last", "--yes")
            expect(status == 0 and not os.path.exists(file), status, output, file)
        make(file)
        status, output = project.run("apply", "plan.yaml", "--yes", "--store", project.path("other.db"))
        expect(status == 8, make, status, output)
        expect("root:" not in output and "\x1b" not in output, output)
        expect("cannot be read as a claim" in output.replace("\n  ", " "), make, output)
        before = project.text("a.ran")
        status, output = project.run("apply", "plan.yaml", "--yes", "--store", project.path("other.db"), "--take-over",
                                     "--because", "nobody runs it")
        if make is not os.mkdir:
            expect(status == 0, make, status, output)
            expect(project.text("a.ran") != before, output)
        shutil.rmtree(file, ignore_errors=True)


def who_does_not_answer_is_named(project):
    with open(project.path("b.look"), "w"):
        pass
    status, output = project.run("observe", "farm.yaml")
    expect(status != 0, output)
    expect("box/b" in output and "has not answered within 60 s" in output, output)
    expect("box/a: mark" in output or "box/a" in output, output)


def all_commands_agree_on_a_dead_run(project):
    killed_within(project)
    status = json.loads(project.run("status", "--format", "json")[1])
    runs = json.loads(project.run("runs", "--format", "json")[1])["runs"]
    expect(status["outcome"] == runs[0]["outcome"] == "process gone", status, runs)
    expect(status["steps"][0]["state"] == "not known" and "held_by" not in status, status)
    log = project.run("log")[1].splitlines()
    expect(log[-1].startswith("  -- what became of `one` is not known: it was under way when its process ended"), log)
    for words in (["apply", "plan.yaml", "--yes"],):
        code, output = project.run(*words)
        expect(code == 8 and "its process is gone" in output.replace("\n ", ""), code, output)
    code, output = project.run("abandon", "last", "--yes", "--because", "it is late")
    expect(code == 0 and "nobody has seen the end of `one`" in output.replace("\n ", ""), code, output)
    status = json.loads(project.run("status", "--format", "json")[1])
    expect(status["outcome"] == "given up" and status["next"] == [], status)
    expect(status["steps"][0]["state"] == "not known", status)
    for words in (["resume", "last"], ["rollback", "last", "--yes"]):
        code, output = project.run(*words)
        expect(code == 1 and "is given up: nothing goes on with it" in output, code, output)
    code, output = project.run("abandon", "last", "--yes")
    expect(code == 0 and "is given up already: it locks no farm" in output, code, output)
    code, output = project.run("log", "--verify")
    expect(code == 0, output)


def what_is_printed_is_there_at_once(project):
    """Whoever follows a run through a pipe or a file reads each line when it is printed, not when a buffer is full."""
    project.touch("a.wait")
    child = subprocess.Popen([TOOL, "apply", "plan.yaml", "--yes", "--format", "json"], cwd=project.project, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    project.children.append(child)
    seen = []
    reader = threading.Thread(target=lambda: seen.extend(iter(child.stdout.readline, "")))
    reader.start()
    project.began("one\n")
    try:
        project.until(lambda: any('"step_started"' in line for line in seen), "the line that says that the step began")
    finally:
        os.remove(project.path("a.wait"))
        child.wait(timeout=SECONDS)
        reader.join()


def a_folder_of_jobs_holds_what_nobody_made(project):
    """A link or a pipe in the place of a file of ours: it is not followed, not written to, and nobody waits for it."""
    victim = project.path("victim")
    tries = ((".place", os.mkfifo, ".place` cannot be written"),
             (".place", lambda file: os.symlink(victim, file), ".place` cannot be written"),
             (f".keeper.{os.getuid()}", os.mkfifo, None),
             (f".keeper.{os.getuid()}", lambda file: os.symlink(victim, file), None),
             (f".open.{os.getuid()}", os.mkfifo, None),
             (f".open.{os.getuid()}", os.mkdir, None),
             (f".open.{os.getuid()}", lambda file: os.symlink(victim, file), None))
    with open(f"{project.project}/farm.yaml") as file:
        farm = file.read()
    for number, (name, make, word) in enumerate(tries):
        # A folder for each try: the keeper of the one before may still write into its own.
        jobs = project.path(f"jobs{number}")
        with open(f"{project.project}/farm.yaml", "w") as file:
            file.write(farm.replace(project.path("jobs"), jobs))
        os.mkdir(jobs, 0o700)
        open(victim, "w").close()
        make(f"{jobs}/{name}")
        code, output = project.run("apply", "plan.yaml", "--yes")
        expect(open(victim).read() == "", name, "was written through")
        if word is None:
            expect(code == 0, name, output)
            os.remove(project.path("a"))
        else:
            expect(code != 0 and word in output.replace("\n ", "").replace("\n", ""), name, code, output)
            project.run("abandon", "last", "--yes")


def what_cannot_be_a_text_is_refused(project):
    code, output = project.run("apply", "plan.yaml", "--yes", "--set", "text=a\udcff")
    expect(code == 2 and "holds bytes that are no UTF-8" in output.replace("\n ", ""), code, output)


def with_secret(project, source):
    with open(f"{project.project}/farm.yaml") as file:
        farm = file.read()
    with open(f"{project.project}/farm.yaml", "w") as file:
        file.write(farm.split("secrets:")[0].split("boxes:")[0] + f"secrets: {{pw: {source}}}\nboxes:" +
                   farm.split("boxes:")[1])


def a_secret_by_a_relative_path_is_one_of_the_project(project):
    """Wherever one stands, and also when the run is resumed from elsewhere."""
    with_secret(project, "{file: pw}")
    for where, text in ((project.project, "right"), (project.folder, "")):
        with open(f"{where}/pw", "w") as file:
            file.write(text)
        os.chmod(f"{where}/pw", 0o600)
    project.touch("a.wait")
    child = project.start("apply", "proj/plan.yaml", "--yes", cwd=project.folder)
    project.began("one\n")
    child.kill()
    child.wait()
    os.remove(project.path("a.wait"))
    code, output = project.run("resume", "last", "--store", "proj/.pvsplan/state.db", cwd=project.folder)
    expect(code == 0, code, output)


def whoever_waits_for_a_secret_can_stop(project):
    with_secret(project, "{command: [sleep, '600']}")
    for words in (["apply", "plan.yaml", "--yes"], ["observe", "farm.yaml"]):
        child = project.start(*words)
        project.until(lambda: "sleep" in children_of(child.pid), "the program that is asked")
        child.send_signal(signal.SIGTERM)
        output, _ = child.communicate(timeout=SECONDS)
        expect(child.returncode == 143 and "interrupted; nothing was done" in output, child.returncode, output)
    expect(project.text("a.ran") == "", "a step ran")


def children_of(pid):
    names = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            for child in open(f"/proc/{pid}/task/{thread}/children").read().split():
                names.append(open(f"/proc/{child}/comm").read().strip())
        except (FileNotFoundError, ProcessLookupError):  # it ends while it is looked at
            pass
    return names


CASES = (
    (all_commands_agree_on_a_dead_run, {}),
    (what_is_printed_is_there_at_once, {}),
    (a_folder_of_jobs_holds_what_nobody_made, {}),
    (what_cannot_be_a_text_is_refused, {}),
    (a_secret_by_a_relative_path_is_one_of_the_project, {}),
    (whoever_waits_for_a_secret_can_stop, {}),
    (one_run_at_a_time, {}),
    (a_run_that_is_not_over_keeps_its_leases, {}),
    (a_claim_of_a_store_that_is_gone_gives_way, {}),
    (a_claim_of_a_store_that_may_come_back_stays, {}),
    (a_store_that_was_put_back_frees_no_farm, {}),
    (another_home_finds_the_job, {"connect": "{over: local}"}),
    (a_job_whose_folder_is_gone_is_in_doubt, {}),
    (another_folder_of_jobs_says_nothing, {}),
    (while_it_lives_no_other_attempt_begins, {}),
    (a_kill_ends_all_of_it, {}),
    (a_timeout_may_kill, {"timeout": ", timeout: {after: 30s, then: kill}"}),
    (who_printed_on_is_bounded, {}),
    (a_claim_is_taken_over, {}),
    (what_cannot_be_read_as_a_claim_is_one, {}),
    (who_does_not_answer_is_named, {"boxes": "abc"}),
)


def main():
    wrong = []
    wanted = sys.argv[2:]

    def run(case, how):
        project = Project(**how)
        try:
            case(project)
        except Exception as error:  # of the case, to be told with the others
            wrong.append(f"{case.__name__}: {error}")
        finally:
            project.close()

    threads = [threading.Thread(target=run, args=one) for one in CASES if not wanted or one[0].__name__ in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n\n".join(wrong) or f"{len(threads)} cases")
    return 1 if wrong else 0


sys.exit(main())

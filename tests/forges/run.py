#!/usr/bin/env python3
"""What a pull request is told of its plans: the steps of the action and of the files that `init --ci` writes, under bash, against
forges on loopback. Three pushes, no permission, no change, a text that is too long, and plans that would have the forge do something.

    run.py PVSPLAN
"""
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import yaml

from forge import TOKEN, Azure, GitHub, GitLab, Store
from odd import odd_answers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FORGES = ROOT / "runtime" / "forges"
PVSPLAN = pathlib.Path(sys.argv[1]).resolve()
PLAN = "rolling-upgrade.plan.yaml"
sys.dont_write_bytecode = True
sys.path.insert(0, str(FORGES))
import text  # noqa: E402

wrong = []


def check(holds, *what):
    if not holds:
        wrong.append(" ".join(str(part) for part in what))


class Repository:
    """What a job has checked out: a plan, its farm, and `origin/main`, from which the change comes."""

    def __init__(self, folder):
        self.folder = folder / "repository"
        self.temporary = folder
        shutil.copytree(ROOT / "plans" / "farms", self.folder / "farms")
        shutil.copy(ROOT / "plans" / PLAN, self.folder)
        self.programs = folder / "bin"
        self.programs.mkdir()
        (self.programs / "pvsplan").symlink_to(PVSPLAN)
        (self.programs / "pvsplan-review").symlink_to(FORGES / "review.py")
        self.git("init", "-q", "-b", "main", ".")
        self.commit("first")
        self.base = self.git("rev-parse", "HEAD").strip()
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")

    def git(self, *words):
        return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.invalid", *words], cwd=self.folder, check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def commit(self, why):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", why)

    def push(self, before, after):
        """A commit that puts `after` in the place of `before`."""
        plan = self.folder / PLAN
        assert before in plan.read_text()
        plan.write_text(plan.read_text().replace(before, after))
        self.commit(after)

    def bash(self, script, environment):
        """The script as a runner starts it, in the environment of a job and no other."""
        clean = {"PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": str(self.temporary), "LANG": "C.UTF-8"}
        return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=self.folder, text=True,
                              env={**clean, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=300, check=False)


# ---- what a job runs ----------------------------------------------------------------------------------------------------

def valued(expression, contexts):
    """A value of a workflow in which expressions stand for names of contexts."""
    def value(found):
        name = found[1].strip()
        assert name in contexts, f"an expression that the test does not know: {name}"
        return contexts[name]
    return re.sub(r"\$\{\{(.*?)\}\}", value, str(expression))


def run_action(repository, environment, **inputs):
    """The `run:` steps of action.yml, one after another, as GitHub runs a composite action."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    contexts = {"github.token": environment["GITHUB_TOKEN"]}
    for name, declared in action["inputs"].items():
        contexts[f"inputs.{name}"] = valued(inputs.get(name, declared["default"]), contexts)
    for file in ("GITHUB_OUTPUT", "GITHUB_ENV"):
        pathlib.Path(environment[file]).write_text("")
    done = None
    contexts["steps.program.outputs.path"] = ""
    for step in action["runs"]["steps"]:
        if "uses" in step or (step["id"] == "program" and environment["GITHUB_EVENT_NAME"] == "workflow_run"):
            continue
        assert step["shell"] == "bash" and "${{" not in step["run"], "an expression within a script is a way in"
        given = {name: valued(value, contexts) for name, value in step["env"].items()}
        done = repository.bash(step["run"], {**environment, **given, "GITHUB_ACTION_PATH": str(ROOT)})
        written = pathlib.Path(environment["GITHUB_OUTPUT"]).read_text()
        for line in written.splitlines():
            name, _, value = line.partition("=")
            contexts[f"steps.{step['id']}.outputs.{name}"] = value
        if done.returncode != 0:
            break
    check(pathlib.Path(environment["GITHUB_ENV"]).read_text() == "", "something was written to GITHUB_ENV")
    return done


def steps_of(repository, service):
    """The script of the file that `init --ci` writes, as one text."""
    folder = repository.temporary / f"init-{service}"
    if not folder.exists():
        subprocess.run([PVSPLAN, "init", folder, "--ci", service, "--no-input"], check=True, capture_output=True)
    path = {"github": ".github/workflows/plans.yml", "gitlab": ".gitlab-ci.yml", "azure": "azure-pipelines.yml"}[service]
    file = yaml.safe_load((folder / path).read_text())
    if service == "github":
        return "\n".join(step["run"] for step in file["jobs"]["review"]["steps"] if "run" in step)
    return "\n".join(file["plans"]["script"] if service == "gitlab" else
                     [step["script"] for step in file["steps"] if "script" in step])


def run_init(service):
    return lambda repository, environment: repository.bash(steps_of(repository, service), environment)


JOBS = {
    "the action on GitHub": (GitHub, lambda repository, environment: run_action(repository, environment, pvsplan="pvsplan")),
    "the file of `init` on GitHub": (GitHub, run_init("github")),
    "the file of `init` on GitLab": (GitLab, run_init("gitlab")),
    "the file of `init` on Azure": (Azure, run_init("azure")),
}


def writes_of(forge):
    return [method for method, _, _ in forge.writes]


def summary(repository, done):
    kept = [repository.temporary / "summary.md", repository.temporary / "pvsplan-review.md", repository.folder / "pvsplan-review.md"]
    return done.stdout + "".join(path.read_text() for path in kept if path.exists())


# ---- what is promised ---------------------------------------------------------------------------------------------------

def three_pushes(job, make, run):
    with tempfile.TemporaryDirectory() as name, make() as forge:
        repository = Repository(pathlib.Path(name))
        environment = forge.environment(repository.temporary, repository.base)
        forge.failures = 0
        done = run(repository, environment)
        check(done.returncode == 0 and forge.writes == [], job, "nothing has changed, yet", done.returncode, done.stderr, forge.writes)
        repository.push("at_most: 1", "at_most: 2")
        done = run(repository, environment)
        first = forge.said()
        check(done.returncode == 1, job, "a violated requirement ends with", done.returncode, done.stdout[-400:], done.stderr)
        check(first and "2 requirements now violated" in first and "PV4005" in first, job, "said of it:", first)
        repository.push("at_most: 2", "at_most: 3")
        run(repository, environment)
        check(forge.said() != first, job, "the second push is not told")
        before = len(forge.writes)
        run(repository, environment)
        check(len(forge.writes) == before, job, "the same push again writes", forge.writes[before:])
        repository.push("at_most: 3", "at_most: 1")
        done = run(repository, environment)
        check(done.returncode == 0 and "Nothing changes" in forge.said(), job, "mended:", done.returncode, forge.said())
        posts = writes_of(forge).count("POST")
        texts = [body for method, path, body in forge.writes if method != "POST" and ("body" in body or "content" in body)]
        check(posts == 1 and len(texts) == 2, job, "three pushes wrote", writes_of(forge))
        if make is not GitHub:
            check(not forge.is_open(), job, "the thread is not resolved where nothing changes")


def a_thread_that_somebody_resolved(job, make, run):
    with tempfile.TemporaryDirectory() as name, make() as forge:
        repository = Repository(pathlib.Path(name))
        environment = forge.environment(repository.temporary, repository.base)
        repository.push("at_most: 1", "at_most: 2")
        run(repository, environment)
        forge.close()
        run(repository, environment)
        check(not forge.is_open(), job, "opens again what somebody has resolved")
        repository.push("at_most: 2", "at_most: 3")
        run(repository, environment)
        check(forge.is_open(), job, "stays resolved although it says something new")


def no_permission(job, make, run):
    with tempfile.TemporaryDirectory() as name, make() as forge:
        repository = Repository(pathlib.Path(name))
        environment = forge.environment(repository.temporary, repository.base)
        repository.push("at_most: all", "at_most: 3")
        forge.may_write = False
        done = run(repository, environment)
        check(done.returncode == 0 and forge.refused, job, "where it may not comment", done.returncode, done.stderr)
        check("No comment is written" in done.stdout and "### `" in summary(repository, done), job, "no summary:", done.stdout)
        for token in ("GITHUB_TOKEN", "PVSPLAN_TOKEN", "SYSTEM_ACCESSTOKEN"):
            environment.pop(token, None)
        if make is not GitHub or "init" in job:
            done = run(repository, environment)
            check(done.returncode == 0 and "no token" in done.stdout, job, "without a token", done.returncode, done.stdout)


def a_forge_that_fails(job, make, run):
    with tempfile.TemporaryDirectory() as name, make() as forge:
        repository = Repository(pathlib.Path(name))
        repository.push("at_most: 1", "at_most: 2")
        forge.failures = 1
        done = run(repository, forge.environment(repository.temporary, repository.base))
        check(done.returncode == 1 and forge.said(), job, "gives up at once", done.returncode, done.stderr)


def no_history(job, make, run):
    with tempfile.TemporaryDirectory() as name, make() as forge:
        repository = Repository(pathlib.Path(name))
        nowhere = "##vso[task.complete]##[error]x\n::error::x"
        environment = forge.environment(repository.temporary, nowhere)
        environment.update({"SYSTEM_PULLREQUEST_TARGETBRANCH": nowhere} if make is Azure else {})
        done = run(repository, environment)
        check(not commands(done.stdout + done.stderr), job, "a runner acts on", done.stderr)
        check(done.returncode == 2 and "whole history" in done.stderr and not forge.writes, job, "a base that is not there",
              done.returncode, done.stderr)


def a_layout(job, make, run):
    """Of a module, too, whatever its file is called; other YAML is somebody else's."""
    with tempfile.TemporaryDirectory() as name, make() as forge:
        repository = Repository(pathlib.Path(name))
        (repository.folder / "site.yaml").write_text("module:    site\n")
        (repository.folder / "compose.yaml").write_text("services:\n    db:    {image: x}\n")
        repository.commit("a module")
        done = run(repository, forge.environment(repository.temporary, repository.base))
        said = forge.said() or ""
        check(done.returncode == 1 and "site.yaml" in said and "compose" not in said, job, "a layout", done.returncode, said, done.stderr)


# Forges and runners do something on each of these.
WAYS_IN = ["@contoso/admins", "<img src=x>", "<!-- pvsplan review -->", "[a](https://x.invalid)", "![a](//x.invalid)", "#12", "!12",
           "GH-12", "www.x.invalid", "/close", "##vso[task.setvariable variable=a]b", "##[error]x", "::set-output name=a::b",
           "::stop-commands::x", "`id`", "$(touch pwned)", "```", "</details>", "%0A::error::x", "\u202egnp.exe"]
NAMES = ["$(touch pwned).plan.yaml", "`touch pwned`.plan.yaml", "--fix.plan.yaml", "x';touch pwned;'.plan.yaml",
         "a\n::error::x.plan.yaml", b"\xff\xfe.plan.yaml".decode(errors="surrogateescape"), "##vso[task.complete]@admins.plan.yaml"]


def hostile(repository):
    plan = (ROOT / "plans" / PLAN).read_text()
    for number, name in enumerate(NAMES):
        way = f"{WAYS_IN[number % len(WAYS_IN)]}"
        text_of_plan = re.sub(r"^(summary: ).*$", lambda found: found[1] + json.dumps(way), plan, count=1, flags=re.M)
        (repository.folder / name).write_text(text_of_plan)
    named = "\n".join(f"  - {{name: {json.dumps(way)}, require: \"always at most 0 down(server)\", because: {json.dumps(way)}}}"
                      for way in WAYS_IN)
    (repository.folder / "ways.plan.yaml").write_text(plan.rstrip() + "\n\ninvariants:\n" + named + "\n")
    # What the environment of the job and git hold is nobody's to read.
    (repository.folder / "environment.plan.yaml").symlink_to("/proc/self/environ")
    (repository.folder / "link.plan.yaml").symlink_to(".git/config")
    (repository.folder / "config.plan.yaml").write_text("plan: config\nfarm: ./.git/config\nuses: [./.git/config]\n")
    repository.git("config", "http.extraheader", f"AUTHORIZATION: basic {TOKEN}")
    repository.commit("/close @contoso/admins")


def acts(markdown):
    """What a forge would do on it."""
    kept = markdown.removeprefix(text.MARKER)
    return re.findall(r"@\w.*|<(?!br>)[!/a-zA-Z].*|\]\(.*|:\/\/.*|www\..*|[#!]\d.*|GH-\d.*|^\s*/\w.*", kept, re.M)


def commands(log):
    """What a runner would do on it, but for what pvsplan says to it: a runner takes the first command of a line, and no other."""
    ours = re.compile(r"::(error|warning|notice) (file=[^\n:,]*,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,)?title=(PV\d{4}|pvsplan)::"
                      r"|##vso\[task\.logissue type=(error|warning);[^\]\n]*\]|##vso\[task\.uploadsummary\]/")
    return [line for line in log.split("\n") if not ours.match(line)
            and (line.lstrip().startswith("::") or "##vso[" in line or "##[" in line)]


def plans_of_a_stranger(job, make, run):
    with tempfile.TemporaryDirectory() as name, make() as forge:
        repository = Repository(pathlib.Path(name))
        hostile(repository)
        done = run(repository, forge.environment(repository.temporary, repository.base))
        said = forge.said()
        check(done.returncode == 1 and said, job, "a stranger's plans", done.returncode, done.stderr[-800:])
        check(not acts(said or ""), job, "a forge acts on", acts(said or "")[:3])
        check(not acts(re.sub(re.escape(text.MARKER), "", summary(repository, done)[len(done.stdout):])), job, "a summary acts")
        check(not commands(done.stdout + done.stderr), job, "a runner acts on", commands(done.stdout + done.stderr)[:3])
        check(TOKEN not in (said or "") + summary(repository, done) + done.stderr, job, "a token is told")
        check(not list(repository.temporary.rglob("pwned*")), job, "a name was run")
        check(repository.git("status", "--porcelain", "--untracked-files=no") == "", job, "a file was changed")


def many_plans(job, make, run):
    """More than fits into a comment of GitHub: whole sections are left out."""
    with tempfile.TemporaryDirectory() as name, make() as forge:
        repository = Repository(pathlib.Path(name))
        deep = repository.folder / "/".join(["x" * 250] * 6)
        shutil.copytree(repository.folder / "farms", deep / "farms")
        for number in range(40):
            shutil.copy(ROOT / "plans" / PLAN, deep / f"{number}.plan.yaml")
        repository.commit("many")
        done = run(repository, forge.environment(repository.temporary, repository.base))
        said = forge.said()
        check(done.returncode == 0 and said, job, "many plans", done.returncode, done.stderr[-400:])
        check(len(said) <= forge.limit and "sections are too long for a comment" in said, job, "leaves out", len(said), said[-200:])
        check(said.count("| expected time |") == said.count("the plan is new"), job, "a section is not whole")


def fits():
    sections = [f"### {n}\n\n" + "\U0001f40d" * 20_000 + "\nend\n" for n in range(40)]
    for limit in (65_536, 150_000, 1_000_000):
        said = text.fitted("head\n", sections, limit)
        check(text.length(said) <= limit and said.count("end\n") == (limit - 200) // 40_020, "fitted", limit, text.length(said))
    check(text.fitted("head\n", ["### a\n"], 100) == "head\n\n### a\n", "what fits is all there")
    check(text.sections_of("### a\n```text\n### b\n```\n### c\n") == ["### a\n```text\n### b\n```\n", "### c\n"], "sections")
    for way in WAYS_IN:
        once = text.inert(way)
        check(not acts(once) and text.inert(once).replace(text.BREAK, "") == once.replace(text.BREAK, ""), "inert", way)


# ---- the two workflows for forks ----------------------------------------------------------------------------------------

def archived(said, name="review.md", how=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", how) as archive:
        archive.writestr(name, said)
    return data.getvalue()


def two_workflows():
    """A run without permission leaves a review; one with it comments that."""
    with tempfile.TemporaryDirectory() as name, GitHub() as forge:
        repository = Repository(pathlib.Path(name))
        environment = forge.environment(repository.temporary, repository.base)
        repository.push("at_most: 1", "at_most: 2")
        done = run_action(repository, environment, pvsplan="pvsplan", leave="true")
        left = repository.temporary / "pvsplan-review" / "review.md"
        check(done.returncode == 1 and forge.writes == [] and left.exists(), "leave", done.returncode, done.stderr, forge.writes)
        said = left.read_text()

        forge.archives = {1: archived("an older one"), 3: archived(said)}
        with Store(forge.archives) as store:
            forge.store = store
            done = after_run(repository, forge)
            check(done.returncode == 0 and "2 requirements now violated" in (forge.said() or ""), "posted", done.returncode,
                  done.stderr, forge.said())
            check(store.tokens == [], "the token was sent on", store.tokens)
            after_run(repository, forge)
            check(writes_of(forge) == ["POST"], "posted again", writes_of(forge))
            forge.archives[4] = archived("")
            after_run(repository, forge)
            check("Nothing changes" in forge.said(), "where nothing changes any more", forge.said())


def after_run(repository, forge, sha="5ha"):
    """What the second workflow runs, in a folder with nothing in it."""
    environment = forge.environment(repository.temporary, "")
    head = {"id": 5, "full_name": "stranger/farm", "owner": {"login": "stranger"}}
    event = {"workflow_run": {"id": 42, "event": "pull_request", "head_branch": "a&b=c#$(id)", "head_sha": sha, "head_repository": head}}
    pathlib.Path(environment["GITHUB_EVENT_PATH"]).write_text(json.dumps(event))
    label = "stranger:a&b=c#$(id)"
    forge.pulls = [{"number": 6, "head": {"label": label, "sha": "0ld", "repo": {"id": 5}}},
                   {"number": 8, "head": {"label": label, "sha": "5ha", "repo": None}},
                   {"number": 7, "head": {"label": label, "sha": "5ha", "repo": {"id": 5}}}]
    return run_action(repository, {**environment, "GITHUB_EVENT_NAME": "workflow_run"})


def what_a_run_leaves(repository):
    """Nothing of it is believed."""
    lies = {
        "too long": (archived("x" * (2 << 20)), "no review"),
        "much too long": (b"P" * (3 << 20), "no review"),
        "no archive": (b"PK\3\4 and no more", "no review"),
        "another file": (archived("x", "../../review.md"), "no review"),
        "another way to pack": (archived("x", how=zipfile.ZIP_LZMA), "no review"),
        "ways in": (archived("\n".join(WAYS_IN)), "As the run of the pull request said"),
        "a long one": (archived("### a\n" + "x" * 60_000 + "\n### b\n" + "y" * 60_000), "1 more section is too long"),
        "no text": (archived(b"\xff\xfe\0\x1b[2J"), "As the run of the pull request said"),
    }
    for what, (archive, expected) in lies.items():
        with GitHub() as forge, Store(forge.archives) as store:
            forge.archives[1], forge.store = archive, store
            done = after_run(repository, forge)
            said = (forge.said() or "").removeprefix(text.MARKER)
            check(done.returncode == 0 and expected in said, what, done.returncode, done.stderr, said[:300])
            check(not acts(said) and "\x1b" not in said, what, "a forge acts on", acts(said)[:3])
            check(not commands(done.stdout + done.stderr), what, "a runner acts")
    for files, expected in ((["a.plan.yaml"] * 150 + [".github/workflows/plans.yml"], "it changes `.github/`"),
                            ([".github/dependabot.yml"], None)):
        with GitHub() as forge, Store(forge.archives) as store:
            forge.archives[1], forge.files, forge.store = archived("all is well"), files, store
            done = after_run(repository, forge)
            check(done.returncode == 0 and (expected in forge.said() if expected else forge.said() is None), files[-1],
                  done.returncode, done.stderr, forge.said())
    with GitHub() as forge:  # it was pushed once more
        done = after_run(repository, forge, "0th3r")
        check(done.returncode == 0 and not forge.writes, "an older run", done.returncode, done.stderr, forge.writes)


# ---- how the action comes to its program --------------------------------------------------------------------------------

def where_the_program_is_from():
    with tempfile.TemporaryDirectory() as name:
        repository = Repository(pathlib.Path(name))
        package = repository.temporary / "pvsplan.deb"
        package.write_bytes(b"a package")
        calls = repository.temporary / "calls"
        for program in ("apt-get", "sudo"):
            stub = repository.programs / program
            stub.write_text(f'#!/bin/sh\n[ {program} = sudo ] && {{ shift; exec "$@"; }}\necho "$@" >> "{calls}"\n')
            stub.chmod(0o755)
        digest = subprocess.run(["sha256sum", package], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[0]

        def program(**given):
            return repository.bash(f'bash "{FORGES}/program.sh"', given)

        done = program(PVSPLAN="pvsplan")
        check(done.stdout == f"{repository.programs}/pvsplan\n", "installed already", done.stdout, done.stderr)
        for given, why in (({"PVSPLAN": "no-such-program"}, "there is no program"), ({"PACKAGE": str(package)}, "sha256"),
                           ({"PACKAGE": str(package), "SHA256": "0" * 64}, "another digest"),
                           ({"PACKAGE": "http://x.invalid/a.deb", "SHA256": digest}, "https")):
            done = program(**given)
            check(done.returncode == 1 and why in done.stderr and not calls.exists(), given, done.returncode, done.stderr)
        done = program(PACKAGE=str(package), SHA256=digest)
        check(done.stdout == "/usr/bin/pvsplan\n" and "install" in calls.read_text(), "a package", done.stdout, done.stderr)


for job, (make, run) in JOBS.items():
    three_pushes(job, make, run)
    no_permission(job, make, run)
    plans_of_a_stranger(job, make, run)
    no_history(job, make, run)
    a_layout(job, make, run)
    if job == "the file of `init` on GitHub":
        many_plans(job, make, run)
        a_forge_that_fails(job, make, run)
    if make is not GitHub:
        a_thread_that_somebody_resolved(job, make, run)
fits()
odd_answers(check)
two_workflows()
with tempfile.TemporaryDirectory() as empty:
    what_a_run_leaves(Repository(pathlib.Path(empty)))
where_the_program_is_from()
for line in wrong:
    print(line, file=sys.stderr)
sys.exit(1 if wrong else 0)

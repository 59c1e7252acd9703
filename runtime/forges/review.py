#!/usr/bin/python3 -EsB
"""Proves the plans of a change, and says on its pull request what changes in what will happen.

In a job of GitHub Actions, GitLab CI or Azure Pipelines it finds by itself what is reviewed, and writes one comment that later
runs update; anywhere else it prints. It reads the plans and git's objects: nothing of the change is run. Ends with 0 where every
plan is proved and laid out, with 1 where one is not, with 2 where that cannot be told.
"""
import argparse
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import rest  # noqa: E402
import text  # noqa: E402
from azure import Azure  # noqa: E402
from github import GitHub  # noqa: E402
from gitlab import GitLab  # noqa: E402

FORGES = {"GITHUB_ACTIONS": GitHub, "GITLAB_CI": GitLab, "TF_BUILD": Azure}
PLANS = ["*.plan.yaml", "*.plan.yml"]
YAML = ["*.yaml", "*.yml"]
# What `format.sh` looks for, too: the first key of a plan, farm, module or policy. Other YAML is somebody else's.
OURS = re.compile(rb"^(?:\xef\xbb\xbf)?[\"']?(?:plan|farm|module|policy)[\"']? *:", re.MULTILINE)
MAX_BYTES = 1 << 20  # that are looked at of a file
TITLE = "## What changes in the plans\n"
SECONDS = 1200  # for a question to pvsplan
MAX_ERRORS = 20


class Unknown(Exception):
    """What cannot be told is never taken for fine."""


class Nowhere:
    """No forge: what is said is printed."""
    limit = 1_000_000
    annotations = "text"
    report = None
    has_token = False

    def base(self):
        return None

    def change(self):
        return None

    def summarize(self, said):
        print(said.removeprefix(text.MARKER + "\n"), end="")


class Review:
    """Of the plans in the work tree and, where it is known what they come from, of the change."""

    def __init__(self, pvsplan, base):
        self.pvsplan = pvsplan
        self.base = base
        self.head = ""
        self.sections = []
        self.is_wrong = False

    def is_silent(self):
        return not self.head and not self.sections

    def markdown(self):
        return self.head + "\n" + "\n".join(self.sections) if not self.is_silent() else ""

    def ask(self, *words, statuses):
        done = run([self.pvsplan, *words])
        if done.returncode not in statuses:
            raise Unknown(f"`pvsplan {words[0]}` ended with {done.returncode}\n{done.stderr}")
        return done

    def make(self, forge):
        plans = tracked(PLANS)
        if not plans:
            raise Unknown("no file here is called `*.plan.yaml`, so there is nothing to review")
        self._validate(plans, forge)
        self._layout()
        if self.base:
            self._compare()

    def _validate(self, plans, forge):
        done = self.ask("validate", "--no-color", "--format", forge.annotations, "--", *plans, statuses=(0, 3))
        if forge.report:
            with open(forge.report, "w", encoding="utf-8") as file:
                file.write(done.stdout)
        else:
            print(done.stdout, end="" if done.stdout.endswith("\n") else "\n", flush=True)
        if done.returncode == 0:
            return
        self.is_wrong = True
        self.head += "\n**`pvsplan validate` refuses a plan.**\n"
        said = self.ask("validate", "--format", "json", "--", *plans, statuses=(3,))
        self.sections.append("### What is wrong\n\n" + text.fenced("\n".join(errors_of(json.loads(said.stdout)))))

    def _layout(self):
        documents = list(filter(is_ours, tracked(YAML)))
        if not documents:
            return
        done = self.ask("fmt", "--check", "--no-color", "--", *documents, statuses=(0, 1, 3))
        if done.returncode == 0:
            return
        self.is_wrong = True
        self.head += "\n**The layout of a file is not that of `pvsplan fmt`.**\n"
        self.sections.append("### Layout\n\n" + text.fenced(done.stdout + done.stderr))

    def _compare(self):
        done = self.ask("diff", "--no-color", "--format", "markdown", "--exit-code", "--", f"{self.base}...HEAD",
                        statuses=(0, 1, 2, 3))
        if done.returncode == 2:
            raise Unknown(done.stderr.removeprefix("error: ") + "the job has to fetch the whole history, that of both sides")
        if done.returncode != 0:
            self.sections = text.sections_of(done.stdout) + self.sections


class Left(Review):
    """What the run of a pull request left, told by one that may comment. None of it is believed."""

    def __init__(self, forge):
        super().__init__(None, None)
        said, why = forge.left()
        if said is None:
            self.head = f"\npvsplan says nothing of this change: {why}.\n"
        elif said.strip():
            self.head = "\nAs the run of the pull request said:\n"
            self.sections = text.sections_of(said)


def errors_of(validated):
    """A line an error, a file that several plans read once."""
    lines = []
    for plan in validated.get("plans", [validated]):
        for found in plan["diagnostics"]:
            place = found.get("range", {}).get("start", {})
            where = f"{found['file']}:{place['line']}:{place['column']}" if place else plan["plan"]
            line = f"{where}: {found['code']}: {found['message']}"
            if found["severity"] == "error" and line not in lines:
                lines.append(line)
    more = len(lines) - MAX_ERRORS
    return lines[:MAX_ERRORS] + ([f"... and {more} more"] if more > 0 else [])


def run(words, errors="replace"):
    # A token is nothing that a plan could ask for.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    if forge_names():
        # In a container the folder is another user's, which git refuses; what is asked here runs nothing that is in it.
        environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    try:
        return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              encoding="utf-8", errors=errors, env=environment, timeout=SECONDS, check=False)
    except OSError as error:
        raise Unknown(f"`{words[0]}` cannot be started: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Unknown(f"`{words[0]}` has not answered for {SECONDS} s") from error


def is_ours(path):
    """Whether a file of the work tree is one whose layout `pvsplan fmt` sets; what a stranger's link leads to is not looked at."""
    if os.path.islink(path) or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return OURS.search(file.read(MAX_BYTES)) is not None


def tracked(patterns):
    done = run(["git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--", *patterns], errors="surrogateescape")
    if done.returncode != 0:
        raise Unknown(f"git cannot list the files: {done.stderr}")
    return [path for path in done.stdout.split("\0") if path]


def body_of(review, limit):
    if review.is_silent():
        return f"{text.MARKER}\n{TITLE}\nNothing changes in what will happen.\n"
    head = f"{text.MARKER}\n{TITLE}{text.inert(review.head)}"
    return text.fitted(head, [text.inert(section) for section in review.sections], limit)


def comment(forge, review):
    """Where nothing changes none is begun, and one that is there says so."""
    if forge.change() is None:
        return
    if not forge.has_token:
        print("No comment is written: this job was given no token. Its summary has what there is to say.")
        return
    try:
        rest.again(lambda: forge.tell(body_of(review, forge.limit), review.is_silent()))
    except rest.Refused as refused:
        print(text.logged(f"No comment is written: its token may not ({refused}). Its summary has what there is to say."))


def forge_names():
    return [name for name in FORGES if os.environ.get(name, "").lower() == "true"]


def main():
    parser = argparse.ArgumentParser(prog="pvsplan-review", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pvsplan", metavar="PROGRAM", default="pvsplan", help="the program to ask (default: the one in PATH)")
    parser.add_argument("--base", metavar="REVISION", help="what the change is compared with (default: what the forge says)")
    parser.add_argument("--leave", metavar="FILE", help="comment nothing; write the review for a run that may comment")
    arguments = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    forge = FORGES[forge_names()[0]](os.environ) if forge_names() else Nowhere()
    try:
        if isinstance(forge, GitHub) and forge.is_after_run():
            review = rest.again(lambda: Left(forge))
        else:
            review = Review(arguments.pvsplan, arguments.base or forge.base())
            review.make(forge)
        if not review.is_silent():
            forge.summarize(body_of(review, forge.limit))
        if arguments.leave:
            with open(arguments.leave, "w", encoding="utf-8") as file:
                file.write(review.markdown())
        else:
            comment(forge, review)
        return 1 if review.is_wrong else 0
    except (Unknown, rest.Failed, rest.TooLong, rest.Refused) as error:
        print(text.logged(f"error: {error}"), file=sys.stderr)
        return 2


sys.exit(main())

#!/usr/bin/env python3
"""The hooks for pre-commit, as somebody tries them: `pre-commit try-repo` in a repository with a plan, on what is staged.

    hooks.py PVSPLAN
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from skip import skip  # noqa: E402

PVSPLAN = pathlib.Path(sys.argv[1]).resolve()
wrong = []


def check(holds, *what):
    if not holds:
        wrong.append(" ".join(str(part) for part in what))


class Repository:
    def __init__(self, folder):
        self.folder = folder / "site"
        shutil.copytree(ROOT / "plans" / "farms", self.folder / "farms")
        shutil.copy(ROOT / "plans" / "rolling-upgrade.plan.yaml", self.folder)
        programs = folder / "bin"
        programs.mkdir()
        (programs / "pvsplan").symlink_to(PVSPLAN)
        self.environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(folder), "LANG": "C.UTF-8",
                            "PRE_COMMIT_HOME": str(folder / "cache")}
        # What is tried is the tree as it is, without its history: pre-commit clones it.
        self.hooks = folder / "hooks"
        self.hooks.mkdir()
        for name in (".pre-commit-hooks.yaml", "runtime/forges/staged.sh", "runtime/forges/format.sh"):
            (self.hooks / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.hooks / name)
        for repository in (self.hooks, self.folder):
            self.git("init", "-q", "-b", "main", ".", at=repository)
            self.git("add", ".", at=repository)
            self.git("commit", "-qm", "first", at=repository)

    def run(self, *words, at=None):
        return subprocess.run(words, cwd=at or self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300, check=False)

    def git(self, *words, at=None):
        done = self.run("git", "-c", "user.name=a", "-c", "user.email=a@b.invalid", *words, at=at)
        assert done.returncode == 0, done.stdout

    def edit(self, name, before, after):
        text = (self.folder / name).read_text()
        assert before in text
        (self.folder / name).write_text(text.replace(before, after, 1))

    def hook(self, *more):
        return self.run("pre-commit", "try-repo", self.hooks, *more)


def readme_names_what_is_there():
    """What the README tells people to write names inputs and hooks that there are."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "runtime" / "forges" / "README.md").read_text(), re.M | re.S)
    given, repositories = (yaml.safe_load(block) for block in blocks)
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    check(set(given["with"]) <= set(inputs), "the README gives the action", given)
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    check({hook["id"] for hook in repositories["repos"][0]["hooks"]} == hooks, "the README names other hooks than", hooks)


def main():
    readme_names_what_is_there()
    if not shutil.which("pre-commit"):
        skip("pre-commit is not here")
    plan, farm = "rolling-upgrade.plan.yaml", "farms/contoso.farm.yaml"
    with tempfile.TemporaryDirectory() as name:
        site = Repository(pathlib.Path(name))
        done = site.hook("--all-files")
        check(done.returncode == 0 and done.stdout.count("Passed") == 2, "what is fine", done.returncode, done.stdout)

        # What counts is staged: the plan is mended in the work tree alone, and so is nothing that is committed.
        site.edit(plan, "at_most: 1", "at_most: 2")
        site.git("add", plan)
        site.edit(plan, "at_most: 2", "at_most: 1")
        done = site.hook("pvsplan-validate")
        check(done.returncode == 1 and "PV4005" in done.stdout, "staged, and mended elsewhere", done.returncode, done.stdout)
        check("at_most: 1" in (site.folder / plan).read_text(), "the work tree has lost what was not staged")
        site.git("add", plan)

        # Nor does a file count that is not part of the commit.
        site.edit(plan, "uses: [pvs]", "uses: [pvs, ./site.yaml]")
        (site.folder / "site.yaml").write_text("module: site\n")
        site.git("add", plan)
        done = site.hook("pvsplan-validate")
        check(done.returncode == 1 and "site.yaml" in done.stdout, "a module that is not staged", done.returncode, done.stdout)
        site.git("add", "site.yaml")
        done = site.hook("pvsplan-validate")
        check(done.returncode == 0, "a module that is staged", done.returncode, done.stdout)

        site.edit(farm, "farm: ", "farm:    ")
        site.git("add", farm)
        site.edit(plan, "at_most: 1", "at_most:    1")
        done = site.hook("pvsplan-fmt")
        check(done.returncode == 1 and "files were modified" in done.stdout, "a layout", done.returncode, done.stdout)
        check("farm: contoso" in (site.folder / farm).read_text(), "the layout was not set")
        check("at_most:    1" in (site.folder / plan).read_text(), "what is not staged was given a layout")

        # A module is one whatever its file is called, and with Windows' ends of lines; YAML of somebody else is left alone.
        site.git("commit", "-qam", "so far")
        (site.folder / "site.yaml").write_bytes(b"# ours\r\nmodule:    site\r\n")
        (site.folder / "compose.yaml").write_text("services:\n    db:    {image: x}\n")
        site.git("add", "site.yaml", "compose.yaml")
        done = site.hook("pvsplan-fmt")
        check(done.returncode == 1 and (site.folder / "site.yaml").read_bytes() == b"# ours\r\nmodule: site\r\n", "a module", done.stdout)
        check("db:    {" in (site.folder / "compose.yaml").read_text(), "the layout of what is not ours was set")
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()

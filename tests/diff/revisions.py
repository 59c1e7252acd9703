#!/usr/bin/env python3
"""What `pvsplan diff` reads of git, whatever kind of repository it is asked in:

    revisions.py PVSPLAN

A bare one, its `.git` folder, a linked work tree, one that the environment names, one with SHA-256; plans in folders with
blanks and umlauts, behind links, of modules in a submodule; plans that were moved, that are new, and that are gone; one
without commits, shallow, partial, or whose configuration names programs.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from changes import FILES, L, M  # noqa: E402

WHO = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
       "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_COUNT": "1",
       "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always"}


class Test:
    def __init__(self, pvsplan, top):
        self.pvsplan, self.top, self.wrong, self.count = pvsplan, top, [], 0

    def git(self, folder, *words):
        subprocess.run(["git", "-C", str(folder), *words], check=True, env={**os.environ, **WHO}, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def commit(self, folder):
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "-qm", "x")

    def repository(self, name, files=None, where=".", *options):
        """One with a plan, and in its second revision two servers at a time."""
        files = files or FILES
        folder = self.top / name
        (folder / where).mkdir(parents=True)
        self.git(self.top, "init", "-qb", "main", *options, name)
        for file, text in files.items():
            (folder / where / file).parent.mkdir(exist_ok=True)
            (folder / where / file).write_text(text)
        return folder

    def change(self, folder, where="."):
        self.commit(folder)
        plan = folder / where / L
        plan.write_text(plan.read_text().replace("at_most: 1", "at_most: 2"))
        self.commit(folder)

    def says(self, what, folder, words, expected, status=0, **environment):
        self.count += 1
        got = subprocess.run([self.pvsplan, "-C", str(folder), "diff", *words], capture_output=True, text=True,
                             env={**os.environ, **environment})
        said = " ".join((got.stdout + got.stderr).split())
        if got.returncode != status or expected not in said:
            self.wrong.append(f"{what}: `{expected}` is not said, or it does not end with {status}: {got.returncode} {said}")

    def run(self):
        changed = f"{L}: 1 requirement now violated violated One server down"
        both = ["HEAD~1..HEAD"]
        plain = self.repository("plain")
        self.change(plain)
        self.says("plain", plain, both, changed)
        self.says("its own folder", plain / ".git", both, changed)
        self.git(self.top, "clone", "-q", "--bare", "plain", "bare")
        self.says("bare", self.top / "bare", both, changed)
        self.says("bare, a plan", self.top / "bare", [*both, "--", L], changed)
        self.says("bare, a root", self.top / "bare", [*both, "--root", "."], changed)
        self.says("bare, one revision", self.top / "bare", ["HEAD"], "name two revisions: `HEAD..OTHER`", 2)
        self.says("by the environment", self.top, both, changed, GIT_DIR=str(self.top / "bare"))
        self.git(plain, "worktree", "add", "-q", "../linked", "HEAD~1")
        self.says("linked work tree", self.top / "linked", ["main~1..main"], changed)
        self.says("linked work tree, one revision", self.top / "linked", ["main"], "One server down")
        self.says("no repository", self.top, both, "is in no repository of git", 2)
        sha256 = self.repository("sha256", None, ".", "--object-format=sha256")
        self.change(sha256)
        self.says("SHA-256", sha256, both, changed)
        self.folders()
        self.links()
        self.submodule()
        self.moved()
        self.odd()
        self.hostile()

    def folders(self):
        where = "Pläne für März"
        folder = self.repository("folders", None, where)
        self.change(folder, where)
        changed = f"{where}/{L}: 1 requirement now violated"
        for what, words in (("all", []), ("a plan", [f"{where}/{L}"]), ("a folder", [where]), ("its slash", [where + "/"]),
                            ("here", ["."])):
            self.says(f"folders, {what}", folder, ["HEAD~1..HEAD", *words], changed)
        self.says("folders, within", folder / where, ["HEAD~1..HEAD", L], changed)
        self.says("folders, no plan", folder, ["HEAD~1..HEAD", "none"], "neither side has a file `none`, or a plan below it", 2)
        self.says("folders, a revision", folder, ["HEAD~1", "HEAD"], "are compared as `HEAD~1..HEAD`", 2)

    def links(self):
        files = {k: v.replace("./shop.module", "./lib/shop.module") for k, v in FILES.items() if k != M}
        folder = self.repository("links", files)
        (folder / "modules" / "v1").mkdir(parents=True)
        (folder / "modules" / "v1" / M).write_text(FILES[M])
        (folder / "modules" / "now").symlink_to("v1")
        (folder / "lib").symlink_to("modules/now")
        self.change(folder)
        self.says("links of folders", folder, ["HEAD~1..HEAD"], "1 requirement now violated")
        (folder / "lib").unlink()
        (folder / "lib").symlink_to("../elsewhere")
        self.commit(folder)
        self.says("a link that leads out", folder, ["HEAD~1..HEAD"], "`../elsewhere/shop.module.yaml` leaves the project", 3)
        (folder / "lib").unlink()
        (folder / "lib").symlink_to("lib")
        self.commit(folder)
        self.says("a link to itself", folder, ["HEAD~2..HEAD"], "is a link to a link, and so on", 3)

    def submodule(self):
        files = {k: v.replace("./shop.module", "./lib/shop.module") for k, v in FILES.items() if k != M}
        library = self.repository("library", {M: FILES[M]})
        self.commit(library)
        folder = self.repository("with-library", files)
        self.git(folder, "submodule", "add", "-q", "../library", "lib")
        self.change(folder)
        self.says("submodule", folder, ["HEAD~1..HEAD"], "1 requirement now violated")
        self.git(self.top, "clone", "-q", "with-library", "without")
        self.says("submodule that is not here", self.top / "without", ["HEAD~1..HEAD"],
                  "`lib` is a submodule of git, whose revision", 3)

    def moved(self):
        folder = self.repository("moved")
        self.commit(folder)
        (folder / "sub").mkdir()
        for file in FILES:
            (folder / file).rename(folder / "sub" / file)
        (folder / "sub" / L).rename(folder / "sub" / "other.plan.yaml")
        self.commit(folder)
        self.says("moved", folder, ["HEAD~1..HEAD", "--exit-code"], "nothing changes")
        self.says("moved, by its old path", folder, ["HEAD~1..HEAD", L], "(was weekend.plan.yaml)")
        self.says("moved, from within", folder / "sub", ["HEAD~1", "other.plan.yaml"], "(was weekend.plan.yaml)")

    def odd(self):
        """One without commits, a detached head, a clone that is shallow or partial, line ends that git changes, a name in
        other letters, a branch that is called like a plan."""
        changed = f"{L}: 1 requirement now violated"
        empty = self.repository("empty")
        self.says("no commits", empty, ["HEAD"], "git knows no revision `HEAD`: it has no commits yet", 2)
        self.says("no commits, two revisions", empty, ["HEAD~1..HEAD"], "it has no commits yet", 2)
        folder = self.repository("odd")
        (folder / ".gitattributes").write_text("*.yaml text eol=crlf\n")
        self.change(folder)
        for file in FILES:
            (folder / file).unlink()
        self.git(folder, "checkout", "-q", "--", ".")
        if b"\r\n" not in (folder / L).read_bytes():
            self.wrong.append("line ends: git has not changed them")
        self.says("line ends", folder, ["HEAD", "--exit-code"], "nothing changes")
        self.git(folder, "checkout", "-q", "--detach", "HEAD~1")
        self.says("detached", folder, ["HEAD..main"], changed)
        self.git(folder, "checkout", "-q", "main")
        self.git(folder, "branch", L)
        self.says("a branch called like a plan", folder, [f"HEAD~1..{L}"], changed)
        self.git(self.top, "clone", "-q", "--depth", "1", f"file://{folder}", "shallow")
        self.says("shallow", self.top / "shallow", ["HEAD~1"], "`git fetch --unshallow` fetches the rest", 2)
        (folder / L).rename(folder / L.replace("week", "Week"))
        self.commit(folder)
        self.says("other letters", folder, ["HEAD~1..HEAD", "--exit-code"], "nothing changes")

    def hostile(self):
        """A stranger's repository whose configuration and attributes name programs: none of them is run."""
        source = self.repository("source")
        self.change(source)
        self.git(source, "config", "uploadpack.allowFilter", "true")
        self.git(self.top, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{source}", "hostile")
        folder, ran = self.top / "hostile", self.top / "ran"
        for file, text in FILES.items():
            (folder / file).write_text(text)
        program = folder / "program"
        program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> {ran}\ncat\n")
        program.chmod(0o755)
        (folder / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
        hooks = folder / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        for hook in ("post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman", "reference-transaction"):
            (hooks / hook).write_text(program.read_text())
            (hooks / hook).chmod(0o755)
        for key in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy",
                    "core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv",
                    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "merge.evil.driver",
                    "remote.origin.uploadpack", "credential.helper", "gpg.program", "interactive.diffFilter"):
            self.git(folder, "config", key, str(program))
        for alias in ("rev-parse", "ls-tree", "cat-file", "ls-files", "merge-base"):
            self.git(folder, "config", f"alias.{alias}", f"!{program}")
        for key, value in (("protocol.allow", "always"), ("protocol.ext.allow", "always"), ("protocol.file.allow", "always"),
                           ("core.hooksPath", str(hooks)), ("filter.evil.required", "true")):
            self.git(folder, "config", key, value)
        partial = "`git fetch --refetch --no-filter` fetches the rest"
        for what, url in (("a program in its place", f"ext::{program}"), ("a folder", f"file://{source}"), ("ssh", "ssh://localhost/x")):
            self.git(folder, "config", "remote.origin.url", url)
            self.says(f"hostile, {what}", folder, ["HEAD~1..HEAD"], partial, 3, GIT_ALLOW_PROTOCOL="ext:file:ssh")
            self.says(f"hostile, {what}, here", folder, ["HEAD"], partial, 3)
        if ran.exists():
            self.wrong.append(f"hostile: a program was run: {ran.read_text()}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = Test(sys.argv[1], pathlib.Path(folder))
        test.run()
    for one in test.wrong:
        print(one)
    print(f"{test.count} questions, {len(test.wrong)} wrong answers")
    return 1 if test.wrong or test.count < 20 else 0


if __name__ == "__main__":
    sys.exit(main())

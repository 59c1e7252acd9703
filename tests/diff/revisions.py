#!/usr/bin/env python3
"""What `pvsplan diff` reads of git, whatever kind of repository it is asked in:

    revisions.py PVSPLAN

A bare one, its `.git` folder, a linked work tree, one that the environment names, one with SHA-256; plans in folders with
blanks and umlauts, behind links, of modules in a submodule; plans that were moved, that are new, and that are gone.
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
        subprocess.run(["git", "-C", str(folder), *words], check=True, env={**os.environ, **WHO}, stdout=subprocess.DEVNULL)

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

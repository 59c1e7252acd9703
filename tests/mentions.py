#!/usr/bin/env python3
"""Finds what comments and READMEs mention and what no longer exists.

A file that is mentioned (`pipeline.cpp`, journal/recovery.cpp, tests/integration/) has to be there, from the root, from the folder of
who mentions it, or as the end of a path. A name in backticks, a name() or a snake_case or CamelCase word of a C++ comment has
to occur outside of comments somewhere in the tree. And a README is at most a screen long.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What is mentioned and is not ours: names of other programs, people's files, and examples of spelling.
ELSEWHERE = set("""
    CbtHardeningLevel CreateProcess GitHub GitLab Pwd Relaxed any_errors_fatal destroy max_fail_percentage mod_auth_gssapi pull_request_target setlocale setspn
    sha256sum systemd
    .github/ .github/workflows/ NAME/ PVnnnn.md PVSPLAN_SECRET_NAME ./modules/site.yaml ./x.yaml server/pvs01 x_if
""".split())

FILE = re.compile(r"(?<![\w/.<>{$*-])((?:[\w.-]+/)*[\w-]+(?:\.[\w-]+)*\.(?:cpp|hpp|py|md|cmake|yaml|yml|txt))(?![\w*]|\.\w)")
FOLDER_OR_STEM = re.compile(r"`((?:[\w.-]+/)+[\w-]*)`")
NAME = re.compile(r"`((?:\w+::)*[A-Za-z_]\w*)(?:\(\))?`")
WORD = re.compile(r"\b([a-z]+(?:_[a-z0-9]+)+|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+)\b|\b([a-z_]\w*)\(\)")
LINES_OF_A_README = 72
FORMAT = re.compile(r"/\d+$")  # `pvsplan.validate/1`
QUOTED = re.compile(r'https?://\S+|"[^"\n]*"')  # what is quoted is an example
STORIES = re.compile(r"tests/cases/.*\.md|plans/(?:tutorial|stories/.*)\.md|compiler/diag/explain/PV.*\.md|CHANGELOG\.md|grammar/reference\.md")


def tracked():
    names = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in names if name and (ROOT / name).is_file()]


def split_cpp(text):
    """The code of a C++ source, and its comments as (line, text)."""
    comments = []
    code = []
    pattern = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)
    last = 0
    for match in pattern.finditer(text):
        code.append(text[last:match.start()])
        last = match.end()
        if match[0].startswith(("//", "/*")):
            comments.append((text.count("\n", 0, match.start()) + 1, match[0]))
            code.append(" ")
        else:
            code.append(match[0])
    return "".join(code) + text[last:], comments


def split_hash(text):
    """The same of a script, whose comments begin with # at the beginning of a line or after blanks."""
    comments = []
    code = []
    for number, line in enumerate(text.split("\n"), 1):
        match = re.search(r"(?:^|\s)#(?!include|!).*$", line)
        if match and line[:match.start()].count('"') % 2 == 0:
            comments.append((number, match[0]))
            line = line[:match.start()]
        code.append(line)
    return "\n".join(code), comments


def split_markdown(text):
    """The prose of a README as (line, text); what is fenced is an example."""
    prose = []
    is_fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            is_fenced = not is_fenced
        elif not is_fenced:
            prose.append((number, line))
    return prose


class Tree:
    def __init__(self):
        self.files = tracked()
        self.folders = {parent.as_posix() for name in self.files for parent in pathlib.PurePosixPath(name).parents}
        self.prose = []  # (file, line, text, is a C++ comment)
        self.words = set()
        self.stems = {pathlib.PurePosixPath(name).name.split(".")[0] for name in self.files}
        for name in self.files:
            self.read(name)

    def read(self, name):
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return
        if name.endswith((".cpp", ".hpp")):
            code, comments = split_cpp(text)
            self.prose += [(name, line, comment, True) for line, comment in comments]
        elif STORIES.fullmatch(name):
            code = text
        elif name.endswith(".md"):
            code = ""
            self.prose += [(name, line, prose, False) for line, prose in split_markdown(text)]
        else:
            code, comments = split_hash(text)
            if name != "tests/mentions.py":
                self.prose += [(name, line, comment, False) for line, comment in comments]
            else:
                code = ""
        self.words.update(re.findall(r"\w+", code))

    def has_file(self, mentioned, by):
        """Whether a file, a folder (`state/`) or a file without its ending (`verify/legal`) is there."""
        mentioned = mentioned.removeprefix("./")
        if mentioned.startswith("build/"):
            return True
        beside = (pathlib.PurePosixPath(by).parent / mentioned).as_posix()
        for wanted in (mentioned.rstrip("/"), beside.rstrip("/")):
            if wanted in self.folders or wanted in self.files:
                return True
        if mentioned.endswith("/"):
            return any(("/" + folder).endswith("/" + mentioned.rstrip("/")) for folder in self.folders)
        return any(("/" + name).endswith("/" + mentioned) or ("/" + name.rsplit(".", 1)[0]).endswith("/" + mentioned)
                   or ("/" + name.split(".", 1)[0]).endswith("/" + mentioned) for name in self.files) or any(
                       ("/" + folder).endswith("/" + mentioned) for folder in self.folders)

    def has_name(self, name):
        """Whether code says it, a file is called so, or a test, whose name CMake puts together."""
        return all(part in self.words or part in self.stems or part.removeprefix("integration_") in self.words
                   for part in name.split("::"))

    def wrong(self):
        found = []
        for name, line, text, is_comment in self.prose:
            text = QUOTED.sub("", text)
            files = set(FILE.findall(text)) | {word for word in FOLDER_OR_STEM.findall(text) if not FORMAT.search(word)}
            found += [f"{name}:{line}: there is no `{file}`" for file in sorted(files - ELSEWHERE)
                      if not self.has_file(file, name)]
            names = set(NAME.findall(text))
            if is_comment:
                names |= {a or b for a, b in WORD.findall(FILE.sub("", text))}
            found += [f"{name}:{line}: nothing is called `{word}`" for word in sorted(names - ELSEWHERE)
                      if not self.has_name(word)]
        return found


def long_readmes(tree):
    """Each folder is explained on a screen; what is longer wants a folder of its own."""
    for name in tree.files:
        lines = (ROOT / name).read_text(encoding="utf-8").count("\n") if name.endswith("/README.md") else 0
        if lines > LINES_OF_A_README:
            yield f"{name}: {lines} lines are more than a screen ({LINES_OF_A_README})"


def main():
    tree = Tree()
    wrong = tree.wrong() + list(long_readmes(tree))
    if wrong:
        wrong.append("Say it as it is now; a name that is not ours belongs into ELSEWHERE, an example into quotes.")
    print("\n".join(wrong) or f"{len(tree.prose)} comments and lines of READMEs mention what is there")
    return 1 if wrong or len(tree.prose) < 1000 else 0


sys.exit(main())

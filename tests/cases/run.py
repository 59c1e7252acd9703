#!/usr/bin/env python3
"""Runs Markdown files as transcripts.

A fenced block that names a file (```yaml plans/x.yaml) writes it; a ```console block is run line by line:

    $ pvsplan validate plan.yaml
    ok: plan.yaml (3 nodes, 2 dependencies)
    $ pvsplan validate wrong.yaml
    ...
    [exit 3]

What a command prints (standard output and standard error together) has to be what follows it; an exit status other than
0 is its last line. A line `...` stands for any lines. All blocks of one file share one folder, from top to bottom.
Times, run ids, digests and durations are replaced by words before they are compared, so the file holds the words.

Without a FILE all of tests/cases is run, each README that has ```console blocks, and the pages below plans/. A README is run
beside a copy of plans/, a page below plans/ in one.

    tests/cases/run.py [--pvsplan PROGRAM] [--bless] [--keep] [FILE or FOLDER]...
"""

import argparse
import concurrent.futures
import difflib
import getpass
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "integration"))
import scenarios  # noqa: E402

TIMEOUT_S = 600  # of what hangs; a machine may be busy

NORMAL = [
    (re.compile(r"sha256:[0-9a-f]{64}"), "sha256:DIGEST"),
    (re.compile(r'("sha256": ")[0-9a-f]{64}'), r"\1DIGEST"),
    (re.compile(r"\b\d{8}-\d{4,6}-[a-z0-9]{3,}\b"), "RUN"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d\s+[+-]\d\d:\d\d\b"), "TIME"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r'("(?:milliseconds|duration_ms|pid)": ?)[\d.]+'), r"\g<1>N"),
    (re.compile(r"\b\d+ ms\b"), "DURATION"),
    (re.compile(r"\(process \d+\)"), "(process N)"),
    (re.compile(r"\bby " + re.escape(getpass.getuser()) + r"\b"), "by USER"),
    (re.compile(r"`" + re.escape(getpass.getuser()) + r"`"), "`USER`"),
    (re.compile(r": " + re.escape(getpass.getuser()) + r" asked for it"), ": USER asked for it"),
]


# What took milliseconds takes seconds on a machine that is busy.
ANY_DURATION = r"(?:DURATION|\d+ s|\d+ m \d+ s)"


def is_same(expected, found):
    return expected == found or ("DURATION" in expected and
                                 re.fullmatch(re.escape(expected).replace("DURATION", ANY_DURATION), found) is not None)


def normal(text, folder):
    text = text.replace(str(folder), "FOLDER")
    for pattern, word in NORMAL:
        text = pattern.sub(word, text)
    return [line.rstrip() for line in text.splitlines()]


class Case:
    """One Markdown file, as a list of pieces: plain lines, or a console block with its commands."""

    def __init__(self, path):
        self.path = path
        self.pieces = []  # ("text", [line]) | ("file", name, [line]) | ("console", [(line number, [command line], [expected])])
        lines = path.read_text(encoding="utf-8").splitlines()
        i = 0
        while i < len(lines):
            fence = re.match(r"^(```+)\s*(\S*)\s*(\S*)\s*$", lines[i])
            if not fence:
                self.pieces.append(("text", [lines[i]]))
                i += 1
                continue
            end = i + 1
            while end < len(lines) and not re.match(r"^" + fence[1] + r"\s*$", lines[end]):
                end += 1
            body = lines[i + 1:end]
            if fence[2] == "console":
                self.pieces.append(("console", lines[i], commands_of(body, i + 2)))
            elif fence[3]:
                self.pieces.append(("file", lines[i], fence[3], body))
            else:
                self.pieces.append(("text", lines[i:end + 1]))
            i = end + 1

    def text(self):
        out = []
        for piece in self.pieces:
            if piece[0] == "text":
                out += piece[1]
            elif piece[0] == "file":
                out += [piece[1], *piece[3], "```"]
            else:
                out.append(piece[1])
                for _, command, expected in piece[2]:
                    out += [*command, *expected]
                out.append("```")
        return "\n".join(out) + "\n"


def commands_of(body, first_line):
    commands = []
    for number, line in enumerate(body, first_line):
        continues = commands and commands[-1][1][-1].endswith("\\") and not commands[-1][2]
        if continues:
            commands[-1][1].append(line)
        elif line.startswith("$ "):
            commands.append((number, [line], []))
        elif commands:
            commands[-1][2].append(line)
        else:
            sys.exit(f"line {number}: a console block begins with a command")
    return commands


def matches(expected, found):
    """Whether the lines are the same, `...` standing for any."""
    if "..." not in expected:
        return len(expected) == len(found) and all(map(is_same, expected, found))
    at = expected.index("...")
    if not matches(expected[:at], found[:at]):
        return False
    rest = expected[at + 1:]
    return any(matches(rest, found[skip:]) for skip in range(at, len(found) + 1))


def run_command(command, folder, environment):
    shell = "\n".join([command[0][2:], *command[1:]])
    try:
        done = subprocess.run(["bash", "-c", shell], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return [f"[did not end in {TIMEOUT_S} s]"]
    found = normal(done.stdout.decode("utf-8", "replace"), folder)
    if done.returncode != 0:
        found.append(f"[exit {done.returncode}]")
    return found


def run_case(path, options):
    """The number of commands, and what was wrong as text."""
    case = Case(path)
    root = pathlib.Path(tempfile.mkdtemp(prefix="pvsplan-case-", dir="/tmp")).resolve()
    folder = root
    environment = {"PATH": f"{options.pvsplan.parent}:{os.environ['PATH']}", "HOME": str(folder), "TZ": "UTC",
                   "LANG": "C.UTF-8", "NO_COLOR": "1",
                   "PVSPLAN_JOBS": f"{folder}/jobs", "USER": "operator", "LOGNAME": "operator",
                   "PVSPLAN_SOURCE": str(ROOT)}
    is_page = path.name != "README.md" and ROOT / "plans" in path.resolve().parents
    if is_page or path.name == "README.md":
        shutil.copytree(ROOT / "plans", folder / "plans", ignore=shutil.ignore_patterns(".pvsplan"))
    if is_page:
        folder = folder / "plans"
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "PVSPLAN_MUTANT", "PVSPLAN_MUTANT_COVER"):
        if name in os.environ:
            environment[name] = os.environ[name]
    count = 0
    wrong = []
    for piece in case.pieces:
        if piece[0] == "file":
            target = folder / piece[2]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("".join(line + "\n" for line in piece[3]), encoding="utf-8")
        elif piece[0] == "console":
            for index, (number, command, expected) in enumerate(piece[2]):
                count += 1
                found = run_command(command, folder, environment)
                # Whatever is found stands first in a file that its author can change.
                wrong += [f"{path}:{number}: {command[0]}\n{line}: nobody can change that file\n"
                          for line in found if re.match(r" *--> stdlib/", line)]
                if matches([line.rstrip() for line in expected], found):
                    continue
                if options.bless and "..." not in expected:  # what was left out by hand has to be so again
                    piece[2][index] = (number, command, found)
                    continue
                difference = "\n".join(difflib.unified_diff(expected, found, "expected", "found", lineterm=""))
                wrong.append(f"{path}:{number}: {command[0]}\n{difference}\n")
    if options.bless:
        text = case.text()
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            print(f"blessed {path}")
    if options.keep:
        print(f"{path} ran in {folder}")
    else:
        scenarios.remove(root)
    return count, wrong


def readmes():
    """The READMEs that show what the program says, and the pages below plans/."""
    folders = ["", "grammar", "compiler", "runtime", "stdlib", "plans", "tests"]
    found = [path for folder in folders for path in ((ROOT / folder).rglob if folder else ROOT.glob)("README.md")]
    found = [*found, *(path for path in (ROOT / "plans").rglob("*.md") if path.name != "README.md")]
    ours = [path for path in found if "node_modules" not in path.parts]  # those of what npm installs are not
    return sorted(path for path in ours if "\n```console\n" in path.read_text(encoding="utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pvsplan", type=pathlib.Path, default=ROOT / "build" / "pvsplan")
    parser.add_argument("--bless", action="store_true", help="write what was found into the files")
    parser.add_argument("--keep", action="store_true", help="keep the folders in which the commands ran")
    parser.add_argument("paths", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    options.pvsplan = options.pvsplan.resolve()
    if not options.pvsplan.exists():
        sys.exit(f"there is no program {options.pvsplan}; build it, or name it with --pvsplan")
    files = []
    for path in options.paths or [HERE, *readmes()]:
        files += sorted(set(path.rglob("*.md")) - set(path.rglob("README.md"))) if path.is_dir() else [path]
    commands = 0
    problems = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for count, wrong in pool.map(lambda f: run_case(f, options), files):
            commands += count
            problems += wrong
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {commands} commands, {len(problems)} not as expected")
    if commands == 0:
        sys.exit("there was nothing to run")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()

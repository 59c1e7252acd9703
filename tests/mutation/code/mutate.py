#!/usr/bin/env python3
"""Inverts each decision of the project's own code by one token, and asks the tests whether they notice.

    tests/mutation/code/mutate.py [--folders runtime/journal,…] [--files TEXT] [--slow SECONDS] [--jobs N]
    tests/mutation/code/mutate.py --smoke     takes some that have to be killed, to see that the tool itself works
    tests/mutation/code/mutate.py --report    says what stands in the results, and runs nothing

All mutants are in one build (build/mutation): each place of a source that can be mutated asks for a number in the
environment whether it is turned (points.py, mutation.hpp). A survey then runs every test by itself, a test case of a unit
test program or a transcript of tests/cases, and learns how long it takes and which mutants would have made a difference
in it. Each mutant is tried by those tests only, the fastest first, until one fails, crashes, or takes many times as long
as without. A mutant that no test kills is a survivor: it is wanted in survivors.txt, with the reason why it does no harm,
or a test is.

What was found stands in build/mutation/results.jsonl and is not run again: a mutant that was killed until its file changes, one
that survived by the tests only that are new. So a run can be stopped and begun again at any time, and after a new test
only that one is run. --again forgets the survey and all results.

Not part of a CI run: see README.md for when to run it and how long it takes.
"""

import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

from points import Rewriter

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
SURVIVORS = HERE / "survivors.txt"
FOLDERS = ["runtime/store", "runtime/journal", "runtime/state", "runtime/verify", "runtime/engine", "compiler/checks", "compiler/schedule", "compiler/graph"]
PROGRAMS = ["pvsplan", "test_engine", "test_store", "test_cli", "test_runs", "test_report", "test_compiler", "test_graph", "test_schedule", "test_checks"]
# Fewer random plans than in CI: what a few hundred do not notice is hardly noticed by thousands.
RANDOM = {"PVSPLAN_PLANS": "250", "PVSPLAN_RUNS": "300", "PVSPLAN_STOP": "1", "CI": ""}
MEMORY = 4 << 30
TOGETHER_S = 0.1  # tests that take less together share a process


@dataclasses.dataclass
class Test:
    program: str  # a unit test program, or `cases`
    name: str  # a test case of it, or the transcript
    version: str  # of the file that holds it: what was changed is asked again
    seconds: float = 0.0  # of processor time
    reached: set = dataclasses.field(default_factory=set)  # the numbers of the mutants that make a difference in it

    def key(self):
        return f"{self.program}: {self.name} ({self.version})"


# The build.

class Build:
    """The build of all mutants, with what is remembered from one run of this script to the next."""

    def __init__(self, folder, folders, programs, options):
        self.folder, self.folders, self.programs, self.options = folder, folders, programs, options
        self.copies, self.out = folder / "sources", folder.with_name(folder.name + "-build")  # ccache knows that depth
        self.mutants = []
        self.out.mkdir(parents=True, exist_ok=True)

    def remembered(self, name, otherwise):
        path = self.folder / name
        return json.loads(path.read_text()) if path.exists() else otherwise

    def remember(self, name, value):
        path = self.folder / name
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(value, indent=0))
        fresh.replace(path)

    def write(self, without):
        """Writes the mutated copies of the sources."""
        numbers = self.remembered("numbers.json", {})
        self.mutants = []
        self.version = ""  # of all that is mutated
        wanted = set()
        for path in [p for f in self.folders for p in sorted((ROOT / f).glob("*.cpp"))]:
            name = path.relative_to(ROOT)
            rewriter = Rewriter(name, path.read_text(), numbers, set(without.get(str(name), {}).get("lines", [])))
            self.write_copy(self.copies / name, rewriter.rewritten())
            self.mutants += rewriter.mutants
            self.version = hashlib.sha256((self.version + digest(path)).encode()).hexdigest()[:16]
            wanted.add(self.copies / name)
        for path in self.copies.rglob("*.cpp"):
            if path not in wanted:
                path.unlink()
        self.write_copy(self.copies / "mutation.hpp", (HERE / "mutation.hpp").read_text())
        self.remember("numbers.json", numbers)

    def write_copy(self, path, text):
        if path.exists() and path.read_text() == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():  # ninja knows of the copy only from the last compilation
            for stale in self.out.rglob(f"{path.parent.name}/{path.name}.o"):
                stale.unlink()
        path.write_text(text)

    def make(self):
        """Builds; what does not compile when it asks for a number is left alone."""
        if not (self.out / "build.ninja").exists():
            launcher = f"{HERE / 'compile'};{self.copies};{ROOT}"
            subprocess.run(["cmake", "-S", ROOT, "-B", self.out, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
                            "-DCMAKE_CXX_FLAGS=-O1", f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}", *self.options.cmake],
                           check=True, stdout=subprocess.DEVNULL)
        without = self.remembered("without.json", {})
        without = {name: w for name, w in without.items() if (ROOT / name).exists() and w["is"] == digest(ROOT / name)}
        for _ in range(8):
            self.write(without)
            done = subprocess.run(["ninja", "-C", self.out, "-k", "0", "-j", str(self.options.jobs), *self.programs],
                                  capture_output=True, text=True)
            if done.returncode == 0:
                return
            wrong = {(m[1], int(m[2])) for m in re.finditer(r"((?:runtime|compiler)/[\w/]+\.cpp):(\d+):\d+: error", done.stdout)}
            new = False
            for name, line in wrong:
                lines = without.setdefault(name, {"is": digest(ROOT / name), "lines": []})["lines"]
                for near in (line - 1, line, line + 1):
                    if near not in lines:
                        lines.append(near)
                        new = True
            self.remember("without.json", without)
            if not new:
                sys.exit(done.stdout[-4000:] + "\nthe mutants do not build")
        sys.exit("the mutants do not build after 8 attempts: run it again")

    def lines_left_alone(self):
        return sum(len(w["lines"]) for w in self.remembered("without.json", {}).values())


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


# Running tests.

def processor_seconds(build, command, environment, limit):
    """Whether the command succeeds within so much processor time, and how much it took."""
    full = ["prlimit", f"--cpu={int(limit) + 1}", f"--as={MEMORY}", "--core=0",
            "timeout", "-k", "5", str(int(20 + 10 * limit)), *command]
    process = subprocess.Popen(full, env={**os.environ, **RANDOM, **environment}, cwd=build.folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode in (0, 77), usage.ru_utime + usage.ru_stime


def command_for(build, program, names):
    if program == "cases":
        return [HERE.parent.parent / "cases" / "run.py", "--pvsplan", build.out / "pvsplan", *names]
    # Catch2 reads a name as a pattern.
    quoted = ",".join('"' + re.sub(r'([\\",\[\]*])', r"\\\1", name) + '"' for name in names)
    return [build.out / "tests" / program, "--abort", quoted]


def all_tests(build):
    tests = []
    for program in build.programs:
        if program == "pvsplan":
            for path in sorted((HERE.parent.parent / "cases").rglob("*.md")):
                if path.name != "README.md":
                    tests.append(Test("cases", str(path), digest(path)))
            continue
        listed_names = subprocess.run([build.out / "tests" / program, "--list-test-names-only", "--verbosity", "high"],
                                      capture_output=True, text=True).stdout
        for line in filter(None, listed_names.splitlines()):  # "name\t@file:line"
            name, _, place = line.rpartition("\t@")
            tests.append(Test(program, re.sub(r'^"(#.*)"$', r"\1", name), digest(build.out / place.rpartition(":")[0])))
    return tests


def surveyed(build):
    """All tests, each with its time and what it reaches; known ones are not run again while no source changes."""
    survey = build.remembered("survey.json", {})
    tests = all_tests(build)
    lock = threading.Lock()

    def look(test):
        with tempfile.NamedTemporaryFile(dir=build.folder) as cover:
            cover.truncate(1 << 20)
            good, seconds = processor_seconds(build, command_for(build, test.program, [test.name]),
                                              {"PVSPLAN_MUTANT_COVER": cover.name}, 900)
            if not good:
                print(f"fails without any mutant, and is left out: {test.key()}", flush=True)
                return
            marks = pathlib.Path(cover.name).read_bytes()
        with lock:
            survey[test.key()] = {"of": build.version, "seconds": round(seconds, 3),
                                  "reached": [n for n, mark in enumerate(marks) if mark]}

    survey = {key: found for key, found in survey.items() if found.get("of") == build.version}
    new = [t for t in tests if t.key() not in survey]
    with concurrent.futures.ThreadPoolExecutor(max_workers=build.options.jobs) as pool:
        for index, _ in enumerate(pool.map(look, new)):
            if index % 20 == 19:
                with lock:
                    build.remember("survey.json", survey)
    build.remember("survey.json", survey)
    for test in tests:
        if test.key() in survey:
            test.seconds, test.reached = survey[test.key()]["seconds"], set(survey[test.key()]["reached"])
    return [t for t in tests if t.key() in survey]


def batches(tests):
    """What is run in one process: a few fast tests of a program together, the others one by one; the fastest first, so
    that most mutants cost no more than a few of them. Transcripts come last: they start many processes and wait for them."""
    groups = []
    last = {}  # by program
    for test in sorted(tests, key=lambda t: t.seconds):
        group = last.get(test.program)
        if not group or test.program == "cases" or sum(t.seconds for t in group) + test.seconds > TOGETHER_S:
            group = last[test.program] = []
            groups.append(group)
        group.append(test)
    return sorted(groups, key=lambda group: (group[0].program == "cases", sum(t.seconds for t in group)))


def killed_by(build, mutant, tests):
    """The batch of tests that fails, as text; empty where all pass."""
    for batch in batches(tests):
        limit = 2 + 5 * sum(t.seconds for t in batch)
        good, _ = processor_seconds(build, command_for(build, batch[0].program, [t.name for t in batch]),
                                    {"PVSPLAN_MUTANT": str(mutant.number)}, limit)
        if not good:
            return batch[0].key() if len(batch) == 1 else f"{batch[0].program}: one of {len(batch)}"
    return ""


# Results.

def results_of(build):
    results = {}
    path = build.folder / "results.jsonl"
    for line in path.read_text().splitlines() if path.exists() else []:
        result = json.loads(line)
        results[result["mutant"]] = result
    return results


def try_all(build, chosen, tests):
    results = results_of(build)
    digests = {m.file: digest(ROOT / m.file) for m in chosen}
    lock = threading.Lock()
    log = open(build.folder / "results.jsonl", "a", buffering=1)

    def attempt(mutant):
        before = results.get(mutant.key, {})
        tried = []
        if before.get("is") == digests[mutant.file]:
            if before["killed"]:
                return
            tried = before["tried"]
        able = [t for t in tests if mutant.number in t.reached and t.key() not in tried
                and (not build.options.slow or t.seconds <= build.options.slow)]
        if not able and before.get("is") == digests[mutant.file]:
            return
        killer = killed_by(build, mutant, able)
        result = {"mutant": mutant.key, "is": digests[mutant.file], "killed": killer,
                  "tried": [] if killer else [*tried, *[t.key() for t in able]]}
        with lock:
            results[mutant.key] = result
            log.write(json.dumps(result) + "\n")
            if not killer and mutant.key not in listed():
                print(f"survives {len(result['tried'])} tests: {mutant}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(max_workers=build.options.jobs) as pool:
        list(pool.map(attempt, chosen))


def listed():
    """What may survive, and why."""
    reasons = {}
    for line in SURVIVORS.read_text().splitlines() if SURVIVORS.exists() else []:
        if line and not line.startswith("#"):
            key, _, reason = line.rpartition(" | ")
            reasons[key] = reason
    return reasons


def report(build, chosen, show):
    """Prints a line for each folder; whether each mutant that was run is killed or has its reason."""
    results, reasons = results_of(build), listed()
    counts = {}
    for mutant in chosen:
        result = results.get(mutant.key)
        count = counts.setdefault(mutant.folder(), [0, 0, 0, 0])
        if not result:
            count[3] += 1
        elif result["killed"]:
            count[0] += 1
        elif mutant.key in reasons:
            count[1] += 1
        else:
            count[2] += 1
            if show:
                print(f"survives {len(result['tried'])} tests: {mutant}")
    for folder, (killed, reason, alive, rest) in counts.items():
        print(f"{folder}: {killed + reason + alive + rest} mutants: {killed} killed, {reason} survive for a reason, "
              f"{alive} survive, {rest} not run")
    print(f"{build.lines_left_alone()} lines left alone, since they do not compile otherwise")
    return not any(alive for _, _, alive, _ in counts.values())


SMOKE = [  # each is killed
    ("runtime/journal/recovery.cpp", "operand of `&&` dropped"),
    ("runtime/journal/recovery.cpp", "operand of `||` dropped"),
    ("runtime/journal/recovery.cpp", "condition negated"),
    ("runtime/journal/record.cpp", "condition negated"),
    ("runtime/state/env.cpp", "constant inverted"),
]


def smoke(build):
    """Whether mutants that have to be killed are."""
    chosen = [m for m in build.mutants if (str(m.file), m.key.split(" | ")[1]) in SMOKE]
    tests = surveyed(build)
    alive = [m for m in chosen if not killed_by(build, m, [t for t in tests if m.number in t.reached])]
    print(*[f"survives: {m}" for m in alive], f"{len(chosen) - len(alive)} of {len(chosen)} killed", sep="\n")
    return len(chosen) > 10 and not alive


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folders", default=",".join(FOLDERS), help="only these are mutated: another set wants a build")
    parser.add_argument("--programs", default=",".join(PROGRAMS), help="pvsplan: the transcripts")
    parser.add_argument("--files", default="", metavar="TEXT", help="only mutants of files whose name holds this")
    parser.add_argument("--slow", type=float, default=0, metavar="SECONDS", help="leave slower tests out")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--cmake", action="append", default=[], metavar="ARGUMENT", help="one more argument of cmake")
    parser.add_argument("--no-build", action="store_true", help="take the programs as they are")
    parser.add_argument("--again", action="store_true", help="forget what was found before")
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument("--report", action="store_true", help="only say what was found")
    parser.add_argument("--smoke", action="store_true", help="some mutants that have to be killed")
    options = parser.parse_args()
    programs = ["test_engine"] if options.smoke else options.programs.split(",")
    build = Build(ROOT / "build" / "mutation", options.folders.split(","), programs, options)
    for name in ("survey.json", "results.jsonl") if options.again else ():
        (build.folder / name).unlink(missing_ok=True)
    if options.list or options.report or options.no_build:
        build.write(build.remembered("without.json", {}))
    else:
        build.make()
    if options.smoke:
        sys.exit(0 if smoke(build) else 1)
    folders = options.folders.split(",")
    chosen = sorted((m for m in build.mutants if m.folder() in folders and options.files in str(m.file)),
                    key=lambda m: folders.index(m.folder()))
    if options.list:
        print(*chosen, f"{len(chosen)} mutants", sep="\n")
        return
    if not options.report:
        try_all(build, chosen, surveyed(build))
    sys.exit(0 if report(build, chosen, options.report) and chosen else 1)


if __name__ == "__main__":
    main()

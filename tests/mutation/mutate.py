#!/usr/bin/env python3
"""Turns round each decision of the project's own code by one token, and asks the tests whether they notice.

    tests/mutation/mutate.py [--folders runtime/journal,…] [--sample N] [--seed N] [--jobs N] [--build DIR] [--smoke]

All mutants are in one build: the sources are copied, and each place that can be turned round asks a number in the
environment (PVSPLAN_MUTANT) whether it is turned. Then the fast test programs run once for each mutant, until one fails. A
mutant that no test kills is a survivor: it is wanted in survivors.txt, with the reason why it does no harm, or a test is.

Not part of a CI run: it takes minutes for a hundred mutants. --smoke takes some that have to be killed, to see that the tool
itself works.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path("build") / "mutants"
SURVIVORS = HERE / "survivors.txt"
FOLDERS = ["runtime/journal", "runtime/state", "runtime/engine", "compiler/checks", "compiler/graph"]
# Which programs look at which folder, the fastest first.
PROGRAMS = {"runtime": ["test_engine", "test_runs", "test_cli"], "compiler": ["test_compiler", "test_checks"]}

HEADER = """// Which mutant is asked for.
#pragma once
#include <cstdlib>
namespace mutation {
inline bool is(int n) {
    static const int chosen = [] {
        const char* number = std::getenv("PVSPLAN_MUTANT");
        return number ? std::atoi(number) : 0;
    }();
    return chosen == n;
}
inline bool flip(int n, bool value) { return is(n) != value; }
inline int one(int n) { return is(n) ? 0 : 1; }
template <class E>
E swapped(int n, E written, E other) { return is(n) ? other : written; }
// `!x`, `a < b` and their like without knowing where the operands end: an operator of the same precedence.
struct Not { int n; };
template <class T>
bool operator->*(Not m, const T& x) { return is(m.n) == !static_cast<bool>(x) ? false : true; }
struct Less { int n; };
struct AtMost { int n; };
template <class T, class Op>
struct Left { const T& value; Op op; };
template <class T> Left<T, Less> operator<(const T& a, Less op) { return {a, op}; }
template <class T> Left<T, AtMost> operator<(const T& a, AtMost op) { return {a, op}; }
template <class T, class U> bool operator>(Left<T, Less> a, const U& b) { return is(a.op.n) ? a.value <= b : a.value < b; }
template <class T, class U> bool operator>(Left<T, AtMost> a, const U& b) { return is(a.op.n) ? a.value < b : a.value <= b; }
struct More { int n; };
struct AtLeast { int n; };
template <class T> Left<T, More> operator<(const T& a, More op) { return {a, op}; }
template <class T> Left<T, AtLeast> operator<(const T& a, AtLeast op) { return {a, op}; }
template <class T, class U> bool operator>(Left<T, More> a, const U& b) { return is(a.op.n) ? a.value >= b : a.value > b; }
template <class T, class U> bool operator>(Left<T, AtLeast> a, const U& b) { return is(a.op.n) ? a.value > b : a.value >= b; }
}  // namespace mutation
"""


class Mutant:
    def __init__(self, number, file, line, operator, text):
        self.number, self.file, self.line, self.operator, self.text = number, file, line, operator, text

    def key(self):  # does not change where lines are added above
        return f"{self.file} | {self.operator} | {self.text}"

    def __str__(self):
        return f"{self.file}:{self.line}: {self.operator}: {self.text}"


def blanked(text):
    """The same text with comments, strings and characters blanked, so that every other token is code."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, text, flags=re.S)


def closing(code, at):
    """Behind the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i + 1
    return len(code)


def parts(code, begin, end):
    """The operands between which `&&` (or `||`) stand at the top of an expression; none where there is no such."""
    for sign in (" || ", " && "):
        cuts, depth, i = [], 0, begin
        while i < end:
            if code[i] in "([{":
                depth += 1
            elif code[i] in ")]}":
                depth -= 1
            elif code[i] == "?" and depth == 0:
                return None, []
            elif depth == 0 and (code.startswith(sign, i) or code.startswith(sign.rstrip() + "\n", i)):
                cuts.append(i)
            i += 1
        if cuts:
            edges = [begin, *[c + 4 for c in cuts]], [*cuts, end]
            return sign.strip(), list(zip(*edges))
    return None, []


class Rewriter:
    """Insertions into one file, each with the mutants that it makes."""

    def __init__(self, file, text, first_number, without):
        self.file, self.text, self.code = file, text, blanked(text)
        self.insertions = []  # (offset, order, text)
        self.mutants, self.number, self.without = [], first_number, without
        self.frozen = self.constant_places()

    def constant_places(self):
        """Where nothing may ask for a number: constants, signatures, cases."""
        places = []
        for match in re.finditer(r"\b(constexpr|static_assert|template|case|using|enum|concept|consteval)\b", self.code):
            end = min(x for x in (self.code.find(c, match.end()) for c in ";{:" if c != ":" or match[1] == "case")
                      if x >= 0) if re.search(r"[;{:]", self.code[match.end():]) else len(self.code)
            if match[1] in ("constexpr", "enum") and self.code[end:end + 1] == "{":
                end = closing(self.code, end)
            places.append((match.start(), end))
        return places

    def may(self, at):
        return not any(begin <= at < end for begin, end in self.frozen)

    def add(self, at, operator, shown_end):
        line = self.text.count("\n", 0, at) + 1
        shown = " ".join(self.text[at:shown_end].split())[:100]
        if (str(self.file), line) in self.without:
            return None
        self.number += 1
        self.mutants.append(Mutant(self.number, self.file, line, operator, shown))
        return self.number

    def insert(self, at, text, order=0):
        self.insertions.append((at, order, text))

    def wrap(self, begin, end, before, after):
        while begin < end and self.code[begin] in " \n":
            begin += 1
        self.insert(begin, before, order=-(end - begin))  # the longer one outside
        self.insert(end, after, order=end - begin - 10**6)

    def conjuncts(self, begin, end):
        sign, operands = parts(self.code, begin, end)
        for left, right in operands:
            if " = " in self.code[left:right] or ";" in self.code[left:right]:
                continue
            number = self.add(left, f"operand of `{sign}` dropped", right)
            if number and sign == "&&":
                self.wrap(left, right, f"(mutation::is({number}) || (", "))")
            elif number:
                self.wrap(left, right, f"(!mutation::is({number}) && (", "))")

    def conditions(self):
        for match in re.finditer(r"\bif \(", self.code):
            begin, end = match.end(), closing(self.code, match.end() - 1) - 1
            inside = self.code[begin:end]
            if ";" in inside or re.search(r"[^=!<>]=[^=]", inside) or not self.may(match.start()):
                continue
            if number := self.add(begin, "condition negated", end):
                self.wrap(begin, end, f"mutation::flip({number}, static_cast<bool>(", "))")
            self.conjuncts(begin, end)
        for match in re.finditer(r"\breturn |\bconst bool \w+ =\s", self.code):
            end = self.code.find(";", match.end())
            if 0 < end and self.may(match.start()) and "{" not in self.code[match.end():end]:
                self.conjuncts(match.end(), end)

    def tokens(self):
        names = {"<": "Less", "<=": "AtMost", ">": "More", ">=": "AtLeast"}
        for match in re.finditer(r"(?<=[\w)\]]) (<|<=|>|>=) (?=[\w(*])", self.code):
            if self.may(match.start()) and (n := self.add(match.start() + 1, f"`{match[1]}` moved by one", match.end() + 20)):
                self.insertions.append((match.start() + 1, 0, (match.start() + 1 + len(match[1]),
                                                              f"< mutation::{names[match[1]]}{{{n}}} >")))
        for match in re.finditer(r"(?<![\w!)])!(?=[\w(*])", self.code):
            if self.may(match.start()) and (n := self.add(match.start(), "`!` dropped", match.end() + 20)):
                self.insertions.append((match.start(), 0, (match.end(), f"mutation::Not{{{n}}} ->* ")))
        for match in re.finditer(r"\b(true|false)\b", self.code):
            if self.may(match.start()) and (n := self.add(match.start(), "constant turned round", match.end() + 20)):
                self.wrap(match.start(), match.end(), f"mutation::flip({n}, ", ")")
        for match in re.finditer(r"(?<=[+-] )1(?=[;),\]])", self.code):
            if self.may(match.start()) and (n := self.add(match.start() - 2, "`1` left out", match.end() + 20)):
                self.insertions.append((match.start(), 0, (match.end(), f"mutation::one({n})")))

    def statements(self):
        for match in re.finditer(r"\b(continue|return);", self.code):
            if self.may(match.start()) and (n := self.add(match.start(), "statement dropped", match.end())):
                self.wrap(match.start(), match.end(), f"{{ if (!mutation::is({n})) ", " }")
        for match in re.finditer(r"^ +(?!return|throw|delete|co_)([a-z_][\w.]*(?:->\w+|\(\))*)\(", self.code, re.M):
            begin = match.start(1)
            end = closing(self.code, match.end() - 1)
            before = self.code[:match.start()].rstrip()
            if self.code[end:end + 1] == ";" and before[-1:] in ";{}" and self.may(begin):
                if n := self.add(begin, "call dropped", end + 1):
                    self.wrap(begin, end + 1, f"{{ if (!mutation::is({n})) ", " }")

    def enumerators(self):
        known = {}
        pattern = r"\b((?:Phase|Verdict|Move|Outcome|Decision|Wanted::Is|Record::Is|Event::Is|Last|JobIs|ActionIs|Shows|Undo::Is|Stand|Fate|Bound))::([a-z]\w*)\b(?!\()"
        for match in re.finditer(pattern, self.code):
            known.setdefault(match[1], []).append(match[2])
        for match in re.finditer(pattern, self.code):
            all_names = sorted(set(known[match[1]]))
            if len(all_names) < 2 or not self.may(match.start()):
                continue
            other = all_names[(all_names.index(match[2]) + 1) % len(all_names)]
            if n := self.add(match.start(), f"taken for `{other}`", match.end() + 20):
                self.insertions.append((match.start(), 0, (match.end(), f"mutation::swapped({n}, {match[0]}, "
                                                                      f"{match[1]}::{other})")))

    def rewritten(self):
        self.conditions()
        self.tokens()
        self.statements()
        self.enumerators()
        out, at = [], 0
        for offset, _, what in sorted(self.insertions, key=lambda i: (i[0], i[1])):
            if offset < at:
                continue
            out.append(self.text[at:offset])
            at = offset
            if isinstance(what, tuple):
                out.append(what[1])
                at = what[0]
            else:
                out.append(what)
        out.append(self.text[at:])
        return '#include "mutation.hpp"\n#line 1\n' + "".join(out)


def copied(source):
    """A copy of the tree as it is now, with its build in a folder of it."""
    files = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True,
                           check=True).stdout.split("\n")
    for name in filter(None, files):
        target = source / name
        if (ROOT / name).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_bytes() != (ROOT / name).read_bytes():
                shutil.copyfile(ROOT / name, target)
    return source


def write_if_new(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def mutate(source, folders, without):
    mutants = []
    for folder in folders:
        for path in sorted((ROOT / folder).glob("*.cpp")):
            name = path.relative_to(ROOT)
            rewriter = Rewriter(name, path.read_text(), len(mutants), without)
            write_if_new(source / name, rewriter.rewritten())
            mutants += rewriter.mutants
    write_if_new(source / "mutation.hpp", HEADER)
    return mutants


def built(source, programs, options):
    """Empty, or the output of a build that failed."""
    out = source / BUILD
    if not (out / "build.ninja").exists():
        subprocess.run(["cmake", "-S", source, "-B", out, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O0",
                        *options.cmake], check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(["ninja", "-C", out, "-k", "0", "-j", str(options.jobs), *programs], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout


def run(source, program, mutant, timeout, without=()):
    environment = {**os.environ, "PVSPLAN_MUTANT": str(mutant), "PVSPLAN_PLANS": "200", "PVSPLAN_RUNS": "300", "CI": ""}
    command = [source / BUILD / "tests" / program, "--abort"]
    filters = [f'~"{name}"' for name in without]
    if program == "test_compiler":
        filters.append('~"every page shows what it explains"')  # slow, and about words
    command += ["".join(filters)] if filters else []
    try:
        return subprocess.run(command, env=environment, cwd=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=timeout).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def programs_for(mutant):
    return PROGRAMS[str(mutant.file).split("/")[0]]


def listed():
    reasons = {}
    for line in SURVIVORS.read_text().splitlines() if SURVIVORS.exists() else []:
        if line and not line.startswith("#"):
            key, _, reason = line.rpartition(" | ")
            reasons[key] = reason
    return reasons


SMOKE = [  # each is killed by the tests of tables
    ("runtime/journal/recovery.cpp", "operand of `&&` dropped"),
    ("runtime/journal/recovery.cpp", "operand of `||` dropped"),
    ("runtime/journal/recovery.cpp", "condition negated"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folders", default=",".join(FOLDERS))
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn at random; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "mutation")
    parser.add_argument("--cmake", action="append", default=[], help="one more argument of cmake")
    parser.add_argument("--without", action="append", default=[], metavar="TEST", help="leave this test case out")
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument("--smoke", action="store_true", help="some mutants that have to be killed")
    options = parser.parse_args()
    folders = ["runtime/journal"] if options.smoke else options.folders.split(",")
    source = copied(options.build.resolve())
    without = set()
    for _ in range(6):
        mutants = mutate(source, folders, without)
        if options.list:
            print(*mutants, sep="\n")
            print(f"{len(mutants)} mutants")
            return
        programs = sorted({p for m in mutants for p in programs_for(m)})
        if options.smoke:
            programs = ["test_engine"]
        output = built(source, programs, options)
        if not output:
            break
        # What does not compile when it asks for a number is left alone.
        wrong = {(m[1], int(m[2])) for m in re.finditer(r"((?:runtime|compiler)/[\w/]+\.cpp):(\d+):\d+: error", output)}
        if not wrong - without:
            sys.exit(output[-4000:] + "\nthe mutants do not build")
        without |= {(file, line + d) for file, line in wrong for d in (-1, 0, 1)}
    chosen = mutants
    if options.smoke:
        chosen = [m for m in mutants if (str(m.file), m.operator) in SMOKE]
    elif options.sample:
        chosen = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
    usual = {}
    for program in programs:
        began = time.monotonic()
        if not run(source, program, 0, 1800, options.without):
            sys.exit(f"{program} fails without any mutant")
        usual[program] = time.monotonic() - began

    def survives(mutant):
        wanted = ["test_engine"] if options.smoke else programs_for(mutant)
        return all(run(source, program, mutant.number, 30 + 5 * usual[program], options.without) for program in wanted)

    with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
        alive = [m for m, lives in zip(chosen, pool.map(survives, chosen)) if lives]
    reasons = listed()
    unknown = [m for m in alive if m.key() not in reasons]
    for mutant in unknown:
        print(f"survives: {mutant}")
    print(f"{len(chosen)} of {len(mutants)} mutants, {len(without)} lines left alone: {len(chosen) - len(alive)} killed, "
          f"{len(alive) - len(unknown)} survive for a reason, {len(unknown)} survive")
    sys.exit(1 if unknown or not chosen else 0)


if __name__ == "__main__":
    main()

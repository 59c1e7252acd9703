#!/usr/bin/env python3
"""What `pvsplan fmt` may never do, seen by another reader of YAML (PyYAML) on layouts that nobody would write:

    layouts.py PVSPLAN [--layouts 2000] [--first 1]

Whatever the layout of a document, formatted it has the values, the comments in their order and the line endings that it
had, and formatting it again changes nothing. The documents that are shipped, disturbed, come out as they are shipped,
and are the same plan.
"""
import argparse
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Layout:
    """A random document, a layout of it, and the comments that it has."""

    WORDS = ["plain", "two words", "a#b", "x:y", "-1", "é ü", "a - b", "http://x/y?z=1#f", "50%", "null", "a  b", "it's"]

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.comments = 0
        self.anchors = []
        self.named = 0
        self.keys = 0
        self.text = ""
        r = self.r
        head = ""
        if self.one_in(8):
            head += self.note("").lstrip("\n")
        if self.one_in(10):
            head += "%YAML 1.1\n---" + self.behind() + "\n"
        elif self.one_in(6):
            head += "---" + self.behind() + "\n"
        body = self.map(0, 0)
        tail = self.lines(0) if self.one_in(3) else ""
        if self.one_in(10) and not self.keeps_end:
            tail += "..." + self.behind() + "\n"
        self.text = head + self.lines(0) + body + tail
        if self.one_in(12):
            self.text = self.text.rstrip("\n")
        if self.one_in(5):
            self.text = self.text.replace("\n", "\r\n")
        if self.one_in(12):
            self.text = "\ufeff" + self.text

    keeps_end = False  # a block scalar before this would take lines in

    def one_in(self, n):
        return self.r.randrange(n) == 0

    def comment(self):
        self.comments += 1
        return f"#{self.r.choice(['', ' ', '# '])}c{self.comments}c{self.r.choice(['', ' a: b', ' - x', ' {[', ' é', chr(34)])}"

    def behind(self):
        """At the end of a line."""
        if self.one_in(6):
            return " " * self.r.randint(1, 4) + self.comment()
        return " " * self.r.randrange(3) if self.one_in(5) else ""

    def note(self, indent):
        return indent + self.comment() + "\n"

    def lines(self, most):
        """Blank lines and comments between entries; no comment deeper than `most`."""
        text = ""
        while self.one_in(4):
            if self.one_in(2):
                text += self.note(" " * self.r.randint(0, most))
            else:
                text += " " * (self.r.randrange(4) if self.one_in(3) else 0) + "\n"
        return text

    def key(self):
        self.keys += 1
        name = f"k{self.keys}"
        return self.r.choice([name, name, name, f"'{name}'", f'"{name}"', f"{name} {name}", f"é{name}"])

    def properties(self, is_scalar):
        text = ""
        if self.one_in(10):
            # A list or a mapping cannot be repeated within itself.
            self.named += 1
            text += f"&a{self.named}" + " " * self.r.randint(1, 3)
            if is_scalar:
                self.anchors.append(f"a{self.named}")
        return text

    # ---- scalars

    def flow_scalar(self, indent, in_flow):
        r = self.r
        kind = r.randrange(8)
        brk = "\n" * r.randint(1, 2) + " " * (indent + r.randint(1, 5))
        if self.one_in(6):
            brk = "\n" + " " * r.randrange(3) + brk
        if kind == 0:
            return r.choice(["''", '""', "'it''s'", '"a \\" # b: c"', "'# no comment'", '"\\t\\u00e9\\\\"', "'a: b, [c'"])
        if kind == 1:
            return "'one" + brk + "two" + brk + "''three # no'" if self.one_in(2) else '"one' + brk + "- two \\\n" + " " * (
                indent + 3) + '\\  three"'
        if kind == 2:
            return "one" + brk + "- two" + brk + "? three" if not in_flow else "one" + brk + "two"
        word = r.choice(self.WORDS)
        return word if not (in_flow and re.search(r"[,\[\]{}?]|^-|:|null", word)) else "w"

    def block_scalar(self, indent):
        """Behind its key or dash at column `indent`; ends with its line break."""
        r = self.r
        chomp = r.choice(["", "-", "+"])
        own = r.randint(1, 5)
        lines = [r.choice(["x", "# no comment", "- a", "k: v", "", "  deeper", "\ttab", "é  "]) for _ in range(r.randint(1, 5))]
        needs = lines[0].startswith(" ") or lines[0] == ""
        if all(not line for line in lines):
            lines, needs = ["x"], False
        digit = str(own) if needs or self.one_in(4) else ""
        header = r.choice("|>") + (digit + chomp if self.one_in(2) else chomp + digit) + self.behind() + "\n"
        text = header
        for line in lines:
            if line:
                text += " " * (indent + own) + line + "\n"
            else:
                text += " " * (r.randrange(indent + own + 1) if self.one_in(3) else 0) + "\n"
        if self.one_in(4):
            text += "\n" * r.randint(1, 3)
        if self.one_in(10):
            text += " " * (indent + own + 2) + "\n"
        return text

    # ---- flow

    def gap(self, indent, depth):
        """Between two words within brackets."""
        if self.one_in(6):
            # Before a comment there is a blank.
            text = (" " * self.r.randint(1, 3) + self.comment() if self.one_in(3) else " " * self.r.randrange(3)) + "\n"
            while self.one_in(5):
                text += self.r.choice(["\n", "   \n", " " * self.r.randrange(9) + self.comment() + "\n"])
            return text + " " * (indent + self.r.randint(1, 6))
        return " " * self.r.choice([0, 0, 1, 1, 1, 3])

    def flow(self, indent, depth):
        r = self.r
        is_map = self.one_in(2)
        text = "{" if is_map else "["
        count = r.randrange(4)
        for i in range(count):
            text += self.gap(indent, depth)
            if is_map:
                text += self.key() + r.choice([":", ":", " :"]) + r.choice([" ", "  "])
                if self.one_in(12):
                    text += "" if i + 1 < count else "w"
                    text += "," if i + 1 < count else ""
                    continue
            if depth < 3 and self.one_in(4):
                text += self.properties(False) + self.flow(indent, depth + 1)
            elif self.anchors and self.one_in(8):
                text += "*" + r.choice(self.anchors)
            else:
                text += self.flow_scalar(indent, True)
            text += self.gap(indent, depth)
            if i + 1 < count or self.one_in(8):
                text += ","
        return text + self.gap(indent, depth) + ("}" if is_map else "]")

    # ---- block

    def value(self, indent, depth, in_list):
        """Behind a key or a dash at column `indent`: up to the end of the line."""
        r = self.r
        kind = r.randrange(10 if depth < 5 else 6)
        if kind == 0:
            return self.behind() + "\n"
        if kind == 1 and self.anchors:
            return " " * r.randint(1, 3) + "*" + r.choice(self.anchors) + self.behind() + "\n"
        if kind <= 3:
            own_line = self.behind() + "\n" + self.lines(indent) + " " * (indent + r.randint(1, 4)) if self.one_in(6) else " " * r.randint(1, 3)
            return own_line + self.properties(True) + self.flow_scalar(indent, False) + self.behind() + "\n"
        if kind == 4:
            return " " * r.randint(1, 3) + self.properties(False) + self.flow(indent, 0) + self.behind() + "\n"
        if kind == 5:
            # yaml-cpp takes the lines of `- &a |` for something else where they begin before the `|`.
            return " " * r.randint(1, 3) + ("" if in_list else self.properties(True)) + self.block_scalar(indent)
        properties = " " + self.properties(False) if self.one_in(3) else ""
        if kind == 6 and in_list and not properties:  # - - a, - a: b
            gap = r.randint(1, 4)
            inner = indent + 1 + gap
            return " " * gap + (self.map if self.one_in(2) else self.list)(inner, depth + 1).removeprefix(" " * inner)
        is_map = self.one_in(2)
        least = 0 if not is_map and not in_list and self.one_in(2) else 1
        inner = indent + (least if least == 0 else r.randint(1, 5))
        head = properties.rstrip(" ") + self.behind() + "\n" + self.lines(inner)
        return head + (self.map if is_map else self.list)(inner, depth + 1)

    def map(self, indent, depth):
        text = ""
        for _ in range(self.r.randint(1, 4)):
            text += " " * indent
            if self.one_in(15):
                text += "?" + " " * self.r.randint(1, 3) + self.key() + self.behind() + "\n" + " " * indent + ":"
            else:
                text += self.key() + ("" if self.r.randrange(8) else " ") + ":"
            text += self.value(indent, depth, False) + self.lines(indent)
        return text

    def list(self, indent, depth):
        text = ""
        for _ in range(self.r.randint(1, 4)):
            text += " " * indent + "-" + self.value(indent, depth, True) + self.lines(indent)
        return text


def values(data):
    return yaml.load(data, Loader=yaml.BaseLoader)


def comments(text):
    return re.findall(r"c\d+c", text)


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, timeout=600, check=False, **options)


def random_layouts(pvsplan, first, count, folder):
    faults = []
    layouts = {}
    unread = 0
    for seed in range(first, first + count):
        data = Layout(seed).text.encode()
        try:
            layouts[seed] = (data, values(data))
        except yaml.YAMLError as error:
            unread += 1
            if unread < 4:
                print(f"layout {seed} is no YAML: {str(error).splitlines()[-1]}")
            continue
        (folder / f"{seed}.yaml").write_bytes(data)
    files = [folder / f"{seed}.yaml" for seed in layouts]
    done = run(pvsplan, "fmt", *files)
    if done.returncode not in (0, 3):
        faults.append(f"fmt ends with {done.returncode}: {done.stderr.decode()[-400:]}")
    again = run(pvsplan, "fmt", "--check", *files)
    for name in again.stdout.decode().split():
        faults.append(f"layout {pathlib.Path(name).stem}: formatting twice is not formatting once")
    changed = 0
    for seed, (data, was) in layouts.items():
        after = (folder / f"{seed}.yaml").read_bytes()
        changed += data != after
        try:
            same = values(after) == was
        except yaml.YAMLError as error:
            faults.append(f"layout {seed}: no YAML afterwards: {error}")
            continue
        if not same:
            faults.append(f"layout {seed}: other values")
        if comments(data.decode()) != comments(after.decode()):
            faults.append(f"layout {seed}: other comments")
        if b"\r" in data and re.search(rb"(?<!\r)\n", after):
            faults.append(f"layout {seed}: other line ends")
        if re.sub(rb"\s", b"", data) != re.sub(rb"\s", b"", after):
            faults.append(f"layout {seed}: more than blanks was changed")
    refused = len(re.findall(r"^(?:error|warning)\[", done.stderr.decode(), re.M))
    print(f"{len(layouts)} layouts, {unread} that are no YAML, {refused} findings, {changed} changed")
    if changed < len(layouts) * 0.8 or unread > count // 10 or refused > count // 10:
        faults.append("too few of the layouts tell anything")
    return faults


def disturbed(text, r):
    """`text` with another layout; the file is formatted, and has no text over several lines but `>-`."""
    factor = r.randint(2, 4)
    lines = []
    folded = None
    for line in text.splitlines():
        if not line:
            lines += [" " * r.randrange(3)] * r.randint(1, 3)
            continue
        indent = len(line) - len(line.lstrip())
        words = line.lstrip()
        if folded is not None and indent > folded:
            lines.append(" " * (indent * factor) + words)
            continue
        folded = indent if words.endswith(">-") else None
        dash = ""
        while words.startswith("- "):
            dash += "-" + " " * (2 * factor - 1)
            words = words[2:]
        if "  # " in words:
            words = words.replace("  # ", " " * r.randint(1, 9) + "# ")
        if re.match(r"[\w.-]+: \S", words) and not words.endswith((">-", "|")):
            words = words.replace(": ", r.choice([": ", " : ", ":   "]), 1)
        lines.append(" " * (indent * factor) + dash + words + " " * r.choice([0, 0, 0, 2]))
    return "\n".join(lines) + "\n" * r.randint(1, 3)


def seen(pvsplan, plan):
    """What the compiler makes of a plan: its steps in their order, every verdict, and what it finds wrong."""
    common = ["--set", "version=2402", "--set", "media=/x", "--format", "json"]
    verdicts = re.sub(rb'"milliseconds": [\d.]+', b"", run(pvsplan, "validate", plan, *common).stdout)
    return verdicts, run(pvsplan, "show", plan, *common).stdout


def shipped(pvsplan, folder):
    faults = []
    r = random.Random(1)
    shutil.copytree(ROOT / "plans", folder / "plans")
    shutil.copytree(ROOT / "stdlib", folder / "stdlib")
    files = sorted(folder.glob("plans/**/*.yaml")) + sorted(folder.glob("stdlib/**/*.yaml"))
    plans = [file for file in files if file.name.endswith(".plan.yaml")]
    before = {plan: seen(pvsplan, plan) for plan in plans}
    texts = {}
    for file in files:
        texts[file] = file.read_text()
        file.write_text(disturbed(texts[file], r))
        if values(file.read_text()) != values(texts[file]):
            faults.append(f"{file.name}: the test disturbs more than its layout")
    done = run(pvsplan, "fmt", *files)
    if done.returncode != 0:
        faults.append(f"fmt ends with {done.returncode}: {done.stderr.decode()[-400:]}")
    for file in files:
        if file.read_text() != texts[file]:
            faults.append(f"{file.name} does not come out as it is shipped")
    for plan in plans:
        if seen(pvsplan, plan) != before[plan]:
            faults.append(f"{plan.name} is not the same plan")
    print(f"{len(files)} shipped files, {len(plans)} plans")
    return faults if files else ["nothing is shipped"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pvsplan", type=pathlib.Path)
    parser.add_argument("--layouts", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    arguments = parser.parse_args()
    pvsplan = arguments.pvsplan.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        faults = random_layouts(pvsplan, arguments.first, arguments.layouts, folder) + shipped(pvsplan, folder)
    print("\n".join(faults[:40]) or "all as it was")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

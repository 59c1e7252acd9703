#!/usr/bin/env python3
"""Damaged files: whatever stands in them, pvsplan ends soon, with words of its own, at a place of the project.

    damage.py PVSPLAN [--damages N] [--first SEED] [--keep FOLDER]

Copies of all that is shipped (plans, farms, the module, its policies) and a farm with CSV files are damaged as fingers,
editors, merges and transfers do it: cut, pasted, reversed, half a quote, another column, control characters, deep
brackets, long lines, other line ends and encodings. Each goes through `validate` in one of its formats, `--fix`, `show`,
`explain` or `rehearse`, some with nonsense on the command line. One that does not end as it should is printed with its
seed, `--first SEED --damages 1 --keep FOLDER` leaves its files there.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEMORY = 1 << 30

FARM = """farm: sheets
uses: [./pvs/module.yaml]
secrets: {winrm: {env: PVS_WINRM_PASSWORD}}
defaults:
  database: {connect: {over: winrm, address: sql01, user: A\\b, password: "${secret.winrm}"}}
  server: {connect: {over: winrm, user: A\\b, password: "${secret.winrm}"}, state: {version: 2203, configured: 2203}}
  console: {connect: {over: winrm, login: negotiate}, state: {version: 2203}}
  target: {connect: {over: simulated}}
databases:
  - {name: ProvisioningDB, instance: sql01, state: {schema: 2203}}
servers: {csv: servers.csv}
consoles: {csv: consoles.csv}
targets:
  - {name: vda-001}
"""
SHEETS = {
    "servers.csv": "name,address,site\npvs01,pvs01.x,east\npvs02,pvs02.x,east\npvs03,pvs03.x,west\npvs04,pvs04.x,west\n",
    "consoles.csv": 'sep=;\r\n"Name";"Address"\r\n"admin-1";"admin-1.x"\r\n"admin-2";"admin-2.x"\r\n',
}


def project():
    """Path and text of each file: the whole of what is shipped, as files of one project."""
    files = {}
    for file in sorted((ROOT / "stdlib/pvs").rglob("*")):
        if file.is_file():
            files[str(file.relative_to(ROOT / "stdlib"))] = file.read_text()
    for file in sorted((ROOT / "plans").rglob("*.yaml")):
        files[str(file.relative_to(ROOT / "plans"))] = file.read_text()
    files["farms/sheets.farm.yaml"] = FARM
    for name, text in SHEETS.items():
        files[f"farms/{name}"] = text
    for name, text in files.items():
        up = "../" * name.count("/")
        text = text.replace("uses: [pvs]", f"uses: [{up or './'}pvs/module.yaml]")
        text = re.sub(r"\bpvs/([a-z-]+)(?=[,\]])", rf"{up or './'}pvs/\1.policy.yaml", text)
        text = text.replace("uses: [./pvs/module.yaml]", f"uses: [{up or './'}pvs/module.yaml]")
        files[name] = text.encode()
    return files


CLEAN = project()
PLANS = [name for name in CLEAN if name.endswith(".plan.yaml")]
FARMS = [name for name in CLEAN if name.endswith(".farm.yaml")]
WORDS = [b'"', b"'", b"\\", b"${", b"}", b"{", b"[", b"]", b"(", b")", b":", b": ", b"- ", b"-", b"#", b" #", b"&a ", b"*a",
         b"<<: *a", b"!!binary ", b"!x ", b"? ", b"|", b">-", b"|2\n", b"---\n", b"...\n", b"%YAML 1.2\n", b"\n", b"\n\n",
         b"\t", b" ", b"  ", b"~", b"null", b"none", b"true", b"-1", b"0", b"99999999999999999999", b"1.2.3.4.5", b"5m", b"@",
         b"`", b"%", b",", b";", b"==", b"!=", b" and ", b" or ", b" not ", b" in ", b" where ", b"on", b"before", b"secret.x",
         b"steps.first.x", b"for_each: x in servers", b"when: true", b"at_most: 0", b"at_most: all", b"recover: []",
         b"parallel: []", b"undo: {nothing: x}", b"\x00", b"\x07", b"\x1b[31m", b"\x7f", b"\x85", b"\xc2\x85", b"\xc2\xa0",
         b"\xe2\x80\x8b", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
         b"\xf4\x90\x80\x80", b"\r", b"\r\n", b"\xf0\x9f\x98\x80", b"e\xcc\x81", b"\xe2\x80\x9c", b"\xe2\x80\x99"]


def span(draw, size, most):
    begin = draw.randrange(size + 1)
    return begin, min(size, begin + draw.randrange(1, most))


def on_bytes(change):
    return lambda draw, text, other: change(draw, text)


def on_lines(change):
    def damaged(draw, text, other):
        lines = text.splitlines(keepends=True) or [b"\n"]
        change(draw, lines)
        return b"".join(lines)
    return damaged


def cut(draw, text):
    begin, end = span(draw, len(text), 60)
    return text[:begin] + text[end:]


def insert(draw, text):
    at = draw.randrange(len(text) + 1)
    return text[:at] + draw.choice(WORDS) * draw.choice([1, 1, 1, 2, 3]) + text[at:]


def replace_token(draw, text):
    tokens = list(re.finditer(rb"[A-Za-z0-9_.-]+|\S", text))
    if not tokens:
        return text
    what = draw.choice(tokens)
    with_what = draw.choice(WORDS) if draw.random() < 0.5 else draw.choice(tokens).group()
    return text[:what.start()] + with_what + text[what.end():]


def paste(draw, text, other):
    source = draw.choice([text, other])
    begin, end = span(draw, len(source), 400)
    at = draw.randrange(len(text) + 1)
    return text[:at] + source[begin:end] + text[at:]


def truncate(draw, text):
    return text[:draw.randrange(len(text) + 1)]


def deep(draw, text):
    at = draw.randrange(len(text) + 1)
    depth = draw.choice([20, 99, 101, 1000, 20000])
    left, right = draw.choice([(b"[", b"]"), (b"{a: ", b"}"), (b"(", b")"), (b"- ", b""), (b"not ", b""), (b"a.", b""),
                               (b"first(", b")"), (b"${", b"}"), (b"? ", b""), (b'"', b'"'), (b"&a ", b""),
                               (b"1 + ", b"1"), (b"true or ", b""), (b"a[", b"]"), (b"a: \n ", b"")])
    return text[:at] + left * depth + draw.choice([b"", b"x", right * depth]) + text[at:]


def long_line(draw, text):
    at = draw.randrange(len(text) + 1)
    return text[:at] + draw.choice(WORDS + [b"x", b"a b ", b"x: y, "]) * draw.choice([1000, 30000]) + text[at:]


def other_ends(draw, text):
    return draw.choice([text.replace(b"\n", b"\r\n"), text.replace(b"\n", b"\r"), b"\xef\xbb\xbf" + text,
                        text.decode("utf-8", "replace").encode("utf-16"), text.rstrip(b"\n"),
                        text.decode("utf-8", "replace").encode("utf-16-le"),
                        text.replace(b"\n", b"\r\n", 5), text.replace(b" ", b"\xc2\xa0", 3), b"", b"\n", b"null\n"])


def flip(draw, text):
    changed = bytearray(text)
    for _ in range(draw.choice([1, 3, 10])):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def shift(draw, lines):
    begin, end = span(draw, len(lines), 8)
    by = draw.choice([-4, -2, -1, 1, 2, 4, 40])
    for i in range(begin, end):
        bare = lines[i].lstrip(b" ")
        lines[i] = b" " * max(0, len(lines[i]) - len(bare) + by) + bare


def double(draw, lines):
    begin, end = span(draw, len(lines), 12)
    at = draw.randrange(len(lines) + 1)
    lines[at:at] = lines[begin:end] * draw.choice([1, 1, 2, 200])


def drop(draw, lines):
    begin, end = span(draw, len(lines), 6)
    del lines[begin:end]


def swap(draw, lines):
    a, b = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]


def conflict(draw, lines):
    begin, end = span(draw, len(lines), 6)
    lines[begin:end] = [b"<<<<<<< HEAD\n", *lines[begin:end], b"=======\n", *lines[begin:end], b">>>>>>> other\n"]


def pasted_quote(draw, lines):
    """A piece with a quote that nobody closes, at another column."""
    begin, end = span(draw, len(lines), 5)
    piece = [b" " * draw.randrange(9) + line.lstrip() for line in lines[begin:end]]
    if piece:
        piece[0] = piece[0].rstrip(b"\r\n") + draw.choice([b' "x', b": 'x", b' "', b": [", b": {a: "]) + b"\n"
    at = draw.randrange(len(lines) + 1)
    lines[at:at] = piece


DAMAGES = [on_bytes(cut), on_bytes(cut), on_bytes(insert), on_bytes(insert), on_bytes(insert), on_bytes(replace_token),
           on_bytes(replace_token), on_bytes(replace_token), paste, paste, on_bytes(truncate), on_bytes(deep),
           on_bytes(long_line), on_bytes(other_ends), on_bytes(flip), on_lines(shift), on_lines(shift), on_lines(double),
           on_lines(drop), on_lines(swap), on_lines(conflict), on_lines(pasted_quote)]


def damaged(draw):
    files = dict(CLEAN)
    names = sorted(files)
    for _ in range(draw.choice([1, 1, 1, 2, 2, 4])):
        # The module is much of the text; the small files are what people write.
        name = draw.choice(names)
        files[name] = draw.choice(DAMAGES)(draw, files[name], files[draw.choice(names)])
    if draw.random() < 0.02:
        del files[draw.choice(names)]
    return files


NONSENSE = ["version", "version=", "=", "=x", "version=x=y", "nobody=1", "version=[", "version=${x}", "media=\\\\n\\t", "media=",
            "method=Script", "method=none", "version=-1", "version=" + "9" * 400, "media=" + "x" * 100000, "from=2402", "version=1",
            "media=\x1b[2J", "Version=2402", "servers=1", "on=1", "version=none"]


def command(draw):
    """The arguments, which output is one JSON document, and the exit statuses that it may end with."""
    plan = draw.choice(PLANS)
    given = ["--set", "version=2402", "--set", "media=\\\\nas01\\media"] if draw.random() < 0.7 else []
    good = {0, 3}
    if draw.random() < 0.15:
        given += ["--set", draw.choice(NONSENSE)]
        good = {0, 2, 3}
    if draw.random() < 0.05:
        given += ["--secret", draw.choice([*NONSENSE, "media=env:", "media=env:HOME", "x=file:/", "media=nowhere:x"])]
        good = {0, 2, 3}
    if draw.random() < 0.5:
        given += ["--farm", draw.choice(FARMS)]
    if draw.random() < 0.1:
        given += ["--policy", "pvs/window.policy.yaml"]
    verb = draw.choices(["text", "json", "sarif", "github", "two", "fix", "show", "show-json", "explain", "rehearse", "compile", "fmt"],
                        [30, 15, 8, 8, 4, 12, 8, 4, 4, 2, 4, 6])[0]
    if verb == "text":
        return ["validate", plan, *given], False, good
    if verb in ("json", "sarif", "github"):
        return ["validate", plan, "--format", verb, *given], verb != "github", good
    if verb == "two":
        return ["validate", *PLANS, "--format", draw.choice(["json", "sarif"]), *given], True, good
    if verb == "fix":
        return ["validate", plan, "--fix", *given], False, good
    if verb == "show":
        return ["show", plan, *given], False, good | {2}
    if verb == "show-json":
        return ["show", plan, "--format", "json", *given], None, good | {2}
    if verb == "fmt":
        return ["fmt", *PLANS, *FARMS, *draw.choice([[], ["--check"], ["--diff"]])], False, {0, 1, 3}
    if verb == "explain":
        return ["explain", plan, *draw.sample(["first", "rest", "backup", "first.stop", "3", "x"], 2), *given], False, {0, 1, 2, 3}
    if verb == "rehearse":
        return ["rehearse", plan, "--only", draw.choice(["first", "backup", "rest", "3"]), *given], False, {0, 1, 2, 3, 4, 5, 6}
    return ["compile", plan, "-o", "compiled.json", *given], False, {0, 2, 3}


def limited(seconds, memory):
    """Words before those of a program; nothing of Python is done in a copy of a process that has threads."""
    return ["prlimit", f"--cpu={seconds}:{seconds + 1}", *([f"--as={MEMORY}"] if memory else [])]


def places(document):
    """Every place of a document in the format of validate."""
    for plan in document.get("plans", [document]):
        for d in plan["diagnostics"]:
            yield d, d
            for related in d.get("related", []):
                yield d, related
            for edit in d.get("fix", {}).get("edits", []):
                yield d, edit


def wrong_place(document, folder):
    for d, place in places(document):
        if "file" not in place:
            continue
        file = folder / place["file"]
        if not file.is_file():
            return f"{d['code']} stands in {place['file']}, which is no file"
        lines = file.read_bytes().count(b"\n") + file.read_bytes().count(b"\r") + 1
        begin, end = place["range"]["start"], place["range"]["end"]
        if not (1 <= begin["line"] <= end["line"] <= lines and begin["column"] >= 1 and end["column"] >= 1):
            return f"{d['code']} stands on line {begin['line']} of {lines} of {place['file']}"
    return ""


CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
UNSEEN = re.compile("[\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # programs read what is JSON


def fault(done, is_json, good, folder, is_validate):
    if done.returncode == -24 or done.returncode == -9:
        return "does not end"
    said = done.stdout + done.stderr
    if done.returncode not in good or b"a bug of pvsplan" in said:
        return f"ends with {done.returncode}"
    try:
        text = said.decode()
    except UnicodeDecodeError:
        return "prints what is no UTF-8"
    if found := CONTROL.search(text) or (is_json is False and UNSEEN.search(text)):
        return f"prints the control character {found.group()!r}"
    if len(said) > 8 << 20:
        return f"prints {len(said)} bytes"
    if done.returncode in (1, 2) and not done.stderr:
        return f"ends with {done.returncode} and says nothing"
    if is_json and done.returncode in (0, 3):
        try:
            document = json.loads(done.stdout)
        except ValueError as error:
            return f"prints what is no JSON: {error}"
        if is_validate and str(document.get("format", "")).startswith("pvsplan."):
            has_error = any(d["severity"] == "error" for d, p in places(document) if d is p)
            if has_error != (done.returncode == 3):
                return "ends with 3 and says no error" if done.returncode == 3 else "ends with 0 and says an error"
            return wrong_place(document, folder)
    return ""


def one(program, seed, seconds, memory, keep):
    draw = random.Random(seed)
    files = damaged(draw)
    arguments, is_json, good = command(draw)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="damage-"))
    try:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text)
        arguments = [a.replace("\x00", "") for a in arguments]
        try:
            done = subprocess.run([*limited(seconds, memory), program, *arguments, "--no-input"], cwd=folder, capture_output=True,
                                  timeout=seconds * 60, check=False)
        except subprocess.TimeoutExpired:
            return seed, arguments, "does not end", b""
        if keep:
            shutil.copytree(folder, keep, dirs_exist_ok=True)
            print(" ".join(arguments))
        return seed, arguments, fault(done, is_json, good, folder, arguments[0] == "validate"), done.stdout + done.stderr
    finally:
        shutil.rmtree(folder)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program", type=pathlib.Path)
    options.add_argument("--damages", type=int, default=1000)
    options.add_argument("--first", type=int, default=1)
    options.add_argument("--seconds", type=int, default=5, help="of a processor, for each")
    options.add_argument("--any-memory", action="store_true", help="without a limit: a sanitizer's shadow is larger")
    options.add_argument("--keep", type=pathlib.Path, help="leave the files of the last one in this folder")
    arguments = options.parse_args()
    program = str(arguments.program.resolve())
    wrong = 0
    ends = collections.Counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seeds = range(arguments.first, arguments.first + arguments.damages)
        for seed, call, what, said in pool.map(
                lambda s: one(program, s, arguments.seconds, not arguments.any_memory, arguments.keep), seeds):
            ends[call[0]] += 1
            if what:
                wrong += 1
                print(f"seed {seed}: `pvsplan {' '.join(call)[:200]}` {what}\n{said.decode('utf-8', 'replace')[-1500:]}", flush=True)
    print(f"{arguments.damages} damages, {wrong} of them not as they should be; " +
          ", ".join(f"{count} {name}" for name, count in ends.most_common()))
    sys.exit(1 if wrong else 0)


main()

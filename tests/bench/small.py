#!/usr/bin/env python3
"""Small plans that would take a machine: each is under 1 MB, and validate has to end within 1 GiB, with its own words.

    tests/bench/small.py --pvsplan PROGRAM [--only NAME]

Nothing here measures time tightly: the limit is what a busy machine needs for what takes some seconds. What is looked
at is that it ends, in so much memory, without "a bug of pvsplan", and with the exit status that it should have.
"""

import argparse
import pathlib
import resource
import subprocess
import sys
import tempfile

MEMORY = 1 << 30
SECONDS = 300
MAX_OUTPUT_BYTES = 1 << 20

MODULE = """module: m
kinds:
  host:
    plural: hosts
    attributes: {site: {type: string, default: main}}
    state: {up: {type: bool, default: true}, done: {type: bool, default: false}}
    observe: {command: [look, "${on.name}"]}
actions:
  stop:
    on: host
    does: stop(on)
    sets: {on.up: false}
    run: {command: [stop, "${on.name}"]}
    undo: {do: m.start}
  start:
    on: host
    does: start(on)
    sets: {on.up: true}
    run: {command: [start, "${on.name}"]}
    undo: {do: m.stop}
  look:
    on: host
    parameters: {text: {type: string, default: none}}
    run: {command: [look, "${text}"]}
    outputs: {old: "${exit == 0}"}
    repeatable: true
    undo: {nothing: it only looks}
  burn:
    on: host
    sets: {on.done: true}
    run: {command: [burn, "${on.name}"]}
    undo: {impossible: burnt}
"""


def farm(hosts):
    return "farm: f\nuses: [./m.yaml]\nhosts: {csv: hosts.csv}\n", "name\n" + "".join(f"h{i}\n" for i in range(hosts))


def plan(steps, invariants="", uses="./m.yaml"):
    text = f"plan: p\nuses: [{uses}]\nfarm: ./f.yaml\nsteps:\n{steps}"
    return text + (f"invariants:\n{invariants}" if invariants else "")


def invariants(requirements):
    return "".join(f"  - {{name: r{i}, require: \"{r}\"}}\n" for i, r in enumerate(requirements))


def doubling(type_, first, twice):
    module = "module: d\nuses: [./m.yaml]\nprocedures:\n"
    for i in range(40):
        step = "{do: m.look, on: on}" if i == 39 else f"{{do: d.p{i + 1}, on: on, with: {{t: \"{twice}\"}}}}"
        module += f"  p{i}:\n    on: host\n    parameters: {{t: {{type: {type_}}}}}\n    steps:\n      - {step}\n"
    return 2, plan(f"  - {{do: d.p0, on: first(hosts), with: {{t: {first}}}}}\n", uses="./m.yaml, ./d.yaml"), {
        "d.yaml": module}, 3


def each(body, at_most="all"):
    return f"  - {{id: all, for_each: h in hosts, at_most: {at_most}, {body}, on: h}}\n"


def guards(nodes, requirements):
    looks = "".join(f"  - {{id: look{i}, do: m.look, on: first(hosts)}}\n" for i in range(12))
    groups = "".join(
        f"  - {{id: g{i}, when: steps.look{i}.old, for_each: \"h in [x in hosts where x.site == 'main']\", "
        f"at_most: all, do: m.start, on: h}}\n" for i in range(12))
    return nodes // 12, plan(looks + groups, invariants(["always at most 1 host h with not h.up"] * requirements)), {}, None


def recovers(groups):
    parts = "".join(f"      - {{id: s{i}, do: m.stop, on: \"hosts[{i}]\"}}\n" for i in range(8))
    back = "".join(f"      - {{when: started(s{i}), do: m.start, on: \"hosts[{i}]\"}}\n" for i in range(8))
    steps = "".join(f"  - id: g{g}\n    parallel:\n{parts}    recover:\n{back}" for g in range(groups))
    return 8, plan(steps), {}, None


def passed_on(value, type_, calls):
    module = "module: d\nuses: [./m.yaml]\nprocedures:\n"
    for i in range(calls):
        step = "{do: m.look, on: on}" if i == calls - 1 else f"{{do: d.p{i + 1}, on: on, with: {{t: \"${{t}}\"}}}}"
        module += f"  p{i}:\n    on: host\n    parameters: {{t: {{type: {type_}}}}}\n    steps:\n      - {step}\n"
    return plan(f"  - {{for_each: h in hosts, at_most: all, do: d.p0, on: h, with: {{t: {value}}}}}\n",
                uses="./m.yaml, ./d.yaml"), {"d.yaml": module}


def loops(depth, size):
    text = ""
    for i in range(depth):
        inside = " " * (4 + 4 * i)
        text += (f"{inside[2:]}- for_each: v{i} in [{', '.join(map(str, range(size)))}]\n{inside}at_most: all\n"
                 f"{inside}steps:\n")
    return text + " " * (2 + 4 * depth) + "- {do: m.look, on: first(hosts)}\n"


# name: hosts, plan, further files, exit status (None: 0 or 3)
CASES = {
    "text": lambda: doubling("string", "abcdefgh", "${t}${t}"),
    "sum": lambda: doubling("string", "abcdefgh", "${t + t}"),
    "list": lambda: doubling("list of int", "[1, 2]", "${t + t}"),
    "per": lambda: (20000, plan(each("do: m.stop"), invariants(f"always at most {n + 1} host h with not h.up per h"
                                                for n in range(60))), {}, 0),
    "misspelt": lambda: (2, plan("".join(
        f"  - {{id: step-{i}, after: stpe-{i}x, do: m.look, on: first(hosts)}}\n" for i in range(10000))), {}, 3),
    "calls": lambda: (2, plan("".join(f"  - {{do: m.lok{i}, on: first(hosts)}}\n" for i in range(10000))), {}, 3),
    "nameless": lambda: (2, plan("  - {do: m.look, on: first(hosts)}\n" * 15000), {}, 0),
    "guards": lambda: guards(8000, 4),
    "recover": lambda: recovers(300),
    "always": lambda: (50, plan(each("do: m.stop"), invariants(
        f"always at most {i % 40} host h with not h.up" for i in range(5000))), {}, 3),
    "no_return": lambda: (20000, plan(each("do: m.burn", "1")), {}, 0),
    "filters": lambda: (2000, plan(
        "  - {id: a, for_each: \"a in [x in hosts where size([y in hosts where size([z in hosts where z.site == y.site]) "
        "> 3]) > 2]\", do: m.look, on: a}\n"), {}, 3),
    "others": lambda: (4000, *passed_on("\"${[x in hosts where x.name != h.name]}\"", "list of host", 3), 3),
    "passed_on": lambda: (2000, *passed_on(f"[{', '.join(map(str, range(20000)))}]", "list of int", 20), 0),
    "loops": lambda: (2, plan(loops(10, 10)), {}, 3),
    "alias": lambda: (2, plan("  - &s {do: m.look, on: first(hosts), with: {text: " + "x" * 900000 + "}}\n" + "  - *s\n"
                              * 2000), {}, 3),
    "laughs": lambda: (2, plan("  - &a0 [x]\n" + "".join(
        f"  - &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))), {}, 3),
    "brackets": lambda: (2, plan("  - {do: m.look, with: " + "[" * 200000 + "]" * 200000 + "}\n"), {}, 3),
    "dashes": lambda: (2, plan("  " + "- " * 400000 + "x\n"), {}, 3),
    "parentheses": lambda: (2, plan("  - {when: \"" + "(" * 10000 + "true" + ")" * 10000 + "\", do: m.look}\n"), {}, 3),
    "long_name": lambda: (2, plan("  - {do: m." + "x" * 1000000 + "}\n"), {}, 3),
    "holes": lambda: (2, plan("  - {do: m.look, on: first(hosts), with: {text: \"" + "${nobody}" * 60000 + "\"}}\n"), {}, 3),
    "twice": lambda: (2, plan("  - {do: m.look, on: first(hosts)}\n"), {"hosts.csv": "name,site\n" + "h,x\n" * 200000}, 3),
    "cell": lambda: (2, plan("  - {do: m.look, on: first(hosts)}\n"), {"hosts.csv": "name\n" + "x" * 1000000 + "\n"}, 0),
    "tabs": lambda: (2, plan("\t- {do: m.look, on: first(hosts)}\n" * 20000), {}, 3),
    "uses": lambda: (2, plan("  - {do: m.look, on: first(hosts)}\n", uses="./m.yaml" + ", ./m.yaml" * 10000), {}, None),
    "open": lambda: (2, plan("  - {do: m.look, on: first(hosts)}\n").replace(
        "steps:", "parameters:\n" + "".join(f"  p{i}: {{type: bool}}\n" for i in range(3000)) + "steps:"), {}, 0),
}


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(program, name, folder):
    hosts, text, files, wanted = CASES[name]()
    listing, rows = farm(hosts)
    for file, content in {"m.yaml": MODULE, "f.yaml": listing, "hosts.csv": rows, "p.yaml": text, **files}.items():
        assert len(content) < 1 << 20, f"{name}: {file} is not small"
        (folder / file).write_text(content)
    try:
        done = subprocess.run([program, "validate", "p.yaml"], cwd=folder, capture_output=True, text=True,
                              timeout=SECONDS, preexec_fn=limited, check=False)
    except subprocess.TimeoutExpired:
        return f"did not end in {SECONDS} s"
    said = done.stdout + done.stderr
    if "a bug of pvsplan" in said:
        return "calls itself a bug"
    if done.returncode not in ((0, 3) if wanted is None else (wanted,)):
        return f"exit {done.returncode}, not {wanted}:\n{said[-1500:]}"
    if len(said) > MAX_OUTPUT_BYTES:
        return f"says {len(said)} bytes"
    return ""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pvsplan", required=True, type=pathlib.Path)
    options.add_argument("--only", choices=sorted(CASES))
    arguments = options.parse_args()
    wrong = 0
    for name in [arguments.only] if arguments.only else CASES:
        with tempfile.TemporaryDirectory() as folder:
            fault = run(arguments.pvsplan.resolve(), name, pathlib.Path(folder))
        print(f"{name}: {fault or 'ends'}", flush=True)
        wrong += bool(fault)
    sys.exit(1 if wrong else 0)


main()

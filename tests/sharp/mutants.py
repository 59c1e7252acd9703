#!/usr/bin/env python3
"""Breaks every plan under plans/ in every small way that we know, and holds what `validate` says against survivors.txt.

usage: mutants.py PVSPLAN [--write]

A mutant is the plan, or a procedure or action that it uses, with one change. Each is validated with the plan's own
policies and production.policy.yaml passed by --policy, as whoever answers for production would. It must be refused,
unless survivors.txt lists it with the reason why it does no harm; and what is listed there must pass. A reason that
begins with `gap:` says that it does harm and what is missing to refuse it; those are counted. --write adds the survivors that have no reason
yet to the file, with a `?` in its place, which is no reason: the test fails until a person has written one.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SURVIVORS = HERE / "survivors.txt"
MODULE = "pvs/module.yaml"
PRODUCTION = "production.policy.yaml"
# Parameters that the plans want and that have no default.
GIVEN = {"version": "2402", "media": r"\\nas01\media"}

Mutant = collections.namedtuple("Mutant", "name texts")


class Item:
    """An entry of a list of steps: lines [begin, end) of a text."""

    def __init__(self, lines, begin, end):
        self.begin, self.end = begin, end
        self.text = "".join(lines[begin:end])
        named = re.search(r"\bid: ([\w-]+)", self.text) or re.search(r"\b(?:do|approve): ([\w.-]+)", self.text)
        self.name = named[1] if named else self.text.strip()[:30]


def indent_of(line):
    return len(line) - len(line.lstrip())


def step_lists(lines):
    """(line of the key, key, items) for each `steps:`, `parallel:` and `recover:` that stands alone on its line."""
    for at, line in enumerate(lines):
        key = re.match(r"^[\s-]*(steps|parallel|recover):\s*$", line)
        if not key:
            continue
        outer = indent_of(line) + (2 if line.lstrip().startswith("- ") else 0)
        begins, end = [], at + 1
        while end < len(lines):
            text = lines[end]
            if text.strip() and not text.lstrip().startswith("#"):
                if indent_of(text) < outer or (indent_of(text) == outer and not text.lstrip().startswith("- ")):
                    break
                if not begins or indent_of(text) == indent_of(lines[begins[0]]):
                    begins.append(end)
            end += 1
        items = [Item(lines, b, e) for b, e in zip(begins, begins[1:] + [end])]
        if items:
            yield at, key[1], items


def again(item):
    """The same step under a name of its own."""
    text = re.sub(r"\bid: ([\w-]+)", r"id: \1-again", item.text, count=1)
    return text if text.endswith("\n") else text + "\n"


def changes_of_lists(lines, where):
    """(name, changed lines) for what can be done to lists of steps."""
    def put(begin, end, new):
        return lines[:begin] + new + lines[end:]

    for at, key, items in step_lists(lines):
        label = f"{where(at)} {key}"
        for item in items:
            # Of a list of one nothing may be left but the key.
            if len(items) > 1:
                yield f"{label}: drop {item.name}", put(item.begin, item.end, [])
            else:
                yield f"{label}: drop all", put(at, item.end, [])
            yield f"{label}: twice {item.name}", put(item.end, item.end, [again(item)])
        for one, other in zip(items, items[1:]):
            yield f"{label}: swap {one.name}, {other.name}", put(one.begin, other.end, [other.text, one.text])
        for item in items[2:]:
            yield f"{label}: first of all {item.name}", put(items[0].begin, item.end,
                                                           [item.text] + lines[items[0].begin:item.begin])
        if key == "steps":
            yield f"{label}: all side by side", put(at, at + 1, [lines[at].replace("steps:", "parallel:")])


def changes_of_lines(lines, where):
    """(name, changed lines) for what can be done to a line."""
    rules = [
        ("at_most all", r"\bat_most: (?!all)\S+", "at_most: all"),
        ("two at a time", r"\bat_most: 1\b", "at_most: 2"),
        ("forget the first", r"\bfor_each: (\w+) in (.+?)\s*$", r"for_each: \1 in rest(\2)" + "\n"),
        ("the first only", r"\bfor_each: (\w+) in (.+?)\s*$", r"for_each: \1 in [first(\2)]" + "\n"),
        ("without `after`", r"^\s*after: .*\n", ""),
        ("without `after`", r", after: [^,}]*", ""),
        ("carry on", r"^(\s*)for_each: (.*)\n", r"\1for_each: \2" + "\n" + r"\1on_failure: continue" + "\n" + r"\1max_failures: 2" + "\n"),
        ("on the last", r"\bon: first\(", "on: last("),
        ("without `when`", r", when: [^,}]*", ""),
        ("without a value to go back to", r"\$\{before\.[\w.]+\}", "1"),
        ("nothing to undo", r"^(\s*)undo: \{do: .*\n", r"\1undo: {nothing: never mind}" + "\n"),
    ]
    for at, line in enumerate(lines):
        for name, pattern, new in rules:
            changed = re.sub(pattern, new, line)
            if changed != line:
                yield f"{where(at)}: {name}", lines[:at] + [changed] + lines[at + 1:]
        # One at a time is the default of a loop.
        if re.search(r"\bfor_each:", line) and not any("at_most:" in other for other in lines[at:at + 4]):
            yield f"{where(at)}: at_most all", lines[:at + 1] + [" " * indent_of(line.replace("- ", "  ", 1)) + "at_most: all\n"] + lines[at + 1:]


def database_in_each(lines, where):
    """The database upgraded with each server that a procedure upgrades."""
    for at, key, items in step_lists(lines):
        for item in items:
            if key == "steps" and "do: pvs.server.install" in item.text:
                step = " " * indent_of(item.text) + (
                    '- {id: database-too, do: pvs.database.upgrade, with: {version: "${version}", server: "${on}", backup: b}}\n')
                yield f"{where(at)} {key}: database with each server", lines[:item.end] + [step] + lines[item.end:]


def section_names(lines):
    """For each line of a module the action or procedure that it is in."""
    names, current, section = [], "", ""
    for line in lines:
        top = re.match(r"^(\w+):", line)
        if top:
            section, current = top[1], ""
        entry = re.match(r"^  ([\w.]+):\s*$", line)
        if entry and section in ("actions", "procedures"):
            current = entry[1]
        names.append(current)
    return names


def step_at(lines):
    """For each line of a plan the id of the step that it is in."""
    names, current = [], ""
    for line in lines:
        named = re.match(r"^\s*- (?:\{)?id: ([\w-]+)", line)
        current = named[1] if named else current
        names.append(current)
    return names


def used_by(plan, module):
    """Actions and procedures that a plan comes to, by its calls and theirs."""
    names = section_names(module)
    bodies = collections.defaultdict(str)
    for name, line in zip(names, module):
        bodies[name] += line
    used, open_ = set(), ["".join(plan)]
    while open_:
        for called in re.findall(r"\bdo: pvs\.([\w.]+)", open_.pop()):
            if called not in used:
                used.add(called)
                open_.append(bodies[called])
    return used


def mutants_of(plan_name, plan, module):
    # Cut at the requirements: they are not what is broken here.
    end = next((i for i, line in enumerate(plan) if re.match(r"^invariants:", line)), len(plan))
    body, rest = plan[:end], plan[end:]
    ids = step_at(body)
    names = section_names(module)
    used = used_by(body, module)
    of_plan = lambda at: f"plan {ids[at]}" if ids[at] and at >= 0 else "plan"  # noqa: E731
    of_module = lambda at: names[at]  # noqa: E731
    seen = set()
    for make in (changes_of_lists, changes_of_lines, database_in_each):
        for name, lines in make(body, of_plan):
            yield Mutant(unique(name, seen), {plan_name: "".join(lines + rest)})
    for make in (changes_of_lists, changes_of_lines, database_in_each):
        for name, lines in make(module, of_module):
            if name.split(":")[0].split(" ")[0] in used:
                yield Mutant(unique(name, seen), {MODULE: "".join(lines)})


def unique(name, seen):
    one, n = name, 1
    while one in seen:
        n += 1
        one = f"{name} ({n})"
    seen.add(one)
    return one


def project(folder):
    """plans/ with the standard module as files of the project, so that they can be changed. Returns the plans."""
    shutil.copytree(ROOT / "plans", folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / "stdlib" / "pvs", folder / "pvs")
    shutil.copy(HERE / PRODUCTION, folder / "pvs" / PRODUCTION)
    for path in folder.rglob("*.yaml"):
        up = "./" if path.parent == folder else "./" if path.parent.name == "pvs" else "../"
        inside = path.parent.name == "pvs"
        text = path.read_text()
        text = re.sub(r"^uses: \[pvs\]", f"uses: [{up}{'' if inside else 'pvs/'}module.yaml]", text, flags=re.M)
        text = re.sub(r"\bpvs/([\w-]+)(?=[,\]])", r"./pvs/\1.policy.yaml", text) if path.name.endswith(".plan.yaml") else text
        path.write_text(text)
    return sorted(p.name for p in folder.glob("*.plan.yaml"))


def validate(pvsplan, source, plan_name, mutant):
    """The codes of the errors; none: it passes."""
    with tempfile.TemporaryDirectory(prefix="pvsplan-mutant-") as name:
        folder = pathlib.Path(name)
        for path in source.rglob("*.yaml"):
            target = folder / path.relative_to(source)
            target.parent.mkdir(exist_ok=True)
            os.link(path, target)
        for file, text in mutant.texts.items():
            (folder / file).unlink()
            (folder / file).write_text(text)
        plan = (folder / plan_name).read_text()
        command = [pvsplan, "validate", plan_name, "--format", "json", "--policy", f"./pvs/{PRODUCTION}"]
        for policy in re.findall(r"\./pvs/[\w-]+\.policy\.yaml", re.search(r"^policies:.*$", plan, re.M)[0]):
            command += ["--policy", policy]
        parameters = re.search(r"^parameters:\n((?:  .*\n)*)", plan, re.M)[1]
        for parameter, value in GIVEN.items():
            if re.search(rf"^  {parameter}:(?!.*default)", parameters, re.M):
                command += ["--set", f"{parameter}={value}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        if done.returncode not in (0, 3):
            sys.exit(f"{plan_name}: {mutant.name}: exit {done.returncode}\n{done.stderr}")
        verdict = json.loads(done.stdout)
        return sorted({d["code"] for d in verdict["diagnostics"] if d["severity"] == "error"})


def read_survivors():
    """(plan, mutant) -> reason. A plan `*` stands for all that have the mutant."""
    reasons = {}
    for number, line in enumerate(SURVIVORS.read_text().splitlines() if SURVIVORS.exists() else [], 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 3:
            sys.exit(f"{SURVIVORS}:{number}: not `plan | mutant | reason`")
        reasons[parts[0], parts[1]] = parts[2]
    return reasons


def main():
    pvsplan = str(pathlib.Path(sys.argv[1]).resolve())
    reasons = read_survivors()
    left = set(reasons)
    wrong, unknown = [], []
    with tempfile.TemporaryDirectory(prefix="pvsplan-sharp-") as name:
        source = pathlib.Path(name)
        for plan_name in project(source):
            plan = (source / plan_name).read_text().splitlines(keepends=True)
            module = (source / MODULE).read_text().splitlines(keepends=True)
            short = plan_name.removesuffix(".plan.yaml")
            untouched = validate(pvsplan, source, plan_name, Mutant("untouched", {}))
            if untouched:
                wrong.append(f"{short}: does not compile as it is: {' '.join(untouched)}")
                continue
            mutants = list(mutants_of(plan_name, plan, module))
            by_group = collections.Counter()
            gaps = 0
            with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
                verdicts = pool.map(lambda m: validate(pvsplan, source, plan_name, m), mutants)
                for mutant, codes in zip(mutants, verdicts):
                    by_group[min((c[:3] for c in codes), default="survive")] += 1
                    key = next((k for k in ((short, mutant.name), ("*", mutant.name)) if k in reasons), None)
                    left.discard(key)
                    gaps += not codes and key is not None and reasons[key].startswith("gap:")
                    if codes and key and key[0] != "*":
                        wrong.append(f"{short}: {mutant.name}: is refused ({' '.join(codes)}), and listed as harmless")
                    if not codes and (not key or reasons[key] == "?"):
                        wrong.append(f"{short}: {mutant.name}: passes, and no reason is given why that does no harm")
                        if not key:
                            unknown.append(f"{short} | {mutant.name} | ?")
            print(f"{short}: {len(mutants)} mutants: " + ", ".join(f"{n} {g}" for g, n in sorted(by_group.items())) + f", {gaps} of them gaps")
    wrong += [f"{plan}: {mutant}: is listed as harmless, and there is no such mutant" for plan, mutant in sorted(left)]
    if "--write" in sys.argv[2:] and unknown:
        with open(SURVIVORS, "a") as out:
            out.writelines(line + "\n" for line in unknown)
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


main()

"""The small ways in which a plan is broken: text in, named texts out.

A mutant is a plan, or a procedure or the undo of an action that it uses, with one change that still reads as a plan: what
refers to a step that was dropped goes too. Requirements and preconditions are not changed; they are what is tried.
"""
import collections
import re

Mutant = collections.namedtuple("Mutant", "name texts")
MODULE = "pvs/module.yaml"


class Item:
    """An entry of a list of steps: lines [begin, end) of a text."""

    def __init__(self, lines, begin, end):
        self.begin, self.end = begin, end
        self.text = "".join(lines[begin:end])
        named = re.search(r"\bid: ([\w-]+)", self.text) or re.search(r"\b(?:do|approve): ([\w.-]+)", self.text)
        self.name = named[1] if named else self.text.strip()[:30]


def indent_of(line):
    return len(line) - len(line.lstrip())


def is_of_rollback(lines, at):
    """Whether the line is within `undo` or `recover`."""
    indent = indent_of(lines[at])
    for line in reversed(lines[:at]):
        if line.strip() and indent_of(line) < indent:
            indent = indent_of(line)
            if re.match(r"\s*(undo|recover):", line):
                return True
    return False


def step_lists(lines):
    """(line of the key, key, items) for each list of steps whose key stands alone on its line."""
    for at, line in enumerate(lines):
        key = re.match(r"^[\s-]*(steps|parallel|recover|undo):\s*$", line)
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


def without_mention(lines, name):
    """What asks for the step or its outputs gets an answer as if it had never been there."""
    text = "".join(lines)
    text = re.sub(r"\$\{steps\." + name + r"\.\w+\}", "none", text)
    text = re.sub(r"\b(?:started|done|failed)\(" + name + r"\)", "false", text)
    return text.splitlines(keepends=True)


def side_by_side(lines, at, items):
    """The steps of a list in a group without order."""
    indent = " " * indent_of(items[0].text)
    group = [f"{indent}- id: together\n", f"{indent}  parallel:\n"]
    inner = [line if not line.strip() else "    " + line for line in lines[items[0].begin:items[-1].end]]
    # What asks for them stands in the same plan or procedure, behind them.
    end = next((i for i in range(items[-1].end, len(lines)) if re.match(r"^(  )?\S", lines[i])), len(lines))
    asking = [re.sub(r"\b(started|done|failed)\(", r"\1(together.", line) for line in lines[items[-1].end:end]]
    return lines[:at + 1] + group + inner + asking + lines[end:]


def changes_of_lists(lines, where):
    """(name, changed lines) for what can be done to lists of steps."""
    def put(begin, end, new):
        return lines[:begin] + new + lines[end:]

    for at, key, items in step_lists(lines):
        label = f"{where(at)} {key}"
        for item in items:
            # Of a list of one nothing may be left but the key.
            if len(items) > 1:
                yield f"{label}: drop {item.name}", without_mention(put(item.begin, item.end, []), item.name)
            yield f"{label}: twice {item.name}", put(item.end, item.end, [again(item)])
        for one, other in zip(items, items[1:]):
            yield f"{label}: swap {one.name}, {other.name}", put(one.begin, other.end, [other.text, one.text])
        for item in items[2:]:
            yield f"{label}: first of all {item.name}", put(items[0].begin, item.end,
                                                           [item.text] + lines[items[0].begin:item.begin])
        for item in items[:-2]:
            text = item.text if item.text.endswith("\n") else item.text + "\n"
            yield f"{label}: last of all {item.name}", put(item.begin, items[-1].end, lines[item.end:items[-1].end] + [text])
        if key == "steps":
            yield f"{label}: all side by side", side_by_side(lines, at, items)
        if key == "recover":
            yield f"{label}: left out", put(at, items[-1].end, [])
        # A group of a plan stands two levels deeper than the steps of the plan.
        if key in ("steps", "parallel") and lines[at].startswith("    ") and where(at).startswith("plan") and len(items) > 1:
            for item in items:
                moved = re.sub(r"(?m)^    ", "", item.text)
                rest = lines[items[0].begin:item.begin] + lines[item.end:items[-1].end]
                yield f"{label}: out of the group {item.name}", put(items[0].begin, items[-1].end, rest + [moved])


def changes_of_lines(lines, where):
    """(name, changed lines) for what can be done to a line."""
    carry_on = r"\1for_each: \2" + "\n" + r"\1on_failure: continue" + "\n" + r"\1max_failures: 2" + "\n"
    rules = [
        ("at_most all", r"\bat_most: (?!all).*", "at_most: all"),
        ("two at a time", r"\bat_most: 1\b", "at_most: 2"),
        ("forget the first", r"\bfor_each: (\w+) in (.+?)\s*$", r"for_each: \1 in rest(\2)" + "\n"),
        ("forget the last", r"\bfor_each: (\w+) in (\w+)\s*$", r"for_each: \1 in [x in \2 where x != last(\2)]" + "\n"),
        ("the first only", r"\bfor_each: (\w+) in (.+?)\s*$", r"for_each: \1 in [first(\2)]" + "\n"),
        ("without `after`", r"^\s*after: .*\n", ""),
        ("without `after`", r", after: [^,}]*", ""),
        ("carry on", r"^(\s*)for_each: (.*)\n", carry_on),
        ("on the last", r"\bon: first\(", "on: last("),
        ("on the first", r"\bon: s$", "on: first(servers)"),
        ("on the first", r"\bon: c$", "on: first(consoles)"),
        ("about the last", r"\bon: servers$", "on: last(servers)"),
        ("on the last", r"^(\s*- \{id: [\w-]+, )(?=(?:when: [^,}]*, )?do: pvs\.(?:stream|server)\.)", r"\1on: last(servers), "),
        ("another version", r'version: "\$\{version\}"', "version: 1"),
        ("ask the last", r'\bpeer: "\$\{first\(.*?\)\}"', 'peer: "${last(servers)}"'),
        ("ask the first", r'\bpeer: "\$\{last\(.*?\)\}"', 'peer: "${first(servers)}"'),
        ("without `when`", r", when: [^,}]*", ""),
        ("without a value to go back to", r"\$\{before\.(?!restart\b)[\w.]+\}", "1"),
        ("without a value to go back to", r"\$\{before\.restart\}", "due"),
        ("nothing to undo", r"^(\s*)undo: \{do: .*\n", r"\1undo: {nothing: never mind}" + "\n"),
        ("go back to another version", r'version: "\$\{from\}"', 'version: "${version}"'),
        ("restored as another version", r'schema: "\$\{from\}"', 'schema: "${version}"'),
    ]
    for at, line in enumerate(lines):
        for name, pattern, new in rules:
            changed = re.sub(pattern, new, line)
            if name == "carry on" and is_of_rollback(lines, at):
                continue  # nothing carries on there
            if name == "carry on" and any("on_failure:" in other for other in lines[at:at + 4]):
                continue  # it does already
            if changed != line:
                yield f"{where(at)}: {name}", lines[:at] + ([changed] if changed else []) + lines[at + 1:]
        # One at a time is the default of a loop.
        if re.search(r"\bfor_each:", line) and not any("at_most:" in other for other in lines[at:at + 4]):
            yield f"{where(at)}: at_most all", lines[:at + 1] + [" " * indent_of(line.replace("- ", "  ", 1)) + "at_most: all\n"] + lines[at + 1:]
        if re.match(r"^\s*approve: ", line) and re.match(r"^\s*on: ", lines[at + 1]):
            yield f"{where(at)}: about nothing", lines[:at + 1] + lines[at + 2:]


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


def unique(name, seen):
    one, n = name, 1
    while one in seen:
        n += 1
        one = f"{name} ({n})"
    seen.add(one)
    return one


def mutants_of(plan_name, plan, module):
    """Every mutant of a plan; `plan` and `module` are lists of lines."""
    # Cut at the requirements: they are not what is broken here.
    end = next((i for i, line in enumerate(plan) if re.match(r"^invariants:", line)), len(plan))
    body, rest = plan[:end], plan[end:]
    ids = step_at(body)
    names = section_names(module)
    used = used_by(body, module)
    of_plan = lambda at: f"plan {ids[at]}" if ids[at] and at >= 0 else "plan"  # noqa: E731
    inline = [re.match(r"^\s*- \{id: ([\w-]+)", line) for line in module]
    of_module = lambda at: names[at] + (f" {inline[at][1]}" if inline[at] else "")  # noqa: E731
    seen = set()
    for make in (changes_of_lists, changes_of_lines, database_in_each):
        for name, lines in make(body, of_plan):
            yield Mutant(unique(name, seen), {plan_name: "".join(lines + rest)})
    for make in (changes_of_lists, changes_of_lines, database_in_each):
        for name, lines in make(module, of_module):
            if name.split(":")[0].split(" ")[0] in used:
                yield Mutant(unique(name, seen), {MODULE: "".join(lines)})

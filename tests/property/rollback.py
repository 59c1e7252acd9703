#!/usr/bin/env python3
"""What `validate` calls a complete rollback is rehearsed, and everything has to be as it was.

    rollback.py PVSPLAN [--plans N] [--first SEED]

Random plans over a small module: loops that carry on, groups with a `recover` of their own, some of which are wrong. Of
those that `validate` calls complete every step fails in each way, every write is the last one of its process, and some
faults come together. A plan that does not come back is printed with its seed.
"""
import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

# Some undo what they set, some only part of it, some only where it was so before.
MODULE = """\
module: toy
kinds:
  node:
    plural: nodes
    state: {a: {type: [x, y, z]}, b: {type: [x, y]}, c: {type: version}}
    observe: {command: [look]}
actions:
  a: {on: node, parameters: {v: [x, y, z]}, sets: {on.a: "${v}"}, run: {command: [a]}, repeatable: true,
      undo: {do: toy.a, with: {v: "${before.a}"}}}
  a-to-x: {on: node, parameters: {v: [x, y, z]}, sets: {on.a: "${v}"}, run: {command: [a]}, repeatable: true,
           undo: {do: toy.a, with: {v: x}}}
  b: {on: node, parameters: {v: [x, y]}, sets: {on.b: "${v}"}, run: {command: [b]}, repeatable: true,
      undo: {do: toy.b, with: {v: "${before.b}"}}}
  b-while-y: {on: node, parameters: {v: [x, y]}, requires: on.a == y, sets: {on.b: "${v}"}, run: {command: [b]},
              repeatable: true, undo: {do: toy.b-while-y, with: {v: "${before.b}"}}}
  both: {on: node, parameters: {v: [x, y]}, sets: {on.a: "${v}", on.b: "${v}"}, run: {command: [both]},
         repeatable: true,
         undo: [{do: toy.a, with: {v: "${before.a}"}}, {do: toy.b, with: {v: "${before.b}"}}]}
  half: {on: node, parameters: {v: [x, y]}, sets: {on.a: "${v}", on.b: "${v}"}, run: {command: [both]},
         repeatable: true, undo: {do: toy.a, with: {v: "${before.a}"}}}
  other: {on: node, parameters: {to: node, v: [x, y, z]}, sets: {to.a: "${v}"}, run: {command: [other]},
          repeatable: true, undo: {do: toy.a, on: to, with: {v: y}}}
  c: {on: node, parameters: {v: version}, sets: {on.c: "${v}"}, run: {command: [c]}, repeatable: true,
      undo: {do: toy.c, with: {v: "${before.c}"}}}
  look: {on: node, requires: on.a != z, run: {command: [look]}, repeatable: true, undo: {nothing: it looks}}
  ask: {on: node, run: {command: [ask]}, outputs: {old: "${exit == 3}", new: "${exit == 0}"}, repeatable: true,
        undo: {nothing: it asks}}
  tell: {on: node, parameters: {m: bool}, run: {command: [tell]}, repeatable: true, undo: {nothing: it tells}}
  need: {on: node, requires: on.b == y, run: {command: [need]}, repeatable: true, undo: {do: toy.look}}
procedures:
  roll: {on: node, parameters: {v: [x, y]},
         steps: [{do: toy.a, with: {v: y}}, {do: toy.b-while-y, with: {v: "${v}"}}, {do: toy.c, with: {v: "7.1"}}]}
"""
VALUES = {"a": "xyz", "a-to-x": "xyz", "b": "xy", "b-while-y": "xy", "both": "xy", "half": "xy", "other": "xyz",
          "c": "123", "look": "", "need": "", "roll": "xy"}


class Plan:
    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.ids = 0
        self.asked = []  # steps of which an output can be read here
        self.initial = [(self.draw.choice("xyz"), self.draw.choice("xy"), self.draw.choice("123"))
                        for _ in range(self.draw.randint(1, 3))]
        self.lines = ["plan: random", "uses: [./toy.yaml]", "farm: ./farm.yaml", "steps:"]
        inside = self.block("  ", depth=2, variable=None)
        if self.chance(15):
            self.recover("", inside, None)

    def chance(self, percent):
        return self.draw.randrange(100) < percent

    def farm(self):
        nodes = (f"  - {{name: n{i}, state: {{a: {a}, b: {b}, c: {c}}}}}" for i, (a, b, c) in enumerate(self.initial))
        return "\n".join(["farm: toy", "uses: [./toy.yaml]", "nodes:", *nodes, ""])

    def text(self):
        return "\n".join(self.lines) + "\n"

    def new_id(self):
        self.ids += 1
        return f"s{self.ids}"

    def block(self, indent, depth, variable):
        outside = len(self.asked)
        steps = [self.step(indent, depth, variable) for _ in range(self.draw.randint(1, 3))]
        self.inside = self.asked[:]
        del self.asked[outside:]
        return steps

    def read(self, asked):
        return f"steps.{self.draw.choice(asked)}.{self.draw.choice(['old', 'new'])}"

    # A step that asks, mostly under no condition.
    def ask(self, indent, name, variable):
        when = f', when: "{self.read(self.asked)}"' if self.asked and self.chance(30) else ""
        self.lines.append(f'{indent}- {{id: {name}, do: toy.ask, on: "{variable or "nodes[0]"}"{when}}}')
        self.asked.append(name)

    def step(self, indent, depth, variable):
        name = self.new_id()
        kind = self.draw.randrange(100)
        if self.chance(12):
            self.ask(indent, name, variable)
        elif depth == 0 or kind < 50:
            self.call(indent, name, variable)
        elif kind < 55:
            self.lines.append(f"{indent}- {{id: {name}, approve: Look at it.}}")
        elif kind < 75 or variable:
            self.lines += [f"{indent}- id: {name}", f"{indent}  {self.draw.choice(['steps', 'steps', 'parallel'])}:"]
            inside = self.block(indent + "    ", depth - 1, variable)
            if self.chance(50):
                self.recover(indent + "  ", inside, variable)
            self.on_failure(indent, may_continue=False)
        else:
            each = f"v{self.ids}"
            self.lines += [f"{indent}- id: {name}", f"{indent}  for_each: {each} in nodes",
                           f"{indent}  at_most: {self.draw.choice(['1', '2', 'all'])}", f"{indent}  steps:"]
            self.block(indent + "    ", depth - 1, each)
            if self.chance(25):
                self.recover(indent + "  ", [], each if self.chance(50) else None)
            self.on_failure(indent, may_continue=True)
        return name

    def call(self, indent, name, variable):
        action = self.draw.choice(list(VALUES))
        node = variable or f"nodes[{self.draw.randrange(len(self.initial))}]"
        given = {"v": self.draw.choice(VALUES[action])} if VALUES[action] else {}
        if action == "other":
            given["to"] = f'"${{{node}}}"'
        when = f', when: "{self.read(self.asked)}"' if self.asked and self.chance(20) else ""
        self.lines.append(f'{indent}- {{id: {name}, do: toy.{action}, on: "{node}"{when}'
                          + (", with: {" + ", ".join(f"{k}: {v}" for k, v in given.items()) + "}" if given else "")
                          + (", on_failure: rollback" if self.chance(8) else "") + "}")

    def on_failure(self, indent, may_continue):
        if may_continue and self.chance(40):
            self.lines += [f"{indent}  on_failure: continue", f"{indent}  max_failures: {self.draw.randint(1, 2)}"]
        elif self.chance(15):
            self.lines.append(f"{indent}  on_failure: rollback")

    # Mostly everything as it was at first, which is not always what was before the group.
    def recover(self, indent, steps, variable):
        self.lines.append(f"{indent}recover:")
        asked = self.asked + self.inside
        if asked and self.chance(40):
            read = self.draw.choice(asked)
            when = f'when: "done({read})", ' if self.chance(50) else ""
            self.lines.append(f'{indent}  - {{{when}do: toy.tell, on: "nodes[0]", '
                              f'with: {{m: "${{{self.read([read])}}}"}}}}')
        for i, initial in enumerate(self.initial):
            node = variable or f"nodes[{i}]"
            for action, value in zip("abc", initial):
                if self.chance(8) and self.lines[-1] != f"{indent}recover:":
                    continue
                when = ""
                if steps and self.chance(25):
                    about = self.draw.choice(["started", "done", "failed", "not done"])
                    when = f'when: "{about}({self.draw.choice(steps)})", '
                elif self.chance(10):
                    when = f'when: "{node}.{action} != {value}", '
                self.lines.append(f'{indent}  - {{{when}do: toy.{action}, on: "{node}", with: {{v: {value}}}}}')


def look_at(pvsplan, seed):
    """What became of a plan, and what to say of it."""
    plan = Plan(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "toy.yaml").write_text(MODULE)
        (folder / "farm.yaml").write_text(plan.farm())
        (folder / "plan.yaml").write_text(plan.text())

        def run(*arguments):
            return subprocess.run([pvsplan, *arguments], cwd=folder, capture_output=True, text=True, check=False)

        validated = run("validate", "plan.yaml", "--format", "json")
        if validated.returncode not in (0, 3):
            return "broken", f"validate ends with {validated.returncode}: {validated.stderr}\n{plan.text()}"
        found = json.loads(validated.stdout)
        errors = sorted({d["code"] for d in found["diagnostics"] if d["severity"] == "error"})
        if any(code < "PV3" for code in errors):
            return "broken", f"it is no plan: {validated.stdout}\n{plan.text()}"
        if errors:
            return "refused", ""
        if not found["rollback"]["complete"]:
            return "not complete", ""
        rehearsed = run("rehearse", "plan.yaml", "--runs", "10", "--seed", str(seed))
        if rehearsed.returncode == 0:
            return "complete", ""
        return "WRONG", f"{rehearsed.stdout}{rehearsed.stderr}\n{plan.farm()}{plan.text()}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pvsplan")
    parser.add_argument("--plans", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    arguments = parser.parse_args()
    pvsplan = str(pathlib.Path(arguments.pvsplan).resolve())
    count = collections.Counter()
    with ThreadPoolExecutor(2) as pool:
        seeds = range(arguments.first, arguments.first + arguments.plans)
        for seed, (is_, said) in zip(seeds, pool.map(lambda s: look_at(pvsplan, s), seeds)):
            count[is_] += 1
            if said:
                print(f"seed {seed}: {is_}\n{said}")
    print(", ".join(f"{n} {is_}" for is_, n in count.most_common()))
    enough = count["complete"] * 8 >= arguments.plans
    return 0 if enough and not count["WRONG"] and not count["broken"] else 1


if __name__ == "__main__":
    sys.exit(main())

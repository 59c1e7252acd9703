#!/usr/bin/env python3
"""Pairs of a plan before and after one change, as a table: what hurts is told in the first lines of `pvsplan diff`, what
makes a plan safer is never told as a loss.

    pairs.py PVSPLAN

Each pair is one process. The plan, its module, policy and farm are those of `changes.py`, which tests the words, with every
safeguard there is.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from changes import CONSOLES, FARM, MODULE, PLAN, POLICY, REST, TRIED

M, P, F, L = "shop.module.yaml", "kept.policy.yaml", "small.farm.yaml", "weekend.plan.yaml"
INSTALL = "{id: install, do: shop.install, on: s, with: {version: 2}"
BACK = """\
    recover:
      - {id: sure, do: shop.renew, on: 'consoles["c1"]', with: {version: 1}}
      - {id: one, do: shop.renew, on: 'consoles["c1"]', with: {version: 1}}
      - {id: two, do: shop.renew, on: 'consoles["c2"]', with: {version: 1}}
    steps:
    - id: each
"""
# With every safeguard there is, so that a line less is one less.
MODULE = (MODULE.replace("default: running}}\n", "default: running}}\n    observe: {command: [cat, state]}\n", 1)
          .replace("stop: {on: server,", "stop: {on: server, requires: on.stream == running,")
          .replace("undo: {do: shop.start}, run: {command", "undo: {do: shop.start}, timeout: 5m, run: {command")
          + '  flush: {on: database, requires: on.schema >= 1, does: flush(on), repeatable: true, undo: {nothing: It looks.}, run: {command: ["true"]}}\n'
          + "procedures:\n  turn:\n    on: server\n    parameters: {careful: {type: bool, default: true}}\n    steps:\n"
          "      - {id: look, when: careful, approve: It stands, on: on}\n      - {id: stop, do: shop.stop, on: on}\n"
          "      - {id: start, do: shop.start, on: on}\n")
POLICY += "  - name: Flushed first\n    require: some flush(database) before every upgrade(database)\n    because: Else it is lost.\n"
POLICY = POLICY.replace("waivable: []", "waivable: [Flushed first]")
FARM = FARM.replace("farm: small\n", "farm: small\nstore: ./runs.db\nprotected: true\nsecrets:\n  key: {env: KEY}\nnotify:\n"
                    "  - {on: [doubt, failed], command: [page, upgrade]}\ndefaults:\n  server: {connect: {over: ssh, address: gate, user: root}}\n"
                    "  database: {connect: {over: manual}}\n  console: {connect: {over: manual}}\n")
CONSOLES_BACK = CONSOLES.replace("  - id: consoles\n", "  - id: consoles\n" + BACK).replace(
    "    for_each: c in consoles\n    at_most: all\n    do: shop.renew\n    on: c\n    with: {version: 2}\n",
    "      for_each: c in consoles\n      at_most: all\n      do: shop.renew\n      on: c\n      with: {version: 2}\n")
APPROVE = "approve: {text: 'Does it work?', by: [ann, bob], not: starter}"
FLUSH = "  - {id: flush, do: shop.flush, on: database, retry: {times: 1}}\n"
BLOCK = """\
  - id: block
    steps:
      - {id: sealed, approve: Sealed}
      - {id: quiet, do: shop.flush, on: database}
"""
BLOCK_LESS = """\
  - {id: quiet, do: shop.flush, on: database}
  - id: block
    steps:
      - {id: sealed, approve: Sealed}
"""
ENDS = """\
  - {id: asks, do: shop.flush, on: database, approve: 'Is it quiet?'}
  - {id: late, do: shop.flush, on: database, window: {from: '23:00', to: '04:00', zone: UTC}}
  - {id: seldom, do: shop.flush, on: database, when: not careful}
  - {id: many, for_each: d in databases, on_failure: continue, max_failures: 1, do: shop.flush, on: d}
  - {id: each, for_each: d in databases, do: shop.flush, on: d}
"""
CAREFUL = "  - {id: last, do: shop.turn, on: 'servers[\"s2\"]', with: {careful: \"${careful}\"}}\n"
PLAN = (PLAN.replace("steps:\n", "approvers: [ann, bob, carl]\nwindow: {from: '22:00', to: '05:00', zone: UTC, days: [fri, sat]}\n"
                     "parameters:\n  careful: {type: bool, default: true}\n  width: {type: int, default: 1}\nnotify:\n"
                     "  - {on: [waiting], command: [page, plan]}\nsteps:\n" + FLUSH, 1)
        .replace("approve: Does it work?", APPROVE).replace(INSTALL, INSTALL + ", timeout: {after: 5m, then: doubt}")
        .replace(CONSOLES, CONSOLES_BACK) + CAREFUL + BLOCK + ENDS)
TRIED = TRIED.replace("approve: Does it work?", APPROVE)
FILES = {M: MODULE, P: POLICY, F: FARM, L: PLAN}
REST = PLAN[PLAN.index("  - id: rest"):PLAN.index("  - id: tried")]
DATA = PLAN[PLAN.index("  - id: data"):PLAN.index("  - id: rest")]


def beside(text):
    return "  - id: both\n    parallel:\n" + "".join(f"    {line}\n" for line in text.splitlines())


def entry(name, lines=3):
    rest = POLICY[POLICY.index(f"  - name: {name}"):].splitlines(True)
    return "".join(rest[:lines])


# What hurts: (what, file, text, text in its place, a word of the first lines).
WEAKER = [
    # requirements
    ("a requirement gone", P, entry("Each server once"), "", "Each server once"),
    ("exactly to at least", P, "exactly 1 upgrade(database)", "at least 1 upgrade(database)", "Database once"),
    ("exactly to at most", P, "exactly 1 upgrade(database)", "at most 1 upgrade(database)", "Database once"),
    ("a number raised", P, "at most 1 down(server)", "at most 2 down(server)", "One server down"),
    ("always to finally", P, "always at most 1 down(server)", "finally every streaming(server)", "One server down"),
    ("every to some", P, "every upgrade(server) before", "some upgrade(server) before", "Console after servers"),
    ("where added", P, "at most 1 down(server)", 'at most 1 down(server s) where s.site == "east"', "One server down"),
    ("where narrowed", P, '["east", "west"]', '["east"]', "Few at a site"),
    ("where of state added", P, "exactly 1 upgrade(server s) per s", "exactly 1 upgrade(server s) per s where initially s.version < 1",
     "Each server once"),
    ("per added", P, "at most 1 down(server)", "at most 1 down(server s) per s.site", "One server down"),
    ("per dropped", P, "exactly 1 upgrade(server s) per s", "exactly 3 upgrade(server s)", "Each server once"),
    ("while to before", P, "every upgrade(server s) while every down(server s)", "every stop(server s) before some upgrade(server s)",
     "Stopped before upgraded"),
    ("waivable widened", P, "waivable: [Flushed first]", "waivable: [Flushed first, Database once]", "Database once"),
    ("waived", L, "steps:\n" + FLUSH, "waive: [{requirement: Flushed first, because: We hurry.}]\nsteps:\n" + FLUSH, "Flushed first"),
    ("a policy gone", L, "policies: [./kept.policy.yaml]\n", "", "dropped"),
    ("a requirement on another event", P, "some flush(database) before", "some upgrade(server) before", "Flushed first"),
    # order and blocks
    ("out of its place", L, TRIED + CONSOLES_BACK, CONSOLES_BACK + TRIED, "Tried first"),
    ("two blocks side by side", L, REST + TRIED, beside(REST + TRIED), "no longer waits"),
    ("at_most raised", L, "at_most: 1", "at_most: 2", "One server down"),
    ("at_most all", L, "at_most: 1", "at_most: all", "One server down"),
    ("at_most by a parameter", L, "at_most: 1", "at_most: ${width}", "at_most"),
    ("a step not always run", L, "    do: shop.migrate\n", "    when: careful\n    do: shop.migrate\n", "when"),
    ("a step gone", L, FLUSH, "", "Flushed first"),
    ("fewer servers", L, "for_each: s in servers", 'for_each: s in [s in servers where s.name != "s2"]', "Each server once"),
    ("others go on", L, "    for_each: s in servers\n", "    for_each: s in servers\n    on_failure: continue\n    max_failures: 1\n", "One server down"),
    ("side by side with an approval", L, TRIED + CONSOLES_BACK, beside(TRIED + CONSOLES_BACK), "Tried first"),
    ("out of a block", L, BLOCK, BLOCK_LESS, "approval"),
    ("steps of a block to parallel", L, BLOCK, BLOCK.replace("steps:", "parallel:", 1), "no longer waits"),
    ("a condition of a whole block", L, BLOCK, BLOCK.replace("    steps:", "    when: not careful\n    steps:", 1), "approval"),
    ("no approval before a step", L, ", approve: 'Is it quiet?'", "", "approval"),
    ("no window of a step", L, ", window: {from: '23:00', to: '04:00', zone: UTC}", "", "window"),
    ("a longer window of a step", L, "from: '23:00'", "from: '22:00'", "window"),
    ("no condition", L, ", when: not careful", "", "added      `seldom`"),
    ("more failures", L, "max_failures: 1", "max_failures: 2", "max_failures"),
    ("goes on after a failure", L, "for_each: d in databases, do", "for_each: d in databases, on_failure: continue, max_failures: 1, do", "on_failure"),
    # approvals, windows, retries, timeouts
    ("an approval gone", L, TRIED, "", "approval"),
    ("an approval under a condition", L, "  - id: tried\n", "  - id: tried\n    when: not careful\n", "approval"),
    ("more may approve", L, "by: [ann, bob]", "by: [ann, bob, eve]", "approve"),
    ("anybody may approve", L, ", by: [ann, bob]", "", "approve"),
    ("more approvers", L, "approvers: [ann, bob, carl]", "approvers: [ann, bob, carl, eve]", "approve"),
    ("no approvers", L, "approvers: [ann, bob, carl]\n", "", "approve"),
    ("an approval of a procedure by default", L, ', with: {careful: "${careful}"}', ", with: {careful: false}", "approval"),
    ("a default of a parameter", L, "careful: {type: bool, default: true}", "careful: {type: bool, default: false}", "approval"),
    ("an approval of a procedure gone", M, "      - {id: look, when: careful, approve: It stands, on: on}\n", "", "approval"),
    ("no window", L, "window: {from: '22:00', to: '05:00', zone: UTC, days: [fri, sat]}\n", "", "window"),
    ("a longer window", L, "to: '05:00'", "to: '08:00'", "window"),
    ("another zone", L, "zone: UTC", "zone: America/New_York", "window"),
    ("more days", L, "[fri, sat]", "[fri, sat, mon]", "window"),
    ("a longer timeout", L, "after: 5m", "after: 5h", "timeout"),
    ("a timeout gone", L, ", timeout: {after: 5m, then: doubt}", "", "timeout"),
    ("a timeout that kills", L, "then: doubt", "then: kill", "timeout"),
    ("retry of what may not be repeated", L, "{id: stop, do: shop.stop, on: s}", "{id: stop, do: shop.stop, on: s, retry: {times: 3}}", "once"),
    ("nobody is told by the plan", L, "notify:\n  - {on: [waiting], command: [page, plan]}\n", "", "no longer tells"),
    # undo
    ("an undo impossible", M, 'undo: {do: shop.migrate, with: {version: "${before.schema}"}}', "undo: {impossible: It stays.}", "return"),
    ("an undo to another value", M, 'undo: {do: shop.install, with: {version: "${before.version}"}}', "undo: {do: shop.install, with: {version: 1}}", "undo"),
    ("recover gone", L, BACK, "    steps:\n    - id: each\n", "undo"),
    ("a step of recover gone", L, BACK.splitlines(True)[1], "", "undo"),
    ("recover under a condition", L, "with: {version: 1}}\n      - {id: one,", "with: {version: 1}, when: failed(each)}\n      - {id: one,", "undo"),
    # modules
    ("does gone", M, "does: upgrade(on)\n    sets: {on.schema", "sets: {on.schema", "Database once"),
    ("does something else", M, "does: stop(on)", "does: halt(on)", "which events it is"),
    ("observe gone", M, "    observe: {command: [cat, state]}\n", "", "observed"),
    ("observed otherwise", M, "[cat, state]", "[echo, fine]", "observed"),
    ("requires gone", M, " requires: on.stream == running,", "", "require"),
    ("requires less", M, "requires: on.schema >= 1", "requires: on.schema >= 0", "require"),
    ("a predicate narrowed", M, "down(server s): s.stream == stopped", "down(server s): s.stream == stopped and s.version < 2", "violated"),
    ("a predicate widened", M, "streaming(server s): s.stream == running", "streaming(server s): s.version > 0", "All serve at the end"),
    ("a timeout of an action longer", M, "timeout: 5m", "timeout: 9h", "timeout"),
    ("a timeout of an action gone", M, " timeout: 5m,", "", "timeout"),
    ("exit codes", M, 'run: {command: ["true"]}}\n  start', 'run: {command: ["true"], exit_codes: [0, 1]}}\n  start', "exit"),
    ("runs something else", M, 'run: {command: ["true"]}}\n  start', 'run: {command: [rm, -rf, /]}}\n  start', "runs something else"),
    # farms
    ("a server out of where", F, "{name: s2, site: east", "{name: s2, site: north", "Few at a site"),
    ("not protected", F, "protected: true\n", "", "protected"),
    ("another store", F, "./runs.db", "./other.db", "store"),
    ("another host", F, "address: gate", "address: other", "connect"),
    ("another user", F, "user: root", "user: eve", "connect"),
    ("by hand", F, "{over: ssh, address: gate, user: root}", "{over: manual}", "connect"),
    ("a secret from elsewhere", F, "{env: KEY}", "{file: key.txt}", "secret"),
    ("nobody is told", F, "notify:\n  - {on: [doubt, failed], command: [page, upgrade]}\n", "", "no longer tells"),
    ("told of less", F, "[doubt, failed]", "[doubt]", "no longer told of `failed`\n"),
    ("told elsewhere", F, "[page, upgrade]", "[page, nobody]", "no longer tells"),
]
# What is one way only: its reverse makes the plan safer, and nothing of it is told as a loss.
ONE_WAY = {what for what, *_ in WEAKER} - {
    "out of a block",    "always to finally", "out of its place", "a predicate narrowed", "a predicate widened",
    # the reverse loses something as well
    "a requirement on another event", "while to before", "per added", "another zone", "an undo to another value", "observed otherwise", "runs something else",
    "another store", "another host", "another user", "by hand", "a secret from elsewhere", "told elsewhere", "does something else", "does gone",
    "per dropped", "a server twice", "fewer servers", "a step not always run", "an undo that does nothing", "exactly to at least"}
STRONGER = [
    ("a requirement more", P, entry("Few at a site"), entry("Few at a site") + "  - name: More\n    require: at most 9 flush(database)\n"),
    ("an approval more", L, "  - id: consoles\n", "  - id: sure\n    approve: Really?\n  - id: consoles\n"),
    ("fewer at a time", L, "      at_most: all\n", "      at_most: 1\n"),
    ("a window of a step", L, "    at_most: 1\n", "    at_most: 1\n    window: {from: '23:00', to: '04:00', zone: UTC}\n"),
    ("a shorter timeout", L, "after: 5m", "after: 4m"),
    ("fewer attempts", L, ", retry: {times: 1}", ""),
    ("another step of recover", L, BACK.splitlines(True)[2], BACK.splitlines(True)[2] + BACK.splitlines(True)[2].replace("id: one", "id: three")),
    ("more is required", M, "start: {on: server,", "start: {on: server, requires: on.stream == stopped,"),
    ("told of more", F, "[doubt, failed]", "[doubt, failed, waiting]"),
    ("somebody else is told as well", L, "[page, plan]}\n", "[page, plan]}\n  - {on: [failed], command: [page, me]}\n"),
    ("a number as a sum", P, "at most 1 down(server)", "at most 2 - 1 down(server)"),
    ("a name only", P, "name: One server down", "name: One server at a time"),
    ("a summary", L, "  - id: rest\n", "  - id: rest\n    summary: All others.\n"),
    ("after nothing", L, "  - id: rest\n", "  - id: rest\n    after: []\n"),
    ("a group around a step", L, FLUSH, "  - id: before\n    steps:\n    " + FLUSH),
    ("repeatable no more", M, "    repeatable: true\n    run: {command: [\"true\"]}\n  migrate", "    run: {command: [\"true\"]}\n  migrate"),
    ("a server more", F, "consoles: [", "  - {name: s4, site: west, state: {version: 1}}\nconsoles: ["),
]
BAD = {"violated", "dropped", "weakened", "redefined", "waived", "unproved", "waivable"}


def main():
    program = os.path.abspath(sys.argv[1])
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)

        def diff(number, files, after, form):
            for name, texts in (("old", files), ("new", after)):
                (top / f"{number}" / name).mkdir(parents=True, exist_ok=True)
                for file, text in texts.items():
                    (top / f"{number}" / name / file).write_text(text)
            return subprocess.run([program, "diff", "old/" + L, "new/" + L, *form], cwd=top / f"{number}", capture_output=True, text=True)

        valid = diff("valid", FILES, FILES, ["--exit-code"])
        if valid.returncode != 0 or subprocess.run([program, "validate", "new/" + L], cwd=top / "valid", capture_output=True).returncode != 0:
            sys.exit(valid.stdout + valid.stderr)

        def changed(what, file, old, new):
            if FILES[file].count(old) < 1:
                wrong.append(f"{what}: the text is not there: {old}")
            return {**FILES, file: FILES[file].replace(old, new, 1)}

        def weaker(number, pair):
            what, file, old, new, word = pair
            got = diff(number, FILES, changed(what, file, old, new), [])
            first = "\n".join(got.stdout.splitlines()[:6])
            if got.returncode not in (0, 1) or got.stderr or word not in first:
                wrong.append(f"{what}: `{word}` is not in the first lines: {first}\n{got.stderr[:600]}")

        def losses(number, what, before, after):
            got = diff(number, before, after, ["--format", "json"])
            if got.returncode not in (0, 1) or got.stderr:
                wrong.append(f"{what}: {got.stderr[:600]}")
                return
            told = json.loads(got.stdout)["plans"][0]
            bad = [f"{one['change']} {one['name']} {one.get('why', '')}" for one in told.get("requirements", []) if one["change"] in BAD]
            bad += [f"{one['change']} {one['step']}: {one['what']}" for one in told.get("losses", [])]
            if bad:
                wrong.append(f"{what}: told as a loss: {bad}")

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            pairs = [pool.submit(weaker, f"w{i}", pair) for i, pair in enumerate(WEAKER)]
            pairs += [pool.submit(losses, f"b{i}", what + ", back", changed(what, file, old, new), FILES)
                      for i, (what, file, old, new, _) in enumerate(WEAKER) if what in ONE_WAY]
            pairs += [pool.submit(losses, f"s{i}", what, FILES, changed(what, file, old, new)) for i, (what, file, old, new) in enumerate(STRONGER)]
            for pair in pairs:
                pair.result()
    print("\n".join(wrong) or f"{len(pairs)} pairs: what hurts is told, and nothing else")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

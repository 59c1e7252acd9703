#!/usr/bin/env python3
"""What `pvsplan diff` says of a change, and what it may not say:

    changes.py PVSPLAN

Ways to weaken a plan, each told as violated, dropped, weakened or redefined; as many ways to make it stronger, none told
so; and changes of the text that change nothing in what will happen.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MODULE = """\
module: shop
summary: What is sold, and where.
kinds:
  server:
    plural: servers
    attributes: {site: string}
    state: {version: version, stream: {type: [running, stopped], default: running}}
  console:
    plural: consoles
    state: {version: version}
  database:
    plural: databases
    state: {schema: version}
predicates:
  down(server s): s.stream == stopped
  streaming(server s): s.stream == running
actions:
  stop: {on: server, does: stop(on), sets: {on.stream: stopped}, undo: {do: shop.start}, run: {command: ["true"]}}
  start: {on: server, does: start(on), sets: {on.stream: running}, undo: {do: shop.stop}, run: {command: ["true"]}}
  install:
    on: server
    parameters: {version: version}
    does: upgrade(on)
    sets: {on.version: "${version}"}
    undo: {do: shop.install, with: {version: "${before.version}"}}
    repeatable: true
    run: {command: ["true"]}
  migrate:
    on: database
    parameters: {version: version}
    does: upgrade(on)
    sets: {on.schema: "${version}"}
    undo: {do: shop.migrate, with: {version: "${before.schema}"}}
    repeatable: true
    run: {command: ["true"]}
  renew:
    on: console
    parameters: {version: version}
    does: upgrade(on)
    sets: {on.version: "${version}"}
    undo: {do: shop.renew, with: {version: "${before.version}"}}
    repeatable: true
    run: {command: ["true"]}
"""
POLICY = """\
policy: kept
uses: [./shop.module.yaml]
waivable: []
invariants:
  - name: Database once
    require: exactly 1 upgrade(database)
    because: Nobody upgrades it twice.
  - name: One server down
    require: always at most 1 down(server)
    because: The others serve.
  - name: Console after servers
    require: every upgrade(server) before every upgrade(console)
    because: A new console does not understand an old server.
  - name: Tried first
    require: some approve(server) before every upgrade(console)
    because: Somebody has looked.
  - name: Each server once
    require: exactly 1 upgrade(server s) per s
    because: None is forgotten.
  - name: Stopped before upgraded
    require: every upgrade(server s) while every down(server s)
    because: Files are in use.
  - name: Few at a site
    require: always at most 2 down(server s) where s.site in ["east", "west"]
    because: The others of the site serve.
  - name: All serve at the end
    require: finally every streaming(server)
    because: Work begins at six.
"""
FARM = """\
farm: small
uses: [./shop.module.yaml]
databases: [{name: db, state: {schema: 1}}]
servers:
  - {name: s1, site: east, state: {version: 1}}
  - {name: s2, site: east, state: {version: 1}}
  - {name: s3, site: west, state: {version: 1}}
consoles: [{name: c1, state: {version: 1}}, {name: c2, state: {version: 1}}]
"""
PLAN = """\
plan: weekend
uses: [./shop.module.yaml]
policies: [./kept.policy.yaml]
farm: ./small.farm.yaml
steps:
  - id: data
    do: shop.migrate
    on: database
    with: {version: 2}
  - id: rest
    for_each: s in servers
    at_most: 1
    steps:
      - {id: stop, do: shop.stop, on: s}
      - {id: install, do: shop.install, on: s, with: {version: 2}}
      - {id: start, do: shop.start, on: s}
  - id: tried
    approve: Does it work?
    on: servers["s1"]
  - id: consoles
    for_each: c in consoles
    at_most: all
    do: shop.renew
    on: c
    with: {version: 2}
"""
FILES = {"shop.module.yaml": MODULE, "kept.policy.yaml": POLICY, "small.farm.yaml": FARM, "weekend.plan.yaml": PLAN}
BAD = {"violated", "dropped", "weakened", "redefined", "waived", "unproved", "waivable"}

TRIED = PLAN[PLAN.index("  - id: tried"):PLAN.index("  - id: consoles")]
REST = PLAN[PLAN.index("  - id: rest"):PLAN.index("  - id: tried")]
CONSOLES = PLAN[PLAN.index("  - id: consoles"):]
P, M, L = "kept.policy.yaml", "shop.module.yaml", "weekend.plan.yaml"
ENTRY = "  - name: %s\n"
# (what, file, old text, new text, the requirement that is told first, how)
WEAKER = [
    ("exactly to at most", P, "exactly 1 upgrade(database)", "at most 1 upgrade(database)", "Database once", "weakened"),
    ("a number raised", P, "always at most 1 down(server)", "always at most 2 down(server)", "One server down", "weakened"),
    ("every to some", P, "every upgrade(server) before", "some upgrade(server) before", "Console after servers", "weakened"),
    ("where added", P, "always at most 1 down(server)", 'always at most 1 down(server s) where s.site == "east"',
     "One server down", "weakened"),
    ("per dropped", P, "exactly 1 upgrade(server s) per s", "exactly 3 upgrade(server s)", "Each server once", "weakened"),
    ("per added", P, "always at most 1 down(server)", "always at most 1 down(server s) per s.site", "One server down",
     "weakened"),
    ("a place left out", P, 'where s.site in ["east", "west"]', 'where s.site in ["east"]', "Few at a site", "weakened"),
    ("a requirement gone", P, POLICY[POLICY.index("  - name: Tried"):POLICY.index("  - name: Each server")], "", "Tried first",
     "dropped"),
    ("a policy gone", L, "policies: [./kept.policy.yaml]\n", "", "Database once", "dropped"),
    ("another event", P, "every upgrade(server) before", "every start(server) before", "Console after servers", "weakened"),
    ("another object", P, "every upgrade(server s) while every down(server s)",
     "every upgrade(server s) while some down(server)", "Stopped before upgraded", "weakened"),
    ("a predicate redefined", M, "down(server s): s.stream == stopped",
     "down(server s): s.stream == stopped and s.version < 2", "One server down", "weakened"),
    ("an event redefined", M, "on: console\n    parameters: {version: version}\n    does: upgrade(on)",
     "on: console\n    parameters: {version: version}\n    does: renewal(on)", "Console after servers", "redefined"),
    ("may be waived", P, "waivable: []", "waivable: [One server down]", "One server down", "waivable"),
    ("order reversed", L, TRIED + CONSOLES, CONSOLES + TRIED, "Tried first", "violated"),
    ("two at a time", L, "at_most: 1", "at_most: 2", "One server down", "violated"),
    ("nothing at the end", P, "finally every streaming(server)", "finally some streaming(server)", "All serve at the end",
     "weakened"),
    ("an event of the database gone", M, "does: upgrade(on)\n    sets: {on.schema", "does: touch(on)\n    sets: {on.schema",
     "Database once", "redefined"),
    ("a predicate that nothing meets", M, "down(server s): s.stream == stopped", "down(server s): s.stream == stopped and false",
     "One server down", "weakened"),
    ("a predicate that all meet", M, "streaming(server s): s.stream == running",
     "streaming(server s): s.stream == running or s.stream == stopped", "All serve at the end", "weakened"),
    ("where on the later side", P, "before every upgrade(console)", 'before every upgrade(console c) where c.name == "c1"',
     "Console after servers", "weakened"),
    ("where under per", P, "exactly 1 upgrade(server s) per s", 'exactly 1 upgrade(server s) per s where s.site == "east"',
     "Each server once", "weakened"),
    ("every before some", P, "before every upgrade(console)\n    because: A new", "before some upgrade(console)\n    because: A new",
     "Console after servers", "weakened"),
    ("per of an order", P, "every upgrade(server) before every upgrade(console)",
     "every upgrade(server s) per s.name before every upgrade(console c) per c.name", "Console after servers", "weakened"),
    ("an empty policy of the same name", P, POLICY[POLICY.index("invariants:"):], "invariants: []\n", "Database once", "dropped"),
    ("a namesake that asks nothing", P, POLICY[POLICY.index("invariants:"):],
     "invariants: [{name: Database once, require: at least 0 upgrade(database)}]\n", "Database once", "weakened"),
    ("names exchanged", P, POLICY[POLICY.index("  - name: One"):POLICY.index("  - name: Console")],
     "  - {name: One server down, require: always at most 3 down(server)}\n", "One server down", "weakened"),
    ("a step that is never run", L, "    do: shop.migrate\n", "    when: false\n    do: shop.migrate\n", "Database once", "violated"),
    ("a loop over fewer", L, "for_each: s in servers", 'for_each: s in [s in servers where s.site == "east"]',
     "Each server once", "violated"),
    ("others go on", L, "    for_each: s in servers\n", "    for_each: s in servers\n    on_failure: continue\n    max_failures: 1\n",
     "One server down", "violated"),
]
# The same, of a policy with other texts in it: (what, old text in the policy, text before, text after, requirement).
WEAKER_TEXTS = [
    ("a number over the farm", "always at most 1 down(server)", "always at most 1 + 0 down(server)",
     "always at most 1 + 1 down(server)", "One server down"),
    ("never", "finally every streaming(server)", "never stop(console)", "at most 1 stop(console)", "All serve at the end"),
    ("at least", "finally every streaming(server)", "always at least 2 streaming(server)", "always at least 1 streaming(server)",
     "All serve at the end"),
    ("at least, a value left out", "finally every streaming(server)", "at least 1 upgrade(server s) per s",
     'at least 1 upgrade(server s) per s where s.site == "east"', "All serve at the end"),
    ("then of another object", "finally every streaming(server)", "every stop(server s) then some start(server s)",
     "every stop(server s) then some start(server)", "All serve at the end"),
    ("not in, one more", 'where s.site in ["east", "west"]', 'where s.site not in ["north"]',
     'where s.site not in ["north", "west"]', "Few at a site"),
    ("in to not in", 'where s.site in ["east", "west"]', 'where s.site in ["east", "west"]', 'where s.site not in ["west"]',
     "Few at a site"),
    ("before the run", "exactly 1 upgrade(server s) per s", "exactly 1 upgrade(server s) per s where initially s.version < 2",
     "exactly 1 upgrade(server s) per s where initially s.version < 1", "Each server once"),
]
STRONGER_TEXTS = [
    ("never", "finally every streaming(server)", "at most 2 stop(console)", "never stop(console)"),
    ("at least", "finally every streaming(server)", "always at least 1 streaming(server)", "always at least 2 streaming(server)"),
    ("then of the same object", "finally every streaming(server)", "every stop(server s) then some start(server)",
     "every stop(server s) then some start(server s)"),
    ("per dropped", "finally every streaming(server)", "always at most 2 down(server s) per s.site", "always at most 2 down(server)"),
    ("not in, one fewer", 'where s.site in ["east", "west"]', 'where s.site not in ["north", "west"]', 'where s.site not in ["west"]'),
    ("turned", 'where s.site in ["east", "west"]', 'where s.site == "east"', 'where "east" == s.site'),
    ("in as or", 'where s.site in ["east", "west"]', 'where s.site in ["east", "west"]', 'where s.site == "east" or s.site == "west"'),
    ("or as in", 'where s.site in ["east", "west"]', 'where s.site == "east" or s.site == "west"', 'where s.site in ["east", "west"]'),
    ("not equal", 'where s.site in ["east", "west"]', 'where s.site != "west"', 'where not s.site == "west"'),
    ("not west to all but north", 'where s.site in ["east", "west"]', 'where s.site == "east"', 'where s.site != "north"'),
    ("before the run dropped", "exactly 1 upgrade(server s) per s", "exactly 1 upgrade(server s) per s where initially s.version < 2",
     "exactly 1 upgrade(server s) per s"),
    ("a number written otherwise", "always at most 1 down(server)", "always at most 1 down(server)", "always at most 2 - 1 down(server)"),
    ("per of an order dropped", "every upgrade(server) before every upgrade(console)",
     "every upgrade(server s) per s.name before every upgrade(console c) per c.name",
     "every upgrade(server) before every upgrade(console)"),
]
STRONGER = [
    ("a number lowered", P, "always at most 2 down", "always at most 1 down"),
    ("some to every", P, "some approve(server) before", "every approve(server) before"),
    ("where dropped", P, 'always at most 2 down(server s) where s.site in ["east", "west"]', "always at most 2 down(server)"),
    ("a place more", P, '["east", "west"]', '["east", "west", "north"]'),
    ("a wider condition", P, 'where s.site in ["east", "west"]', 'where s.site in ["east", "west"] or s.site == "north"'),
    ("a requirement more", P, "  - name: One server down", "  - name: No more\n    require: at most 2 upgrade(console)\n"
     "  - name: One server down"),
    ("narrower some", P, "some approve(server) before", 'some approve(server s) where s.site == "east" before'),
    ("a predicate narrowed", M, "streaming(server s): s.stream == running",
     "streaming(server s): s.stream == running and s.version < 9"),
    ("a name only", P, "name: One server down", "name: One server at a time"),
    ("another variable", P, "exactly 1 upgrade(server s) per s", "exactly 1 upgrade(server x) per x"),
    ("an approval more", L, "  - id: consoles\n", "  - id: sure\n    approve: Really?\n  - id: consoles\n"),
    ("fewer consoles at a time", L, "at_most: all", "at_most: 1"),
    ("an order more", P, "  - name: All serve", "  - name: Data first\n    require: every upgrade(database) before every "
     "upgrade(server)\n  - name: All serve"),
]
UNDO = "sets: {on.version: \"${version}\"}\n    undo: {do: shop.install, with: {version: \"${before.version}\"}}"
# (what, file, old text, new text, what is told as lost; and the other way round)
LOSSES = [
    ("a point of no return", M, UNDO, "sets: {on.version: \"${version}\"}\n    undo: {impossible: It stays.}", ["no_return"], []),
    ("an approval gone", L, TRIED, "", ["approval_lost"], []),
    ("an approval about another server", L, 'on: servers["s1"]', 'on: servers["s3"]', ["approval_lost"], ["approval_lost"]),
    ("exit codes that are fine", M, 'stop: {on: server, does: stop(on), sets: {on.stream: stopped}, undo: {do: shop.start}, '
     'run: {command: ["true"]}}', 'stop: {on: server, does: stop(on), sets: {on.stream: stopped}, undo: {do: shop.start}, '
     'run: {command: ["true"], exit_codes: [0, 1]}}', ["safeguard_lost"], []),
    ("more is required", M, "stop: {on: server,", "stop: {on: server, requires: on.stream == running,", [], ["safeguard_lost"]),
    ("a window for all", L, "steps:", "window: {from: '22:00', to: '05:00', zone: UTC}\nsteps:", [], ["safeguard_lost"]),
    ("a timeout", L, "do: shop.install, on: s,", "do: shop.install, on: s, timeout: 5m,", [], ["safeguard_lost"]),
    ("others may approve", L, "approve: Does it work?", "approve: {text: 'Does it work?', by: [ann, bob]}", [], ["approval_lost"]),
]
# A parameter that may be something else: (what, old text, new text, how many lines tell it).
MODE = "parameters: {mode: {type: [slow, fast], default: slow}}\nsteps:"
OTHERS = [
    ("more values", "[slow, fast]", "[slow, fast, wild]", 1), ("any value", "[slow, fast]", "string", 2),
    ("another value", "default: slow", "default: fast", 1),
]
SAME = [
    ("a comment", L, "steps:", "# the weekend\nsteps:"),
    ("a summary", L, "  - id: data\n", "  - id: data\n    summary: The data.\n"),
    ("keys in another order", L, "    do: shop.migrate\n    on: database\n", "    on: database\n    do: shop.migrate\n"),
    ("a reworded reason", P, "because: Work begins at six.", "because: People come at six."),
    ("requirements in another order", P, POLICY[POLICY.index("  - name: Few"):],
     POLICY[POLICY.index("  - name: All"):] + POLICY[POLICY.index("  - name: Few"):POLICY.index("  - name: All")]),
    ("objects in another order", "small.farm.yaml", "{name: c1, state: {version: 1}}, {name: c2, state: {version: 1}}",
     "{name: c2, state: {version: 1}}, {name: c1, state: {version: 1}}"),
    ("members of parallel in another order", L, PARALLEL := """\
    parallel:
      - {id: a, do: shop.renew, on: 'consoles["c1"]', with: {version: 2}}
      - {id: b, do: shop.renew, on: 'consoles["c2"]', with: {version: 2}}
""", """\
    parallel:
      - {id: b, do: shop.renew, on: 'consoles["c2"]', with: {version: 2}}
      - {id: a, do: shop.renew, on: 'consoles["c1"]', with: {version: 2}}
"""),
]
# Parameters of an action, which is its own undo, with another before or behind them; the order alone means nothing.
TWO = ('parameters: {version: version}\n    does: upgrade(on)\n    sets: {on.version: "${version}"}\n    undo: {do: shop.install, with: {version: '
       '"${before.version}"}}')
MORE = TWO.replace("{version: version}", "{how: {type: int, default: 1}, version: version}")
LESS_ORDERED = MORE.replace("{how: {type: int, default: 1}, version: version}", "{version: version, how: {type: int, default: 1}}")
SAME.append(("parameters in another order", M, MORE, LESS_ORDERED))
A, B = (f"""\
      - id: {name}
        window: {{from: "{hour}:00", to: "05:00", zone: UTC}}
        recover: [{{id: back, do: shop.renew, on: 'consoles["{console}"]', with: {{version: 1}}}}]
        steps:
          - id: each
            for_each: c in [consoles["{console}"]]
            on_failure: continue
            when: c.version == {hour}
            do: shop.renew
            on: c
            with: {{version: 2}}
""" for name, hour, console in (("a", 22, "c1"), ("b", 23, "c2")))
GROUPS = "    parallel:\n" + A + B
SAME.append(("groups of parallel in another order", L, GROUPS, "    parallel:\n" + B + A))
LOOP = PLAN[PLAN.index("    for_each: c in consoles"):]

# A farm whose objects are moved by their attributes, while no text of a requirement changes: (what, text in the policy,
# text in its place, text in the module, text in its place, what is moved from and to, requirements that are told as
# weakened and who they name, and the same of the rollback).
F = "small.farm.yaml"
EAST, WEST = "{name: s2, site: east", "{name: s2, site: west"
ONE_DOWN, DOWN = "always at most 1 down(server)", "down(server s): s.stream == stopped"
MOVED = [
    ("out of where", "", "", "", "", EAST, "{name: s2, site: north", {"Few at a site": "s2"}, {}),
    ("within where", "", "", "", "", EAST, WEST, {}, {}),
    ("into another group", ONE_DOWN, ONE_DOWN[:-1] + " s) per s.site", "", "", EAST, WEST, {"One server down": "s2"},
     {"One server down": "s2"}),
    ("a group renamed", ONE_DOWN, ONE_DOWN[:-1] + " s) per s.site", "", "", "s3, site: west", "s3, site: ost", {"Few at a site": "s3"},
     {}),
    ("at least", ONE_DOWN, 'always at least 0 down(server s) where s.site == "east"', "", "", EAST, WEST, {},
     {"One server down": "s2"}),
    ("some", "some approve(server) before", 'some approve(server s) where s.site == "west" before', "", "",
     "{name: s1, site: east", "{name: s1, site: west", {"Tried first": "s1"}, {}),
    ("by a predicate", "", "", DOWN, DOWN + ' and s.site in ["east", "west"]', EAST, "{name: s2, site: north",
     {"One server down": "s2", "Few at a site": "s2"}, {"Stopped before upgraded": "s2"}),
    ("pairs of one value", "every upgrade(server) before every upgrade(console)",
     "every upgrade(server s) per s.site before every stop(server t) per t.site", "", "", EAST, WEST,
     {"Console after servers": "s2"}, {"Console after servers": "s2"}),
]

# A plan that has every safeguard there is, to be lost one by one.
REACHED = "{over: ssh, address: gate, user: root}"
BACK = """\
    recover:
      - {id: sure, do: shop.renew, on: 'consoles["c1"]', with: {version: 1}}
      - {id: one, do: shop.renew, on: 'consoles["c1"]', with: {version: 1}}
      - {id: two, do: shop.renew, on: 'consoles["c2"]', with: {version: 1}}
"""
SURE = BACK.splitlines()[1]
INSTALL = "{id: install, do: shop.install, on: s, with: {version: 2}"
GUARDED = {
    M: MODULE.replace("default: running}}\n", "default: running}}\n    observe: {command: [cat, state]}\n", 1)
    .replace("stop: {on: server,", "stop: {on: server, requires: on.stream == running,"),
    P: POLICY,
    F: FARM.replace("farm: small\n", "farm: small\nstore: ./runs.db\nprotected: true\nsecrets:\n  key: {env: KEY}\n"
                    "notify:\n  - {on: [doubt], command: [page, upgrade]}\n"
                    "defaults:\n  server: {connect: " + REACHED + "}\n  database: {connect: {over: manual}}\n"
                    "  console: {connect: {over: manual}}\n"),
    L: PLAN.replace("approve: Does it work?", "approve: {text: 'Does it work?', by: [ann, bob]}")
    .replace(INSTALL, INSTALL + ", timeout: {after: 5m, then: doubt}, retry: {times: 1}")
    .replace("  - id: consoles\n", "  - id: consoles\n" + BACK + "    steps:\n    - id: each\n")
    .replace("\n    for_each: c in", "\n      for_each: c in").replace("\n    at_most: all\n    do: shop.renew\n    on: c\n    with: {version: 2}",
                                                                  "\n      at_most: all\n      do: shop.renew\n      on: c\n      with: {version: 2}"),
}
# (what, file, old text, new text, what is told as lost: of which step or object; and the other way round)
SAFEGUARDS = [
    ("a longer timeout", L, "after: 5m", "after: 5h", ["safeguard_lost rest[*].install"], []),
    ("a command that is cut off", L, "then: doubt", "then: kill", ["safeguard_lost rest[*].install"], []),
    ("more attempts", L, "times: 1", "times: 9", [], []),
    ("more attempts at what may not be repeated", L, "{id: stop, do: shop.stop, on: s}",
     "{id: stop, do: shop.stop, on: s, retry: {times: 2}}", ["once_lost rest[*].stop"], []),
    ("looked at otherwise", M, "[cat, state]", "[echo, fine]", ["safeguard_lost kind server"], ["safeguard_lost kind server"]),
    ("less is required", M, " requires: on.stream == running,", "", ["safeguard_lost rest[*].stop"], []),
    ("less is required of what undoes", M, "start: {on: server,", "start: {on: server, requires: on.version > 0,", [],
     ["safeguard_lost rest[*].start"]),
    ("a step of recover gone", L, SURE + "\n", "", ["undo_lost consoles"], []),
    ("recover gone", L, BACK, "", ["undo_lost consoles"], []),
    ("recover of another object", L, SURE, SURE.replace("c1", "c2"), ["undo_lost consoles"],
     ["undo_lost consoles"]),
    ("recover under a condition", L, SURE, SURE[:-1] + ", when: failed(each)}",
     ["undo_lost consoles"], []),
    ("undone to another value", M, 'undo: {do: shop.install, with: {version: "${before.version}"}}',
     "undo: {do: shop.install, with: {version: 1}}", ["undo_lost rest[*].install"], ["undo_lost rest[*].install"]),
    ("more may approve", L, "[ann, bob]", "[ann, bob, eve]", ["approval_lost tried"], []),
    ("anybody may approve", L, ", by: [ann, bob]", "", ["approval_lost tried"], []),
    ("others may approve as well", L, "by: [ann, bob]", "by: [ann, bob], not: starter", [], ["approval_lost tried"]),
    ("a secret from a command", F, "{env: KEY}", "{command: [print-key]}", ["safeguard_lost secret key"],
     ["safeguard_lost secret key"]),
    ("nobody is told", F, "notify:\n  - {on: [doubt], command: [page, upgrade]}\n", "", ["safeguard_lost notify"], []),
    ("told of something else", F, "on: [doubt]", "on: [done]", ["safeguard_lost notify"], ["safeguard_lost notify"]),
    ("another host", F, "address: gate", "address: other", ["safeguard_lost server/*"], ["safeguard_lost server/*"]),
    ("another user", F, "user: root", "user: eve", ["safeguard_lost server/*"], ["safeguard_lost server/*"]),
    ("by a site", F, "user: root}", "user: root, via: north, site_key: '${secret.key}'}", ["safeguard_lost server/*"] * 2,
     ["safeguard_lost server/*"] * 2),
    ("by a person", F, REACHED, "{over: manual}", ["safeguard_lost server/*"] * 3, ["safeguard_lost server/*"] * 3),
    ("another store", F, "./runs.db", "./other.db", ["safeguard_lost the farm"], ["safeguard_lost the farm"]),
    ("not protected", F, "protected: true\n", "", ["safeguard_lost the farm"], []),
    ("a timeout that is somewhat longer", L, "after: 5m", "after: 9m", [], []),
    ("another name of the farm", F, "farm: small", "farm: other", ["safeguard_lost the farm"], ["safeguard_lost the farm"]),
    ("fails and is rolled back", L, "plan: weekend\n", "plan: weekend\non_failure: rollback\n", [], []),
]
# What is run on hosts by an action, told with the number of steps that run it: (what, text of the module, text in its place
# before, and after, what is told). Nothing of it is a loss.
STOP = 'sets: {on.stream: stopped}, undo: {do: shop.start}, run: {command: ["true"]}'
SCRIPT = STOP.replace('{command: ["true"]}', '{powershell: "Stop-Service a\\nWait b\\n"}')
RUNS = [
    ("another command", STOP, STOP, STOP.replace('["true"]', '[rm, -rf, "${on.name}"]'),
     "`shop.stop` (3 steps): what it runs: `true` became `rm -rf ${on.name}`"),
    ("a line of a script", STOP, SCRIPT, SCRIPT.replace("Stop-Service a", "Stop-Service c"),
     "`shop.stop` (3 steps): what it runs: `Stop-Service a` became `Stop-Service c`"),
    ("lines of a script", STOP, SCRIPT, SCRIPT.replace("Wait b", "Wait c\\nRemove-Item d"),
     "`shop.stop` (3 steps): what it runs is different (+2 -1 lines)"),
    ("lines in another order", STOP, SCRIPT, SCRIPT.replace("Stop-Service a\\nWait b", "Wait b\\nStop-Service a"),
     "`shop.stop` (3 steps): what it runs is different"),
    ("a script in place of a command", STOP, STOP, SCRIPT,
     "`shop.stop` (3 steps): what it runs is a PowerShell script, and was a command"),
    ("what only undoes", "do: shop.start}, run", "do: shop.begin}, run", "do: shop.begin}, run", "`shop.begin` (3 steps): where it undoes, "
     "what it runs: `begin` became `begin again`"),
]
# What an action takes and puts out: (what, old text, new text, what is told).
INTERFACE = [
    ("a type of a parameter", "text: {type: [slow, fast], default: slow}", "text: {type: [slow, fast, wild], default: slow}",
     "the type of parameter `text` `[slow, fast]` became `[slow, fast, wild]`"),
    ("a parameter more", "text: {type: [slow, fast], default: slow}", "more: {type: int, default: 2}, text: {type: [slow, fast], default: slow}",
     "parameter `more` is new"),
    ("a type of an output", "${json.count}", "${exit}", "its outputs are different"),
]
# What parameters decide: with these values the same happens. (what, file, old text, new text, what is told as lost, and as
# changed; the other way round the same as a change, and nothing as lost but what is in the last list).
DECIDED = [
    ("an approval left out", L, "approve: Does", "when: not hurry\n    approve: Does", ["approval_lost tried"], [], ["changed tried"]),
    ("by a group", L, "  - id: consoles\n", "  - id: consoles\n    when: n < 5\n", [], ["changed consoles.each[*]"], ["changed consoles.each[*]"]),
    ("of more than one way", L, "when: hurry", "when: hurry and n > 1", ["approval_lost skipped"], [], ["changed skipped"]),
    ("an approval that was left out", L, SKIPPED := "  - {id: skipped, when: hurry, approve: Look.}\n", "",
     ["approval_lost skipped"], ["removed skipped"], ["added skipped"]),
    ("more at once", L, "at_most: 1", "at_most: ${n}", ["safeguard_lost rest[*]"], [], ["changed rest[*]"]),
    ("a loop over fewer", L, "for_each: s in servers", "for_each: s in [x in servers where not hurry]", [], ["changed rest[*]"],
     ["changed rest[*]"]),
    ("about another server", L, 'on: servers["s1"]', "on: who", ["approval_lost tried"], [], ["changed tried"]),
    ("an argument", L, "install, on: s, with: {version: 2}", 'install, on: s, with: {version: "${version}"}', [],
     ["changed rest[*].install"], ["changed rest[*].install"]),
    ("a default", L, "n: {type: int, default: 1}", 'n: {type: int, default: "${size(databases)}"}', [], ["changed parameter n"],
     ["changed parameter n"]),
    ("a step of recover", L, "{id: again,", "{id: again, when: not hurry,", ["undo_lost consoles:recover.again[*]"], [],
     ["changed consoles:recover.again[*]"]),
    ("what undoes a step", M, "undo: {do: shop.look, with: {often: 1}}",
     "undo: [{do: shop.look, when: often < 2, on: on, with: {often: 1}}]", ["undo_lost looks:undo.look"], [],
     ["changed looks:undo.look"]),
    ("in a procedure", M, "{id: asked, approve", "{id: asked, when: not fast, approve", ["approval_lost called.asked"], [],
     ["changed called.asked"]),
]
DECIDING = {
    **FILES, M: MODULE.replace("predicates:", "procedures:\n  renewal:\n    on: console\n    parameters: {fast: bool}\n    steps:\n"
                               "      - {id: asked, approve: Now}\n      - {id: renew, do: shop.renew, on: on, with: {version: 2}}\n"
                               "predicates:") + """\
  look:
    on: server
    parameters: {often: int}
    does: nothing
    repeatable: true
    undo: {do: shop.look, with: {often: 1}}
    run: {command: ["true"]}
""",
    P: POLICY.replace("exactly 1 upgrade(server s) per s", "at least 1 upgrade(server s) per s"),
    L: PLAN.replace("steps:", "parameters:\n  hurry: {type: bool, default: false}\n  n: {type: int, default: 1}\n"
                    "  version: {type: version, default: 2}\n  who: {type: server, default: s1}\nsteps:\n" + SKIPPED[:-1], 1)
    .replace(CONSOLES, "  - id: consoles\n    recover:\n"
             "      - {id: back, for_each: c in consoles, do: shop.renew, on: c, with: {version: 1}}\n"
             "      - {id: again, for_each: c in consoles, do: shop.renew, on: c, with: {version: 1}}\n    steps:\n"
             + "".join("    " + line + "\n" for line in CONSOLES.replace("consoles\n", "each\n", 1).splitlines()))
    + "  - {id: called, do: shop.renewal, on: 'consoles[\"c1\"]', with: {fast: \"${hurry}\"}}\n"
    + "  - {id: looks, do: shop.look, on: 'servers[\"s1\"]', with: {often: \"${n}\"}}\n",
}
LOOK = """\
  look:
    on: database
    parameters: {text: {type: [slow, fast], default: slow}}
    run: {command: [look, "${text}"]}
    outputs: {count: "${json.count}"}
    repeatable: true
    undo: {nothing: It looks.}
"""


class Test:
    def __init__(self, pvsplan, folder):
        self.pvsplan, self.folder, self.wrong, self.count = pvsplan, folder, [], 0

    def write(self, name, files):
        for file, text in files.items():
            path = self.folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return str(self.folder / name / L)

    def say(self, what, text):
        self.wrong.append(f"{what}: {text}")

    def diff(self, what, before, after, *options):
        self.count += 1
        old, new = (os.path.relpath(path, self.folder) for path in (self.write("old", before), self.write("new", after)))
        got = subprocess.run([self.pvsplan, "diff", old, new, *options], cwd=self.folder, capture_output=True, text=True)
        if got.returncode not in (0, 1) or got.stderr:
            self.say(what, f"ends with {got.returncode}: {got.stdout}{got.stderr}")
        return got

    def digest(self, what, files):
        plan, out = self.write("compiled", files), self.folder / "compiled.json"
        got = subprocess.run([self.pvsplan, "compile", plan, "-o", str(out)], capture_output=True, text=True)
        if got.returncode != 0:
            self.say(what, f"does not compile: {got.stdout}{got.stderr}")
            return what
        return json.loads(out.read_text())["digest"]

    def changed(self, what, file, old, new, files=None):
        files = dict(files or FILES)
        if old not in files[file]:
            self.say(what, f"the text is not there: {old}")
        after = dict(files)
        after[file] = files[file].replace(old, new, 1)
        return files, after

    def requirements(self, what, before, after):
        got = self.diff(what, before, after, "--format", "json")
        plans = json.loads(got.stdout)["plans"] if got.stdout else []
        return plans[0]["requirements"] if plans else []

    def run(self):
        for what, file, old, new, name, how in WEAKER:
            told = self.requirements(what, *self.changed(what, file, old, new))
            if not any(one["name"] == name and one["change"] == how for one in told):
                self.say(what, f"{name} is not told as {how}: {told}")
        for what, file, old, new in STRONGER:
            bad = [one for one in self.requirements(what, *self.changed(what, file, old, new)) if one["change"] in BAD]
            if bad:
                self.say(what, f"told as weaker: {bad}")
        for what, old, was, now, name in WEAKER_TEXTS:
            before = {**FILES, P: POLICY.replace(old, was, 1)}
            told = self.requirements(what, before, {**FILES, P: POLICY.replace(old, now, 1)})
            if not any(one["name"] == name and one["change"] == "weakened" for one in told):
                self.say(what, f"{name} is not told as weakened: {told}")
        for what, old, was, now in STRONGER_TEXTS:
            before = {**FILES, P: POLICY.replace(old, was, 1)}
            bad = [one for one in self.requirements(what, before, {**FILES, P: POLICY.replace(old, now, 1)}) if one["change"] in BAD]
            if bad:
                self.say(what, f"told as weaker: {bad}")
        self.violated_before()
        self.windows()
        for what, file, old, new, there, back in LOSSES:
            before, after = self.changed(what, file, old, new)
            for a, b, told in ((before, after, there), (after, before, back)):
                got = json.loads(self.diff(what, a, b, "--format", "json").stdout)["plans"][0]
                if [one["change"] for one in got.get("losses", [{"change": "nothing"}])] != told:
                    self.say(what, json.dumps(got, indent=1))
        for what, old, new, told in OTHERS:
            before, after = self.changed(what, L, old, new, {**FILES, L: PLAN.replace("steps:", MODE, 1)})
            got = json.loads(self.diff(what, before, after, "--format", "json").stdout)["plans"][0]
            if len(got.get("others", [])) != told or got["losses"] or got["steps"]:
                self.say(what, json.dumps(got, indent=1))
        for what, file, old, new, expected in (
                ("a state more", M, "[running, stopped]", "[running, stopped, broken]", "the type of `stream`"),
                ("another plural", M, "plural: consoles", "plural: seats", "the plural of kind `console`")):
            before, after = self.changed(what, file, old, new)
            if file == M and "seats" in new:
                after = {name: text.replace("in consoles", "in seats").replace("consoles:", "seats:") for name, text in after.items()}
            if expected not in self.diff(what, before, after).stdout:
                self.say(what, "is told as nothing")
        self.compiled()
        self.farms()
        self.safeguards()
        self.actions()
        self.decided()
        self.approvals()
        self.neither()
        for what, file, old, new in SAME:
            files = {**FILES, L: PLAN.replace(LOOP, old)} if old in (PARALLEL, GROUPS) else {
                **FILES, M: MODULE.replace(TWO, MORE)} if old == MORE else FILES
            before, after = self.changed(what, file, old, new, files)
            got = self.diff(what, before, after, "--exit-code")
            if self.digest(what, before) != self.digest(what, after):
                self.say(what, "the digest is another one")
            if got.returncode != 0 or len(got.stdout.splitlines()) != 1:
                self.say(what, f"ends with {got.returncode} and says: {got.stdout}")
        self.hostile()
        self.services()
        self.printed()
        self.moved()
        self.among_summaries()
        self.renamed()
        self.many()

    def violated_before(self):
        """What is violated is never told as kept: not in a new plan, nor where it was so before."""
        two = {**FILES, L: PLAN.replace("at_most: 1", "at_most: 2")}
        for what, after in (("worse", {**FILES, L: PLAN.replace("at_most: 1", "at_most: all")}),
                            ("as before", {**two, M: MODULE.replace("does: stop(on)", "takes: 5m, does: stop(on)")})):
            lines = self.diff(what, two, after).stdout.splitlines()
            if "1 requirement" not in lines[0] or "violated" not in lines[0] or "One server down" not in "".join(lines):
                self.say(what, "\n".join(lines[:6]))
        if self.diff("nothing else", two, two, "--exit-code").returncode != 0:
            self.say("nothing else", "what is violated in both is no difference")

    def compiled(self):
        """A compiled plan and its text are one plan."""
        self.digest("compiled", FILES)
        text, compiled = self.folder / "compiled" / L, self.folder / "compiled.json"
        for pair in ((text, compiled), (compiled, text)):
            self.count += 1
            got = subprocess.run([self.pvsplan, "diff", *pair, "--exit-code"], capture_output=True, text=True)
            if got.returncode != 0:
                self.say("compiled", got.stdout + got.stderr)

    def farms(self):
        """An object that is moved out of a requirement by its attributes, and by whom it no longer is covered."""
        for what, text, new_text, meaning, new_meaning, old, new, there, back in MOVED:
            files = {**FILES, P: POLICY.replace(text, new_text, 1), M: MODULE.replace(meaning, new_meaning, 1)}
            before, after = self.changed(what, F, old, new, files)
            for a, b, expected in ((before, after, there), (after, before, back)):
                told = {one["name"]: " ".join(one["why"]) for one in self.requirements(what, a, b) if one["change"] == "weakened"}
                if told.keys() != expected.keys() or any(f"`{who}`" not in told[name] for name, who in expected.items()):
                    self.say(what, f"told as weakened: {told}")

    def safeguards(self):
        """What is lost without any requirement, and told once; its reverse is not told as lost."""
        for what, file, old, new, there, back in SAFEGUARDS:
            before, after = self.changed(what, file, old, new, GUARDED)
            for a, b, expected in ((before, after, there), (after, before, back)):
                got = json.loads(self.diff(what, a, b, "--format", "json").stdout)["plans"][0]
                told = [f"{one['change']} {one['step']}" for one in got.get("losses", [{"change": "nothing", "step": "changes"}])]
                others = [one for one in got.get("others", []) if "require" in one["how"] or "observed" in one["how"]]
                if told != expected or (expected and others):
                    self.say(what, json.dumps(got, indent=1))

    def actions(self):
        """What runs on hosts is told where a reviewer looks, also among many other changes; and what an action takes."""
        begin = "  begin: {on: server, sets: {on.stream: running}, undo: {nothing: It undoes.}, run: {command: [begin]}}\n"
        many = "".join(f"  - {{id: look-{i}, approve: Look.}}\n" for i in range(30))
        for what, text, was, now, told in RUNS:
            before = {**FILES, M: MODULE.replace(text, was, 1)}
            after = {**FILES, M: MODULE.replace(text, now, 1), L: PLAN + many}
            if "begin" in was:
                before[M] += begin
                after[M] += begin.replace("[begin]", "[begin, again]")
            shown = " ".join(self.diff(what, before, after).stdout.split())
            if "every requirement is kept, 1 action runs something else Steps changed " + told not in shown:
                self.say(what, shown)
        for what, old, new, told in INTERFACE:
            files = {**FILES, M: MODULE + LOOK, L: PLAN + "  - {id: look, do: shop.look, on: database}\n"}
            shown = self.diff(what, *self.changed(what, M, old, new, files)).stdout
            if told not in " ".join(shown.split()):
                self.say(what, shown)
        before, after = self.changed("a parameter before", M, TWO, MORE)
        got = json.loads(self.diff("a parameter before", before, after, "--format", "json").stdout)["plans"][0]
        if got["losses"] or [one["what"] for one in got["steps"]] != ["what undoes it is different", "how"]:
            self.say("a parameter before", json.dumps(got, indent=1))

    def decided(self):
        """What parameters decide, where they decide the same here."""
        for what, file, old, new, lost, changed, back in DECIDED:
            before, after = self.changed(what, file, old, new, DECIDING)
            for a, b, losses, steps in ((before, after, lost, changed), (after, before, [], back)):
                got = json.loads(self.diff(what, a, b, "--format", "json").stdout)["plans"][0]
                told = [[f"{one['change']} {one['step']}" for one in got.get(key, [])] for key in ("losses", "steps")]
                if steps is not None and told != [losses, steps]:
                    self.say(what, json.dumps(got, indent=1))

    def approvals(self):
        """A person who is asked too early, or whom nobody waits for any more, while every requirement is kept; and what was one
        iteration is told from all of them."""
        unasked = {**FILES, P: POLICY.replace("some approve(server) before every upgrade(console)", "at most 9 approve(server)")}
        def beside(text):
            return "  - id: both\n    parallel:\n" + "".join(f"    {line}\n" for line in text.splitlines())
        seal = "  - {id: seal, approve: Look.}\n"
        through = {**unasked, L: PLAN.replace(TRIED + CONSOLES, TRIED + seal + CONSOLES)}
        for what, files, old, new, told in (
                ("asked early", unasked, REST + TRIED, beside(REST + TRIED), ["`tried`: it no longer waits for `rest[*].start`"]),
                ("go on unasked", unasked, TRIED + CONSOLES, beside(TRIED + CONSOLES), ["`tried`: `consoles[*]` no longer waits for it"]),
                ("asked at the end", unasked, TRIED + CONSOLES, CONSOLES + TRIED, ["`tried`: `consoles[*]` no longer waits for it"]),
                ("through another one", through, TRIED + seal + CONSOLES, beside(TRIED + CONSOLES) + seal,
                 ["`tried`: `consoles[*]` no longer waits for it", "`seal`: `consoles[*]` no longer waits for it"])):
            before, after = self.changed(what, L, old, new, files)
            got = json.loads(self.diff(what, before, after, "--format", "json").stdout)["plans"][0]
            lost = [f"`{one['step']}`: {one['what']}" for one in got["losses"] if one["change"] == "approval_lost"]
            if sorted(lost) != sorted(told) or len(got["losses"]) != len(told) or got["order"] and what != "through another one":
                self.say(what, json.dumps(got, indent=1))
        before, after = self.changed("a server gone", F, "  - {name: s2, site: east, state: {version: 1}}\n", "")
        shown = self.diff("a server gone", before, after).stdout
        if "removed    `rest[s2].install`: shop.install\n" not in shown:
            self.say("a server gone", shown)

    def neither(self):
        """Two versions that do not compile have no figures to compare."""
        broken = {**FILES, L: PLAN.replace("shop.renew", "shop.none")}
        old, new = self.write("old", broken), self.write("new", {**broken, L: broken[L].replace("at_most: 1", "at_most: 2")})
        for form in ("text", "markdown"):
            self.count += 1
            got = subprocess.run([self.pvsplan, "diff", old, new, "--format", form], capture_output=True, text=True)
            if got.returncode != 3 or got.stdout.count("does not compile: 1 error") != 2 or "efore" in got.stdout:
                self.say("neither", got.stdout + got.stderr)

    def windows(self):
        """A window is told once, as a loss where it is open when it was not."""
        steps = "steps:\n  - id: data"
        def with_window(text):
            return {**FILES, L: PLAN.replace(steps, f"window: {{{text}, zone: UTC}}\n{steps}")}
        night, evening = "from: '22:00', to: '05:00'", "from: '20:00', to: '05:00'"
        friday = night + ", days: [fri]"
        for what, before, after, lost in (("longer", night, evening, 1), ("shorter", evening, night, 0), ("friday", night, friday, 0),
                                          ("any day", friday, night, 1)):
            got = json.loads(self.diff(what, with_window(before), with_window(after), "--format", "json").stdout)["plans"][0]
            changes = [(one["step"], one["what"]) for one in got["losses" if lost else "steps"]]
            if changes != [("the plan", "window")] or len(got["losses"]) != lost:
                self.say(what, f"{got['losses']} {got['steps']}")

    def hostile(self):
        """A name that would be markup in a comment of a pull request."""
        name = "One server down"
        files = {**FILES, P: POLICY.replace(name, "'`` ` `` <b> @all [x](http://y) *'")}
        _, after = self.changed("hostile", P, "always at most 1 down(server)", "always at most 2 down(server)", files)
        shown = self.diff("hostile", files, after, "--format", "markdown").stdout
        outside = re.sub("`[^`]*`", "", shown.replace("```", ""))
        if "weakened" not in shown or "``" in shown.replace("```", "") or re.search(r"(?<!\\)[<@\[]", outside.replace("<br>", "")):
            self.say("hostile", shown)

    def services(self):
        """Names and reasons that would be commands, links or markup where services show findings."""
        evil = json.dumps("x\n::error::y\n##vso[task.setvariable]z ]]> <b> [l](http://e) \u202ebackwards \x1b[31m %0A")
        plan = self.write("services", {**FILES, L: PLAN.replace("at_most: 1", "at_most: 2").replace("Does it work?", evil),
                                       P: POLICY.replace("One server down", evil).replace("The others serve.", evil)})
        for form, begins in (("github", "::error "), ("azure", "##vso[task.logissue "), ("gitlab", ""), ("sarif", ""), ("junit", "")):
            self.count += 1
            got = subprocess.run([self.pvsplan, "validate", plan, "--format", form], capture_output=True, text=True)
            lines = got.stdout.splitlines()
            if got.returncode != 3 or not lines or any(not line.startswith(begins) for line in lines):
                self.say(form, f"ends with {got.returncode}, or a name begins a line: {got.stdout}{got.stderr}")
            if re.search("[\u202e\x1b]|\\\\u202e|\\\\u001b", got.stdout) or (form == "sarif" and "](http://e" in got.stdout):
                self.say(form, f"what is written is shown otherwise: {got.stdout}")

    def printed(self):
        """Names and reasons that would be commands to a service that prints what a terminal would show."""
        evil = json.dumps("::error file=a::b \n::warning::c\n\u00a0::debug::d ##vso[task.complete]e ##[error]f ##teamcity[g]")
        files = {**FILES, L: PLAN.replace("Does it work?", evil).replace("plan: weekend", f"plan: weekend\nsummary: {evil}"),
                 P: POLICY.replace("One server down", evil).replace("The others serve.", evil), M: MODULE.replace(
                     "stop: {on", f"stop: {{summary: {evil}, on")}
        after = {**files, L: files[L].replace("at_most: 1", "at_most: 2").replace("  - id: rest\n", f"  - id: rest\n    summary: {evil}\n")}
        shown = [self.diff("printed", files, after).stdout, self.diff("printed", files, after, "--format", "markdown").stdout]
        for command in (["validate"], ["show"], ["show", "--all"], ["show", "--outline"], ["rehearse"]):
            self.count += 1
            got = subprocess.run([self.pvsplan, *command, self.folder / "new" / L], capture_output=True, text=True)
            shown.append(got.stdout + got.stderr)
        for text in shown:
            begun = re.findall(r"^\s*::[a-z].*::.*$|^.*##[a-zA-Z]*\[.*$", text, re.MULTILINE)
            if begun or "debug" not in text:
                self.say("printed", f"a command begins here: {begun}" if begun else text)

    def moved(self):
        """A module in another folder."""
        after = {k: v.replace("./shop.module", "./modules/shop.module") for k, v in FILES.items() if k != M}
        after["modules/" + M] = MODULE
        got = self.diff("a module moved", FILES, after, "--exit-code")
        if got.returncode != 0:
            self.say("a module moved", got.stdout)

    def among_summaries(self):
        """The wait between servers and consoles taken away among thirty reworded summaries."""
        steps = "".join(f"  - id: look-{i}\n    summary: Look %s {i}.\n    approve: Look.\n" for i in range(30))
        together = "  - id: both\n    parallel:\n" + "".join(
            "    " + line + "\n" for line in (REST + CONSOLES).splitlines())
        apart = together.replace("      - id: consoles\n", "      - id: consoles\n        after: [rest]\n")
        before = {**FILES, L: PLAN.replace(REST + TRIED + CONSOLES, steps.replace("%s", "at") + TRIED + apart)}
        after = {**FILES, L: PLAN.replace(REST + TRIED + CONSOLES, steps.replace("%s", "well at") + TRIED + together)}
        lines = self.diff("among summaries", before, after).stdout.splitlines()
        if len(lines) < 2 or "Console after servers" not in lines[1]:
            self.say("among summaries", "\n".join(lines[:4]))

    def renamed(self):
        """A loop that is called otherwise is no removal."""
        files, after = self.changed("renamed", L, "  - id: rest\n", "  - id: others\n")
        got = json.loads(self.diff("renamed", files, after, "--format", "json").stdout)["plans"][0]
        told = [(one["change"], one.get("before"), one.get("after")) for one in got["steps"]]
        if told != [("renamed", "rest", "others")] or got["order"] or got["losses"]:
            self.say("renamed", json.dumps(got, indent=1))

    def many(self):
        """One line changed: as much is said of 4 servers as of 1,000."""
        counts = []
        for servers in (4, 1000):
            farm = FARM[:FARM.index("servers:")] + "servers:\n" + "".join(
                f"  - {{name: s{i}, site: east, state: {{version: 1}}}}\n" for i in range(1, servers + 1))
            farm += FARM[FARM.index("consoles:"):]
            files = {**FILES, "small.farm.yaml": farm}
            got = self.diff(f"{servers} servers", *self.changed("many", L, "at_most: 1", "at_most: 2", files))
            counts.append(len(got.stdout.splitlines()))
            if counts[-1] > 40:
                self.say(f"{servers} servers", got.stdout)
        if abs(counts[0] - counts[1]) > 2:  # a number that is longer may wrap a line
            self.say("many", f"{counts} lines")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = Test(sys.argv[1], pathlib.Path(folder))
        test.run()
    for one in test.wrong:
        print(one)
    print(f"{test.count} changes, {len(test.wrong)} wrong")
    return 1 if test.wrong or test.count < 35 else 0


if __name__ == "__main__":
    sys.exit(main())

#include "tests/unit/compiler/yard.hpp"

#include "tests/unit/compiler/decisions.hpp"

namespace pvsplan::test {

const char* const yard = R"yaml(module: yard
kinds:
  node:
    plural: nodes
    attributes:
      site: {type: string, default: main}
      rack: {type: int, default: 1}
      peers: {type: list of node, default: []}
    state:
      stream: {type: [running, stopped, broken]}
      level: {type: int}
      fresh: {type: bool}
      marked: {type: bool}
      form: {type: [only]}
    observe: {command: [cat, state.json]}
  disk:
    plural: disks
    state: {clean: {type: bool, default: false}}
  base:
    plural: bases
    state: {schema: {type: int, default: 1}}
    observe: {command: [cat, state.json]}
  crate:
    plural: crates
    state: {full: {type: bool, default: false}, fresh: {type: bool, default: false}}
    observe: {command: [cat, state.json]}
predicates:
  down(node n): n.stream == stopped
  ripe(node n): n.stream == stopped and n.level == 5
  used(node n): n.level == 1 or n.fresh
actions:
  stop:
    on: node
    requires: on.stream == running
    does: stop(on)
    sets: {on.stream: stopped}
    run: {command: [stop]}
    undo: {do: yard.start}
  start:
    on: node
    requires: on.stream in [stopped, broken]
    does: start(on)
    sets: {on.stream: running}
    run: {command: [start]}
    undo: {do: yard.stop}
  set:
    on: node
    parameters: {to: {type: int}}
    does: fill(on)
    sets: {on.level: "${to}"}
    run: {command: [set, "${to}"]}
    undo: {do: yard.set, with: {to: "${before.level}"}}
  raise:
    on: node
    parameters: {to: {type: int}}
    requires: on.stream == stopped and on.level < to
    sets: {on.level: "${to}"}
    run: {command: [raise, "${to}"]}
    undo: {do: yard.set, with: {to: "${before.level}"}}
  lower:
    on: node
    parameters: {to: {type: int}, most: {type: int, default: 9}}
    requires: on.level >= to and most > on.level
    sets: {on.level: "${to}"}
    run: {command: [lower, "${to}"]}
    undo: {do: yard.set, with: {to: "${before.level}"}}
  renew:
    on: node
    sets: {on.fresh: true}
    run: {command: [renew]}
    undo: {do: yard.spoil}
  spoil:
    on: node
    sets: {on.fresh: false}
    run: {command: [spoil]}
    undo: {do: yard.renew}
  probe:
    on: node
    requires: on.stream == running
    run: {command: [probe]}
    repeatable: true
    undo: {nothing: it only looks}
  look:
    on: node
    run: {command: [look], exit_codes: [0, 3]}
    outputs: {old: "${exit == 3}", code: "${exit}"}
    repeatable: true
    undo: {nothing: it only looks}
  swap:
    on: node
    parameters: {other: {type: node}}
    sets: {on.stream: running, other.stream: stopped}
    run: {command: [swap]}
    undo: {steps: [{id: a, do: yard.stop}, {id: b, do: yard.start, on: other}]}
  migrate:
    on: base
    parameters: {schema: {type: int, default: 2}}
    does: upgrade(on)
    sets: {on.schema: "${schema}"}
    run: {command: [migrate]}
    undo: {do: yard.migrate, with: {schema: "${before.schema}"}}
  wipe:
    on: disk
    does: wipe(on)
    sets: {on.clean: true}
    run: {command: [wipe]}
    undo: {impossible: it is gone}
  ring:
    on: node
    does: ring(on)
    run: {command: [ring]}
    undo: {nothing: it is over}
  hum:
    on: node
    does: hum(on)
    run: {command: [hum]}
    undo: {nothing: it is over}
  pack:
    on: crate
    does: pack(on)
    sets: {on.full: true}
    run: {command: [pack]}
    undo: {do: yard.pack}
  unpack:
    on: crate
    sets: {on.fresh: true}
    run: {command: [unpack]}
    undo: {do: yard.pack}
  put:
    on: node
    parameters: {to: {type: bool}}
    sets: {on.fresh: "${to}"}
    run: {command: [put]}
    undo: {do: yard.put, with: {to: "${before.fresh}"}}
  lift:
    on: node
    parameters: {a: {type: int}, b: {type: int}}
    requires: on.level < a + b
    run: {command: [lift]}
    repeatable: true
    undo: {nothing: it only looks}
  either:
    on: node
    requires: on.level == 9 or on.fresh
    run: {command: [either]}
    repeatable: true
    undo: {nothing: it only looks}
  pair:
    on: node
    requires: first(on.peers).fresh
    run: {command: [pair]}
    repeatable: true
    undo: {nothing: it only looks}
  toggle:
    on: node
    parameters: {to: {type: int}}
    sets: {on.level: "${to}"}
    run: {command: [toggle]}
    undo: {do: yard.set, when: before.level != to, with: {to: "${before.level}"}}
  tidy:
    on: node
    sets: {on.marked: true}
    run: {command: [tidy]}
    undo: {steps: [{do: yard.note}, {do: yard.untidy}]}
  untidy:
    on: node
    sets: {on.marked: false}
    run: {command: [untidy]}
    undo: {do: yard.tidy}
  poke:
    on: node
    run: {command: [poke]}
    undo: {steps: [{do: yard.put, with: {to: true}}]}
  keep:
    on: node
    sets: {on.level: "${before.level}"}
    run: {command: [keep]}
    undo: {nothing: it stays}
  shut:
    on: node
    sets: {on.stream: broken}
    run: {command: [shut]}
    undo: {do: yard.stop}
  halt:
    on: node
    sets: {on.stream: stopped}
    run: {command: [halt]}
    undo: {do: yard.halt}
  drain:
    on: node
    sets: {on.stream: broken, on.level: 7}
    run: {command: [drain]}
    undo: {steps: [{do: yard.mend}, {do: yard.set, with: {to: "${before.level}"}}]}
  mend:
    on: node
    requires: on.stream == broken
    sets: {on.stream: running}
    run: {command: [mend]}
    undo: {do: yard.shut}
  seven:
    on: node
    requires: on.level == 7
    run: {command: [seven]}
    repeatable: true
    undo: {nothing: it only looks}
  mix:
    on: node
    sets: {on.stream: broken, on.level: 7, on.fresh: false}
    run: {command: [mix]}
    undo:
      steps:
        - {do: yard.put, with: {to: "${before.fresh}"}}
        - {do: yard.seven, when: on.stream == stopped}
        - {do: yard.set, with: {to: "${before.level}"}}
        - {do: yard.halt}
  doubt:
    on: node
    sets: {on.level: 7}
    run: {command: [doubt]}
    undo: {do: yard.set, when: on.level == 7, with: {to: "${before.level}"}}
  calm:
    on: node
    requires: on.stream == stopped or not on.fresh
    sets: {on.fresh: true}
    run: {command: [calm]}
    undo: {do: yard.put, with: {to: false}}
  cool:
    on: node
    sets: {on.fresh: false, on.stream: stopped}
    run: {command: [cool]}
    undo: {steps: [{do: yard.calm}, {do: yard.restart}]}
  restart:
    on: node
    sets: {on.stream: running}
    run: {command: [restart]}
    undo: {do: yard.halt}
  shape:
    on: node
    sets: {on.form: only, on.stream: stopped}
    run: {command: [shape]}
    undo: {do: yard.restart}
  peer:
    on: node
    sets: {on.fresh: true}
    run: {command: [peer]}
    undo: {do: yard.put, on: first(on.peers), with: {to: false}}
  half:
    on: node
    sets: {on.stream: broken}
    run: {command: [half]}
    undo: {do: yard.lower, with: {to: 1, most: 3}}
  watch:
    on: node
    parameters: {other: {type: node}}
    sets: {on.marked: true}
    run: {command: [watch]}
    undo: {steps: [{do: yard.untidy, when: other.stream == running}]}
  neither:
    on: node
    requires: not (on.level == 1 or on.fresh)
    run: {command: [neither]}
    repeatable: true
    undo: {nothing: it only looks}
  exact:
    on: node
    parameters: {to: {type: int}}
    requires: on.level == to
    run: {command: [exact]}
    repeatable: true
    undo: {nothing: it only looks}
  chime:
    on: disk
    does: ring(on)
    run: {command: [chime]}
    repeatable: true
    undo: {nothing: it is over}
  same:
    on: node
    sets: {on.marked: false}
    run: {command: [same]}
    undo: {nothing: it was so}
  sprout:
    on: node
    sets: {on.fresh: true}
    run: {command: [sprout]}
    undo: {do: yard.spoil}
  burn:
    on: node
    does: burn(on)
    run: {command: [burn]}
    undo: {impossible: it is gone}
  note:
    run: {command: [note]}
    repeatable: true
    undo: {nothing: it only notes}
procedures:
  fill:
    on: node
    steps: [{do: yard.sprout}]
  fill_twice:
    on: node
    steps: [{do: yard.fill}, {do: yard.fill}]
)yaml";

const char* const yard_farm = R"yaml(farm: yard
uses: [./yard.yaml]
nodes:
  - {name: n1, site: east, state: {stream: running, level: 1, fresh: false, marked: false, form: only}}
  - {name: n2, site: east, state: {stream: running, level: 2, fresh: false, marked: false, form: only}}
  - {name: n3, site: west, state: {stream: stopped, level: 5, fresh: true, marked: false, form: only}}
  - {name: n4, site: west}
  - {name: n5, site: far}
disks:
  - {name: d1}
  - {name: d2}
bases:
  - {name: main}
)yaml";

void detail(const std::string& name, const std::string& steps, const std::vector<std::string>& requirements,
            const std::string& parameters) {
    expect_decisions(name, parameters + "steps:\n" + steps, requirements,
                     Project({{"yard.yaml", yard},
                              {"farm.yaml", yard_farm},
                              {"plan.yaml", "plan: test\nuses: [./yard.yaml]\nfarm: ./farm.yaml\n"}}));
}

}  // namespace pvsplan::test

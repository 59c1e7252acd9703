// What is found without being asked: races with conditions, what steps require, and whether all of it can be undone.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/decisions.hpp"

using namespace pvsplan;

namespace {

const char* const works = R"yaml(module: works
kinds:
  node:
    plural: nodes
    attributes: {site: {type: string, default: main}}
    state:
      stream: {type: [running, stopped, broken]}
      level: {type: int}
      fresh: {type: bool}
    observe: {command: [cat, state.json]}
actions:
  stop:
    on: node
    requires: on.stream == running
    does: stop(on)
    sets: {on.stream: stopped}
    run: {command: [stop]}
    undo: {do: works.start}
  start:
    on: node
    requires: on.stream in [stopped, broken]
    does: start(on)
    sets: {on.stream: running}
    run: {command: [start]}
    undo: {do: works.stop}
  raise:
    on: node
    parameters: {to: {type: int}}
    requires: on.stream == stopped and on.level < to
    sets: {on.level: "${to}"}
    run: {command: [raise, "${to}"]}
    undo: {do: works.set, with: {to: "${before.level}"}}
  set:
    on: node
    parameters: {to: {type: int}}
    sets: {on.level: "${to}"}
    run: {command: [set, "${to}"]}
    undo: {do: works.set, with: {to: 1}}
  renew:
    on: node
    sets: {on.fresh: true, on.stream: stopped}
    run: {command: [renew]}
    undo: {steps: [{id: a, do: works.spoil}, {id: b, do: works.start}]}
  spoil:
    on: node
    requires: on.fresh
    sets: {on.fresh: false}
    run: {command: [spoil]}
    undo: {impossible: it is gone}
  follow:
    on: node
    parameters: {other: {type: node}}
    sets: {on.fresh: true}
    run: {command: [follow]}
    undo: {steps: [{id: only, when: "other.stream == running", do: works.spoil}]}
  look:
    on: node
    run: {command: [look], exit_codes: [0, 3]}
    outputs: {old: "${exit == 3}"}
    repeatable: true
    undo: {nothing: it only looks}
)yaml";

const char* const works_farm = R"yaml(farm: works
uses: [./works.yaml]
nodes:
  - {name: n1, state: {stream: running, level: 1, fresh: false}}
  - {name: n2, state: {stream: running, level: 2, fresh: false}}
  - {name: n3, state: {stream: stopped}}
)yaml";

void sample(const std::string& name, const std::string& body) {
    test::expect_decisions(name, body, {},
                           test::Project({{"works.yaml", works},
                                          {"farm.yaml", works_farm},
                                          {"plan.yaml", "plan: test\nuses: [./works.yaml]\nfarm: ./farm.yaml\n"}}));
}
void sample_steps(const std::string& name, const std::string& steps) { sample(name, "steps:\n" + steps); }

}  // namespace

TEST_CASE("decisions: conditions that read what others change") {
    sample_steps("when: beside a step that changes it", R"yaml(  - parallel:
      - {id: down, do: works.stop, on: "nodes[0]"}
      - {id: look, when: "nodes[0].stream == running", do: works.look, on: "nodes[1]"}
      - {id: other, when: "nodes[1].stream == running", do: works.look, on: "nodes[0]"}
)yaml");
    sample_steps("when: behind it, before it, and twice",
                 R"yaml(  - {id: first, when: "nodes[0].stream == running", do: works.look, on: "nodes[0]"}
  - {id: down, do: works.stop, on: "nodes[0]"}
  - {id: then, when: "nodes[0].stream == running", do: works.look, on: "nodes[0]"}
  - id: group
    when: "nodes[1].stream == running"
    steps:
      - {id: down, do: works.stop, on: "nodes[1]"}
      - {id: up, when: "nodes[1].stream == stopped", do: works.start, on: "nodes[1]"}
)yaml");
    sample_steps("when: of a group whose own steps change it", R"yaml(  - parallel:
      - id: group
        when: "nodes[1].stream == running"
        parallel:
          - {id: one, do: works.stop, on: "nodes[1]"}
          - {id: two, do: works.look, on: "nodes[0]"}
      - {id: three, do: works.set, on: "nodes[0]", with: {to: 5}}
)yaml");
}

TEST_CASE("decisions: what steps require, and of whom") {
    sample("requires: arguments and states", R"yaml(parameters:
  to: {type: int, default: 1}
  open: {type: int}
steps:
  - {id: down, do: works.stop, on: "nodes[0]"}
  - {id: low, do: works.raise, on: "nodes[0]", with: {to: "${to}"}}
  - {id: fine, do: works.raise, on: "nodes[0]", with: {to: 3}}
  - {id: maybe, do: works.raise, on: "nodes[0]", with: {to: "${open}"}}
  - {id: early, do: works.raise, on: "nodes[1]", with: {to: 3}}
  - {id: unknown, do: works.raise, on: "nodes[2]", with: {to: 3}}
)yaml");
    sample_steps("requires: after steps that may have run", R"yaml(  - {id: look, do: works.look, on: "nodes[0]"}
  - {id: down, when: steps.look.old, do: works.stop, on: "nodes[0]"}
  - {id: also, when: not steps.look.old, do: works.stop, on: "nodes[1]"}
  - {id: up, when: steps.look.old, do: works.start, on: "nodes[0]"}
  - {id: wrong, do: works.start, on: "nodes[1]"}
  - {id: third, when: steps.look.old, do: works.start, on: "nodes[2]"}
  - {id: again, do: works.stop, on: "nodes[2]"}
)yaml");
}

TEST_CASE("decisions: what an undo leaves") {
    sample_steps("undo: in steps, of several states", R"yaml(  - {id: renew, do: works.renew, on: "nodes[0]"}
  - {id: set, do: works.set, on: "nodes[1]", with: {to: 7}}
  - {id: set2, do: works.set, on: "nodes[0]", with: {to: 7}}
  - {id: spoil, do: works.spoil, on: "nodes[0]"}
  - {id: up, do: works.start, on: "nodes[0]"}
)yaml");
    sample_steps("undo: that reads what another step changes", R"yaml(  - parallel:
      - {id: follow, do: works.follow, on: "nodes[0]", with: {other: "${nodes[1]}"}}
      - {id: down, do: works.stop, on: "nodes[1]"}
)yaml");
    sample_steps("undo: that reads what a step before it has changed",
                 R"yaml(  - {id: down, do: works.stop, on: "nodes[1]"}
  - {id: follow, do: works.follow, on: "nodes[0]", with: {other: "${nodes[1]}"}}
)yaml");
    sample_steps("undo: of what nobody knew", R"yaml(  - {id: set, do: works.set, on: "nodes[2]", with: {to: 4}}
  - {id: renew, do: works.renew, on: "nodes[2]"}
)yaml");
}

TEST_CASE("decisions: what a recover knows") {
    const auto group = [](const std::string& recover) {
        return R"yaml(  - {id: before, do: works.set, on: "nodes[1]", with: {to: 9}}
  - id: group
    parallel:
      - {id: a, do: works.stop, on: "nodes[0]"}
      - {id: b, do: works.set, on: "nodes[0]", with: {to: 9}}
    recover:
)yaml" + recover +
               R"yaml(  - {id: later, do: works.set, on: "nodes[1]", with: {to: 10}}
)yaml";
    };
    sample_steps("recover: of each step by itself",
                 group(R"yaml(      - {when: started(a), do: works.start, on: "nodes[0]"}
      - {when: done(b) or failed(b), do: works.set, on: "nodes[0]", with: {to: 1}}
)yaml"));
    sample_steps("recover: only where a step is done",
                 group(R"yaml(      - {when: done(a), do: works.start, on: "nodes[0]"}
      - {when: started(b), do: works.set, on: "nodes[0]", with: {to: 1}}
)yaml"));
    sample_steps("recover: by what came before and comes after",
                 group(R"yaml(      - {when: done(before) and started(a), do: works.start, on: "nodes[0]"}
      - {when: not started(later) and started(b), do: works.set, on: "nodes[0]", with: {to: 1}}
)yaml"));
    sample_steps("recover: of the group as a whole",
                 group(R"yaml(      - {when: started(group), do: works.set, on: "nodes[0]", with: {to: 1}}
      - {when: "nodes[0].stream != running", do: works.start, on: "nodes[0]"}
)yaml"));
    sample_steps("recover: two steps without order", group(R"yaml(      - parallel:
          - {id: one, do: works.set, on: "nodes[0]", with: {to: 1}}
          - {id: two, do: works.set, on: "nodes[0]", with: {to: 1}}
)yaml"));
    sample_steps("recover: that changes something else",
                 group(R"yaml(      - {when: started(a), do: works.start, on: "nodes[0]"}
      - {do: works.set, on: "nodes[0]", with: {to: 1}}
      - {do: works.set, on: "nodes[1]", with: {to: 3}}
)yaml"));
    sample_steps("recover: beside a step that changes what it reads", R"yaml(  - parallel:
      - id: group
        steps:
          - {id: a, do: works.stop, on: "nodes[0]"}
        recover:
          - {when: "nodes[1].stream == running", do: works.start, on: "nodes[0]"}
      - {id: other, do: works.stop, on: "nodes[1]"}
)yaml");
    sample_steps("recover: with a step that may not run", R"yaml(  - {id: look, do: works.look, on: "nodes[0]"}
  - id: group
    steps:
      - {id: a, when: steps.look.old, do: works.stop, on: "nodes[0]"}
      - {id: wait, approve: go on}
      - {id: b, do: works.set, on: "nodes[0]", with: {to: 9}}
    recover:
      - {when: started(b), do: works.set, on: "nodes[0]", with: {to: 1}}
      - {when: started(a), do: works.start, on: "nodes[0]"}
)yaml");
    sample_steps("recover: within a loop, around a loop", R"yaml(  - id: roll
    for_each: n in [nodes[0], nodes[1]]
    on_failure: continue
    max_failures: 1
    steps:
      - {id: a, do: works.stop, on: n}
    recover:
      - {when: started(a), do: works.start, on: n}
  - id: all
    steps:
      - id: loop
        for_each: n in [nodes[0], nodes[1]]
        on_failure: continue
        steps:
          - {id: b, do: works.set, on: n, with: {to: 9}}
    recover:
      - {do: works.set, on: "nodes[0]", with: {to: 1}}
)yaml");
    sample_steps("recover: of a step of three states and one of none", R"yaml(  - id: group
    steps:
      - {id: renew, do: works.renew, on: "nodes[0]"}
    recover:
      - {when: started(renew), do: works.start, on: "nodes[0]"}
      - {when: "nodes[0].fresh", do: works.spoil, on: "nodes[0]"}
)yaml");
}

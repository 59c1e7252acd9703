#include "tests/unit/checks/toy.hpp"

namespace pvsplan::test {

const char* const toy_module = R"(module: toy
kinds:
  node:
    plural: nodes
    attributes: {site: {type: string, default: east}}
    state:
      stream: {type: [running, stopped]}
      fresh: {type: bool}
    observe: {command: [cat, state.json]}
  base:
    plural: bases
    state: {schema: {type: [old, new]}}
    observe: {command: [cat, state.json]}
predicates:
  down(node n): n.stream == stopped
  up(node n): n.stream == running
  fresh(node n): n.fresh
  ready(node n): n.stream == running and n.fresh
  useful(node n): n.stream == running or n.fresh
actions:
  stop:
    on: node
    requires: on.stream == running
    does: stop(on)
    sets: {on.stream: stopped}
    run: {command: [stop]}
    undo: {impossible: toy}
  halt:
    on: node
    does: stop(on)
    sets: {on.stream: stopped}
    run: {command: [halt]}
    undo: {impossible: toy}
  start:
    on: node
    requires: on.stream == stopped
    does: start(on)
    sets: {on.stream: running}
    run: {command: [start]}
    undo: {impossible: toy}
  wake:
    on: node
    does: start(on)
    sets: {on.stream: running}
    run: {command: [wake]}
    undo: {impossible: toy}
  install:
    on: node
    requires: on.stream == stopped
    does: upgrade(on)
    sets: {on.fresh: true}
    run: {command: [install]}
    undo: {impossible: toy}
  renew:
    on: node
    does: [upgrade(on), verify(on)]
    sets: {on.fresh: true}
    run: {command: [renew]}
    undo: {impossible: toy}
  spoil:
    on: node
    does: spoil(on)
    sets: {on.fresh: false}
    run: {command: [spoil]}
    undo: {impossible: toy}
  reset:
    on: node
    does: [stop(on), spoil(on)]
    sets: {on.stream: stopped, on.fresh: false}
    run: {command: [reset]}
    undo: {impossible: toy}
  hand-over:
    on: node
    parameters: {other: {type: node}}
    does: [stop(on), start(other)]
    sets: {on.stream: stopped, other.stream: running}
    run: {command: [hand-over]}
    undo: {impossible: toy}
  verify:
    on: node
    does: verify(on)
    run: {command: [verify]}
    repeatable: true
    undo: {nothing: it only looks}
  look:
    on: node
    run: {command: [look], exit_codes: [0, 3]}
    outputs: {old: "${exit == 3}", mode: "${json.mode}"}
    repeatable: true
    undo: {nothing: it only looks}
  note:
    on: node
    parameters: {text: {type: string}}
    does: verify(on)
    run: {command: [note, "${text}"]}
    repeatable: true
    undo: {nothing: it only tells}
  put:
    on: node
    parameters: {to: {type: bool}}
    does: upgrade(on)
    sets: {on.fresh: "${to}"}
    run: {command: [put]}
    undo: {impossible: toy}
  migrate:
    on: base
    does: upgrade(on)
    sets: {on.schema: new}
    run: {command: [migrate]}
    undo: {impossible: toy}
procedures:
  roll:
    on: node
    steps:
      - {id: stop, do: toy.halt}
      - {id: install, do: toy.install}
      - {id: start, do: toy.wake}
  check-both:
    on: node
    steps:
      - id: both
        parallel:
          - {id: one, do: toy.verify}
          - {id: two, do: toy.verify}
)";

std::optional<int> toy_value(std::string_view text) {
    if (text == "running" || text == "false" || text == "old") return 0;
    if (text == "stopped" || text == "true" || text == "new") return 1;
    return std::nullopt;
}

int toy_state(std::string_view name) { return name == "fresh" ? 1 : 0; }

std::optional<ToyNeed> toy_need(std::string_view action) {
    if (action == "toy.stop") return ToyNeed{0, 0};
    if (action == "toy.start" || action == "toy.install") return ToyNeed{0, 1};
    return std::nullopt;
}

std::vector<std::string> toy_verbs(std::string_view call) {
    if (call == "stop" || call == "halt") return {"stop"};
    if (call == "start" || call == "wake") return {"start"};
    if (call == "install") return {"upgrade"};
    if (call == "renew") return {"upgrade", "verify"};
    if (call == "spoil") return {"spoil"};
    if (call == "reset") return {"stop", "spoil"};
    if (call == "hand-over") return {"stop", "start"};
    if (call == "roll") return {"stop", "upgrade", "start"};
    if (call == "put") return {"upgrade"};
    if (call == "verify" || call == "note" || call == "check-both") return {"verify"};
    return {};
}

const std::vector<ToyPredicate>& toy_predicates() {
    static const std::vector<ToyPredicate> all = {
        {"down", "s.stream == stopped", [](int stream, int) { return stream == 1; }},
        {"up", "s.stream == running", [](int stream, int) { return stream == 0; }},
        {"fresh", "s.fresh", [](int, int fresh) { return fresh == 1; }},
        {"ready", "s.stream == running and s.fresh", [](int stream, int fresh) { return stream == 0 && fresh == 1; }},
        {"useful", "s.stream == running or s.fresh", [](int stream, int fresh) { return stream == 0 || fresh == 1; }},
    };
    return all;
}

}  // namespace pvsplan::test

// Samples of what is decided where one operand more or less would make a difference: what is counted once, what has an
// order through others, what is asked of one side only.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/yard.hpp"

using namespace pvsplan;
using test::detail;

TEST_CASE("decisions: what is limited has to be seen after a crash, or does no harm twice") {
    detail("once: of each verb and kind, by the first limit", R"yaml(  - {id: d1, do: yard.wipe, on: "disks[0]"}
  - {id: d2, do: yard.wipe, on: "disks[1]"}
  - {id: r1, do: yard.ring, on: "nodes[0]"}
  - {id: h1, do: yard.hum, on: "nodes[0]"}
  - {id: s1, do: yard.stop, on: "nodes[0]"}
  - {id: base, do: yard.migrate, on: "bases[0]"}
)yaml",
           {"never wipe(disk d) where d.name == \"none\"", "at least 1 wipe(disk d)", "at most 3 wipe(node s)",
            "at most 4 ring(node s)", "at most 5 wipe(disk d)", "at most 6 wipe(disk d)", "at most 7 stop(node s)",
            "at most 8 upgrade(base b)"});
    detail("once: with nothing that limits it", R"yaml(  - {id: d1, do: yard.wipe, on: "disks[0]"}
  - {id: r1, do: yard.ring, on: "nodes[0]"}
)yaml",
           {"at least 1 wipe(disk d)", "at most 4 hum(node s)"});
}

TEST_CASE("decisions: races of those that exclude each other") {
    detail("races: three writers of one state", R"yaml(  - parallel:
      - {id: a, do: yard.set, on: "nodes[0]", with: {to: 3}}
      - {id: b, do: yard.set, on: "nodes[0]", with: {to: 4}}
      - {id: c, do: yard.set, on: "nodes[0]", with: {to: 5}}
)yaml");
    detail("races: one of three writers excludes both others", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - parallel:
      - {id: a, when: steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 3}}
      - {id: b, when: not steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 4}}
      - {id: c, when: steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 5}}
)yaml");
    detail("races: a reader concurrent with writers that exclude each other",
           R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - parallel:
      - {id: a, when: steps.look.old, do: yard.start, on: "nodes[2]"}
      - {id: b, when: not steps.look.old, do: yard.start, on: "nodes[2]"}
      - {id: c, do: yard.probe, on: "nodes[2]"}
)yaml");
    detail("races: a step whose conditions never hold together", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - parallel:
      - id: never
        when: steps.look.old
        steps:
          - {id: a, when: not steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 3}}
      - {id: b, do: yard.set, on: "nodes[0]", with: {to: 4}}
)yaml");
    detail("races: the other way round", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - parallel:
      - {id: b, do: yard.set, on: "nodes[0]", with: {to: 4}}
      - id: never
        when: steps.look.old
        steps:
          - {id: a, when: not steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 3}}
)yaml");
    detail("races: a condition that is never asked where its state changes",
           R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - parallel:
      - id: group
        when: steps.look.old
        steps:
          - {id: a, when: "nodes[3].stream == running", do: yard.look, on: "nodes[1]"}
      - {id: b, when: not steps.look.old, do: yard.start, on: "nodes[3]"}
)yaml");
    detail("races: a condition that is decided before its state changes",
           R"yaml(  - {id: a, when: "nodes[3].stream == running", do: yard.look, on: "nodes[1]"}
  - {id: b, do: yard.set, on: "nodes[3]", with: {to: 1}}
  - {id: c, when: "nodes[3].level == 1", do: yard.look, on: "nodes[1]"}
  - {id: d, do: yard.start, on: "nodes[3]"}
)yaml");
    detail("races: one step of a group waits, another does not", R"yaml(  - parallel:
      - {id: w, do: yard.start, on: "nodes[3]"}
      - id: group
        when: "nodes[3].stream == running"
        parallel:
          - {id: a, do: yard.look, on: "nodes[0]", after: w}
          - {id: b, do: yard.look, on: "nodes[1]", after: u}
      - {id: u, do: yard.look, on: "nodes[2]"}
)yaml");
}

TEST_CASE("decisions: conditions that are known before the run") {
    detail("known before: what is known, and what is not",
           R"yaml(  - {id: a, when: "nodes[0].level == 1", do: yard.look, on: "nodes[1]"}
  - {id: b, when: "nodes[3].level == 1", do: yard.look, on: "nodes[1]"}
  - {id: c, when: "nodes[0].level == 1 and nodes[3].level == 1", do: yard.look, on: "nodes[1]"}
  - {id: d, when: steps.a.old, do: yard.set, on: "nodes[0]", with: {to: 1}}
  - {id: e, when: "nodes[0].level == 2", do: yard.set, on: "nodes[0]", with: {to: 3}}
)yaml",
           {"exactly 1 fill(node s)", "at most 0 fill(node s)"});
}

TEST_CASE("decisions: what a step requires, one cause at a time") {
    const std::string sum = "parameters: {a: {type: int}, b: {type: int}, c: {type: int, default: 0}}\n";
    detail("requires: a sum of parameters without a value",
           "  - {id: lift, do: yard.lift, on: \"nodes[0]\", with: {a: \"${a}\", b: \"${b}\"}}\n", {}, sum);
    detail("requires: a sum that is too low",
           "  - {id: lift, do: yard.lift, on: \"nodes[0]\", with: {a: \"${c}\", b: \"${c}\"}}\n", {}, sum);
    detail("requires: a state that nobody knows, and a parameter of the plan",
           "  - {id: lower, do: yard.lower, on: \"nodes[3]\", with: {to: \"${b}\"}}\n", {},
           "parameters: {b: {type: int, default: 4}}\n");
    detail("requires: equal to a parameter of the plan",
           "  - {id: exact, do: yard.exact, on: \"nodes[0]\", with: {to: \"${b}\"}}\n", {},
           "parameters: {b: {type: int, default: 4}}\n");
    detail("requires: on an object that is a parameter of the plan",
           "  - {id: lower, do: yard.lower, on: who, with: {to: 6}}\n", {},
           "parameters: {who: {type: node, default: n1}}\n");
    detail("requires: neither of two states, one of which nobody knows",
           R"yaml(  - {id: set, do: yard.set, on: "nodes[3]", with: {to: 1}}
  - {id: neither, do: yard.neither, on: "nodes[3]"}
)yaml");
    detail("requires: one of two states", "  - {id: either, do: yard.either, on: \"nodes[0]\"}\n");
    detail("requires: a state of an object that there is not", "  - {id: pair, do: yard.pair, on: \"nodes[0]\"}\n");
    detail("requires: two states that may fail one after the other",
           R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: down, do: yard.halt, on: "nodes[0]"}
  - {id: level, when: steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 9}}
  - {id: up, when: not steps.look.old, do: yard.restart, on: "nodes[0]"}
  - {id: more, do: yard.raise, on: "nodes[0]", with: {to: 3}}
)yaml");
    detail("requires: a state that was not known, and a change that may not have happened",
           R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: down, when: steps.look.old, do: yard.halt, on: "nodes[3]"}
  - {id: again, when: steps.look.old, do: yard.probe, on: "nodes[3]"}
  - {id: probe, do: yard.probe, on: "nodes[3]"}
)yaml");
    detail("requires: what a step before has changed", R"yaml(  - {id: down, do: yard.stop, on: "nodes[0]"}
  - {id: again, do: yard.stop, on: "nodes[0]"}
)yaml");
    detail("requires: the last of several that have changed it", R"yaml(  - {id: down, do: yard.stop, on: "nodes[0]"}
  - {id: level, do: yard.set, on: "nodes[0]", with: {to: 7}}
  - {id: more, do: yard.raise, on: "nodes[0]", with: {to: 7}}
)yaml");
    detail("requires: of a change that may not have happened", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: down, when: steps.look.old, do: yard.stop, on: "nodes[0]"}
  - {id: level, when: not steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 9}}
  - {id: more, do: yard.raise, on: "nodes[0]", with: {to: 3}}
)yaml");
    detail("requires: of two states, one of which has failed it before",
           R"yaml(  - {id: early, do: yard.raise, on: "nodes[0]", with: {to: 0}}
  - {id: down, do: yard.stop, on: "nodes[0]"}
  - {id: low, do: yard.raise, on: "nodes[0]", with: {to: 0}}
  - {id: low2, do: yard.raise, on: "nodes[0]", with: {to: 1}}
)yaml");
    const std::string open = "parameters: {to: {type: int}, most: {type: int}}\n";
    detail("requires: two parameters without a value",
           R"yaml(  - {id: lower, do: yard.lower, on: "nodes[0]", with: {to: "${to}", most: "${most}"}}
)yaml",
           {}, open);
    detail("requires: a parameter without a value, of a state that nobody knows",
           R"yaml(  - {id: lower, do: yard.lower, on: "nodes[3]", with: {to: "${to}", most: 9}}
)yaml",
           {}, "parameters: {to: {type: int}}\n");
    const std::string given = "parameters: {a: {type: int, default: 7}, b: {type: int, default: 4}, c: {type: int}}\n";
    detail("requires: an argument that is a parameter of the plan",
           R"yaml(  - {id: lower, do: yard.lower, on: "nodes[0]", with: {to: "${b}"}}
)yaml",
           {}, given);
    detail("requires: an argument that is no parameter of the plan",
           R"yaml(  - {id: lower, do: yard.lower, on: "nodes[0]", with: {to: 6}}
)yaml",
           {}, given);
    detail("requires: an output, which nobody knows", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: lower, do: yard.lower, on: "nodes[0]", with: {to: "${steps.look.code}"}}
)yaml");
    detail("requires: an argument, after a step has changed the state",
           R"yaml(  - {id: set, do: yard.set, on: "nodes[0]", with: {to: 2}}
  - {id: lower, do: yard.lower, on: "nodes[0]", with: {to: "${b}"}}
)yaml",
           {}, given);
}

TEST_CASE("decisions: an undo that reads and writes more than one state") {
    detail("undo: of an action without an object", R"yaml(  - {id: note, do: yard.note}
  - {id: swap, do: yard.swap, on: "nodes[2]", with: {other: "${nodes[1]}"}}
)yaml");
    detail("undo: after what nobody knew",
           R"yaml(  - {id: swap, do: yard.swap, on: "nodes[3]", with: {other: "${nodes[1]}"}}
  - {id: renew, do: yard.renew, on: "nodes[3]"}
  - {id: set, do: yard.set, on: "nodes[3]", with: {to: 4}}
)yaml");
    detail("undo: what cannot be undone keeps what came before it", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - parallel:
      - {id: beside, do: yard.set, on: "nodes[1]", with: {to: 4}}
      - steps:
          - {id: a, do: yard.set, on: "nodes[0]", with: {to: 4}}
          - {id: d1, do: yard.wipe, on: "disks[0]"}
  - {id: ok, approve: go on}
  - {id: d2, do: yard.wipe, on: "disks[1]"}
  - {id: later, do: yard.set, on: "nodes[1]", with: {to: 5}}
)yaml");
}

TEST_CASE("decisions: an undo of a step that has failed half way, or of which nobody knows how it began") {
    const auto step = [](const std::string& action, const std::string& node = "nodes[0]",
                         const std::string& with = "") {
        return "  - {id: s, do: yard." + action + ", on: \"" + node + "\"" + (with.empty() ? "" : ", with: " + with) +
               "}\n";
    };
    detail("half way: through a step without an object", step("tidy"));
    detail("half way: with a condition on the argument", step("toggle", "nodes[0]", "{to: 7}"));
    detail("half way: an action that sets nothing", step("poke"));
    detail("half way: nothing, and all stays", step("keep"));
    detail("half way: nothing, and it was so", step("same"));
    detail("half way: all of it is read", step("drain"));
    detail("half way: what is read only if another state is so", step("mix", "nodes[2]"));
    detail("half way: a condition on what may be anything", step("doubt"));
    detail("half way: both states at another value",
           "  - {id: new, do: yard.renew, on: \"nodes[0]\"}\n" + step("cool"));
    detail("half way: on an object that there is not", step("peer"));
    detail("half way: it never can",
           "  - {id: a, do: yard.shut, on: \"nodes[0]\"}\n  - {id: b, do: yard.shut, on: \"nodes[1]\"}\n");
    detail("half way: it can once, and does not put it back the other time",
           "  - {id: a, do: yard.half, on: \"nodes[2]\"}\n  - {id: b, do: yard.half, on: \"nodes[0]\"}\n");
    detail("half way: two steps, of which the second fails too",
           "  - {id: a, do: yard.drain, on: \"nodes[0]\"}\n  - {id: b, do: yard.drain, on: \"nodes[1]\"}\n");
    detail("half way: two that may overlap with what they read", R"yaml(  - parallel:
      - {id: a, do: yard.watch, on: "nodes[0]", with: {other: "${nodes[1]}"}}
      - {id: b, do: yard.watch, on: "nodes[2]", with: {other: "${nodes[1]}"}}
      - {id: c, do: yard.restart, on: "nodes[1]"}
)yaml");
    detail("doubt: after an iteration that was left", R"yaml(  - id: loop
    for_each: n in [nodes[0]]
    on_failure: continue
    steps:
      - {id: new, do: yard.put, on: n, with: {to: true}}
      - {id: seven, do: yard.set, on: n, with: {to: 7}}
  - {id: put, do: yard.put, on: "nodes[0]", with: {to: false}}
  - {id: level, do: yard.set, on: "nodes[0]", with: {to: 8}}
  - {id: spoil, do: yard.spoil, on: "nodes[0]"}
)yaml");
    detail("doubt: within an iteration that may be left", R"yaml(  - id: outer
    for_each: n in [nodes[0]]
    on_failure: continue
    steps:
      - id: inner
        for_each: k in [1, 2]
        steps:
          - {id: level, do: yard.set, on: n, with: {to: "${k}"}}
)yaml");
    detail(
        "doubt: among many writers without any",
        R"yaml(  - {id: many, for_each: "k in [1, 2, 3, 4, 5, 6, 7, 8, 9]", do: yard.set, on: "nodes[0]", with: {to: "${k}"}}
  - id: loop
    for_each: k in [10]
    on_failure: continue
    steps:
      - {id: level, do: yard.set, on: "nodes[0]", with: {to: "${k}"}}
  - {id: more, for_each: "k in [11, 12]", do: yard.set, on: "nodes[0]", with: {to: "${k}"}}
)yaml");
}

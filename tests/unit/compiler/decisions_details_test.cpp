// Samples of what is decided where one operand more or less would make a difference: what is counted once, what has an
// order through others, what is asked of one side only.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/decisions.hpp"
#include "tests/unit/compiler/yard.hpp"

using namespace pvsplan;

namespace {

void detail(const std::string& name, const std::string& steps, const std::vector<std::string>& requirements = {},
            const std::string& parameters = "") {
    test::expect_decisions(name, parameters + "steps:\n" + steps, requirements,
                           test::Project({{"yard.yaml", test::yard},
                                          {"farm.yaml", test::yard_farm},
                                          {"plan.yaml", "plan: test\nuses: [./yard.yaml]\nfarm: ./farm.yaml\n"}}));
}

}  // namespace

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

TEST_CASE("decisions: steps of a recover that have an order, and such that have none") {
    const auto group = [](const std::string& recover) {
        return R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - id: group
    steps:
      - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}}
      - {id: b, do: yard.set, on: "nodes[1]", with: {to: 9}}
    recover:
)yaml" + recover;
    };
    const std::string back = R"yaml(      - {do: yard.set, on: "nodes[0]", with: {to: 1}}
      - {do: yard.set, on: "nodes[1]", with: {to: 2}}
)yaml";
    detail("recover order: in each of two branches", group(R"yaml(      - parallel:
          - steps:
              - {id: s1, do: yard.stop, on: "nodes[0]"}
              - {id: s2, do: yard.set, on: "nodes[0]", with: {to: 1}}
              - {id: s3, do: yard.start, on: "nodes[0]"}
          - steps:
              - {id: t1, do: yard.set, on: "nodes[1]", with: {to: 2}}
              - {id: t2, do: yard.probe, on: "nodes[1]"}
)yaml"));
    detail("recover order: the first step of one branch, the first of another", group(R"yaml(      - parallel:
          - steps:
              - {id: s1, do: yard.set, on: "nodes[0]", with: {to: 3}}
              - {id: s2, do: yard.look, on: "nodes[0]"}
          - steps:
              - {id: t1, do: yard.set, on: "nodes[0]", with: {to: 1}}
              - {id: t2, do: yard.look, on: "nodes[0]"}
)yaml" + back));
    detail("recover order: the first step of one branch, the second of another", group(R"yaml(      - parallel:
          - steps:
              - {id: s1, do: yard.set, on: "nodes[0]", with: {to: 3}}
              - {id: s2, do: yard.look, on: "nodes[0]"}
              - {id: s3, do: yard.look, on: "nodes[0]"}
          - steps:
              - {id: t1, do: yard.look, on: "nodes[0]"}
              - {id: t2, do: yard.set, on: "nodes[0]", with: {to: 1}}
)yaml" + back));
    detail("recover order: one right behind the other", group(R"yaml(      - parallel:
          - steps:
              - {id: s1, do: yard.halt, on: "nodes[0]"}
              - {id: s2, do: yard.restart, on: "nodes[0]"}
          - {id: t1, do: yard.look, on: "nodes[1]"}
)yaml" + back));
    detail("recover order: two that only read", group(R"yaml(      - parallel:
          - {id: p1, do: yard.probe, on: "nodes[0]"}
          - {id: p2, do: yard.probe, on: "nodes[0]"}
)yaml" + back));
    detail("recover order: a reader concurrent with a writer", group(back + R"yaml(      - parallel:
          - {id: p1, do: yard.probe, on: "nodes[0]"}
          - steps:
              - {id: s1, do: yard.look, on: "nodes[0]"}
              - {id: s2, do: yard.stop, on: "nodes[0]"}
              - {id: s3, do: yard.start, on: "nodes[0]"}
)yaml"));
    detail("recover order: a condition concurrent with a writer", group(back + R"yaml(      - parallel:
          - {id: p1, when: "nodes[0].stream == running", do: yard.look, on: "nodes[0]"}
          - steps:
              - {id: s2, do: yard.stop, on: "nodes[0]"}
              - {id: s3, do: yard.start, on: "nodes[0]"}
)yaml"));
}

TEST_CASE("decisions: what a recover can tell of the steps around it") {
    const auto around = [](const std::string& condition) {
        return R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: may, do: yard.look, on: "nodes[1]"}
  - {id: maybe, when: steps.look.old, do: yard.look, on: "nodes[1]"}
  - id: loop
    for_each: n in [nodes[0], nodes[1]]
    on_failure: continue
    steps:
      - {id: it, do: yard.look, on: n}
  - {id: ok, approve: go on}
  - id: block
    steps:
      - {id: inner, do: yard.look, on: "nodes[0]"}
  - {id: blocks, do: yard.look, on: "nodes[0]"}
  - id: par
    parallel:
      - {id: beside, do: yard.look, on: "nodes[2]"}
      - id: outer
        steps:
          - id: group
            steps:
              - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}}
            recover:
              - {when: ")yaml" +
               condition + R"yaml(", do: yard.set, on: "nodes[0]", with: {to: 1}}
          - {id: post, do: yard.look, on: "nodes[2]"}
  - {id: later, do: yard.look, on: "nodes[0]"}
  - {id: end, approve: the end}
)yaml";
    };
    for (const char* const condition : {"done(look)",
                                        "done(may)",
                                        "done(maybe)",
                                        "started(maybe)",
                                        "done(loop)",
                                        "done(ok)",
                                        "done(block)",
                                        "done(blocks)",
                                        "done(beside)",
                                        "not started(beside)",
                                        "not started(later)",
                                        "not done(later)",
                                        "not failed(later)",
                                        "not done(end)",
                                        "failed(a) or done(a)",
                                        "started(a)",
                                        "started(group)",
                                        "not failed(look)",
                                        "not failed(maybe)",
                                        "not done(group) or done(group)",
                                        "done(outer) or failed(a)",
                                        "done(outer)",
                                        "failed(outer) or done(a)",
                                        "done(group) or failed(group)"})
        detail(std::string("recover knows: ") + condition, around(condition));
}

TEST_CASE("decisions: a recover of a group of several steps") {
    const auto group = [](const std::string& steps, const std::string& recover) {
        return "  - {id: look, do: yard.look, on: \"nodes[0]\"}\n  - id: group\n" + steps + "    recover:\n" + recover;
    };
    const std::string two = R"yaml(    parallel:
      - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}}
      - {id: b, do: yard.set, on: "nodes[1]", with: {to: 9}}
)yaml";
    const std::string first = "      - {do: yard.set, on: \"nodes[0]\", with: {to: 1}}\n";
    const auto second = [](const std::string& condition) {
        return "      - {when: \"" + condition + "\", do: yard.set, on: \"nodes[1]\", with: {to: 2}}\n";
    };
    detail("recover several: unless both are done", group(two, first + second("not (done(a) and done(b))")));
    detail("recover several: unless one has failed", group(two, first + second("not failed(a)")));
    detail("recover several: only if all of it is done", group(two, first + second("done(group)")));
    detail("recover several: only if some of it has failed", group(two, first + second("failed(group)")));
    detail("recover several: if it is done, or has failed", group(two, first + second("done(group) or failed(group)")));
    detail("recover several: both only where one is not done",
           group(two, "      - {when: not (done(a) and done(b)), do: yard.set, on: \"nodes[0]\", with: {to: 1}}\n" +
                          second("not (done(a) and done(b))")));
    const std::string same = R"yaml(    steps:
      - {id: a, do: yard.set, on: "nodes[0]", with: {to: 1}}
)yaml";
    detail("recover several: nothing, where what is set was so", group(same, "      - {do: yard.note}\n"));
    detail("recover several: nothing, and a condition that nobody knows",
           group(same, "      - {when: \"nodes[3].level == 1\", do: yard.note}\n"));
    detail("recover several: to what nobody knows",
           group(same, "      - {do: yard.set, on: \"nodes[0]\", with: {to: \"${steps.look.code}\"}}\n"));
    detail("recover several: neither is put back", group(two, "      - {do: yard.note}\n"));
    detail(
        "recover several: with an approval before a step",
        group(R"yaml(    steps:
      - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}, approve: sure}
)yaml",
              first + second("started(a) and not done(a) and not failed(a)") +
                  R"yaml(      - {when: "started(a) and not done(a) and not failed(a)", do: yard.stop, on: "nodes[1]"}
)yaml"));
    detail("recover several: of a loop", group(R"yaml(    steps:
      - id: loop
        for_each: n in [nodes[0], nodes[1]]
        steps:
          - {id: a, do: yard.set, on: n, with: {to: 9}}
)yaml",
                                               first + second("started(loop)")));
    detail("recover several: only what is done", group(R"yaml(    steps:
      - {id: a, do: yard.renew, on: "nodes[0]"}
)yaml",
                                                       "      - {when: done(a), do: yard.spoil, on: \"nodes[0]\"}\n"));
    detail("recover several: a state with one value only", group(R"yaml(    steps:
      - {id: a, do: yard.shape, on: "nodes[0]"}
)yaml",
                                                                 "      - {do: yard.restart, on: \"nodes[0]\"}\n"));
    detail("recover several: a step that requires what nobody knows",
           group(two, first + second("started(group)") + "      - {do: yard.probe, on: \"nodes[3]\"}\n"));
    detail("recover several: a step that requires what the one that failed has left",
           group(two, "      - {do: yard.lower, on: \"nodes[0]\", with: {to: 1}}\n" + second("started(group)")));
    detail("recover several: on an object that there is not",
           group(two, first + second("started(group)") + "      - {do: yard.look, on: \"first(nodes[0].peers)\"}\n"));
    detail("recover several: with the same condition", group(R"yaml(    steps:
      - {id: a, when: steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 9}}
      - {id: b, when: steps.look.old, do: yard.set, on: "nodes[1]", with: {to: 9}}
)yaml",
                                                             first + second("started(group)")));
    detail("recover several: after a step that may have set the same again",
           R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: same, when: steps.look.old, do: yard.set, on: "nodes[0]", with: {to: 1}}
  - id: group
    steps:
      - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}}
    recover:
      - {do: yard.set, on: "nodes[0]", with: {to: 1}}
)yaml");
    for (const char* const other : {"7", "2"})
        detail(std::string("recover several: concurrent with a step that sets to ") + other, R"yaml(  - parallel:
      - id: group
        steps:
          - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}}
          - {id: b, do: yard.set, on: "nodes[1]", with: {to: 9}, after: w}
        recover:
          - {do: yard.set, on: "nodes[0]", with: {to: 1}}
          - {do: yard.set, on: "nodes[1]", with: {to: 2}}
      - {id: w, do: yard.set, on: "nodes[1]", with: {to: )yaml" + std::string(other) + "}}\n");
}

TEST_CASE("decisions: a recover concurrent with what changes what it reads") {
    const std::string recovered = R"yaml(      - id: group
        steps:
          - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}}
          - {id: b, do: yard.set, on: "nodes[2]", with: {to: 9}}
        recover:
          - {do: yard.set, on: "nodes[0]", with: {to: 1}}
          - {do: yard.set, on: "nodes[2]", with: {to: 5}}
          - {when: "nodes[1].stream == running", do: yard.look, on: "nodes[0]"}
)yaml";
    detail("recover around: a writer before it and one after it",
           "  - {id: w1, do: yard.stop, on: \"nodes[1]\"}\n  - parallel:\n" + recovered +
               "  - {id: w2, do: yard.start, on: \"nodes[1]\"}\n");
    detail("recover around: a writer before its second step only",
           "  - parallel:\n      - {id: w1, do: yard.stop, on: \"nodes[1]\"}\n" + recovered);
    detail("recover around: it may or may not have been changed when it begins", R"yaml(  - parallel:
      - {id: other, do: yard.set, on: "nodes[1]", with: {to: 7}}
      - id: group
        steps:
          - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}}
          - {id: b, do: yard.set, on: "nodes[1]", with: {to: 9}, after: other}
        recover:
          - {do: yard.set, on: "nodes[0]", with: {to: 1}}
          - {do: yard.set, on: "nodes[1]", with: {to: 2}}
)yaml");
    detail("recover around: what excludes each other is never both done",
           R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - id: group
    steps:
      - {id: a, when: steps.look.code == 1, do: yard.set, on: "nodes[0]", with: {to: 9}}
      - {id: b, when: steps.look.code == 2, do: yard.set, on: "nodes[1]", with: {to: 9}}
    recover:
      - {do: yard.set, on: "nodes[0]", with: {to: 1}}
      - {do: yard.set, on: "nodes[1]", with: {to: 2}}
      - {when: done(a) and done(b), do: yard.stop, on: "nodes[1]"}
)yaml");
    detail("recover around: of states that nobody knew", R"yaml(  - id: group
    steps:
      - {id: a, do: yard.set, on: "nodes[3]", with: {to: 9}}
      - {id: b, do: yard.start, on: "nodes[3]"}
    recover:
      - {when: started(b), do: yard.stop, on: "nodes[3]"}
      - {when: started(a), do: yard.set, on: "nodes[3]", with: {to: 1}}
)yaml");
    detail("recover around: of a state that is read where a step failed on its way", R"yaml(  - id: group
    steps:
      - {id: a, do: yard.set, on: "nodes[0]", with: {to: 9}}
    recover:
      - {when: "nodes[0].level == 9", do: yard.set, on: "nodes[0]", with: {to: 1}}
)yaml");
}

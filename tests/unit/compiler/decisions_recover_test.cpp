// Samples of what is decided of a `recover`: its order, what it can tell of the steps around it, and what is concurrent
// with it.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/yard.hpp"

using namespace pvsplan;
using test::detail;

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

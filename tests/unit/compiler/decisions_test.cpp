// What is decided about requirements, and what people are told of it, whole: verdicts, reasons, witnesses, places and
// ways out. The agreement of verdicts and witnesses with what they mean is held by tests/unit/checks; here it is the
// words, the step that is pointed at, and the order that is suggested.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/decisions.hpp"

using namespace pvsplan;

namespace {

using test::expect_decisions;

// n1 is stopped and started again, n2 and n3 are stopped concurrently.
const std::string three = R"yaml(steps:
  - parallel:
      - steps:
          - {id: down, do: shop.stop, on: "nodes[0]"}
          - {id: up, do: shop.start, on: "nodes[0]"}
      - {id: second, do: shop.stop, on: "nodes[1]"}
      - {id: third, do: shop.stop, on: "nodes[2]"}
)yaml";

// Each node is rolled, one after the other; one of them may be left.
const std::string rolled = R"yaml(steps:
  - id: roll
    for_each: n in nodes
    at_most: MOST
    on_failure: continue
    max_failures: 1
    steps:
      - {id: down, do: shop.stop, on: n}
      - {id: new, do: shop.install, on: n, with: {version: 2402}}
      - {id: up, do: shop.start, on: n}
)yaml";

std::string rolled_by(std::string text, const std::string& part, const std::string& by) {
    text.replace(text.find(part), part.size(), by);
    return text;
}

}  // namespace

TEST_CASE("decisions: how often something happens") {
    expect_decisions(
        "counts", three,
        {"exactly 3 stop(node s)", "exactly 2 stop(node s)", "exactly 4 stop(node s)", "exactly 1 start(node s)",
         "at most 2 stop(node s)", "at most 0 stop(node s)", "at most 3 stop(node s)", "at least 4 stop(node s)",
         "at least 1 upgrade(node s)", "at least 2 upgrade(base b)", "exactly 1 start(node s) per s",
         "at most 1 stop(node s) per s.site", "at least 1 start(node s) per s.site", "exactly 1 stop(node s) per s",
         "never start(node s)", "never upgrade(node s)", "never stop(node s) where s.site == \"west\"",
         "exactly 1 stop(node s) where s.name == \"n1\"", "at least 1 start(node s) where s.site == \"west\" per s"});
}

TEST_CASE("decisions: what comes before what") {
    expect_decisions("orders", three,
                     {"every stop(node s) before every start(node t)",
                      "every stop(node s) before every start(node s)",
                      "some stop(node s) before every start(node t)",
                      "every stop(node s) before some start(node t)",
                      "some stop(node s) before some start(node t)",
                      "every start(node s) before every stop(node t)",
                      "every start(node s) before every stop(node s)",
                      "some start(node s) before every stop(node t)",
                      "every start(node s) before some stop(node t)",
                      "some start(node s) before some stop(node t)",
                      "every stop(node s) then some start(node s)",
                      "every stop(node s) then every start(node t)",
                      "some stop(node s) then every start(node t)",
                      "some stop(node s) then some start(node t)",
                      "every start(node s) then some stop(node t)",
                      "some start(node s) then some stop(node t)",
                      "every upgrade(node s) before every stop(node t)",
                      "every stop(node s) before some upgrade(node t)",
                      "some upgrade(node s) before every stop(node t)",
                      "every stop(node s) then some upgrade(node s)",
                      "every upgrade(node s) then some stop(node t)",
                      "some upgrade(base b) before some stop(node t)",
                      "every stop(node s) per s.site before every start(node t)",
                      "every stop(node s) where s.site == \"west\" before every start(node t)",
                      "some stop(node s) per s.site before every start(node t) per t.site"});
}

TEST_CASE("decisions: what is so while something happens") {
    const std::string plan = R"yaml(steps:
  - {id: down, do: shop.stop, on: "nodes[0]"}
  - parallel:
      - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
      - {id: schema, do: shop.migrate, on: "bases[0]"}
      - {id: second, do: shop.stop, on: "nodes[1]"}
  - {id: up, do: shop.start, on: "nodes[0]"}
)yaml";
    expect_decisions(
        "while", plan,
        {"every upgrade(node s) while every down(node s)", "every upgrade(node s) while every down(node t)",
         "every upgrade(node s) while some down(node s)", "every upgrade(node s) while some down(node t)",
         "every upgrade(base b) while some node s with s.stream == running",
         "every upgrade(base b) while every node s with s.stream == running",
         "every upgrade(base b) while every down(node s) where s.name == \"n1\"",
         "every upgrade(base b) while every down(node s) where s.name == \"n2\"",
         "every upgrade(base b) while some down(node s) where s.name == \"n2\"",
         "every start(node s) while every down(node s)", "every stop(node s) while every down(node s)",
         "every stop(node s) while some node t with t.version == 2203",
         "every start(node s) while every node s with s.version == 2402",
         "every start(node s) while every node s with s.version == 2203",
         "every upgrade(node s) while some down(node t) where t.site == \"north\"",
         "every upgrade(node s) while every down(node t) where t.site == \"north\"",
         "every upgrade(node s) where s.site == \"west\" while every down(node s)",
         "every stop(node s) while some down(node s) where s.site == \"west\""});
}

TEST_CASE("decisions: how many at one moment") {
    expect_decisions(
        "always", three,
        {"always at most 1 down(node s)", "always at most 2 down(node s)", "always at most 3 down(node s)",
         "always at most 0 down(node s)", "always at least 1 node s with s.stream == running",
         "always at least 0 node s with s.stream == running", "always exactly 3 node s with s.version == 2203",
         "always exactly 2 node s with s.version == 2203", "always exactly 4 node s with s.version == 2203",
         "always exactly 1 down(node s)", "always exactly 0 down(node s)", "always at most 1 down(node s) per s.site",
         "always at least 1 node s with s.stream == running per s.site",
         "always at most 0 down(node s) where s.site == \"north\"",
         "always at least 1 down(node s) where s.site == \"north\"",
         "always at least 4 node s with s.stream == running"});
}

TEST_CASE("decisions: what holds in the end") {
    expect_decisions(
        "finally", three,
        {"finally every down(node s)", "finally some down(node s)", "finally every node s with s.stream == running",
         "finally some node s with s.stream == running", "finally every node s with s.version == 2203",
         "finally some node s with s.version == 2402", "finally every down(node s) where s.site == \"west\"",
         "finally every down(node s) where s.site == \"north\"",
         "finally some down(node s) where s.site == \"north\""});
}

TEST_CASE("decisions: loops that go on without an iteration") {
    const std::vector<std::string> requirements = {
        "always at most 1 down(node s)",
        "always at most 2 down(node s)",
        "always at least 2 node s with s.stream == running",
        "always at least 1 node s with s.stream == running",
        "every upgrade(node s) while some node t with t.stream == running",
        "every upgrade(node s) while every down(node s)",
        "every stop(node s) then some start(node s)",
        "every upgrade(node s) where s.name == \"n1\" before every stop(node t) where t.name == \"n3\"",
        "finally every node s with s.version == 2402",
        "exactly 1 upgrade(node s) per s"};
    expect_decisions("one after the other, one may be left", rolled_by(rolled, "MOST", "1"), requirements);
    expect_decisions("two at once, one may be left", rolled_by(rolled, "MOST", "2"), requirements);
    expect_decisions(
        "after those that were left",
        rolled_by(rolled, "MOST", "3") + R"yaml(  - {id: schema, do: shop.migrate, on: "bases[0]"}
)yaml",
        {"every upgrade(base b) while every node s with s.version == 2402",
         "every upgrade(base b) while every node s with s.stream == running",
         "every upgrade(base b) while some down(node s)", "every upgrade(node s) before every upgrade(base b)"});
}

TEST_CASE("decisions: what depends on the run") {
    expect_decisions("conditions", R"yaml(steps:
  - {id: down, do: shop.stop, on: "nodes[0]"}
  - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
  - {id: again, when: steps.new.restart, do: shop.start, on: "nodes[0]"}
  - {id: other, when: not steps.new.restart, do: shop.start, on: "nodes[0]"}
  - {id: more, when: steps.new.code == 3, do: shop.stop, on: "nodes[1]"}
)yaml",
                     {"exactly 1 start(node s)", "exactly 2 start(node s)", "at most 0 start(node s)",
                      "exactly 2 stop(node s)", "exactly 1 stop(node s)", "every stop(node s) then some start(node s)",
                      "some stop(node s) then every start(node t)", "always at most 1 down(node s)",
                      "finally every node s with s.stream == running", "never stop(node s) where s.name == \"n2\"",
                      "every start(node s) while every node s with s.version == 2402",
                      "every start(node s) before every stop(node t) where t.name == \"n2\""});
}

TEST_CASE("decisions: what nobody knows before the run") {
    test::Project project = test::shop_plan("");
    project["shop.yaml"] = rolled_by(rolled_by(test::shop, ", default: running", ""), ", default: 2203", "");
    project["farm.yaml"] =
        "farm: shop\nuses: [./shop.yaml]\nnodes:\n  - {name: n1, state: {version: 2203}}\n"
        "  - {name: n2, state: {stream: running}}\n  - {name: n3, state: {stream: running, version: 2203}}\n"
        "bases:\n  - {name: main}\n";
    expect_decisions(
        "unknown states", R"yaml(parameters:
  most: {type: int}
  fast: {type: bool}
steps:
  - {id: second, when: fast, do: shop.stop, on: "nodes[1]"}
  - {id: look, do: shop.look, on: "nodes[0]"}
)yaml",
        {"always at most 0 down(node s)", "always at most 1 down(node s)", "always at most 2 down(node s)",
         "always at least 1 node s with s.stream == running", "always at most 0 node s with s.version == 2402",
         "every stop(node s) while every node s with s.version == 2203",
         "every stop(node s) while some node t with t.stream == running",
         "every stop(node s) while every node t with t.stream == running",
         "finally every node s with s.version == 2203", "finally some node s with s.version == 2402",
         "finally some node s with s.stream == running", "exactly most stop(node s)",
         "always at most most down(node s)", "at most 0 stop(node s)", "always exactly 1 down(node s)"},
        project);
}

TEST_CASE("decisions: races and what steps require") {
    expect_decisions("races", R"yaml(steps:
  - parallel:
      - {id: down, do: shop.stop, on: "nodes[0]"}
      - {id: also, do: shop.stop, on: "nodes[0]"}
      - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
  - {id: early, do: shop.start, on: "nodes[2]"}
  - {id: wrong, do: shop.install, on: "nodes[2]", with: {version: 2402}}
)yaml",
                     {});
    expect_decisions("requires", R"yaml(steps:
  - {id: early, do: shop.start, on: "nodes[2]"}
  - {id: wrong, do: shop.install, on: "nodes[2]", with: {version: 2402}}
  - {id: down, do: shop.stop, on: "nodes[0]"}
  - {id: again, do: shop.stop, on: "nodes[0]"}
  - {id: third, when: "nodes[1].stream == running", do: shop.stop, on: "nodes[1]"}
  - {id: fourth, do: shop.install, on: "nodes[1]", with: {version: 2402}}
)yaml",
                     {});
}

TEST_CASE("decisions: the rollback") {
    const auto back = [](const std::string& name, const std::string& steps) {
        expect_decisions(name, "steps:\n" + steps, {});
    };
    back("back: in order", R"yaml(  - {id: down, do: shop.stop, on: "nodes[0]"}
  - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
  - {id: schema, do: shop.migrate, on: "bases[0]"}
  - {id: up, do: shop.start, on: "nodes[0]"}
)yaml");
    back("back: a recover that undoes nothing", R"yaml(  - id: group
    steps:
      - {id: down, do: shop.stop, on: "nodes[0]"}
      - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
    recover:
      - {do: shop.look, on: "nodes[0]"}
)yaml");
    back("back: a recover that undoes a part", R"yaml(  - id: group
    steps:
      - {id: down, do: shop.stop, on: "nodes[0]"}
      - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
    recover:
      - {when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"}
)yaml");
    back("back: a recover that cannot run", R"yaml(  - id: group
    steps:
      - {id: down, do: shop.stop, on: "nodes[0]"}
      - {id: schema, do: shop.migrate, on: "bases[0]"}
    recover:
      - {do: shop.start, on: "nodes[0]"}
      - {do: shop.migrate, on: "bases[0]", with: {schema: 1}}
)yaml");
    back("back: a recover around a recover", R"yaml(  - id: outer
    steps:
      - id: inner
        steps:
          - {id: down, do: shop.stop, on: "nodes[0]"}
        recover:
          - {when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"}
      - {id: schema, do: shop.migrate, on: "bases[0]"}
    recover:
      - {when: "bases[0].schema == 2", do: shop.migrate, on: "bases[0]", with: {schema: 1}}
      - {when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"}
)yaml");
    back("back: within a loop that goes on", R"yaml(  - id: roll
    for_each: n in nodes
    on_failure: continue
    max_failures: 1
    steps:
      - {id: down, do: shop.stop, on: n}
      - {id: new, do: shop.install, on: n, with: {version: 2402}}
  - {id: last, do: shop.install, on: "nodes[0]", with: {version: 2500}}
)yaml");
}

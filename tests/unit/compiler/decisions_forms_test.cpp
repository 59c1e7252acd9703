// Samples of requirements of each form where what decides is one side of it, one object, one event more or less.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/decisions.hpp"
#include "tests/unit/compiler/yard.hpp"

using namespace pvsplan;

namespace {

test::Project yard_with(const std::string& farm) {
    return test::Project({{"yard.yaml", test::yard},
                          {"farm.yaml", farm},
                          {"plan.yaml", "plan: test\nuses: [./yard.yaml]\nfarm: ./farm.yaml\n"}});
}

void form(const std::string& name, const std::string& steps, const std::vector<std::string>& requirements,
          const std::string& parameters = "") {
    test::expect_decisions(name, parameters + "steps:\n" + steps, requirements, yard_with(test::yard_farm));
}

// A loop over `over` of which as many iterations may be left as `most` says.
std::string left_loop(const std::string& over, const std::string& most, const std::string& steps) {
    return "  - id: loop\n    for_each: n in " + over + "\n    on_failure: continue\n" +
           (most.empty() ? "" : "    max_failures: " + most + "\n") + "    steps:\n" + steps;
}

}  // namespace

TEST_CASE("decisions: an order with iterations that may be left") {
    const std::string base = "  - {id: base, do: yard.migrate, on: \"bases[0]\"}\n";
    const std::string down = "      - {id: down, do: yard.stop, on: n}\n";
    const std::string ring = "  - {id: ring, do: yard.ring, on: \"nodes[3]\"}\n";
    const std::vector<std::string> orders = {
        "every upgrade(base b) then some stop(node s)",   "every upgrade(base b) before some stop(node s)",
        "some upgrade(base b) then some stop(node s)",    "some upgrade(base b) then every stop(node s)",
        "some upgrade(base b) before every stop(node s)", "every upgrade(base b) then every stop(node s)",
        "some stop(node s) before every ring(node r)",    "some stop(node s) before some ring(node r)",
        "every stop(node s) before every ring(node r)",   "every stop(node s) then some ring(node r)",
        "some stop(node s) then every ring(node r)",      "some stop(node s) then some ring(node r)"};
    form("left: one of one", base + left_loop("[nodes[0]]", "", down) + ring, orders);
    form("left: one of two", base + left_loop("[nodes[0], nodes[1]]", "1", down) + ring, orders);
    form("left: two of two", base + left_loop("[nodes[0], nodes[1]]", "", down) + ring, orders);
    form("left: one of one, and one that is sure",
         base + "  - {id: sure, do: yard.stop, on: \"nodes[1]\"}\n" + left_loop("[nodes[0]]", "", down) + ring, orders);
    form("left: before what is waited for is over", R"yaml(  - parallel:
      - {id: a, do: yard.ring, on: "nodes[2]"}
      - {id: early, do: yard.stop, on: "nodes[0]"}
      - id: loop
        for_each: n in [nodes[1]]
        on_failure: continue
        steps:
          - {id: x, do: yard.look, on: n}
          - {id: b, do: yard.stop, on: n, after: a}
)yaml",
         {"every ring(node r) then some stop(node s)", "every ring(node r) before some stop(node s)",
          "some ring(node r) then some stop(node s)", "every ring(node r) before every stop(node s)"});
    form("left: in both parts of an order",
         left_loop("[nodes[0], nodes[1]]", "1", R"yaml(      - {id: down, do: yard.stop, on: n}
      - {id: up, do: yard.start, on: n}
)yaml"),
         {"some stop(node s) then some start(node t)", "some stop(node s) before some start(node t)",
          "every stop(node s) before every start(node s)", "every stop(node s) then some start(node s)",
          "every stop(node s) before every start(node t)", "some stop(node s) before every start(node s)"});
    std::string many =
        base + "  - {id: sure, do: yard.ring, on: \"nodes[0]\"}\n" +
        left_loop("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]", "12",
                  "      - {do: yard.ring, on: \"nodes[1]\"}\n      - {do: yard.hum, on: \"nodes[1]\"}\n") +
        "  - {id: after, do: yard.stop, on: \"nodes[0]\"}\n";
    form("left: in more ways than are tried", many,
         {"every upgrade(base b) then some ring(node s) where s.name == \"n2\"",
          "some hum(node s) before every stop(node t)", "some ring(node s) before every stop(node t)",
          "every upgrade(base b) then some ring(node s)", "some hum(node s) then some stop(node t)",
          "every stop(node s) while some node t with t.stream == running",
          "every upgrade(base b) then some hum(node s)"});
}

TEST_CASE("decisions: an order of the events of one object, and of each key") {
    const std::string plan = R"yaml(  - {id: r1, do: yard.ring, on: "nodes[0]"}
  - {id: r1b, do: yard.ring, on: "nodes[0]"}
  - {id: h2, do: yard.hum, on: "nodes[1]"}
  - {id: r2, do: yard.ring, on: "nodes[1]"}
  - {id: h3, do: yard.hum, on: "nodes[2]"}
)yaml";
    form("turns: one object rings only, one hums first, one hums only", plan,
         {"some ring(node s) before some hum(node s)", "some ring(node s) then some hum(node s)",
          "every ring(node s) then every hum(node s)", "every ring(node s) before every hum(node s)",
          "every ring(node s) before some hum(node s)", "every ring(node s) then some hum(node s)",
          "some ring(node s) before every hum(node s)", "some ring(node s) before some upgrade(base b)",
          "some ring(node s) before every upgrade(base b)", "some upgrade(base b) before every hum(node s)",
          "every ring(node s) where s.name == \"n2\" before every hum(node s)"});
    form("turns: by site", plan,
         {"some ring(node s) per s.site before every hum(node t)",
          "every ring(node s) before some hum(node t) per t.site",
          "some ring(node s) per s.site then every hum(node t)", "some ring(node s) per s.site before some hum(node t)",
          "every ring(node s) per s.site before every hum(node t) per t.site",
          "every ring(node s) per s.site before some hum(node t) per t.site",
          "every ring(node s) per s.site then some hum(node t)", "some ring(node s) per s.name before some hum(node t)",
          "some ring(node s) where s.site == \"east\" per s.site before some hum(node t)"});
    form("turns: twice before and twice behind", R"yaml(  - {id: r1, do: yard.ring, on: "nodes[0]"}
  - {id: h1, do: yard.hum, on: "nodes[0]"}
  - parallel:
      - {id: r1b, do: yard.ring, on: "nodes[0]"}
      - {id: h1b, do: yard.hum, on: "nodes[0]"}
      - {id: r2, do: yard.ring, on: "nodes[1]"}
      - {id: h3, do: yard.hum, on: "nodes[2]"}
)yaml",
         {"every ring(node s) before every hum(node s)", "every ring(node s) then every hum(node t)",
          "every ring(node s) before some hum(node s)", "some ring(node s) before every hum(node s)",
          "some ring(node s) before some hum(node s)", "every ring(node s) before every hum(node t)"});
    // More pairs than are looked at one by one.
    form("turns: nine and nine",
         R"yaml(  - {id: rings, for_each: "k in [1, 2, 3, 4, 5, 6, 7, 8, 9]", do: yard.ring, on: "nodes[0]"}
  - {id: hums, for_each: "k in [1, 2, 3, 4, 5, 6, 7, 8, 9]", do: yard.hum, on: "nodes[0]"}
  - {id: last, do: yard.ring, on: "nodes[1]"}
  - {id: end, do: yard.look, on: "nodes[1]"}
)yaml",
         {"every ring(node s) where s.name == \"n1\" then some hum(node t)", "every ring(node s) then some hum(node t)",
          "some ring(node s) where s.name == \"n1\" before every hum(node t)",
          "every ring(node s) where s.name == \"n1\" before every hum(node t)",
          "every ring(node s) before every hum(node t)", "some hum(node s) before every ring(node t)",
          "some hum(node s) before some ring(node t) where t.name == \"n1\""});
}

TEST_CASE("decisions: what is so while something happens, of several steps and states") {
    form("while: two states, one of which is always so", R"yaml(  - parallel:
      - {id: base, do: yard.migrate, on: "bases[0]"}
      - steps:
          - {id: renew, do: yard.renew, on: "nodes[0]"}
          - {id: two, do: yard.set, on: "nodes[0]", with: {to: 2}}
)yaml",
         {"every upgrade(base b) while every used(node s) where s.name == \"n1\"",
          "every upgrade(base b) while some used(node s) where s.name == \"n1\"",
          "every upgrade(base b) while every node s with s.level == 1 where s.name == \"n1\"",
          "every upgrade(base b) while every node s with s.fresh where s.name == \"n1\""});
    form("while: three states, of which two have an order", R"yaml(  - parallel:
      - {id: base, do: yard.migrate, on: "bases[0]"}
      - {id: down, do: yard.halt, on: "nodes[0]"}
      - steps:
          - {id: renew, do: yard.renew, on: "nodes[0]"}
          - {id: two, do: yard.set, on: "nodes[0]", with: {to: 2}}
)yaml",
         {"every upgrade(base b) while every node s with s.level == 1 or s.fresh or s.stream == running where s.name "
          "== \"n1\"",
          "every upgrade(base b) while every node s with s.level == 1 or s.stream == running where s.name == \"n1\""});
    form("while: two states, neither of which is so for a while", R"yaml(  - parallel:
      - {id: base, do: yard.migrate, on: "bases[0]"}
      - steps:
          - {id: two, do: yard.set, on: "nodes[0]", with: {to: 2}}
          - {id: renew, do: yard.renew, on: "nodes[0]"}
)yaml",
         {"every upgrade(base b) while every used(node s) where s.name == \"n1\"",
          "every upgrade(base b) while some used(node s) where s.name == \"n1\""});
    const std::string rolled = left_loop("[nodes[0], nodes[1]]", "1", R"yaml(      - {id: down, do: yard.stop, on: n}
      - {id: up, do: yard.start, on: n}
)yaml");
    form("while: after a failure, or concurrent with a step without any",
         "  - parallel:\n      - {id: s2, do: yard.start, on: \"nodes[2]\"}\n      - id: all\n        steps:\n" +
             std::string(R"yaml(          - id: loop
            for_each: n in [nodes[0], nodes[1]]
            on_failure: continue
            max_failures: 1
            steps:
              - {id: down, do: yard.stop, on: n}
              - {id: up, do: yard.start, on: n}
          - {id: base, do: yard.migrate, on: "bases[0]"}
)yaml"),
         {"every upgrade(base b) while every node s with s.stream == running where s.name != \"n4\"",
          "every upgrade(base b) while every node s with s.stream == running where s.site == \"east\"",
          "every upgrade(base b) while some node s with s.stream == running where s.site == \"east\"",
          "every upgrade(base b) while some node s with s.stream == running where s.name == \"n1\"",
          "every upgrade(base b) while every down(node s) where s.name == \"n3\""});
    form("while: of two failures one is enough", rolled + "  - {id: base, do: yard.migrate, on: \"bases[0]\"}\n",
         {"every upgrade(base b) while every node s with s.stream == running where s.site == \"east\"",
          "every upgrade(base b) while every node s with s.stream == running where s.name == \"n2\"",
          "every stop(node s) while every node t with t.stream == running where t.name == \"n1\"",
          "every start(node s) while every down(node s)", "every start(node s) while some down(node t)"});
    form("while: of states that nobody knows", R"yaml(  - {id: base, do: yard.migrate, on: "bases[0]"}
  - {id: s2, do: yard.stop, on: "nodes[1]"}
  - {id: base2, do: yard.migrate, on: "bases[0]", with: {schema: 3}}
)yaml",
         {"every upgrade(base b) while some down(node s) where s.name != \"n3\"",
          "every upgrade(base b) while every node s with s.stream == running where s.name != \"n3\"",
          "every upgrade(base b) while every node s with s.stream == running where s.name == \"n4\"",
          "every upgrade(base b) while some node s with s.level == 5",
          "every upgrade(base b) while every node s with s.level > 0",
          "every stop(node s) while every node s with s.stream == running",
          "every stop(node s) while some node s with s.stream == running"});
    form("while: a step that changes two objects", R"yaml(  - parallel:
      - {id: swap, do: yard.swap, on: "nodes[2]", with: {other: "${nodes[0]}"}}
      - {id: base, do: yard.migrate, on: "bases[0]"}
)yaml",
         {"every upgrade(base b) while every node s with s.stream == running where s.name == \"n1\"",
          "every upgrade(base b) while some node s with s.stream == running where s.name in [\"n1\", \"n3\"]",
          "always at least 1 node s with s.stream == running where s.name in [\"n1\", \"n3\"]",
          "always at most 1 node s with s.stream == running where s.name in [\"n1\", \"n3\"]"});
}

TEST_CASE("decisions: how many at one moment, of states that go together") {
    form(
        "always: of two states at once", R"yaml(  - parallel:
      - steps:
          - {id: down1, do: yard.stop, on: "nodes[0]"}
          - {id: five1, do: yard.set, on: "nodes[0]", with: {to: 5}}
          - {id: up1, do: yard.start, on: "nodes[0]"}
      - steps:
          - {id: down2, do: yard.stop, on: "nodes[1]"}
          - {id: five2, do: yard.set, on: "nodes[1]", with: {to: 5}}
          - {id: up2, do: yard.start, on: "nodes[1]"}
      - steps:
          - {id: up3, do: yard.start, on: "nodes[2]"}
          - {id: down3, do: yard.stop, on: "nodes[2]"}
)yaml",
        {"always at most 1 ripe(node s) where s.name != \"n4\"", "always at most 2 ripe(node s) where s.name != \"n4\"",
         "always at most 1 ripe(node s) where s.site == \"east\"",
         "always at most 1 ripe(node s) where s.name in [\"n1\", \"n3\"]",
         "always at most 2 down(node s) where s.name != \"n4\"",
         "always at least 1 node s with s.stream == running where s.name != \"n4\"",
         "always at most 0 down(node s) where s.name != \"n4\" per s.site",
         "always at most 1 down(node s) where s.name != \"n4\" per s.site",
         "always at least 2 node s with s.stream == running where s.name != \"n4\" per s.site",
         "always exactly 0 down(node s) where s.name != \"n4\" per s.site",
         "always at most 0 down(node s) where s.name in [\"n1\", \"n2\", \"n3\"] per s.name",
         "always exactly 4 node s with s.fresh where s.name in [\"n1\", \"n2\", \"n3\"] per s.site",
         "always exactly 1 node s with s.stream == running where s.name != \"n4\" per s.name"});
    form("always: of two states that change concurrently", R"yaml(  - parallel:
      - steps:
          - {id: down1, do: yard.stop, on: "nodes[0]"}
          - {id: up1, do: yard.start, on: "nodes[0]"}
      - {id: five1, do: yard.set, on: "nodes[0]", with: {to: 5}}
      - steps:
          - {id: up3, do: yard.start, on: "nodes[2]"}
          - {id: down3, do: yard.stop, on: "nodes[2]"}
      - steps:
          - {id: down2, do: yard.stop, on: "nodes[1]"}
          - {id: up2, do: yard.start, on: "nodes[1]"}
      - {id: five2, do: yard.set, on: "nodes[1]", with: {to: 5}}
)yaml",
         {"always at most 1 ripe(node s) where s.name in [\"n1\", \"n3\"]",
          "always at most 1 ripe(node s) where s.site == \"east\"",
          "always at most 1 ripe(node s) where s.name in [\"n2\", \"n3\"]"});
    form("always: a condition that is not so", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: one, do: yard.stop, on: "nodes[0]"}
  - {id: two, when: not steps.look.old, do: yard.stop, on: "nodes[1]"}
)yaml",
         {"always exactly 0 down(node s) where s.site == \"east\"",
          "always at most 0 down(node s) where s.site == \"east\""});
    form("always: a step that sets what nobody knows", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: base, do: yard.migrate, on: "bases[0]"}
  - {id: set, do: yard.set, on: "nodes[0]", with: {to: "${steps.look.code}"}}
  - {id: base2, do: yard.migrate, on: "bases[0]", with: {schema: 3}}
)yaml",
         {"always at most 0 node s with s.level == 7 where s.name == \"n1\"",
          "every upgrade(base b) while every node s with s.level == 1 where s.name == \"n1\"",
          "every upgrade(base b) while every node s with s.level < 7 where s.name == \"n1\"",
          "finally every node s with s.level == 1 where s.name == \"n1\""});
    form("always: a condition that makes no difference", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: one, do: yard.stop, on: "nodes[0]"}
  - {id: two, when: steps.look.old, do: yard.restart, on: "nodes[0]"}
)yaml",
         {"always at least 2 node s with s.stream == running where s.site == \"east\"",
          "always at most 0 down(node s) where s.site == \"east\"",
          "always exactly 0 down(node s) where s.site == \"east\"", "exactly 3 stop(node s)"});
    form("always: of states that nobody knows", "  - {id: look, do: yard.look, on: \"nodes[0]\"}\n",
         {"always exactly 1 node s with s.level == 5", "always exactly 2 node s with s.stream == running",
          "always exactly 2 down(node s)", "always at most 1 down(node s)", "always at least 2 down(node s)"});
    form(
        "always: worst where a condition is so", R"yaml(  - {id: look, do: yard.look, on: "nodes[0]"}
  - {id: one, do: yard.stop, on: "nodes[0]"}
  - {id: two, when: steps.look.old, do: yard.stop, on: "nodes[1]"}
)yaml",
        {"always at most 1 down(node s) where s.name != \"n3\"",
         "always at most 0 down(node s) where s.site == \"east\"",
         "always exactly 0 down(node s) where s.site == \"east\"",
         "always at least 2 node s with s.stream == running where s.site == \"east\"",
         "always at most 1 down(node s) where s.name != \"n3\"", "always at most 0 down(node s) where s.name != \"n3\"",
         "always exactly 1 node s with s.stream == running where s.site == \"east\""});
}

TEST_CASE("decisions: requirements with nothing to ask about") {
    const std::string base = R"yaml(  - {id: base, do: yard.migrate, on: "bases[0]"}
  - {id: ring, do: yard.ring, on: "nodes[0]"}
)yaml";
    form(
        "nothing: objects that the farm has not, and steps that the plan has not", base,
        {"every pack(crate c) where c.name == \"x\" before every upgrade(base b)",
         "every pack(crate c) before every upgrade(base b)", "every upgrade(base b) then some pack(crate c)",
         "exactly 1 pack(crate c)", "at least 1 pack(crate c)",
         "every stop(node s) where s.rack == 3 before every upgrade(base b)",
         "every stop(node s) where s.rack == 1 before every upgrade(base b)",
         "every stop(node s) where s.name == \"n9\" before every upgrade(base b)",
         "every ring(node s) while every crate c with c.full", "every ring(node s) while some crate c with c.full",
         "every stop(node s) while every crate c with c.full", "finally every crate c with c.full",
         "finally some crate c with c.full", "always at least 1 crate c with c.full",
         "always at most 1 crate c with c.full per c.name", "every stop(node s) while every down(node s)",
         "every ring(node s) where s.rack == 3 while every down(node t)", "some stop(node s) before some hum(node t)"});
    form("nothing: what a parameter without a value decides", base,
         {"never ring(node s) where s.site == place", "never ring(node s) where s.site == place and s.name != \"n9\"",
          "every ring(node s) where s.site == place before every upgrade(base b)",
          "finally every down(node s) where s.site == place", "exactly most ring(node s)",
          "always at most most down(node s)"},
         "parameters: {place: {type: string}, most: {type: int}}\n");
    form("nothing: of a step that is left out",
         R"yaml(  - {id: a, when: "nodes[0].rack == 3", do: yard.ring, on: "nodes[0]"}
  - {id: b, do: yard.ring, on: "nodes[1]"}
)yaml",
         {"every ring(node s) before every stop(node t)", "every ring(disk d) before every ring(node s)",
          "always at least 1 node s with s.level == 9 and nodes[2].fresh where s.name == \"n1\"",
          "always at least 1 node s with s.fresh where s.name == \"n1\""});
    form("nothing: of a step that is done already, beside one that is not",
         R"yaml(  - {id: a, when: "nodes[0].stream == stopped", do: yard.ring, on: "nodes[0]"}
  - {id: b, do: yard.ring, on: "nodes[1]"}
)yaml",
         {"every ring(node s) before every stop(node t)", "every stop(node s) before every ring(node t)"});
    form("nothing: brings it about, of another object than the one that is asked about",
         "  - {id: same, do: yard.same, on: \"nodes[0]\"}\n",
         {"finally every node s with [p in s.peers where p.level == 9] == [] and s.marked where s.name == \"n1\""});
    form("nothing: brings it about", base,
         {"finally every node s with s.marked where s.name == \"n1\"",
          "finally every node s with s.level == 9 where s.name == \"n1\"",
          "finally every down(node s) where s.name == \"n1\"", "finally every ripe(node s) where s.name == \"n1\"",
          "every stop(base b) before every ring(node s)", "finally every node s with s.level == 1 and nodes[2].marked",
          "at least 1 wipe(disk d)", "finally every crate c with c.fresh", "at least 1 burn(node s)",
          "every ring(node s) then some stop(node t)", "every approve(node s) before every ring(node t)",
          "at least 1 fill(node s)", "finally some node s with s.fresh and s.marked where s.name == \"n1\""});
}

TEST_CASE("decisions: what fails in a witness is what the violation needs, and no less") {
    // Its level is away first, then it is not fresh: both at once only where the level did not come back.
    form("needed: a failure between two that never meet otherwise", R"yaml(  - {id: new, do: yard.renew, on: "nodes[0]"}
  - parallel:
      - {id: base, do: yard.migrate, on: "bases[0]"}
      - steps:
          - id: one
            for_each: n in [nodes[0]]
            on_failure: continue
            steps:
              - {id: away, do: yard.set, on: n, with: {to: 3}}
              - {id: back, do: yard.set, on: n, with: {to: 1}}
          - id: two
            for_each: n in [nodes[0]]
            on_failure: continue
            steps:
              - {id: old, do: yard.spoil, on: n}
              - {id: young, do: yard.renew, on: n}
)yaml",
         {"every upgrade(base b) while every used(node s) where s.name == \"n1\""});
}

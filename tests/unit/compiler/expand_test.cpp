// Steps become instances, in the order that was asked for, and every edge knows why.
#include <catch2/catch.hpp>

#include <set>

#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;
using test::compiled;
using test::edges_of;
using test::errors_of;
using test::nodes_of;
using test::shop_plan;

namespace {

// The plan compiles without an error.
test::Compiled good(const std::string& body, compiler::Request request = {}) {
    test::Compiled c = compiled(shop_plan(body), std::move(request));
    INFO(body << test::text_of(*c));
    REQUIRE(errors_of(*c).empty());
    return c;
}

}  // namespace

TEST_CASE("steps run one after another") {
    const auto c = good(R"(steps:
  - {id: a, do: shop.look, on: first(nodes)}
  - {id: b, do: shop.look, on: first(nodes)}
  - {do: shop.look, on: last(nodes)}
  - {do: shop.look, on: last(nodes)}
)");
    CHECK(nodes_of(*c) == "a b look look-2");
    CHECK(edges_of(*c) == "a -> b (sequence)\nb -> look (sequence)\nlook -> look-2 (sequence)\n");
}

TEST_CASE("made up ids keep clear of given ones") {
    const auto c = good(R"(steps:
  - {do: shop.look, on: first(nodes)}
  - {id: look, do: shop.look, on: first(nodes)}
  - {id: look-2, do: shop.look, on: first(nodes)}
)");
    CHECK(nodes_of(*c) == "look-3 look look-2");
}

TEST_CASE("parallel steps have no order, and the next step waits for all of them") {
    const auto c = good(R"(steps:
  - {id: a, do: shop.look, on: first(nodes)}
  - id: p
    parallel:
      - {id: x, do: shop.look, on: first(nodes)}
      - {id: y, do: shop.look, on: first(nodes)}
  - {id: b, do: shop.look, on: first(nodes)}
)");
    CHECK(nodes_of(*c) == "a p.x p.y p b");
    CHECK(edges_of(*c) ==
          "a -> p.x (sequence)\na -> p.y (sequence)\np -> b (sequence)\np.x -> p (sequence)\np.y -> p (sequence)\n");
}

TEST_CASE("order goes through skipped steps, however deep inside they are named") {
    const std::string database = "  - parallel:\n      - {id: database, do: shop.look, on: first(nodes)}\n";
    const std::string consoles = R"(      - id: consoles
        steps:
          - id: all
            parallel:
              - {id: close, do: shop.look, on: last(nodes), after: servers}
)";
    const auto is_after = [&](const std::string& servers) {
        const auto c = good("steps:\n" + database + servers + consoles);
        const std::string edges = edges_of(*c);
        return edges.find("parallel.database -> parallel.servers") != std::string::npos &&
               edges.find(" -> parallel.consoles.all.close (after)") != std::string::npos;
    };
    CHECK(is_after(
        "      - {id: servers, after: database, for_each: \"n in [m in nodes where false]\", do: shop.look, on: n}\n"));
    CHECK(is_after("      - {id: servers, after: database, when: false, do: shop.look, on: first(nodes)}\n"));
    CHECK(
        is_after("      - id: servers\n        when: false\n        steps:\n          - steps:\n"
                 "              - {do: shop.look, on: first(nodes), after: database}\n"));
    CHECK(
        is_after("      - id: servers\n        steps:\n          - steps:\n"
                 "              - {do: shop.look, on: first(nodes), when: false, after: database}\n"));
    const auto c = compiled(
        shop_plan("steps:\n" + database.substr(0, database.size() - 2) + ", after: consoles}\n" +
                  "      - {id: servers, after: database, when: false, do: shop.look, on: first(nodes)}\n" + consoles));
    CHECK(errors_of(*c) == "PV3001");
}

TEST_CASE("a skipped step of a sequence passes on what it waits for") {
    const auto c = good(R"(steps:
  - parallel:
      - {id: x, do: shop.look, on: first(nodes)}
      - steps:
          - {id: a, do: shop.look, on: last(nodes)}
          - {id: b, do: shop.look, on: last(nodes), when: false, after: x}
          - {id: c, do: shop.look, on: last(nodes)}
)");
    CHECK(edges_of(*c).find("parallel.x -> parallel.steps.b (after)\n") != std::string::npos);
    CHECK(edges_of(*c).find("parallel.steps.b -> parallel.steps.c (sequence)\n") != std::string::npos);
}

TEST_CASE("no approval is asked for a loop whose steps are all skipped, and its order stays") {
    const auto c = good(R"(steps:
  - parallel:
      - {id: x, do: shop.look, on: first(nodes)}
      - id: y
        for_each: n in nodes
        approve: Look
        when: false
        steps:
          - {do: shop.look, on: n, after: x}
      - {id: z, do: shop.look, on: first(nodes), after: y}
)");
    for (const program::Node& node : compiler::program_of(*c).graph.nodes)
        CHECK(node.type != program::Node::Type::approval);
    CHECK(edges_of(*c).find("parallel.x -> parallel.y[n1] (after)\n") != std::string::npos);
    CHECK(edges_of(*c).find("parallel.y[n3] -> parallel.z (after)\n") != std::string::npos);
}

TEST_CASE("after orders siblings forward, backward and outward") {
    const auto forward = good(R"(steps:
  - parallel:
      - {id: a, do: shop.look, on: first(nodes)}
      - {id: b, do: shop.look, on: first(nodes), after: [a]}
)");
    CHECK(edges_of(*forward).find("parallel.a -> parallel.b (after)") != std::string::npos);
    // The step that is waited for comes later in the text.
    const auto backward = good(R"(steps:
  - parallel:
      - {id: a, do: shop.look, on: first(nodes), after: [b]}
      - {id: b, do: shop.look, on: first(nodes)}
)");
    CHECK(edges_of(*backward).find("parallel.b -> parallel.a (after)") != std::string::npos);
    CHECK(nodes_of(*backward) == "parallel.b parallel.a parallel");
    const auto outward = good(R"(steps:
  - id: p
    parallel:
      - {id: a, do: shop.look, on: first(nodes)}
      - id: g
        steps:
          - {id: x, do: shop.look, on: first(nodes)}
          - {id: y, do: shop.look, on: first(nodes), after: [a]}
)");
    CHECK(edges_of(*outward).find("p.a -> p.g.y (after)") != std::string::npos);
    CHECK(edges_of(*outward).find("p.a -> p.g.x") == std::string::npos);
}

TEST_CASE("a name is looked up from the inside out") {
    const auto c = good(R"(steps:
  - id: p
    parallel:
      - {id: a, do: shop.look, on: first(nodes)}
      - id: g
        parallel:
          - {id: a, do: shop.look, on: first(nodes)}
          - {id: b, do: shop.look, on: first(nodes), after: [a]}
)");
    CHECK(edges_of(*c).find("p.g.a -> p.g.b (after)") != std::string::npos);
    CHECK(edges_of(*c).find("p.a -> p.g.b") == std::string::npos);
}

TEST_CASE("a step that waits for a loop waits for all its iterations") {
    const auto c = good(R"(steps:
  - id: p
    parallel:
      - {id: all, for_each: n in nodes, at_most: all, do: shop.look, on: n}
      - {id: then, do: shop.look, on: first(nodes), after: [all]}
)");
    CHECK(edges_of(*c).find("p.all -> p.then (after)") != std::string::npos);
    for (const char* edge : {"p.all[n1] -> p.all", "p.all[n2] -> p.all", "p.all[n3] -> p.all"})
        CHECK(edges_of(*c).find(edge) != std::string::npos);
}

TEST_CASE("at_most makes lanes: iteration i waits for iteration i-k") {
    const auto one = good("steps:\n  - {id: l, for_each: n in nodes, do: shop.look, on: n}\n");
    CHECK(edges_of(*one) == "l[n1] -> l[n2] (at_most)\nl[n2] -> l[n3] (at_most)\n");
    const auto two = good("steps:\n  - {id: l, for_each: n in nodes, at_most: 2, do: shop.look, on: n}\n");
    CHECK(edges_of(*two) == "l[n1] -> l[n3] (at_most)\nl[n2] -> l (sequence)\nl[n3] -> l (sequence)\n");
    const auto many = good("steps:\n  - {id: l, for_each: n in nodes, at_most: 99, do: shop.look, on: n}\n");
    CHECK(edges_of(*many) == "l[n1] -> l (sequence)\nl[n2] -> l (sequence)\nl[n3] -> l (sequence)\n");
    const auto all = good("steps:\n  - {id: l, for_each: n in nodes, at_most: all, do: shop.look, on: n}\n");
    CHECK(edges_of(*all) == edges_of(*many));
}

TEST_CASE("a loop goes over values that are no objects") {
    const auto c = good(R"(steps:
  - {id: l, for_each: 'word in ["a", "b"]', do: shop.look, on: first(nodes), with: {note: "${word}"}}
  - {id: k, for_each: 'i in [1, 2]', do: shop.look, on: first(nodes), with: {note: "no ${i}"}}
)");
    CHECK(nodes_of(*c) == "l[a] l[b] k[1] k[2]");
}

TEST_CASE("a condition over known values skips a step while compiling") {
    const auto c = good(R"(parameters:
  wanted: {type: bool, default: false}
steps:
  - {id: a, do: shop.look, on: first(nodes)}
  - {id: no, when: wanted, do: shop.look, on: first(nodes)}
  - {id: b, do: shop.look, on: first(nodes)}
  - {id: some, for_each: n in nodes, when: n.site == "west", do: shop.look, on: n}
)");
    CHECK(nodes_of(*c) == "a b some[n2] some[n3]");
    CHECK(edges_of(*c) == "a -> b (sequence)\nb -> some[n2] (sequence)\nsome[n2] -> some[n3] (at_most)\n");
    CHECK(c->facts().guards.empty());
}

TEST_CASE("a skipped iteration passes its lane on") {
    const auto c = good("steps:\n  - {id: l, for_each: n in nodes, when: n.name != \"n2\", do: shop.look, on: n}\n");
    CHECK(edges_of(*c) == "l[n1] -> l[n3] (at_most)\n");
}

TEST_CASE("a step that waits for a skipped one waits for what that one waits for") {
    const auto c = good(R"(steps:
  - id: p
    parallel:
      - {id: a, do: shop.look, on: first(nodes)}
      - {id: no, when: false, do: shop.look, on: first(nodes), after: [a]}
      - {id: b, do: shop.look, on: first(nodes), after: [no]}
)");
    CHECK(edges_of(*c).find("p.a -> p.no (after)") != std::string::npos);
    CHECK(edges_of(*c).find("p.no -> p.b (after)") != std::string::npos);
}

TEST_CASE("a condition over state or outputs is left to the run") {
    const auto c = good(R"(steps:
  - {id: stop, do: shop.stop, on: first(nodes)}
  - id: p
    parallel:
      - {id: install, do: shop.install, on: first(nodes), with: {version: 2402}}
      - id: again
        when: steps.install.restart
        steps:
          - {id: a, do: shop.look, on: first(nodes)}
          - {id: b, when: first(nodes).stream == stopped, do: shop.look, on: first(nodes)}
)");
    REQUIRE(c->facts().guards.size() == 2);
    CHECK(c->facts().guards[0].text == "steps.p.install.restart");
    CHECK(c->facts().guards[1].parent == 0);
    CHECK(edges_of(*c).find("p.install -> p.again.a (data)") != std::string::npos);
}

TEST_CASE("equal conditions are one guard variable, unless they look at the state again") {
    const auto outputs = good(R"(steps:
  - {id: stop, do: shop.stop, on: first(nodes)}
  - {id: install, do: shop.install, on: first(nodes), with: {version: 2402}}
  - {id: a, when: steps.install.restart, do: shop.look, on: first(nodes)}
  - {id: b, when: steps.install.restart, do: shop.look, on: first(nodes)}
)");
    CHECK(outputs->facts().guard_variables == 1);
    const auto state = good(R"(steps:
  - {id: stop, do: shop.stop, on: first(nodes)}
  - {id: a, when: first(nodes).stream == stopped, do: shop.look, on: first(nodes)}
  - {id: b, when: first(nodes).stream == stopped, do: shop.look, on: first(nodes)}
)");
    CHECK(state->facts().guard_variables == 2);
}

TEST_CASE("a condition is known before the run where no step changes before it what it reads") {
    const auto left_out = [](const std::string& steps) {
        const auto c = good("steps:\n" + steps);
        std::string text = std::to_string(c->facts().guard_variables) + " open";
        for (const expand::LeftOut& one : c->stages->expansion.left_out) text += "; " + one.path + ": " + one.why;
        return text;
    };
    const std::string look = R"(  - {id: look, when: first(nodes).stream == stopped, do: shop.look, on: first(nodes)}
)";
    const std::string runs = R"(  - {id: look, when: first(nodes).stream == running, do: shop.look, on: first(nodes)}
)";
    const std::string stop = R"(  - {id: stop, do: shop.stop, on: first(nodes)}
)";
    CHECK(left_out(look) == "0 open; look: n1.stream is running");
    CHECK(left_out(runs) == "0 open");
    CHECK(left_out(look + stop) == "0 open; look: n1.stream is running");
    CHECK(left_out(stop + look) == "1 open");
    // What is left out changes nothing, so that more is known.
    const std::string never = R"(  - {id: never, when: first(nodes).stream == stopped, do: shop.start, on: first(nodes)}
)";
    CHECK(left_out(never + look) == "0 open; never: n1.stream is running; look: n1.stream is running");
    // Its own steps come after it.
    CHECK(left_out(R"(  - id: g
    when: first(nodes).stream == running
    steps:
      - {id: stop, do: shop.stop, on: first(nodes)}
      - {id: look, when: first(nodes).stream == stopped, do: shop.look, on: first(nodes)}
)") == "1 open");
}

TEST_CASE("a step that reads an output waits for it") {
    const auto c = good(R"(steps:
  - {id: stop, do: shop.stop, on: first(nodes)}
  - id: p
    parallel:
      - {id: install, do: shop.install, on: first(nodes), with: {version: 2402}}
      - {id: tell, do: shop.look, on: last(nodes), with: {note: "it said ${steps.install.log}"}}
)");
    CHECK(edges_of(*c).find("p.install -> p.tell (data)") != std::string::npos);
}

TEST_CASE("a procedure is written out on its object") {
    const auto c = good(R"(steps:
  - {id: roll, for_each: n in nodes, do: shop.roll, on: n, with: {version: 2402}}
)");
    CHECK(nodes_of(*c) ==
          "roll[n1].stop roll[n1].install roll[n1].start roll[n2].stop roll[n2].install roll[n2].start roll[n3].stop "
          "roll[n3].install roll[n3].start");
    CHECK(edges_of(*c).find("roll[n1].start -> roll[n2].stop (at_most)") != std::string::npos);
    CHECK(edges_of(*c).find("roll[n1].stop -> roll[n1].install (sequence)") != std::string::npos);
}

TEST_CASE("an approval is a step, or stands before one") {
    const auto c = good(R"(steps:
  - {id: ok, approve: Look at it.}
  - {id: a, approve: "Go on with ${first(nodes).name}?", do: shop.look, on: first(nodes)}
  - {id: l, for_each: n in nodes, approve: "All of them?", do: shop.look, on: n}
)");
    CHECK(nodes_of(*c) == "ok a:approve a l:approve l[n1] l[n2] l[n3]");
    CHECK(edges_of(*c).find("ok -> a:approve (sequence)") != std::string::npos);
    CHECK(edges_of(*c).find("a:approve -> a (sequence)") != std::string::npos);
    CHECK(edges_of(*c).find("l:approve -> l[n1] (sequence)") != std::string::npos);
    CHECK(compiler::program_of(*c).graph.nodes[1].text == "Go on with n1?");
}

TEST_CASE("a loop without iterations asks for no approval") {
    const auto c = good(R"(steps:
  - {id: a, do: shop.look, on: first(nodes)}
  - {id: l, for_each: 'n in [n in nodes where n.site == "north"]', approve: "All of them?", do: shop.look, on: n}
  - {id: b, do: shop.look, on: first(nodes)}
)");
    CHECK(nodes_of(*c) == "a b");
    CHECK(edges_of(*c) == "a -> b (sequence)\n");
}

TEST_CASE("after an approval all lanes start") {
    const auto c =
        good("steps:\n  - {id: l, for_each: n in nodes, at_most: 2, approve: 'All?', do: shop.look, on: n}\n");
    CHECK(edges_of(*c).find("l:approve -> l[n1] (sequence)") != std::string::npos);
    CHECK(edges_of(*c).find("l:approve -> l[n2] (sequence)") != std::string::npos);
    CHECK(edges_of(*c).find("l:approve -> l[n3]") == std::string::npos);
}

TEST_CASE("iterations that may be abandoned are known as such") {
    const auto c = good(R"(steps:
  - id: l
    for_each: n in nodes
    on_failure: continue
    max_failures: 1
    steps:
      - {id: a, do: shop.look, on: n}
      - {id: b, do: shop.look, on: n}
)");
    REQUIRE(c->facts().loops.size() == 1);
    CHECK(c->facts().loops[0].path == "l");
    CHECK(c->facts().loops[0].max_failures == 1);
    REQUIRE(c->facts().instances.size() == 3);
    CHECK(c->facts().instance[0] == c->facts().instance[1]);
    CHECK(c->facts().instance[0] != c->facts().instance[2]);
    const program::Plan plan = compiler::program_of(*c);
    CHECK(plan.instances[2].path == "l[n3]");
    CHECK(plan.graph.nodes[0].on_failure == program::OnFailure::carry_on);
}

TEST_CASE("recover becomes a separate program that covers its group") {
    const auto c = good(R"(steps:
  - {id: before, do: shop.look, on: first(nodes)}
  - id: g
    steps:
      - {id: stop, do: shop.stop, on: first(nodes)}
      - {id: look, do: shop.look, on: first(nodes)}
    recover:
      - {id: back, when: first(nodes).stream == stopped, do: shop.start, on: first(nodes)}
      - {id: say, when: failed(stop), do: shop.look, on: first(nodes)}
)");
    const program::Plan plan = compiler::program_of(*c);
    REQUIRE(plan.recoveries.size() == 1);
    CHECK(plan.recoveries[0].group == "g");
    CHECK(plan.recoveries[0].covers.size() == 2);
    REQUIRE(plan.recoveries[0].steps.nodes.size() == 2);
    CHECK(plan.recoveries[0].steps.nodes[0].id == "g:recover.back");
    CHECK(plan.recoveries[0].guards.size() == 2);
}

TEST_CASE("nodes without an order stand in the order of the source") {
    const auto c = good(R"(steps:
  - id: p
    parallel:
      - {id: c, do: shop.look, on: first(nodes)}
      - {id: a, do: shop.look, on: first(nodes), after: [d]}
      - {id: b, do: shop.look, on: first(nodes)}
      - {id: d, do: shop.look, on: first(nodes)}
)");
    CHECK(nodes_of(*c) == "p.c p.b p.d p.a p");
}

TEST_CASE("a plan without steps is a plan") {
    for (const char* body : {"steps: []\n", "steps:\n  - {id: g, steps: []}\n", "steps:\n  - {id: p, parallel: []}\n",
                             "steps:\n  - {for_each: n in rest([first(nodes)]), do: shop.look, on: n}\n"}) {
        const auto c = compiled(shop_plan(body));
        INFO(body << test::text_of(*c));
        if (errors_of(*c).empty()) CHECK(nodes_of(*c).empty());
    }
}

TEST_CASE("no two nodes have one name") {
    const auto c = good(R"(steps:
  - id: a
    for_each: n in nodes
    at_most: 2
    parallel:
      - {id: x, do: shop.look, on: n, approve: "Go?"}
      - id: y
        for_each: m in nodes
        at_most: all
        parallel:
          - {id: x, do: shop.look, on: m, after: []}
          - {id: y, when: false, do: shop.look, on: m}
          - {id: z, do: shop.look, on: m, after: [y]}
)");
    std::set<std::string> ids;
    for (graph::Index i = 0; i < c->facts().size(); ++i) {
        INFO(c->facts().path(i));
        CHECK(ids.insert(c->facts().path(i)).second);
    }
}

TEST_CASE("a long cycle shows the order that was asked for and contracts the rest") {
    std::string body = "steps:\n  - parallel:\n      - id: long\n        after: [short]\n        steps:\n";
    for (int i = 0; i < 30; ++i)
        body += "          - {id: s" + std::to_string(i) + ", do: shop.look, on: first(nodes)}\n";
    body += "      - {id: short, do: shop.look, on: last(nodes), after: [long]}\n";
    const std::string text = test::text_of(*compiled(shop_plan(body)));
    CHECK(text.find("long.s0") != std::string::npos);
    CHECK(text.find("long.s29") != std::string::npos);
    CHECK(text.find("29 steps later") != std::string::npos);
    CHECK(text.find("long.s15") == std::string::npos);
}

TEST_CASE("a cycle is reported with the reason of each edge") {
    const auto c = compiled(shop_plan(R"(steps:
  - id: p
    parallel:
      - id: one
        steps:
          - {id: a, do: shop.look, on: first(nodes)}
          - {id: b, do: shop.look, on: first(nodes), after: [two]}
      - id: two
        steps:
          - {id: c, do: shop.look, on: first(nodes), after: [one]}
)"));
    CHECK(errors_of(*c) == "PV3001");
    CHECK(test::text_of(*c).find("p.one.b") != std::string::npos);
    CHECK(test::text_of(*c).find("p.two.c") != std::string::npos);
    CHECK(!c->has_graph);
    // A step that waits for itself, for its own group, for its own loop.
    for (const char* body : {"steps:\n  - {id: a, do: shop.look, on: first(nodes), after: [a]}\n",
                             "steps:\n  - {id: g, steps: [{do: shop.look, on: first(nodes), after: [g]}]}\n",
                             "steps:\n  - {id: l, for_each: n in nodes, do: shop.look, on: n, after: [l]}\n"})
        CHECK(errors_of(*compiled(shop_plan(body))) == "PV3001");
}

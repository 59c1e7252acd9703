// Rollback from everywhere: the failure scenarios are compared with a complete enumeration, and small plans with known
// answers.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>

#include "compiler/checks/failure_points.hpp"
#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;
using checks::Stand;
using graph::Index;

namespace {

// "d.f1-": a character for each node; after a failed one, the changes that took effect.
std::string text_of(const std::vector<Stand>& stands, const std::vector<std::uint32_t>& there) {
    std::string text;
    for (std::size_t k = 0; k < stands.size(); ++k) {
        text += stands[k] == Stand::done      ? 'd'
                : stands[k] == Stand::skipped ? 's'
                : stands[k] == Stand::failed  ? 'f'
                                              : '-';
        if (stands[k] == Stand::failed) text += std::to_string(there[k]);
    }
    return text;
}

// A random small plan: nodes with random edges, 0 to 2 changes each, some with one of two guards.
struct Small {
    graph::Facts facts;
    std::vector<Index> nodes;
    std::vector<checks::Part> parts;
    std::vector<std::uint32_t> others;

    explicit Small(std::mt19937& random) {
        const Index size = 1 + random() % 5;
        facts.guards = {
            {.variable = 0, .value = true}, {.variable = 1, .value = random() % 2 == 0}, {.variable = 0, .parent = 1}};
        facts.guard_variables = 2;
        std::vector<std::vector<Index>> after(size);
        for (Index i = 0; i < size; ++i) {
            for (Index p = 0; p < i; ++p)
                if (random() % 3 == 0) {
                    facts.predecessors.items.push_back(p);
                    after[p].push_back(i);
                }
            facts.predecessors.starts.push_back(static_cast<std::uint32_t>(facts.predecessors.items.size()));
            facts.guard.push_back(random() % 3 == 0 ? random() % 3 : graph::no_guard);
            const std::uint32_t sets = random() % 3;
            for (std::uint32_t s = 0; s < sets; ++s) facts.sets.items.push_back({s, 0});
            facts.sets.starts.push_back(static_cast<std::uint32_t>(facts.sets.items.size()));
            nodes.push_back(i);
            others.push_back(sets == 0 ? 0 : random() % 3);
            const auto kind = random() % 8;
            parts.push_back(kind == 0 ? checks::Part::join : kind == 1 ? checks::Part::approval : checks::Part::action);
        }
        for (const auto& row : after) {
            facts.successors.items.insert(facts.successors.items.end(), row.begin(), row.end());
            facts.successors.starts.push_back(static_cast<std::uint32_t>(facts.successors.items.size()));
        }
    }

    // Enumerates every assignment of stands to nodes and keeps the consistent ones; shares no code with what is tested.
    [[nodiscard]] std::set<std::string> all_points() const {
        std::set<std::string> points;
        const std::size_t size = nodes.size();
        std::size_t combinations = 1;
        for (std::size_t k = 0; k < size; ++k) combinations *= 4;
        for (unsigned truths = 0; truths < 4; ++truths)
            for (std::size_t c = 0; c < combinations; ++c) {
                std::vector<Stand> stands;
                for (std::size_t k = 0, rest = c; k < size; ++k, rest /= 4)
                    stands.push_back(static_cast<Stand>(rest % 4));
                if (is_point(stands, truths)) add_parts(stands, points);
            }
        return points;
    }

  private:
    [[nodiscard]] bool is_point(const std::vector<Stand>& stands, unsigned truths) const {
        bool any = false;
        for (std::size_t k = 0; k < stands.size(); ++k) {
            bool holds = true;
            for (auto g = facts.guard[k]; g != graph::no_guard; g = facts.guards[g].parent)
                holds = holds && ((truths >> facts.guards[g].variable & 1U) != 0) == facts.guards[g].value;
            bool waits = false;
            for (const Index p : facts.predecessors[static_cast<Index>(k)])
                waits = waits || stands[p] == Stand::not_started || stands[p] == Stand::failed;
            switch (stands[k]) {
                case Stand::not_started:  // a node without work never waits
                    if (!waits && (!holds || parts[k] == checks::Part::join)) return false;
                    break;
                case Stand::skipped:
                    if (waits || holds) return false;
                    break;
                case Stand::done:
                    if (waits || !holds) return false;
                    any = true;
                    break;
                case Stand::failed:
                    if (waits || !holds || parts[k] != checks::Part::action) return false;
                    any = true;
            }
        }
        return any;
    }

    void add_parts(const std::vector<Stand>& stands, std::set<std::string>& points) const {
        std::vector<std::uint32_t> there(stands.size(), 0);
        for (;;) {
            points.insert(text_of(stands, there));
            std::size_t k = 0;
            for (; k < stands.size(); ++k) {
                if (stands[k] != Stand::failed) continue;
                if (++there[k] < (1U << facts.sets[static_cast<Index>(k)].size()) + others[k]) break;
                there[k] = 0;
            }
            if (k == stands.size()) return;
        }
    }
};

std::string shop_findings(const std::string& steps) {
    const auto c = test::compiled(test::shop_plan("steps:\n" + steps));
    INFO(test::text_of(*c));
    CHECK(c->has_graph);
    return test::findings_of(*c) + (c->rollback && c->rollback->complete ? " complete" : "");
}

}  // namespace

TEST_CASE("every failure scenario is visited, and no other") {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        const Small small(random);
        std::set<std::string> seen;
        bool is_past_failures = false;
        const auto all = checks::for_each_failure_point(
            {small.facts, small.nodes, small.parts, small.others}, 1'000'000, [&](const checks::FailurePoint& point) {
                is_past_failures = is_past_failures || !point.has(Stand::failed);
                CHECK(is_past_failures != point.has(Stand::failed));
                seen.insert(text_of(point.stands, point.there));
                return true;
            });
        CHECK(all == checks::Seen::all);
        CHECK(seen == small.all_points());
        // A walk that was cut short says so.
        std::size_t looked = 0;
        const auto bounded = checks::for_each_failure_point({small.facts, small.nodes, small.parts, small.others}, 1,
                                                            [&](const checks::FailurePoint&) {
                                                                ++looked;
                                                                return true;
                                                            });
        CHECK(looked <= 1);
        if (seen.size() > 1) CHECK(bounded == checks::Seen::too_many);
    }
}

TEST_CASE("a recover is proved with any part of its branches done") {
    // Right from the source's order and from both ends, wrong when only the second branch has run.
    CHECK(shop_findings(R"yaml(
  - id: both
    parallel:
      - {id: a, do: shop.stop, on: "nodes[0]"}
      - {id: b, do: shop.stop, on: "nodes[1]"}
      - {id: c, do: shop.stop, on: "nodes[2]"}
    recover:
      - {when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"}
      - {when: "nodes[1].stream == stopped and (started(a) or started(c))", do: shop.start, on: "nodes[1]"}
      - {when: "nodes[2].stream == stopped", do: shop.start, on: "nodes[2]"}
)yaml") == "PV5003");
    CHECK(shop_findings(R"yaml(
  - id: both
    parallel:
      - {id: a, do: shop.stop, on: "nodes[0]"}
      - {id: b, do: shop.stop, on: "nodes[1]"}
    recover:
      - {when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"}
      - {when: "nodes[1].stream == stopped", do: shop.start, on: "nodes[1]"}
)yaml") == " complete");
}

// The findings on a group that stops a node, with these steps in `recover`.
std::string findings_with(const std::string& recover) {
    return shop_findings("\n  - {id: group, steps: [{id: a, do: shop.stop, on: \"nodes[0]\"}], recover: [" + recover +
                         "]}\n");
}

TEST_CASE("a recover also undoes a group in which nothing failed") {
    CHECK(findings_with(
              R"yaml({when: "nodes[0].stream == stopped and failed(a)", do: shop.start, on: "nodes[0]"})yaml") ==
          "PV5003");
    CHECK(findings_with(R"yaml({when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"})yaml") ==
          " complete");
}

TEST_CASE("a rollback leaves nothing else changed") {
    CHECK(findings_with(R"yaml({when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"},
                           {do: shop.stop, on: "nodes[1]"})yaml") == "PV5003");
}

TEST_CASE("a step under a run-time `when` may have run or not") {
    const std::string steps = R"yaml(
  - {id: look, do: shop.install, on: "nodes[0]", with: {version: 2203}}
  - id: group
    steps:
      - {id: a, when: steps.look.restart, do: shop.stop, on: "nodes[1]"}
      - {id: b, do: shop.stop, on: "nodes[2]"}
    recover:
      - {when: "nodes[1].stream == stopped", do: shop.start, on: "nodes[1]"}
      - {when: "nodes[2].stream == stopped and CONDITION", do: shop.start, on: "nodes[2]"}
)yaml";
    const auto with = [&](const std::string& condition) {
        std::string text = "\n  - {id: stopped, do: shop.stop, on: \"nodes[0]\"}" + steps;
        text.replace(text.find("CONDITION"), 9, condition);
        return shop_findings(text);
    };
    CHECK(with("true") == " complete");
    CHECK(with("done(a)") == "PV5003");  // not when `a` was skipped
}

TEST_CASE("what the analysis does not follow is not called complete") {
    std::string branches = "\n  - id: wide\n    parallel:\n";
    for (int i = 0; i < 12; ++i)
        branches += "      - {id: s" + std::to_string(i) + ", do: shop.look, on: \"nodes[0]\"}\n";
    const std::string recover = "    recover:\n      - {do: shop.look, on: \"nodes[0]\"}\n";
    CHECK(shop_findings(branches + recover) == "PV5007");
    // A `recover` that reads what another branch may be changing.
    CHECK(shop_findings(R"yaml(
  - parallel:
      - {id: other, do: shop.stop, on: "nodes[1]"}
      - id: group
        steps:
          - {id: a, do: shop.stop, on: "nodes[0]"}
        recover:
          - {when: "nodes[0].stream == stopped and nodes[1].stream == running", do: shop.start, on: "nodes[0]"}
)yaml") != " complete");
}

namespace {

// The findings on a plan with one step, `x.go`, over states a of three values and b of two.
std::string toy_findings(const std::string& go, const std::string& back) {
    test::Project project({{"farm.yaml", "farm: f\nuses: [./x.yaml]\nhosts: [{name: h1}]\n"},
                           {"plan.yaml", "plan: p\nuses: [./x.yaml]\nfarm: ./farm.yaml\nsteps:\n  - {do: x.go}\n"},
                           {"x.yaml",
                            "module: x\nkinds:\n  host:\n    plural: hosts\n    state: {a: {type: [p, q, r], "
                            "default: p}, b: {type: bool, default: false}, v: {type: version, default: 1}}\n"
                            "    observe: {command: [look]}\nactions:\n  go:\n    on: host\n    sets: " +
                                go + "\n    run: {command: [go]}\n    undo: {do: x.back}\n  back:\n    on: host\n    " +
                                back + "\n    run: {command: [back]}\n    undo: {impossible: it is one}\n"}});
    const auto c = test::compiled(project);
    INFO(test::text_of(*c));
    CHECK(c->has_graph);
    return test::findings_of(*c) + (c->rollback && c->rollback->complete ? " complete" : "");
}

}  // namespace

TEST_CASE("an undo also has to work where its step failed half way") {
    const std::string reset = "sets: {on.a: p}";
    CHECK(toy_findings("{on.a: q}", reset) == " complete");
    CHECK(toy_findings("{on.a: q}", "requires: on.a in [q, r]\n    " + reset) == " complete");
    // It stays at r.
    CHECK(toy_findings("{on.a: q}", "requires: on.a == q\n    " + reset) == "PV5009");
    CHECK(toy_findings("{on.a: q}", "requires: on.a != r\n    " + reset) == "PV5009");
    CHECK(toy_findings("{on.a: q}", "requires: on.a != p\n    " + reset) == " complete");  // p: nothing has happened
    // A state of two values is left as it was, or as it should be.
    CHECK(toy_findings("{on.b: true}", "requires: on.b\n    sets: {on.b: false}") == " complete");
    // One of two is there.
    const std::string both = "sets: {on.a: p, on.b: false}";
    CHECK(toy_findings("{on.a: q, on.b: true}", both) == " complete");
    CHECK(toy_findings("{on.a: q, on.b: true}", "requires: on.b\n    " + both) == "PV5009");
    CHECK(toy_findings("{on.a: q, on.b: true}", "requires: on.a == q or on.b\n    " + both) == "PV5009");
    CHECK(toy_findings("{on.b: true, on.v: 2}", "requires: on.b or on.v != 1\n    sets: {on.b: false, on.v: 1}") ==
          " complete");
    // Of what has no end nobody knows what is left; what is not known keeps no rollback from trying.
    CHECK(toy_findings("{on.v: 2}", "requires: on.v == 2\n    sets: {on.v: 1}") == " complete");
}

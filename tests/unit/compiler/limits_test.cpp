// Where what is tried ends: up to a bound all is decided, one more is undecided and says so, and batches of what is
// tried decide as one.
#include <catch2/catch.hpp>

#include <algorithm>

#include "compiler/diag/diagnostic.hpp"
#include "tests/unit/compiler/project.hpp"
#include "tests/unit/compiler/yard.hpp"

using namespace pvsplan;

namespace {

std::string farm_of(int nodes) {
    std::string farm = "farm: yard\nuses: [./yard.yaml]\nbases: [{name: main}]\nnodes:\n";
    for (int i = 1; i <= nodes; ++i)
        farm += "  - {name: n" + std::to_string(i) + ", state: {stream: running, level: 1, fresh: true}}\n";
    return farm;
}

test::Compiled limited(const std::string& farm, const std::string& steps,
                       const std::vector<std::string>& requirements) {
    std::string plan = "plan: test\nuses: [./yard.yaml]\nfarm: ./farm.yaml\nsteps:\n" + steps;
    if (!requirements.empty()) plan += "invariants:\n";
    for (std::size_t i = 0; i < requirements.size(); ++i)
        plan += "  - {name: r" + std::to_string(i) + ", require: '" + requirements[i] + "'}\n";
    auto c = test::compiled(test::Project({{"yard.yaml", test::yard}, {"farm.yaml", farm}, {"plan.yaml", plan}}));
    INFO(test::text_of(*c));
    REQUIRE(c->has_graph);
    return c;
}

std::string list_of(int numbers) {
    std::string list = "[1";
    for (int i = 2; i <= numbers; ++i) list += ", " + std::to_string(i);
    return list + "]";
}

std::string messages_of(const compiler::Compilation& c, std::string_view code) {
    std::string text;
    for (const diag::Diagnostic& d : c.sink.sorted())
        if (diag::code_text(d.code) == code) text += d.message + "\n";
    return text;
}

}  // namespace

TEST_CASE("limits: requirements that depend on many conditions share what is tried") {
    std::string steps;
    for (int i = 1; i <= 13; ++i) steps += "  - {id: look" + std::to_string(i) + ", do: yard.look, on: \"nodes[0]\"}\n";
    for (int i = 1; i <= 12; ++i)
        steps += "  - {when: steps.look" + std::to_string(i) + ".old, do: yard.ring, on: \"nodes[0]\"}\n";
    const std::string one_more = "  - {when: steps.look13.old, do: yard.ring, on: \"nodes[0]\"}\n";
    const auto beyond = limited(farm_of(1), steps + one_more, {"at most 13 ring(node s)", "at most 0 ring(node s)"});
    CHECK(beyond->decisions[0].verdict == checks::Verdict::undecided);
    CHECK(beyond->decisions[0].reason ==
          "it depends on 13 run-time conditions; at most 12 are tried in all combinations");
    REQUIRE(beyond->decisions[1].verdict == checks::Verdict::violated);  // if all of them are so
    CHECK(beyond->decisions[1].witness->assumptions.size() == 13);
    // 12 conditions of a plan of 1,000 steps take a twelfth of it.
    steps += "  - {id: many, for_each: \"k in " + list_of(1000) + "\", do: yard.note}\n";
    std::vector<std::string> asked;  // what is asked twice in the same words is decided once
    for (int i = 12; i < 24; ++i) asked.push_back("at most " + std::to_string(i) + " ring(node s)");
    const auto shared = limited(farm_of(1), steps, asked);
    for (std::size_t i = 0; i < 11; ++i) CHECK(shared->decisions[i].verdict == checks::Verdict::holds);
    CHECK(shared->decisions[11].verdict == checks::Verdict::undecided);
    CHECK(
        shared->decisions[11].reason ==
        "it depends on 12 run-time conditions; at most 11 are tried in all combinations, as a walk over the whole plan "
        "is taken for each, for each requirement");
}

TEST_CASE("limits: what is so while something happens is decided over batches of objects") {
    // 66 events with 66 objects each are more than are judged at once; the last two are the ones that matter.
    const auto verdict = [](const std::string& last) {
        const std::string steps =
            "  - {for_each: n in nodes, do: yard.set, on: n, with: {to: 2}}\n"
            "  - {for_each: \"n in [n in nodes where n.name != 'n66']\", do: yard.ring, on: n}\n" +
            last;
        return limited(farm_of(66), steps, {"every ring(node s) while every node t with t.level == 2"});
    };
    CHECK(verdict("  - {do: yard.ring, on: \"nodes[65]\"}\n")->decisions[0].verdict == checks::Verdict::holds);
    const auto c = verdict(
        "  - parallel:\n      - {id: last, do: yard.ring, on: \"nodes[65]\"}\n"
        "      - {id: worse, do: yard.set, on: \"nodes[65]\", with: {to: 3}}\n");
    REQUIRE(c->decisions[0].verdict == checks::Verdict::violated);
    CHECK(c->decisions[0].reason ==
          "node with t.level == 2 may not hold for n66 while `parallel.last` runs: `parallel.worse` can be ending it");
}

TEST_CASE("limits: what a requirement costs is put down to it") {
    const auto c = limited(farm_of(100), "  - {for_each: n in nodes, do: yard.ring, on: n}\n",
                           {"never hum(node s)", "never ring(node s) where [n in nodes where n.name != \"x\"] == []"});
    const auto costs = c->facts().budget.costs();
    REQUIRE(costs.size() == 1);
    CHECK(c->sources->text(costs[0].place).find("n in nodes") != std::string::npos);
}

TEST_CASE("limits: a violated requirement is found once, of no iteration by itself") {
    const auto c = limited(farm_of(3), "  - {for_each: n in nodes, do: yard.stop, on: n}\n", {"never stop(node s)"});
    std::size_t found = 0;
    for (const diag::Diagnostic& d : c->sink.sorted()) {
        if (d.message.find("`r0`") == std::string::npos) continue;
        ++found;
        CHECK(d.instance.empty());
    }
    CHECK(found == 1);
}

TEST_CASE("limits: states that change in many ways together") {
    const auto decided = [](int changes) {
        std::string steps = "  - parallel:\n      - {id: base, do: yard.migrate, on: \"bases[0]\"}\n";
        for (const auto& [down, up] :
             {std::pair("set, on: \"nodes[0]\", with: {to: 2}", "set, on: \"nodes[0]\", with: {to: 1}"),
              std::pair("put, on: \"nodes[0]\", with: {to: false}", "put, on: \"nodes[0]\", with: {to: true}"),
              std::pair("halt, on: \"nodes[0]\"", "restart, on: \"nodes[0]\"")}) {
            steps += "      - steps:\n";
            for (int i = 0; i < changes; ++i)
                steps += std::string("          - {do: yard.") + (i % 2 == 0 ? down : up) + "}\n";
        }
        return limited(farm_of(1), steps,
                       {"every upgrade(base b) while every node t with t.level == 1 or t.fresh or t.stream == running"})
            ->decisions[0];
    };
    CHECK(decided(4).verdict == checks::Verdict::violated);
    CHECK(decided(15).verdict == checks::Verdict::violated);
    const checks::Decision beyond = decided(16);
    CHECK(beyond.verdict == checks::Verdict::undecided);
    CHECK(beyond.reason == "states of `node/n1` may change, or be abandoned halfway, in more ways than are tried");
}

TEST_CASE("limits: a step that requires what many others may have changed") {
    const auto findings = [](int writers) {
        std::string steps = "  - {id: look, do: yard.look, on: \"nodes[0]\"}\n";
        for (int i = 1; i <= writers; ++i)
            steps += "  - {when: steps.look.code == " + std::to_string(i) +
                     ", do: yard.set, on: \"nodes[0]\", with: {to: 1}}\n" +
                     "  - {when: steps.look.code == " + std::to_string(100 + i) +
                     ", do: yard.restart, on: \"nodes[0]\"}\n";
        const auto c =
            limited(farm_of(1), steps + "  - {id: more, do: yard.raise, on: \"nodes[0]\", with: {to: 1}}\n", {});
        return messages_of(*c, "PV3103") + messages_of(*c, "PV3104");
    };
    CHECK(findings(63) == "`more` cannot start: it requires `on.stream == stopped`, but `node/n1.stream` is running\n");
    CHECK(findings(64) ==
          "it cannot be told whether `more` can start: it requires `on.stream == stopped and on.level < "
          "to`, which depends on too many run-time conditions\n");
    const auto independent = [](int writers) {
        std::string steps;
        for (int i = 1; i <= writers; ++i)
            steps += "  - {id: look" + std::to_string(i) + ", do: yard.look, on: \"nodes[0]\"}\n";
        for (int i = 1; i <= writers; ++i)
            steps +=
                "  - {when: steps.look" + std::to_string(i) + ".old, do: yard.set, on: \"nodes[0]\", with: {to: 7}}\n";
        const auto c =
            limited(farm_of(1), steps + "  - {id: last, do: yard.lower, on: \"nodes[0]\", with: {to: 5}}\n", {});
        return messages_of(*c, "PV3103") + messages_of(*c, "PV3104");
    };
    CHECK(independent(12) == "`last` cannot start: it requires `on.level >= to`, but `node/n1.level` is 1\n");
    CHECK(independent(13) ==
          "it cannot be told whether `last` can start: it requires `on.level >= to`, but `node/n1.level` is 1\n");
}

TEST_CASE("limits: an undo that reads many states that its step sets") {
    const auto findings = [](int states) {
        std::string state, sets, all, back;
        for (int i = 1; i <= states; ++i) {
            const std::string s = "s" + std::to_string(i);
            state += (i == 1 ? "" : ", ") + s + ": {type: bool, default: false}";
            sets += (i == 1 ? "on." : ", on.") + s + ": true";
            back += (i == 1 ? "on." : ", on.") + s + ": false";
            all += (i == 1 ? "on." : " or on.") + s;
        }
        const std::string module =
            "module: wide\nkinds:\n  node:\n    plural: nodes\n    state: {" + state +
            "}\n    observe: {command: [look]}\nactions:\n  set: {on: node, sets: {" + sets +
            "}, run: {command: [set]}, undo: {do: wide.back}}\n  back: {on: node, requires: " + all +
            " or not on.s1, sets: {" + back + "}, run: {command: [back]}, undo: {do: wide.set}}\n";
        const auto c =
            test::compiled(test::Project({{"wide.yaml", module},
                                          {"farm.yaml", "farm: wide\nuses: [./wide.yaml]\nnodes: [{name: n1}]\n"},
                                          {"plan.yaml",
                                           "plan: test\nuses: [./wide.yaml]\nfarm: ./farm.yaml\nsteps:\n  - {id: s, "
                                           "do: wide.set, on: \"nodes[0]\"}\n"}}));
        INFO(test::text_of(*c));
        REQUIRE(c->has_graph);
        return messages_of(*c, "PV5009");
    };
    CHECK(findings(6).empty());
    CHECK(findings(7) ==
          "the undo of `s` is not enough where it fails on its way: it sets more states that its undo reads "
          "than are tried\n");
}

TEST_CASE("limits: a step that sets many states has more ways to fail than are tried") {
    const auto findings = [](int states) {
        std::string state, sets, back;
        for (int i = 1; i <= states; ++i) {
            const std::string s = "s" + std::to_string(i);
            state += (i == 1 ? "" : ", ") + s + ": {type: bool, default: false}";
            sets += (i == 1 ? "on." : ", on.") + s + ": true";
            back += (i == 1 ? "on." : ", on.") + s + ": false";
        }
        const std::string module = "module: wide\nkinds:\n  node:\n    plural: nodes\n    state: {" + state +
                                   "}\n    observe: {command: [look]}\nactions:\n  set: {on: node, sets: {" + sets +
                                   "}, run: {command: [set]}, undo: {do: wide.back}}\n  back: {on: node, sets: {" +
                                   back + "}, run: {command: [back]}, undo: {do: wide.set}}\n";
        const auto c =
            test::compiled(test::Project({{"wide.yaml", module},
                                          {"farm.yaml", "farm: wide\nuses: [./wide.yaml]\nnodes: [{name: n1}]\n"},
                                          {"plan.yaml",
                                           "plan: test\nuses: [./wide.yaml]\nfarm: ./farm.yaml\nsteps:\n  - {do: "
                                           "wide.set, on: \"nodes[0]\"}\nrecover:\n  - {do: wide.back, on: "
                                           "\"nodes[0]\"}\n"}}));
        INFO(test::text_of(*c));
        REQUIRE(c->has_graph);
        return messages_of(*c, "PV5007");
    };
    CHECK(findings(8).empty());
    const std::string too_many =
        "it cannot be told whether `recover` of the plan puts everything back: there are more than 20000 points at "
        "which it can fail\n";
    CHECK(findings(20) == too_many);
    CHECK(findings(40) == too_many);
}

TEST_CASE("limits: of many objects some are named") {
    const auto reason = [](int nodes) {
        return limited(farm_of(nodes), "  - parallel:\n      - {for_each: n in nodes, do: yard.stop, on: n}\n",
                       {"always at most 1 down(node s)"})
            ->decisions[0]
            .reason;
    };
    CHECK(reason(5) == "5 down(node) are possible at once, at most 1 is allowed: n1, n2, n3, n4, n5");
    CHECK(reason(6) == "6 down(node) are possible at once, at most 1 is allowed: n1, n2, n3, n4, n5 and 1 more");
}

TEST_CASE("limits: a plan that is too large for some questions") {
    const auto c = limited(farm_of(7100), "  - {for_each: n in nodes, at_most: 7100, do: yard.ring, on: n}\n",
                           {"some ring(node s) per s.name before every ring(node t)",
                            "every ring(node s) before some ring(node t) per t.name",
                            "some ring(node s) per s.name before some ring(node t) per t.name",
                            "every ring(node s) while some node t with t.level == 2",
                            "every ring(node s) per s.name before every ring(node t) per t.name"});
    for (const std::size_t i : {0U, 1U, 2U}) {
        CHECK(c->decisions[i].verdict == checks::Verdict::undecided);
        CHECK(c->decisions[i].reason == "it is asked of 7100 values of `per`, more than are tried");
    }
    CHECK(c->decisions[3].verdict == checks::Verdict::undecided);
    CHECK(c->decisions[3].reason == "it is asked of 7100 steps, more than are tried");
    CHECK(c->decisions[4].verdict == checks::Verdict::violated);  // one of each side at a time, which is soon done
}

TEST_CASE("nothing waits for more than a year, nor for less than no time") {
    const auto with = [](const std::string& key) {
        return test::errors_of(
            *test::compiled(test::shop_plan("steps:\n  - {id: stop, do: shop.stop, on: \"nodes[0]\", " + key + "}\n")));
    };
    for (const char* key : {"retry: {times: 2, delay: TIME}", "timeout: TIME", "timeout: {after: TIME}"}) {
        const auto said = [&](const std::string& time) {
            std::string text = key;
            return with(text.replace(text.find("TIME"), 4, time));
        };
        CHECK(said("366d").empty());
        CHECK(said("8784h").empty());
        CHECK(said("367d") == "PV2032");
        CHECK(said("9223372036854775807ms") == "PV2032");
    }
}

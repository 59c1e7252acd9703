// Schedules that are asked for: each is one, does what is asked, and is found where there is any.
#include "compiler/schedule/schedule.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/unit/schedule/orders.hpp"

namespace pvsplan::schedule::test {
namespace {

// Why it is no schedule; empty: it is one.
std::string fault_of(const Order& order, const std::vector<Moment>& moments) {
    std::vector<char> started(order.size, 0), over(order.size, 0);
    for (const Moment& moment : moments) {
        if (moment.what == Moment::What::fail) return "nothing may fail";
        if (moment.what == Moment::What::finish) {
            if (started[moment.node] == 0 || over[moment.node] != 0) return "ends without having begun";
            over[moment.node] = 1;
            continue;
        }
        if (std::exchange(started[moment.node], 1) != 0) return "begins twice";
        for (const auto& [from, to] : order.edges)
            if (to == moment.node && over[from] == 0) return "begins before its turn";
    }
    return "";
}

std::string fault_of(const StartsFirst& demand, const std::vector<Moment>& moments) {
    std::size_t begun = 0;
    const auto is_in = [](const std::vector<Index>& nodes, Index node) {
        return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
    };
    for (const Moment& moment : moments) {
        if (moment.what == Moment::What::start)
            begun += is_in(demand.start_first, moment.node) ? 1 : 0;
        else if (is_in(demand.finish_later, moment.node) && begun < demand.start_first.size())
            return "one ends before";
    }
    return begun == demand.start_first.size() ? "" : "not all have begun";
}

// Whether starts and finishes can be put in an order: nobody waits for himself.
bool is_possible(const Order& order, const std::vector<StartsFirst>& demands) {
    Order both{.size = 2 * order.size, .edges = {}};
    for (Index v = 0; v < order.size; ++v) both.edges.emplace_back(2 * v, 2 * v + 1);
    for (const auto& [from, to] : order.edges) both.edges.emplace_back(2 * from + 1, 2 * to);
    for (const StartsFirst& demand : demands)
        for (const Index first : demand.start_first)
            for (const Index later : demand.finish_later) both.edges.emplace_back(2 * first, 2 * later + 1);
    const auto before = both.before();
    for (Index v = 0; v < both.size; ++v)
        if (before[v][v]) return false;
    return true;
}

}  // namespace

TEST_CASE("schedule: what is to start before something has finished does, where it can") {
    std::mt19937 random(11);
    std::size_t possible = 0;
    for (int i = 0; i < 2000; ++i) {
        const Order order = random_order(random, 1 + below(random, 6), 15 + below(random, 40));
        std::vector<StartsFirst> demands(1 + below(random, 3));
        for (StartsFirst& demand : demands) {
            demand.finish_later = chosen(below(random, 1U << order.size), order.size);
            demand.start_first = chosen(below(random, 1U << order.size), order.size);
        }
        const Facts facts = order.facts();
        const auto found = schedule_with(facts, {}, demands);
        INFO("order " << i);
        REQUIRE(found.has_value() == is_possible(order, demands));
        if (!found) continue;
        ++possible;
        REQUIRE(fault_of(order, *found) == "");
        for (const StartsFirst& demand : demands) REQUIRE(fault_of(demand, *found) == "");
    }
    CHECK(possible > 250);
}

TEST_CASE("schedule: what is asked for starts or is over, with what comes before it and nothing else") {
    for_each_order(4, [&](const Order& order) {
        const Facts facts = order.facts();
        const auto before = order.before();
        const GuardAssignment all;
        for (std::uint32_t starts = 0; starts < 16; ++starts)
            for (std::uint32_t ends = 0; ends < 16; ends += 3) {
                const std::vector<Index> started = chosen(starts, 4), ended = chosen(ends, 4);
                Schedule schedule(facts, all);
                schedule.finish(ended);
                schedule.start(started);
                const std::vector<Moment> moments = std::move(schedule).moments();
                std::size_t wrong = fault_of(order, moments).empty() ? 0 : 1;
                for (Index v = 0; v < 4; ++v) {
                    const auto has = [&](Moment::What what) {
                        return std::any_of(moments.begin(), moments.end(), [&](const Moment& moment) {
                            return moment.node == v && moment.what == what;
                        });
                    };
                    const auto comes_before = [&](const std::vector<Index>& nodes) {
                        return std::any_of(nodes.begin(), nodes.end(), [&](Index node) { return before[v][node]; });
                    };
                    const bool is_over = (ends >> v & 1U) != 0 || comes_before(ended) || comes_before(started);
                    wrong += has(Moment::What::finish) == is_over ? 0 : 1;
                    wrong += has(Moment::What::start) == (is_over || (starts >> v & 1U) != 0) ? 0 : 1;
                }
                REQUIRE(wrong == 0);
            }
    });
}

TEST_CASE("schedule: a node runs unless a condition around it is known to be otherwise") {
    Order order{.size = 1, .edges = {}};
    for (int depth = 0; depth <= 3; ++depth)
        for (std::uint32_t wanted = 0; wanted < 8; ++wanted)
            for (std::uint32_t known = 0; known < 27; ++known) {
                Facts facts = order.facts();
                facts.guard = {};
                facts.guard.push_back(depth == 0 ? graph::no_guard : static_cast<graph::GuardIndex>(depth - 1));
                GuardAssignment assignment;
                bool runs = true;
                for (std::uint32_t v = 0, rest = known; v < 3; ++v, rest /= 3) {
                    // Variable v + 1: there is one that nobody asks about.
                    const bool value = (wanted >> v & 1U) != 0;
                    facts.guards.push_back(
                        {.variable = v + 1, .value = value, .parent = v == 0 ? graph::no_guard : v - 1, .text = {}});
                    if (rest % 3 == 0) continue;
                    assignment.assigned.emplace_back(v + 1, rest % 3 == 1);
                    runs = runs && (static_cast<int>(v) >= depth || (rest % 3 == 1) == value);
                }
                REQUIRE(assignment.has(facts, 0) == runs);
            }
}

}  // namespace pvsplan::schedule::test

// How many intervals can be open at one moment: against all sets of them.
#include "compiler/schedule/antichain.hpp"

#include <catch2/catch.hpp>

#include <bit>

#include "tests/unit/schedule/orders.hpp"

namespace pvsplan::schedule::test {
namespace {

using Table = std::vector<std::vector<bool>>;

bool lies_before(const Table& before, const Interval& a, const Interval& b) {
    return a.end != no_index && b.begin != no_index && before[a.end][b.begin];
}

std::vector<Interval> random_intervals(std::mt19937& random, const Order& order, const Table& before,
                                       std::size_t count) {
    std::vector<Interval> all;
    while (all.size() < count) {
        Interval one;
        if (below(random, 100) < 80) one.begin = below(random, order.size);
        if (below(random, 100) < 80) one.end = below(random, order.size);
        const bool is_one =
            one.begin == no_index || one.end == no_index || one.begin == one.end || before[one.begin][one.end];
        if (is_one) all.push_back(one);
    }
    return all;
}

}  // namespace

TEST_CASE("antichain: as many intervals as any set of them that can be open together has, and such a set") {
    std::mt19937 random(3);
    for (int i = 0; i < 2000; ++i) {
        const Order order = random_order(random, 1 + below(random, 9), 10 + below(random, 50));
        const Table before = order.before();
        const std::vector<Interval> intervals = random_intervals(random, order, before, below(random, 9));
        std::vector<std::uint32_t> in_the_way(intervals.size(), 0);  // by interval: those that cannot be open with it
        for (std::size_t a = 0; a < intervals.size(); ++a)
            for (std::size_t b = 0; b < intervals.size(); ++b)
                if (lies_before(before, intervals[a], intervals[b]) || lies_before(before, intervals[b], intervals[a]))
                    in_the_way[a] |= 1U << b;
        const auto is_open_together = [&](std::uint32_t set) {
            for (std::size_t a = 0; a < intervals.size(); ++a)
                if ((set >> a & 1U) != 0 && (in_the_way[a] & set) != 0) return false;
            return true;
        };
        int most = 0;
        for (std::uint32_t set = 0; set < (1U << intervals.size()); ++set)
            if (std::popcount(set) > most && is_open_together(set)) most = std::popcount(set);
        const std::vector<std::uint32_t> found = largest_antichain(order.facts(), intervals);
        std::uint32_t set = 0;
        for (const std::uint32_t one : found) set |= 1U << one;
        INFO("order " << i);
        REQUIRE(static_cast<int>(found.size()) == most);
        REQUIRE(std::popcount(set) == most);
        REQUIRE(is_open_together(set));
    }
}

TEST_CASE("intervals: two conjunctions can hold at one moment where no part of one lies before a part of the other") {
    std::mt19937 random(5);
    for (int i = 0; i < 1000; ++i) {
        const Order order = random_order(random, 1 + below(random, 7), 40);
        const Table before = order.before();
        std::vector<IntervalConjunction> all;
        for (int c = 0; c < 4; ++c) all.push_back(random_intervals(random, order, before, below(random, 4)));
        std::vector<std::pair<const IntervalConjunction*, const IntervalConjunction*>> pairs;
        std::vector<bool> expected;
        for (const IntervalConjunction& one : all)
            for (const IntervalConjunction& other : all) {
                pairs.emplace_back(&one, &other);
                bool can_meet = true;
                for (const Interval& a : one)
                    for (const Interval& b : other)
                        if (lies_before(before, a, b) || lies_before(before, b, a)) can_meet = false;
                expected.push_back(can_meet);
            }
        REQUIRE(meet(order.facts(), pairs) == expected);
    }
}

}  // namespace pvsplan::schedule::test

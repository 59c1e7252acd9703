// Who comes before whom, in every small order and in some large ones.
#include "compiler/schedule/reach.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/unit/schedule/orders.hpp"

namespace pvsplan::schedule::test {
namespace {

// All pairs, also of a node with itself and against the order, twice, the last first and in no order.
std::vector<Pair> all_pairs(Index size) {
    std::vector<Pair> pairs;
    for (Index a = size; a-- > 0;)
        for (Index b = 0; b < size; ++b) pairs.push_back({a, b});
    for (Index a = 0; a < size; ++a)
        for (Index b = size; b-- > 0;) pairs.push_back({b, a});
    return pairs;
}

bool is_unordered(const std::vector<std::vector<bool>>& before, const std::vector<Index>& as,
                  const std::vector<Index>& bs, const Pair& found) {
    return std::find(as.begin(), as.end(), found.before) != as.end() &&
           std::find(bs.begin(), bs.end(), found.after) != bs.end() && !before[found.before][found.after];
}

}  // namespace

TEST_CASE("reach: pairs and what comes before and after, in every order of five nodes") {
    static constexpr Index size = 5;
    const std::vector<Pair> pairs = all_pairs(size);
    std::size_t wrong = 0;
    for_each_order(size, [&](const Order& order) {
        const Facts facts = order.facts();
        const auto before = order.before();
        const std::vector<bool> answers = reach(facts, pairs);
        for (std::size_t i = 0; i < pairs.size(); ++i)
            wrong += answers[i] == before[pairs[i].before][pairs[i].after] ? 0 : 1;
        for (std::size_t i = 0; i < size * size; ++i) {  // and each by itself
            const Pair one[] = {pairs[i]};
            wrong += reach(facts, one)[0] == before[pairs[i].before][pairs[i].after] ? 0 : 1;
        }
        for (std::uint32_t bits = 0; bits < (1U << size); ++bits) {
            const std::vector<Index> nodes = chosen(bits, size);
            std::vector<bool> marks(size, false), after(size, false), earlier(size, false);
            std::vector<Index> all;
            for (Index v = 0; v < size; ++v) {
                for (const Index node : nodes) {
                    marks[node] = true;
                    if (before[node][v]) after[v] = true;
                    if (before[v][node]) earlier[v] = true;
                }
                if (earlier[v]) all.push_back(v);
            }
            wrong += after_any(facts, marks) == after ? 0 : 1;
            wrong += before_any(facts, marks) == earlier ? 0 : 1;
            wrong += ancestors(facts, nodes) == all ? 0 : 1;
        }
    });
    CHECK(wrong == 0);
}

TEST_CASE("reach: what is said at once of paths is so, and all of it in a tree") {
    static constexpr Index size = 5;
    std::size_t wrong = 0;
    for_each_order(size, [&](const Order& order) {
        const Facts facts = order.facts();
        const auto before = order.before();
        const NearPaths paths(facts);
        bool is_tree = true;
        for (Index v = 0; v < size; ++v) is_tree = is_tree && facts.predecessors[v].size() <= 1;
        for (const Pair& pair : all_pairs(size)) {
            const bool is_before = before[pair.before][pair.after];
            wrong += paths.has(pair) && !is_before ? 1 : 0;
            wrong += is_tree && is_before && !paths.has(pair) ? 1 : 0;
        }
    });
    CHECK(wrong == 0);
}

TEST_CASE("reach: a pair without an order is found, in every order of four nodes and between any of them") {
    static constexpr Index size = 4;
    std::size_t wrong = 0;
    for_each_order(size, [&](const Order& order) {
        const Facts facts = order.facts();
        const auto before = order.before();
        for (std::uint32_t a = 0; a < (1U << size); ++a)
            for (std::uint32_t b = 0; b < (1U << size); ++b) {
                const std::vector<Index> as = chosen(a, size), bs = chosen(b, size);
                bool is_any = false;
                for (const Index one : as)
                    for (const Index other : bs) is_any = is_any || !before[one][other];
                const auto found = first_unordered(facts, as, bs);
                wrong += found.has_value() != is_any || (found && !is_unordered(before, as, bs, *found)) ? 1 : 0;
            }
    });
    CHECK(wrong == 0);
}

TEST_CASE("reach: more sources than a word has bits") {
    std::mt19937 random(7);
    const Order order = random_order(random, 150, 2);
    const Facts facts = order.facts();
    const auto before = order.before();
    const std::vector<Pair> pairs = all_pairs(150);
    const std::vector<bool> answers = reach(facts, pairs);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < pairs.size(); ++i)
        wrong += answers[i] == before[pairs[i].before][pairs[i].after] ? 0 : 1;
    CHECK(wrong == 0);

    // Each of so many before two joins, and those before each of so many: ordered, but for the one that is left out.
    for (const Index many : {63U, 64U, 65U, 130U})
        for (const Index left_out : {0U, 1U, 62U, 63U, 64U, 65U, 127U, 128U, 129U, 130U}) {
            Order wide{.size = 2 * many + 2, .edges = {}};
            std::vector<Index> as, bs;
            for (Index i = 0; i < many; ++i) {
                as.push_back(i);
                bs.push_back(many + 2 + i);
                if (i != left_out) wide.edges.insert(wide.edges.end(), {{i, many}, {i, many + 1}});
            }
            for (Index i = 0; i < many; ++i)
                wide.edges.insert(wide.edges.end(), {{many, many + 2 + i}, {many + 1, many + 2 + i}});
            const auto found = first_unordered(wide.facts(), as, bs);
            REQUIRE(found.has_value() == (left_out < many));
            if (found) CHECK(found->before == left_out);
        }
}

}  // namespace pvsplan::schedule::test

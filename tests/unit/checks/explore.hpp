// Every moment that a run can reach, found by trying everything.
//
// A moment says of each node whether it has started, finished or failed. A node starts when all that it waits for is
// over. A node is over when it has finished or failed. A node without work (a join, an approval, a node whose guard is
// false) and a node that was abandoned before it started are over when all that they wait for is over. A node within an
// iteration of a loop that continues may fail instead of finishing: its iteration is abandoned, with the iterations in
// it. If a loop has more abandoned iterations than it allows, the enclosing iteration is abandoned likewise; without
// one the run halts, and its moments so far were visited already. A node that runs in an abandoned iteration goes on.
// A node that cannot tell whether it runs, or with what, fails where it could start, without having started.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/unit/checks/model.hpp"

namespace pvsplan::test {

struct Moment {
    NodeSet started = 0;
    NodeSet finished = 0;
    NodeSet failed = 0;
    NodeSet doomed = 0;  // started where an exploration stays away from that unless they fail
    friend bool operator==(const Moment&, const Moment&) = default;
    [[nodiscard]] NodeSet running() const { return started & ~finished & ~failed; }
};

struct Move {
    enum class Type : std::uint8_t { start, finish, fail };
    Type type = Type::start;
    std::uint32_t node = 0;
};

// Prunes an exploration: node b does not finish if one of nodes[b] was over when it started.
struct Avoid {
    std::array<NodeSet, 32> nodes{};
};

struct Execution {
    struct Visit {
        Moment moment;
        std::uint32_t from;  // the visit before; the first is its own
        Move move;           // that led here
    };
    struct Start {
        std::uint32_t node;
        std::uint32_t visit;  // from which it may start
    };
    std::vector<Visit> visits;
    std::vector<Start> starts;
    std::vector<std::uint32_t> ends;         // visits in which all is over and nothing failed
    std::vector<std::uint32_t> failed_ends;  // or a failure was tolerated and its iteration abandoned

    [[nodiscard]] std::vector<Move> schedule(std::uint32_t visit) const;
};

enum class Failures : std::uint8_t { none, allowed };
inline constexpr std::size_t max_visits = 6000;

// Nothing if there are more moments than `max_moments`.
std::optional<Execution> explore(const Model& model, std::uint32_t truths, Failures failures, const Avoid& avoid = {},
                                 std::size_t max_moments = max_visits);

// The iterations that are abandoned when these nodes have failed; nothing if the run halts.
std::optional<std::uint32_t> abandoned(const Model& model, NodeSet failed);
bool is_abandoned(const Model& model, std::uint32_t abandoned, std::size_t node);
NodeSet over(const Model& model, std::uint32_t truths, const Moment& moment);
// Whether the move is allowed at that moment; if so, it is made.
bool make(const Model& model, std::uint32_t truths, const Move& move, Moment& moment);

}  // namespace pvsplan::test

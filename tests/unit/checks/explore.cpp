#include "tests/unit/checks/explore.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace pvsplan::test {

bool is_abandoned(const Model& model, std::uint32_t given, std::size_t node) {
    const int instance = model.nodes[node].instance;
    return instance >= 0 && (given >> instance & 1U) != 0;
}

namespace {

struct Hash {
    std::size_t operator()(const Moment& m) const {
        std::uint64_t h = m.started * 0x9e3779b97f4a7c15ULL;
        h = (h ^ m.finished) * 0xbf58476d1ce4e5b9ULL;
        h = (h ^ h >> 29U ^ m.failed ^ std::uint64_t{m.doomed} << 32U) * 0x94d049bb133111ebULL;
        return static_cast<std::size_t>(h ^ h >> 32U);
    }
};

NodeSet over_with(const Model& model, std::uint32_t truths, const Moment& moment, std::uint32_t given) {
    NodeSet over = moment.finished | moment.failed;
    for (std::size_t n = 0; n < model.nodes.size(); ++n) {
        const Model::Node& node = model.nodes[n];
        if ((moment.started >> n & 1U) != 0 || (node.before & ~over) != 0) continue;
        const bool is_passed = !node.is_action || is_abandoned(model, given, n);
        if (is_passed || model.there(n, truths) == Model::There::skipped) over |= 1U << n;
    }
    return over;
}

}  // namespace

std::optional<std::uint32_t> abandoned(const Model& model, NodeSet failed) {
    if (failed == 0) return 0;
    std::uint32_t failing = 0;
    for (std::size_t n = 0; n < model.nodes.size(); ++n) {
        if ((failed >> n & 1U) == 0) continue;
        if (model.nodes[n].instance < 0) return std::nullopt;
        failing |= 1U << model.nodes[n].instance;
    }
    // Inner iterations are numbered after outer ones.
    std::uint32_t given = 0;
    std::map<std::size_t, std::uint32_t> failures;
    for (std::size_t i = model.instances.size(); i-- > 0;) {
        if ((failing >> i & 1U) == 0) continue;
        given |= 1U << i;
        const Model::Instance& instance = model.instances[i];
        if (++failures[instance.loop] <= instance.max_failures) continue;
        if (instance.parent < 0) return std::nullopt;
        failing |= 1U << instance.parent;
    }
    for (std::size_t i = 0; i < model.instances.size(); ++i)
        if (const int parent = model.instances[i].parent; parent >= 0 && (given >> parent & 1U) != 0) given |= 1U << i;
    return given;
}

NodeSet over(const Model& model, std::uint32_t truths, const Moment& moment) {
    return over_with(model, truths, moment, abandoned(model, moment.failed).value_or(0));
}

bool make(const Model& model, std::uint32_t truths, const Move& move, Moment& moment) {
    const NodeSet bit = 1U << move.node;
    const Model::Node& node = model.nodes[move.node];
    const std::uint32_t given = abandoned(model, moment.failed).value_or(0);
    switch (move.type) {
        case Move::Type::start:
            if (!node.is_action || !model.is_there(move.node, truths) || (moment.started & bit) != 0) return false;
            if (is_abandoned(model, given, move.node)) return false;
            if ((node.before & ~over_with(model, truths, moment, given)) != 0) return false;
            moment.started |= bit;
            return true;
        case Move::Type::finish:
            if ((moment.running() & bit) == 0) return false;
            moment.finished |= bit;
            return true;
        case Move::Type::fail:
            if ((moment.running() & bit) == 0 || !abandoned(model, moment.failed | bit)) return false;
            moment.failed |= bit;
            return true;
    }
    return false;
}

std::optional<Execution> explore(const Model& model, std::uint32_t truths, Failures failures, const Avoid& avoid,
                                 std::size_t max_moments) {
    Execution execution;
    std::unordered_map<Moment, std::uint32_t, Hash> known;
    const auto visit = [&](const Moment& moment, std::uint32_t before, Move move) {
        if (known.try_emplace(moment, static_cast<std::uint32_t>(execution.visits.size())).second)
            execution.visits.push_back({moment, before, move});
    };
    visit({}, 0, {});
    for (std::uint32_t at = 0; at < execution.visits.size(); ++at) {
        if (execution.visits.size() > max_moments) return std::nullopt;
        const Moment now = execution.visits[at].moment;
        const std::uint32_t given = abandoned(model, now.failed).value_or(0);
        const NodeSet is_over = over_with(model, truths, now, given);
        if (is_over == model.all()) (now.failed == 0 ? execution.ends : execution.failed_ends).push_back(at);
        for (std::uint32_t n = 0; n < model.nodes.size(); ++n) {
            const NodeSet bit = 1U << n;
            const Model::Node& node = model.nodes[n];
            Moment next = now;
            if ((now.running() & bit) != 0) {
                next.finished |= bit;
                if ((now.doomed & bit) == 0) visit(next, at, {Move::Type::finish, n});
                next = now;
                next.failed |= bit;
                if (failures == Failures::allowed && node.instance >= 0 && abandoned(model, next.failed))
                    visit(next, at, {Move::Type::fail, n});
            } else if ((is_over & bit) == 0 && (node.before & ~is_over) == 0 && !model.is_there(n, truths)) {
                next.failed |= bit;
                if (failures == Failures::allowed && abandoned(model, next.failed))
                    visit(next, at, {Move::Type::fail, n});
            } else if ((is_over & bit) == 0 && (node.before & ~is_over) == 0) {
                if (((now.finished | now.failed) & avoid.nodes[n]) != 0) next.doomed |= bit;
                if (next.doomed != 0 && failures == Failures::none) continue;
                execution.starts.push_back({n, at});
                next.started |= bit;
                visit(next, at, {Move::Type::start, n});
            }
        }
    }
    return execution;
}

std::vector<Move> Execution::schedule(std::uint32_t visit) const {
    std::vector<Move> moves;
    for (; visit != 0; visit = visits[visit].from) moves.push_back(visits[visit].move);
    std::reverse(moves.begin(), moves.end());
    return moves;
}

}  // namespace pvsplan::test

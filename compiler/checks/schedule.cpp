#include "compiler/checks/schedule.hpp"

#include <algorithm>
#include <utility>

#include "compiler/checks/reach.hpp"

namespace pvsplan::checks {

using graph::no_index;

void Schedule::let_fail(std::span<const Index> nodes) {
    for (const Index node : nodes) state_[node] = State::bound_to_fail;
}

// Nothing is done of what its condition leaves out, nor of an instance that was given up before.
bool Schedule::is_done_at_all(Index node) const {
    if (!world_.has(facts_, node)) return false;
    for (std::uint32_t i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
        if (std::find(given_up_.begin(), given_up_.end(), i) != given_up_.end()) return false;
    return true;
}

void Schedule::go(Index node) {
    if (state_[node] == State::over) return;
    const State before = std::exchange(state_[node], State::over);
    if (before == State::running) {
        moments_.push_back({Moment::What::finish, node});
        return;
    }
    if (!is_done_at_all(node)) return;
    moments_.push_back({Moment::What::start, node});
    moments_.push_back({before == State::bound_to_fail ? Moment::What::fail : Moment::What::finish, node});
    if (before != State::bound_to_fail) return;
    for (std::uint32_t i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
        if (facts_.loops[facts_.instances[i].loop].max_failures > 0) {
            given_up_.push_back(i);
            break;
        }
}

void Schedule::run_before(std::span<const Index> nodes) {
    for (const Index node : ancestors(facts_, nodes)) go(node);
}

void Schedule::start(std::span<const Index> nodes) {
    run_before(nodes);
    for (const Index node : nodes) {
        if (state_[node] == State::bound_to_fail) go(node);
        if (state_[node] != State::waiting || !is_done_at_all(node)) continue;
        state_[node] = State::running;
        moments_.push_back({Moment::What::start, node});
    }
}

void Schedule::finish(std::span<const Index> nodes) {
    run_before(nodes);
    for (const Index node : nodes) go(node);
}

void Schedule::finish_all() {
    for (Index node = 0; node < facts_.size(); ++node) go(node);
}

std::optional<std::vector<Moment>> schedule_with(const Facts& facts, const World& world,
                                                 const std::vector<StartsFirst>& demands) {
    const std::size_t nodes = facts.size();
    const auto start = [](Index node) { return std::size_t{2} * node; };
    const auto finish = [](Index node) { return std::size_t{2} * node + 1; };
    // Beside those of the plan: start → knot → finish.
    std::vector<std::vector<std::size_t>> knots_after(nodes);  // by node that starts first
    std::vector<std::size_t> waits(2 * nodes + demands.size(), 0);
    for (std::size_t d = 0; d < demands.size(); ++d) {
        for (const Index node : demands[d].start_first) knots_after[node].push_back(d);
        for (const Index node : demands[d].finish_later) ++waits[finish(node)];
        waits[2 * nodes + d] = demands[d].start_first.size();
    }
    for (Index node = 0; node < nodes; ++node) {
        waits[start(node)] = facts.predecessors[node].size();
        ++waits[finish(node)];
    }
    std::vector<std::size_t> ready;
    for (std::size_t i = waits.size(); i-- > 0;)
        if (waits[i] == 0) ready.push_back(i);
    std::vector<Moment> moments;
    std::size_t done = 0;
    const auto release = [&](std::size_t i) {
        if (--waits[i] == 0) ready.push_back(i);
    };
    for (; !ready.empty(); ++done) {
        const std::size_t now = ready.back();
        ready.pop_back();
        if (now >= 2 * nodes) {
            for (const Index node : demands[now - 2 * nodes].finish_later) release(finish(node));
            continue;
        }
        const auto node = static_cast<Index>(now / 2);
        const bool is_start = now % 2 == 0;
        if (world.has(facts, node)) moments.push_back({is_start ? Moment::What::start : Moment::What::finish, node});
        if (!is_start) {
            for (const Index next : facts.successors[node]) release(start(next));
            continue;
        }
        release(finish(node));
        for (const std::size_t d : knots_after[node]) release(2 * nodes + d);
    }
    if (done < waits.size()) return std::nullopt;
    return moments;
}

}  // namespace pvsplan::checks

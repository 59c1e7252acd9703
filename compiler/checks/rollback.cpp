#include "compiler/checks/rollback.hpp"

#include <algorithm>
#include <map>

#include "compiler/checks/recover_check.hpp"
#include "compiler/checks/rollback_codes.hpp"
#include "compiler/checks/rollback_walk.hpp"
#include "compiler/checks/undo_check.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;
using program::Value;

// Ends the sentence "the undo of X cannot run: …"; the order is from what stops first to what stops last.
std::string obstacle_text(const Facts& facts, const Obstacle& obstacle) {
    std::string text = obstacle.action ? "`" + obstacle.action->action->name + "`" : "a `when`";
    if (!obstacle.lacks_output.empty()) return text + " reads `" + obstacle.lacks_output + "`, which is not there then";
    if (obstacle.lacks_object) return text + " has no object to work on";
    if (obstacle.on) text += " on `" + facts.object_name(obstacle.on) + "`";
    return text + " requires what does not hold then";
}

// The text of the precondition that stopped the run; nowhere if something else did.
base::Span requirement_of(const Obstacle& obstacle) {
    const bool is_precondition = !obstacle.lacks_object && obstacle.lacks_output.empty();
    return is_precondition ? obstacle.action->requires_place : base::Span();
}

void hint_at_unknown(const Facts& facts, std::initializer_list<const Value*> values, diag::Reported& reported) {
    for (const Value* value : values)
        if (const Value::Unknown* unknown = value->as_unknown(); unknown && unknown->has_name())
            reported.hint("it depends on " + facts.unknown_text(*unknown));
}

namespace {

// A guarded node may not have run: the states that it sets then have one of two values, and it is unknown which.
void apply(const Facts& facts, Index node, std::vector<Value>& state) {
    for (const graph::SetFact& set : facts.sets[node]) {
        const Value& value = facts.values[set.value];
        const bool is_sure = facts.guard[node] == graph::no_guard || state[set.variable] == value;
        state[set.variable] = is_sure ? value : one_of_several(set.variable);
    }
}

// Lists the steps that cannot be undone, and what stays done because of them.
class PointsOfNoReturn {
  public:
    explicit PointsOfNoReturn(RollbackWalk& walk) : walk_(walk), facts_(walk.facts) {}

    void add(Index node) {
        walk_.verdict.complete = false;
        RollbackVerdict::NoReturn point{.node = node, .why = facts_.actions[facts_.action[node]].why_undo};
        // A search backwards costs at most the nodes before it. Their sum is bounded, so that a plan of irreversible
        // steps stays linear; what is not listed is told once.
        if (work_left_ >= node) {
            work_left_ -= node;
            point.stranded = stranded_by(node);
        } else {
            work_left_ = 0;
            if (!is_said_) walk_.sink.report(not_listed, facts_.place(node), facts_.path(node));
            is_said_ = true;
        }
        walk_.verdict.no_return.push_back(std::move(point));
    }

  private:
    // All that comes before it and sets a state: a rollback goes backwards and stops here.
    [[nodiscard]] std::vector<Index> stranded_by(Index node) const {
        std::vector<bool> seen(node + 1, false);
        std::vector<Index> open = {node};
        while (!open.empty()) {
            const Index at = open.back();
            open.pop_back();
            for (const Index before : facts_.predecessors[at])
                if (!seen[before]) seen[before] = true, open.push_back(before);
        }
        std::vector<Index> stranded;
        for (Index before = 0; before < node; ++before)
            if (seen[before] && facts_.is_action[before] && !facts_.sets[before].empty()) stranded.push_back(before);
        return stranded;
    }

    RollbackWalk& walk_;
    const Facts& facts_;
    std::size_t work_left_ = 60'000'000;  // nodes before points of no return
    bool is_said_ = false;
};

}  // namespace

// One walk in topological order, with the state before each node. A node that a `recover` covers is left to that; a
// `recover` is looked at where its group begins.
RollbackVerdict check_rollback(const Facts& facts, graph::RollbackSource& programs, diag::Sink& sink) {
    RollbackWalk walk(facts, programs, sink);
    std::vector<bool> covered(facts.size(), false);
    std::multimap<Index, std::size_t> begins;  // by first node: the recovery
    for (std::size_t k = 0; k < programs.recoveries(); ++k) {
        const std::vector<Index> group = programs.covered_by(k);
        for (const Index node : group) covered[node] = true;
        if (group.empty())
            (void)programs.recovery(k);  // its text has to be right all the same
        else
            begins.emplace(group.front(), k);
    }
    UndoCheck undo(walk);
    RecoverCheck recover(walk);
    PointsOfNoReturn no_return(walk);
    for (Index node = 0; node < facts.size(); ++node) {
        const auto [begin, end] = begins.equal_range(node);
        for (auto at = begin; at != end; ++at) recover.look_at(at->second);
        if (facts.is_action[node]) {
            ++walk.verdict.points;
            const bool is_impossible = facts.actions[facts.action[node]].undo == program::Undo::Type::impossible;
            // The undo is checked in the state before the step, so apply() comes after it.
            if (!covered[node]) is_impossible ? no_return.add(node) : undo.look_at(node);
        }
        apply(facts, node, walk.state);
        walk.uncertain_writers.pass(node);
    }
    undo.check_concurrent();
    return std::move(walk.verdict);
}

}  // namespace pvsplan::checks

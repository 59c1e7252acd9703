#include "runtime/picture/picture.hpp"

#include <algorithm>

#include "compiler/base/counted.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/graph/remaining.hpp"
#include "compiler/program/plan_env.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/picture/drawing.hpp"
#include "runtime/picture/rollback.hpp"
#include "runtime/picture/words.hpp"
#include "runtime/view/plan_order.hpp"
#include "runtime/view/schedule_text.hpp"
#include "runtime/view/step_relation.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::picture {
namespace {

using program::Node;

// What is unknown here counts as a verdict that holds does, and comes last.
int rank(const std::string& verdict) {
    return verdict == "violated" ? 0 : verdict == "undecided" ? 1 : verdict == "vacuous" ? 2 : 3;
}

// The verdict is that of the compiled plan, where it has one; reason and schedule come from the proof that was made
// here.
std::vector<VerdictRow> verdicts_of(const Drawing& drawing) {
    std::vector<VerdictRow> all;
    for (std::size_t i = 0; i < drawing.plan.requirements.size(); ++i) {
        const program::Requirement& r = drawing.plan.requirements[i];
        const checks::Decision& decision = drawing.decisions[i];
        VerdictRow verdict{.name = r.name,
                           .require = r.require,
                           .because = r.because,
                           .verdict = r.verdict.empty() ? std::string(checks::name_of(decision.verdict)) : r.verdict,
                           .waived = r.waived_because};
        if (verdict.verdict != "holds" && decision.verdict != checks::Verdict::holds) verdict.reason = decision.reason;
        if (drawing.is_violated(i) && decision.witness)
            verdict.schedule = view::schedule_lines(drawing.facts, *decision.witness);
        all.push_back(std::move(verdict));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const VerdictRow& a, const VerdictRow& b) { return rank(a.verdict) < rank(b.verdict); });
    return all;
}

// The words of the bands: of what is counted, and of what is not.
void name_states(const Drawing& drawing, Picture& picture) {
    for (const program::Requirement& r : drawing.plan.requirements) {
        if (r.demand.form != program::Demand::Form::always || !r.demand.state) continue;
        const bool is_least = r.demand.bound == program::Demand::Bound::at_least;
        std::string& word = is_least ? picture.not_in_state : picture.in_state;
        if (word.empty()) word = view::state_word(*r.demand.state);
    }
    if (picture.in_state.empty())
        picture.in_state = picture.not_in_state.empty() ? "changed" : "not " + picture.not_in_state;
    if (picture.not_in_state.empty()) picture.not_in_state = "not " + picture.in_state;
}

// "all can be undone" is said only of a plan without a point of no return.
std::string subtitle_of(const program::Plan& plan, const Timeplan& time) {
    std::uint64_t steps = 0;
    std::uint64_t approvals = 0;
    std::uint64_t no_return = 0;
    for (const Node& node : plan.graph.nodes) {
        steps += node.type != Node::Type::join ? 1 : 0;
        approvals += node.type == Node::Type::approval ? 1 : 0;
        no_return += node.undo.type == program::Undo::Type::impossible ? 1 : 0;
    }
    std::string text =
        "on farm " + plan.farm + (plan.is_protected ? " (protected)" : "") + " · " + base::counted(steps, "step");
    if (approvals > 0) text += ", " + base::counted(approvals, "approval");
    if (time.expected_ms > 0)
        text +=
            " · about " + view::duration_for_people(time.expected_ms) + (approvals > 0 ? ", people not counted" : "");
    text += " · longest chain " + base::counted(time.longest_chain, "step");
    return text +
           (no_return > 0 ? " · " + base::counted(no_return, "point") + " of no return" : " · all can be undone");
}

// Reasons repeat, so that each pair of words and place is there once.
void add_order(const program::Plan& plan, Picture& picture) {
    picture.waits.resize(plan.graph.nodes.size());
    std::map<std::pair<std::string, std::string>, std::uint32_t> known;
    for (const program::Edge& edge : plan.graph.edges) {
        const std::string place =
            edge.source.file.empty() ? "" : edge.source.file + ":" + std::to_string(edge.source.line);
        const std::pair reason(std::string(view::words_of(edge.because)), place);
        const auto [found, is_new] = known.try_emplace(reason, static_cast<std::uint32_t>(picture.reasons.size()));
        if (is_new) picture.reasons.push_back({reason.first, reason.second});
        picture.waits[edge.to.index()].push_back({edge.from.value, found->second});
    }
    for (std::uint32_t i = 0; i < plan.graph.nodes.size(); ++i)
        if (plan.graph.nodes[i].type == Node::Type::join) picture.joins.emplace(i, plan.graph.nodes[i].id);
}

void add_rollback(const program::Plan& plan, const Ran& ran, const DrawnRollback& rollback, Picture& picture) {
    if (rollback.steps.empty()) return;
    add_to(picture.groups, plan, ran, rollback);
    picture.marks.push_back({Mark::Type::rollback,
                             {picture.end, rollback.end},
                             "rolled back",
                             "What undoes the run, in the order in which it began"});
}

}  // namespace

// The requirements are decided again, for the worst moments that a compiled plan does not keep. The proof has a budget,
// and so have the bands: where one is used up the page says that something is missing, and does not look as if all were
// well. What is shown as the worst moment is made one moment of the drawing, by delays.
Picture picture_of(const program::Plan& plan, const view::UsualDurations& usual, const Ran* ran) {
    const graph::Facts facts = graph::facts_of_whole(plan, program::PlanEnv(plan));
    const std::vector<checks::Decision> decisions = checks::decide(facts, plan.requirements, {});
    const bool are_decided = !facts.budget.is_exhausted();
    facts.budget = program::Budget();  // the bands have one of their own
    const checks::EventIndex index(facts);
    const std::optional<std::size_t> shown = requirement_shown(decisions);
    const auto expected = [&](std::uint32_t i) { return view::expected_ms(plan, usual, i); };
    Timeplan time = timeplan_of(plan.graph, expected);
    if (shown)
        if (const Delays delays = delays_for(*decisions[*shown].worst, time); !delays.empty())
            time = timeplan_of(plan.graph, expected, delays);
    const std::vector<StepStatus> statuses = ran != nullptr ? statuses_of(plan, *ran) : std::vector<StepStatus>();
    const DrawnRollback rollback = ran != nullptr ? rollback_of(plan, *ran, time) : DrawnRollback{.end = time.end};
    const States states(index, time, statuses, rollback.undone);
    const Drawing drawing{plan, facts, index, decisions, usual, time, states, statuses, ran};

    Picture picture{.title = ran != nullptr ? ran->title : plan.name,
                    .subtitle = subtitle_of(plan, time),
                    .summary = plan.summary,
                    .digest = plan.digest,
                    .width = rollback.end,
                    .end = time.end,
                    .longest_chain = time.longest_chain,
                    .ticks = time.ticks,
                    .marks = marks_of(drawing)};
    if (ran != nullptr) picture.notes = ran->notes, picture.outcome = ran->outcome;
    picture.warning = program::simulated_text(plan);
    if (shown) picture.strip = strip_of(drawing, *shown);
    picture.groups = groups_of(drawing, ran != nullptr ? std::nullopt : shown);
    if (!are_decided || facts.budget.is_exhausted())
        picture.notes.emplace_back(
            "this plan is too large for all of its states to be drawn: what is missing here is not known");
    name_states(drawing, picture);
    picture.verdicts = verdicts_of(drawing);
    picture.no_return = no_return_of(drawing);
    picture.is_of_run = ran != nullptr;
    add_order(plan, picture);
    if (ran != nullptr) add_rollback(plan, *ran, rollback, picture);
    return picture;
}

}  // namespace pvsplan::picture

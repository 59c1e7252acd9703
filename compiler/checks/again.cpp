#include "compiler/checks/again.hpp"

#include "compiler/checks/checks.hpp"

namespace pvsplan::checks {
namespace {

// `while` asks only about events that are still to come; all other forms count past events too.
graph::Past past_for(Form form) { return form == Form::during ? graph::Past::is_forgotten : graph::Past::counts; }

// Whether all kinds that the requirement names are in the compiled plan.
bool speaks_of_known_kinds(const program::Demand& demand, const program::Plan& plan) {
    const auto is_known = [&](const auto& part) { return !part || plan.kinds.contains(part->kind); };
    return is_known(demand.left) && is_known(demand.right) && is_known(demand.state);
}

// The verdicts with which a plan was accepted: nothing had to be waived or left open.
bool is_kept(std::string_view verdict) {
    return verdict == name_of(Verdict::holds) || verdict == name_of(Verdict::vacuous);
}

void add(const Requirement& r, const Decision& decision, Again& again) {
    if (r.demand.form == Form::error) {
        again.undecided.push_back("`" + r.name + "` cannot be decided: the compiled plan has its text only");
        return;
    }
    const std::string because = r.because.empty() ? "" : " (it is asked because: " + r.because + ")";
    if (decision.verdict == Verdict::violated && r.waived_because.empty())
        again.broken.push_back("`" + r.name + "` would be violated: " + decision.reason + because);
    if (decision.verdict != Verdict::undecided) return;
    const std::string why = decision.reason + (decision.missing.empty() ? "" : "; it would take " + decision.missing);
    if (is_kept(r.verdict) && r.waived_because.empty())
        again.broken.push_back("`" + r.name + "` was proved, and may be violated now: " + why + because);
    else
        again.undecided.push_back("`" + r.name + "` cannot be decided: " + why);
}

}  // namespace

// Two sets of facts, with the past and without it; each requirement is asked of its own. A demand on a kind that the
// plan does not have is taken for one that could not be read.
Again prove_again(const program::Plan& plan, const graph::Progress& progress, const program::Env& known) {
    Again again;
    std::vector<Requirement> requirements = plan.requirements;
    for (Requirement& r : requirements)
        if (!speaks_of_known_kinds(r.demand, plan)) r.demand.form = Form::error;
    std::vector<Decision> decisions(requirements.size());
    for (const graph::Past past : {graph::Past::counts, graph::Past::is_forgotten}) {
        const graph::Facts facts = graph::facts_of_remaining(plan, progress, past, known);
        std::vector<Requirement> asked;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < requirements.size(); ++i)
            if (requirements[i].demand.form != Form::error && past_for(requirements[i].demand.form) == past) {
                asked.push_back(requirements[i]);
                places.push_back(i);
            }
        const std::vector<Decision> found = decide(facts, asked, {});
        for (std::size_t i = 0; i < found.size(); ++i) decisions[places[i]] = found[i];
        // Preconditions are asked once, of the facts with the past: they are about steps that are still to come in
        // either.
        if (past != graph::Past::counts) continue;
        diag::Sink sink;
        check_preconditions(facts, nullptr, sink);
        for (const diag::Diagnostic& d : sink.all())
            (d.severity == diag::Severity::error ? again.broken : again.undecided).push_back(d.message);
    }
    for (std::size_t i = 0; i < requirements.size(); ++i) add(requirements[i], decisions[i], again);
    return again;
}

namespace {

// All requirements of a whole plan; one that could not be read, or speaks of a kind that is not there, is undecided.
std::vector<Decision> decide_whole(const graph::Facts& facts, const program::Plan& plan) {
    std::vector<Requirement> requirements = plan.requirements;
    for (Requirement& r : requirements)
        if (!speaks_of_known_kinds(r.demand, plan)) r.demand.form = Form::error;
    std::vector<Decision> decisions = decide(facts, requirements, {});
    for (std::size_t i = 0; i < requirements.size(); ++i)
        if (requirements[i].demand.form == Form::error)
            decisions[i] = {.verdict = Verdict::undecided, .reason = "the compiled plan has its text only"};
    return decisions;
}

}  // namespace

Whole prove_whole(const program::Plan& plan, const program::Env& known) {
    Whole whole{.facts = graph::facts_of_whole(plan, known)};
    whole.decisions = decide_whole(whole.facts, plan);
    return whole;
}

// As the compiler has it: no verdict is worth anything where steps race, or where one cannot start.
std::vector<std::string> contradictions(const program::Plan& plan, const program::Env& known) {
    const graph::Facts facts = graph::facts_of_whole(plan, known);
    diag::Sink sink;
    if (check_races(facts, sink)) check_preconditions(facts, nullptr, sink);
    std::vector<std::string> found;
    for (const diag::Diagnostic& d : sink.all())
        if (d.severity == diag::Severity::error) found.push_back(d.message);
    if (!found.empty()) return found;
    const std::vector<Decision> decisions = decide_whole(facts, plan);
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const Requirement& r = plan.requirements[i];
        // Undecided now and not proved then is no contradiction; a proof that is lost is one.
        const bool is_open = decisions[i].verdict == Verdict::undecided && !is_kept(r.verdict);
        if (is_kept(name_of(decisions[i].verdict)) || is_open || !r.waived_because.empty()) continue;
        found.push_back("`" + r.name + "` is " + std::string(name_of(decisions[i].verdict)) +
                        (r.verdict.empty() ? "" : ", where the plan says `" + r.verdict + "`") +
                        (decisions[i].reason.empty() ? "" : ": " + decisions[i].reason));
    }
    return found;
}

}  // namespace pvsplan::checks

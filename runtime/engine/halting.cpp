#include "runtime/engine/halting.hpp"

#include "runtime/engine/messages.hpp"

namespace pvsplan::engine {

using program::NodeId;
using state::Phase;
using Then = Halting::Then;

namespace {

Halting halt(Outcome outcome, std::string text) { return {Then::halt, outcome, std::move(text)}; }

Halting stop_before(const std::string& step) {
    Halting stop = halt(Outcome::waiting, "the run stops before `" + step + "`, as it was to; `resume` goes on");
    stop.is_reached = true;
    return stop;
}

Halting at_the_end(const Idle& idle) {
    if (idle.has_readmissions) return {.then = Then::readmit};
    if (!idle.abandoned.empty()) {
        std::string names;
        for (const std::string& one : idle.abandoned) names += (names.empty() ? "`" : ", `") + one + "`";
        return halt(Outcome::failed, names +
                                         (idle.abandoned.size() == 1 ? " was left where it" : " were left where they") +
                                         " failed, all others are done; the run is halted");
    }
    if (!idle.is_rolling_back) return halt(Outcome::done, "all steps are done");
    if (!idle.has_no_return) return halt(Outcome::rolled_back, "all that was done is undone");
    return halt(Outcome::in_doubt, "what could be undone is undone; some steps stay as they are");
}

}  // namespace

Halting halting_of(const Idle& idle) {
    if (idle.is_interrupted) return halt(Outcome::interrupted, "interrupted; nothing is running");
    if (idle.stop == HaltReason::roll_back) return {.then = Then::begin_rollback};
    if (idle.is_complete) return at_the_end(idle);
    if (idle.stop == HaltReason::doubt) return halt(Outcome::in_doubt, "a step is in doubt: an operator must decide");
    if (idle.stop == HaltReason::failed) {
        if (idle.is_rolling_back) return halt(Outcome::in_doubt, "the rollback failed: an operator must decide");
        return halt(Outcome::failed, idle.only_unreached
                                         ? "a host was not reached, nothing was done there; the run is halted"
                                         : "a step failed; the run is halted");
    }
    if (idle.can_go_on) return {.then = Then::wait};
    const bool has_come = !idle.wants_people && idle.window.empty();
    if (has_come && !idle.until.empty()) return stop_before(idle.until);
    if (idle.has_person) return {.then = Then::wait};
    if (idle.window.empty()) return halt(Outcome::waiting, "the run waits for a person");
    return halt(Outcome::waiting, (idle.wants_people ? "the run waits for a person, and for a window, which "
                                                     : "the run waits for its window, which ") +
                                      idle.window);
}

std::string what_stays(const program::NoReturn& point) {
    std::string text = point.why;
    if (!point.stays.empty() && text.ends_with('.')) text.pop_back();
    for (std::size_t i = 0; i < point.stays.size(); ++i)
        text += (i == 0 ? "; what came before it stays as well: " : ", ") + point.stays[i];
    return text;
}

std::vector<Wanted> wanted_of(const Recorder& recorder, const Attempts& attempts) {
    std::vector<Wanted> all;
    for (const NodeId id : recorder.ready().approve())
        all.push_back({Wanted::Type::approval, recorder.node(id).id, question_of(recorder.plan(), recorder.node(id))});
    for (const auto& [id, attempt] : attempts.under_way())
        if (attempt.stage == Attempt::Stage::person)
            all.push_back({Wanted::Type::manual, recorder.node(id).id, attempt.host_says});
    const state::RunState& run = recorder.run();
    for (std::size_t i = 0; i < run.now().size(); ++i) {
        const state::NodeState& at = recorder.state(NodeId(i));
        const std::string& path = recorder.node(NodeId(i)).id;
        if (at.phase == Phase::in_doubt) all.push_back({Wanted::Type::doubt, path, at.text});
        if (at.phase == Phase::failed) all.push_back({Wanted::Type::failed, path, at.text});
        if (at.phase == Phase::unreached) all.push_back({Wanted::Type::unreached, path, at.text});
    }
    if (run.back)
        for (const program::NoReturn& stays : run.back->no_return)
            all.push_back({Wanted::Type::no_return, stays.node, what_stays(stays)});
    return all;
}

}  // namespace pvsplan::engine

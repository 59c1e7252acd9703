#include "runtime/engine/trial.hpp"

#include "runtime/engine/decided.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

Trial::Answer Trial::answer_to(const std::vector<OperatorDecision>& decisions) {
    if (!decisions.empty()) return tried(decisions);
    if (!without_any_) without_any_ = tried(decisions);
    return *without_any_;
}

Trial::Answer Trial::tried(const std::vector<OperatorDecision>& decisions) {
    base::Result<state::RunState> state = journal::replay(*stored_->plan, stored_->records);
    if (!state) return Answer::refused;
    ports::SystemClock clock;
    ports::NoSecrets secrets;
    ports::NoSignals signals;
    ports::Mailbox mailbox;
    const Environment nobody{
        .clock = &clock, .mailbox = &mailbox, .signals = &signals, .secrets = &secrets, .me = {.user = "somebody"}};
    const Options options;
    Recorder recorder(nobody, *stored_->plan, {}, stored_->row.id, *state);
    OperatorDecisions said(nobody, options, recorder, OperatorDecisions::Hosts::are_not_asked);
    bool is_too_much = false;
    const ResumeOptions what{.decisions = decisions,
                             .prove_again = [&](const state::RunState& run, const Unknowns& unknown) -> base::Status {
                                 static constexpr std::size_t max_proved = 20'000;  // nodes: well below a second
                                 proved_ += run.execution.size();
                                 is_too_much = !prove_ || proved_ > max_proved;
                                 return is_too_much ? base::Status(base::Error{"too much to prove"})
                                                    : prove_(run, unknown);
                             }};
    const bool is_refused = decide(said, what, recorder, [] { return Drift(); }).is_refused();
    return is_too_much ? Answer::not_tried : is_refused ? Answer::refused : Answer::accepted;
}

}  // namespace pvsplan::engine

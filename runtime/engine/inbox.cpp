#include "runtime/engine/inbox.hpp"

namespace pvsplan::engine {

using program::NodeId;
using Record = journal::Record;

// A person at this terminal is heard in every turn; messages cost a query, and are looked for as often as the options
// say.
void Inbox::receive() {
    if (options_->person)
        for (const Person::Answer& said : options_->person->answers()) receive_answer(said);
    const ports::Millis now = recorder_->environment().clock->steady();
    if (received_at_ != 0 && now - received_at_ < options_->messages_every_ms) return;
    received_at_ = now;
    receive_messages();
}

// The number of the last message is kept until the answers are durable: only then do the messages go.
void Inbox::receive_messages() {
    const auto messages = recorder_->environment().store->messages(recorder_->run_id());
    if (!messages || messages->empty()) return;
    for (const Record& message : unreceived(recorder_->run(), *messages))
        answer(message.type == Record::Type::refused ? message
                                                     : answer_to(recorder_->run(), recorder_->ready(), message));
    answered_ = messages->back().number;
}

void Inbox::remove_answered() {
    if (answered_) (void)recorder_->environment().store->remove_messages(recorder_->run_id(), *answered_);
    answered_.reset();
}

// What is refused or only received moves no node, so it is written past the recorder's rules for steps.
void Inbox::answer(Record answer) {
    if (answer.type != Record::Type::approved) {
        answer.text = recorder_->redactor().clean(std::move(answer.text));
        return recorder_->journal().write(std::move(answer));
    }
    const NodeId id = recorder_->run().now().by_path.at(answer.node);
    Event event = recorder_->event_for(Event::Type::approval_given, id);
    event.text = answer.by + (answer.text.empty() ? "" : ": " + answer.text);
    recorder_->write(std::move(answer), id);
    recorder_->tell(std::move(event));
}

// The person at this terminal approves, or says that a manual step is done.
void Inbox::receive_answer(const Person::Answer& said) {
    const auto& by_path = recorder_->run().now().by_path;
    const auto found = by_path.find(said.node);
    if (found != by_path.end() && attempts_->finish_by_hand(found->second, said.because)) return;
    const Environment& environment = recorder_->environment();
    const program::Plan& plan = recorder_->plan();
    if (found == by_path.end())  // of a step that is gone since: refused with the reason
        return answer(answer_to(recorder_->run(), recorder_->ready(),
                                approval_message(plan, said.node, said.because, environment.me.user,
                                                 environment.me.host, environment.clock->now())));
    const program::Node& node = recorder_->node(found->second);
    Record given =
        answer_to(recorder_->run(), recorder_->ready(), approval_from(environment, plan, node, said.because));
    if (given.type == Record::Type::refused) {
        given.text += whom_nobody_knows(environment.accounts, recorder_->run(), node, given);
        // Whoever pressed the key is told; the run keeps waiting.
        Event event = recorder_->event_for(Event::Type::note, found->second);
        event.text = "the approval of `" + said.node + "` was refused: " + given.text;
        recorder_->tell(std::move(event));
    }
    answer(std::move(given));
}

// Who approved before it was due may have taken the run over since.
Record Inbox::due_answer(NodeId node) const {
    Record given = approval_received(recorder_->run(), recorder_->node(node).id);
    std::string why = may_not_approve(recorder_->run(), recorder_->node(node), given);
    if (why.empty()) return given;
    given.type = Record::Type::refused;
    given.value = "approve";
    given.text = std::move(why);
    return given;
}

// The nodes are copied first, since an answer changes the set. Each approval is asked for once.
void Inbox::ask_for_approvals() {
    std::vector<NodeId> given;  // received before they were due
    for (const NodeId node : recorder_->ready().approve())
        if (recorder_->run().approvals.contains(recorder_->node(node).id)) given.push_back(node);
    for (const NodeId node : given) answer(due_answer(node));
    for (const NodeId node : recorder_->ready().approve()) {
        if (!asked_.insert(node).second) continue;
        Event event = recorder_->event_for(Event::Type::approval_wanted, node);
        event.text = question_of(recorder_->plan(), recorder_->node(node));
        recorder_->tell(std::move(event));
    }
}

void Inbox::refuse_what_is_left(const std::string& because) {
    for (Record& record : refused_for_good(recorder_->run(), because)) recorder_->journal().write(std::move(record));
}

}  // namespace pvsplan::engine

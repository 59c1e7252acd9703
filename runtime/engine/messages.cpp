#include "runtime/engine/messages.hpp"

#include <algorithm>
#include <set>

#include "compiler/base/digest.hpp"
#include "compiler/base/lists.hpp"
#include "runtime/ports/process.hpp"
#include "runtime/state/approval_right.hpp"

namespace pvsplan::engine {

using journal::Record;
using program::Node;
using program::NodeId;
using state::Phase;

namespace {

// The answer has the name of the message: by that the sender finds it, and a second reader knows it was answered.
Record answer(const Record& message, Record::Type type) {
    return {.type = type,
            .node = message.node,
            .value = type == Record::Type::approved ? "" : "approve",
            .text = message.text,
            .by = message.by,
            .account = message.account,
            .host = message.host,
            .said = message.said,
            .names = message.names};
}

// Why it is refused; empty: it is not.
// The plan is named by its digest, so an approval that was read for another plan is not used for this one. Why somebody
// may not goes before where the run is: it does not change.
std::string refusal(const state::RunState& run, const Ready& ready, const Record& message) {
    if (message.type != Record::Type::approved) return "it is a message that this version does not know";
    if (message.value != run.plan->digest) return "it approves another compiled plan";
    const state::ExecutionGraph& execution = run.now();
    const auto found = execution.by_path.find(message.node);
    if (found == execution.by_path.end() || execution.node(found->second).type != Node::Type::approval) {
        const bool is_forward = run.back && run.execution.by_path.contains(message.node);
        return is_forward ? "the run is being rolled back" : "the run has no approval `" + message.node + "`";
    }
    if (run.now_state().nodes[found->second.index()].phase == Phase::finished) return "it was approved before";
    if (run.approvals.contains(message.node)) return "it was approved before, and is used when the run comes there";
    if (std::string why = may_not_approve(run, execution.node(found->second), message); !why.empty()) return why;
    if (run.forward.rollback_because && !run.back) return "the run is to be rolled back";
    return ready.is_over(found->second) ? "the run has passed it" : "";
}

// What of a message counts for the right to approve.
state::Approval given_by(const Record& approval) {
    return {.by = approval.by,
            .account = approval.account,
            .host = approval.host,
            .because = approval.text,
            .said = approval.said,
            .names = approval.names};
}

}  // namespace

std::string may_not_approve(const state::RunState& run, const Node& node, const Record& approval) {
    return state::why_may_not_approve(run, node, given_by(approval));
}

// All names by which this person is known among those that may approve, sorted, so the record does not depend on the
// order of the lists.
Record approval_from(const Environment& environment, const program::Plan& plan, const Node& node,
                     const std::string& because) {
    Record message =
        approval_message(plan, node.id, because, environment.me.user, environment.me.host, environment.clock->now());
    message.account = environment.me.account;
    const auto is_me = [&](const std::string& name) {
        return name == environment.me.user ||
               (environment.accounts && environment.accounts->match(name) == ports::Accounts::Match::is);
    };
    for (const auto* list : {&plan.approvers, node.approvers ? &node.approvers->by : nullptr})
        for (const std::string& name : list ? *list : std::vector<std::string>())
            if (is_me(name)) message.names.push_back(name);
    std::sort(message.names.begin(), message.names.end());
    message.names.erase(std::unique(message.names.begin(), message.names.end()), message.names.end());
    return message;
}

std::string question_of(const program::Plan& plan, const Node& node) {
    const std::string who = program::who_may_approve(plan.approvers, node.approvers ? &*node.approvers : nullptr);
    return node.text + (who.empty() ? "" : " (may approve: " + who + ")");
}

// A misspelt name in `by` looks like a missing right; this tells the two apart.
std::string whom_nobody_knows(ports::Accounts* accounts, const state::RunState& run, const Node& node,
                              const Record& refused) {
    if (accounts == nullptr || state::is_named(run, node, given_by(refused))) return "";
    std::set<std::string> asked(run.plan->approvers.begin(), run.plan->approvers.end());
    if (node.approvers) asked.insert(node.approvers->by.begin(), node.approvers->by.end());
    std::string names;
    for (const std::string& name : asked)
        if (accounts->match(name) == ports::Accounts::Match::unknown) base::append(names, ", ", "`" + name + "`");
    return names.empty() ? "" : "; this machine knows no user and no group " + names;
}

Record approval_message(const program::Plan& plan, const std::string& node, const std::string& because,
                        const std::string& by, const std::string& host, ports::Millis now) {
    static constexpr std::size_t name_length = 16;
    static std::uint64_t counter = 0;
    Record message{.number = 1,
                   .at = now,
                   .type = Record::Type::approved,
                   .node = node,
                   .value = plan.digest,
                   .text = because,
                   .by = by,
                   .host = host};
    // Process, moment and counter make the name of the message its own: two people who say the same are answered each.
    message.said = base::sha256_hex(journal::encode(message) + ports::who_am_i().started +
                                    std::to_string(ports::who_am_i().pid) + std::to_string(++counter))
                       .substr(0, name_length);
    return message;
}

// Received: it is kept until the run comes there. Approved: the step may go on now.
Record answer_to(const state::RunState& run, const Ready& ready, const Record& message) {
    if (std::string why = refusal(run, ready, message); !why.empty()) {
        Record refused = answer(message, Record::Type::refused);
        refused.text = std::move(why);
        return refused;
    }
    const bool is_due = ready.approve().contains(run.now().by_path.at(message.node));
    return answer(message, is_due ? Record::Type::approved : Record::Type::received);
}

// An approval that came early, used now: the record is as if it had come in time.
Record approval_received(const state::RunState& run, const std::string& node) {
    const state::Approval& given = run.approvals.at(node);
    return {.type = Record::Type::approved,
            .node = node,
            .text = given.because,
            .by = given.by,
            .account = given.account,
            .host = given.host,
            .said = given.said,
            .names = given.names};
}

// A message that cannot be read gets an answer too; without one it would be looked at for ever.
std::vector<Record> unreceived(const state::RunState& run, const std::vector<ports::Message>& messages) {
    std::vector<Record> all;
    for (const ports::Message& message : messages) {
        base::Result<Record> record = journal::decode(message.bytes);
        if (!record) {
            all.push_back({.type = Record::Type::refused, .value = "message", .text = "a message that cannot be read"});
        } else if (!run.received.contains(record->said)) {
            all.push_back(std::move(*record));
        }
    }
    return all;
}

// Each message is answered, also one that comes to nothing.
std::vector<Record> refused_for_good(const state::RunState& run, const std::string& because) {
    std::vector<Record> all;
    for (const auto& [node, given] : run.approvals)
        all.push_back({.type = Record::Type::refused,
                       .node = node,
                       .value = "approve",
                       .text = because,
                       .by = given.by,
                       .host = given.host,
                       .said = given.said});
    return all;
}

}  // namespace pvsplan::engine

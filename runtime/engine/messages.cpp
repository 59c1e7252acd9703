#include "runtime/engine/messages.hpp"

#include <algorithm>

#include "compiler/base/digest.hpp"
#include "runtime/ports/process.hpp"

namespace pvsplan::engine {

using journal::Record;
using program::Node;
using program::NodeId;
using state::Phase;

namespace {

Record answer(const Record& message, Record::Type is) {
    return {.type = is,
            .node = message.node,
            .value = is == Record::Type::approved ? "" : "approve",
            .text = message.text,
            .by = message.by,
            .host = message.host,
            .said = message.said};
}

// Why it is refused; empty: it is not.
std::string refusal(const state::RunState& run, const Ready& ready, const Record& message) {
    if (message.type != Record::Type::approved) return "it is a message that this version does not know";
    if (message.value != run.plan->digest) return "it approves another compiled plan";
    const state::ExecutionGraph& execution = run.now();
    const auto found = execution.by_path.find(message.node);
    if (found == execution.by_path.end() || execution.node(found->second).type != Node::Type::approval) {
        const bool is_forward = run.back && run.execution.by_path.contains(message.node);
        return is_forward ? "the run is being rolled back" : "the run has no approval `" + message.node + "`";
    }
    if (const std::string why = may_not_approve(*run.plan, run.started_by, message.by); !why.empty()) return why;
    if (run.now_state().nodes[found->second.index()].phase == Phase::finished) return "it was approved before";
    if (run.approvals.contains(message.node)) return "it was approved before, and is used when the run comes there";
    if (run.forward.rollback_because && !run.back) return "the run is to be rolled back";
    return ready.is_over(found->second) ? "the run has passed it" : "";
}

}  // namespace

std::string may_not_approve(const program::Plan& plan, const std::string& started_by, const std::string& by) {
    const auto& approvers = plan.approvers;
    if (approvers.empty()) return "";
    if (std::find(approvers.begin(), approvers.end(), by) == approvers.end()) {
        std::string names;
        for (const std::string& name : approvers) names += (names.empty() ? "" : ", ") + name;
        return "`" + by + "` may not approve steps of this plan; its approvers are " + names;
    }
    if (by == started_by) return "`" + by + "` started the run; somebody else has to approve";
    return "";
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
    message.said = base::sha256_hex(journal::encode(message) + ports::who_am_i().started +
                                    std::to_string(ports::who_am_i().pid) + std::to_string(++counter))
                       .substr(0, name_length);
    return message;
}

Record answer_to(const state::RunState& run, const Ready& ready, const Record& message) {
    if (std::string why = refusal(run, ready, message); !why.empty()) {
        Record refused = answer(message, Record::Type::refused);
        refused.text = std::move(why);
        return refused;
    }
    const bool is_due = ready.approve().contains(run.now().by_path.at(message.node));
    return answer(message, is_due ? Record::Type::approved : Record::Type::received);
}

Record approval_received(const state::RunState& run, const std::string& node) {
    const state::Approval& given = run.approvals.at(node);
    return {.type = Record::Type::approved,
            .node = node,
            .text = given.because,
            .by = given.by,
            .host = given.host,
            .said = given.said};
}

std::vector<Record> unreceived(const state::RunState& run, const std::vector<ports::Message>& messages) {
    std::vector<Record> all;
    for (const ports::Message& message : messages) {
        base::Result<Record> record = journal::decode(message.bytes);
        if (!record) {
            all.push_back({.type = Record::Type::refused, .value = "message", .text = "a message that cannot be read"});
        } else if (record->said.empty() || !run.received.contains(record->said)) {
            all.push_back(std::move(*record));
        }
    }
    return all;
}

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

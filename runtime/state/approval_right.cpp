#include "runtime/state/approval_right.hpp"

#include <algorithm>

#include "compiler/base/folded.hpp"
#include "compiler/base/lists.hpp"
#include "runtime/ports/process.hpp"

namespace pvsplan::state {

namespace {

// A group that somebody is in counts as their name: which ones they are in was asked when they approved, and is in
// `names`.
bool is_among(const std::vector<std::string>& list, const Approval& approval) {
    return std::any_of(list.begin(), list.end(), [&](const std::string& one) {
        return one == approval.by ||
               std::find(approval.names.begin(), approval.names.end(), one) != approval.names.end();
    });
}

// Of `CONTOSO\anna`, `anna@contoso.example` and `anna` the same: a person is called this here and that there.
std::string login_of(std::string_view name) {
    if (const std::size_t domain = name.rfind('\\'); domain != std::string_view::npos) name.remove_prefix(domain + 1);
    return base::folded(name.substr(0, name.find('@')));
}

// The surest reason goes first: the same name, then what may be the same person, then one account under two names.
std::string why_not_because_of(const Starter& starter, const Approval& approval) {
    const std::string did = starter.has_taken ? "took the run over" : "started the run";
    if (starter.user == approval.by) return "`" + approval.by + "` " + did + "; somebody else has to approve";
    if (login_of(starter.user) == login_of(approval.by))
        return "`" + approval.by + "` may be the same person as `" + starter.user + "`, who " + did +
               "; somebody else has to approve";
    if (!ports::is_same_account(starter.account, approval.account)) return "";
    return "`" + approval.by + "` is the same account as `" + starter.user + "`, who " + did +
           "; somebody else has to approve";
}

}  // namespace

bool is_named(const RunState& run, const program::Node& node, const Approval& approval) {
    const std::vector<std::string>& of_plan = run.plan->approvers;
    const bool has_own = node.approvers && !node.approvers->by.empty();
    return (of_plan.empty() || is_among(of_plan, approval)) && (!has_own || is_among(node.approvers->by, approval));
}

// A plan that names approvers always wants somebody else than its starter; without them only the steps that say so do.
std::string why_may_not_approve(const RunState& run, const program::Node& node, const Approval& approval) {
    const std::vector<std::string>& of_plan = run.plan->approvers;
    if (!of_plan.empty() && !is_among(of_plan, approval))
        return "`" + approval.by + "` may not approve steps of this plan; its approvers are " + base::joined(of_plan);
    if (node.approvers && !node.approvers->by.empty() && !is_among(node.approvers->by, approval))
        return "`" + approval.by + "` may not approve `" + node.id + "`; who may is " +
               program::who_may_approve(of_plan, &*node.approvers);
    if (of_plan.empty() && !(node.approvers && node.approvers->is_not_by_starter)) return "";
    for (const Starter& starter : run.starters)
        if (std::string why = why_not_because_of(starter, approval); !why.empty()) return why;
    return "";
}

}  // namespace pvsplan::state

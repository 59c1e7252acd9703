#include "runtime/cli/run_picture.hpp"

#include "runtime/cli/run_input.hpp"
#include "runtime/picture/html.hpp"
#include "runtime/report/lines.hpp"

namespace pvsplan::cli {
namespace {

using picture::Ran;
using picture::StepStatus;

// The words are those of engine::status. What is not known is drawn as running: it may be, and must not look as if it
// were over.
StepStatus status_of(const engine::NodeStatus& node) {
    const std::string& state = node.state;
    if (state == "waiting" && node.attempts > 0 && node.ended_at > 0) return StepStatus::failed;  // and changed nothing
    if (state == "finished") return StepStatus::done;
    if (state == "skipped" || state == "left out") return StepStatus::skipped;
    if (state == "failed" || state == "unreached") return StepStatus::failed;
    if (state == "in doubt") return StepStatus::in_doubt;
    if (state == "running" || state == "may be running" || state == "not known" || state == "retrying" ||
        state == "wants a person")
        return StepStatus::running;
    return StepStatus::planned;
}

// Times are those of the journal; 0 where it has none.
std::vector<Ran::Node> nodes_of(const std::vector<engine::NodeStatus>& all) {
    std::vector<Ran::Node> nodes;
    for (const engine::NodeStatus& node : all)
        nodes.push_back({.path = node.node,
                         .object = node.object,
                         .status = status_of(node),
                         .started_at = node.started_at,
                         .ended_at = node.ended_at,
                         .attempts = node.attempts,
                         .text = node.text});
    return nodes;
}

}  // namespace

// Steps are put into the order of the plan, one for each node: picture_of goes by the index.
base::Result<std::string> run_picture(const ports::Runs& runs, const engine::RunStatus& status) {
    const base::Result<std::unique_ptr<RunInput>> input = read_run_input(runs, status.row);
    if (!input) return input.error();
    const program::Plan& plan = (*input)->plan;
    // The status has no joins: nobody waits for one.
    std::map<std::string, Ran::Node> by_path;
    for (Ran::Node& node : nodes_of(status.nodes)) {
        const std::string path = node.path;
        by_path.emplace(path, std::move(node));
    }
    Ran ran{.title = "run " + status.row.id,
            .outcome = std::string(engine::name_of(status.standing.type)),
            .rollback = nodes_of(status.rollback),
            .is_rolling_back = status.is_rolling_back};
    for (const program::Node& node : plan.graph.nodes) {
        const auto found = by_path.find(node.id);
        ran.nodes.push_back(found == by_path.end() ? Ran::Node{.path = node.id} : found->second);
    }
    ran.notes.push_back("plan " + plan.name + ", begun " + report::local_date_time(status.row.begun_at) +
                        (status.by.empty() ? "" : " by " + status.by));
    if (!status.halted_because.empty()) ran.notes.push_back(status.halted_because);
    return picture::html_of(picture::picture_of(plan, {}, &ran));
}

}  // namespace pvsplan::cli

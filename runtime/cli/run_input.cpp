#include "runtime/cli/run_input.hpp"

#include <algorithm>

#include "compiler/base/near.hpp"
#include "compiler/base/shell_word.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/view/step_names.hpp"

namespace pvsplan::cli {

// On the heap: the engine and views keep pointers into the plan.
base::Result<std::unique_ptr<RunInput>> read_run_input(const ports::Runs& runs, const ports::RunRow& row) {
    base::Result<std::string> bytes = runs.plan_bytes(row.id);
    if (!bytes) return std::move(bytes).error();
    base::Result<program::Plan> plan = program::decode(*bytes);
    if (!plan) return std::move(plan).error().because_of("the plan of the run " + row.id + " cannot be read");
    auto input = std::make_unique<RunInput>();
    input->row = row;
    input->plan = std::move(*plan);
    return input;
}

// Once a rollback has begun, its steps are the only ones about which anything can be decided; a step of the plan that
// is typed then gets the name of its undo as a hint.
base::Result<std::string> step_of_run(const ports::Store& store, const RunInput& input, const std::string& typed) {
    base::Result<std::string> of_plan = view::StepNames(input.plan).find_one(typed);
    const base::Result<engine::RunStatus> status = engine::status(store, input.row.id);
    if (!status || !status->is_rolling_back) return of_plan;
    std::vector<view::StepNames::Node> nodes;
    for (const engine::NodeStatus& node : status->rollback) nodes.push_back({node.node});
    const std::string undo = "undo:" + (of_plan ? *of_plan : typed);
    const bool has_undo =
        std::any_of(nodes.begin(), nodes.end(), [&](const view::StepNames::Node& node) { return node.path == undo; });
    if (has_undo && !typed.starts_with("undo:"))
        return base::Error{"`" + (of_plan ? *of_plan : typed) + "` is being rolled back; did you mean `" + undo + "`?"};
    if (of_plan) return base::Error{"`" + *of_plan + "` is no step of the rollback, which has begun"};
    return view::StepNames(std::move(nodes)).find_one(typed);
}

// A step, or a loop without its iteration, is what people type by mistake: each gets the form that works.
base::Result<std::string> iteration_of_run(const RunInput& input, const std::string& typed) {
    std::vector<std::string> paths;
    std::string around;  // the innermost iteration around a step of that name
    for (const program::Instance& iteration : input.plan.instances) {
        if (iteration.path == typed) return typed;
        paths.push_back(iteration.path);
        if (typed.starts_with(iteration.path + ".") && iteration.path.size() > around.size()) around = iteration.path;
    }
    if (paths.empty()) return base::Error{"the plan has no loop, so there is no iteration that could be left out"};
    if (!around.empty())
        return base::Error{"`" + typed + "` is a step; without its iteration the run could go on: `--skip " +
                           base::shell_word(around) + "`"};
    std::string some;
    for (std::size_t i = 0, shown = 0; i < paths.size() && shown < 3; ++i)
        if (paths[i].starts_with(typed + "[")) some += (shown++ == 0 ? "`" : ", `") + paths[i] + "`";
    if (!some.empty()) return base::Error{"`" + typed + "` is a loop; name an iteration of it: " + some};
    const std::optional<std::string> near = base::nearest(typed, paths);
    return base::Error{"there is no iteration `" + typed + "`; " +
                       (near ? "did you mean `" + *near + "`?" : "one of them is `" + paths.front() + "`")};
}

// Runs of one compiled plan have one digest: each plan is decoded once.
std::map<std::string, std::string> simulated_words(const ports::Runs& runs, const std::vector<ports::RunRow>& rows) {
    std::map<std::string, std::string> by_digest;
    std::map<std::string, std::string> words;
    for (const ports::RunRow& row : rows) {
        const auto [known, is_new] = by_digest.try_emplace(row.digest);
        if (is_new)
            if (const auto input = read_run_input(runs, row); input.ok())
                known->second = program::simulated_word((*input)->plan);
        words[row.id] = known->second;
    }
    return words;
}

// Numbers show a gap within a journal; only the row shows that its end is gone.
void tell_missing_records(Session& session, const ports::Runs& runs, const ports::RunRow& row) {
    const auto records = runs.records(row.id);
    if (!records || records->size() >= row.records) return;
    announce(session, "warning", Ink::yellow,
             "the run has had " + std::to_string(row.records) + " records, but " + std::to_string(records->size()) +
                 " are there: the end of its journal is missing");
}

}  // namespace pvsplan::cli

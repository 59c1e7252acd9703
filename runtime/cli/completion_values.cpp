#include "runtime/cli/completion_values.hpp"

#include <algorithm>
#include <filesystem>

#include "compiler/diag/explain.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/resolve/model.hpp"
#include "runtime/cli/run_input.hpp"
#include "runtime/doc/topics.hpp"
#include "runtime/engine/standing.hpp"

namespace pvsplan::cli {
namespace {

constexpr std::size_t max_runs = 50;  // the newest

// A file alone: a key press connects to no server. One that is not trusted is not opened either, and nothing is said of
// it.
std::unique_ptr<const ports::Store> store_or_none(const Session& session) {
    Session silent = session;
    silent.out.write = silent.err.write = [](std::string_view) {};
    const base::Result<StorePlace> place = store_from_here(silent);
    std::error_code unseen;
    if (!place || !std::filesystem::is_regular_file(place->file, unseen)) return nullptr;
    base::Result<std::unique_ptr<const ports::Store>> store = open_store_to_read(silent, *place);
    return store ? std::move(*store) : nullptr;
}

// The latest runs, the last one first; nothing where no store can be read.
std::vector<std::string> run_ids(const Session& session) {
    const std::unique_ptr<const ports::Store> store = store_or_none(session);
    if (!store) return {};
    const base::Result<std::vector<ports::RunRow>> rows = store->runs();
    std::vector<std::string> ids;
    if (!rows || rows->empty()) return ids;
    ids.emplace_back("last");
    for (auto row = rows->rbegin(); row != rows->rend() && ids.size() <= max_runs; ++row) ids.push_back(row->id);
    return ids;
}

// The steps of the run that the first argument names, if it names one; else of the last run.
std::vector<std::string> steps_of_run(const Session& session, const TypedArguments& typed) {
    const std::unique_ptr<const ports::Store> store = store_or_none(session);
    if (!store) return {};
    base::Result<ports::RunRow> row = base::Error{"no run is named"};
    if (!typed.places.empty()) row = engine::find_run(*store, typed.places[0]);
    if (!row) row = engine::find_run(*store, "last");
    if (!row) return {};
    const base::Result<std::unique_ptr<RunInput>> input = read_run_input(*store, *row);
    if (!input) return {};
    std::vector<std::string> paths;
    for (const program::Node& node : (*input)->plan.graph.nodes)
        if (node.type != program::Node::Type::join) paths.push_back(node.id);
    return paths;
}

// The plan that the first argument names; null: it names none that can be read.
std::shared_ptr<const compiler::Compilation> plan_of(const Session& session, const TypedArguments& typed) {
    if (typed.places.empty()) return nullptr;
    const base::Result<Compiled> compiled = compile(session, typed.places[0], typed.compile);
    return compiled ? compiled->compilation : nullptr;
}

// A plan that is being written has findings: its steps are offered as long as it has an order.
std::vector<std::string> steps_of_plan(const Session& session, const TypedArguments& typed) {
    const auto c = plan_of(session, typed);
    std::vector<std::string> paths;
    for (std::uint32_t node = 0; c && c->has_graph && node < c->nodes; ++node)
        if (!compiler::is_join(*c, node)) paths.push_back(c->facts().path(node));
    return paths;
}

// `pilot=pvs01`: a parameter that has no value yet, with each that its type names; `version=` where nobody can list
// them. Without the values that were typed so far: one that is half typed would keep the plan from being read.
std::vector<std::string> parameters(const Session& session, const TypedArguments& typed) {
    const auto is_given = [&](const std::string& name) {
        return std::any_of(typed.compile.parameters.begin(), typed.compile.parameters.end(),
                           [&](const std::string& given) { return given.starts_with(name + "="); });
    };
    const auto c = plan_of(session, {typed.places, {.farm = typed.compile.farm}});
    std::vector<std::string> all;
    if (!c) return all;
    for (const resolve::Parameter& parameter : c->model->parameters) {
        if (is_given(parameter.name)) continue;
        if (parameter.type.category == program::Type::Category::secret) continue;  // --secret
        const std::vector<std::string> values = resolve::names_of_values(*c->model, parameter.type);
        if (values.empty()) all.push_back(parameter.name + "=");
        for (const std::string& value : values) all.push_back(parameter.name + "=" + value);
    }
    return all;
}

std::vector<std::string> codes() {
    std::vector<std::string> all = {"codes"};
    for (const base::Embedded& page : diag::explain_pages()) all.emplace_back(page.name.substr(0, page.name.find('.')));
    return all;
}

}  // namespace

// A new kind of value has to be answered here: the compiler names what the switch lacks.
std::vector<std::string> completion_values(const Session& session, Option::Completes completes,
                                           const TypedArguments& typed) {
    switch (completes) {
        case Option::Completes::nothing:
        case Option::Completes::files:
        case Option::Completes::folders: return {};
        case Option::Completes::runs: return run_ids(session);
        case Option::Completes::steps: return steps_of_run(session, typed);
        case Option::Completes::steps_of_plan: return steps_of_plan(session, typed);
        case Option::Completes::parameters: return parameters(session, typed);
        case Option::Completes::topics: return doc::topics();
        case Option::Completes::codes: return typed.places.empty() ? codes() : steps_of_plan(session, typed);
    }
    return {};
}

}  // namespace pvsplan::cli

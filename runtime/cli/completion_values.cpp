#include "runtime/cli/completion_values.hpp"

#include <filesystem>

#include "compiler/diag/explain.hpp"
#include "runtime/cli/run_input.hpp"
#include "runtime/doc/topics.hpp"
#include "runtime/engine/standing.hpp"
#include "runtime/view/step_names.hpp"

namespace pvsplan::cli {
namespace {

constexpr std::size_t max_runs = 50;  // the newest

std::unique_ptr<const ports::Store> store_or_none(const Session& session) {
    Session silent = session;
    silent.out.write = silent.err.write = [](std::string_view) {};
    const base::Result<StorePlace> place = store_from_here(silent);
    std::error_code unseen;
    if (!place || !std::filesystem::is_regular_file(place->file, unseen)) return nullptr;
    base::Result<std::unique_ptr<const ports::Store>> store = open_store_to_read(silent, *place);
    return store ? std::move(*store) : nullptr;
}

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

// Of the run that the first of the words names which names one; else of the last run.
std::vector<std::string> steps(const Session& session, std::vector<std::string> typed) {
    const std::unique_ptr<const ports::Store> store = store_or_none(session);
    if (!store) return {};
    typed.emplace_back("last");
    for (const std::string& word : typed) {
        if (word.empty() || word.starts_with('-')) continue;
        const base::Result<ports::RunRow> row = engine::find_run(*store, word);
        if (!row) continue;
        const base::Result<std::unique_ptr<RunInput>> input = read_run_input(*store, *row);
        if (!input) return {};
        std::vector<std::string> paths;
        for (const program::Node& node : (*input)->plan.graph.nodes)
            if (node.type != program::Node::Type::join) paths.push_back(node.id);
        return paths;
    }
    return {};
}

std::vector<std::string> codes() {
    std::vector<std::string> all = {"codes"};
    for (const base::Embedded& page : diag::explain_pages()) all.emplace_back(page.name.substr(0, page.name.find('.')));
    return all;
}

}  // namespace

std::string_view values_name(Option::Completes completes) {
    switch (completes) {
        case Option::Completes::nothing:
        case Option::Completes::files: return "";
        case Option::Completes::runs: return "runs";
        case Option::Completes::steps: return "steps";
        case Option::Completes::topics: return "topics";
        case Option::Completes::codes: return "codes";
    }
    return "";
}

std::vector<std::string> values_names() { return {"runs", "steps", "topics", "codes"}; }

std::vector<std::string> completion_values(const Session& session, std::string_view name,
                                           const std::vector<std::string>& typed) {
    if (name == "runs") return run_ids(session);
    if (name == "steps") return steps(session, typed);
    if (name == "topics") return doc::topics();
    return codes();
}

}  // namespace pvsplan::cli

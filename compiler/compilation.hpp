// The result of one compilation: a value that never changes and that any number of threads may read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/checks/decision.hpp"
#include "compiler/checks/rollback.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/diag/texts.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/graph/order.hpp"
#include "compiler/program/plan.hpp"
#include "compiler/resolve/load.hpp"

namespace pvsplan::compiler {

struct Request {
    std::string plan;                                             // path relative to the root of the files
    std::string farm;                                             // overrides the plan's; empty: the plan's own
    std::vector<std::string> policies;                            // `--policy`: cannot be left out or waived
    std::vector<std::pair<std::string, std::string>> parameters;  // `--set name=value`, as typed
    // `--secret name=env:VARIABLE`: the parameter, and {env, VARIABLE}, {file, PATH} or {farm, SECRET}
    std::vector<std::pair<std::string, std::vector<std::string>>> secrets;
    // What was observed, by object id ("server/pvs01") and state attribute; replaces what the farm file expects.
    std::map<std::string, std::map<std::string, program::Value>> observed;
    bool wants_uses = false;           // Model::uses: where each name was defined
    std::string parameters_file = {};  // `--parameters`: values by name; those of `parameters` go before them
    // What may stand in place of the plan, to be looked at by itself.
    resolve::LoadRequest::Takes takes = resolve::LoadRequest::Takes::plan;
};

// What the stages after name resolution made of the plan, for one value of each parameter that is tried. The facts look
// into the model, the expansion and the order, so it stays where it was built.
struct Stages {
    expand::Expansion expansion;
    graph::Order order;  // its rows are in the facts
    graph::Facts facts;
};

// An order that is missing between two steps of one block.
struct MissingOrder {
    std::size_t requirement = 0;  // which would hold with it, perhaps
    std::int64_t allowed = 1;     // how much it allows at once, if that is written as a number
    const resolve::Step* awaited = nullptr;
    std::vector<const resolve::Step*> waiting;  // the step, then those inside of it that lead to the one that matters;
                                                // `awaited` itself for two iterations of one loop
};

struct Compilation {
    Request request;
    std::shared_ptr<const base::Sources> sources;
    std::vector<base::FileId> files;            // that were read, in that order
    std::map<std::string, std::string> inputs;  // path -> sha256 of every text that was read
    std::string alone;  // "module: 2 kinds, 5 actions": what stands in place of a plan; empty: it is a plan
    diag::Sink sink;
    bool is_damaged = false;                      // something of a text could not be read, or a document was not there
    std::shared_ptr<const resolve::Model> model;  // what could be resolved: all of it if there are no errors
    std::shared_ptr<const Stages> stages;         // null: a name could not be resolved

    bool has_graph = false;  // the facts are complete: all names resolved, no cycle
    std::uint64_t nodes = 0;
    std::uint64_t edges = 0;
    std::vector<program::Requirement> requirements;
    std::vector<program::RequirementPlaces> requirement_places;  // parallel to requirements
    std::vector<checks::Decision> decisions;          // parallel to requirements; empty if that stage was not reached
    std::optional<checks::RollbackVerdict> rollback;  // none: earlier errors have prevented the check
    std::vector<MissingOrder> missing_orders;         // Diagnostic::missing_order is an index into it
    std::vector<std::string> open_parameters;         // without a value: a plan can be checked with them, but not run
    std::vector<std::string> open_secrets;            // those of open_parameters that are secrets

    [[nodiscard]] bool ok() const { return !sink.has_errors(); }
    // Complete up to the stage that was reached.
    [[nodiscard]] const graph::Facts& facts() const;
};

// The texts of its findings, under the paths that lead there with `prefix` before them.
diag::Texts texts_of(const Compilation& compilation, std::string prefix = {});

// Why an edge is there, by its place in facts().predecessors.items.
const expand::Origin& origin_of(const Compilation& compilation, std::uint32_t edge);
// "after", "sequence", …, for people.
std::string_view edge_text(const Compilation& compilation, std::uint32_t edge);
// The node closes a group, and is not a step.
bool is_join(const Compilation& compilation, graph::Index node);

// The compiled plan, of a compilation that has a graph and no open parameters. It can be run if there are no errors;
// else it can be looked at.
program::Plan program_of(const Compilation& compilation);
// The same to be compared, not run: without digest and checksum, which cost more than all else and want every value,
// and without what its steps do and set, which follows from their actions.
program::Plan program_to_compare(const Compilation& compilation);

}  // namespace pvsplan::compiler

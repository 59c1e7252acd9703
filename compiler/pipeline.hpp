// The interface of the compiler: a plan in, findings and the compiled plan out.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/files.hpp"
#include "compiler/base/source.hpp"
#include "compiler/checks/decision.hpp"
#include "compiler/checks/rollback.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::compiler {

struct Request {
    std::string plan;                                             // path relative to the root of `files`
    std::string farm;                                             // overrides the plan's; empty: the plan's own
    std::vector<std::string> policies;                            // `--policy`: cannot be left out or waived
    std::vector<std::pair<std::string, std::string>> parameters;  // `--set name=value`, as typed
    // `--secret name=env:VARIABLE`: the parameter, and {env, VARIABLE}, {file, PATH} or {farm, SECRET}
    std::vector<std::pair<std::string, std::vector<std::string>>> secrets;
    // What was observed, by object id ("server/pvs01") and state attribute; replaces what the farm file expects.
    std::map<std::string, std::map<std::string, program::Value>> observed;
};

// The result of one compilation. Owns its texts; facts and requirements are complete up to the stage that was reached.
struct Compilation {
    base::SourceMap sources;
    diag::Sink sink;
    std::map<std::string, std::string> inputs;  // path -> sha256 of every text that was read
    bool has_graph = false;                     // facts are complete: all names resolved, no cycle
    graph::Facts facts;
    std::vector<program::Requirement> requirements;
    std::vector<program::RequirementPlaces> requirement_places;  // parallel to requirements
    std::vector<checks::Decision> decisions;          // parallel to requirements; empty if that stage was not reached
    std::optional<checks::RollbackVerdict> rollback;  // none: earlier errors have prevented the check
    std::uint64_t nodes = 0;
    std::uint64_t edges = 0;
    std::function<std::string(std::uint32_t)> edge_text;  // of predecessors.items: "after: site-check", for people
    std::function<base::Span(std::uint32_t)> edge_place;
    std::function<program::Edge::Because(std::uint32_t)> edge_because;
    std::function<bool(std::uint32_t)> is_join;  // by node: it closes a group, and is not a step
    std::vector<std::string> open_parameters;    // without a value: a plan can be checked with them, but not run
    std::vector<std::string> open_secrets;       // those of open_parameters that are secrets
    // Builds the compiled plan; only when there are no errors and no open parameters. Not done at once because
    // `validate` does not need it.
    std::function<program::Plan()> program;

    [[nodiscard]] bool ok() const { return !sink.has_errors(); }
};

// Compiles and checks. Never throws, never writes, never connects. The result does not move: its callbacks point into
// it.
std::unique_ptr<Compilation> compile(const base::Files& files, const Request& request);

// A farm document alone (`pvsplan observe FARM`): its kinds, objects and connections in a Plan without nodes.
struct FarmCompilation {
    base::SourceMap sources;
    diag::Sink sink;
    program::Plan plan;
};
std::unique_ptr<FarmCompilation> compile_farm(const base::Files& files, const std::string& farm);

}  // namespace pvsplan::compiler

// A plan that was named on the command line, as YAML to be compiled or as a compiled plan.
#pragma once

#include <string>

#include "runtime/cli/project.hpp"

namespace pvsplan::cli {

// Whether the file holds a compiled plan (JSON) rather than a document of the language. By its first character; no
// finding and no error.
bool is_compiled_plan(const std::string& file);

// An error where a single byte was changed since it was compiled: its digest is part of what is read.
base::Result<program::Plan> read_compiled_plan(const std::string& file);

struct PlanInput {
    enum class From : std::uint8_t { sources, compiled };

    program::Plan plan;       // sealed
    bool is_file = false;     // it was compiled before
    Project project = {};     // of the file
    bool is_refused = false;  // it violates something: to be looked at, never run

    [[nodiscard]] From from() const { return is_file ? From::compiled : From::sources; }
};
// Reads or compiles; findings go to standard error. Without a plan: the exit status that says why.
struct NoPlan {
    Exit exit = Exit::wrong;
};
std::variant<PlanInput, NoPlan> plan_of(Session& session, const std::string& file, const CompileArguments& arguments);

// The same of a plan in YAML that was compiled already.
std::variant<PlanInput, NoPlan> plan_of(Session& session, const std::string& file, const Compiled& compiled);

}  // namespace pvsplan::cli

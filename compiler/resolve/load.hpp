// The documents of a plan: itself, its modules, policies and farm, each read once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/base/files.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/resolve/uses.hpp"
#include "compiler/syntax/parsed.hpp"

namespace pvsplan::resolve {

struct Documents {
    const syntax::PlanDocument* plan = nullptr;  // null: there is none, or it could not be read
    const syntax::FarmDocument* farm = nullptr;
    base::Span plan_name;                                // or that of what stands in its place
    const syntax::Document* alone = nullptr;             // what stands in place of a plan
    std::vector<const syntax::ModuleDocument*> modules;  // a module after those that it uses
    struct Policy {
        const syntax::PolicyDocument* document = nullptr;
        bool is_imposed = false;  // by `--policy`: nothing of it can be waived
        base::Span named_at;      // in the plan; nowhere if only `--policy` names it
    };
    std::vector<Policy> policies;
    // All pointers above lead into these, which may be shared with other compilations.
    std::vector<std::shared_ptr<const syntax::ParsedDocument>> owned;
    std::vector<base::FileId> files;            // all that were read, in that order
    std::map<std::string, std::string> inputs;  // path -> sha256
    std::vector<syntax::NamedValue> arguments;  // of the file of parameters
    // Scripts in files of their own, by the place that names them.
    std::map<std::pair<base::FileId, std::uint32_t>, base::FileId> scripts;
    std::vector<Use> named;   // the places that name modules, policies and the farm
    syntax::LostNames lost;   // of all that could not be read in them, and has been reported
    bool is_complete = true;  // every module and policy could be read; else unknown names may only be a consequence

    // Frees the farm's document, once the model has all of it. What stands in place of a plan is kept.
    void release_farm();
};

struct LoadRequest {
    std::string plan;  // empty: only the farm
    std::string farm;
    std::vector<std::string> policies;
    std::string parameters;  // a file of values; empty: none
    // What may stand in place of the plan, to be looked at by itself.
    enum class Takes : std::uint8_t { plan, any_document } takes = Takes::plan;
};

// The script of a body, as it stands in its file or in the module.
base::Span script_place(const Documents& documents, const base::Sources& sources, const syntax::BodyText& body);
// What runs: the script behind the text of all that it uses.
std::string script_text(const Documents& documents, const base::Sources& sources, const syntax::BodyText& body);

// Where texts come from, and where what is made of them is kept.
struct Inputs {
    const base::Files& files;
    base::Sources& sources;
    syntax::ParsedDocuments* parsed = nullptr;  // null: nobody will ask for the same document again
};

// Whatever cannot be read is reported, and missing in what is returned.
Documents load(const Inputs& inputs, const LoadRequest& request, diag::Sink& sink);

// A file beside a document that is none itself, an inventory or a script: its text as UTF-8, or none after reporting.
std::optional<base::FileId> load_text(const Inputs& inputs, const syntax::Text& name, Documents& documents,
                                      diag::Sink& sink);

}  // namespace pvsplan::resolve

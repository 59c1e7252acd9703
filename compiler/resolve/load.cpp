#include "compiler/resolve/load.hpp"

#include <algorithm>
#include <set>
#include <type_traits>

#include "compiler/base/digest.hpp"
#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/csv.hpp"
#include "compiler/resolve/library.hpp"
#include "compiler/resolve/near_file.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::resolve {
namespace {

std::string_view what_it_is(const syntax::Document& document) {
    static constexpr std::string_view names[] = {"a plan", "a farm", "a module", "a policy"};
    return names[document.index()];
}

// `pvs` and `pvs/rolling` are names of the standard library; `./x.yaml` and whatever ends in .yaml are files.
bool is_file_name(std::string_view name) {
    return name.starts_with('.') || name.starts_with('/') || name.ends_with(".yaml") || name.ends_with(".yml");
}

// What a script uses is likewise a name, `windows/host`, or a file.
bool is_script_file(std::string_view name) {
    return name.starts_with('.') || name.starts_with('/') || name.ends_with(".ps1");
}

template <class Kind>
constexpr Use::Of named_as = Use::Of::module;
template <>
constexpr Use::Of named_as<syntax::PolicyDocument> = Use::Of::policy;
template <>
constexpr Use::Of named_as<syntax::FarmDocument> = Use::Of::farm;

class Loader {
  public:
    // Modules that use each other are read by recursion, so that its depth is bounded: a chain of files from a stranger
    // must not use up the stack.
    static constexpr std::size_t max_depth = 100;

    Loader(const Inputs& inputs, diag::Sink& sink, Documents& documents)
        : inputs_(inputs), sources_(inputs.sources), sink_(sink), documents_(documents) {}

    // The document `name` as written at `name.span`; null after reporting.
    template <class Kind>
    const Kind* open(const syntax::Text& name, std::string_view wanted, std::string_view library_path) {
        std::string path;
        const syntax::Document* document = read(name, wanted, library_path, path);
        return document ? checked<Kind>(name, path, *document, wanted) : nullptr;
    }

    // The same of any kind; `path` is where it was found. A file is read and parsed once, and one that cannot be read
    // is tried and reported once. Names of the library and files are told apart before a file is looked for, so that no
    // file of a project can stand in for one of the library.
    const syntax::Document* read(const syntax::Text& name, std::string_view wanted, std::string_view library_path,
                                 std::string& path) {
        std::string text;
        if (!library_path.empty()) {
            path = std::string(library_path);
            const auto found = library_text(path);
            if (!found) {
                report_library_name(name, wanted);
                return nullptr;
            }
            if (by_path_.contains(path)) return by_path_[path];
            text = std::string(*found);
        } else {
            const std::string_view from = name.span.is_nowhere() ? std::string_view() : sources_.path(name.span.file);
            if (library_text(from)) {
                sink_.report(cannot_read, name.span, "a module of the standard library names no files");
                return nullptr;
            }
            base::Result<std::string> joined = base::join_path(from, name.value);
            if (!joined) {
                sink_.report(cannot_read, name.span, joined.error().text())
                    .did_you_mean(near_file(inputs_.files, from, name.value));
                return nullptr;
            }
            path = *joined;
            if (library_text(path)) {
                report_built_in(name, path);
                return nullptr;
            }
            if (by_path_.contains(path)) return by_path_[path];
            base::Result<std::string> read = inputs_.files.read(path);
            if (!read) {
                sink_.report(cannot_read, name.span, read.error().text())
                    .did_you_mean(near_file(inputs_.files, from, name.value));
                by_path_[path] = nullptr;
                return nullptr;
            }
            text = std::move(*read);
        }
        take(path, sources_.add(path, std::move(text),
                                library_path.empty() ? base::Belongs::to_project : base::Belongs::to_library));
        return by_path_[path];
    }

    void module(const syntax::Text& name) {
        const std::string library = is_file_name(name.value) ? "" : "stdlib/" + name.value + "/module.yaml";
        const auto* module = open<syntax::ModuleDocument>(name, "a module", library);
        if (!module) documents_.is_complete = false;
        if (module) add(*module, name.span);
    }

    // The module, behind those that it uses.
    void add(const syntax::ModuleDocument& module, base::Span named_at) {
        if (!begun_.insert(&module).second) return;
        if (++depth_ > max_depth) {
            sink_.report(cannot_read, named_at,
                         "modules use each other through more than " + std::to_string(max_depth) + " files");
            documents_.is_complete = false;
        } else {
            for (const syntax::Text& used : module.uses) this->module(used);
        }
        --depth_;
        documents_.modules.push_back(&module);
        for (const syntax::KindText& kind : module.kinds)
            if (kind.observe) scripts(*kind.observe);
        for (const syntax::ActionText& action : module.actions)
            if (action.run) scripts(*action.run);
    }

    enum class From : std::uint8_t { plan, command_line };
    // A policy that both the plan and the command line name is imposed: to name it in the plan must not make it weaker.
    void policy(const syntax::Text& name, From from) {
        std::string library;
        if (!is_file_name(name.value)) {
            const std::size_t slash = name.value.find('/');
            library = slash == std::string::npos ? "stdlib/" + name.value
                                                 : "stdlib/" + name.value.substr(0, slash) + "/" +
                                                       name.value.substr(slash + 1) + ".policy.yaml";
        }
        const auto* policy = open<syntax::PolicyDocument>(name, "a policy", library);
        if (!policy) documents_.is_complete = false;
        if (!policy) return;
        for (Documents::Policy& known : documents_.policies) {
            if (known.document != policy) continue;
            known.is_imposed = known.is_imposed || from == From::command_line;
            return;
        }
        add(*policy, from, name.span);
    }

    void add(const syntax::PolicyDocument& policy, From from, base::Span named_at) {
        documents_.policies.push_back({&policy, from == From::command_line, named_at});
        for (const syntax::Text& used : policy.uses) module(used);
    }

    // What stands in place of a plan, with what it uses. True if it is something else than a plan.
    bool alone(const std::string& path) {
        std::string found;
        const syntax::Document* document = read({path, {}}, "a plan", "", found);
        if (!document || std::holds_alternative<syntax::PlanDocument>(*document)) return !document;
        if (const auto* module = std::get_if<syntax::ModuleDocument>(document)) add(*module, module->name.span);
        if (const auto* policy = std::get_if<syntax::PolicyDocument>(document))
            add(*policy, From::plan, policy->name.span);
        documents_.farm = std::get_if<syntax::FarmDocument>(document);
        if (documents_.farm)
            for (const syntax::Text& used : documents_.farm->uses) module(used);
        documents_.plan_name = std::visit([](const auto& one) { return one.name.span; }, *document);
        documents_.alone = document;
        return true;
    }

    // Values of parameters, by their names.
    void arguments(const std::string& path) {
        base::Result<std::string> text = inputs_.files.read(path);
        if (!text) {
            sink_.report(cannot_read, base::Span(), text.error().text());
            return;
        }
        const base::FileId file = sources_.add(path, std::move(*text));
        documents_.files.push_back(file);
        documents_.arguments = syntax::parse_values(sources_, file, sink_);
    }

  private:
    // Null for a text that could not be read: whoever names the file again is told nothing more.
    void take(const std::string& path, base::FileId file) {
        documents_.inputs[path] = sources_.version(file);
        documents_.files.push_back(file);
        const auto parsed =
            inputs_.parsed ? inputs_.parsed->of(sources_, file) : syntax::parse_document(sources_, file);
        sink_.add_all(parsed->findings);
        documents_.lost.insert(parsed->lost.begin(), parsed->lost.end());
        by_path_[path] = parsed->document ? &*parsed->document : nullptr;
        documents_.owned.push_back(parsed);
    }

    // A script in a file beside its module and what it uses, each taken as it stands.
    void scripts(const syntax::BodyText& body) {
        if (!body.script_file) return;
        script(*body.script_file, "");
        for (const syntax::Text& used : body.script_uses)
            script(used, is_script_file(used.value) ? "" : library_script(used.value));
    }

    // A script has the bounds of a text in YAML, so that it costs no more in a file of its own than in the module.
    void script(const syntax::Text& name, const std::string& library_path) {
        const std::optional<base::FileId> file =
            library_path.empty() ? beside(name) : library_script_of(name, library_path);
        if (!file || !syntax::check_text(sources_, *file, sink_)) return;
        if (sources_.text(*file).size() > syntax::max_scalar_bytes)
            sink_.report(cannot_read, name.span,
                         "`" + name.value + "` has more than " + std::to_string(syntax::max_scalar_bytes) + " bytes");
        else
            documents_.scripts.emplace(std::pair(name.span.file, name.span.begin), *file);
    }

    // The file that a module names by its path: a module of the library one of the library, one of a project none of
    // it.
    std::optional<base::FileId> beside(const syntax::Text& name) {
        const std::string_view from = sources_.path(name.span.file);
        const base::Result<std::string> path = base::join_path(from, name.value);
        if (sources_.belongs(name.span.file) == base::Belongs::to_library)
            return path ? library_script_of(name, *path) : std::nullopt;
        if (path && library_text(*path)) {
            report_built_in(name, *path);
            return std::nullopt;
        }
        return load_text(inputs_, name, documents_, sink_);
    }

    std::optional<base::FileId> library_script_of(const syntax::Text& name, const std::string& path) {
        const auto text = library_text(path);
        if (!text) {
            sink_.report(unknown_library_name, name.span, name.value)
                .did_you_mean(base::nearest(name.value, library_scripts()))
                .hint("a file is named by its path: `./" + name.value + ".ps1`");
            return std::nullopt;
        }
        const base::FileId file = sources_.add(path, std::string(*text), base::Belongs::to_library);
        documents_.inputs[path] = sources_.version(file);
        documents_.files.push_back(file);
        return file;
    }

    // A file of that name must never be taken for the one that is built in.
    void report_built_in(const syntax::Text& name, const std::string& path) {
        sink_.report(cannot_read, name.span, "`" + path + "` is a path of the standard library, which is built in")
            .hint("name it as `" + library_name(path) + "`, or call your own file otherwise");
    }

    void report_library_name(const syntax::Text& name, std::string_view wanted) {
        auto reported = sink_.report(unknown_library_name, name.span, name.value);
        const std::vector<std::string> all = library_names();
        const bool is_policy = name.value.find('/') != std::string::npos;
        if (std::find(all.begin(), all.end(), name.value) != all.end()) {
            // It is there, and is something else.
            reported.hint(is_policy ? "it is a policy: name it in `policies`" : "it is a module: name it in `uses`");
            return;
        }
        std::optional<std::string> near = base::nearest(name.value, all);
        for (const std::string& known : all)
            if (!near && wanted == "a policy" && known.ends_with("/" + name.value)) near = known;
        reported.did_you_mean(near).hint("a file is named by its path: `./" + name.value + ".yaml`");
    }

    template <class Kind>
    const Kind* checked(const syntax::Text& name, const std::string& path, const syntax::Document& document,
                        std::string_view wanted) {
        const auto* kind = std::get_if<Kind>(&document);
        // A plan is named on the command line alone, which is no place in a text.
        if constexpr (!std::is_same_v<Kind, syntax::PlanDocument>)
            if (kind) documents_.named.push_back({name.span, kind->name.span, named_as<Kind>, Use::By::file});
        if (!kind)
            sink_.report(wrong_document, name.span, diag::Name(path), diag::Found(what_it_is(document)),
                         diag::Expected(wanted));
        return kind;
    }

    const Inputs& inputs_;
    base::Sources& sources_;
    diag::Sink& sink_;
    Documents& documents_;
    std::map<std::string, const syntax::Document*> by_path_;
    std::set<const syntax::ModuleDocument*> begun_;
    std::size_t depth_ = 0;
};

}  // namespace

// The order of reading decides the order of findings and of `files`, so it is fixed: plan, its modules and policies,
// policies of the command line, farm, its modules, values. If the plan cannot be read, nothing else
// is: all that follows would be its consequence.
Documents load(const Inputs& inputs, const LoadRequest& request, diag::Sink& sink) {
    Documents documents;
    Loader loader(inputs, sink, documents);
    if (request.takes == LoadRequest::Takes::any_document && loader.alone(request.plan)) return documents;
    if (!request.plan.empty()) {
        documents.plan = loader.open<syntax::PlanDocument>({request.plan, {}}, "a plan", "");
        if (!documents.plan) return documents;
        documents.plan_name = documents.plan->name.span;
        for (const syntax::Text& used : documents.plan->uses) loader.module(used);
        for (const syntax::Text& name : documents.plan->policies) loader.policy(name, Loader::From::plan);
    }
    for (const std::string& name : request.policies) loader.policy({name, {}}, Loader::From::command_line);
    if (!request.farm.empty()) {
        documents.farm = loader.open<syntax::FarmDocument>({request.farm, {}}, "a farm", "");
    } else if (documents.plan && documents.plan->farm) {
        documents.farm = loader.open<syntax::FarmDocument>(*documents.plan->farm, "a farm", "");
    } else if (documents.plan) {
        sink.report(no_farm, documents.plan->name.span)
            .hint("add `farm: ./FILE.yaml` to the plan, or pass `--farm FILE`");
    }
    if (documents.farm)
        for (const syntax::Text& used : documents.farm->uses) loader.module(used);
    if (!request.parameters.empty()) loader.arguments(request.parameters);
    return documents;
}

// What the model keeps of a large farm is enough: its texts would stay in memory for the rest of the compilation.
void Documents::release_farm() {
    const auto* const of_alone = alone ? std::get_if<syntax::FarmDocument>(alone) : nullptr;
    if (farm == of_alone) return;
    std::erase_if(owned, [&](const auto& one) {
        return one->document && std::get_if<syntax::FarmDocument>(&*one->document) == farm;
    });
    farm = nullptr;
}

namespace {

// The whole text of the file that is named at that place.
base::Span file_at(const Documents& documents, const base::Sources& sources, base::Span name) {
    const auto found = documents.scripts.find({name.file, name.begin});
    if (found == documents.scripts.end()) return {};  // it could not be read, which was reported
    return {found->second, 0, static_cast<std::uint32_t>(sources.text(found->second).size())};
}

}  // namespace

base::Span script_place(const Documents& documents, const base::Sources& sources, const syntax::BodyText& body) {
    return body.script_file ? file_at(documents, sources, body.script_file->span) : body.script.span;
}

// What a script uses comes first, each on lines of its own: a file without a line end must not join the next one's
// first line. The script itself stays as it is.
std::string script_text(const Documents& documents, const base::Sources& sources, const syntax::BodyText& body) {
    if (!body.script_file) return body.script.value;
    std::string text;
    const auto add = [&](const syntax::Text& name) {
        const base::Span place = file_at(documents, sources, name.span);
        if (place.is_nowhere()) return;
        text += sources.text(place);
        if (!text.ends_with('\n') && &name != &*body.script_file) text += '\n';
    };
    for (const syntax::Text& used : body.script_uses) add(used);
    add(*body.script_file);
    return text;
}

// The digest is that of the bytes, not of the text made of them: whoever checks it later has the file.
std::optional<base::FileId> load_text(const Inputs& inputs, const syntax::Text& name, Documents& documents,
                                      diag::Sink& sink) {
    base::Result<std::string> path = base::join_path(inputs.sources.path(name.span.file), name.value);
    if (!path) {
        sink.report(cannot_read, name.span, path.error().text());
        return std::nullopt;
    }
    base::Result<std::string> text = inputs.files.read(*path);
    if (!text) {
        sink.report(cannot_read, name.span, text.error().text())
            .did_you_mean(near_file(inputs.files, inputs.sources.path(name.span.file), name.value));
        return std::nullopt;
    }
    documents.inputs[*path] = base::sha256_hex(*text);
    const base::FileId file = inputs.sources.add(*path, csv_text(std::move(*text)));
    documents.files.push_back(file);
    return file;
}

}  // namespace pvsplan::resolve

#include <map>
#include <memory>

#include "compiler/base/files.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/base/near.hpp"
#include "compiler/resolve/library.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/edited_file.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/version.hpp"
#include "runtime/doc/injected.hpp"
#include "runtime/doc/keys.hpp"
#include "runtime/doc/modules.hpp"
#include "runtime/doc/reference.hpp"
#include "runtime/view/diagnostics.hpp"

namespace pvsplan::cli {
namespace {

constexpr std::string_view library_folder = "stdlib/";

struct DocArguments {
    std::vector<std::string> what;
    std::string format = "text";
    std::string inject;
    bool check = false;
    bool source = false;
    bool reference = false;
};

// A page, or why there is none and how to end.
struct NoPage {
    base::Error error;
    Exit exit = Exit::usage;
};
using PageOrNot = std::variant<doc::Page, NoPage>;

// Names of the library never look so: `./pvs` is a file, `pvs` a module.
bool is_file(const std::string& what) {
    return what.starts_with('.') || what.starts_with('/') || what.ends_with(".yaml") || what.ends_with(".yml");
}

std::vector<std::string> modules_of_library() {
    std::vector<std::string> modules;
    for (const std::string& name : resolve::library_names())
        if (name.find('/') == std::string::npos) modules.push_back(name);
    return modules;
}

std::string path_of(const std::string& module) { return std::string(library_folder) + module + "/module.yaml"; }

// " did you mean …?", or where all names are.
NoPage unknown(const std::string& what, const std::vector<std::string>& names) {
    const auto near = base::nearest(what, names);
    return {base::Error{"there is nothing called `" + what + "`; " +
                        (near ? "did you mean `" + *near + "`?" : "`pvsplan doc` lists what there is")}};
}

// A policy and a key go before what modules define; of two modules that define the same name the first has it, and the
// other is asked for with its module before it. All names are gathered on the way, so that a misspelt one finds its
// neighbour.
PageOrNot page_of_library(const std::string& what) {
    if (std::optional<doc::Page> page = doc::library_policy_page(what)) return std::move(*page);
    if (std::optional<doc::Page> page = doc::key_page(what)) return std::move(*page);
    std::vector<std::string> names = doc::key_names();
    for (const std::string& name : resolve::library_names()) names.push_back(name);
    for (const std::string& module : modules_of_library()) {
        const auto compilation = doc::compile_library(module);
        std::optional<doc::Page> page = what == module ? doc::document_page(*compilation, path_of(module))
                                                       : doc::definition_page(*compilation, path_of(module), what);
        if (page) return std::move(*page);
        for (const std::string& name : doc::definition_names(*compilation, path_of(module))) {
            names.push_back(name);
            names.push_back(name.substr(name.find('.') + 1));
        }
    }
    return unknown(what, names);
}

// A module or a policy of the project, or something of it.
PageOrNot page_of_file(Session& session, const std::string& file, const std::string& name) {
    CompileArguments arguments;
    arguments.takes = resolve::LoadRequest::Takes::any_document;
    const base::Result<Compiled> compiled = compile(session, file, arguments);
    if (!compiled) return NoPage{compiled.error()};
    const compiler::Compilation& c = *compiled->compilation;
    if (!c.ok()) {
        view::print_diagnostics(session.err, compiler::texts_of(c, compiled->project.prefix), c.sink);
        return NoPage{base::Error{"`" + file + "` does not compile"}, Exit::does_not_compile};
    }
    std::optional<doc::Page> page =
        name.empty() ? doc::document_page(c, compiled->plan) : doc::definition_page(c, compiled->plan, name);
    if (page) return std::move(*page);
    if (name.empty()) return NoPage{base::Error{"`" + file + "` is neither a module nor a policy"}};
    std::vector<std::string> names = doc::definition_names(c, compiled->plan);
    for (std::size_t i = names.size(); i > 0; --i) names.push_back(names[i - 1].substr(names[i - 1].find('.') + 1));
    return unknown(name, names);
}

PageOrNot page_of(Session& session, const std::vector<std::string>& what) {
    if (what.empty()) return doc::overview_page();
    if (what.size() > 2 || (what.size() == 2 && !is_file(what[0])))
        return NoPage{base::Error{"`pvsplan doc` takes one name, or a file and a name that it defines"}};
    if (is_file(what[0])) return page_of_file(session, what[0], what.size() == 2 ? what[1] : "");
    return page_of_library(what[0]);
}

// One page, in three forms.
Exit print_page(Session& session, const DocArguments& arguments) {
    const PageOrNot page = page_of(session, arguments.what);
    if (const auto* const none = std::get_if<NoPage>(&page)) return complain(session, none->error, none->exit);
    const auto& found = std::get<doc::Page>(page);
    session.out.write(arguments.format == "markdown" ? doc::markdown_of(found)
                      : arguments.format == "man"    ? doc::man_of(found, std::string(version))
                                                     : doc::text_of(found, session.out));
    return Exit::done;
}

// Between blanks.
std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end > at) words.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

// What the regions of one file ask for. A marker may be a stranger's text: the file that it names is seen from the one
// that it stands in, as a link of Markdown is, and has to lie in the same project.
class PagesOf {
  public:
    PagesOf(const Session& session, const EditedFile& file) : session_(session), file_(file) {
        session_.root = file.project.root;
    }

    base::Result<std::string> markdown(const std::string& what, std::uint32_t level) {
        auto known = pages_.find(what);
        if (known == pages_.end()) {
            PageOrNot page = asked(words_of(what));
            if (auto* const none = std::get_if<NoPage>(&page)) {
                exit_ = none->exit;
                return std::move(none->error);
            }
            known = pages_.emplace(what, std::move(std::get<doc::Page>(page))).first;
        }
        return doc::markdown_of(known->second, level);
    }
    // How to end where there was none.
    [[nodiscard]] Exit exit() const { return exit_; }

  private:
    PageOrNot asked(const std::vector<std::string>& words) {
        if (words.empty() || words.size() > 2 || !is_file(words[0])) return page_of(session_, words);
        const base::Result<std::string> path = base::join_path(file_.path, words[0]);
        if (!path) return NoPage{path.error(), Exit::wrong};
        return page_of_file(session_, file_.project.prefix + *path, words.size() == 2 ? words[1] : "");
    }

    Session session_;  // whose project is that of the file
    const EditedFile& file_;
    std::map<std::string, doc::Page> pages_;  // each is made once
    Exit exit_ = Exit::wrong;
};

// Writes the regions of a file anew, or says whether that would change it. All pages are made before anything is
// written: a name that is not known leaves the file as it was. What is up to date is not written, so that a build does
// not see it change.
Exit inject(Session& session, const DocArguments& arguments) {
    const std::string& file = arguments.inject;
    const base::Result<EditedFile> read = file_to_edit(session, file);
    if (!read)
        return complain(session, base::Error(read.error()).because_of("cannot write into `" + file + "`"), Exit::wrong);
    PagesOf pages(session, *read);
    const std::string only = base::joined(arguments.what, " ");
    base::Result<doc::Injected> injected = doc::inject(
        read->text, only, [&](const std::string& what, std::uint32_t level) { return pages.markdown(what, level); });
    if (!injected)
        return complain(session, std::move(injected).error().because_of("cannot write into `" + file + "`"),
                        pages.exit());
    if (injected->regions == 0)
        return complain(session,
                        "`" + file + "` has no region for it; begin one with a line `<!-- pvsplan doc " +
                            (only.empty() ? std::string("NAME") : only) +
                            " -->`, and end it with a line `<!-- /pvsplan doc -->`",
                        Exit::wrong);
    if (injected->text == read->text) return Exit::done;
    if (arguments.check)
        return complain(session, "`" + file + "` is not up to date; `pvsplan doc --inject " + file + "` writes it",
                        Exit::wrong);
    if (base::Status written = write_edited(read->name(), read->text, injected->text); !written)
        return complain(session, written.error(), Exit::wrong);
    list_written(session, file);
    return Exit::done;
}

// A file of the standard library, by its path or by the name that plans have for it. The bytes as they are embedded:
// what `uses:` reads.
Exit print_source(Session& session, const std::vector<std::string>& what) {
    const std::vector<std::string> paths = resolve::library_paths();
    if (what.empty()) {
        for (const std::string& path : paths) session.out.write(path + "\n");
        return Exit::done;
    }
    if (what.size() > 1) return complain(session, "`pvsplan doc --source` takes one name", Exit::usage);
    std::vector<std::string> names = paths;
    for (const std::string& path : paths) {
        const std::string name = resolve::library_name(std::string(library_folder) + path);
        if (path == what[0] || name == what[0]) {
            session.out.write(*resolve::library_text(std::string(library_folder) + path));
            return Exit::done;
        }
        names.push_back(name);
    }
    const auto near = base::nearest(what[0], names);
    return complain(session,
                    "the standard library has no `" + what[0] + "`; " +
                        (near ? "did you mean `" + *near + "`?" : "`pvsplan doc --source` lists its files"),
                    Exit::usage);
}

// Options that would be without effect are refused: whoever typed them expects something of them.
Exit look_up(Session& session, const DocArguments& arguments) {
    if (arguments.check && arguments.inject.empty())
        return complain(session, "`--check` goes with `--inject`", Exit::usage);
    if (arguments.reference && (!arguments.what.empty() || !arguments.inject.empty() || arguments.source))
        return complain(session, "`--reference` prints all of the language: it goes with nothing else", Exit::usage);
    if (arguments.source && (!arguments.inject.empty() || arguments.format != "text"))
        return complain(session, "`--source` prints a file as it is: it goes with no other option", Exit::usage);
    if (!arguments.inject.empty() && arguments.format != "text")
        return complain(session, "`--inject` writes Markdown: it takes no `--format`", Exit::usage);
    if (arguments.reference) {
        session.out.write(doc::markdown_of(doc::reference_page()));
        return Exit::done;
    }
    if (arguments.source) return print_source(session, arguments.what);
    if (!arguments.inject.empty()) return inject(session, arguments);
    return print_page(session, arguments);
}

}  // namespace

Command doc_command() {
    auto arguments = std::make_shared<DocArguments>();
    return {
        .name = "doc",
        .summary = "Look up a module, an action, a policy or a key",
        .description =
            "`pvsplan doc` lists what there is. `pvsplan doc pvs` tells of a module, `pvsplan doc pvs.stream.stop` (or "
            "`stream.stop`) of an action: what it needs, does and sets, how it is undone, how long it takes. `pvsplan "
            "doc pvs/rolling` tells of a policy, `pvsplan doc at_most` of a key, `pvsplan doc ./modules/site.yaml` of "
            "a module of one's own, with a name behind it of an action there.\n"
            "`--inject README.md` writes such pages into a file, each between the lines `<!-- pvsplan doc pvs -->` and "
            "`<!-- /pvsplan doc -->`; nothing else in it is touched. A path in such a line is seen from that file, and "
            "stays in its folder (or `--root`). `--source` prints a file of the standard library "
            "(`pvs`, `pvs/rolling`, `pvs/scripts/stream-stop.ps1`), or lists them.",
        .options =
            {{"WHAT", "", "A name, or a file and a name in it", &arguments->what, {}, {}, Option::Completes::topics},
             Option::format("How to print it", &arguments->format, {"text", "markdown", "man"}),
             {"--inject",
              "FILE",
              "Write into the regions of a Markdown file: those of WHAT, or all",
              &arguments->inject,
              Option::Presence::optional,
              {},
              Option::Completes::files},
             {"--check", "", "With --inject: write nothing; exit with 1 where it is not up to date", &arguments->check},
             {"--source", "", "Print the file of the standard library that WHAT is; without WHAT list them",
              &arguments->source},
             {"--reference", "", "Print the reference of the language, as Markdown", &arguments->reference}},
        .run = [arguments](Session& session) { return look_up(session, *arguments); }};
}

}  // namespace pvsplan::cli

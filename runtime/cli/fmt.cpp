#include <fmt/core.h>

#include <memory>

#include "compiler/base/files.hpp"
#include "compiler/layout/layout.hpp"
#include "compiler/syntax/parse.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/edited_file.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/view/diagnostics.hpp"
#include "runtime/view/diff_text.hpp"

namespace pvsplan::cli {
namespace {

constexpr std::string_view standard_input = "-";

struct FmtArguments {
    std::vector<std::string> files;
    std::string stdin_filename;
    bool check = false;
    bool diff = false;

    [[nodiscard]] bool writes() const { return !check && !diff; }
};

// An editor sends what is not saved yet; its name is for messages, and no file of that name is looked at.
base::Result<EditedFile> input_of_stdin(const Session& session, const std::string& name) {
    base::Result<std::string> text = session.read_rest ? session.read_rest(base::Files::max_bytes) : std::string();
    if (!text) return std::move(text).error();
    if (text->size() > base::Files::max_bytes)
        return base::Error{
            fmt::format("standard input has more than {} bytes, the most that is read", base::Files::max_bytes)};
    return EditedFile{{}, name.empty() ? "standard input" : name, std::move(*text)};
}

// The findings that keep a file from being read. What may be a secret in a farm is not quoted.
void print_findings(const Session& session, const base::Sources& sources, base::FileId file, const EditedFile& input,
                    const diag::Sink& sink) {
    diag::Sink unseen;
    const std::optional<syntax::Document> document = syntax::parse(sources, file, unseen);
    const auto* farm = document ? std::get_if<syntax::FarmDocument>(&*document) : nullptr;
    const std::vector<base::Span> secrets = farm ? farm->literal_secrets : std::vector<base::Span>();
    view::print_diagnostics(session.err, diag::Texts(sources, secrets, input.project.prefix), sink);
}

struct Formatted {
    std::string text;
    bool is_changed = false;
};

// Nothing: it was said why not, and `exit` is how to end.
std::optional<Formatted> formatted(Session& session, const EditedFile& input, Exit& exit) {
    base::Sources sources;
    diag::Sink sink;
    const base::FileId file = sources.add(input.path, input.text);
    const auto edits = layout::format(sources, file, sink);
    if (!edits) {
        print_findings(session, sources, file, input, sink);
        exit = Exit::does_not_compile;
        return std::nullopt;
    }
    if (!*edits) {
        exit = complain(session, edits->error(), Exit::wrong);
        return std::nullopt;
    }
    return Formatted{layout::with_edits(input.text, **edits), !(*edits)->empty()};
}

// Formats one file after another, as far as it can be done: one that is wrong keeps none of the others from it.
class Formatter {
  public:
    Formatter(Session& session, const FmtArguments& arguments) : session_(session), arguments_(arguments) {}

    // Standard input is printed whole, changed or not, since an editor puts it in the place of its text; with --check
    // only its status counts.
    void add(const std::string& file) {
        const bool is_stdin = file == standard_input;
        base::Result<EditedFile> input =
            is_stdin ? input_of_stdin(session_, arguments_.stdin_filename) : file_to_edit(session_, file);
        if (!input)
            return note(
                complain(session_, std::move(input).error().because_of("cannot format `" + file + "`"), Exit::wrong));
        Exit exit = Exit::done;
        const std::optional<Formatted> done = formatted(session_, *input, exit);
        if (!done) return note(exit);
        if (arguments_.diff)
            session_.out.write(view::layout_diff(input->name(), input->text, done->text, session_.out));
        else if (is_stdin && !arguments_.check)
            session_.out.write(done->text);
        else if (done->is_changed)
            change(*input, done->text);
        unformatted_ += done->is_changed ? 1 : 0;
    }

    Exit close() {
        if (!arguments_.check || unformatted_ == 0) return exit_;
        complain(session_,
                 unformatted_ == 1
                     ? std::string("one file is not formatted; `pvsplan fmt FILE` does it")
                     : fmt::format("{} files are not formatted; `pvsplan fmt FILE…` does it", unformatted_),
                 Exit::wrong);
        note(Exit::wrong);
        return exit_;
    }

  private:
    // The name of each file that is written, or would be, is the result.
    void change(const EditedFile& input, const std::string& text) {
        if (arguments_.writes())
            if (base::Status written = write_edited(input.name(), input.text, text); !written)
                return note(complain(session_, written.error(), Exit::wrong));
        list_written(session_, input.name());
    }
    // A file that cannot be read goes before one that is not formatted.
    void note(Exit exit) {
        if (exit_ != Exit::does_not_compile) exit_ = exit;
    }

    Session& session_;
    const FmtArguments& arguments_;
    std::size_t unformatted_ = 0;
    Exit exit_ = Exit::done;
};

// What is typed is checked before anything is written.
Exit format_all(Session& session, const FmtArguments& arguments) {
    const bool has_stdin = arguments.files.front() == standard_input;
    for (const std::string& file : arguments.files)
        if ((file == standard_input) != has_stdin || (has_stdin && arguments.files.size() > 1))
            return complain(session, "`-` stands alone: standard input is one file", Exit::usage);
    if (!arguments.stdin_filename.empty() && !has_stdin)
        return complain(session, "`--stdin-filename` goes with `-`", Exit::usage);
    Formatter formatter(session, arguments);
    for (const std::string& file : arguments.files) formatter.add(file);
    return formatter.close();
}

}  // namespace

Command fmt_command() {
    auto arguments = std::make_shared<FmtArguments>();
    return {
        .name = "fmt",
        .group = Command::Group::edit,
        .summary = "Set the layout of documents: blanks, indentation, blank lines",
        .description =
            "Texts and comments stay as they are, and so do lines: none is joined or broken. What was changed is "
            "listed. A file that is no YAML is left alone, and `fmt` exits with 3.",
        .options = {Option::file("FILE", "The files, or `-`: standard input, to standard output", &arguments->files),
                    {"--check", "", "Write nothing; exit with 1 where a file is not formatted", &arguments->check},
                    {"--diff", "", "Write nothing; print what would change", &arguments->diff},
                    {"--stdin-filename",
                     "FILE",
                     "How findings call what comes from standard input",
                     &arguments->stdin_filename,
                     Option::Presence::optional,
                     {},
                     Option::Completes::files}},
        .run = [arguments](Session& session) { return format_all(session, *arguments); }};
}

}  // namespace pvsplan::cli

#include <algorithm>
#include <memory>

#include "compiler/diag/collected.hpp"
#include "compiler/diag/render.hpp"
#include "compiler/stage_text.hpp"
#include "runtime/cli/build_of_log.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/edited_file.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/until_exit.hpp"
#include "runtime/cli/version.hpp"
#include "runtime/view/diagnostics.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

struct ValidateArguments {
    std::vector<std::string> plans;
    CompileArguments compile;
    std::string format = "text";
    bool fix = false;
    bool advice = false;
    std::string print;  // a stage of the compiler
};

// Applies what the findings propose and compiles again, until nothing is left to apply. A fix may make another one
// possible, so it is done again; the bound holds where two fixes undo each other. What is left is told as findings.
// `exit`: how to end where there is an error.
base::Result<Compiled> compile_fixing(Session& session, const std::string& plan, const CompileArguments& arguments,
                                      Workspaces& workspaces, Exit& exit) {
    static constexpr int max_rounds = 10;
    for (int round = 0;; ++round) {
        base::Result<Compiled> compiled = compile(session, plan, arguments, workspaces);
        if (!compiled) return compiled;
        *compiled = with_repairs(std::move(*compiled));
        const compiler::Compilation& c = *compiled->compilation;
        const std::vector<diag::Diagnostic> found = c.sink.sorted();
        const auto texts = diag::apply_fixes(*c.sources, found);
        if (texts.empty() || round == max_rounds) return compiled;
        for (const auto& [file, text] : texts) {
            const std::string path = compiled->project.prefix + std::string(c.sources->path(file));
            // A source may be a link inside the project; the compiler never reads a file outside of it.
            const std::string before(c.sources->text(file));
            if (base::Status written = write_edited(path, before, text); !written) {
                exit = Exit::wrong;
                return std::move(written).error();
            }
        }
        for (const diag::Fix* fix : diag::fixes_together(*c.sources, found))
            say(session, compiled->project.prefix + std::string(c.sources->path(fix->edits.front().span.file)) + ": " +
                             fix->title);
    }
}

// The output for several plans: text is printed as it comes, other formats as one document at the end.
class Report {
  public:
    Report(const Session& session, std::string format, const std::vector<std::string>& plans)
        : session_(session), format_(std::move(format)) {
        if (format_ != "text" && format_ != "json") common_ = common_root(session, plans);
    }

    // A finding in a file that several plans read is told once in formats that are one document; as text each plan
    // stands by itself.
    void add(const Compiled& compiled) {
        const compiler::Compilation& c = *compiled.compilation;
        ++plans_;
        if (format_ == "json") {
            json_.push_back(view::verdict_json(compiled.report()));
        } else if (format_ != "text") {
            const std::string prefix = prefix_in_repository(compiled.project, common_);
            findings_.add(compiler::texts_of(c, prefix), view::with_schedules(c), prefix + compiled.plan);
        } else {
            if (plans_ > 1) session_.out.write("\n");
            view::print_diagnostics(session_.out, compiler::texts_of(c, compiled.project.prefix), c.sink);
            session_.out.write(view::verdict_text(compiled.report(), session_.out));
        }
    }

    void close() {
        if (format_ == "json") session_.out.write(plans_ == 1 ? json_.front() : view::verdicts_json(json_));
        if (format_ == "github") session_.out.write(diag::render_github(findings_.texts(), findings_.all()));
        if (format_ == "gitlab") session_.out.write(diag::render_gitlab(findings_.texts(), findings_.all()));
        if (format_ == "azure") session_.out.write(diag::render_azure(findings_.texts(), findings_.all()));
        if (format_ == "junit") session_.out.write(diag::render_junit(findings_.texts(), findings_.all()));
        if (format_ == "sarif")
            session_.out.write(
                diag::render_sarif(findings_.texts(), findings_.all(), version, build_of_log(variable_of_process)));
    }

  private:
    const Session& session_;
    std::string format_;
    std::string common_;  // the folder that holds all projects
    std::size_t plans_ = 0;
    std::vector<std::string> json_;
    diag::Collected findings_;
};

// What a stage made of each plan, on standard output; what is wrong with it goes to standard error. For who works on
// the compiler, and for its tests: each stage prints the same text each time.
Exit print_stage(Session& session, const ValidateArguments& arguments) {
    if (arguments.fix || arguments.format != "text")
        return complain(session, "`--print` goes with neither `--fix` nor `--format`", Exit::usage);
    Exit exit = Exit::done;
    for (const std::string& plan : arguments.plans) {
        CompileArguments compile_arguments = arguments.compile;
        compile_arguments.wants_uses = arguments.print == "uses";
        const base::Result<Compiled> compiled = compile(session, plan, compile_arguments);
        if (!compiled) return complain(session, compiled.error(), Exit::usage);
        const compiler::Compilation& c = *compiled->compilation;
        view::print_diagnostics(session.err, compiler::texts_of(c, compiled->project.prefix), c.sink);
        session.out.write(compiler::stage_text(c, arguments.print));
        if (!c.ok()) exit = Exit::does_not_compile;
    }
    return exit;
}

// Several plans share what is read and parsed. The worst status counts, and every plan is reported; a file that cannot
// be read at all ends the command, since what was typed is wrong.
Exit validate(Session& session, const ValidateArguments& arguments) {
    if (!arguments.print.empty()) return print_stage(session, arguments);
    Exit exit = Exit::done;
    CompileArguments compile_arguments = arguments.compile;
    compile_arguments.wants_uses = arguments.advice;
    Report report(session, arguments.format, arguments.plans);
    Workspaces workspaces;
    const bool is_one = arguments.plans.size() == 1;  // nothing that is parsed is needed again
    bool has_plan = false;
    for (const std::string& plan : arguments.plans) {
        Exit failed = Exit::usage;
        base::Result<Compiled> compiled = arguments.fix
                                              ? compile_fixing(session, plan, compile_arguments, workspaces, failed)
                                          : is_one ? compile(session, plan, compile_arguments)
                                                   : compile(session, plan, compile_arguments, workspaces);
        if (!compiled) return complain(session, compiled.error(), failed);
        if (!arguments.fix) *compiled = with_repairs(std::move(*compiled));
        if (arguments.advice) *compiled = with_advice(std::move(*compiled));
        report.add(*compiled);
        has_plan = has_plan || compiled->compilation->alone.empty();
        if (!compiled->compilation->ok()) exit = Exit::does_not_compile;
        if (is_one) keep_until_exit(compiled->compilation);
    }
    report.close();
    if (!has_plan && is_for_compilation(arguments.compile))
        return complain(session, "--farm, --set, --parameters, --secret and --policy go with a plan", Exit::usage);
    return exit;
}

}  // namespace

Command validate_command() {
    auto arguments = std::make_shared<ValidateArguments>();
    arguments->compile.takes = resolve::LoadRequest::Takes::any_document;
    Command command{
        .name = "validate",
        .summary = "Check plans, farms, modules, policies; no connection, secret or step",
        .description =
            "Exits with 3 when a plan has an error. `pvsplan explain CODE` says more about one "
            "finding. A farm, a module or a policy is checked by itself. Several plans are one document: JSON of "
            "`{format, ok, plans}` with the "
            "object of each plan, one SARIF log, annotations that are there once each.",
        .options = {Option::file("PLAN", "The files of the plans", &arguments->plans)},
        .run = [arguments](Session& session) { return validate(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    command.options.push_back(Option::format("How to print", &arguments->format,
                                             {"text", "json", "sarif", "github", "gitlab", "azure", "junit"}));
    std::vector<std::string> stages(compiler::stage_names().begin(), compiler::stage_names().end());
    command.options.push_back({"--print", "STAGE", "Print what a stage of the compiler made, in place of the verdict",
                               &arguments->print, Option::Presence::optional, std::move(stages)});
    command.options.push_back({"--fix", "", "Make the changes that the findings propose", &arguments->fix});
    command.options.push_back({"--advice", "",
                               "Also say what could go, and which `at_most` could be larger: it is proved",
                               &arguments->advice});
    return command;
}

}  // namespace pvsplan::cli

#include <algorithm>
#include <memory>

#include "compiler/diag/render.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/verdict_text.hpp"
#include "runtime/cli/version.hpp"

namespace pvsplan::cli {
namespace {

struct Arguments {
    std::vector<std::string> plans;
    CompileArguments compile;
    std::string format = "text";
    bool fix = false;
};

// Applies what the findings propose and compiles again, until nothing is left to apply.
base::Result<Compiled> compile_fixing(Session& session, const std::string& plan, const CompileArguments& arguments) {
    static constexpr int most_rounds = 10;
    for (int round = 0;; ++round) {
        base::Result<Compiled> compiled = compile(session, plan, arguments);
        if (!compiled) return compiled;
        const compiler::Compilation& c = *compiled->compilation;
        const std::vector<diag::Diagnostic> found = c.sink.sorted();
        const auto texts = diag::apply_fixes(c.sources, found);
        if (texts.empty() || round == most_rounds) return compiled;
        for (const auto& [file, text] : texts) {
            const std::string path = compiled->project.prefix + std::string(c.sources.path(file));
            // What was read may be a link inside the project; a place outside of it was never read.
            if (base::Status written = write_file(path, text); !written) return std::move(written).error();
        }
        for (const diag::Fix* fix : diag::fixes_together(c.sources, found))
            say(session, compiled->project.prefix + std::string(c.sources.path(fix->edits.front().span.file)) + ": " +
                             fix->title);
    }
}

void print(Session& session, const Compiled& compiled, const std::string& format) {
    const compiler::Compilation& c = *compiled.compilation;
    if (format == "json") return session.out.write(verdict_json(compiled));
    if (format == "text") {
        print_diagnostics(session.out, c.sources, c.sink, compiled.project);
        return session.out.write(verdict_text(compiled, session.out));
    }
    const base::SourceMap shown = shown_sources(c.sources, compiled.project);
    session.out.write(format == "github" ? diag::render_github(shown, c.sink.sorted())
                                         : diag::render_sarif(shown, c.sink.sorted(), version));
}

Exit validate(Session& session, const Arguments& arguments) {
    Exit exit = Exit::done;
    for (const std::string& plan : arguments.plans) {
        const base::Result<Compiled> compiled = arguments.fix ? compile_fixing(session, plan, arguments.compile)
                                                              : compile(session, plan, arguments.compile);
        if (!compiled) return complain(session, compiled.error(), Exit::usage);
        if (&plan != &arguments.plans.front() && arguments.format == "text") session.out.write("\n");
        print(session, *compiled, arguments.format);
        if (!compiled->compilation->ok()) exit = Exit::does_not_compile;
    }
    return exit;
}

}  // namespace

Command validate_command() {
    auto arguments = std::make_shared<Arguments>();
    Command command{.name = "validate",
                    .summary = "Compile and check plans: no connection, no secret, no step",
                    .description =
                        "Exits with 3 when a plan has an error. `pvsplan explain CODE` says more about one "
                        "finding.",
                    .options = {Option::file("PLAN", "The files of the plans", &arguments->plans)},
                    .run = [arguments](Session& session) { return validate(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    command.options.push_back(Option::format("How to print", &arguments->format, {"text", "json", "github", "sarif"}));
    command.options.push_back({"--fix", "", "Make the changes that the findings propose", &arguments->fix});
    return command;
}

}  // namespace pvsplan::cli

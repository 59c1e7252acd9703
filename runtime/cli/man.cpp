#include <string>
#include <vector>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/version.hpp"
#include "runtime/doc/roff.hpp"

namespace pvsplan::cli {
namespace {

std::string paragraph(std::string_view text) { return text.empty() ? "" : ".PP\n" + doc::roff(text) + "\n"; }

std::string entry(const std::string& term, const std::string& text) { return doc::roff_entry(term, text + "."); }

// `-o,--output` becomes two bold names, as manual pages have them.
std::string entry(const Option& option) {
    std::string term = "\\fB" + doc::roff(option.names) + "\\fR";
    if (const std::size_t comma = term.find(','); comma != std::string::npos) term.replace(comma, 1, "\\fR, \\fB");
    if (!option.value.empty()) term += " \\fI" + doc::roff(option.value) + "\\fR";
    std::string help = option.help;
    for (std::size_t i = 0; i < option.choices.size(); ++i) help += (i == 0 ? ": " : ", ") + option.choices[i];
    return entry(term, help);
}

// The same words as those of `--help`.
std::string command_section(const Command& command) {
    std::string usage = usage_line(command);
    std::string text = ".SS \"" + doc::roff(usage.substr(usage.find("pvsplan"))) + "\"\n";
    text += doc::roff(command.summary) + ".\n" + paragraph(command.description);
    for (const Option& option : command.options) text += entry(option);
    return text;
}

std::string common_section() {
    Session nobody;
    bool no_colour = false;
    std::string folder;
    std::string text = doc::roff_section("Options of every command");
    for (const Option& option : common_options(nobody, no_colour, folder)) text += entry(option);
    return text + entry("\\fB\\-h\\fR, \\fB\\-\\-help\\fR", "Print what the command takes");
}

// Made from the table of commands, so that it cannot lag behind `--help`. Neither a date nor a machine is in it: the
// same program prints the same bytes.
std::string manual(const std::vector<Command>& all) {
    std::string text = ".TH PVSPLAN 1 \"\" \"pvsplan " + std::string(version) + "\" \"User Commands\"\n.nh\n.ad l\n";
    text += doc::roff_section("Name") +
            "pvsplan \\- upgrade procedures as plans that are checked before anything happens\n";
    text += doc::roff_section("Synopsis") + "\\fBpvsplan\\fR \\fICOMMAND\\fR [options]\n";
    for (const auto& [group, title] : command_groups) {
        text += doc::roff_section(title);
        for (const Command& command : all)
            if (command.group == group) text += command_section(command);
    }
    text += common_section() + doc::roff_section("Exit status");
    for (const ExitStatus& status : exit_statuses())
        text += entry("\\fB" + doc::roff(status.number) + "\\fR", std::string(status.meaning));
    return text;
}

}  // namespace

Command man_command() {
    return {.name = "man",
            .group = Command::Group::edit,
            .summary = "Print the manual page, with every command and option",
            .description = "`pvsplan man | man -l -` shows it where no package has installed it.",
            .options = {},
            .run = [](Session& session) {
                session.out.write(manual(commands()));
                return Exit::done;
            }};
}

}  // namespace pvsplan::cli

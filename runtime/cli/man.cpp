#include <string>
#include <vector>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/version.hpp"

namespace pvsplan::cli {
namespace {

// A line must not begin with a request, a backslash begins an escape, and a plain `-` may be printed as a hyphen, which
// cannot be copied into a shell. Code stands in bold.
std::string roff(std::string_view text) {
    std::string result = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    bool is_code = false;
    for (const char c : text) {
        switch (c) {
            case '\\': result += "\\e"; break;
            case '-': result += "\\-"; break;
            case '\n': result += "\n.PP\n"; break;
            case '`':
                is_code = !is_code;
                result += is_code ? "\\fB" : "\\fR";
                break;
            default: result += c;
        }
    }
    return result;
}

std::string section(std::string_view title) {
    std::string upper(title);
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return ".SH \"" + roff(upper) + "\"\n";
}

std::string paragraph(std::string_view text) { return text.empty() ? "" : ".PP\n" + roff(text) + "\n"; }

std::string entry(const std::string& term, const std::string& text) {
    return ".TP\n" + term + "\n" + roff(text) + ".\n";
}

std::string entry(const Option& option) {
    std::string term = "\\fB" + roff(option.names) + "\\fR";
    if (const std::size_t comma = term.find(','); comma != std::string::npos) term.replace(comma, 1, "\\fR, \\fB");
    if (!option.value.empty()) term += " \\fI" + roff(option.value) + "\\fR";
    std::string help = option.help;
    for (std::size_t i = 0; i < option.choices.size(); ++i) help += (i == 0 ? ": " : ", ") + option.choices[i];
    return entry(term, help);
}

std::string command_section(const Command& command) {
    std::string usage = usage_line(command);
    std::string text = ".SS \"" + roff(usage.substr(usage.find("pvsplan"))) + "\"\n";
    text += roff(command.summary) + ".\n" + paragraph(command.description);
    for (const Option& option : command.options) text += entry(option);
    return text;
}

std::string common_section() {
    Session nobody;
    bool no_colour = false;
    std::string folder;
    std::string text = section("Options of every command");
    for (const Option& option : common_options(nobody, no_colour, folder)) text += entry(option);
    return text + entry("\\fB\\-h\\fR, \\fB\\-\\-help\\fR", "Print what the command takes");
}

std::string manual(const std::vector<Command>& all) {
    std::string text = ".TH PVSPLAN 1 \"\" \"pvsplan " + std::string(version) + "\" \"User Commands\"\n.nh\n.ad l\n";
    text += section("Name") + "pvsplan \\- upgrade procedures as plans that are checked before anything happens\n";
    text += section("Synopsis") + "\\fBpvsplan\\fR \\fICOMMAND\\fR [options]\n";
    for (const auto& [group, title] : command_groups) {
        text += section(title);
        for (const Command& command : all)
            if (command.group == group) text += command_section(command);
    }
    text += common_section() + section("Exit status");
    for (const ExitStatus& status : exit_statuses())
        text += entry("\\fB" + roff(status.number) + "\\fR", std::string(status.meaning));
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

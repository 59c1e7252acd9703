#include <algorithm>
#include <string>

#include "compiler/diag/display.hpp"
#include "runtime/cli/command.hpp"

namespace pvsplan::cli {
namespace {

constexpr std::uint32_t max_name_width = 24;  // columns

// What scripts rely on: a number keeps its meaning.
constexpr ExitStatus statuses[] = {
    {"0", "done"},
    {"1", "something else went wrong; the message says what"},
    {"2", "wrong usage"},
    {"3", "the plan does not compile or breaks a requirement"},
    {"4", "a step failed; the run is halted and can be resumed"},
    {"5", "a step failed; the run was rolled back"},
    {"6", "in doubt, or a rollback failed; an operator must decide"},
    {"7", "waits for a person or a window of time"},
    {"8", "the farm is locked by another run"},
    {"9", "the plan or the farm is not what was reviewed"},
    {"10", "the decision was left as a message, which the run has not received yet"},
    {"70", "a bug of pvsplan"},
    {"129, 130, 143", "hung up, interrupted, terminated; a run can be resumed"},
};

struct Row {
    std::string name;
    std::string help;
};

// A name that is wider than the column stands in a line of its own, and its help below: one long option does not push
// all others to the right.
std::string table(const std::vector<Row>& rows, std::uint32_t width) {
    std::uint32_t left = 0;
    for (const Row& row : rows) left = std::max(left, std::min(max_name_width, diag::columns(row.name)));
    std::string text;
    for (const Row& row : rows) {
        std::string line = "  " + row.name;
        bool first = true;
        for (const std::string& part : diag::wrapped(row.help, width - std::min(width - 20, left + 4))) {
            if (first && diag::columns(row.name) > left) {
                text += line + "\n";
                line.clear();
            }
            first = false;
            line.resize(std::max<std::size_t>(line.size(), left + 4), ' ');
            text += line + part + "\n";
            line.clear();
        }
    }
    return text;
}

// Names with a blank between them, and the choices behind what it does.
Row row_of(const Option& option) {
    std::string name;
    for (const char c : option.names) name += c == ',' ? std::string(", ") : std::string(1, c);
    if (!option.value.empty()) name += " " + option.value;
    std::string help = option.help;
    for (std::size_t i = 0; i < option.choices.size(); ++i) help += (i == 0 ? ": " : ", ") + option.choices[i];
    return {name, help};
}

std::string paragraphs(std::string_view text, std::uint32_t width) {
    std::string result;
    for (const std::string& line : diag::wrapped(text, width)) result += line + "\n";
    return result;
}

}  // namespace

std::span<const ExitStatus> exit_statuses() { return statuses; }

// Options that must be given are named, since the line alone is what many read.
std::string usage_line(const Command& command) {
    std::string line = "pvsplan " + command.name;
    const auto is_option = [](const Option& o) { return !o.is_argument(); };
    if (std::any_of(command.options.begin(), command.options.end(), is_option)) line += " [options]";
    for (const Option& option : command.options) {
        const bool is_list = std::holds_alternative<std::vector<std::string>*>(option.into);
        if (is_option(option)) {
            if (option.presence == Option::Presence::required)
                line += " " + option.names.substr(0, option.names.find(',')) + " " + option.value;
            continue;
        }
        const std::string name = option.names + (is_list ? "..." : "");
        line += option.presence == Option::Presence::required ? " " + name : " [" + name + "]";
    }
    return line;
}

// What common_options points into is never read here: only words are taken from it.
std::string help_text(const Command& command, std::uint32_t width) {
    std::string text = "Usage: " + usage_line(command) + "\n\n" + paragraphs(command.summary + ".", width);
    if (!command.description.empty()) text += "\n" + paragraphs(command.description, width);
    std::vector<Row> arguments;
    std::vector<Row> options;
    for (const Option& option : command.options) (option.is_argument() ? arguments : options).push_back(row_of(option));
    if (!arguments.empty()) text += "\nArguments:\n" + table(arguments, width);
    if (!options.empty()) text += "\nOptions:\n" + table(options, width);
    Session nobody;
    bool no_colour = false;
    std::string folder;
    std::vector<Row> common;
    for (const Option& option : common_options(nobody, no_colour, folder)) common.push_back(row_of(option));
    common.push_back({"-h, --help", "Print this"});
    return text + "\nOptions of every command:\n" + table(common, width);
}

// In the order of the table, by what one wants to do; the exit statuses stand here, for scripts.
std::string help_text(std::span<const Command> all, std::uint32_t width) {
    std::string text = "Usage: pvsplan COMMAND [options]\n\n" +
                       paragraphs("Upgrade procedures as plans that are checked before anything happens.", width);
    for (const auto& [group, title] : command_groups) {
        std::vector<Row> rows;
        for (const Command& command : all)
            if (command.group == group) rows.push_back({command.name, command.summary});
        if (!rows.empty()) text += "\n" + std::string(title) + ":\n" + table(rows, width);
    }
    text += "\n" + paragraphs("`pvsplan COMMAND --help` says what a command takes.", width);
    std::vector<Row> rows;
    for (const ExitStatus& status : exit_statuses())
        rows.push_back({std::string(status.number), std::string(status.meaning)});
    return text + "\nExit status:\n" + table(rows, width);
}

}  // namespace pvsplan::cli

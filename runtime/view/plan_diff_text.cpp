#include <algorithm>

#include "compiler/diag/display.hpp"
#include "runtime/view/markdown.hpp"
#include "runtime/view/plan_diff_report.hpp"

namespace pvsplan::view {
namespace {

constexpr std::size_t label_columns = 10;

// Wrapped below the label; a stranger's text cannot steer the terminal.
void words(std::string& out, std::string_view text, std::size_t indent, std::size_t more, const Stream& stream) {
    const std::size_t width = std::max<std::size_t>(stream.width, indent + 20) - indent;
    bool is_first = true;
    for (const std::string& line : diag::wrapped(diag::harmless(text), static_cast<std::uint32_t>(width))) {
        out += std::string(is_first ? more : indent, ' ') + line + "\n";
        is_first = false;
    }
}

// The label in its colour, then sentences below each other; a schedule stands in further.
void item(std::string& out, const DiffItem& item, const Stream& stream) {
    std::string label = item.label;
    label.resize(std::max(label.size(), label_columns), ' ');
    out += "  " + inked(stream, label, item.ink);
    words(out, item.text, label_columns + 3, 1, stream);
    for (const std::string& detail : item.details) words(out, detail, label_columns + 3, label_columns + 3, stream);
    if (!item.schedule_elsewhere.empty())
        words(out, item.schedule_elsewhere, label_columns + 3, label_columns + 3, stream);
    if (item.schedule.empty()) return;
    words(out, "a schedule that shows it:", label_columns + 3, label_columns + 3, stream);
    for (const std::string& line : item.schedule) words(out, line, label_columns + 5, label_columns + 5, stream);
}

// Of both sides in one table: what does not change is faint, so that the eye finds what does.
void figures(std::string& out, const PlanDiff& diff, const Stream& stream, DiffShows shows) {
    const ShownFigures shown = figures_shown(diff, shows);
    if (shown.figures.empty()) return;  // neither version compiles
    out += inked(stream, "Before and after", Ink::bold) + "\n";
    std::size_t widest = 0;
    for (const Figure& figure : shown.figures) widest = std::max<std::size_t>(widest, diag::columns(figure.name));
    for (const Figure& figure : shown.figures) {
        std::string line = "  " + diag::harmless(figure.name) +
                           std::string(widest - diag::columns(figure.name) + 2, ' ') +
                           text_of(figure.before, figure.unit);
        if (figure.before != figure.after) line += " -> " + text_of(figure.after, figure.unit);
        out += figure.before == figure.after ? inked(stream, line, Ink::faint) : line;
        out += "\n";
    }
    if (shown.left_out > 0) out += "  … and " + std::to_string(shown.left_out) + " more (--all shows them)\n";
}

}  // namespace

bool could_hurt(const PlanDiff& diff) {
    return !diff.wrong.empty() ||
           std::any_of(diff.differences.requirements.begin(), diff.differences.requirements.end(),
                       [](const auto& change) { return diff::is_bad(change.type); }) ||
           !diff.differences.losses.empty();
}

// The title alone where nothing changes, so that many plans stay readable.
std::string diff_text(const PlanDiff& diff, const Stream& stream, DiffShows shows) {
    std::string out;
    const std::string was = diff.was.empty() ? "" : " (was " + diff.was + ")";
    const std::string title = diag::harmless(diff.plan + was) + ": " + summary_of(diff);
    for (const std::string& line : diag::wrapped(title, stream.width))
        out += inked(stream, line, could_hurt(diff) ? Ink::red : Ink::bold) + "\n";
    if (diff.is_none()) return out;
    for (const DiffSection& section : sections_of(diff, shows)) {
        if (!section.title.empty()) out += inked(stream, section.title, Ink::bold) + "\n";
        for (const DiffItem& one : section.items) item(out, one, stream);
        if (section.left_out > 0) out += "  … and " + std::to_string(section.left_out) + " more (--all shows them)\n";
    }
    figures(out, diff, stream, shows);
    return out;
}

// For a comment on a forge. A schedule stands in a block of code, where no backtick may end it early; all else goes
// through as_markdown().
std::string diff_markdown(const PlanDiff& diff, DiffShows shows) {
    const std::string was = diff.was.empty() ? "" : " (was `" + diff.was + "`)";
    std::string out = "### " + as_markdown("`" + diff.plan + "`" + was) + ": " + summary_of(diff) + "\n";
    if (diff.is_none()) return out;
    for (const DiffSection& section : sections_of(diff, shows)) {
        out += "\n" + (section.title.empty() ? "" : "**" + section.title + "**\n\n");
        for (const DiffItem& one : section.items) {
            out += "- **" + one.label + "** " + as_markdown(one.text);
            for (const std::string& detail : one.details) out += "<br>" + as_markdown(detail);
            if (!one.schedule_elsewhere.empty()) out += "<br>" + as_markdown(one.schedule_elsewhere);
            out += "\n";
            if (one.schedule.empty()) continue;
            out += "\n  ```text\n";
            for (const std::string& line : one.schedule) {
                std::string harmless = diag::harmless(line);
                std::replace(harmless.begin(), harmless.end(), '`', '\'');
                out += "  " + harmless + "\n";
            }
            out += "  ```\n";
        }
        if (section.left_out > 0) out += "- … and " + std::to_string(section.left_out) + " more\n";
    }
    const ShownFigures shown = figures_shown(diff, shows);
    if (!shown.figures.empty()) out += "\n| | before | after |\n|---|---|---|\n";
    for (const Figure& figure : shown.figures)
        out += "| " + as_markdown(figure.name) + " | " + text_of(figure.before, figure.unit) + " | " +
               (figure.before == figure.after ? "" : "**") + text_of(figure.after, figure.unit) +
               (figure.before == figure.after ? "" : "**") + " |\n";
    if (shown.left_out > 0) out += "| … and " + std::to_string(shown.left_out) + " more | | |\n";
    return out;
}

}  // namespace pvsplan::view

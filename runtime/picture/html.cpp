#include "runtime/picture/html.hpp"

#include <algorithm>
#include <span>

#include "compiler/base/counted.hpp"
#include "compiler/base/digest.hpp"
#include "compiler/base/embedded.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/picture/chart.hpp"
#include "runtime/picture/markup.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::picture {

std::span<const base::Embedded> page_files();

namespace {

// The parts of the page are files of page/, compiled in.
std::string_view page_file(std::string_view name) { return base::text_of(page_files(), name); }

// Puts each value in the place of its name: "{{title}}". What was put in is not looked at again.
std::string filled(std::string_view page, const std::map<std::string_view, std::string>& values) {
    std::string out;
    for (std::size_t at = 0;;) {
        const std::size_t open = page.find("{{", at);
        out += page.substr(at, open - at);
        if (open == std::string_view::npos) return out;
        const std::size_t close = page.find("}}", open);
        out += values.at(page.substr(open + 2, close - open - 2));
        at = close + 2;
    }
}

std::string paragraphs(const std::vector<std::string>& texts, std::string_view kind) {
    std::string out;
    for (const std::string& text : texts)
        out += "<p class=\"" + std::string(kind) + "\">" + escaped_with_code(text) + "</p>";
    return out;
}

// "`a` and 3 more failed": what somebody who is woken has to look at.
std::string to_look_at(const std::map<StepStatus, std::vector<std::string>>& steps, StepStatus status) {
    static constexpr std::size_t max_named = 3;
    const auto found = steps.find(status);
    if (found == steps.end()) return "";
    const std::string steps_named = base::some_of(
        found->second, max_named, [](const std::string& step) { return "<code>" + escaped(step) + "</code>"; });
    return "<p>" + steps_named + " " + std::string(words_of(status)) + "</p>";
}

// What became of the run, which steps failed or are in doubt, and of how many steps what became. Steps are counted once
// each, without those of the rollback: what became of the plan.
std::string run_headline(const Picture& picture) {
    std::map<StepStatus, std::size_t> counts;
    std::map<StepStatus, std::vector<std::string>> steps;
    for (const Group& group : picture.groups)
        for (const Lane& lane : group.lanes)
            for (const Step& step : lane.steps) {
                if (step.type != Step::Type::undo) ++counts[step.status];
                steps[step.status].push_back(step.path);
            }
    std::string words;
    for (const auto& [status, count] : counts)
        base::append(words, ", ", std::to_string(count) + " " + std::string(words_of(status)));
    const bool is_good = picture.outcome == "done" || picture.outcome == "under way";
    return "<div class=\"headline" + std::string(is_good ? "" : " bad") + "\"><b>" + escaped(picture.outcome) + "</b>" +
           to_look_at(steps, StepStatus::failed) + to_look_at(steps, StepStatus::in_doubt) + "<p>" + words +
           "</p></div>";
}

// What the eye shall find first: the verdict, and the worst moment. What is worst decides the sentence: a violation
// before what is undecided, and that before all is well.
std::string headline(const Picture& picture) {
    if (picture.is_of_run) return run_headline(picture);
    std::size_t violated = 0;
    std::size_t open = 0;
    for (const VerdictRow& verdict : picture.verdicts) {
        violated += verdict.verdict == "violated" && verdict.waived.empty() ? 1 : 0;
        open += verdict.verdict == "undecided" ? 1 : 0;
    }
    std::string words = picture.verdicts.size() == 1
                            ? "✓ its requirement holds"
                            : "✓ all " + base::counted(picture.verdicts.size(), "requirement") + " hold";
    if (picture.verdicts.empty()) words = "nothing is required";
    if (open > 0) words = "? " + base::counted(open, "requirement") + " undecided";
    if (violated > 0) words = "✗ " + base::counted(violated, "requirement") + " violated";
    std::string out =
        "<div class=\"headline" + std::string(violated + open > 0 ? " bad" : "") + "\"><b>" + words + "</b>";
    if (picture.strip)
        out += "<a href=\"#worst\">Worst moment</a>: " + escaped(worst_words(*picture.strip)) + ", at most " +
               std::to_string(picture.strip->allowed) + " allowed";
    return out + "</div>";
}

// `verdict` may be any text, since it is read from a compiled plan.
std::string verdict_item(const VerdictRow& verdict) {
    const std::string kind = verdict.verdict == "violated" ? "violated-verdict" : verdict.verdict;
    std::string out = "<li class=\"" + escaped(kind) + "\"><b>" + escaped(verdict.name) + "</b>";
    if (verdict.verdict != "holds") out += " (" + escaped(verdict.verdict) + ")";
    if (!verdict.waived.empty()) out += "<p>waived: " + escaped_with_code(verdict.waived) + "</p>";
    if (!verdict.because.empty()) out += "<p class=\"because\">" + escaped_with_code(verdict.because) + "</p>";
    if (verdict.verdict != "holds") out += "<p class=\"require\"><code>" + escaped(verdict.require) + "</code></p>";
    if (!verdict.reason.empty()) out += "<p class=\"reason\">" + escaped_with_code(verdict.reason) + "</p>";
    if (!verdict.schedule.empty()) {
        out += "<ol>";
        for (const std::string& line : verdict.schedule) out += "<li>" + escaped_with_code(line) + "</li>";
        out += "</ol>";
    }
    return out + "</li>\n";
}

std::string no_return(const Picture& picture) {
    if (picture.no_return.empty()) return "";
    std::string out = "<h2>Points of no return</h2>\n<ul class=\"no-return-list\">";
    for (const std::string& one : picture.no_return) out += "<li>" + escaped_with_code(one) + "</li>";
    return out + "</ul>";
}

// Only what the picture has: a plan has no run.
std::string legend(const Picture& picture) {
    std::string out;
    const auto add = [&](std::string_view kind, const std::string& words) {
        out += "<li><svg aria-hidden=\"true\"><rect class=\"" + std::string(kind) + "\" width=\"30\"/></svg>" +
               escaped(words) + "</li>\n";
    };
    add("b0", picture.not_in_state);
    add("b1", "possibly " + picture.in_state);
    add("b2", "surely " + picture.in_state);
    add("s", "step");
    add("s k", "on the critical path");
    if (!picture.is_of_run) return out;
    add("s f1", "done");
    add("s f3", "failed");
    add("s f4", "in doubt");
    add("s f5", "skipped");
    add("s f6", "done and rolled back");
    add("s u", "undoes a step");
    return out;
}

// The edges, for the script: by node, how far back each that it waits for is, and why. Within a `script` element that
// is data: json_text() lets nothing end it. Distances are small numbers, which keep a large plan's page small.
std::string order_json(const Picture& picture) {
    std::string out = "{\"waits\":[";
    for (std::size_t i = 0; i < picture.waits.size(); ++i) {
        out += i == 0 ? "[" : ",[";
        for (std::size_t w = 0; w < picture.waits[i].size(); ++w)
            out += (w == 0 ? "" : ",") + std::to_string(i - picture.waits[i][w].before) + "," +
                   std::to_string(picture.waits[i][w].reason);
        out += "]";
    }
    out += "],\"reasons\":[";
    for (std::size_t i = 0; i < picture.reasons.size(); ++i)
        out += (i == 0 ? "[" : ",[") + json_text(picture.reasons[i].words) + "," + json_text(picture.reasons[i].place) +
               "]";
    out += "],\"joins\":{";
    for (const auto& [node, name] : picture.joins)
        out += (out.ends_with('{') ? "\"" : ",\"") + std::to_string(node) + "\":" + json_text(name);
    return out + "}}";
}

}  // namespace

// The page forbids itself everything but its own style and script, by their hashes (Content-Security-Policy): whatever
// got into it as text could not run.
std::string html_of(const Picture& picture) {
    const std::string style(page_file("page.css"));
    const std::string script(page_file("page.js"));
    std::string verdicts;
    for (const VerdictRow& verdict : picture.verdicts) verdicts += verdict_item(verdict);
    if (!verdicts.empty()) verdicts = "<h2>Requirements</h2>\n<ul class=\"verdicts\">\n" + verdicts + "</ul>\n";
    const bool is_violated = picture.strip && picture.strip->is_violated;
    return filled(page_file("page.html"),
                  {{"title", escaped(picture.title)},
                   {"subtitle", escaped(picture.subtitle)},
                   {"summary", picture.summary.empty() ? "" : "<p>" + escaped_with_code(picture.summary) + "</p>"},
                   {"notes", paragraphs(picture.notes, "sub")},
                   {"warning", picture.warning.empty() ? "" : paragraphs({picture.warning}, "note")},
                   {"kind", std::string(picture.is_of_run ? "run" : "plan") + (is_violated ? " violated" : "")},
                   {"headline", headline(picture)},
                   {"width", chart_width(picture)},
                   {"chart", chart_of(picture)},
                   {"verdicts", verdicts},
                   {"no-return", no_return(picture)},
                   {"legend", legend(picture)},
                   {"digest", escaped(picture.digest)},
                   {"order", order_json(picture)},
                   {"style", style},
                   {"script", script},
                   {"style-source", base::sha256_source(style)},
                   {"script-source", base::sha256_source(script)}});
}

}  // namespace pvsplan::picture

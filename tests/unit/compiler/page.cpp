#include "tests/unit/compiler/page.hpp"

#include <algorithm>
#include <sstream>

#include "compiler/advice.hpp"
#include "compiler/diag/render.hpp"
#include "compiler/repair.hpp"

namespace pvsplan::test {
namespace {

// The text between `<!-- KEY: ` and ` -->`, if the line is such a comment.
std::string comment(const std::string& line, const std::string& key) {
    const std::string begin = "<!-- " + key + ": ";
    const std::string end = " -->";
    if (!line.starts_with(begin) || !line.ends_with(end)) return "";
    return line.substr(begin.size(), line.size() - begin.size() - end.size());
}

// The first key of a document: comments and blank lines come before it.
std::string first_word(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (!line.empty() && line[0] != '#' && line != "---") return line.substr(0, line.find(':'));
    return "";
}

void choose_what_is_compiled(Half& half) {
    const auto of_kind = [&](const char* kind) {
        return std::find_if(half.files.begin(), half.files.end(),
                            [&](const std::string& file) { return first_word(half.project[file]) == kind; });
    };
    if (const auto plan = of_kind("plan"); plan != half.files.end())
        half.request.plan = *plan;
    else if (const auto farm = of_kind("farm"); farm != half.files.end())
        half.request.farm = *farm;
    else if (!half.files.empty())
        half.request.plan = half.files[0];
}

}  // namespace

Page read_page(std::string_view text) {
    Page page;
    std::istringstream lines{std::string(text)};
    std::string line;
    std::getline(lines, line);
    if (!line.starts_with("# PV") || line.find(": ") == std::string::npos)
        page.fault = "the first line is not `# PVnnnn: title`";
    else
        page.code = line.substr(2, line.find(':') - 2), page.title = line.substr(line.find(": ") + 2);
    Half* half = nullptr;
    std::string file;
    while (std::getline(lines, line)) {
        if (!file.empty()) {
            if (line == "```")
                file.clear();
            else
                half->project[file] += line + "\n";
        } else if (line.starts_with("## ")) {
            half = line == "## Wrong" ? &page.wrong : line == "## Right" ? &page.right : nullptr;
            if (line == "## Seen when")
                page.is_seen_only = true;
            else if (!half)
                page.fault = "the heading `" + line + "` is none of Wrong, Right, Seen when";
        } else if (line.starts_with("```") && half) {
            const std::size_t space = line.find(' ');
            if (space == std::string::npos) {
                page.fault = "a block without a file name: " + line;
                return page;
            }
            file = line.substr(space + 1);
            half->project[file] = "";
            half->files.push_back(file);
        } else if (const std::string set = comment(line, "set"); !set.empty() && half) {
            half->request.parameters.emplace_back(set.substr(0, set.find('=')), set.substr(set.find('=') + 1));
        } else if (line == "<!-- advice -->" && half) {
            half->request.wants_uses = true;
        } else if (const std::string policy = comment(line, "policy"); !policy.empty() && half) {
            half->request.policies.push_back(policy);
        } else if (const std::string secret = comment(line, "secret"); !secret.empty() && half) {
            const std::size_t equals = secret.find('=');
            const std::size_t colon = secret.find(':', equals);
            half->request.secrets.push_back(
                {secret.substr(0, equals), {secret.substr(equals + 1, colon - equals - 1), secret.substr(colon + 1)}});
        }
    }
    if (!file.empty()) page.fault = "the block of " + file + " is not closed";
    if (page.is_seen_only != (page.wrong.files.empty() && page.right.files.empty()))
        page.fault = "both examples, or else `## Seen when`";
    if (!page.is_seen_only && (page.wrong.files.empty() || page.right.files.empty()))
        page.fault = "one of the two examples is missing";
    choose_what_is_compiled(page.wrong);
    choose_what_is_compiled(page.right);
    return page;
}

namespace {

std::string out_of_reach(const base::Sources& sources, const diag::Sink& sink) {
    std::string codes;
    for (const diag::Diagnostic& d : sink.all())
        if (!d.span.is_nowhere() && !sources.is_editable(d.span)) codes += diag::code_text(d.code) + " ";
    return codes;
}

}  // namespace

Verdict run_half(const Half& half) {
    if (!half.request.plan.empty()) {
        Compiled c = compiler::with_repairs(compiler::compile(half.project, half.request));
        if (half.request.wants_uses) c = compiler::with_advice(c);
        return {errors_of(*c), findings_of(*c), text_of(*c), out_of_reach(*c->sources, c->sink)};
    }
    const auto farm = compiler::compile_farm(half.project, half.request.farm);
    compiler::Compilation c;
    c.sink = farm.sink;
    std::string text;
    for (const diag::Diagnostic& d : farm.sink.sorted())
        text += diag::render_text(compiler::texts_of(farm), d, {.width = 120});
    return {errors_of(c), findings_of(c), text, out_of_reach(*farm.sources, farm.sink)};
}

}  // namespace pvsplan::test

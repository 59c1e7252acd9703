#include <algorithm>
#include <memory>

#include "compiler/base/near.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/diag/explain.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

using graph::Facts;
using Nodes = std::vector<std::uint32_t>;

constexpr std::size_t most_moments = 20;

struct Arguments {
    std::vector<std::string> what;
    CompileArguments compile;
};

Exit explain_code(Session& session, const std::string& code) {
    if (const auto page = diag::explain_page(code)) {
        session.out.write(*page);
        return Exit::done;
    }
    if (code == "codes" || code == "all") {
        for (const base::Embedded& page : diag::explain_pages())
            session.out.write(std::string(page.name.substr(0, page.name.find('.'))) + "  " +
                              std::string(diag::page_title(page.text)) + "\n");
        return Exit::done;
    }
    return complain(session,
                    base::Error{"there is no page for `" + code +
                                "`; `pvsplan explain codes` lists all of them, and "
                                "`pvsplan explain PLAN A B` tells why step A comes before step B"},
                    Exit::usage);
}

// `path` is the step `name` or lies within it: "rest[pvs02].stop" within "rest" and "rest[pvs02]".
bool is_within(std::string_view path, std::string_view name) {
    return path.starts_with(name) &&
           (path.size() == name.size() || path[name.size()] == '.' || path[name.size()] == '[');
}

Nodes nodes_of(const Facts& facts, const std::string& name) {
    Nodes exact;
    Nodes within;
    for (std::uint32_t i = 0; i < facts.size(); ++i) {
        const std::string path = facts.path(i);
        if (path == name) exact.push_back(i);
        if (is_within(path, name)) within.push_back(i);
    }
    return exact.empty() ? within : exact;
}

// From `a` to `b` along the order: the edges, as indices into predecessors.items. Empty: no way.
std::vector<std::uint32_t> way(const Facts& facts, std::uint32_t a, std::uint32_t b) {
    static constexpr std::uint32_t unseen = 0xffffffffU;
    std::vector<std::uint32_t> edge_to_next(facts.size(), unseen);
    Nodes open = {b};
    Nodes next_of(facts.size(), unseen);
    for (std::size_t at = 0; at < open.size() && edge_to_next[a] == unseen; ++at) {
        const std::uint32_t node = open[at];
        const std::uint32_t begin = facts.predecessors.starts[node];
        for (std::uint32_t edge = begin; edge < facts.predecessors.starts[node + 1]; ++edge) {
            const std::uint32_t from = facts.predecessors.items[edge];
            if (from < a || edge_to_next[from] != unseen) continue;  // numbers ascend along the order
            edge_to_next[from] = edge;
            next_of[from] = node;
            open.push_back(from);
        }
    }
    std::vector<std::uint32_t> edges;
    for (std::uint32_t node = a; edge_to_next[node] != unseen && node != b; node = next_of[node])
        edges.push_back(edge_to_next[node]);
    return edges;
}

Nodes ancestors(const Facts& facts, const Nodes& of) {
    std::vector<bool> seen(facts.size());
    Nodes open = of;
    for (std::size_t at = 0; at < open.size(); ++at)
        for (const std::uint32_t from : facts.predecessors[open[at]])
            if (!seen[from]) {
                seen[from] = true;
                open.push_back(from);
            }
    Nodes result;
    for (std::uint32_t i = 0; i < facts.size(); ++i)
        if (seen[i]) result.push_back(i);
    return result;
}

std::string place_text(const Compiled& compiled, base::Span span) {
    if (span.is_nowhere()) return "";
    const base::SourceMap& sources = compiled.compilation->sources;
    const std::string path(sources.path(span.file));
    return " (" + (path.starts_with("stdlib/") ? "" : compiled.project.prefix) + path + ":" +
           std::to_string(sources.position(span.file, span.begin).line) + ")";
}

std::string_view reason(program::Edge::Because because) {
    switch (because) {
        case program::Edge::Because::sequence: return "they stand one after the other";
        case program::Edge::Because::after: return "`after` says so";
        case program::Edge::Because::at_most: return "no more may be under way at once (`at_most`)";
        case program::Edge::Because::data: return "it reads what the other puts out";
    }
    return "";
}

void print_way(Session& session, const Compiled& compiled, std::uint32_t a, std::uint32_t b,
               const std::vector<std::uint32_t>& edges) {
    const compiler::Compilation& c = *compiled.compilation;
    std::string out =
        "`" + c.facts.path(a) + "` finishes before `" + c.facts.path(b) + "` starts:\n\n  " + c.facts.path(a) + "\n";
    for (const std::uint32_t edge : edges) {
        const auto to = std::upper_bound(c.facts.predecessors.starts.begin(), c.facts.predecessors.starts.end(), edge) -
                        c.facts.predecessors.starts.begin() - 1;
        out += "  before " + c.facts.path(static_cast<std::uint32_t>(to)) + "\n         because " +
               std::string(reason(c.edge_because(edge))) + place_text(compiled, c.edge_place(edge)) + "\n";
    }
    session.out.write(out);
}

void print_overlap(Session& session, const Compiled& compiled, std::uint32_t a, std::uint32_t b) {
    const Facts& facts = compiled.compilation->facts;
    const Nodes first = ancestors(facts, {a, b});
    std::string out = "`" + facts.path(a) + "` and `" + facts.path(b) +
                      "` may run at the same time; neither waits for the other. One schedule in which they do:\n\n";
    const std::size_t skipped = first.size() > most_moments ? first.size() - most_moments : 0;
    if (skipped > 0) out += "  … " + counted(skipped, "step") + " …\n";
    for (std::size_t i = skipped; i < first.size(); ++i) out += "  finish " + facts.path(first[i]) + "\n";
    out += "  start " + facts.path(a) + "\n  start " + facts.path(b) + "\n";
    session.out.write(out);
}

Exit no_step(Session& session, const Facts& facts, const std::string& name) {
    std::vector<std::string> paths;
    for (std::uint32_t i = 0; i < facts.size(); ++i) paths.push_back(facts.path(i));
    std::string message = "there is no step `" + name + "`";
    if (const auto near = base::nearest(name, paths)) message += "; did you mean `" + *near + "`?";
    return complain(session, message, Exit::usage);
}

// Of two groups: the first pair without an order, if there is one; else the last of `a` and the first of `b`.
Exit explain_order(Session& session, const Compiled& compiled, const Nodes& a, const Nodes& b) {
    const Facts& facts = compiled.compilation->facts;
    std::optional<std::pair<std::uint32_t, std::uint32_t>> unordered;
    for (const auto& [left, right] : {std::pair(&a, &b), std::pair(&b, &a)}) {
        bool all = true;
        std::vector<std::uint32_t> shown;
        for (const std::uint32_t y : *right) {
            const Nodes before = ancestors(facts, {y});
            for (const std::uint32_t x : *left) {
                if (x == y || std::binary_search(before.begin(), before.end(), x)) continue;
                all = false;
                if (const Nodes after = ancestors(facts, {x}); !std::binary_search(after.begin(), after.end(), y))
                    if (!unordered) unordered = {std::min(x, y), std::max(x, y)};
                break;
            }
            if (!all) break;
        }
        if (!all) continue;
        if (left->size() + right->size() > 2)
            session.out.write("Every step of the first comes before every step of the second; for instance:\n\n");
        const std::uint32_t x = left->back();
        const std::uint32_t y = right->front();
        print_way(session, compiled, x, y, way(facts, x, y));
        return Exit::done;
    }
    if (unordered) {
        print_overlap(session, compiled, unordered->first, unordered->second);
    } else {
        session.out.write("They are interleaved: some steps of each come before some of the other.\n");
    }
    return Exit::done;
}

Exit explain_steps(Session& session, const Arguments& arguments) {
    const base::Result<Compiled> compiled = compile(session, arguments.what[0], arguments.compile);
    if (!compiled) return complain(session, compiled.error(), Exit::usage);
    const compiler::Compilation& c = *compiled->compilation;
    if (!c.has_graph) {
        print_diagnostics(session.err, c.sources, c.sink, compiled->project);
        return complain(session, "`" + arguments.what[0] + "` does not compile", Exit::does_not_compile);
    }
    const Nodes a = nodes_of(c.facts, arguments.what[1]);
    const Nodes b = nodes_of(c.facts, arguments.what[2]);
    if (a.empty()) return no_step(session, c.facts, arguments.what[1]);
    if (b.empty()) return no_step(session, c.facts, arguments.what[2]);
    if (a == b) return complain(session, "both names mean the same step", Exit::usage);
    return explain_order(session, *compiled, a, b);
}

Exit explain(Session& session, const Arguments& arguments) {
    if (arguments.what.size() == 1) return explain_code(session, arguments.what[0]);
    if (arguments.what.size() == 3) return explain_steps(session, arguments);
    return complain(session, "`pvsplan explain` takes a code (`PV4001`), or a plan and two steps", Exit::usage);
}

}  // namespace

Command explain_command() {
    auto arguments = std::make_shared<Arguments>();
    Command command{
        .name = "explain",
        .summary = "Explain a finding, or why one step comes before another",
        .description =
            "`pvsplan explain PV4001` prints the page of a code; `pvsplan explain codes` lists "
            "all of them. `pvsplan explain PLAN A B` shows why step A comes before step B, or a "
            "schedule in which they overlap; A and B are paths as `show` prints them, or groups.",
        .options =
            {{"WHAT", "", "CODE, or PLAN A B", &arguments->what, Option::Is::required, {}, Option::Completes::files}},
        .run = [arguments](Session& session) { return explain(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    return command;
}

}  // namespace pvsplan::cli

#include <nlohmann/json.hpp>

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
    std::string format = "text";
};

// What there is to say about two steps, before it is printed.
struct Relation {
    enum class Is : std::uint8_t { before, overlap, interleaved } is = Is::interleaved;
    std::uint32_t first = 0;  // before: this one; overlap: the two that may run at the same time
    std::uint32_t second = 0;
    std::vector<std::uint32_t> edges;  // before: the chain from one to the other
    bool is_of_groups = false;         // every step of one before every step of the other
};

Exit explain_code(Session& session, const std::string& code) {
    if (const auto page = diag::explain_page(code)) {
        session.out.write(diag::page_text(*page, session.out.width));
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
    Nodes exact;  // where there are steps within, the join of the group, which is no step
    Nodes within;
    for (std::uint32_t i = 0; i < facts.size(); ++i) {
        const std::string path = facts.path(i);
        if (path == name)
            exact.push_back(i);
        else if (is_within(path, name))
            within.push_back(i);
    }
    return within.empty() ? exact : within;
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

std::string shown_path(const Compiled& compiled, base::Span span) {
    const std::string path(compiled.compilation->sources.path(span.file));
    const bool is_built_in = compiled.compilation->sources.belongs(span.file) == base::Belongs::to_library;
    return (is_built_in ? "" : compiled.project.prefix) + path;
}

std::string place_text(const Compiled& compiled, base::Span span) {
    if (span.is_nowhere()) return "";
    const base::SourceMap& sources = compiled.compilation->sources;
    return " (" + shown_path(compiled, span) + ":" + std::to_string(sources.position(span.file, span.begin).line) + ")";
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

std::uint32_t target_of(const Facts& facts, std::uint32_t edge) {
    const auto& starts = facts.predecessors.starts;
    return static_cast<std::uint32_t>(std::upper_bound(starts.begin(), starts.end(), edge) - starts.begin() - 1);
}

std::string way_text(const Compiled& compiled, const Relation& relation, std::uint32_t width) {
    const compiler::Compilation& c = *compiled.compilation;
    const std::string first = c.facts.path(relation.first);
    std::string out =
        relation.is_of_groups ? "Every step of the first comes before every step of the second; for instance:\n\n" : "";
    out += "`" + first + "` finishes before `" + c.facts.path(relation.second) + "` starts:\n\n  " + first + "\n";
    static const std::string indent(9, ' ');
    for (const std::uint32_t edge : relation.edges) {
        out += "  before " + c.facts.path(target_of(c.facts, edge)) + "\n";
        const std::string why = "because " + std::string(reason(c.edge_because(edge)));
        for (const std::string& line : diag::wrapped(why + place_text(compiled, c.edge_place(edge)), width - 9))
            out += indent + line + "\n";
    }
    return out;
}

std::string overlap_text(const Facts& facts, const Relation& relation) {
    const std::string a = facts.path(relation.first);
    const std::string b = facts.path(relation.second);
    const Nodes earlier = ancestors(facts, {relation.first, relation.second});
    std::string out = "`" + a + "` and `" + b +
                      "` may run at the same time; neither waits for the other. One schedule in which they do:\n\n";
    const std::size_t skipped = earlier.size() > most_moments ? earlier.size() - most_moments : 0;
    if (skipped > 0) out += "  … " + counted(skipped, "step") + " …\n";
    for (std::size_t i = skipped; i < earlier.size(); ++i) out += "  finish " + facts.path(earlier[i]) + "\n";
    return out + "  start " + a + "\n  start " + b + "\n";
}

std::string relation_text(const Compiled& compiled, const Relation& relation, std::uint32_t width) {
    switch (relation.is) {
        case Relation::Is::before: return way_text(compiled, relation, width);
        case Relation::Is::overlap: return overlap_text(compiled.compilation->facts, relation);
        case Relation::Is::interleaved: break;
    }
    return "They are interleaved: some steps of each come before some of the other.\n";
}

std::string relation_json(const Compiled& compiled, const Relation& relation) {
    using Json = nlohmann::ordered_json;
    const compiler::Compilation& c = *compiled.compilation;
    Json object = {{"format", "pvsplan.explain/1"}, {"relation", "interleaved"}};
    if (relation.is != Relation::Is::interleaved) {
        object["first"] = c.facts.path(relation.first);
        object["second"] = c.facts.path(relation.second);
    }
    if (relation.is == Relation::Is::before) {
        object["relation"] = "before";
        object["chain"] = Json::array();
        for (const std::uint32_t edge : relation.edges) {
            Json link = {{"from", c.facts.path(c.facts.predecessors.items[edge])},
                         {"to", c.facts.path(target_of(c.facts, edge))},
                         {"because", c.edge_text(edge)}};
            if (const base::Span span = c.edge_place(edge); !span.is_nowhere()) {
                link["file"] = shown_path(compiled, span);
                link["line"] = c.sources.position(span.file, span.begin).line;
            }
            object["chain"].push_back(std::move(link));
        }
    }
    if (relation.is == Relation::Is::overlap) {
        object["relation"] = "overlap";
        object["schedule"] = Json::array();
        for (const std::uint32_t node : ancestors(c.facts, {relation.first, relation.second})) {
            object["schedule"].push_back({{"start", c.facts.path(node)}});
            object["schedule"].push_back({{"finish", c.facts.path(node)}});
        }
        for (const std::uint32_t node : {relation.first, relation.second})
            object["schedule"].push_back({{"start", c.facts.path(node)}});
    }
    return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Exit no_step(Session& session, const Facts& facts, const std::string& name) {
    std::vector<std::string> paths;
    for (std::uint32_t i = 0; i < facts.size(); ++i) {
        paths.push_back(facts.path(i));
        // The groups around it are names as well: "rest[pvs02].stop", "rest[pvs02]", "rest".
        for (std::size_t end = paths.back().find_last_of(".["); end != std::string::npos && end > 0;) {
            paths.push_back(paths.back().substr(0, end));
            end = paths.back().find_last_of(".[");
        }
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    std::string message = "there is no step `" + name + "`";
    if (const auto near = base::nearest(name, paths)) message += "; did you mean `" + *near + "`?";
    return complain(session, message, Exit::usage);
}

// Of two groups: the first pair without an order, if there is one; else the last of `a` and the first of `b`.
Relation relation_of(const Facts& facts, const Nodes& a, const Nodes& b) {
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
        const std::uint32_t x = left->back();
        const std::uint32_t y = right->front();
        return {.is = Relation::Is::before,
                .first = x,
                .second = y,
                .edges = way(facts, x, y),
                .is_of_groups = left->size() + right->size() > 2};
    }
    if (unordered) return {.is = Relation::Is::overlap, .first = unordered->first, .second = unordered->second};
    return {};
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
    const Relation relation = relation_of(c.facts, a, b);
    session.out.write(arguments.format == "json" ? relation_json(*compiled, relation)
                                                 : relation_text(*compiled, relation, session.out.width));
    return Exit::done;
}

Exit explain(Session& session, const Arguments& arguments) {
    if (arguments.what.size() == 1) return explain_code(session, arguments.what[0]);
    if (arguments.what.size() == 3) return explain_steps(session, arguments);
    return complain(session, "`pvsplan explain` takes a code (`PV4001`), or a plan and two steps", Exit::usage);
}

}  // namespace

Command explain_command() {
    auto arguments = std::make_shared<Arguments>();
    Command command{.name = "explain",
                    .summary = "Explain a finding, or why one step comes before another",
                    .description =
                        "`pvsplan explain PV4001` prints the page of a code; `pvsplan explain codes` lists "
                        "all of them. `pvsplan explain PLAN A B` shows why step A comes before step B, or a "
                        "schedule in which they overlap; A and B are paths as `show` prints them, or groups.",
                    .options = {Option::file("WHAT", "CODE, or PLAN A B", &arguments->what)},
                    .run = [arguments](Session& session) { return explain(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    command.options.push_back(
        Option::format("How to print what is said about two steps", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "compiler/base/counted.hpp"
#include "compiler/diag/display.hpp"
#include "compiler/diag/explain.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/plan_input.hpp"
#include "runtime/view/diagnostics.hpp"
#include "runtime/view/step_relation.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::cli {
namespace {

constexpr std::size_t max_moments = 20;  // of a schedule that is shown

struct ExplainArguments {
    std::vector<std::string> what;
    CompileArguments compile;
    std::string format = "text";
};

// What is no code may be the name of a plan that lacks its steps, so the error tells of both.
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

// Words of `pvsplan.explain/1`: programs compare them.
std::string_view name_of(program::Edge::Because because) {
    switch (because) {
        case program::Edge::Because::sequence: return "sequence";
        case program::Edge::Because::after: return "after";
        case program::Edge::Because::at_most: return "at_most";
        case program::Edge::Because::data: return "data";
    }
    return "";
}

// One of the two names that were typed, and what it means.
struct Asked {
    std::string name;  // as the plan has it: a number becomes the path
    view::StepIndices steps;

    [[nodiscard]] bool is_group() const { return steps.size() > 1; }
    [[nodiscard]] std::string words() const { return (is_group() ? "every step of `" : "`") + name + "`"; }
};

// A number is one step always; a name may be that of a group.
base::Result<Asked> asked(const view::StepNames& names, const std::string& typed) {
    base::Result<view::StepIndices> found = names.find(typed);
    if (!found) return std::move(found).error();
    return Asked{view::is_number(typed) ? names.path(found->front()) : typed, std::move(*found)};
}

// The question and its answer.
struct RelationAnswer {
    const view::StepOrder& order;
    const Asked& a;
    const Asked& b;
    view::StepRelation relation;

    [[nodiscard]] const std::string& path(std::uint32_t node) const { return order.names.path(node); }
    [[nodiscard]] bool is_turned() const { return relation.asked == view::StepRelation::Asked::the_other_way_round; }
};

// A sentence begins with a capital, unless it begins with a name.
void paragraph(std::string& out, std::string words, std::uint32_t width) {
    if (words.starts_with("every")) words.front() = 'E';
    for (const std::string& line : diag::wrapped(words, width)) out += line + "\n";
}

// `relation.edges` leads from `first` to `second`, step by step, each with its reason and its place.
void add_chain(std::string& out, const RelationAnswer& answer, std::uint32_t width) {
    static const std::string indent(9, ' ');
    out += "\n  " + answer.path(answer.relation.first) + "\n";
    for (const std::uint32_t edge : answer.relation.edges) {
        out += "  before " + answer.path(answer.order.targets[edge]) + "\n";
        const view::StepOrder::Reason reason = answer.order.reason(edge);
        std::string why = "because " + std::string(view::words_of(reason.because));
        if (!reason.file.empty()) why += " (" + reason.file + ":" + std::to_string(reason.line) + ")";
        for (const std::string& line : diag::wrapped(why, width - 9)) out += indent + line + "\n";
    }
}

// The answer keeps the order in which the two were asked; where it is the other way round, the sentence is turned and
// not the names.
std::string before_text(const RelationAnswer& answer, std::uint32_t width) {
    const std::string first = "`" + answer.path(answer.relation.first) + "`";
    const std::string second = "`" + answer.path(answer.relation.second) + "`";
    std::string out;
    if (answer.a.is_group() || answer.b.is_group()) {
        paragraph(out,
                  answer.a.words() + (answer.is_turned() ? " comes after " : " comes before ") + answer.b.words() +
                      "; for instance:",
                  width);
        out += "\n";
    }
    paragraph(out,
              answer.is_turned() ? second + " starts after " + first + " finishes:"
                                 : first + " finishes before " + second + " starts:",
              width);
    add_chain(out, answer, width);
    return out;
}

// A schedule in which the two overlap: all that comes before either of them is over, and nothing else has begun. Of a
// long one the end is shown, which leads up to the two.
std::string overlap_text(const RelationAnswer& answer, std::uint32_t width) {
    const std::string& a = answer.path(answer.relation.first);
    const std::string& b = answer.path(answer.relation.second);
    const view::StepIndices earlier = view::ancestors(answer.order, {answer.relation.first, answer.relation.second});
    std::string out;
    paragraph(out,
              "`" + a + "` and `" + b + "` may run at the same time; neither waits for the other. One schedule in " +
                  "which they do:",
              width);
    out += "\n";
    const std::size_t skipped = earlier.size() > max_moments ? earlier.size() - max_moments : 0;
    if (skipped > 0) out += "  … " + base::counted(skipped, "step") + " …\n";
    for (std::size_t i = skipped; i < earlier.size(); ++i) out += "  finish " + answer.path(earlier[i]) + "\n";
    return out + "  start " + a + "\n  start " + b + "\n";
}

// One sentence, and what shows it: a chain, or a schedule.
std::string relation_text(const RelationAnswer& answer, std::uint32_t width) {
    using StepRelationType = view::StepRelation::Type;
    const view::StepRelation& relation = answer.relation;
    if (relation.type == StepRelationType::before) return before_text(answer, width);
    if (relation.type == StepRelationType::overlap) return overlap_text(answer, width);
    std::string out;
    if (relation.type == StepRelationType::part)
        paragraph(out,
                  answer.is_turned() ? "`" + answer.a.name + "` is a part of `" + answer.b.name + "`"
                                     : "`" + answer.b.name + "` is a part of `" + answer.a.name + "`",
                  width);
    else
        paragraph(out,
                  "They are interleaved: `" + answer.path(relation.first) + "` comes before `" +
                      answer.path(relation.second) + "`, and `" + answer.path(relation.later_first) + "` before `" +
                      answer.path(relation.later_second) + "`.",
                  width);
    return out;
}

using Json = nlohmann::ordered_json;

// As the text has it, with the place of each reason, where there is one.
Json chain_json(const RelationAnswer& answer) {
    Json chain = Json::array();
    for (const std::uint32_t edge : answer.relation.edges) {
        const view::StepOrder::Reason reason = answer.order.reason(edge);
        Json link = {{"from", answer.path(answer.order.predecessors.items[edge])},
                     {"to", answer.path(answer.order.targets[edge])},
                     {"because", name_of(reason.because)}};
        if (!reason.file.empty()) {
            link["file"] = reason.file;
            link["line"] = reason.line;
        }
        chain.push_back(std::move(link));
    }
    return chain;
}

// Each step before the two is over before the next begins: one schedule among many.
Json schedule_json(const RelationAnswer& answer) {
    Json schedule = Json::array();
    for (const std::uint32_t node : view::ancestors(answer.order, {answer.relation.first, answer.relation.second})) {
        schedule.push_back({{"start", answer.path(node)}});
        schedule.push_back({{"finish", answer.path(node)}});
    }
    for (const std::uint32_t node : {answer.relation.first, answer.relation.second})
        schedule.push_back({{"start", answer.path(node)}});
    return schedule;
}

// The names are in the order of view::StepRelation::Type. Unlike the text it holds the schedule whole.
std::string relation_json(const RelationAnswer& answer) {
    using StepRelationType = view::StepRelation::Type;
    static constexpr std::string_view names[] = {"before", "overlap", "part", "interleaved"};
    const view::StepRelation& relation = answer.relation;
    Json object = {{"format", "pvsplan.explain/1"},
                   {"asked", Json::array({answer.a.name, answer.b.name})},
                   {"relation", names[static_cast<std::size_t>(relation.type)]}};
    if (relation.type == StepRelationType::part) {
        object["whole"] = answer.is_turned() ? answer.b.name : answer.a.name;
        object["part"] = answer.is_turned() ? answer.a.name : answer.b.name;
    } else {
        object["first"] = answer.path(relation.first);
        object["second"] = answer.path(relation.second);
    }
    if (relation.type == StepRelationType::before) object["chain"] = chain_json(answer);
    if (relation.type == StepRelationType::overlap) object["schedule"] = schedule_json(answer);
    if (relation.type == StepRelationType::interleaved) {
        object["later_first"] = answer.path(relation.later_first);
        object["later_second"] = answer.path(relation.later_second);
    }
    return diag::printed_json(object.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

// Two names of one step, a path and its number say, have no order to explain.
Exit explain_order(Session& session, const ExplainArguments& arguments, const view::StepOrder& order) {
    const base::Result<Asked> a = asked(order.names, arguments.what[1]);
    if (!a) return complain(session, a.error(), Exit::usage);
    const base::Result<Asked> b = asked(order.names, arguments.what[2]);
    if (!b) return complain(session, b.error(), Exit::usage);
    if (a->steps == b->steps) return complain(session, "both names mean the same step", Exit::usage);
    const RelationAnswer answer{order, *a, *b, view::relation_of(order, a->steps, b->steps)};
    session.out.write(arguments.format == "json" ? relation_json(answer) : relation_text(answer, session.out.width));
    return Exit::done;
}

// A plan that violates a requirement is explained all the same: why two steps overlap is asked because of it. An order
// is all that is needed.
Exit explain_steps(Session& session, const ExplainArguments& arguments) {
    const std::string& file = arguments.what[0];
    if (is_compiled_plan(file)) {
        const std::variant<PlanInput, NoPlan> input = plan_of(session, file, arguments.compile);
        if (const auto* none = std::get_if<NoPlan>(&input)) return none->exit;
        return explain_order(session, arguments, view::order_of(std::get<PlanInput>(input).plan));
    }
    const base::Result<Compiled> compiled = compile(session, file, arguments.compile);
    if (!compiled) return complain(session, compiled.error(), Exit::usage);
    const compiler::Compilation& c = *compiled->compilation;
    if (!c.has_graph) {
        view::print_diagnostics(session.err, compiler::texts_of(c, compiled->project.prefix), c.sink);
        return complain(session, "`" + file + "` does not compile", Exit::does_not_compile);
    }
    return explain_order(session, arguments, view::order_of(compiled->report()));
}

// By how many words there are.
Exit explain(Session& session, const ExplainArguments& arguments) {
    if (arguments.what.size() == 1) return explain_code(session, arguments.what[0]);
    if (arguments.what.size() == 3) return explain_steps(session, arguments);
    return complain(session, "`pvsplan explain` takes a code (`PV4001`), or a plan and two steps", Exit::usage);
}

}  // namespace

Command explain_command() {
    auto arguments = std::make_shared<ExplainArguments>();
    Command command{
        .name = "explain",
        .summary = "Explain a finding, or why one step comes before another",
        .description =
            "`pvsplan explain PV4001` prints the page of a code; `pvsplan explain codes` lists "
            "all of them. `pvsplan explain PLAN A B` shows why step A comes before step B, or a "
            "schedule in which they overlap; A and B are paths or numbers as `show` prints them, or groups.",
        .options = {{"WHAT",
                     "",
                     "CODE, or PLAN A B",
                     &arguments->what,
                     Option::Presence::required,
                     {},
                     Option::Completes::codes}},
        .run = [arguments](Session& session) { return explain(session, *arguments); }};
    add_compile_options(command.options, arguments->compile);
    command.options.push_back(
        Option::format("How to print what is said about two steps", &arguments->format, {"text", "json"}));
    return command;
}

}  // namespace pvsplan::cli

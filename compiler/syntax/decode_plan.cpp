#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "compiler/syntax/decode.hpp"
#include "compiler/syntax/phrases.hpp"

namespace pvsplan::syntax {
namespace {

using StepType = Step::Type;

// For messages.
std::string_view words_for(StepType type) {
    switch (type) {
        case StepType::call: return "a call";
        case StepType::sequence:
        case StepType::parallel: return "a group";
        case StepType::approval: return "an approval";
        case StepType::error: break;
    }
    return "a step";
}

// The type of the step, by its keys; `approve` decides only if no other such key is there.
void decide(const Reading& in, NodeId node, const Fields& fields, Step& step) {
    struct Says {
        std::string_view key;
        StepType type;
    };
    static constexpr std::array says = {Says{"do", StepType::call}, Says{"steps", StepType::sequence},
                                        Says{"parallel", StepType::parallel}};
    std::string_view first;
    for (const auto& [key, type] : says) {
        if (!fields.has(key)) continue;
        if (!first.empty()) {
            in.sink.report(codes::contradictory, fields.key_span(key), diag::Name(first), diag::OtherName(key))
                .related(fields.key_span(first), "the other one")
                .hint("a step is one of `do`, `steps`, `parallel` and `approve` alone");
            step.type = StepType::error;
            return;
        }
        first = key;
        step.type = type;
        step.key_span = fields.key_span(key);
    }
    if (!first.empty()) return;
    if (fields.has("approve")) {
        step.type = StepType::approval;
        step.key_span = fields.key_span("approve");
        return;
    }
    if (fields.has_unknown()) return;  // one of these was meant
    for (const char* key : {"do", "steps", "parallel", "approve"})
        if (in.tree.lost_names.contains(key)) return;  // it may have been there
    in.sink.report(codes::shapeless_step, in.tree.span(node), "`do`, `steps`, `parallel` or `approve`")
        .hint("a step is a call (`do`), a group (`steps` or `parallel`) or an approval (`approve`)");
}

// A key that does nothing where it stands is an error, not ignored: who wrote a `timeout` on a group relies on it.
void check_places(const Reading& in, const Fields& fields, const Step& step) {
    struct Only {
        std::string_view key;
        bool call;
        bool group;
        bool approval;
    };
    static constexpr std::array keys = {Only{"on", true, false, true},       Only{"with", true, false, false},
                                        Only{"timeout", true, false, false}, Only{"retry", true, false, false},
                                        Only{"recover", false, true, false}, Only{"window", true, true, false}};
    if (step.type == StepType::error) return;
    const auto takes = [&](const Only& only) {
        if (step.type == StepType::call) return only.call;
        return step.type == StepType::approval ? only.approval : only.group;
    };
    for (const Only& only : keys) {
        if (!fields.has(only.key) || takes(only)) continue;
        in.sink
            .report(codes::misplaced_key, fields.key_span(only.key), diag::Name(only.key),
                    diag::Words(words_for(step.type)))
            .related(step.key_span, "this says what the step is");
    }
    if (fields.has("at_most") && !fields.has("for_each") && !in.tree.lost_names.contains("for_each"))
        in.sink.report(codes::misplaced_key, fields.key_span("at_most"), diag::Name("at_most"),
                       diag::Words("a step without `for_each`"));
    const bool goes_on = step.on_failure && step.on_failure->value == "continue";
    if (goes_on && !fields.has("for_each"))
        in.sink.report(codes::misplaced_key, step.on_failure->span, diag::Name("on_failure: continue"),
                       diag::Words("a step without `for_each`"));
    if (fields.has("max_failures") && !goes_on)
        in.sink.report(codes::misplaced_key, fields.key_span("max_failures"), diag::Name("max_failures"),
                       diag::Words("a step without `on_failure: continue`"));
}

// `stream stop` and `stream.stop(pvs01)` are told as what they were meant to be.
std::optional<Text> read_call(const Reading& in, NodeId node) {
    std::optional<Text> text = read_text(in, node, "do");
    if (text && !is_dotted_name(text->value)) {
        std::string meant(text->value.substr(0, text->value.find('(')));
        std::replace(meant.begin(), meant.end(), ' ', '.');
        const bool has_arguments = meant.size() < text->value.size();
        if (!is_dotted_name(meant)) meant = "pvs.stream.stop";
        in.sink
            .report(codes::bad_name, text->span, diag::Name(text->value),
                    diag::Words("the name of an action or a procedure"))
            .hint(fmt::format("write the module and the action: `do: {}`{}", meant,
                              has_arguments ? "; what it works on is `on`, its parameters are `with`" : ""));
        return std::nullopt;
    }
    return text;
}

// What else people write there: `first, checked`, `first.stop`, `rest[pvs02]`.
std::string hint_for_after(std::string_view text) {
    if (text.find(',') != std::string_view::npos) return fmt::format("a list stands between brackets: `[{}]`", text);
    const std::string_view step = text.substr(0, text.find_first_of(".["));
    if (step.size() < text.size() && is_name(step))
        return fmt::format("it names a whole step that can be seen from here, all its iterations: `{}`", step);
    return std::string(name_hint);
}

// What is no name is left out, and reported.
std::vector<Text> read_after(const Reading& in, NodeId node) {
    std::vector<Text> result;
    for (Text& text : read_texts(in, node, "after")) {
        if (is_name(text.value))
            result.push_back(std::move(text));
        else
            in.sink.report(codes::bad_name, text.span, diag::Name(text.value), diag::Words("the name of a step"))
                .hint(hint_for_after(text.value));
    }
    return result;
}

// A text that is no expression and may be the name of an object: `PVS-MUC-01`, `PVS MUC 01`.
bool is_object_name(std::string_view text) {
    const auto is_sign = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.' || static_cast<unsigned char>(c) >= 0x80;
    };
    bool are_names = true;  // each word could be one of an expression
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const std::string_view word = text.substr(begin, end - begin);
        if (word.empty() || is_reserved(word) || !std::all_of(word.begin(), word.end(), is_sign)) return false;
        are_names = are_names && is_dotted_name(word);
        begin = end + 1;
    }
    return !are_names;
}

// Only words that can be no expression are taken for the name of an object, so that no valid expression changes its
// meaning. What has that name is looked up in resolve/.
std::optional<Expression> read_on(const Reading& in, NodeId node) {
    if (node.is_none() || !is_object_name(in.tree.text(node))) return read_bare(in, node, "on");
    const base::Span span = in.tree.slice(node).span;
    return Expression{
        .form = Expression::Form::name, .text = std::string(in.tree.text(node)), .text_span = span, .span = span};
}

// Where ` per ` stands outside of `${…}`.
std::size_t find_per(std::string_view text) {
    static constexpr std::string_view per = " per ";
    std::size_t at = text.find(per);
    for (std::size_t hole = text.find("${"); hole < at && at != std::string_view::npos; hole = text.find("${", hole)) {
        hole = text.find('}', hole);
        if (at < hole) at = text.find(per, hole);
    }
    return at;
}

// The two parts of `2 per s.site` are sliced out of one scalar, so that each finding points into it.
std::optional<AtMostText> read_at_most(const Reading& in, NodeId node) {
    std::optional<Template> whole;
    const std::size_t at = node.is_none() ? std::string_view::npos : find_per(in.tree.text(node));
    if (at == std::string_view::npos) {
        whole = read_mixed(in, node, "at_most");
        if (!whole) return std::nullopt;
        const base::Span span = whole->span;
        return AtMostText{.number = std::move(*whole), .per = std::nullopt, .span = span};
    }
    if (!expect(in, node, TreeNode::Type::scalar, "at_most", "a text")) return std::nullopt;
    const Slice slice = in.tree.slice(node);
    const auto part = [&](std::size_t begin, std::size_t end) {
        return Slice{slice.text.substr(begin, end - begin), slice.part(begin, end), slice.is_exact, slice.source};
    };
    static constexpr std::size_t size_of_per = 5;
    AtMostText text{.number = read_template(part(0, at), in.sink), .per = std::nullopt, .span = slice.span};
    text.number.is_plain = in.tree[node].is_plain;
    text.per = read_expression(part(at + size_of_per, slice.text.size()), in.sink);
    return text;
}

// A waiver without a reason waives nothing, so that its requirement stays asked.
std::vector<Waiver> decode_waivers(const Reading& in, NodeId list) {
    std::vector<Waiver> result;
    if (list.is_none()) return result;
    for (const NodeId element : in.tree.elements(list)) {
        const Fields fields(in, element, grammar::shape("waiver"));
        std::optional<Text> requirement = read_text(in, fields["requirement"], "requirement");
        std::optional<Text> because = read_text(in, fields["because"], "because");
        if (requirement && because)
            result.push_back({std::move(*requirement), std::move(*because), in.tree.span(element)});
    }
    return result;
}

// A `for_each` that could not be read still makes the step a loop, or its `at_most` would be reported as misplaced.
void read_rest(const Reading& in, const Fields& fields, const grammar::Shape& shape, Step& step) {
    step.after = read_after(in, fields["after"]);
    if (const NodeId after = fields["after"];
        !after.is_none() && in.tree[after].type == TreeNode::Type::list && in.tree[after].size == 1)
        step.after_span = in.tree.span(after);
    if (const NodeId loop = fields["for_each"]; !loop.is_none())
        step.for_each = read_loop(in.tree.slice(loop), in.sink);
    else if (fields.has("for_each"))
        step.for_each = ForEach{.variable = {}, .list = {.span = step.span}, .span = step.span};
    step.at_most = read_at_most(in, fields["at_most"]);
    step.when = read_bare(in, fields["when"], "when");
    step.approve = read_approve(in, fields["approve"]);
    step.timeout = read_timeout(in, fields["timeout"]);
    step.retry = read_retry(in, fields["retry"]);
    step.window = read_window(in, fields["window"]);
    step.on_failure = read_choice(in, fields["on_failure"], "on_failure", shape);
    step.max_failures = read_mixed(in, fields["max_failures"], "max_failures");
    step.recover = decode_recover(in, fields["recover"]);
    step.steps = decode_steps(in, step.type == StepType::parallel ? fields["parallel"] : fields["steps"]);
    check_places(in, fields, step);
}

}  // namespace

// On return the step has a type if it is clear what it is and that part could be read, else it is an error value. What
// could not be read stays an error value too, and is not taken for left out.
void decode_step(const Reading& in, NodeId node, Step& step) {
    static const grammar::Shape& shape = grammar::shape("step");
    step.span = step.key_span = in.tree.span(node);
    const Fields fields(in, node, shape);
    if (!fields.is_map()) return;
    decide(in, node, fields, step);
    step.id = read_name(in, fields["id"], "id");
    step.summary = read_text(in, fields["summary"], "summary");
    step.call = read_call(in, fields["do"]);
    const auto is_lost = [&](std::string_view key) {
        return fields.is_unreadable(key) || (!fields.has(key) && in.tree.lost_names.contains(key));
    };
    step.on = read_on(in, fields["on"]);
    if (!step.on && is_lost("on")) step.on = Expression{.span = step.span};
    step.with = read_values(in, fields["with"], "with");
    step.is_with_lost = is_lost("with");
    // Most steps have no more, and a plan that is written out has a hundred thousand of them.
    if (step.type != StepType::call || fields.has_beside({"id", "summary", "do", "on", "with"}))
        read_rest(in, fields, shape, step);
    const bool is_unreadable =
        (step.type == StepType::call && !step.call) || (step.type == StepType::approval && !step.approve);
    if (is_unreadable) step.type = StepType::error;
}

std::vector<Step> decode_steps(const Reading& in, NodeId list) {
    std::vector<Step> steps;
    if (list.is_none() || !expect(in, list, TreeNode::Type::list, "steps", "a list of steps")) return steps;
    std::size_t count = 0;
    for ([[maybe_unused]] const NodeId element : in.tree.elements(list)) ++count;
    steps.reserve(count);  // so that no step is moved: they are many, and they are large
    for (const NodeId element : in.tree.elements(list)) decode_step(in, element, steps.emplace_back());
    return steps;
}

// Of steps that run in a rollback, also those within groups.
void check_rollback_steps(const Reading& in, const std::vector<Step>& steps, std::string_view words) {
    for (const Step& step : steps) {
        if (step.on_failure)
            in.sink.report(codes::misplaced_key, step.on_failure->span, diag::Name("on_failure"), diag::Words(words))
                .hint("a rollback that fails stops, and asks a person");
        if (step.recover)
            in.sink
                .report(codes::misplaced_key, step.recover->empty() ? step.span : step.recover->front().span,
                        diag::Name("recover"), diag::Words(words))
                .hint("nothing undoes a rollback");
        if (step.window)
            in.sink.report(codes::misplaced_key, step.window->span, diag::Name("window"), diag::Words(words))
                .hint("a rollback waits for nothing: what is half done at night is not left so until the next one");
        check_rollback_steps(in, step.steps, words);
    }
}

// Nothing is no `recover`; an empty list is one that does nothing.
std::optional<std::vector<Step>> decode_recover(const Reading& in, NodeId list) {
    if (list.is_none()) return std::nullopt;
    std::vector<Step> steps = decode_steps(in, list);
    check_rollback_steps(in, steps, "a step of `recover`");
    return steps;
}

// Each entry gives an invariant, also one that cannot be read: as an error value it is shown as not proved.
std::vector<Invariant> decode_invariants(const Reading& in, NodeId list) {
    std::vector<Invariant> result;
    if (list.is_none()) return result;
    for (const NodeId element : in.tree.elements(list)) {
        const Fields fields(in, element, grammar::shape("invariant"));
        if (!fields.is_map()) continue;
        Invariant invariant{.span = in.tree.span(element)};
        if (std::optional<Text> name = read_text(in, fields["name"], "name"))
            invariant.name = std::move(*name);
        else
            invariant.name.span = invariant.span;
        if (const NodeId require = fields["require"]; !require.is_none())
            invariant.require = read_requirement(in.tree.slice(require), in.sink);
        else
            invariant.require.span = invariant.span;
        invariant.because = read_text(in, fields["because"], "because");
        result.push_back(std::move(invariant));
    }
    return result;
}

// Keys in the order of the grammar, which is that of findings; so in decode_policy().
PlanDocument decode_plan(const Reading& in) {
    const grammar::Shape& shape = grammar::shape("plan");
    const NodeId root = in.tree.root();
    const Fields fields(in, root, shape);
    PlanDocument plan{.span = in.tree.span(root)};
    plan.name = read_document_name(in, fields["plan"], "plan");
    plan.summary = read_text(in, fields["summary"], "summary");
    plan.uses = read_texts(in, fields["uses"], "uses");
    plan.policies = read_texts(in, fields["policies"], "policies");
    plan.farm = read_text(in, fields["farm"], "farm");
    plan.parameters = read_parameters(in, fields["parameters"], "parameters");
    plan.are_parameters_lost = fields.is_unreadable("parameters");
    plan.steps = decode_steps(in, fields["steps"]);
    plan.recover = decode_recover(in, fields["recover"]);
    plan.on_failure = read_choice(in, fields["on_failure"], "on_failure", shape);
    plan.window = read_window(in, fields["window"]);
    plan.approvers = read_approvers(in, fields["approvers"], "approvers");
    plan.notify = decode_notify(in, fields["notify"]);
    plan.invariants = decode_invariants(in, fields["invariants"]);
    plan.waive = decode_waivers(in, fields["waive"]);
    return plan;
}

PolicyDocument decode_policy(const Reading& in) {
    const NodeId root = in.tree.root();
    const Fields fields(in, root, grammar::shape("policy"));
    PolicyDocument policy{.span = in.tree.span(root)};
    policy.name = read_document_name(in, fields["policy"], "policy");
    policy.summary = read_text(in, fields["summary"], "summary");
    policy.uses = read_texts(in, fields["uses"], "uses");
    policy.parameters = read_parameters(in, fields["parameters"], "parameters");
    policy.invariants = decode_invariants(in, fields["invariants"]);
    policy.waivable = read_texts(in, fields["waivable"], "waivable");
    return policy;
}

}  // namespace pvsplan::syntax

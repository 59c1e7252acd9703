#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "compiler/base/near.hpp"
#include "compiler/syntax/decode.hpp"
#include "compiler/syntax/escapes.hpp"
#include "compiler/syntax/phrases.hpp"
#include "compiler/syntax/program_text.hpp"

namespace pvsplan::syntax {
namespace {

using BodyType = BodyText::Type;

// PowerShell or SQL. `$${` writes `${` here as well.
Text read_script(const Reading& in, NodeId node, std::string_view what) {
    const Slice slice = in.tree.slice(node);
    const base::Span whole = in.tree.span(node);
    if (in.tree[node].is_plain && in.tree.source(whole).find('\n') != std::string_view::npos)
        in.sink.report(codes::joined_lines, whole, what)
            .hint(fmt::format("write `{}: |` to keep its lines, or `{}: >-` to say that they are one", what, what));
    Text script{.value = {}, .span = slice.span};
    std::optional<Places> places;  // made for the first finding
    // One pass: what lies between two holes is copied in one piece.
    for (std::size_t at = 0; at < slice.text.size();) {
        const std::size_t hole = slice.text.find("${", at);
        if (hole == std::string_view::npos) {
            script.value += slice.text.substr(at);
            break;
        }
        const bool is_escaped = hole > at && slice.text[hole - 1] == '$';
        script.value += slice.text.substr(at, hole - at - (is_escaped ? 1 : 0));
        if (is_escaped) {
            script.value += "${";
            at = hole + 2;
            continue;
        }
        const std::size_t end = slice.text.find('}', hole);
        const std::size_t hole_end = end == std::string_view::npos ? hole + 2 : end + 1;
        in.sink
            .report(codes::hole_in_script, slice.part(hole, hole_end),
                    diag::Name(slice.text.substr(hole, hole_end - hole)),
                    diag::Words(what == "sql" ? "an SQL batch" : "a PowerShell script"))
            .hint(what == "sql"
                      ? "values are bound: write `:With.name`, `:On.attribute`, `:Before.attribute` or `:Secret.name`"
                      : "values are in variables: write `$With.name`, `$On.attribute`, `$Before.attribute` or "
                        "`$Secret.name`")
            .hint("`$${` writes `${`");
        at = hole_end;
    }
    return script;
}

// What of it is demanded, Fields has checked.
void read_wait(const Reading& in, NodeId node, BodyText& body) {
    const Fields fields(in, node, grammar::shape("wait"));
    body.until = read_bare(in, fields["until"], "until");
    body.every = read_mixed(in, fields["every"], "every");
    body.at_most = read_mixed(in, fields["at_most"], "at_most");
}

// Ten digits hold every exit status, those of Windows too, which are unsigned and 32 bits wide.
void read_exit_codes(const Reading& in, NodeId node, BodyText& body) {
    expect_entries(in, node, "exit_codes", "no exit status would be a success",
                   "leave it out for `[0]`, or write those that are: `[0, 3010]`");
    for (Text& code : read_texts(in, node, "exit_codes")) {
        const std::string_view digits = std::string_view(code.value).substr(code.value.starts_with("-") ? 1 : 0);
        const bool is_number =
            !digits.empty() && digits.size() <= 10 && digits.find_first_not_of("0123456789") == std::string_view::npos;
        if (is_number)
            body.exit_codes.push_back(std::move(code));
        else
            in.sink.report(codes::bad_number, code.span, diag::Name(code.value), diag::Words("an exit status"));
    }
}

// Which of the bodies is written; contradictory ones are reported.
std::string_view chosen_body(const Reading& in, NodeId node, const Fields& fields) {
    static constexpr std::array<std::string_view, 5> bodies = {"powershell", "command", "sql", "manual", "wait"};
    std::string_view chosen;
    for (const std::string_view key : bodies) {
        if (!fields.has(key)) continue;
        if (!chosen.empty()) {
            in.sink.report(codes::contradictory, fields.key_span(key), diag::Name(chosen), diag::OtherName(key))
                .related(fields.key_span(chosen), "the other one");
            return {};
        }
        chosen = key;
    }
    const bool may_be_lost = std::any_of(bodies.begin(), bodies.end(),
                                         [&](std::string_view key) { return in.tree.lost_names.contains(key); });
    if (chosen.empty() && !may_be_lost && !fields.has_unknown())
        in.sink.report(codes::shapeless_body, in.tree.span(node))
            .hint("write one of `powershell`, `command`, `sql`, `manual` and `wait`");
    return chosen;
}

// A list of steps, one step alone, or why there is none. What is near to neither `nothing` nor `impossible` is read as
// a step, whose own findings then say what is wrong.
UndoText decode_undo(const Reading& in, NodeId node) {
    UndoText undo{.span = in.tree.span(node)};
    if (in.tree[node].type == TreeNode::Type::list) {
        undo.type = UndoText::Type::steps;
        undo.steps = decode_steps(in, node);
        return undo;
    }
    if (in.tree[node].type != TreeNode::Type::map) return undo;
    for (const auto [key, value] : in.tree.members(node)) {
        const std::string_view name = in.tree.text(key);
        if (name != "nothing" && name != "impossible") continue;
        const Fields fields(in, node, grammar::shape(name));
        if (std::optional<Text> why = read_text(in, fields[name], name)) {
            undo.type = name == "nothing" ? UndoText::Type::nothing : UndoText::Type::impossible;
            undo.why = std::move(*why);
        }
        return undo;
    }
    const auto members = in.tree.members(node);
    const bool is_single = in.tree[node].size == 3;
    for (const std::string_view name : {"nothing", "impossible"}) {
        // `{nothng: why}`
        const std::vector<std::string> names = {std::string(name)};
        if (!is_single || !base::nearest(in.tree.text(members.first), names)) continue;
        report_unknown_key(in, members.first, grammar::shape(name), grammar::shape(name).key(name));
        return undo;
    }
    undo.type = UndoText::Type::steps;
    decode_step(in, node, undo.steps.emplace_back());
    return undo;
}

// The key is an expression that ends in a member: whose state, and which.
std::vector<SetText> decode_sets(const Reading& in, NodeId map) {
    std::vector<SetText> result;
    if (map.is_none()) return result;
    for (const auto [key, value] : in.tree.members(map)) {
        Expression target = read_expression(in.tree.slice(key), in.sink);
        SetText set{.span = {in.tree.span(key).file, in.tree.span(key).begin, in.tree.span(value).end}};
        set.value = read_value(in, value, in.tree.text(key));
        if (target.form == Expression::Form::error) continue;
        if (target.form != Expression::Form::member) {
            in.sink
                .report(codes::bad_name, in.tree.span(key), diag::Name(in.tree.text(key)),
                        diag::Words("a state of an object"))
                .hint(fmt::format("write the object and the state: `on.{}`",
                                  is_name(in.tree.text(key)) ? in.tree.text(key) : "version"));
            continue;
        }
        set.attribute = {std::move(target.text), target.text_span};
        set.object = std::move(target.args[0]);
        result.push_back(std::move(set));
    }
    return result;
}

// `does: nothing`: it tells or asks something, and leaves everything as it was.
bool does_nothing(const Reading& in, NodeId does) {
    return !does.is_none() && in.tree[does].type == TreeNode::Type::scalar && in.tree.text(does) == "nothing";
}

// One event alone, or a list of them.
std::vector<EventText> decode_events(const Reading& in, NodeId node) {
    std::vector<EventText> result;
    if (node.is_none() || does_nothing(in, node)) return result;
    if (in.tree[node].type == TreeNode::Type::scalar) {
        result.push_back(read_event(in.tree.slice(node), in.sink));
        return result;
    }
    for (const NodeId element : in.tree.elements(node))
        if (expect(in, element, TreeNode::Type::scalar, "does", "an event"))
            result.push_back(read_event(in.tree.slice(element), in.sink));
    return result;
}

// Attributes are written as parameters are.
std::vector<AttributeText> attributes(std::vector<Parameter> parameters) {
    std::vector<AttributeText> result;
    result.reserve(parameters.size());
    for (Parameter& p : parameters)
        result.push_back({std::move(p.name), std::move(p.type), std::move(p.default_value), std::move(p.summary)});
    return result;
}

// A person and a wait run nothing on a host, and an observation runs where its object is.
void check_body_keys(const Reading& in, const Fields& fields, std::string_view chosen, BodyOf of) {
    const bool runs_nothing = chosen == "manual" || chosen == "wait";
    if (of == BodyOf::observation && runs_nothing)
        in.sink.report(codes::misplaced_key, fields.key_span(chosen), diag::Name(chosen), diag::Words("an observation"))
            .hint(
                "it prints the state as one JSON object: write one of `powershell`, `command` and `sql`; what a person "
                "has to look at is reached `over: manual`");
    if (of == BodyOf::action && !runs_nothing) return;
    const std::string_view words = of == BodyOf::observation ? "an observation"
                                   : chosen == "wait"        ? "a `wait`"
                                                             : "what a person does";
    if (fields.has("at"))
        in.sink.report(codes::misplaced_key, fields.key_span("at"), diag::Name("at"), diag::Words(words))
            .hint(of == BodyOf::observation ? "it runs where the object is reached, as its `connect` says"
                                            : "it has no connection");
    if (fields.has("exit_codes"))
        in.sink
            .report(codes::misplaced_key, fields.key_span("exit_codes"), diag::Name("exit_codes"), diag::Words(words))
            .hint(of == BodyOf::observation ? "it succeeds with 0" : "it has no exit status");
}

// Keys in the order in which people write them, which is the order of findings.
KindText decode_kind(const Reading& in, Text name, NodeId node) {
    const Fields fields(in, node, grammar::shape("kind"), name.value);
    KindText kind{.name = std::move(name), .span = in.tree.span(node)};
    if (std::optional<Text> plural = read_name(in, fields["plural"], "plural")) kind.plural = std::move(*plural);
    kind.summary = read_text(in, fields["summary"], "summary");
    kind.attributes = attributes(read_parameters(in, fields["attributes"], "attributes"));
    kind.state = attributes(read_parameters(in, fields["state"], "state"));
    kind.identity = read_names(in, fields["identity"], "identity");
    if (const NodeId observe = fields["observe"]; !observe.is_none())
        kind.observe = decode_body(in, observe, BodyOf::observation);
    return kind;
}

// A time limit that nothing could enforce is an error: its author relies on it.
void check_timeout(const Reading& in, const Fields& fields, const ActionText& action) {
    const bool kills = action.timeout && action.timeout->then && action.timeout->then->value == "kill";
    if (!action.run || !fields.has("timeout") || kills) return;  // what there is to kill is asked later
    if (action.run->type == BodyType::wait)
        in.sink.report(codes::misplaced_key, fields.key_span("timeout"), diag::Name("timeout"), diag::Words("a `wait`"))
            .hint("`at_most` of the `wait` says how long");
    if (action.run->type == BodyType::manual)
        in.sink
            .report(codes::misplaced_key, fields.key_span("timeout"), diag::Name("timeout"),
                    diag::Words("what a person does"))
            .hint("leave it out: nobody ends a person");
}

// What does nothing has nothing to undo; of everything else an author says what undoes it, be it nothing.
UndoText undo_left_out(const Reading& in, const Fields& fields, NodeId node, const ActionText& action) {
    UndoText undo{.span = action.name.span};  // an error value, once it has been reported
    const NodeId does = fields["does"];
    if (!does_nothing(in, does)) {
        if (!fields.has("undo") && !fields.has_unknown()) fields.demand(in, node, "undo");
        return undo;
    }
    undo.type = UndoText::Type::nothing;
    undo.why = {"it does nothing that could be undone", in.tree.span(does)};
    return undo;
}

// A state that is set is a change, so the two contradict each other.
void check_does_nothing(const Reading& in, const Fields& fields, const ActionText& action) {
    if (action.sets.empty() || !does_nothing(in, fields["does"])) return;
    in.sink.report(codes::contradictory, fields.key_span("does"), diag::Name("does: nothing"), diag::OtherName("sets"))
        .related(fields.key_span("sets"), "the other one")
        .hint("leave `does` out: what sets a state has done something");
}

// The order of reading is that of the findings, along the keys as people write them. An undo is demanded of all that
// does something: what is not said would be taken for harmless when a run is rolled back.
ActionText decode_action(const Reading& in, Text name, NodeId node) {
    const Fields fields(in, node, grammar::shape("action"), name.value);
    ActionText action{.name = std::move(name), .span = in.tree.span(node)};
    action.summary = read_text(in, fields["summary"], "summary");
    action.on = read_name(in, fields["on"], "on");
    action.parameters = read_parameters(in, fields["parameters"], "parameters");
    action.are_parameters_lost = fields.is_unreadable("parameters");
    action.precondition = read_bare(in, fields["requires"], "requires");
    action.does = decode_events(in, fields["does"]);
    action.sets = decode_sets(in, fields["sets"]);
    if (const NodeId run = fields["run"]; !run.is_none())
        action.run = decode_body(in, run, BodyOf::action);
    else if (fields.has("run") || in.tree.lost_names.contains("run"))
        action.run = BodyText{.span = action.span};  // an error value: it has been reported
    if (const NodeId outputs = fields["outputs"]; !outputs.is_none())
        for (const auto [key, value] : in.tree.members(outputs))
            if (std::optional<Text> output = read_key(in, key, "an output"))
                if (std::optional<Template> text = read_mixed(in, value, in.tree.text(key)))
                    action.outputs.push_back({std::move(*output), std::move(*text)});
    if (const NodeId flag = fields["repeatable"]; !flag.is_none())
        action.repeatable = read_flag(in, flag, "repeatable");
    if (const NodeId undo = fields["undo"]; !undo.is_none())
        action.undo = decode_undo(in, undo), check_rollback_steps(in, action.undo->steps, "a step of `undo`");
    else
        action.undo = undo_left_out(in, fields, node, action);
    action.takes = read_mixed(in, fields["takes"], "takes");
    action.timeout = read_timeout(in, fields["timeout"]);
    check_timeout(in, fields, action);
    action.retry = read_retry(in, fields["retry"]);
    check_does_nothing(in, fields, action);
    return action;
}

ProcedureText decode_procedure(const Reading& in, Text name, NodeId node) {
    const Fields fields(in, node, grammar::shape("procedure"), name.value);
    ProcedureText procedure{.name = std::move(name), .span = in.tree.span(node)};
    procedure.summary = read_text(in, fields["summary"], "summary");
    procedure.on = read_name(in, fields["on"], "on");
    procedure.parameters = read_parameters(in, fields["parameters"], "parameters");
    procedure.are_parameters_lost = fields.is_unreadable("parameters");
    procedure.steps = decode_steps(in, fields["steps"]);
    procedure.recover = decode_recover(in, fields["recover"]);
    return procedure;
}

// The key is a signature. A condition that cannot be read is an error value: the name is known all the same.
std::optional<PredicateText> decode_predicate(const Reading& in, const Tree::Member& member) {
    std::optional<PredicateText> predicate = read_signature(in.tree.slice(member.key), in.sink);
    std::optional<Expression> condition = read_bare(in, member.value, in.tree.text(member.key));
    if (!predicate) return predicate;
    predicate->span = in.tree.span(member.key);
    predicate->condition = condition ? std::move(*condition) : Expression{.span = in.tree.span(member.value)};
    return predicate;
}

// The name of an action or a procedure: server.install
std::optional<Text> read_dotted_key(const Reading& in, NodeId key, std::string_view what) {
    std::optional<Text> text = read_text(in, key, what);
    if (text && !is_dotted_name(text->value)) {
        in.sink
            .report(codes::bad_name, text->span, diag::Name(text->value),
                    diag::Words("the name of an action or a procedure"))
            .hint("write names with dots between: `stream.stop`");
        return std::nullopt;
    }
    return text;
}

template <class Visit>
void for_each_entry(const Reading& in, NodeId map, Visit visit) {
    if (map.is_none()) return;
    for (const auto [key, value] : in.tree.members(map)) visit(key, value);
}

// A text that is a program may have lines.
void check_arguments(const Reading& in, NodeId list) {
    std::vector<std::optional<std::string>> words;
    for (const NodeId element : in.tree.elements(list)) {
        const bool is_text = in.tree[element].type == TreeNode::Type::scalar;
        words.push_back(is_text ? std::optional(std::string(in.tree.text(element))) : std::nullopt);
    }
    const std::vector<ProgramText> programs = program_texts(words);
    std::size_t at = 0;
    for (const NodeId element : in.tree.elements(list)) {
        const bool is_program = std::any_of(programs.begin(), programs.end(),
                                            [&](const ProgramText& program) { return program.argument == at; });
        if (!is_program) check_escapes(in.tree, element, "command", in.sink);
        ++at;
    }
}

// `{file: PATH, uses: [NAME]}`. Only PowerShell has functions that another file could define.
void read_script_file(const Reading& in, NodeId node, BodyText& body) {
    const Fields fields(in, node, grammar::shape("script"));
    body.script_file = read_text(in, fields["file"], "file");
    if (body.type == BodyType::powershell)
        body.script_uses = read_texts(in, fields["uses"], "uses");
    else if (fields.has("uses"))
        in.sink
            .report(codes::misplaced_key, fields.key_span("uses"), diag::Name("uses"), diag::Words("an `sql` script"))
            .hint("it has no functions: leave it out");
}

}  // namespace

// An error value where it is not clear what runs; keys beside the body are checked all the same.
BodyText decode_body(const Reading& in, NodeId node, BodyOf of) {
    BodyText body{.span = in.tree.span(node)};
    const Fields fields(in, node, grammar::shape("body"));
    if (!fields.is_map()) return body;
    const std::string_view chosen = chosen_body(in, node, fields);
    check_body_keys(in, fields, chosen, of);
    body.at = read_bare(in, fields["at"], "at");
    read_exit_codes(in, fields["exit_codes"], body);
    if (chosen.empty() || fields[chosen].is_none()) return body;
    const NodeId content = fields[chosen];
    if (chosen == "powershell" || chosen == "sql") {
        body.type = chosen == "sql" ? BodyType::sql : BodyType::powershell;
        if (in.tree[content].type == TreeNode::Type::map)
            read_script_file(in, content, body);
        else
            body.script = read_script(in, content, chosen);
    } else if (chosen == "command") {
        body.type = BodyType::command;
        expect_entries(in, content, "command", "there is nothing to run", "write `[PROGRAM, ARGUMENT]`");
        for (const NodeId element : in.tree.elements(content))
            if (std::optional<Template> argument = read_mixed(in, element, "command"))
                body.arguments.push_back(std::move(*argument));
        check_arguments(in, content);
    } else if (chosen == "manual") {
        body.type = BodyType::manual;
        body.instructions = read_mixed(in, content, "manual");
    } else {
        body.type = BodyType::wait;
        read_wait(in, content, body);
    }
    return body;
}

// Entries whose name cannot be read are left out, and reported. All others are kept, whatever is wrong inside.
ModuleDocument decode_module(const Reading& in) {
    const NodeId root = in.tree.root();
    const Fields fields(in, root, grammar::shape("module"));
    ModuleDocument module{.span = in.tree.span(root)};
    module.name = read_document_name(in, fields["module"], "module");
    module.summary = read_text(in, fields["summary"], "summary");
    module.uses = read_texts(in, fields["uses"], "uses");
    for_each_entry(in, fields["kinds"], [&](NodeId key, NodeId value) {
        if (std::optional<Text> name = read_key(in, key, "a kind"))
            module.kinds.push_back(decode_kind(in, std::move(*name), value));
    });
    for_each_entry(in, fields["predicates"], [&](NodeId key, NodeId value) {
        if (std::optional<PredicateText> predicate = decode_predicate(in, {key, value}))
            module.predicates.push_back(std::move(*predicate));
    });
    for_each_entry(in, fields["actions"], [&](NodeId key, NodeId value) {
        if (std::optional<Text> name = read_dotted_key(in, key, "an action"))
            module.actions.push_back(decode_action(in, std::move(*name), value));
    });
    for_each_entry(in, fields["procedures"], [&](NodeId key, NodeId value) {
        if (std::optional<Text> name = read_dotted_key(in, key, "a procedure"))
            module.procedures.push_back(decode_procedure(in, std::move(*name), value));
    });
    return module;
}

}  // namespace pvsplan::syntax

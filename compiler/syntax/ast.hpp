// The content of the texts, typed and located, before any name is resolved. Later stages read only this.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/boxed.hpp"
#include "compiler/base/source.hpp"
#include "compiler/program/requirement.hpp"
#include "compiler/program/window.hpp"

namespace pvsplan::syntax {

// Nesting of expressions and of YAML collections beyond this is an error, so that recursion over a tree is safe.
inline constexpr std::size_t max_expression_depth = 100;
inline constexpr std::size_t max_tree_depth = 100;

// A scalar without its quotes, and where it stands: nowhere for what the command line says.
struct Text {
    std::string value;
    base::Span span;
};

// ---- expressions ------------------------------------------------------------------------------------------------

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
    enum class Form : std::uint8_t {
        error,     // did not parse; already reported
        integer,   // `text`; may become a version where one is wanted
        duration,  // `text`: 45m
        version,   // `text`: 7.15.45
        string,    // `text`: without quotes, escapes undone
        boolean,   // `text`: true, false
        none,
        name,    // `text`
        member,  // args[0].text
        index,   // args[0][args[1]]
        call,    // text(args…)
        list,    // args
        filter,  // [text in args[0] where args[1]]; args[1] may be missing
        logical_not,
        logical_and,
        logical_or,
        equal,
        not_equal,
        less,
        less_equal,
        greater,
        greater_equal,
        in,
        not_in,
        add,
        subtract,
    };
    Form form = Form::error;
    std::string text;
    base::Span text_span;  // of `text` alone: the member's or function's name  //
    std::vector<Expression> args;
    base::Span span;
};

// On the heap: an inventory has a million scalars, and hardly one of them has an expression.
using BoxedExpression = base::Boxed<Expression>;

// A scalar with `${…}`: texts and expressions in turn.
struct Template {
    struct Part {
        std::string text;  // when there is no expression
        BoxedExpression expression;
        base::Span span;
    };
    std::vector<Part> parts;
    bool is_plain = false;  // written without quotes: may be an int, bool, duration, version or enumerator
    base::Span span;

    // Exactly one `${…}` and nothing else.
    [[nodiscard]] bool is_expression() const { return parts.size() == 1 && parts[0].expression.has_value(); }
    // No `${…}` at all.
    [[nodiscard]] bool is_text() const { return parts.empty() || (parts.size() == 1 && !parts[0].expression); }
    [[nodiscard]] std::string text() const { return parts.empty() ? std::string() : parts[0].text; }
};

// A value in `with`, `state`, attributes: a scalar or a list of values.
struct ValueTree {
    std::optional<Template> scalar;  // else a list
    std::vector<ValueTree> elements;
    base::Span span;
};

// An entry of a mapping whose keys are free: `version: 2402`.
struct NamedValue {
    Text name;
    ValueTree value;
};

// A type as it is written, of a parameter, an attribute or a state.
struct TypeName {
    enum class Form : std::uint8_t { error, name, enumeration, list };
    Form form = Form::error;
    std::string name;  // string, int, …, or a kind
    std::vector<Text> enumerators;
    std::vector<TypeName> element;  // list: exactly one
    base::Span span;
};

// Of an action, a procedure, a plan or a policy.
struct Parameter {
    Text name;
    TypeName type;
    std::optional<ValueTree> default_value;
    std::optional<Text> summary;
};

// ---- requirements -----------------------------------------------------------------------------------------------

// `upgrade(server s) where s.site == 'a' per s.site`.
struct EventPattern {
    Text verb;
    Text kind;
    std::optional<Text> variable;
    std::optional<Expression> where;
    bool is_before_run = false;  // `where initially`: it reads states as they are before the run
    std::optional<Expression> per;
    base::Span span;
};

// `down(server s) where s.site == 'a'`, or `server s with s.version == 2203`.
struct StatePattern {
    std::optional<Text> predicate;  // `down(server s)`; else `server s with EXPR`
    Text kind;
    std::optional<Text> variable;
    std::optional<Expression> with;
    std::optional<Expression> where;
    bool is_before_run = false;
    base::Span span;
};

using program::Demand;

// A requirement as it is written. The form says which of the parts are there; each names the forms that have it.
struct RequirementText {
    using Form = Demand::Form;
    Form form = Form::error;
    Demand::Bound bound = Demand::Bound::exactly;  // count, always
    std::optional<Expression> number;              // count, always
    Demand::Quantifier left_quantifier = Demand::Quantifier::every;
    Demand::Quantifier right_quantifier = Demand::Quantifier::every;
    std::optional<EventPattern> left;   // count, before, then, during, never
    std::optional<EventPattern> right;  // before, then
    std::optional<StatePattern> state;  // always, during, finally_ (its quantifier is right_quantifier)
    std::optional<Expression> per;      // always
    base::Span span;
    std::string source;  // as written
};

// A requirement with its name, and why it is asked.
struct Invariant {
    Text name;
    RequirementText require;
    std::optional<Text> because;
    base::Span span;
};

// What a plan does not keep, and why: the requirement is decided all the same, and told as waived.
struct Waiver {
    Text requirement;  // the name of an invariant
    Text because;
    base::Span span;
};

// ---- steps ------------------------------------------------------------------------------------------------------

// `timeout: 45m`, or `timeout: {after: 45m, then: kill}`.
struct TimeoutText {
    std::optional<Template> after;
    std::optional<Text> then;
    base::Span span;
};

// `times` further attempts after the first, with `delay` between two.
struct RetryText {
    std::optional<Template> times;
    std::optional<Template> delay;
    base::Span span;
};

// A window needs no name of anything else, so it is whole here.
struct WindowText {
    program::Window window;
    base::Span span;
};

// `approve: TEXT`, or `approve: {text: TEXT, by: [NAMES], not: starter}`.
struct ApproveText {
    Template text;
    std::vector<Text> by;
    bool is_not_by_starter = false;
};

// `for_each: s in servers`.
struct ForEach {
    Text variable;  // empty: it could not be read
    Expression list;
    base::Span span;
};

struct Step;

// `2`, `all`, `2 per s.site`.
struct AtMostText {
    Template number;
    std::optional<Expression> per;
    base::Span span;
};

// What few steps have is boxed: a plan that is written out has a hundred thousand of them.
struct Step {
    enum class Type : std::uint8_t { error, call, sequence, parallel, approval };
    Type type = Type::error;
    bool is_with_lost = false;      // `with` could not be read, so that nothing of it is missing
    std::optional<Text> id;         // none: one is made up
    std::optional<Text> call;       // `do`
    std::optional<Expression> on;   // an error value where it could not be read
    std::vector<NamedValue> with;   // in the order in which they are written
    std::vector<Text> after;        // names of steps
    base::Span after_span;          // nowhere if it is not written, or not readable
    base::Boxed<ForEach> for_each;  // present also where it could not be read
    base::Boxed<AtMostText> at_most;
    base::Boxed<Expression> when;
    base::Boxed<ApproveText> approve;  // for Type::approval what it asks
    base::Boxed<TimeoutText> timeout;
    base::Boxed<RetryText> retry;
    base::Boxed<WindowText> window;
    base::Boxed<Text> on_failure;  // halt, rollback, continue
    base::Boxed<Template> max_failures;
    base::Boxed<Text> summary;
    std::vector<Step> steps;  // sequence, parallel
    base::Boxed<std::vector<Step>> recover;
    base::Span span;      // the whole mapping
    base::Span key_span;  // of the key that says what it is (`do`, `steps`, `parallel`, `approve`)
};

// ---- documents --------------------------------------------------------------------------------------------------

// What is none could not be read, and was reported.
struct MailText {
    std::vector<Text> to;
    std::optional<Text> from;
    std::optional<Text> smtp;
    std::optional<Text> user;
    std::optional<ValueTree> password;
    std::optional<Text> ca;
};

// An entry of `notify`.
struct NotifyText {
    enum class Channel : std::uint8_t { error, command, webhook, mail };
    Channel channel = Channel::error;
    std::vector<Text> on;
    std::vector<Text> command;
    std::optional<ValueTree> webhook;
    std::optional<Text> format;
    std::optional<Text> ca;
    MailText mail;
};

// The four kinds of documents. A name that is empty could not be read, and was reported.
struct PlanDocument {
    Text name;
    std::optional<Text> summary;
    std::vector<Text> uses;
    std::vector<Text> policies;
    std::optional<Text> farm;
    std::vector<Parameter> parameters;
    bool are_parameters_lost = false;  // they could not be read: any name may be one of them
    std::vector<Step> steps;
    std::optional<std::vector<Step>> recover;
    std::optional<Text> on_failure;
    std::optional<WindowText> window;
    std::vector<Text> approvers;
    std::vector<NotifyText> notify;
    std::vector<Invariant> invariants;
    std::vector<Waiver> waive;
    base::Span span;
};

// An object of the farm, from a list of its document or from a line of a CSV file.
struct FarmObject {
    Text name;
    std::vector<NamedValue> attributes;  // without name, state and connect
    std::vector<NamedValue> state;
    std::vector<NamedValue> connect;
    base::Span span;
};

// What objects of a kind have if they say nothing else.
struct FarmDefaults {
    Text kind;
    std::vector<NamedValue> attributes;
    std::vector<NamedValue> state;
    std::vector<NamedValue> connect;
};

// The objects of one kind, under its plural.
struct FarmList {
    Text plural;
    // What stands there in place of a list or {csv: FILE}: "a text". It is reported if its plural is known.
    std::string_view is_instead = {};
    base::Span value_span;
    std::vector<FarmObject> objects;
    std::optional<Text> csv;  // instead of objects; read by resolve through its Files
};

struct SecretSource {  // `secrets: {winrm: {env: PVS_PASSWORD}}`
    Text name;
    Text from;               // env, file, command
    std::vector<Text> what;  // one word; for `command` the whole argument list
};

struct FarmDocument {
    Text name;
    std::vector<Text> uses;
    bool is_protected = false;
    base::Span protected_span;
    std::optional<Text> store;  // where its runs are stored: a file, or `here`
    std::vector<NotifyText> notify;
    std::vector<FarmDefaults> defaults;
    std::vector<SecretSource> secrets;        // also of what is wrong with its source: its name is known
    std::vector<base::Span> literal_secrets;  // what was written in place of a source
    std::vector<FarmList> lists;
    base::Span span;
};

// An attribute of a kind, be it fixed or state.
struct AttributeText {
    Text name;
    TypeName type;
    std::optional<ValueTree> default_value;
    std::optional<Text> summary;
};

// What an action or an observation runs. Of the fields between `type` and `at` only those of the type are filled.
struct BodyText {
    enum class Type : std::uint8_t { error, powershell, command, sql, manual, wait };
    Type type = Type::error;
    Text script;                           // powershell, sql
    std::optional<Text> script_file;       // where it stands in place of `script`
    std::vector<Text> script_uses;         // what its functions come from
    std::vector<Template> arguments;       // command
    std::optional<Template> instructions;  // manual
    std::optional<Expression> until;       // wait
    std::optional<Template> every;
    std::optional<Template> at_most;
    std::optional<Expression> at;
    std::vector<Text> exit_codes;  // integers
    base::Span span;
};

// A kind as its module declares it.
struct KindText {
    Text name;
    Text plural;
    std::optional<Text> summary;
    std::vector<AttributeText> attributes;
    std::vector<AttributeText> state;
    std::vector<Text> identity;
    std::optional<BodyText> observe;
    base::Span span;
};

// `down(server s): s.stream == stopped`
struct PredicateText {
    Text name;
    Text kind;
    Text variable;
    Expression condition;
    base::Span span;
};

struct EventText {  // `upgrade(on)`
    Text verb;
    Expression object;
    base::Span span;
};

struct SetText {  // `on.version: "${version}"`
    Expression object;
    Text attribute;
    ValueTree value;
    base::Span span;
};

// `why` is filled of those that have no steps.
struct UndoText {
    enum class Type : std::uint8_t { error, steps, nothing, impossible };
    Type type = Type::error;
    std::vector<Step> steps;
    Text why;
    base::Span span;
};

// What later steps may read of an action, under that name.
struct OutputText {
    Text name;
    Template value;
};

// An action as its module declares it; what is none was not written.
struct ActionText {
    Text name;  // without the module: "server.install"
    std::optional<Text> summary;
    std::optional<Text> on;
    std::vector<Parameter> parameters;
    bool are_parameters_lost = false;
    std::optional<Expression> precondition;  // `requires`
    std::vector<EventText> does;
    std::vector<SetText> sets;
    std::optional<BodyText> run;
    std::vector<OutputText> outputs;
    bool repeatable = false;
    std::optional<UndoText> undo;
    std::optional<Template> takes;
    std::optional<TimeoutText> timeout;
    std::optional<RetryText> retry;
    base::Span span;
};

// Steps under a name: they are put in where it is called.
struct ProcedureText {
    Text name;
    std::optional<Text> summary;
    std::optional<Text> on;
    std::vector<Parameter> parameters;
    bool are_parameters_lost = false;
    std::vector<Step> steps;
    std::optional<std::vector<Step>> recover;
    base::Span span;
};

// A module and all files of its folder are read apart; resolve puts them together.
struct ModuleDocument {
    Text name;
    std::optional<Text> summary;
    std::vector<Text> uses;
    std::vector<KindText> kinds;
    std::vector<PredicateText> predicates;
    std::vector<ActionText> actions;
    std::vector<ProcedureText> procedures;
    base::Span span;
};

// Requirements that several plans share.
struct PolicyDocument {
    Text name;
    std::optional<Text> summary;
    std::vector<Text> uses;
    std::vector<Parameter> parameters;  // of the plan, that the invariants read
    std::vector<Invariant> invariants;
    std::vector<Text> waivable;  // names of invariants that a plan may waive
    base::Span span;
};

}  // namespace pvsplan::syntax

// Scalars and lists of the source as typed values and expressions.
#include <charconv>

#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/literal_hints.hpp"
#include "compiler/resolve/scope.hpp"
#include "compiler/syntax/phrases.hpp"

namespace pvsplan::resolve {

using program::Expr;
using Op = Expr::Op;

namespace {

// The type with an example, for messages.
std::string described(const Type& type) {
    switch (type.category) {
        case Type::Category::integer: return "an int";
        case Type::Category::boolean: return "a bool (true, false)";
        case Type::Category::duration: return "a duration (90s, 45m, 2h)";
        case Type::Category::version: return "a version (2203, 7.15.45)";
        case Type::Category::enumeration: return "one of " + program::to_text(type);
        case Type::Category::object: return "a " + type.names[0] + " of the farm";
        case Type::Category::secret: return "a secret";
        case Type::Category::path: return "a path";
        default: return "a value of type `" + program::to_text(type) + "`";
    }
}

}  // namespace

// The whole text has to be the value: `5 ` or `5x` is no int. A secret has no literal at all.
std::optional<Value> Expressions::read_literal(const std::string& text, const Type& type) const {
    switch (type.category) {
        case Type::Category::error:
        case Type::Category::json:
        case Type::Category::string: return Value::string(text);
        case Type::Category::path: return program::is_path(text) ? std::optional(Value::string(text)) : std::nullopt;
        case Type::Category::boolean:
            if (text == "true" || text == "false") return Value::boolean(text == "true");
            return std::nullopt;
        case Type::Category::integer: {
            std::int64_t number = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
            return Value::integer(number);
        }
        case Type::Category::duration: return program::parse_duration(text);
        case Type::Category::version: return program::parse_version(text);
        case Type::Category::enumeration:
            for (const std::string& name : type.names)
                if (name == text) return Value::enumerator(text);
            return std::nullopt;
        case Type::Category::object: {
            const auto kind = model_.kind_by_name.find(type.names[0]);
            if (kind == model_.kind_by_name.end()) return std::nullopt;
            const auto object = model_.object_named(model_.kinds[kind->second.index()], text);
            return object ? std::optional(Value::object(*object)) : std::nullopt;
        }
        case Type::Category::none:
        case Type::Category::secret:
        case Type::Category::list: return std::nullopt;
    }
    return std::nullopt;
}

// A text that names an object of the farm.
void Expressions::note_object(const Value& value, std::string_view name, base::Span place) {
    if (const ObjectId* object = value.as_object(); object && *object)
        model_.note_use(Use::Of::object, name, place, model_.farm.objects[object->index()].span);
}

// The place is struck first, so that not even this finding shows what stands there.
void Expressions::literal_secret(base::Span span) {
    model_.literal_secrets.push_back(span);
    sink_.report(secret_flows, span)
        .label("a secret in a file")
        .hint("write `${secret.NAME}`, and in the farm `secrets: {NAME: {env: VARIABLE}}`");
}

// From the likeliest slip to the least: `${…}` was forgotten, a name is misspelt, the form is another tool's.
void Expressions::report_literal(const syntax::Template& text, const Type& expected, const Scope& scope) {
    // The finding on the whole text replaces an earlier warning of an escape in it.
    if (expected.category == Type::Category::path)
        sink_.erase_if([&](const diag::Diagnostic& d) {
            return d.code == control_character.code && d.span.file == text.span.file &&
                   d.span.begin >= text.span.begin && d.span.end <= text.span.end;
        });
    auto reported = sink_.report(bad_literal, text.span, diag::Name(text.text()), diag::Words(described(expected)));
    const std::string name(name_in_signs(text.text()));
    std::vector<std::string> names = expected.names;
    if (expected.category == Type::Category::object)
        if (const auto kind = model_.kind_by_name.find(names[0]); kind != model_.kind_by_name.end()) {
            names = names_of(model_.kinds[kind->second.index()]);
        }
    if (const Variable* variable = scope.find(name); variable && variable->type.category == expected.category)
        reported.hint("for the value of `" + name + "` write `\"${" + name + "}\"`");
    else if (syntax::is_expression_in_words(text.text()))
        reported.hint("for the value of an expression write `\"${" + text.text() + "}\"`");
    else if (const auto meant = names.empty() ? std::nullopt : near(text.text(), names))
        reported.did_you_mean(meant);
    else
        reported.hint(hint_for_literal(text.text(), expected)).may_mean(meant_by_literal(text.text(), expected));
}

// One `${…}` alone is its value with its type; beside other text it is printed. A secret is refused there, since the
// longer text would no longer be known as one. A NUL is refused in every text, since no argument of a process can hold
// one.
ExprPtr Expressions::resolve(const syntax::Template& text, Scope& scope, const Type& expected) {
    for (const syntax::Template::Part& part : text.parts)
        if (part.text.find('\0') != std::string::npos) {
            sink_.report(nul_in_text, text.span)
                .hint("in double quotes `\\0` is a NUL; in single quotes it is a backslash and a zero");
            return nullptr;
        }
    if (text.is_expression()) return resolve(*text.parts[0].expression, scope, &expected);
    if (text.is_text()) {
        if (const auto value = read_literal(text.text(), expected)) {
            note_object(*value, text.text(), text.span);
            return Expr::literal(*value, expected, text.span);
        }
        if (expected.category == Type::Category::secret) return literal_secret(text.span), nullptr;
        report_literal(text, expected, scope);
        return nullptr;
    }
    if (expected.category == Type::Category::secret) return literal_secret(text.span), nullptr;
    std::vector<ExprPtr> parts;
    bool good = true;
    for (const syntax::Template::Part& part : text.parts) {
        if (!part.expression && expected.category == Type::Category::path && !program::is_path(part.text)) {
            report_literal(text, expected, scope);
            return nullptr;
        }
        if (!part.expression) {
            parts.push_back(Expr::literal(Value::string(part.text), Type::of(Type::Category::string), part.span));
            continue;
        }
        ExprPtr printed = resolve(*part.expression, scope);
        if (printed && printed->type.category == Type::Category::secret) {
            sink_.report(secret_flows, part.span).label("printed into a longer text");
            printed = nullptr;
        }
        good = good && printed;
        parts.push_back(std::move(printed));
    }
    if (!good) return nullptr;
    const auto string = Type::of(Type::Category::string);
    return checked(std::make_shared<const Expr>(
                       Expr{.op = Op::concat, .args = std::move(parts), .type = string, .span = text.span}),
                   &expected);
}

// A list is resolved element by element, each against the element type; all of them, so that every fault is reported.
ExprPtr Expressions::resolve(const syntax::ValueTree& tree, Scope& scope, const Type& expected) {
    if (tree.scalar) return resolve(*tree.scalar, scope, expected);
    if (expected.category == Type::Category::secret) return literal_secret(tree.span), nullptr;
    if (expected.category != Type::Category::list && !expected.is_error()) {
        sink_.report(wrong_type, tree.span, diag::Expected(described(expected)), diag::Found("a list"));
        return nullptr;
    }
    const Type element = expected.element ? *expected.element : Type{};
    std::vector<ExprPtr> parts;
    bool good = true;
    for (const syntax::ValueTree& part : tree.elements) {
        parts.push_back(resolve(part, scope, element));
        good = good && parts.back();
    }
    if (!good) return nullptr;
    return std::make_shared<const Expr>(
        Expr{.op = Op::list, .args = std::move(parts), .type = Type::list_of(element), .span = tree.span});
}

// An expression is allowed as long as it comes down to a literal, such as the name of an object or a secret.
std::optional<Value> Expressions::constant(const syntax::Template& text, const Type& expected) {
    if (text.is_text()) {
        if (auto value = read_literal(text.text(), expected)) {
            note_object(*value, text.text(), text.span);
            return value;
        }
        if (expected.category == Type::Category::secret) return literal_secret(text.span), std::nullopt;
        report_literal(text, expected, {});
        return std::nullopt;
    }
    Scope scope;
    scope.reads = {.secrets = expected.category == Type::Category::secret, .where = "in a constant"};
    ExprPtr expr = resolve(text, scope, expected);
    if (!expr) return std::nullopt;
    if (expr->op == Op::literal) return expr->value;
    sink_.report(wrong_type, text.span, diag::Expected("a constant"), diag::Found("an expression"));
    return std::nullopt;
}

// All elements are read, so that every fault is reported.
std::optional<Value> Expressions::constant(const syntax::ValueTree& tree, const Type& expected) {
    if (tree.scalar) return constant(*tree.scalar, expected);
    if (expected.category == Type::Category::secret) return literal_secret(tree.span), std::nullopt;
    if (expected.category != Type::Category::list && !expected.is_error()) {
        sink_.report(wrong_type, tree.span, diag::Expected(described(expected)), diag::Found("a list"));
        return std::nullopt;
    }
    Value::List values;
    bool good = true;
    for (const syntax::ValueTree& part : tree.elements) {
        auto value = constant(part, expected.element ? *expected.element : Type{});
        good = good && value;
        if (value) values.push_back(*value);
    }
    if (!good) return std::nullopt;
    return Value::list(std::move(values));
}

}  // namespace pvsplan::resolve

#include "compiler/syntax/decode.hpp"

#include <fmt/core.h>

#include "compiler/base/check.hpp"
#include "compiler/base/near.hpp"
#include "compiler/syntax/escapes.hpp"
#include "compiler/syntax/form_hints.hpp"
#include "compiler/syntax/forms.hpp"
#include "compiler/syntax/phrases.hpp"

namespace pvsplan::syntax {

// Nothing where there is no node, which is no fault, and where it is no scalar, which is reported.
std::optional<Text> read_text(const Reading& in, NodeId node, std::string_view what) {
    if (node.is_none() || !expect(in, node, TreeNode::Type::scalar, what, "a text")) return std::nullopt;
    return Text{std::string(in.tree.text(node)), in.tree.slice(node).span};
}

// The words of the language are no names, or `where` could be a variable in one place and begin a condition in another.
std::optional<Text> read_name(const Reading& in, NodeId node, std::string_view what) {
    std::optional<Text> text = read_text(in, node, what);
    if (text && text->value == merge_key) return std::nullopt;  // reported already
    if (text && !is_name(text->value)) {
        const std::string meant = name_like(text->value);
        in.sink.report(codes::bad_name, text->span, diag::Name(text->value), diag::Words("a name"))
            .hint(meant.empty() ? std::string(name_hint) : fmt::format("write `{}`; {}", meant, name_hint));
        if (meant.empty()) return std::nullopt;
        text->value = meant;  // so that what uses it is not unknown
    }
    if (text && is_reserved(text->value)) {
        in.sink.report(codes::reserved_name, text->span, text->value);
        return std::nullopt;
    }
    return text;
}

// A document without a name keeps a place for findings about the whole.
Text read_document_name(const Reading& in, NodeId node, std::string_view what) {
    std::optional<Text> name = read_name(in, node, what);
    return name ? std::move(*name) : Text{"", in.tree.span(node.is_none() ? in.tree.root() : node)};
}

std::optional<Text> read_key(const Reading& in, NodeId key, std::string_view what) { return read_name(in, key, what); }

// A text that may have `${…}` in it.
std::optional<Template> read_mixed(const Reading& in, NodeId node, std::string_view what) {
    if (node.is_none() || !expect(in, node, TreeNode::Type::scalar, what, "a text")) return std::nullopt;
    Template result = read_template(in.tree.slice(node), in.sink);
    result.is_plain = in.tree[node].is_plain;
    return result;
}

// An expression that stands without `${…}`.
std::optional<Expression> read_bare(const Reading& in, NodeId node, std::string_view what) {
    if (node.is_none() || !expect(in, node, TreeNode::Type::scalar, what, "an expression")) return std::nullopt;
    return read_expression(in.tree.slice(node), in.sink);
}

// What cannot be read counts as set: the flag was written for some reason, and a farm is rather taken for protected.
bool read_flag(const Reading& in, NodeId node, std::string_view what) {
    const std::optional<Text> text = read_text(in, node, what);
    if (!text || text->value == "false") return false;
    if (text->value == "true") return true;
    in.sink
        .report(codes::bad_choice, text->span, diag::Name(what), diag::Given(text->value),
                diag::Words("`true` or `false`"))
        .hint(hint_for_boolean(text->value));
    return true;
}

// One of the words that the grammar has for that key.
std::optional<Text> read_choice(const Reading& in, NodeId node, std::string_view what, const grammar::Shape& shape) {
    std::optional<Text> text = read_text(in, node, what);
    if (!text) return text;
    const grammar::Key* key = shape.key(what);
    std::string words;
    for (const std::string_view choice : key->choices) {
        if (choice == text->value) return text;
        words += fmt::format("{}`{}`", words.empty() ? "" : choice == key->choices.back() ? " or " : ", ", choice);
    }
    const std::vector<std::string> names(key->choices.begin(), key->choices.end());
    in.sink.report(codes::bad_choice, text->span, diag::Name(what), diag::Given(text->value), diag::Words(words))
        .did_you_mean(base::nearest(text->value, names));
    return std::nullopt;
}

// One text alone stands for a list of one.
std::vector<Text> read_texts(const Reading& in, NodeId node, std::string_view what) {
    std::vector<Text> result;
    if (node.is_none()) return result;
    if (in.tree[node].type == TreeNode::Type::scalar) {
        result.push_back(*read_text(in, node, what));
        return result;
    }
    if (!expect(in, node, TreeNode::Type::list, what, "a list of texts")) return result;
    for (const NodeId element : in.tree.elements(node))
        if (std::optional<Text> text = read_text(in, element, what)) result.push_back(std::move(*text));
    return result;
}

// Likewise; names that cannot be read are left out, and reported.
std::vector<Text> read_names(const Reading& in, NodeId node, std::string_view what) {
    std::vector<Text> result;
    if (node.is_none()) return result;
    if (in.tree[node].type == TreeNode::Type::scalar) {
        if (std::optional<Text> name = read_name(in, node, what)) result.push_back(std::move(*name));
        return result;
    }
    if (!expect(in, node, TreeNode::Type::list, what, "a list of names")) return result;
    for (const NodeId element : in.tree.elements(node))
        if (std::optional<Text> name = read_name(in, element, what)) result.push_back(std::move(*name));
    return result;
}

// ---- values -----------------------------------------------------------------------------------------------------

// A value of a wrong form becomes an expression that is an error value, so that the entry stays and is not missing too.
// The recursion is bounded by max_tree_depth.
ValueTree read_value(const Reading& in, NodeId node, std::string_view what) {
    ValueTree result{.scalar = std::nullopt, .elements = {}, .span = in.tree.span(node)};
    const TreeNode& n = in.tree[node];
    if (n.type == TreeNode::Type::list) {
        for (const NodeId element : in.tree.elements(node)) result.elements.push_back(read_value(in, element, what));
        return result;
    }
    if (check_form(in, node, what, {.words = "a value or a list of values", .scalar = true})) {
        check_escapes(in.tree, node, what, in.sink);
        result.scalar = read_mixed(in, node, what);
    } else {
        result.scalar = Template{.span = result.span};
        result.scalar->parts.push_back(
            {.text = {}, .expression = Expression{.span = result.span}, .span = result.span});
    }
    return result;
}

// The value is read also where the name is wrong: it may have faults of its own.
std::vector<NamedValue> read_values(const Reading& in, NodeId map, std::string_view what) {
    std::vector<NamedValue> result;
    if (map.is_none() || !expect(in, map, TreeNode::Type::map, what, "a mapping")) return result;
    for (const auto [key, value] : in.tree.members(map)) {
        std::optional<Text> name = read_key(in, key, what);
        ValueTree read = read_value(in, value, in.tree.text(key));
        if (name) result.push_back({std::move(*name), std::move(read)});
    }
    return result;
}

namespace {

// `[running, stopped]` or `list of server`.
TypeName read_type_node(const Reading& in, NodeId node) {
    if (node.is_none()) return {};
    if (in.tree[node].type == TreeNode::Type::scalar) return read_type(in.tree.slice(node), in.sink);
    TypeName result{.form = TypeName::Form::enumeration, .span = in.tree.span(node)};
    for (const NodeId element : in.tree.elements(node)) {
        const bool is_words = in.tree[element].is_plain && in.tree.text(element).find(' ') != std::string_view::npos;
        if (is_words) {
            in.sink
                .report(codes::bad_name, in.tree.span(element), diag::Name(in.tree.text(element)),
                        diag::Words("a name"))
                .hint(fmt::format("entries stand between commas: `{}`", between_commas(in.tree.text(element))));
        } else if (std::optional<Text> name = read_name(in, element, "type")) {
            result.enumerators.push_back(std::move(*name));
        }
    }
    expect_entries(in, node, "type", "a value would have to be one of nothing", "write `[one, other]`");
    if (result.enumerators.empty()) result.form = TypeName::Form::error;
    return result;
}

// `{type: running, stopped}`: an enumeration without its brackets.
bool report_open_enumeration(const Reading& in, NodeId map) {
    if (in.tree[map].type != TreeNode::Type::map) return false;
    std::string type;
    std::optional<NodeId> stray;
    for (const auto [key, value] : in.tree.members(map)) {
        const bool is_stray = in.tree[value].type == TreeNode::Type::null && is_name(in.tree.text(key)) &&
                              !grammar::shape("parameter").key(in.tree.text(key)) && !in.tree.is_lost(value);
        if (in.tree.text(key) == "type" && in.tree[value].type == TreeNode::Type::scalar) type = in.tree.text(value);
        if (is_stray && !type.empty() && !stray) stray = key;
        if (is_stray) type += fmt::format(", {}", in.tree.text(key));
    }
    if (!stray) return false;
    in.sink
        .report(codes::unknown_key, in.tree.span(*stray), diag::Name(in.tree.text(*stray)), diag::Words("a parameter"))
        .hint(fmt::format("an enumeration stands between brackets: `type: [{}]`", type));
    return true;
}

// The type alone, as a text or a list, is the short form of `{type: …}`.
Parameter read_parameter(const Reading& in, Text name, NodeId node) {
    Parameter result{.name = std::move(name)};
    if (report_open_enumeration(in, node)) return result;
    if (in.tree[node].type == TreeNode::Type::scalar || in.tree[node].type == TreeNode::Type::list) {
        result.type = read_type_node(in, node);
        return result;
    }
    const Fields fields(in, node, grammar::shape("parameter"), result.name.value);
    result.type = read_type_node(in, fields["type"]);
    if (const NodeId value = fields["default"]; !value.is_none())
        result.default_value = read_value(in, value, "default");
    result.summary = read_text(in, fields["summary"], "summary");
    return result;
}

}  // namespace

// A parameter whose name cannot be read is left out.
std::vector<Parameter> read_parameters(const Reading& in, NodeId map, std::string_view what) {
    std::vector<Parameter> result;
    if (map.is_none() || !expect(in, map, TreeNode::Type::map, what, "a mapping")) return result;
    for (const auto [key, value] : in.tree.members(map))
        if (std::optional<Text> name = read_key(in, key, what))
            result.push_back(read_parameter(in, std::move(*name), value));
    return result;
}

std::optional<RetryText> read_retry(const Reading& in, NodeId node) {
    if (node.is_none()) return std::nullopt;
    const Fields fields(in, node, grammar::shape("retry"));
    return RetryText{.times = read_mixed(in, fields["times"], "times"),
                     .delay = read_mixed(in, fields["delay"], "delay"),
                     .span = in.tree.span(node)};
}

// A duration alone is the short form of `{after: …}`.
std::optional<TimeoutText> read_timeout(const Reading& in, NodeId node) {
    if (node.is_none()) return std::nullopt;
    if (in.tree[node].type != TreeNode::Type::map) {
        std::optional<Template> after = read_mixed(in, node, "timeout");
        if (!after) return std::nullopt;
        return TimeoutText{.after = std::move(after), .then = std::nullopt, .span = in.tree.span(node)};
    }
    const grammar::Shape& shape = grammar::shape("timeout");
    const Fields fields(in, node, shape);
    return TimeoutText{.after = read_mixed(in, fields["after"], "after"),
                       .then = fields.has("then") ? read_choice(in, fields["then"], "then", shape) : std::nullopt,
                       .span = in.tree.span(node)};
}

}  // namespace pvsplan::syntax

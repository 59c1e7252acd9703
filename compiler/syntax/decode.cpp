#include "compiler/syntax/decode.hpp"

#include <fmt/core.h>

#include "compiler/base/check.hpp"
#include "compiler/base/near.hpp"
#include "compiler/syntax/escapes.hpp"
#include "compiler/syntax/form_hints.hpp"
#include "compiler/syntax/phrases.hpp"
#include "grammar/foreign_words.hpp"

namespace pvsplan::syntax {
namespace {

using grammar::Form;
using grammar::Layout;

constexpr std::string_view merge_key = "<<";

// The form that a key wants, in words, and the kinds of node that can have it.
struct Wanted {
    std::string_view words;
    bool scalar = false;
    bool list = false;
    bool map = false;
    bool required = false;
};

Wanted wanted(const grammar::Key& key) {
    switch (key.layout) {
        case Layout::list: return {.words = "a list", .list = true};
        case Layout::map: return {.words = "a mapping", .map = true};
        case Layout::one_or_list: return {.words = "a text or a list", .scalar = true, .list = true};
        case Layout::one: break;
    }
    switch (key.form) {
        case Form::shape: return {.words = "a mapping", .map = true};
        case Form::value: return {.words = "a value or a list of values", .scalar = true, .list = true};
        case Form::type: return {.words = "a type", .scalar = true, .list = true};
        case Form::typed: return {.words = "a type or a mapping", .scalar = true, .list = true, .map = true};
        case Form::objects: return {.words = "a list of objects or `{csv: FILE}`", .list = true, .map = true};
        case Form::limit: return {.words = "a duration or a mapping", .scalar = true, .map = true};
        case Form::undo: return {.words = "a call or a list of steps", .list = true, .map = true};
        case Form::flag: return {.words = "`true` or `false`", .scalar = true};
        case Form::expression: return {.words = "an expression", .scalar = true};
        case Form::name: return {.words = "a name", .scalar = true};
        default: return {.words = "a text", .scalar = true};
    }
}

bool fits(const TreeNode& node, const Wanted& wanted) {
    switch (node.type) {
        case TreeNode::Type::null: return false;
        case TreeNode::Type::scalar: return wanted.scalar;
        case TreeNode::Type::list: return wanted.list;
        case TreeNode::Type::map: return wanted.map;
    }
    return false;
}

// "`steps`" of a key, "a step" of what is in words already.
std::string named(std::string_view what) {
    const bool is_words = what.starts_with("a ") || what.starts_with("an ") || what.find('`') != std::string_view::npos;
    return is_words ? std::string(what) : fmt::format("`{}`", what);
}

// `- do:x` is a text to YAML where a mapping was meant.
bool report_run_on(const Reading& in, NodeId node) {
    const std::string_view text = in.tree.text(node);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || !is_name(text.substr(0, colon)) || !in.tree[node].is_exact) return false;
    const base::Span span = in.tree.span(node);
    const auto at = static_cast<std::uint32_t>(span.begin + colon);
    in.sink.report(codes::no_blank, {span.file, at, at + 1}, "`:`")
        .hint(fmt::format("write `{}: …`, with a blank behind the `:`", text.substr(0, colon)));
    return true;
}

// Reports `node` if it is not as wanted.
bool check_form(const Reading& in, NodeId node, std::string_view what, const Wanted& want) {
    const TreeNode& n = in.tree[node];
    if (fits(n, want)) return true;
    if (in.tree.is_lost(node)) return false;  // has been reported
    if (want.map && n.is_plain && report_run_on(in, node)) return false;
    if (n.type == TreeNode::Type::null)
        in.sink.report(codes::no_value, in.tree.span(node), named(what))
            .hint(fmt::format("write {}{}", want.words,
                              want.required                                       ? ""
                              : what.starts_with("a ") || what.starts_with("an ") ? ", or leave the `-` out"
                                                                                  : ", or leave the key out"));
    else
        in.sink.report(codes::wrong_form, in.tree.span(node), named(what), words_for(n), want.words)
            .hint(hint_for_form(in.tree, node, what));
    return false;
}

}  // namespace

std::string_view words_for(const TreeNode& node) {
    switch (node.type) {
        case TreeNode::Type::null: return "empty";
        case TreeNode::Type::scalar: return "a text";
        case TreeNode::Type::list: return "a list";
        case TreeNode::Type::map: return "a mapping";
    }
    return "empty";
}

bool expect(const Reading& in, NodeId node, TreeNode::Type is, std::string_view what, std::string_view words) {
    return check_form(in, node, what,
                      {.words = words,
                       .scalar = is == TreeNode::Type::scalar,
                       .list = is == TreeNode::Type::list,
                       .map = is == TreeNode::Type::map});
}

void expect_entries(const Reading& in, NodeId node, std::string_view what, std::string_view why, std::string hint) {
    if (node.is_none() || in.tree[node].type != TreeNode::Type::list || in.tree[node].size > 1) return;
    in.sink.report(codes::no_entries, in.tree.span(node), what, why).hint(std::move(hint));
}

// ---- mappings ---------------------------------------------------------------------------------------------------

const grammar::Key* meant_key(std::string_view name, const grammar::Shape& shape) {
    if (const grammar::Key* key = grammar::key_called(name, shape)) return key;
    const std::optional<std::string> near = base::nearest(name, shape.key_names());
    return near ? shape.key(*near) : nullptr;
}

namespace {

// The key of `shape` below which `name` would be a key: `run` for the `powershell` of an action.
const grammar::Key* key_above(std::string_view name, const grammar::Shape& shape) {
    for (const grammar::Key& key : shape.keys) {
        const bool is_one = key.layout == Layout::one && key.form == Form::shape;
        if (is_one && grammar::shape(key.shape).key(name)) return &key;
    }
    return nullptr;
}

// "a step": the only shape that has this key.
std::string_view whose_key(std::string_view name) {
    std::string_view what;
    for (const grammar::Shape& shape : grammar::shapes()) {
        if (!shape.key(name)) continue;
        if (!what.empty()) return {};
        what = shape.what;
    }
    return what;
}

std::string known_keys(const grammar::Shape& shape) {
    std::string known;
    for (const std::string& n : shape.key_names()) known += (known.empty() ? "`" : ", `") + n + "`";
    return "its keys are " + known;
}

}  // namespace

void report_unknown_key(const Reading& in, NodeId key, const grammar::Shape& shape, const grammar::Key* meant) {
    auto report = in.sink.report(codes::unknown_key, in.tree.span(key), in.tree.text(key), shape.what);
    if (meant) report.hint(fmt::format("did you mean `{}`?", meant->name));
}

Fields::Fields(const Reading& in, NodeId map, const grammar::Shape& shape, std::string_view what)
    : shape_(&shape), tree_(&in.tree) {
    is_map_ = expect(in, map, TreeNode::Type::map, what.empty() ? shape.what : what, "a mapping");
    if (!is_map_) return;
    for (const Tree::Member member : in.tree.members(map)) read_member(in, member);
    take_meant(in);
    std::vector<const grammar::Key*> missing;
    for (std::size_t i = 0; i < shape.keys.size(); ++i)
        if (shape.keys[i].need == grammar::Need::required && fields_[i].key.is_none() &&
            !in.tree.lost_names.contains(shape.keys[i].name))  // it may have been there
            missing.push_back(&shape.keys[i]);
    if (unknown_.empty())
        report_missing(in, map, missing);
    else
        report_unknown(in, missing);
}

// Whether `member` can be an entry of an open shape, by its form.
bool Fields::is_entry(const Reading& in, const Tree::Member& member) const {
    const TreeNode& value = in.tree[member.value];
    if (!fits(value, wanted(shape_->other))) return false;
    if (shape_->other.form != Form::objects || value.type != TreeNode::Type::map) return true;
    for (const Tree::Member inner : in.tree.members(member.value))
        if (in.tree.text(inner.key) == "csv") return true;
    return false;
}

void Fields::read_member(const Reading& in, const Tree::Member& member) {
    const std::string_view name = in.tree.text(member.key);
    const grammar::Key* key = shape_->key(name);
    if (!key) {
        if (name == merge_key) return;  // reported already
        if (shape_->is_open && (is_entry(in, member) || !meant_key(name, *shape_))) return others_.push_back(member);
        return read_unknown(in, member);
    }
    Field& field = fields_[static_cast<std::size_t>(key - shape_->keys.data())];
    if (!field.key.is_none()) return;  // there twice: the tree has said so
    field.key = member.key;
    Wanted want = wanted(*key);
    want.required = key->need == grammar::Need::required;
    if (check_form(in, member.value, name, want)) field.value = member.value;
}

// `undo:{do: x}` and `undo {do: x}` are one key to YAML, and so is the `id:a` of `{id:a, do: x}`.
bool Fields::report_run_on(const Reading& in, NodeId key) {
    const std::string_view name = in.tree.text(key);
    const std::size_t end = name.find_first_of(":{[ \"'");
    const grammar::Key* meant = end == std::string_view::npos ? nullptr : shape_->key(name.substr(0, end));
    if (!meant) return false;
    const base::Span span = in.tree.span(key);
    const auto begin = static_cast<std::uint32_t>(span.begin + end);
    if (name[end] == ':')
        in.sink.report(codes::no_blank, {span.file, begin, begin + 1}, "`:`")
            .hint(fmt::format("write `{}: …`, with a blank behind the `:`", meant->name));
    else
        in.sink.report(codes::no_colon, {span.file, span.begin, begin}, "")
            .hint(fmt::format("write `{}: …`, with a blank behind the `:`", meant->name));
    meant_.push_back({key, {}, static_cast<std::size_t>(meant - shape_->keys.data())});
    return true;
}

void Fields::read_unknown(const Reading& in, const Tree::Member& member) {
    if (report_run_on(in, member.key)) return;
    const std::string_view name = in.tree.text(member.key);
    const auto field_of = [&](const grammar::Key* key) { return static_cast<std::size_t>(key - shape_->keys.data()); };
    if (const grammar::Key* above = key_above(name, *shape_)) {
        in.sink.report(codes::unknown_key, in.tree.span(member.key), name, shape_->what)
            .hint(fmt::format("it belongs below `{}`: write `{}: {{{}: …}}`", above->name, above->name, name));
        meant_.push_back({member.key, {}, field_of(above)});
    } else if (const grammar::Key* meant = meant_key(name, *shape_)) {
        report_unknown_key(in, member.key, *shape_, meant);
        meant_.push_back({member.key, member.value, field_of(meant)});
    } else if (shape_->name == "step" && name.find('.') != std::string_view::npos && is_dotted_name(name)) {
        in.sink.report(codes::unknown_key, in.tree.span(member.key), name, shape_->what)
            .hint(fmt::format("write `do: {}`", name));
        meant_.push_back({member.key, {}, field_of(shape_->key("do"))});
    } else {
        unknown_.push_back(member.key);
    }
}

// What a misspelt key holds is read as what it was meant to be, so that nothing is missing elsewhere.
void Fields::take_meant(const Reading& in) {
    for (const Meant& meant : meant_) {
        Field& field = fields_[meant.field];
        if (!field.key.is_none()) continue;
        field.key = meant.written;
        if (!meant.value.is_none() && fits(in.tree[meant.value], wanted(shape_->keys[meant.field])))
            field.value = meant.value;
    }
}

// What is missing was most likely meant by what is unknown: that is said there, once.
void Fields::report_unknown(const Reading& in, const std::vector<const grammar::Key*>& missing) const {
    for (const NodeId key : unknown_) {
        const std::string_view name = in.tree.text(key);
        auto report = in.sink.report(codes::unknown_key, in.tree.span(key), name, shape_->what);
        if (key == unknown_.front())
            for (const grammar::Key* one : missing)
                report.hint(fmt::format("`{}` is missing: {}", one->name, one->doc));
        if (const std::string_view whose = whose_key(name); !whose.empty() && missing.empty())
            report.hint(fmt::format("`{}` is a key of {}", name, whose));
        report.hint(known_keys(*shape_));
    }
}

void Fields::report_missing(const Reading& in, NodeId map, const std::vector<const grammar::Key*>& missing) const {
    for (const grammar::Key* key : missing) {
        const auto members = in.tree.members(map);
        const NodeId place = members.first == members.last ? map : members.first;
        in.sink.report(codes::missing_key, in.tree.span(place), shape_->what, key->name)
            .hint(fmt::format("`{}`: {}", key->name, key->doc));
    }
}

NodeId Fields::operator[](std::string_view key) const {
    const grammar::Key* found = shape_->key(key);
    base::check(found != nullptr, "a decoder asks for keys of its shape only");
    return fields_[static_cast<std::size_t>(found - shape_->keys.data())].value;
}

NodeId Fields::key_of(std::string_view key) const {
    const grammar::Key* found = shape_->key(key);
    base::check(found != nullptr, "a decoder asks for keys of its shape only");
    return fields_[static_cast<std::size_t>(found - shape_->keys.data())].key;
}

base::Span Fields::key_span(std::string_view key) const { return tree_->span(key_of(key)); }

// ---- scalars ----------------------------------------------------------------------------------------------------

std::optional<Text> read_text(const Reading& in, NodeId node, std::string_view what) {
    if (node.is_none() || !expect(in, node, TreeNode::Type::scalar, what, "a text")) return std::nullopt;
    return Text{std::string(in.tree.text(node)), in.tree.slice(node).span};
}

std::optional<Text> read_name(const Reading& in, NodeId node, std::string_view what) {
    std::optional<Text> text = read_text(in, node, what);
    if (text && text->value == merge_key) return std::nullopt;  // reported already
    if (text && !is_name(text->value)) {
        const std::string meant = name_like(text->value);
        in.sink.report(codes::bad_name, text->span, text->value, "a name")
            .hint(meant.empty() ? std::string(name_hint) : fmt::format("write `{}`; {}", meant, name_hint));
        return std::nullopt;
    }
    if (text && is_reserved(text->value)) {
        in.sink.report(codes::reserved_name, text->span, text->value);
        return std::nullopt;
    }
    return text;
}

std::optional<Text> read_key(const Reading& in, NodeId key, std::string_view what) { return read_name(in, key, what); }

std::optional<Template> read_mixed(const Reading& in, NodeId node, std::string_view what) {
    if (node.is_none() || !expect(in, node, TreeNode::Type::scalar, what, "a text")) return std::nullopt;
    Template result = read_template(in.tree.slice(node), in.sink);
    result.is_plain = in.tree[node].is_plain;
    return result;
}

std::optional<Expression> read_bare(const Reading& in, NodeId node, std::string_view what) {
    if (node.is_none() || !expect(in, node, TreeNode::Type::scalar, what, "an expression")) return std::nullopt;
    return read_expression(in.tree.slice(node), in.sink);
}

bool read_flag(const Reading& in, NodeId node, std::string_view what) {
    const std::optional<Text> text = read_text(in, node, what);
    if (!text || text->value == "false") return false;
    if (text->value == "true") return true;
    in.sink.report(codes::bad_choice, text->span, what, text->value, "`true` or `false`")
        .hint(hint_for_boolean(text->value));
    return true;
}

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
    in.sink.report(codes::bad_choice, text->span, what, text->value, words)
        .did_you_mean(base::nearest(text->value, names));
    return std::nullopt;
}

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
            in.sink.report(codes::bad_name, in.tree.span(element), in.tree.text(element), "a name")
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
    in.sink.report(codes::unknown_key, in.tree.span(*stray), in.tree.text(*stray), "a parameter")
        .hint(fmt::format("an enumeration stands between brackets: `type: [{}]`", type));
    return true;
}

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

// The members of a mapping, read by the shape that the table of the grammar has for it.
#include <fmt/core.h>

#include <algorithm>

#include "compiler/base/check.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/base/near.hpp"
#include "compiler/syntax/decode.hpp"
#include "compiler/syntax/forms.hpp"
#include "compiler/syntax/phrases.hpp"
#include "grammar/foreign_words.hpp"

namespace pvsplan::syntax {

using grammar::Form;
using grammar::Layout;

// What other tools call it goes before what is spelt nearly so.
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

std::string known_keys(const grammar::Shape& shape) { return "its keys are " + base::quoted(shape.key_names()); }

}  // namespace

void report_unknown_key(const Reading& in, NodeId key, const grammar::Shape& shape, const grammar::Key* meant) {
    auto report =
        in.sink.report(codes::unknown_key, in.tree.span(key), diag::Name(in.tree.text(key)), diag::Words(shape.what));
    if (meant) report.did_you_mean(std::string(meant->name));
}

// Keys first, then those that were meant by misspelt ones, and only then what is missing: so a slip is one finding, not
// one of a key too many and one of a key too few.
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

// In an open shape an unknown key is an entry if its value has the form of one, even if its name is near to a key.
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

// From what is surest to what is a guess: a missing blank, a key that belongs one level deeper, a misspelt one, an
// action in place of `do`.
void Fields::read_unknown(const Reading& in, const Tree::Member& member) {
    if (report_run_on(in, member.key)) return;
    const std::string_view name = in.tree.text(member.key);
    const auto field_of = [&](const grammar::Key* key) { return static_cast<std::size_t>(key - shape_->keys.data()); };
    if (const grammar::Key* above = key_above(name, *shape_)) {
        in.sink.report(codes::unknown_key, in.tree.span(member.key), diag::Name(name), diag::Words(shape_->what))
            .hint(fmt::format("it belongs below `{}`: write `{}: {{{}: …}}`", above->name, above->name, name));
        meant_.push_back({member.key, {}, field_of(above)});
    } else if (const grammar::Key* meant = meant_key(name, *shape_)) {
        report_unknown_key(in, member.key, *shape_, meant);
        meant_.push_back({member.key, member.value, field_of(meant)});
    } else if (shape_->name == "step" && name.find('.') != std::string_view::npos && is_dotted_name(name)) {
        in.sink.report(codes::unknown_key, in.tree.span(member.key), diag::Name(name), diag::Words(shape_->what))
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
        // The rest of a text whose quotes did not count, because of a slip before them that has been reported.
        if (!meant_.empty() && (name.ends_with('"') || name.ends_with('\''))) continue;
        auto report =
            in.sink.report(codes::unknown_key, in.tree.span(key), diag::Name(name), diag::Words(shape_->what));
        if (key == unknown_.front())
            for (const grammar::Key* one : missing)
                report.hint(fmt::format("`{}` is missing: {}", one->name, one->doc));
        if (const std::string_view whose = whose_key(name); !whose.empty() && missing.empty())
            report.hint(fmt::format("`{}` is a key of {}", name, whose));
        report.hint(known_keys(*shape_));
    }
}

// At the first key, not over the whole mapping, which may be a screen long.
void Fields::report_missing(const Reading& in, NodeId map, const std::vector<const grammar::Key*>& missing) const {
    for (const grammar::Key* key : missing) {
        const auto members = in.tree.members(map);
        const NodeId place = members.first == members.last ? map : members.first;
        in.sink.report(codes::missing_key, in.tree.span(place), diag::Words(shape_->what), diag::Name(key->name))
            .hint(fmt::format("`{}`: {}", key->name, key->doc));
    }
}

void Fields::demand(const Reading& in, NodeId map, std::string_view key) const {
    if (is_map_ && !in.tree.lost_names.contains(key)) report_missing(in, map, {shape_->key(key)});
}

// None: the key is not there, or its value could not be read.
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

bool Fields::has_beside(std::initializer_list<std::string_view> keys) const {
    const auto written =
        std::count_if(fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(shape_->keys.size()),
                      [](const Field& field) { return !field.key.is_none(); });
    return written > std::count_if(keys.begin(), keys.end(), [&](std::string_view key) { return has(key); });
}

base::Span Fields::key_span(std::string_view key) const { return tree_->span(key_of(key)); }

}  // namespace pvsplan::syntax

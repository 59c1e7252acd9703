#include "compiler/syntax/forms.hpp"

#include <fmt/core.h>

#include "compiler/base/check.hpp"
#include "compiler/syntax/form_hints.hpp"
#include "compiler/syntax/phrases.hpp"

namespace pvsplan::syntax {

using grammar::Form;
using grammar::Layout;

namespace {

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

}  // namespace

bool fits(const TreeNode& node, const Wanted& wanted) {
    switch (node.type) {
        case TreeNode::Type::null: return false;
        case TreeNode::Type::scalar: return wanted.scalar;
        case TreeNode::Type::list: return wanted.list;
        case TreeNode::Type::map: return wanted.map;
    }
    return false;
}

// The layout decides where there is one; the form tells what a single value may be. These words are those of findings.
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
        case Form::question: return {.words = "a text or a mapping", .scalar = true, .map = true};
        case Form::script: return {.words = "a text", .scalar = true, .map = true};
        case Form::undo: return {.words = "a call or a list of steps", .list = true, .map = true};
        case Form::flag: return {.words = "`true` or `false`", .scalar = true};
        case Form::expression: return {.words = "an expression", .scalar = true};
        case Form::name: return {.words = "a name", .scalar = true};
        default: return {.words = "a text", .scalar = true};
    }
}

// The one place where a value of a wrong form is told, so that a decoder never sees one.
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
        in.sink
            .report(codes::wrong_form, in.tree.span(node), diag::Topic(named(what)), diag::Found(words_for(n)),
                    diag::Expected(want.words))
            .hint(hint_for_form(in.tree, node, what));
    return false;
}

// For messages: what was found.
std::string_view words_for(const TreeNode& node) {
    switch (node.type) {
        case TreeNode::Type::null: return "empty";
        case TreeNode::Type::scalar: return "a text";
        case TreeNode::Type::list: return "a list";
        case TreeNode::Type::map: return "a mapping";
    }
    return "empty";
}

bool expect(const Reading& in, NodeId node, TreeNode::Type type, std::string_view what, std::string_view words) {
    return check_form(in, node, what,
                      {.words = words,
                       .scalar = type == TreeNode::Type::scalar,
                       .list = type == TreeNode::Type::list,
                       .map = type == TreeNode::Type::map});
}

void expect_entries(const Reading& in, NodeId node, std::string_view what, std::string_view why, std::string hint) {
    if (node.is_none() || in.tree[node].type != TreeNode::Type::list || in.tree[node].size > 1) return;
    in.sink.report(codes::no_entries, in.tree.span(node), diag::Name(what), diag::Words(why)).hint(std::move(hint));
}

}  // namespace pvsplan::syntax

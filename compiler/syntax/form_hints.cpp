#include "compiler/syntax/form_hints.hpp"

#include <fmt/core.h>

#include <initializer_list>

#include "compiler/base/lower_case.hpp"
#include "compiler/syntax/phrases.hpp"
#include "compiler/syntax/slips.hpp"

namespace pvsplan::syntax {
namespace {

constexpr std::size_t max_quoted = 40;  // what is longer is not repeated

// The text of a scalar, or of the only entry of a list; empty if it is too long to be repeated.
std::string_view short_text(const Tree& tree, NodeId node) {
    NodeId at = node;
    if (tree[node].type == TreeNode::Type::list && tree[node].size == 2)
        for (const NodeId element : tree.elements(node)) at = element;
    const bool is_short = tree[at].type == TreeNode::Type::scalar && tree[at].text_size <= max_quoted;
    return is_short ? tree.text(at) : std::string_view();
}

std::size_t size_of_one(std::initializer_list<std::string_view> signs, std::string_view text) {
    for (const std::string_view sign : signs)
        if (text.starts_with(sign)) return sign.size();
    return 0;
}

// What a word processor makes of a `-`: hyphens, dashes, a minus.
std::size_t size_of_hyphen(std::string_view text) {
    return size_of_one({"\u2010", "\u2011", "\u2013", "\u2014", "\u2212"}, text);
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// `systemctl stop web` as `[systemctl, stop, web]`. Nothing where a word might have to be quoted: a hint that is wrong
// is worse than none.
std::string as_list(std::string_view text) {
    if (text.empty() || text.find_first_of("\"'`[]{},:#&*!|>%@") != std::string_view::npos) return "";
    return "[" + between_commas(text) + "]";
}

// What has members, and was given as a text or as a list.
std::string hint_for_members(std::string_view what) {
    if (what == "sets") return "write `{on.STATE: VALUE}`: the state, and what it is afterwards";
    if (what == "with") return "write `{NAME: VALUE}`: each parameter by its name";
    return "";
}

// Short texts are shown as they would have to be written, so that they can be copied; long ones are only named.
std::string hint_for_text(const Tree& tree, NodeId node, std::string_view what) {
    const std::string_view text = short_text(tree, node);
    if (what == "retry") return fmt::format("write `{{times: {}}}`", is_number(text) ? text : "3");
    if (what == "run") return "say what runs it: `{powershell: …}`, `{command: […]}`, `{sql: …}` or `{manual: …}`";
    if (what == "observe") return "say what runs it: `{powershell: …}`, `{command: […]}` or `{sql: …}`";
    if (what == "wait") return "write `{until: …}`";
    if (what == "connect") return fmt::format("write `{{over: {}}}`", is_name(text) ? text : "winrm");
    if (const std::string members = hint_for_members(what); !members.empty()) return members;
    if (what == "undo" && is_dotted_name(text) && text.find('.') != std::string_view::npos)
        return fmt::format("write `{{do: {}}}`", text);
    if (what == "undo") return "write `{do: …}`, or `{nothing: why}` or `{impossible: why}`";
    if (what == "command") {
        const std::string list = as_list(text);
        return list.empty() ? "write the program and each argument as an entry of a list" : "write `" + list + "`";
    }
    if (what == "an invariant") return "write `{name: …, require: …}`";
    if (what == "a step") return "a step begins with a key: `- do: …`, `- approve: …`";
    return "";
}

std::string hint_for_list(const Tree& tree, NodeId node, std::string_view what) {
    const std::string_view only = short_text(tree, node);
    const bool is_condition = what == "requires" || what == "when" || what == "until" || what == "require";
    if (is_condition && only.empty()) return "join what must hold with `and`";
    if (is_condition || (what == "on" && !only.empty())) return fmt::format("write it without brackets: `{}`", only);
    if (what == "on") return "a step works on one object; for several write `for_each: x in [one, other]` and `on: x`";
    if (what == "powershell" || what == "sql") return fmt::format("write `{}: |` and its lines below", what);
    if (what == "parameters" || what == "attributes" || what == "state" || what == "kinds" || what == "actions" ||
        what == "procedures" || what == "predicates" || what == "secrets" || what == "defaults" || what == "outputs")
        return "each entry is a key with its value, without a `-` before it";
    if (const std::string members = hint_for_members(what); !members.empty()) return members;
    if (what == "connect") return "write `{over: winrm}`: each key with its value";
    if (what == "for_each") return "write `x in [one, other]`: a variable, `in` and the list";
    if (what == "approve") return "write one text; behind `approve: |` it may have lines";
    if (what == "do") return "a step calls one action; several steps are a group: `steps:`";
    return "";
}

std::string hint_for_mapping(const Tree& tree, NodeId node, std::string_view what) {
    if (what == "steps" || what == "parallel" || what == "recover" || what == "invariants" || what == "waive")
        return "each entry of this list begins with `- `";
    if (what == "do") return "write the name of the action alone; its parameters go below `with`";
    if (what == "for_each" && tree[node].size == 3)
        for (const auto [key, value] : tree.members(node))
            if (tree[value].type == TreeNode::Type::scalar && tree[value].text_size <= max_quoted)
                return fmt::format("write `{} in {}`", tree.text(key), tree.text(value));
    return "";
}

}  // namespace

// By what stands there in place of what is wanted; empty where no slip is known.
std::string hint_for_form(const Tree& tree, NodeId node, std::string_view what) {
    switch (tree[node].type) {
        case TreeNode::Type::null: return "";
        case TreeNode::Type::scalar: return hint_for_text(tree, node, what);
        case TreeNode::Type::list: return hint_for_list(tree, node, what);
        case TreeNode::Type::map: return hint_for_mapping(tree, node, what);
    }
    return "";
}

// Words for it of other languages, and of YAML before 1.2.
std::string hint_for_boolean(std::string_view text) {
    const std::string lower = base::lower_case(text);
    if (lower == "yes" || lower == "on" || lower == "true" || lower == "1" || lower == "y") return "write `true`";
    if (lower == "no" || lower == "off" || lower == "false" || lower == "0" || lower == "n") return "write `false`";
    return "";
}

std::string between_commas(std::string_view words) {
    std::string list;
    for (const char c : words) list += c == ' ' ? std::string(", ") : std::string(1, c);
    return list;
}

// Empty where no name can be made of it.
std::string name_like(std::string_view text) {
    if (text.size() > max_quoted || text.find("//") != std::string_view::npos) return "";
    std::string name;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (const std::size_t size = size_of_invisible(text.substr(at)); size > 0) {
            at += size - 1;
            continue;
        }
        if (const std::size_t size = size_of_hyphen(text.substr(at)); size > 0) {
            if (!name.empty() && name.back() != '-') name += '-';
            at += size - 1;
            continue;
        }
        const char lower = base::lower_case(c);
        const bool is_hump = lower != c && at > 0 && text[at - 1] >= 'a' && text[at - 1] <= 'z';
        if (is_hump) name += '-';  // firstChecked
        const bool is_word = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '_';
        if (is_word) name += lower;
        if (!is_word && (static_cast<unsigned char>(c) & 0x80U) != 0) return "";  // an umlaut is not guessed
        if (!is_word && !name.empty() && name.back() != '-') name += '-';
    }
    while (name.ends_with('-')) name.pop_back();
    if (!name.empty() && name[0] >= '0' && name[0] <= '9') name.insert(0, 1, '_');
    return is_name(name) && !is_reserved(name) ? name : "";
}

}  // namespace pvsplan::syntax

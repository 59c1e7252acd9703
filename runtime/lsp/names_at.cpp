#include "runtime/lsp/names_at.hpp"

#include <algorithm>

namespace pvsplan::lsp {
namespace {

using resolve::Kind;
using resolve::Model;

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

// The names in a text, in their order.
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_name(text[end])) ++end;
        if (end > at) words.push_back(text.substr(at, end - at));
        at = std::max(end, at + 1);
    }
    return words;
}

// The kind of the elements of a list that is written so: that of the first list in it. As far as a text can tell that
// may be damaged: a list of the farm, or a parameter that is one.
const Kind* kind_of_list(const Model& model, const std::vector<std::string_view>& words, std::size_t from) {
    for (std::size_t i = from; i < words.size(); ++i) {
        if (const Kind* const kind = kind_of_plural(model, words[i])) return kind;
        for (const resolve::Parameter& parameter : model.parameters)
            if (parameter.name == words[i] && parameter.type.element)
                return kind_of_type(model, *parameter.type.element);
    }
    return nullptr;
}

// Each `x in LIST` of a text. From the end: the variable that was written last is the innermost.
void add_variables(const Model& model, std::string_view text, std::vector<NameAt>& names) {
    const std::vector<std::string_view> words = words_of(text);
    for (std::size_t i = words.size(); i-- > 1;) {
        if (words[i] != "in" || words[i - 1] == "not") continue;
        const Kind* const kind = kind_of_list(model, words, i + 1);
        names.push_back({std::string(words[i - 1]), kind ? kind->name : "", kind, NameAt::Of::variable});
    }
}

// `server s` in a requirement, and neither `(server) before` nor what is being typed behind a kind.
void add_pattern_variables(const Model& model, std::string_view text, std::vector<NameAt>& names) {
    const std::vector<std::string_view> words = words_of(text);
    const auto are_beside = [&](std::string_view left, std::string_view right) {
        const char* const behind = left.data() + left.size();
        return std::all_of(behind, right.data(), [](char c) { return c == ' '; });
    };
    for (std::size_t i = words.size(); i-- > 1;) {
        if (!are_beside(words[i - 1], words[i]) || words[i].data() + words[i].size() == text.data() + text.size())
            continue;
        const auto kind = model.kind_by_name.find(std::string(words[i - 1]));
        if (kind == model.kind_by_name.end() || model.kind_by_name.contains(std::string(words[i]))) continue;
        const Kind& found = model.kinds[kind->second.index()];
        names.push_back({std::string(words[i]), found.name, &found, NameAt::Of::variable});
    }
}

void add_parameters(const Model& model, const std::vector<resolve::Parameter>& parameters, std::vector<NameAt>& names) {
    for (const resolve::Parameter& parameter : parameters)
        names.push_back({parameter.name, program::to_text(parameter.type), kind_of_type(model, parameter.type),
                         NameAt::Of::parameter});
}

// A policy reads parameters of the plan that it is asked of, and says their types: `pilot: server`, or `pilot: {type:
// server, …}`.
void add_parameters_of_policy(const Model& model, const Lines& lines, std::vector<NameAt>& names) {
    for (const Sibling& one : keys_below(lines, "parameters")) {
        const std::size_t type = one.value.find("type:");
        const auto words = words_of(std::string_view(one.value).substr(type == std::string::npos ? 0 : type + 5));
        const std::string named(words.empty() ? std::string_view() : words[0]);
        const auto kind = model.kind_by_name.find(named);
        names.push_back({one.key, named,
                         kind == model.kind_by_name.end() ? nullptr : &model.kinds[kind->second.index()],
                         NameAt::Of::parameter});
    }
}

}  // namespace

// The last word decides: `list of server` is offered servers, which stand in it.
std::optional<program::Type> written_type(const Model& model, std::string_view text) {
    const std::vector<std::string_view> words = words_of(text);
    if (words.empty()) return std::nullopt;
    if (text.starts_with('[')) return program::Type::enumeration({words.begin(), words.end()});
    if (words.back() == "bool") return program::Type::of(program::Type::Category::boolean);
    if (!model.kind_by_name.contains(std::string(words.back()))) return std::nullopt;
    return program::Type::object(std::string(words.back()));
}

const Kind* kind_of_type(const Model& model, const program::Type& type) {
    if (type.category != program::Type::Category::object) return nullptr;
    const auto kind = model.kind_by_name.find(type.names[0]);
    return kind == model.kind_by_name.end() ? nullptr : &model.kinds[kind->second.index()];
}

const Kind* kind_of_plural(const Model& model, std::string_view plural) {
    const auto kind =
        std::find_if(model.kinds.begin(), model.kinds.end(), [&](const Kind& k) { return k.plural == plural; });
    return kind == model.kinds.end() ? nullptr : &*kind;
}

const std::vector<resolve::Parameter>& Callee::parameters() const {
    return action ? action->parameters : procedure->parameters;
}

Callee callee_named(const Model& model, std::string_view name) {
    Callee callee;
    if (const auto action = model.action_by_name.find(std::string(name)); action != model.action_by_name.end())
        callee.action = &model.actions[action->second.index()];
    if (const auto procedure = model.procedure_by_name.find(std::string(name));
        procedure != model.procedure_by_name.end())
        callee.procedure = &model.procedures[procedure->second.index()];
    return callee;
}

// An action is known by its module and its name; the module says its own on a line at the left edge.
Callee around(const Model& model, const Lines& lines, const Cursor& cursor) {
    if (cursor.way.size() < 2) return {};
    const std::string& what = cursor.way[0].name;
    if (what != "actions" && what != "procedures") return {};
    for (std::uint32_t number = 0; number < lines.count(); ++number) {
        const std::string_view line = lines.line(number);
        if (!line.starts_with("module:")) continue;
        const auto words = words_of(line.substr(7));
        return words.empty() ? Callee{} : callee_named(model, std::string(words[0]) + "." + cursor.way[1].name);
    }
    return {};
}

// `on` of an action is the key of a sibling, two levels below the document.
const Kind* kind_on(const Model& model, const Cursor& cursor) {
    if (cursor.way.size() < 2 || (cursor.way[0].name != "actions" && cursor.way[0].name != "procedures"))
        return nullptr;
    const auto kind = model.kind_by_name.find(std::string(cursor.sibling(2, "on")));
    return kind == model.kind_by_name.end() ? nullptr : &model.kinds[kind->second.index()];
}

// What the language would find there, innermost first. Within an action or a procedure neither the plan's parameters
// nor its farm can be seen.
std::vector<NameAt> names_at(const Model& model, const Lines& lines, const Slot& slot) {
    std::vector<NameAt> names;
    const Cursor& cursor = slot.cursor;
    add_variables(model, cursor.before, names);
    add_pattern_variables(model, cursor.before, names);
    const auto add_loop = [&](const std::vector<Sibling>& keys) {
        for (const Sibling& one : keys)
            if (one.key == "for_each") add_variables(model, one.value, names);
    };
    if (cursor.at == Cursor::At::key) add_loop(cursor.keys);
    for (std::size_t i = cursor.way.size(); i-- > 0;) add_loop(cursor.way[i].keys);
    if (const Kind* const on = kind_on(model, cursor)) names.push_back({"on", on->name, on, NameAt::Of::variable});
    if (const Callee callee = around(model, lines, cursor)) {
        add_parameters(model, callee.parameters(), names);
        return names;
    }
    add_parameters(model, model.parameters, names);
    if (first_key(lines) == "policy") add_parameters_of_policy(model, lines, names);
    for (const Kind& kind : model.kinds) {
        names.push_back({kind.plural, "list of " + kind.name, nullptr, NameAt::Of::list});
        if (kind.objects.size() == 1) names.push_back({kind.name, kind.name, &kind, NameAt::Of::object});
    }
    return names;
}

}  // namespace pvsplan::lsp

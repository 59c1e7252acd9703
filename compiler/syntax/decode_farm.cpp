#include <fmt/core.h>

#include "compiler/base/near.hpp"
#include "compiler/syntax/decode.hpp"
#include "compiler/syntax/phrases.hpp"

namespace pvsplan::syntax {
namespace {

// Marks the values below a key that was most likely meant to be `connect` or `secrets`: they may be secrets, and no
// finding quotes them.
void strike_all(const Reading& in, NodeId node, FarmDocument& farm) {
    if (in.tree[node].type == TreeNode::Type::scalar) farm.literal_secrets.push_back(in.tree.span(node));
    if (in.tree[node].type == TreeNode::Type::list)
        for (const NodeId element : in.tree.elements(node)) strike_all(in, element, farm);
    if (in.tree[node].type == TreeNode::Type::map)
        for (const auto [key, value] : in.tree.members(node))
            if (in.tree.text(key) != "over") strike_all(in, value, farm);
}

void strike_below(const Reading& in, const Tree::Member& member, std::string_view meant, FarmDocument& farm) {
    const std::vector<std::string> name = {std::string(meant)};
    if (in.tree[member.value].type != TreeNode::Type::scalar && base::nearest(in.tree.text(member.key), name))
        strike_all(in, member.value, farm);
}

// Who writes `connect` means a host, or says that it is simulated: an empty one says neither.
std::vector<NamedValue> read_connect(const Reading& in, NodeId node) {
    const bool is_map = in.tree[node].type == TreeNode::Type::map;
    if (is_map && in.tree.members(node).first == in.tree.members(node).last)
        in.sink.report(codes::missing_key, in.tree.span(node), diag::Words("`connect`"), diag::Name("over"))
            .hint("say how it is reached, `{over: winrm}` say, or `{over: simulated}`");
    return read_values(in, node, "connect");
}

// A mapping is no attribute: `conect: {…}` is reported as a slip of `connect`, which is returned; empty if no key is
// near.
std::string_view report_mapping(const Reading& in, const Tree::Member& member) {
    const grammar::Shape& shape = grammar::shape("object");
    const grammar::Key* meant = meant_key(in.tree.text(member.key), shape);
    if (!meant || meant->layout != grammar::Layout::map) return {};
    report_unknown_key(in, member.key, shape, meant);
    return meant->name;
}

// The members of an object that belong to its kind: attributes, and apart from them `state` and `connect`. Farms have
// 100,000s of objects, so this goes over the members once, without a table.
template <class Into>
void read_members(const Reading& in, NodeId map, Into& into, FarmDocument& farm) {
    for (const auto [key, value] : in.tree.members(map)) {
        const std::string_view name = in.tree.text(key);
        if (name == "name") continue;
        std::string_view meant = name;
        if (in.tree[value].type == TreeNode::Type::map && name != "state" && name != "connect") {
            strike_below(in, {key, value}, "connect", farm);
            meant = report_mapping(in, {key, value});
        }
        if (meant == "state") {
            into.state = read_values(in, value, "state");
        } else if (meant == "connect") {
            into.connect = read_connect(in, value);
        } else if (std::optional<Text> attribute = read_key(in, key, "an attribute")) {
            into.attributes.push_back({std::move(*attribute), read_value(in, value, name)});
        }
    }
}

// A key that is nearly `name` is pointed at.
void report_nameless(const Reading& in, NodeId object) {
    auto report =
        in.sink.report(codes::missing_key, in.tree.span(object), diag::Words("an object"), diag::Name("name"));
    static const std::vector<std::string> name = {"name"};
    for (const auto [key, value] : in.tree.members(object))
        if (base::nearest(in.tree.text(key), name)) report.related(in.tree.span(key), "did you mean `name`?");
}

// The name first, wherever it stands. An object without one is reported and not kept, since nothing could refer to it.
FarmObject decode_object(const Reading& in, NodeId node, FarmDocument& farm) {
    FarmObject object{.span = in.tree.span(node)};
    if (!expect(in, node, TreeNode::Type::map, "an object", "a mapping")) return object;
    bool has_name = false;
    for (const auto [key, value] : in.tree.members(node)) {
        if (in.tree.text(key) != "name") continue;
        has_name = true;
        if (std::optional<Text> name = read_text(in, value, "name")) object.name = std::move(*name);
    }
    if (!has_name) report_nameless(in, node);
    read_members(in, node, object, farm);
    return object;
}

// Names without anything else, where objects are mappings: said once.
bool report_bare_names(const Reading& in, const Tree::Member& member) {
    NodeId first;
    std::size_t count = 0;
    for (const NodeId element : in.tree.elements(member.value)) {
        const bool is_name = in.tree[element].type == TreeNode::Type::scalar && in.tree[element].is_plain &&
                             in.tree.text(element).find(':') == std::string_view::npos;
        if (!is_name) return false;
        if (count++ == 0) first = element;
    }
    if (count == 0) return false;
    auto report = in.sink.report(codes::wrong_form, in.tree.span(first), diag::Topic("an object"),
                                 diag::Found(words_for(in.tree[first])), diag::Expected("a mapping"));
    report.hint(fmt::format("write `{{name: {}}}`, with its attributes behind the name{}", in.tree.text(first),
                            count > 1 ? fmt::format("; the same of {} more", count - 1) : ""));
    return true;
}

// What is no list of objects: a file that has them, or a slip.
void decode_no_list(const Reading& in, const Tree::Member& member, FarmList& list) {
    if (in.tree.is_lost(member.value)) return;  // has been reported
    const auto refuse = [&] {
        list.is_instead = words_for(in.tree[member.value]);
        list.value_span = in.tree.span(member.value);
    };
    if (in.tree[member.value].type != TreeNode::Type::map) return refuse();
    const auto members = in.tree.members(member.value);
    const std::string_view first = members.first == members.last ? "" : in.tree.text(members.first);
    if (first == "name" || first.starts_with("-")) {
        const base::Span at = in.tree.span(member.value);
        in.sink.report(codes::no_dash, {at.file, at.begin, at.begin + 1}, "")
            .hint("each object of this list begins with `- `, a `-` and a blank");
        return;
    }
    const grammar::Shape& file = grammar::shape("objects-file");
    bool names_a_file = members.first == members.last;
    for (const auto [key, value] : members) names_a_file = names_a_file || meant_key(in.tree.text(key), file);
    if (!names_a_file) return refuse();
    const Fields fields(in, member.value, file);
    list.csv = read_text(in, fields["csv"], "csv");
}

// Objects without a name are left out, and reported.
FarmList decode_list(const Reading& in, const Tree::Member& member, FarmDocument& farm) {
    FarmList list;
    if (std::optional<Text> name = read_key(in, member.key, "a plural")) list.plural = std::move(*name);
    if (in.tree[member.value].type != TreeNode::Type::list)
        decode_no_list(in, member, list);
    else if (!report_bare_names(in, member))
        for (const NodeId element : in.tree.elements(member.value)) {
            FarmObject object = decode_object(in, element, farm);
            if (!object.name.value.empty()) list.objects.push_back(std::move(object));
        }
    return list;
}

// Defaults are written as an object is, but for the name.
std::vector<FarmDefaults> decode_defaults(const Reading& in, NodeId map, FarmDocument& farm) {
    std::vector<FarmDefaults> result;
    if (map.is_none()) return result;
    for (const auto [key, value] : in.tree.members(map)) {
        std::optional<Text> kind = read_key(in, key, "a kind");
        if (!expect(in, value, TreeNode::Type::map, in.tree.text(key), "a mapping") || !kind) continue;
        for (const auto [name, of] : in.tree.members(value))
            if (in.tree.text(name) == "name")
                in.sink
                    .report(codes::misplaced_key, in.tree.span(name), diag::Name("name"),
                            diag::Words("the defaults of a kind"))
                    .hint("each object has a name of its own");
        FarmDefaults defaults{.kind = std::move(*kind)};
        read_members(in, value, defaults, farm);
        result.push_back(std::move(defaults));
    }
    return result;
}

// A text in the place of a source may be the secret itself: no finding quotes it.
void strike(const Reading& in, NodeId node, FarmDocument& farm) {
    if (in.tree[node].type != TreeNode::Type::map) return farm.literal_secrets.push_back(in.tree.span(node));
    const grammar::Shape& sources = grammar::shape("secret");
    for (const auto [key, value] : in.tree.members(node))
        if (!sources.key(in.tree.text(key))) farm.literal_secrets.push_back(in.tree.span(value));
}

constexpr std::string_view secret_hint =
    "a secret is `{env: NAME}`, `{file: PATH}` or `{command: [PROGRAM, ARGUMENT]}`";

// The name is returned also where the source is wrong: who uses the secret is then told nothing of it.
SecretSource decode_secret(const Reading& in, Text name, NodeId node) {
    if (in.tree[node].type == TreeNode::Type::scalar) {
        in.sink
            .report(codes::wrong_form, in.tree.span(node), diag::Topic(fmt::format("`{}`", name.value)),
                    diag::Found("a text"), diag::Expected("a mapping"))
            .hint(std::string(secret_hint));
        return {.name = std::move(name)};
    }
    const Fields fields(in, node, grammar::shape("secret"), name.value);
    SecretSource secret{.name = std::move(name)};
    if (!fields.is_map()) return secret;
    for (const grammar::Key& key : grammar::shape("secret").keys) {
        if (!fields.has(key.name)) continue;
        if (!secret.from.value.empty()) {
            in.sink
                .report(codes::contradictory, fields.key_span(key.name), diag::Name(secret.from.value),
                        diag::OtherName(key.name))
                .related(secret.from.span, "the other one");
            return secret;
        }
        secret.from = {std::string(key.name), fields.key_span(key.name)};
        secret.what = read_texts(in, fields[key.name], key.name);
    }
    const bool has_unknown = in.tree.members(node).first != in.tree.members(node).last;
    if (secret.from.value.empty() && !has_unknown)
        in.sink.report(codes::missing_key, in.tree.span(node), diag::Words("a secret"), diag::Name("env"))
            .hint(std::string(secret_hint));
    return secret;
}

}  // namespace

// Places that may hold a secret are struck before the lists are read, whose findings could quote them.
FarmDocument decode_farm(const Reading& in) {
    const NodeId root = in.tree.root();
    const Fields fields(in, root, grammar::shape("farm"));
    FarmDocument farm{.span = in.tree.span(root)};
    farm.name = read_document_name(in, fields["farm"], "farm");
    farm.uses = read_texts(in, fields["uses"], "uses");
    if (const NodeId flag = fields["protected"]; !flag.is_none()) {
        farm.is_protected = read_flag(in, flag, "protected");
        farm.protected_span = in.tree.span(flag);
    }
    if (const NodeId store = fields["store"]; !store.is_none()) farm.store = read_text(in, store, "store");
    farm.notify = decode_notify(in, fields["notify"]);
    farm.defaults = decode_defaults(in, fields["defaults"], farm);
    if (const NodeId secrets = fields["secrets"]; !secrets.is_none())
        for (const auto [key, value] : in.tree.members(secrets))
            if (std::optional<Text> name = read_key(in, key, "a secret")) {
                strike(in, value, farm);
                farm.secrets.push_back(decode_secret(in, std::move(*name), value));
            }
    if (fields.is_map())
        for (const Tree::Member member : in.tree.members(root))
            for (const char* const meant : {"secrets", "defaults", "connect"})
                if (!grammar::shape("farm").key(in.tree.text(member.key))) strike_below(in, member, meant, farm);
    for (const Tree::Member& member : fields.others())
        if (FarmList list = decode_list(in, member, farm); !list.plural.value.empty())
            farm.lists.push_back(std::move(list));
    return farm;
}

}  // namespace pvsplan::syntax

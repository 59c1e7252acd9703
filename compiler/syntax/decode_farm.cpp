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
        in.sink.report(codes::missing_key, in.tree.span(node), "`connect`", "over")
            .hint("say how it is reached, `{over: winrm}` say, or `{over: simulated}`");
    return read_values(in, node, "connect");
}

// The members of an object that belong to its kind: attributes, and apart from them `state` and `connect`. Farms have
// 100,000s of objects, so this goes over the members once, without a table.
template <class Into>
void read_members(const Reading& in, NodeId map, Into& into, FarmDocument& farm) {
    for (const auto [key, value] : in.tree.members(map)) {
        const std::string_view name = in.tree.text(key);
        if (name == "name") continue;
        if (name == "state") {
            into.state = read_values(in, value, "state");
        } else if (name == "connect") {
            into.connect = read_connect(in, value);
        } else if (std::optional<Text> attribute = read_key(in, key, "an attribute")) {
            if (in.tree[value].type == TreeNode::Type::map) strike_below(in, {key, value}, "connect", farm);
            into.attributes.push_back({std::move(*attribute), read_value(in, value, name)});
        }
    }
}

void report_nameless(const Reading& in, NodeId object) {
    auto report = in.sink.report(codes::missing_key, in.tree.span(object), "an object", "name");
    static const std::vector<std::string> name = {"name"};
    for (const auto [key, value] : in.tree.members(object))
        if (base::nearest(in.tree.text(key), name)) report.related(in.tree.span(key), "did you mean `name`?");
}

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

FarmList decode_list(const Reading& in, const Tree::Member& member, FarmDocument& farm) {
    for (const char* const meant : {"secrets", "defaults", "connect"}) strike_below(in, member, meant, farm);
    FarmList list;
    const std::string_view plural = in.tree.text(member.key);
    if (std::optional<Text> name = read_key(in, member.key, "a plural")) list.plural = std::move(*name);
    if (in.tree[member.value].type == TreeNode::Type::map) {
        const auto members = in.tree.members(member.value);
        const std::string_view first = members.first == members.last ? "" : in.tree.text(members.first);
        if (first == "name" || first.starts_with("-")) {
            const base::Span at = in.tree.span(member.value);
            in.sink.report(codes::no_dash, {at.file, at.begin, at.begin + 1}, "")
                .hint("each object of this list begins with `- `, a `-` and a blank");
            return list;
        }
        const Fields fields(in, member.value, grammar::shape("objects-file"));
        list.csv = read_text(in, fields["csv"], "csv");
        return list;
    }
    if (!expect(in, member.value, TreeNode::Type::list, plural, "a list of objects or `{csv: FILE}`")) return list;
    for (const NodeId element : in.tree.elements(member.value)) {
        FarmObject object = decode_object(in, element, farm);
        if (!object.name.value.empty()) list.objects.push_back(std::move(object));
    }
    return list;
}

std::vector<FarmDefaults> decode_defaults(const Reading& in, NodeId map, FarmDocument& farm) {
    std::vector<FarmDefaults> result;
    if (map.is_none()) return result;
    for (const auto [key, value] : in.tree.members(map)) {
        std::optional<Text> kind = read_key(in, key, "a kind");
        if (!expect(in, value, TreeNode::Type::map, in.tree.text(key), "a mapping") || !kind) continue;
        for (const auto [name, of] : in.tree.members(value))
            if (in.tree.text(name) == "name")
                in.sink.report(codes::misplaced_key, in.tree.span(name), "name", "the defaults of a kind")
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

SecretSource decode_secret(const Reading& in, Text name, NodeId node) {
    const Fields fields(in, node, grammar::shape("secret"), name.value);
    SecretSource secret{.name = std::move(name)};
    if (!fields.is_map()) return secret;
    for (const grammar::Key& key : grammar::shape("secret").keys) {
        if (!fields.has(key.name)) continue;
        if (!secret.from.value.empty()) {
            in.sink.report(codes::contradictory, fields.key_span(key.name), secret.from.value, key.name)
                .related(secret.from.span, "the other one");
            return secret;
        }
        secret.from = {std::string(key.name), fields.key_span(key.name)};
        secret.what = read_texts(in, fields[key.name], key.name);
    }
    const bool has_unknown = in.tree.members(node).first != in.tree.members(node).last;
    if (secret.from.value.empty() && !has_unknown)
        in.sink.report(codes::missing_key, in.tree.span(node), "a secret", "env")
            .hint("a secret is `{env: NAME}`, `{file: PATH}` or `{command: [PROGRAM, ARGUMENT]}`");
    return secret;
}

}  // namespace

FarmDocument decode_farm(const Reading& in) {
    const NodeId root = in.tree.root();
    const Fields fields(in, root, grammar::shape("farm"));
    FarmDocument farm{.span = in.tree.span(root)};
    if (std::optional<Text> name = read_name(in, fields["farm"], "farm")) farm.name = std::move(*name);
    farm.uses = read_texts(in, fields["uses"], "uses");
    if (const NodeId flag = fields["protected"]; !flag.is_none()) {
        farm.is_protected = read_flag(in, flag, "protected");
        farm.protected_span = in.tree.span(flag);
    }
    if (const NodeId store = fields["store"]; !store.is_none()) farm.store = read_text(in, store, "store");
    farm.defaults = decode_defaults(in, fields["defaults"], farm);
    if (const NodeId secrets = fields["secrets"]; !secrets.is_none())
        for (const auto [key, value] : in.tree.members(secrets))
            if (std::optional<Text> name = read_key(in, key, "a secret")) {
                strike(in, value, farm);
                farm.secrets.push_back(decode_secret(in, std::move(*name), value));
            }
    for (const Tree::Member& member : fields.others())
        if (FarmList list = decode_list(in, member, farm); !list.plural.value.empty())
            farm.lists.push_back(std::move(list));
    return farm;
}

}  // namespace pvsplan::syntax

#include "grammar/json_schema.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/base/check.hpp"
#include "compiler/base/lists.hpp"
#include "grammar/shapes.hpp"
#include "grammar/transports.hpp"

namespace pvsplan::grammar {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kinds_of_document[] = {"plan", "module", "policy", "farm"};
// Shapes that stand elsewhere with fewer keys.
constexpr std::string_view rollback_step = "rollback-step";
constexpr std::string_view observation = "observation";

Json reference(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }

// What a scalar of YAML may be to a schema: `2203` is a number there, and a text to us.
Json scalar() { return {{"type", {"string", "number", "boolean"}}}; }

Json strings(const std::vector<std::string_view>& texts) {
    return Json(std::vector<std::string>(texts.begin(), texts.end()));
}

// Editors that know Markdown show code as code.
void describe(Json& schema, std::string_view doc) {
    if (doc.empty()) return;
    schema["description"] = doc;
    if (doc.find('`') != std::string_view::npos) schema["markdownDescription"] = doc;
}

Json described(std::string_view doc, const Json& schema) {
    Json result = Json::object();
    describe(result, doc);
    if (schema.contains("$ref"))
        result["allOf"] = Json::array({schema});  // draft 7 sees nothing beside a `$ref`
    else
        result.update(schema);
    return result;
}

// ---- what the keys of one mapping ask of each other ---------------------------------------------------------------

// A term of a KeyRule as a schema. `key.inner` asks for a mapping there: the same key with a text in it does not hold.
Json holds(std::string_view term) {
    if (const std::size_t dot = term.find('.'); dot != std::string_view::npos) {
        const std::string outer(term.substr(0, dot));
        return {{"required", {outer}},
                {"properties", {{outer, {{"type", "object"}, {"required", {std::string(term.substr(dot + 1))}}}}}}};
    }
    const std::size_t equals = term.find('=');
    const std::string key(term.substr(0, equals));
    Json schema = {{"required", {key}}};
    if (equals != std::string_view::npos) schema["properties"][key]["const"] = term.substr(equals + 1);
    return schema;
}

Json any_of(const std::vector<std::string_view>& terms) {
    if (terms.size() == 1) return holds(terms.front());
    Json all = Json::array();
    for (const std::string_view term : terms) all.push_back(holds(term));
    return {{"anyOf", all}};
}

bool is_key(std::string_view term) { return term.find_first_of("=.") == std::string_view::npos; }

// These keys may not be there: a reader marks each that is.
Json none_of(const std::vector<std::string_view>& keys, const std::string& why) {
    Json schema = {{"errorMessage", why}};
    for (const std::string_view key : keys) schema["properties"][std::string(key)] = false;
    return schema;
}

// What does nothing is marked, rather than the mapping that lacks something.
void add_rule(Json& rules, const KeyRule& rule) {
    if (rule.given.empty()) {
        rules.push_back(any_of(rule.one_of));
        return;
    }
    const std::string given = "`" + std::string(rule.given) + "`";
    const auto why = [&](const std::string& usual) { return rule.why.empty() ? usual : std::string(rule.why); };
    if (!rule.one_of.empty() && is_key(rule.given))
        rules.push_back({{"if", any_of(rule.one_of)},
                         {"else", none_of({rule.given}, why(given + " goes with " + base::quoted(rule.one_of)))}});
    else if (!rule.one_of.empty())
        rules.push_back({{"if", holds(rule.given)}, {"then", any_of(rule.one_of)}});
    if (rule.without.empty()) return;
    const std::string reason = why(given + " does not go with " + base::quoted(rule.without));
    if (is_key(rule.given))
        rules.push_back({{"if", any_of(rule.without)}, {"then", none_of({rule.given}, reason)}});
    else
        rules.push_back({{"if", holds(rule.given)}, {"then", none_of(rule.without, reason)}});
}

// ---- one key ------------------------------------------------------------------------------------------------------

class Schema {
  public:
    // Makes the definitions that are referred to on the way.
    Json document(std::string_view name) { return of_shape(shape(name)); }
    // Those that were referred to, and those that they refer to. By index, as each may want more of them while it is
    // made.
    Json definitions() {
        Json all = Json::object();
        for (std::size_t i = 0; i < wanted_.size(); ++i) {
            const std::string name = wanted_[i];
            all[name] = definition(name);
        }
        return all;
    }
    Json to(std::string_view name) {
        if (std::find(wanted_.begin(), wanted_.end(), name) == wanted_.end()) wanted_.emplace_back(name);
        return reference(name);
    }

  private:
    // The pattern of a name is that of Name in grammar/names.hpp, less the words of the language.
    Json definition(const std::string& name) {
        if (name == "name")
            return {{"type", "string"},
                    {"pattern", "^[a-z_][a-z0-9_]*(-[a-z0-9_]+)*$"},
                    {"not", {{"enum", {"and", "or", "not", "in", "where", "true", "false", "none"}}}},
                    {"errorMessage",
                     "a name is of lower-case letters, digits and `_`, with single `-` between, and no word of the "
                     "language"}};
        if (name == "dotted-name")
            return {{"type", "string"},
                    {"pattern", "^[a-z_][a-z0-9_]*(-[a-z0-9_]+)*(\\.[a-z_][a-z0-9_]*(-[a-z0-9_]+)*)*$"},
                    {"errorMessage", "names with dots between: `stream.stop`"}};
        if (name == "text") return scalar();
        if (name == "value") return {{"anyOf", Json::array({to("text"), {{"type", "array"}, {"items", to("value")}}})}};
        if (name == "type")
            return {{"anyOf", Json::array({to("text"), {{"type", "array"}, {"items", to("name")}, {"minItems", 1}}})}};
        if (name == "connect") return connect();
        if (name == rollback_step)
            return of_shape(without(shape("step"), rollback_step, {"on_failure", "recover", "window"}));
        if (name == observation)
            return of_shape(without(shape("body"), observation, {"manual", "wait", "at", "exit_codes"}));
        return of_shape(shape(name));
    }

    // A rule about a key that is out goes, and a term that names one goes from the others.
    static Shape without(Shape shape, std::string_view name, const std::vector<std::string_view>& keys) {
        shape.name = name;
        const auto is_out = [&](std::string_view term) {
            return std::find(keys.begin(), keys.end(), term.substr(0, term.find_first_of("=."))) != keys.end();
        };
        std::erase_if(shape.keys, [&](const Key& key) { return is_out(key.name); });
        std::erase_if(shape.rules, [&](const KeyRule& rule) { return is_out(rule.given); });
        for (KeyRule& rule : shape.rules) {
            // What goes only with keys that are out is out as well.
            if (std::erase_if(rule.one_of, is_out) > 0 && rule.one_of.empty()) rule.without.push_back(rule.given);
            std::erase_if(rule.without, is_out);
        }
        return shape;
    }

    // What is not listed is refused, but for an open shape, whose other keys are names.
    Json of_shape(const Shape& shape) {
        Json properties = Json::object();
        Json required = Json::array();
        for (const Key& key : shape.keys) {
            properties[std::string(key.name)] = described(key.doc, of_key(key, shape));
            if (key.need == Need::required) required.push_back(key.name);
        }
        Json schema = Json::object();
        describe(schema, shape.doc);
        schema["type"] = "object";
        schema["properties"] = std::move(properties);
        if (!required.empty()) schema["required"] = std::move(required);
        schema["additionalProperties"] =
            shape.is_open ? described(shape.other.doc, of_key(shape.other, shape)) : Json(false);
        if (shape.is_open) schema["propertyNames"] = to("name");
        Json rules = Json::array();
        for (const KeyRule& rule : shape.rules)
            if (!rule.one_of.empty() || !rule.without.empty()) add_rule(rules, rule);
        if (!rules.empty()) schema["allOf"] = std::move(rules);
        return schema;
    }

    Json of_key(const Key& key, const Shape& in) {
        if (key.form == Form::option) return to("connect");
        const Json one = of_form(key, in);
        Json list = {{"type", "array"}, {"items", one}};
        if (key.entries == Key::Entries::one_at_least) list["minItems"] = 1;
        switch (key.layout) {
            case Layout::one: return one;
            case Layout::list: return list;
            case Layout::one_or_list: return {{"anyOf", Json::array({one, list})}};
            case Layout::map: break;
        }
        Json map = {{"type", "object"}, {"additionalProperties", one}};
        if (key.entry_form == Form::name) map["propertyNames"] = to("name");
        if (key.entry_form == Form::expression) map["propertyNames"] = {{"pattern", "\\."}};  // a state of an object
        if (key.entry_form == Form::dotted_name) map["propertyNames"] = to("dotted-name");
        return map;
    }

    // The shape that a key names, as it is there.
    Json shape_of(const Key& key, const Shape& in) {
        const bool is_undone = key.name == "recover" || in.name == rollback_step;
        if (key.shape == "step" && is_undone) return to(rollback_step);
        if (key.name == "observe") return to(observation);
        return to(key.shape);
    }

    Json of_form(const Key& key, const Shape& in) {
        const auto either = [&](std::string_view plain) {
            return Json{{"anyOf", Json::array({to(plain), shape_of(key, in)})}};
        };
        switch (key.form) {
            case Form::name: return to("name");
            case Form::dotted_name: return to("dotted-name");
            case Form::text:
            case Form::mixed:
            case Form::path:
            case Form::expression:
            case Form::loop:
            case Form::requirement:
            case Form::event: return to("text");
            case Form::flag:
                return {{"anyOf",
                         Json::array({{{"type", "boolean"}}, {{"type", "string"}, {"pattern", "^(true|false)$"}}})}};
            case Form::integer:
                return {{"anyOf",
                         Json::array({{{"type", "integer"}}, {{"type", "string"}, {"pattern", "^-?[0-9]{1,10}$"}}})}};
            case Form::choice: return {{"enum", strings(key.choices)}};
            case Form::type: return to("type");
            case Form::value: return to("value");
            case Form::option: return to("connect");
            case Form::shape: return shape_of(key, in);
            case Form::typed: return {{"anyOf", Json::array({to("type"), to("parameter")})}};
            case Form::objects:
                return {{"anyOf", Json::array({{{"type", "array"}, {"items", to("object")}}, to("objects-file")})}};
            case Form::script:
            case Form::limit:
            case Form::question: return either("text");
            case Form::undo:
                return {{"anyOf", Json::array({to(rollback_step),
                                               {{"type", "array"}, {"items", to(rollback_step)}},
                                               to("nothing"),
                                               to("impossible")})}};
        }
        return {};
    }

    // ---- transports -------------------------------------------------------------------------------------------

    // Numbers and file names are texts like any other here: what they must look like is said when they are read.
    Json connect_value(const ConnectKey& key) {
        Json schema = to("text");
        if (key.form == ConnectKey::Form::secret)
            schema = {{"type", "string"},
                      {"pattern", "^\\$\\{"},
                      {"errorMessage", "a secret is never written out: `${secret.NAME}`"}};
        if (key.form == ConnectKey::Form::choice) schema = {{"enum", strings(key.choices)}};
        return described(key.doc, schema);
    }

    // What one of an object lacks may stand in the defaults of its kind, so that no key has to be there.
    Json connect() {
        Json over = {{"description", "How it is reached."}, {"enum", transport_names()}};
        Json schema = {{"type", "object"}, {"minProperties", 1}, {"properties", {{"over", over}}}};
        schema["additionalProperties"] = to("value");
        Json each = Json::array();
        for (const Transport& transport : transports()) {
            Json properties = Json::object();
            for (const ConnectKey& key : transport.keys) properties[std::string(key.name)] = connect_value(key);
            Json then = {{"description", transport.doc},
                         {"properties", properties},
                         {"propertyNames", {{"enum", transport.key_names()}}}};
            each.push_back({{"if", holds("over=" + std::string(transport.name))}, {"then", then}});
        }
        schema["allOf"] = std::move(each);
        return schema;
    }

    std::vector<std::string> wanted_;
};

}  // namespace

std::string json_schema(std::string_view document) {
    Schema schema;
    Json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "pvsplan " + std::string(document.empty() ? "document" : document)}};
    if (document.empty()) {
        // By the key that says what it is: a plan names its farm, so that one comes last.
        Json last = {{"required", {"plan"}},
                     {"errorMessage",
                      "the first line of a file is `plan: NAME`, `farm: NAME`, `module: NAME` or `policy: NAME`"}};
        for (auto name = std::rbegin(kinds_of_document); name != std::rend(kinds_of_document); ++name)
            last = {{"if", {{"required", {std::string(*name)}}}}, {"then", schema.to(*name)}, {"else", last}};
        root["type"] = "object";
        root.update(last);
    } else {
        base::check(std::find(std::begin(kinds_of_document), std::end(kinds_of_document), document) !=
                        std::end(kinds_of_document),
                    "a document is one of four");
        root.update(schema.document(document));
    }
    root["$defs"] = schema.definitions();
    return root.dump(2) + "\n";
}

}  // namespace pvsplan::grammar

#include "runtime/doc/keys.hpp"

#include <set>

#include "grammar/examples.hpp"

#include "compiler/base/lists.hpp"

namespace pvsplan::doc {
namespace {

constexpr std::string_view of_connect = "connect.";

using grammar::Form;
using grammar::Key;
using grammar::Layout;
using grammar::Shape;

// How a value of the key is called, with its article.
std::string_view one_of(Form form) {
    switch (form) {
        case Form::name:
        case Form::dotted_name: return "a name";
        case Form::text: return "a text";
        case Form::mixed: return "a text, with `${…}`";
        case Form::path: return "a path";
        case Form::flag: return "true or false";
        case Form::integer: return "an integer";
        case Form::choice: return "one of its words";
        case Form::expression: return "an expression";
        case Form::loop: return "x in LIST";
        case Form::requirement: return "a requirement";
        case Form::event: return "an event";
        case Form::type:
        case Form::typed: return "a type";
        case Form::script: return "a script";
        case Form::option: return "what the transport takes";
        case Form::value: return "a value";
        case Form::shape: return "a mapping";
        case Form::objects: return "a list of objects";
        case Form::limit: return "a duration";
        case Form::question: return "a question";
        case Form::undo: return "a call, steps, or why there is none";
    }
    return "";
}

// The mapping that a value of the key may be; null: none.
const Shape* inner_of(const Key& key) { return key.shape.empty() ? nullptr : &grammar::shape(key.shape); }

std::string choices_of(const Key& key) {
    std::string text;
    for (const std::string_view choice : key.choices) base::append(text, ", ", code(choice));
    return text;
}

std::string need_of(const Key& key) { return key.need == grammar::Need::required ? "always" : ""; }

// The example is compiled by the tests, so that it works as it stands.
void add_key(Page& page, const Shape& shape, const Key& key) {
    page.push_back(Heading{2, code(std::string(shape.name) + "." + std::string(key.name))});
    page.push_back(Paragraph{std::string(key.doc)});
    Facts facts = {{"of", std::string(shape.what)}, {"holds", form_of(key)}};
    if (!key.choices.empty()) facts.push_back({"one of", choices_of(key)});
    if (key.need == grammar::Need::required) facts.push_back({"needed", "always"});
    page.push_back(std::move(facts));
    if (const grammar::Example* const example = grammar::example_of(shape.name, key.name))
        page.push_back(Example{"yaml", std::string(example->text)});
    if (const Shape* const inner = inner_of(key); inner && inner != &shape) page.push_back(keys_of(*inner));
}

// What a key of a transport is for, and its form.
std::string holds(const grammar::ConnectKey& key) {
    return std::string(key.doc) + " It holds " + grammar::words_for(key) + ".";
}

void add_shape(Page& page, const Shape& shape) {
    page.push_back(Heading{2, code(shape.name)});
    page.push_back(Paragraph{std::string(shape.doc)});
    page.push_back(keys_of(shape));
}

// Adds a key of `connect`, over each transport that takes it. Nothing is added if none does.
void add_connect_key(Page& page, std::string_view name) {
    const bool is_over = name == "over";
    Table rows{{"over", "what for"}, {}};
    for (const grammar::Transport& transport : grammar::transports()) {
        const grammar::ConnectKey* const key = transport.key(name);
        if (is_over)
            rows.rows.push_back({code(transport.name), std::string(transport.doc)});
        else if (key != nullptr)
            rows.rows.push_back({code(transport.name), holds(*key)});
    }
    if (rows.rows.empty()) return;
    page.push_back(Heading{2, code("connect." + std::string(name))});
    page.push_back(Facts{{"of", "`connect` of an object"}});
    if (is_over)
        if (const grammar::Example* const example = grammar::example_of("object", "connect"))
            page.push_back(Example{"yaml", std::string(example->text)});
    page.push_back(std::move(rows));
}

}  // namespace

// In words, as one writes it.
std::string form_of(const Key& key) {
    const std::string one(one_of(key.form));
    switch (key.layout) {
        case Layout::one: return one;
        case Layout::list: return "a list: " + one + " each";
        case Layout::one_or_list: return one + ", or a list";
        case Layout::map: return "by name: " + one + " each";
    }
    return one;
}

Table keys_of(const Shape& shape) {
    Table table{{"key", "needed", "holds", "what for"}, {}};
    for (const Key& key : shape.keys)
        table.rows.push_back(
            {code(key.name), need_of(key), key.choices.empty() ? form_of(key) : choices_of(key), std::string(key.doc)});
    if (shape.is_open) table.rows.push_back({"any other", "", form_of(shape.other), std::string(shape.other.doc)});
    return table;
}

// From the same row from which a farm is checked.
void add_transport(Page& page, const grammar::Transport& transport, std::uint32_t level) {
    page.push_back(Heading{level, code("over: " + std::string(transport.name))});
    page.push_back(Paragraph{std::string(transport.doc)});
    std::string bodies;
    for (const std::string_view body : transport.bodies) base::append(bodies, ", ", code(body));
    if (!bodies.empty()) page.push_back(Facts{{"runs", bodies}});
    Table keys{{"key", "what for"}, {}};
    for (const grammar::ConnectKey& key : transport.keys) keys.rows.push_back({code(key.name), holds(key)});
    if (!keys.rows.empty()) page.push_back(std::move(keys));
}

// One name may be that of a mapping, of keys in several, of one of `connect`, and of a transport: all of them are told.
// `step.at_most` is the key of one mapping.
std::optional<Page> key_page(std::string_view name) {
    Page page = {Heading{1, code(name)}};
    const std::size_t dot = name.find('.');
    for (const Shape& shape : grammar::shapes()) {
        if (shape.name == name) add_shape(page, shape);
        for (const Key& key : shape.keys)
            if (key.name == name || (shape.name == name.substr(0, dot) && dot != std::string_view::npos &&
                                     key.name == name.substr(dot + 1)))
                if (shape.name != name) add_key(page, shape, key);
    }
    add_connect_key(page, name.starts_with(of_connect) ? name.substr(of_connect.size()) : name);
    if (const grammar::Transport* const transport = grammar::transport(name)) add_transport(page, *transport, 2);
    if (page.size() == 1) return std::nullopt;
    // One answer has its own title.
    std::size_t answers = 0;
    for (const Block& block : page) answers += std::holds_alternative<Heading>(block) ? 1 : 0;
    if (answers == 2) {
        page.erase(page.begin());
        std::get<Heading>(page.front()).level = 1;
    }
    return page;
}

// All that can be asked for: shapes, keys, keys of a shape, transports and theirs.
std::vector<std::string> key_names() {
    std::set<std::string> names;
    for (const Shape& shape : grammar::shapes()) {
        names.emplace(shape.name);
        for (const Key& key : shape.keys) {
            names.emplace(key.name);
            names.insert(std::string(shape.name) + "." + std::string(key.name));
        }
    }
    for (const grammar::Transport& transport : grammar::transports()) {
        names.emplace(transport.name);
        for (const std::string& key : transport.key_names()) {
            names.insert(key);
            names.insert(std::string(of_connect) + key);
        }
    }
    return {names.begin(), names.end()};
}

}  // namespace pvsplan::doc

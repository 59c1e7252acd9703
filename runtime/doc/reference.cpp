#include "runtime/doc/reference.hpp"

#include <set>

#include "compiler/resolve/functions.hpp"
#include "grammar/examples.hpp"
#include "runtime/doc/keys.hpp"

namespace pvsplan::doc {
namespace {

// Each example once: where a key is that it is of.
void add_examples(Page& page, const grammar::Shape& shape, std::set<std::string_view>& shown) {
    for (const grammar::Key& key : shape.keys) {
        const grammar::Example* const example = grammar::example_of(shape.name, key.name);
        if (example && shown.insert(example->text).second) page.push_back(Example{"yaml", std::string(example->text)});
    }
}

// Types and functions come from the table that resolves them.
void add_types(Page& page) {
    page.push_back(Heading{2, "Types"});
    page.push_back(Paragraph{
        "The type of a parameter, an attribute or a state is one of these words, the name of a kind, `list of` another "
        "type, or the words that it may be: `[running, stopped]`."});
    Table types{{"type", "what it is", "for instance"}, {}};
    for (const resolve::SimpleType& type : resolve::simple_types())
        types.rows.push_back({code(type.name), std::string(type.doc), code(type.example)});
    page.push_back(std::move(types));
}

void add_functions(Page& page) {
    page.push_back(Heading{2, "Functions"});
    page.push_back(
        Paragraph{"What an expression may call, beside the predicates of modules. Those of steps stand in `recover`."});
    Table functions{{"function", "what it is", "for instance"}, {}};
    for (const resolve::Function& function : resolve::functions())
        functions.rows.push_back({code(function.form), std::string(function.doc), code(function.example)});
    page.push_back(std::move(functions));
}

}  // namespace

// Everything comes from the tables by which documents are read: what the language takes and what is said of it cannot
// differ.
Page reference_page() {
    Page page = {Heading{1, "The language, key by key"},
                 Paragraph{"Written by `pvsplan doc --reference`. What it means, and why it is so, is in the README "
                           "beside it. Every example is a part of a document, and the tests compile it."}};
    std::set<std::string_view> shown;
    for (const grammar::Shape& shape : grammar::shapes()) {
        page.push_back(Heading{2, code(shape.name)});
        page.push_back(Paragraph{std::string(shape.doc)});
        page.push_back(keys_of(shape));
        add_examples(page, shape, shown);
    }
    add_types(page);
    add_functions(page);
    page.push_back(Heading{2, "How objects are reached"});
    for (const grammar::Transport& transport : grammar::transports()) add_transport(page, transport, 3);
    return page;
}

}  // namespace pvsplan::doc

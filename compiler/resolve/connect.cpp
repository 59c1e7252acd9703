#include "compiler/resolve/connect.hpp"

#include <algorithm>

#include "compiler/base/lists.hpp"
#include "compiler/base/near.hpp"
#include "compiler/diag/secrecy.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::resolve {
namespace {

using Form = grammar::ConnectKey::Form;

// A misspelt `over` counts as one: else each key beside it would be reported for a transport that nobody meant.
bool is_over(const syntax::NamedValue& one) {
    static const std::vector<std::string> over = {"over"};
    return one.name.value == "over" || base::nearest(one.name.value, over).has_value();
}

std::string plain_text(const syntax::NamedValue& one) {
    return one.value.scalar && one.value.scalar->is_text() ? one.value.scalar->text() : std::string();
}

// `password`, or `login: negotiate`.
std::string term_text(std::string_view term) {
    const std::size_t equals = term.find('=');
    if (equals == std::string_view::npos) return "`" + std::string(term) + "`";
    return "`" + std::string(term.substr(0, equals)) + ": " + std::string(term.substr(equals + 1)) + "`";
}

// A term is a key that is there, or `key=value`.
bool holds(const Connect& connect, std::string_view term) {
    const std::size_t equals = term.find('=');
    const auto found = connect.values.find(std::string(term.substr(0, equals)));
    if (found == connect.values.end()) return false;
    const std::string* text = found->second.as_string();
    return equals == std::string_view::npos || (text && *text == term.substr(equals + 1));
}

// "a, b or c"
std::string one_of(const std::vector<std::string_view>& terms) {
    std::string text;
    for (std::size_t i = 0; i < terms.size(); ++i)
        text += (i == 0 ? "" : i + 1 == terms.size() ? " or " : ", ") + term_text(terms[i]);
    return text;
}

std::string names_of_transports() { return base::quoted(grammar::transport_names()); }

}  // namespace

bool looks_secret(std::string_view key) { return grammar::is_secret_key(key) || diag::is_secret_word(key); }

// A key of the object replaces that of the defaults. Where the object names another transport, none of the defaults
// apply: a port or user of one transport means something else for another.
Connects::Given Connects::given(const Said& defaults, const Said& own) const {
    const auto over_of = [](const Said& said) {
        const auto exact =
            std::find_if(said.begin(), said.end(), [](const auto& one) { return one.name.value == "over"; });
        const auto found = exact != said.end() ? exact : std::find_if(said.begin(), said.end(), is_over);
        return found == said.end() ? nullptr : &*found;
    };
    Given result{.over = over_of(own)};
    const syntax::NamedValue* usual = over_of(defaults);
    const bool is_otherwise = result.over && usual && plain_text(*result.over) != plain_text(*usual);
    if (!result.over) result.over = usual;
    for (const syntax::NamedValue& one : own)
        if (&one != result.over) result.others.push_back(&one);
    if (is_otherwise) return result;
    for (const syntax::NamedValue& one : defaults) {
        const bool is_replaced =
            std::any_of(own.begin(), own.end(), [&](const auto& mine) { return mine.name.value == one.name.value; });
        if (&one != usual && !is_replaced) result.others.push_back(&one);
    }
    return result;
}

// Index 0 means that nothing was said. All else gets an entry of its own, also what is wrong: it was said, so that it
// must not be taken for an object that nobody has told how to reach. Rules between keys are asked only if each key is
// right.
std::uint32_t Connects::add(const Said& defaults, const Said& own, const std::string& whose) {
    if (defaults.empty() && own.empty()) return 0;
    const Given said = given(defaults, own);
    if (!said.over) {
        const syntax::NamedValue& first = own.empty() ? defaults.front() : own.front();
        found_.report(no_over, first.name.span, whose)
            .hint("say how it is reached: `over` is one of " + names_of_transports());
        return keep({.span = first.name.span});
    }
    Connect connect{.transport = transport_of(*said.over), .span = said.over->value.span};
    if (!connect.transport) return keep(std::move(connect));  // said, though not what
    connect.values["over"] = Value::string(std::string(connect.transport->name));
    bool is_good = said.over->name.value == "over";
    for (const syntax::NamedValue* one : said.others) {
        if (const Value* its = value(*one, *connect.transport))
            connect.values[one->name.value] = *its;
        else
            is_good = false;
    }
    if (is_good) check_rules(connect, whose);
    for (const syntax::NamedValue& one : own) values_.erase({&one, connect.transport});  // only defaults come again
    return keep(std::move(connect));
}

std::uint32_t Connects::keep(Connect connect) {
    model_.farm.connects.push_back(std::move(connect));
    return static_cast<std::uint32_t>(model_.farm.connects.size() - 1);
}

// Also where no object takes them: a fault there waits for the next object.
void Connects::check_defaults(const Said& defaults) {
    const Given said = given(defaults, {});
    if (!said.over) return;
    if (const grammar::Transport* transport = transport_of(*said.over))
        for (const syntax::NamedValue* one : said.others) (void)value(*one, *transport);
}

// Looked at once for each place in the text: defaults of a kind count for thousands of objects.
const grammar::Transport* Connects::transport_of(const syntax::NamedValue& over) {
    const auto [known, is_new] = transports_.try_emplace(&over, nullptr);
    if (!is_new) return known->second;
    if (over.name.value != "over")
        found_.report(unknown_connect_key, over.name.span, diag::Owner("connect"), diag::Name(over.name.value))
            .did_you_mean("over");
    const auto text = expressions_.constant(over.value, Type::of(Type::Category::string));
    if (!text || !text->as_string()) return nullptr;
    known->second = grammar::transport(*text->as_string());
    if (!known->second) {
        const std::vector<std::string> names = grammar::transport_names();
        auto reported = found_.report(unknown_transport, over.value.span, *text->as_string());
        if (const auto near = base::nearest(*text->as_string(), names))
            reported.did_you_mean(near);
        else
            reported.hint("it is one of " + names_of_transports());
    }
    return known->second;
}

// Read once for each transport, however many objects share it: its faults are reported once.
const Value* Connects::value(const syntax::NamedValue& one, const grammar::Transport& transport) {
    const auto [known, is_new] = values_.try_emplace({&one, &transport});
    if (is_new) known->second = fresh(one, transport);
    return known->second ? &*known->second : nullptr;
}

// A password in plain text is refused wherever it hides, also within an ODBC connection string, and its place is struck
// before anything is reported, so that no finding quotes it.
std::optional<Value> Connects::fresh(const syntax::NamedValue& one, const grammar::Transport& transport) {
    const grammar::ConnectKey* key = transport.key(one.name.value);
    if (!key) {
        unknown(one, transport);
        return std::nullopt;
    }
    if (key->form == Form::secret) return secret(one);
    if (one.value.scalar && !one.value.scalar->is_text()) {
        found_
            .report(bad_connect_value, one.value.span, diag::Name(one.name.value), diag::Given("${…}"),
                    diag::Words(words_for(*key)))
            .hint("only a key that holds a secret takes one: " + std::string("`password: \"${secret.NAME}\"`"));
        return std::nullopt;
    }
    auto text = expressions_.constant(one.value, Type::of(Type::Category::string));
    if (!text || !text->as_string()) return std::nullopt;
    if (key->form == Form::options && diag::has_secret(*text->as_string())) {
        strike(one.value);
        found_.report(secret_flows, one.value.span)
            .label("a password in a file")
            .hint("write it as a key of its own: `password: \"${secret.NAME}\"`");
        return std::nullopt;
    }
    if (grammar::fits(*key, *text->as_string())) return text;
    const std::vector<std::string> allowed(key->choices.begin(), key->choices.end());
    static const std::vector<std::string> flags = {"true", "false"};
    found_
        .report(bad_connect_value, one.value.span, diag::Name(one.name.value), diag::Given(*text->as_string()),
                diag::Words(words_for(*key)))
        .did_you_mean(base::nearest(*text->as_string(), key->form == Form::flag ? flags : allowed));
    return std::nullopt;
}

// A text in its place may be the secret: it is struck before it is reported.
std::optional<Value> Connects::secret(const syntax::NamedValue& one) {
    if (one.value.scalar && one.value.scalar->is_expression())
        return expressions_.constant(one.value, Type::of(Type::Category::secret));
    strike(one.value);
    found_.report(secret_flows, one.value.span)
        .label("a " + one.name.value + " in a file")
        .hint("write `" + one.name.value + ": \"${secret.NAME}\"`, and in the farm `secrets: {NAME: {env: VARIABLE}}`");
    return std::nullopt;
}

// What looks like a secret is struck even under a key that no transport has: `pasword: hunter2` is one too.
void Connects::unknown(const syntax::NamedValue& one, const grammar::Transport& transport) {
    const bool is_literal = !one.value.scalar || !one.value.scalar->is_expression();
    if (is_literal && looks_secret(one.name.value)) strike(one.value);
    const std::vector<std::string> names = transport.key_names();
    auto reported =
        found_.report(unknown_connect_key, one.name.span, diag::Owner(transport.name), diag::Name(one.name.value));
    if (const auto near = base::nearest(one.name.value, names)) {
        reported.did_you_mean(near);
        return;
    }
    for (const grammar::Transport& other : grammar::transports())
        if (other.key(one.name.value)) {
            reported.hint("`" + one.name.value + "` is a key of `" + std::string(other.name) + "`");
            break;
        }
    reported.hint(names.size() == 1 ? "beside `over` it takes nothing" : "its keys are " + base::quoted(names));
}

// The first rule that is broken is the only one reported: the rules after it often follow from it.
void Connects::check_rules(const Connect& connect, const std::string& whose) {
    for (const grammar::KeyRule& rule : connect.transport->rules) {
        if (!rule.given.empty() && !holds(connect, rule.given)) continue;
        const auto has = [&](std::string_view term) { return holds(connect, term); };
        std::string words;
        if (!rule.one_of.empty() && std::none_of(rule.one_of.begin(), rule.one_of.end(), has)) {
            words = "lacks " + one_of(rule.one_of);
        } else if (const auto odd = std::find_if(rule.without.begin(), rule.without.end(), has);
                   odd != rule.without.end()) {
            words = "has " + term_text(*odd) + " beside " + term_text(rule.given);
        } else {
            continue;
        }
        found_.report(connect_lacks, connect.span, diag::Name(connect.transport->name), diag::Words(words))
            .label("so it is for " + whose)
            .hint(std::string(rule.why));
        return;
    }
}

// Findings with the same code and words are one, with up to three places. An inventory of a thousand hosts with one
// wrong column is one fault, not a thousand.
void Connects::report() {
    static constexpr std::size_t max_shown = 3;
    std::map<std::pair<int, std::string>, std::vector<const diag::Diagnostic*>> alike;
    for (const diag::Diagnostic& d : found_.all()) alike[{d.code, d.message}].push_back(&d);
    for (const diag::Diagnostic& d : found_.all()) {
        const auto& all = alike.at({d.code, d.message});
        if (all.front() != &d) continue;
        diag::Diagnostic one = d;
        for (std::size_t i = 1; i < std::min(all.size(), max_shown); ++i)
            one.related.push_back({all[i]->span, "likewise"});
        if (all.size() > max_shown) one.hints.push_back("so it is at " + std::to_string(all.size()) + " places");
        sink_.add(std::move(one));
    }
}

}  // namespace pvsplan::resolve

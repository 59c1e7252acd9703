// Checks the `connect` of objects against the table of transports.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

// One for a farm: what it says at one place counts for many objects, and is looked at once. Findings are gathered and
// handed on by report(), which comes last.
class Connects {
  public:
    using Said = std::vector<syntax::NamedValue>;

    Connects(Model& model, Expressions& expressions, diag::Sink& sink)
        : model_(model), expressions_(expressions), sink_(sink) {}

    // The connection of an object, over the defaults of its kind, as an index into Farm::connects. The defaults do not
    // count where the object is reached otherwise than they say. `whose` is for people: "`pvs01`".
    std::uint32_t add(const Said& defaults, const Said& own, const std::string& whose);
    // Defaults, whether or not an object is reached by them.
    void check_defaults(const Said& defaults);
    // Reports the findings: one finding for the same fault at many places.
    void report();

  private:
    struct Given {
        const syntax::NamedValue* over = nullptr;  // or the misspelt key that was meant
        std::vector<const syntax::NamedValue*> others;
    };
    // What counts for an object that says `own`.
    Given given(const Said& defaults, const Said& own) const;
    // Null after reporting.
    const grammar::Transport* transport_of(const syntax::NamedValue& over);
    // The value of a key, or nothing after reporting; looked at once for each transport.
    const Value* value(const syntax::NamedValue& one, const grammar::Transport& transport);
    // The same without looking at what is known of that place.
    std::optional<Value> fresh(const syntax::NamedValue& one, const grammar::Transport& transport);
    std::optional<Value> secret(const syntax::NamedValue& one);
    // Reports a key that the transport does not have.
    void unknown(const syntax::NamedValue& one, const grammar::Transport& transport);
    // Its index in Farm::connects.
    std::uint32_t keep(Connect connect);
    // What the keys of a transport want of each other (grammar::KeyRule).
    void check_rules(const Connect& connect, const std::string& whose);
    void strike(const syntax::ValueTree& value) { model_.literal_secrets.push_back(value.span); }

    Model& model_;
    Expressions& expressions_;
    diag::Sink& sink_;
    diag::Sink found_;
    std::map<std::pair<const syntax::NamedValue*, const grammar::Transport*>, std::optional<Value>> values_;
    std::map<const syntax::NamedValue*, const grammar::Transport*> transports_;
};

// A name that is most likely meant for a secret, also where it is misspelt: its value is never quoted.
bool looks_secret(std::string_view key);

}  // namespace pvsplan::resolve

// Resolves the names of expressions and checks their types; a Scope says which names are visible.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compiler/base/name_index.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/syntax/ast.hpp"

namespace pvsplan::resolve {

// `local`: its number in the frame of the definition, under which a run finds its value.
struct Variable {
    std::string name;
    std::uint32_t local = 0;
    Type type;
    base::Span span = {};  // where it is declared; nowhere for `on`
    Use::Of of = Use::Of::variable;
};

// Siblings that a step may name; inner scopes are asked first.
struct SiblingScope {
    SiblingScope(std::vector<std::string> names, const std::vector<syntax::Step>* of)
        : ids(std::move(names)), index(ids.size()), steps(of), is_named(ids.size()) {
        for (std::size_t i = 0; i < ids.size(); ++i) index.add(ids, i);
    }
    // The index of the step of that name.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const { return index.find(ids, name); }

    std::vector<std::string> ids;  // by index
    base::NameIndex index;
    const std::vector<syntax::Step>* steps = nullptr;
    std::vector<bool> is_named;  // by index: a step here or further inside waits for it or reads from it
};

// The sources that may be read besides variables and the farm.
struct Reads {
    bool state = false;    // on.stream
    bool before = false;   // before.version
    bool outputs = false;  // steps.x.file
    bool result = false;   // exit, stdout, json
    bool outcome = false;  // done(x), started(x), failed(x)
    bool secrets = false;
    std::string_view where;  // "in `where`": for messages
    // Why outputs cannot be read where they otherwise could.
    std::string_view without_outputs = "outputs of steps can be read in a plan, a procedure and `recover`";
};

// Handed down and put back by whoever changes it; `reads` says what is allowed where the scope stands now.
struct Scope {
    std::vector<Variable> variables;  // later ones hide earlier ones
    bool are_names_lost = false;      // some could not be read, so that an unknown name may be one of them
    std::uint32_t next_local = 1;
    std::uint32_t* max_locals = nullptr;  // keeps the largest frame
    Reads reads;
    KindId before_kind;
    std::vector<SiblingScope> siblings;          // outermost first
    std::string_view step_id = {};               // the step that is being resolved
    std::string_view loop_variable = {};         // of the innermost `for_each` around it
    std::vector<StepRef>* read_steps = nullptr;  // collects steps.X references

    std::uint32_t new_local();
    [[nodiscard]] const Variable* find(std::string_view name) const;
    // Whether `on` is an object of this kind here.
    [[nodiscard]] bool works_on(const std::string& kind) const;
};

// "a value of type `int`".
std::string value_of(const Type& type);
// Whether `<` compares its values, as far as that is known here: of JSON only the run can tell.
bool has_order(const Type& type);
inline constexpr std::string_view values_with_order = "values that have an order (int, duration, version, string)";

// Over twenty methods: one for each form of expression.
class Expressions {
  public:
    Expressions(Model& model, diag::Sink& sink) : model_(model), sink_(sink) {}

    // The resolved expression, null after reporting. With `expected`, bare enumerators and int literals are read as
    // that type, and another type is reported.
    ExprPtr resolve(const syntax::Expression& e, Scope& scope, const Type* expected = nullptr);
    // What a step works on. In a plan it may be an object's name as it stands, where nothing else has that name.
    ExprPtr resolve_on(const syntax::Expression& e, Scope& scope, const Type* expected = nullptr);
    // A scalar or list of the source as an expression of type `expected`.
    ExprPtr resolve(const syntax::ValueTree& tree, Scope& scope, const Type& expected);
    ExprPtr resolve(const syntax::Template& text, Scope& scope, const Type& expected);
    // The same where only a constant will do: nothing after reporting.
    std::optional<Value> constant(const syntax::ValueTree& tree, const Type& expected);
    std::optional<Value> constant(const syntax::Template& text, const Type& expected);
    // The text of a plain scalar as a value of `type`, or nothing (nothing reported).
    std::optional<Value> read_literal(const std::string& text, const Type& type) const;

    Type type_of(const syntax::TypeName& name);
    KindId kind(const syntax::Text& name);
    // Takes the record of a step of a module that needs the only object of a kind, where the farm has none or several.
    [[nodiscard]] std::optional<Refused> take_refused() { return std::exchange(refused_, std::nullopt); }
    // Keeps the first such record until it is taken.
    void refuse(KindId kind, std::string callee, base::Span span);
    // True once for each kind: that the farm has not exactly one of it is said once.
    [[nodiscard]] bool is_news(KindId kind) { return not_single_.insert(kind).second; }
    // Whether such a step is a fault of whoever calls it.
    [[nodiscard]] bool is_for_callers(base::Span span, const Scope& scope) const;
    // The nearest of these names. Of so many words that are misspelt only the first ones get one.
    [[nodiscard]] std::optional<std::string> near(std::string_view name, std::span<const std::string> names) const;
    // The step of that name, from the inside out.
    std::optional<StepRef> step(const syntax::Text& name, const Scope& scope);

  private:
    // A method for each form. All return null after reporting, also where the cause was reported before.
    ExprPtr name(const syntax::Expression& e, Scope& scope, const Type* expected);
    ExprPtr member(const syntax::Expression& e, Scope& scope, const Type* expected);
    ExprPtr object_member(ExprPtr object, const std::string& name, const syntax::Expression& e, const Scope& scope);
    ExprPtr farm_member(const syntax::Expression& e);
    ExprPtr member_of_each(const ExprPtr& list, const syntax::Expression& e);
    ExprPtr output(const syntax::Expression& e, Scope& scope);
    // Uses for whoever wants them; nothing where nobody does.
    void note_object(const Value& value, std::string_view name, base::Span place);
    void note_below(const syntax::Expression& part, const StepRef& step, const Scope& scope);
    ExprPtr call(const syntax::Expression& e, Scope& scope, const Type* expected);
    // Null once the bound for all predicates is met, which is reported then.
    ExprPtr written_out(const Predicate& predicate, const ExprPtr& object, const syntax::Expression& e);
    ExprPtr outcome(const syntax::Expression& e, Scope& scope);
    ExprPtr list(const syntax::Expression& e, Scope& scope, const Type* expected);
    ExprPtr filter(const syntax::Expression& e, Scope& scope);
    struct Sides {
        ExprPtr left, right;
    };
    Sides sides_of(const syntax::Expression& e, Scope& scope);
    ExprPtr comparison(const syntax::Expression& e, Scope& scope);
    ExprPtr logical(const syntax::Expression& e, Scope& scope);
    ExprPtr arithmetic(const syntax::Expression& e, Scope& scope, const Type* expected);
    // The expression if its type fits, else null after reporting.
    ExprPtr checked(ExprPtr expr, const Type* expected);
    // Reports a word that is no enumerator or version.
    ExprPtr bad(const syntax::Expression& e, const Type& expected);
    ExprPtr index(const syntax::Expression& e, Scope& scope, const Type* expected);
    ExprPtr object_by_name(const ExprPtr& list, const ExprPtr& name, const syntax::Expression& e, Scope& scope);
    ExprPtr refuse_text(const syntax::Expression& e, const Type& expected);
    // For findings: names that could have been meant, and what a wrong one most likely is.
    [[nodiscard]] std::vector<std::string> names_of(const Kind& kind) const;
    [[nodiscard]] std::string object_name(const syntax::Expression& e, const Scope& scope) const;
    std::string hint_for_name(const std::string& name, const Scope& scope) const;
    void report_literal(const syntax::Template& text, const Type& expected, const Scope& scope);
    // Reports a secret that stands in a file, and marks it so that no finding quotes it.
    void literal_secret(base::Span span);
    bool knows_secret(const syntax::Expression& e);
    bool wants_context(const syntax::Expression& e, const Scope& scope) const;
    std::vector<std::string> known_names(const Scope& scope) const;
    // In matches.cpp: a text that no object has.
    void check_matches(const ExprPtr& side, const ExprPtr& other);
    void check_match(const KindId& kind, const std::string& attribute, const std::string& text, base::Span span);
    const std::set<std::string>& texts_of(KindId kind, const std::string& attribute);

    Model& model_;
    diag::Sink& sink_;
    std::optional<Refused> refused_;
    std::set<KindId> not_single_;
    std::map<std::pair<KindId, std::string>, std::set<std::string>> texts_;  // what objects have, by attribute
    mutable std::size_t names_left_ = 2'000'000;                             // to look at for what is near
    static constexpr std::size_t max_parts_written = 1'000'000;
    std::size_t parts_left_ = max_parts_written;  // of conditions, where predicates are written out
};

}  // namespace pvsplan::resolve

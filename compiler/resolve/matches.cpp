// Finds texts that an attribute is compared with and that no object has: most likely misspelt.
#include "compiler/base/lists.hpp"
#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

using program::Expr;

// Collected once for each attribute: a requirement may be asked of thousands of objects.
const std::set<std::string>& Expressions::texts_of(KindId kind, const std::string& attribute) {
    const auto [found, is_new] = texts_.try_emplace({kind, attribute});
    if (!is_new) return found->second;
    const Kind& of = model_.kinds[kind.index()];
    const auto index = of.attribute_index(attribute);
    for (const ObjectId id : of.objects) {
        const Object& object = model_.farm.objects[id.index()];
        if (!index) {
            found->second.insert(object.name);
        } else if (const std::string* text = model_.attributes_of(object)[*index].as_string()) {
            found->second.insert(*text);
        }
    }
    return found->second;
}

// The place is kept, so that no later stage reports what follows from it: a condition that is true of no object.
void Expressions::check_match(const KindId& kind, const std::string& attribute, const std::string& text,
                              base::Span span) {
    static constexpr std::size_t max_compared = 1000;
    if (attribute == "name" && model_.uses)
        if (const auto object = model_.object_named(model_.kinds[kind.index()], text))
            note_object(Value::object(*object), text, span);
    const std::set<std::string>& known = texts_of(kind, attribute);
    if (known.empty() || known.contains(text)) return;
    const auto end = known.size() > max_compared ? std::next(known.begin(), max_compared) : known.end();
    const std::vector<std::string> candidates(known.begin(), end);
    auto reported = sink_.report(matches_nothing, diag::Place(span), diag::Words(model_.kinds[kind.index()].name),
                                 diag::Name(attribute), diag::Given(text));
    if (const auto near = base::nearest(text, candidates)) {
        reported.did_you_mean(near);
    } else if (known.size() <= 5) {
        reported.hint("what this farm has is " + base::quoted(known));
    }
    model_.matches_nothing.push_back(span);
}

// Only attributes are looked at: they are all known here, while a state may become anything during the run.
void Expressions::check_matches(const ExprPtr& side, const ExprPtr& other) {
    if (!model_.farm.is_known || side->op != Expr::Op::attribute || side->type.category != Type::Category::string)
        return;
    if (side->args[0]->type.category != Type::Category::object) return;
    const auto kind = model_.kind_by_name.find(side->args[0]->type.names[0]);
    if (kind == model_.kind_by_name.end()) return;
    const auto check = [&](const Expr& literal) {
        if (literal.op != Expr::Op::literal) return;
        if (const std::string* text = literal.value.as_string())
            check_match(kind->second, side->name, *text, literal.span);
    };
    check(*other);
    if (other->op == Expr::Op::list)
        for (const ExprPtr& element : other->args) check(*element);
}

}  // namespace pvsplan::resolve

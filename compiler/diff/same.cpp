#include "compiler/diff/same.hpp"

#include <algorithm>

namespace pvsplan::diff {

using program::Expr;
using program::ObjectId;
using program::Value;

bool Same::operator()(ObjectId a, ObjectId b) const {
    if (a.is_none() || b.is_none()) return a.is_none() && b.is_none();
    return before_.objects.at(a.index()).id == after_.objects.at(b.index()).id;
}

bool Same::operator()(const Value& a, const Value& b) const {
    const ObjectId* object = a.as_object();
    if (object != nullptr && b.as_object() != nullptr) return (*this)(*object, *b.as_object());
    const Value::List* list = a.as_list();
    if (list != nullptr && b.as_list() != nullptr)
        return std::equal(list->begin(), list->end(), b.as_list()->begin(), b.as_list()->end(), *this);
    return a == b;
}

bool Same::is_same_step(const std::string& a, const std::string& b) const {
    return a == b || (renamed_ && !a.empty() && renamed_(a) == b);
}

bool Same::operator()(const program::ExprPtr& a, const program::ExprPtr& b) const {
    if (!a || !b) return !a && !b;
    // The name of a variable is for people.
    return a->op == b->op && (*this)(a->value, b->value) && a->local == b->local &&
           (a->op == Expr::Op::local || a->name == b->name) && is_same_step(a->step, b->step) &&
           std::equal(a->args.begin(), a->args.end(), b->args.begin(), b->args.end(),
                      [this](const auto& x, const auto& y) { return (*this)(x, y); });
}

}  // namespace pvsplan::diff

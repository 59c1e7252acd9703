#include "compiler/diff/same.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace pvsplan::diff {

using program::Expr;
using program::ObjectId;
using program::Value;

Same::Same(const program::Plan& before, const program::Plan& after,
           std::function<const std::string&(const std::string&)> renamed)
    : before_(before),
      after_(after),
      renamed_(std::move(renamed)),
      farms_(new Farms{.before = before, .before_lists = {}, .after_lists = {}, .budget = {}}) {
    std::unordered_map<std::string_view, const program::Object*> by_id;
    for (const program::Object& object : before.objects) by_id.emplace(object.id, &object);
    const auto is_same = [this](const auto& a, const auto& b) {
        return a.first == b.first && (*this)(a.second, b.second);
    };
    for (const program::Object& now : after.objects) {
        const auto was = by_id.find(now.id);
        if (was == by_id.end()) continue;
        const auto& attributes = was->second->attributes;
        farms_->have_same_attributes =
            farms_->have_same_attributes &&
            std::equal(attributes.begin(), attributes.end(), now.attributes.begin(), now.attributes.end(), is_same);
    }
}

// By id, "server/pvs01": numbers differ between two plans.
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

// By their shape: what means the same and is written otherwise is not the same here.
bool Same::operator()(const program::ExprPtr& a, const program::ExprPtr& b) const {
    if (!a || !b) return !a && !b;
    // The name of a variable is for people.
    return a->op == b->op && (*this)(a->value, b->value) && is_same_local(a->local, b->local) &&
           (a->op == Expr::Op::local || a->op == Expr::Op::filter || a->name == b->name) &&
           is_same_step(a->step, b->step) &&
           std::equal(a->args.begin(), a->args.end(), b->args.begin(), b->args.end(),
                      [this](const auto& x, const auto& y) { return (*this)(x, y); });
}

// Variables of filters come after the parameters, however many those are.
bool Same::is_same_local(std::uint32_t a, std::uint32_t b) const {
    if (action_before_ == nullptr || a == 0 || b == 0) return a == b;
    const auto& was = action_before_->parameters;
    const auto& now = action_after_->parameters;
    if (a > was.size() || b > now.size()) return a > was.size() && b > now.size() && a - was.size() == b - now.size();
    return was[a - 1].name == now[b - 1].name;
}

bool Same::is_same_with(const program::Node& a, const program::Node& b) const {
    const auto is_same = [this](const auto& one, const auto& other) { return (*this)(one, other); };
    return a.with.size() == b.with.size() && passes_as_much(a, b, is_same);
}

bool Same::passes_as_much(const program::Node& a, const program::Node& b, const IsSame& is_same) const {
    if (a.with.empty() || b.with.empty()) return true;
    const auto& was = before_.actions.at(a.action).parameters;
    const auto& now = after_.actions.at(b.action).parameters;
    for (std::size_t i = 0; i < a.with.size(); ++i) {
        // Mostly it stands where it stood.
        std::size_t j = i;
        if (i >= now.size() || now[i].name != was[i].name)
            j = static_cast<std::size_t>(
                std::find_if(now.begin(), now.end(), [&](const auto& one) { return one.name == was[i].name; }) -
                now.begin());
        if (j < now.size() && !is_same(a.with[i], b.with[j])) return false;
    }
    return true;
}

// Node by node, by position: both come from one derivation, which orders them by the source.
bool Same::operator()(const program::Graph& a, const program::Graph& b) const {
    const auto is_same_node = [this](const program::Node& x, const program::Node& y) {
        return x.type == y.type && x.action == y.action && (*this)(x.on, y.on) && x.guard == y.guard &&
               x.timeout_ms == y.timeout_ms && x.retry.times == y.retry.times && x.on_failure == y.on_failure &&
               is_same_with(x, y);
    };
    return std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(), is_same_node) &&
           std::equal(a.edges.begin(), a.edges.end(), b.edges.begin(), b.edges.end(),
                      [](const program::Edge& x, const program::Edge& y) { return x.from == y.from && x.to == y.to; });
}

bool Same::operator()(const std::vector<program::Guard>& a, const std::vector<program::Guard>& b) const {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [this](const program::Guard& x, const program::Guard& y) {
        return x.parent == y.parent && (*this)(x.condition, y.condition);
    });
}

}  // namespace pvsplan::diff

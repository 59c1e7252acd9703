#include "compiler/diff/coverage.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/base/lists.hpp"
#include "compiler/program/bound.hpp"
#include "compiler/program/plan_env.hpp"

namespace pvsplan::diff {
namespace {

using program::ExprPtr;
using program::Object;
using program::Plan;
using program::Value;

// The attributes of a farm, with the lists that were looked up before.
class FarmEnv final : public program::PlanEnv {
  public:
    FarmEnv(const Plan& plan, Farms& farms) : PlanEnv(plan), farms_(farms) {}
    [[nodiscard]] bool charge(std::size_t elements) const override { return farms_.budget.charge(elements); }
    [[nodiscard]] program::ListIndex* list_index() const override { return &farms_.lists_of(plan()); }

  private:
    Farms& farms_;
};

// Asks something of the objects of a farm, one by one, each as the variable of the requirement.
class Asked {
  public:
    Asked(const Plan& plan, Farms& farms) : plan_(plan), env_(plan, farms), bound_(env_, 0) {}

    // In the order of the farm.
    [[nodiscard]] std::vector<std::uint32_t> all(const Objects& objects) {
        std::vector<std::uint32_t> found;
        for (std::uint32_t i = 0; i < plan_.objects.size(); ++i)
            if (plan_.objects[i].kind == objects.kind && is_true(objects.where, i)) found.push_back(i);
        return found;
    }
    [[nodiscard]] std::string value(const ExprPtr& of, std::uint32_t object) {
        return program::to_text(program::evaluate(*of, bound_to(object)), env_.names());
    }
    [[nodiscard]] ExprPtr left_of(const ExprPtr& condition, std::uint32_t object) {
        return program::specialise(condition, bound_to(object));
    }

  private:
    // A condition that cannot be evaluated covers nothing.
    [[nodiscard]] bool is_true(const ExprPtr& where, std::uint32_t object) {
        if (!where) return true;
        const Value value = program::evaluate(*where, bound_to(object));
        return value.as_boolean() != nullptr && *value.as_boolean();
    }
    const program::Env& bound_to(std::uint32_t object) {
        bound_.bind(Value::object(program::ObjectId(object)));
        return bound_;
    }

    const Plan& plan_;
    FarmEnv env_;
    program::BoundEnv bound_;
};

// By id, which is the same in both plans where the object is.
using ById = std::map<std::string_view, std::uint32_t>;
ById by_id(const Plan& plan, const std::vector<std::uint32_t>& objects) {
    ById all;
    for (const std::uint32_t object : objects) all.emplace(plan.objects[object].id, object);
    return all;
}

// The objects of `objects` that `others` leaves out although the farm of `other` has them.
std::vector<std::string> only_in(const Plan& plan, const std::vector<std::uint32_t>& objects, const Plan& other,
                                 const Objects& others, Farms& farms) {
    Asked asked(other, farms);
    const ById covered = by_id(other, asked.all(others));
    const ById there = by_id(other, asked.all({others.kind, nullptr, nullptr}));
    std::vector<std::string> names;
    for (const std::uint32_t object : objects)
        if (const std::string& id = plan.objects[object].id; there.contains(id) && !covered.contains(id))
            names.push_back(plan.objects[object].name);
    return names;
}

}  // namespace

// Nothing is evaluated where both the farm and the condition are the same.
Moved moved(const Objects& before, const Objects& after, const Same& same) {
    Farms& farms = same.farms();
    if (!farms.are_asked || (farms.have_same_attributes && same(before.where, after.where))) return {};
    const std::vector<std::uint32_t> was = Asked(same.before(), farms).all(before);
    const std::vector<std::uint32_t> now = Asked(same.after(), farms).all(after);
    return {only_in(same.before(), was, same.after(), after, farms),
            only_in(same.after(), now, same.before(), before, farms)};
}

Regrouped regrouped(const std::vector<Objects>& before, const std::vector<Objects>& after, const Same& same) {
    std::map<std::string, std::set<std::string>> after_of;  // groups by the group that they were or are
    std::map<std::string, std::set<std::string>> before_of;
    Regrouped found;
    if (!same.farms().are_asked || same.farms().have_same_attributes) return found;
    Asked was(same.before(), same.farms());
    Asked now(same.after(), same.farms());
    for (std::size_t side = 0; side < before.size(); ++side) {
        if (!before[side].per || !after[side].per) continue;
        const ById there = by_id(same.after(), now.all(after[side]));
        for (const std::uint32_t object : was.all(before[side])) {
            const auto still = there.find(same.before().objects[object].id);
            if (still == there.end()) continue;
            std::string old_group = was.value(before[side].per, object);
            std::string group = now.value(after[side].per, still->second);
            if (old_group != group) found.names.push_back(same.before().objects[object].name);
            after_of[old_group].insert(group);
            before_of[std::move(group)].insert(std::move(old_group));
        }
    }
    const auto has_several = [](const auto& groups) {
        return std::any_of(groups.begin(), groups.end(), [](const auto& one) { return one.second.size() > 1; });
    };
    found.are_parted = has_several(after_of);
    found.are_joined = has_several(before_of);
    return found;
}

std::vector<std::string> asked_otherwise(const Objects& before, const ExprPtr& was, const Objects& after,
                                         const ExprPtr& now, const Same& same, const IsFine& is_fine) {
    if (!same.farms().are_asked || same.farms().have_same_attributes) return {};
    Asked asked_before(same.before(), same.farms());
    Asked asked_after(same.after(), same.farms());
    const ById there = by_id(same.after(), asked_after.all(after));
    std::vector<std::string> names;
    for (const std::uint32_t object : asked_before.all(before)) {
        const auto still = there.find(same.before().objects[object].id);
        if (still != there.end() &&
            !is_fine(asked_before.left_of(was, object), asked_after.left_of(now, still->second)))
            names.push_back(same.before().objects[object].name);
    }
    return names;
}

}  // namespace pvsplan::diff

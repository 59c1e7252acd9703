// `always`, `while` and `finally`, evaluated on the possible states after each record.
#include <algorithm>
#include <map>

#include "runtime/verify/requirements.hpp"

#include "compiler/base/lists.hpp"

namespace pvsplan::verify {

using program::Demand;
using program::ObjectId;
using program::Value;
using Bound = Demand::Bound;
using Quantifier = Demand::Quantifier;

namespace {

// Objects of two kinds with one name are two keys.
std::string key_text(const program::Plan& plan, const program::Expr& per, ObjectId object) {
    const program::PlanNames names(plan);
    return program::to_text(fixed_value(plan, per, object), program::DistinctNames(names));
}

// The objects of a condition, and its possible truth for each.
class Members {
  public:
    Members(const program::Plan& plan, const program::StateDemand& asked, const States& states)
        : plan_(&plan), condition_(plan, asked.condition) {
        for (std::size_t i = 0; i < plan.objects.size(); ++i) {
            const ObjectId object(i);
            if (plan.objects[i].kind != asked.kind) continue;
            const Value value = asked.where ? fixed_value(plan, *asked.where, object) : Value::boolean(true);
            if (value.as_boolean() == nullptr)
                is_open_ = true;
            else if (*value.as_boolean())
                truths_[object] = condition_.of(object, states);
        }
    }
    // Calls `changes(object, before, now)` for objects whose truth has changed.
    template <class Changes>
    void look_at(ObjectId object, const States& states, const Changes& changes) {
        const auto one = truths_.find(object);
        if (!condition_.reads_others() && one == truths_.end()) return;
        const auto first = condition_.reads_others() ? truths_.begin() : one;
        const auto last = condition_.reads_others() ? truths_.end() : std::next(one);
        for (auto at = first; at != last; ++at) {
            const Truth now = condition_.of(at->first, states);
            if (now == at->second) continue;
            const Truth before = std::exchange(at->second, now);
            changes(at->first, before, now);
        }
    }
    [[nodiscard]] const std::map<ObjectId, Truth>& all() const { return truths_; }
    [[nodiscard]] bool is_open() const { return is_open_; }  // which objects it is about is unknown
    [[nodiscard]] std::string name(ObjectId object) const { return plan_->objects[object.index()].id; }

  private:
    const program::Plan* plan_;
    Condition condition_;
    std::map<ObjectId, Truth> truths_;
    bool is_open_ = false;
};

// `always at most n P` and its like: how many objects of each group may be in the state, and how many may not be, is
// counted along, so that a record costs what it changes and not what the farm has.
class Always final : public Watch {
  public:
    Always(const program::Plan& plan, const Demand& asked, const States& states)
        : plan_(&plan), asked_(&asked), members_(plan, *asked.state, states) {
        const Value number = fixed_value(plan, *asked.number, {});
        is_open_ = number.as_integer() == nullptr || members_.is_open();
        if (is_open_)
            cannot_be_told("it depends on what is not known");
        else
            number_ = *number.as_integer();
        if (!asked.per) groups_[""];
        for (const auto& [object, truth] : members_.all()) {
            Group& group = groups_[asked.per ? key_text(plan, *asked.per, object) : ""];
            // Nodes of a map do not move, so the pointers stay right.
            group_of_[object] = &group;
            ++group.size;
            count(group, truth, 1);
        }
        for (auto& [key, group] : groups_) changed_.insert(&group);
    }
    void begins(program::NodeId) override {}
    void ends(program::NodeId) override {}
    void changed(ObjectId object, const States& states) override {
        members_.look_at(object, states, [&](ObjectId one, const Truth& before, const Truth& now) {
            Group& group = *group_of_.at(one);
            count(group, before, -1);
            count(group, now, 1);
            changed_.insert(&group);
        });
    }
    void look(std::uint64_t record) override {
        for (const Group* group : std::exchange(changed_, {})) look_at(*group, record);
    }
    void end(const States&) override {}

  private:
    struct Group {
        std::int64_t size = 0;
        std::int64_t may_hold = 0;
        std::int64_t may_fail = 0;
        std::int64_t may_hold_unknown = 0;  // because something is unknown
        std::int64_t may_fail_unknown = 0;
    };
    static void count(Group& group, const Truth& truth, std::int64_t by) {
        group.may_hold += truth.may_hold ? by : 0;
        group.may_fail += truth.may_fail ? by : 0;
        group.may_hold_unknown += truth.may_hold || truth.is_unknown ? by : 0;
        group.may_fail_unknown += truth.may_fail || truth.is_unknown ? by : 0;
    }
    // Broken by values that are known to have been possible; what rests on an unknown state is told as not known.
    void look_at(const Group& group, std::uint64_t record) {
        if (is_open_ || outcome_.compliance == RequirementOutcome::Compliance::broken) return;
        const auto is_bounded = [&](std::int64_t hold, std::int64_t fail) {
            return (asked_->bound == Bound::at_least || hold <= number_) &&
                   (asked_->bound == Bound::at_most || group.size - fail >= number_);
        };
        if (!is_bounded(group.may_hold, group.may_fail))
            breaks(record, text_of(group));
        else if (!is_bounded(group.may_hold_unknown, group.may_fail_unknown))
            cannot_be_told("a state was not known");
    }
    // Names who may be in the state where there are too many, and else who may not be.
    [[nodiscard]] std::string text_of(const Group& group) const {
        const bool too_many = asked_->bound != Bound::at_least && group.may_hold > number_;
        std::vector<std::string> who;
        for (const auto& [object, truth] : members_.all())
            if (group_of_.at(object) == &group && (too_many ? truth.may_hold : truth.may_fail))
                who.push_back(members_.name(object));
        const std::string names = base::some_of(who, 8);
        if (too_many)
            return std::to_string(group.may_hold) + " " + asked_->state->text + " at one moment, " +
                   std::to_string(number_) + " allowed: " + names;
        return std::to_string(group.size - group.may_fail) + " " + asked_->state->text + " left at one moment, " +
               std::to_string(number_) + " required; otherwise were " + (names.empty() ? "none" : names);
    }

    const program::Plan* plan_;
    const Demand* asked_;
    Members members_;
    bool is_open_ = false;
    std::int64_t number_ = 0;
    std::map<std::string, Group> groups_;
    std::map<ObjectId, Group*> group_of_;
    std::set<const Group*> changed_;  // since the last look; at first all
};

// `every A while P`: looked at after each record at which some A is under way, so the state may change before and
// after.
class While final : public Watch {
  public:
    While(const program::Plan& plan, const Demand& asked, const States& states)
        : plan_(&plan), asked_(&asked), members_(plan, *asked.state, states) {
        if (members_.is_open()) cannot_be_told("it depends on what is not known");
        for (const auto& [object, truth] : members_.all()) count(truth, 1);
    }
    // Several steps of one object may be under way at once, so they are counted.
    void begins(program::NodeId node) override {
        for (const ObjectId object : objects_of(node)) ++open_[object];
    }
    void ends(program::NodeId node) override {
        for (const ObjectId object : objects_of(node))
            if (--open_[object] == 0) open_.erase(object);
    }
    void changed(ObjectId object, const States& states) override {
        members_.look_at(object, states, [&](ObjectId, const Truth& before, const Truth& now) {
            count(before, -1);
            count(now, 1);
        });
    }
    void look(std::uint64_t record) override {
        if (open_.empty() || members_.is_open() || outcome_.compliance == RequirementOutcome::Compliance::broken)
            return;
        if (asked_->same_object) return look_at_each(record);
        const auto all = static_cast<std::int64_t>(members_.all().size());
        const std::int64_t allowed = asked_->right_quantifier == Quantifier::some ? all - 1 : 0;
        if (failing_ > allowed)
            breaks(record, text_of(open_.begin()->first));
        else if (failing_ + unknown_ > allowed)
            cannot_be_told("a state was not known");
    }
    void end(const States&) override {}

  private:
    // The objects of which the step is an A.
    std::vector<ObjectId> objects_of(program::NodeId node) {
        std::vector<ObjectId> objects;
        for (const program::Event& event : plan_->graph.nodes[node.index()].does) {
            if (event.verb != asked_->left->verb || plan_->objects[event.object.index()].kind != asked_->left->kind)
                continue;
            if (asked_->left->where) {
                const Value value = fixed_value(*plan_, *asked_->left->where, event.object);
                if (value.as_boolean() == nullptr) cannot_be_told("it depends on what is not known");
                if (value.as_boolean() == nullptr || !*value.as_boolean()) continue;
            }
            objects.push_back(event.object);
        }
        return objects;
    }
    // An object counts as failed once, even if it is also unknown.
    void count(const Truth& truth, std::int64_t by) {
        failing_ += truth.may_fail ? by : 0;
        unknown_ += truth.is_unknown && !truth.may_fail ? by : 0;
    }
    // `while P` of the same object: of one that P is not about nothing is asked.
    void look_at_each(std::uint64_t record) {
        for (const auto& [object, times] : open_) {
            const auto truth = members_.all().find(object);
            if (truth == members_.all().end()) continue;
            if (truth->second.may_fail) return breaks(record, text_of(object));
            if (truth->second.is_unknown) cannot_be_told("a state was not known");
        }
    }
    [[nodiscard]] std::string text_of(ObjectId object) const {
        return asked_->state->text + " was not sure while `" + asked_->left->verb + "` of " + members_.name(object) +
               " was under way";
    }

    const program::Plan* plan_;
    const Demand* asked_;
    Members members_;
    std::int64_t failing_ = 0;
    std::int64_t unknown_ = 0;
    std::map<ObjectId, int> open_;  // objects whose event is under way, with the number of steps
};

// `finally P`: asked once, of a run that is done. One that stopped earlier has no end to be asked about.
class Finally final : public Watch {
  public:
    Finally(const program::Plan& plan, const Demand& asked, const States& states)
        : asked_(&asked), members_(plan, *asked.state, states) {
        if (members_.is_open()) cannot_be_told("it depends on what is not known");
    }
    void begins(program::NodeId) override {}
    void ends(program::NodeId) override {}
    void changed(ObjectId object, const States& states) override {
        members_.look_at(object, states, [](ObjectId, const Truth&, const Truth&) {});
    }
    void look(std::uint64_t) override {}
    void end(const States&) override {
        std::size_t failing = 0;
        std::size_t unknown = 0;
        std::string name;
        for (const auto& [object, truth] : members_.all()) {
            if (truth.may_fail && failing++ == 0) name = members_.name(object);
            unknown += truth.is_unknown && !truth.may_fail ? 1 : 0;
        }
        const std::size_t size = members_.all().size();
        const std::size_t allowed = asked_->right_quantifier == Quantifier::some && size > 0 ? size - 1 : 0;
        if (failing > allowed)
            breaks(0, asked_->state->text + " does not hold in the end: " + name);
        else if (failing + unknown > allowed)
            cannot_be_told("a state was not known");
    }

  private:
    const Demand* asked_;
    Members members_;
};

}  // namespace

// Null for the forms over events, which look_back() evaluates when the run has ended.
std::unique_ptr<Watch> watch_of(const program::Plan& plan, const Demand& demand, const States& states) {
    if (!demand.state) return nullptr;
    switch (demand.form) {
        case Demand::Form::always: return std::make_unique<Always>(plan, demand, states);
        case Demand::Form::during: return std::make_unique<While>(plan, demand, states);
        case Demand::Form::finally_: return std::make_unique<Finally>(plan, demand, states);
        default: return nullptr;
    }
}

}  // namespace pvsplan::verify

#include "runtime/verify/states.hpp"

#include <algorithm>

#include "compiler/program/plan_env.hpp"
#include "runtime/state/env.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::verify {

using journal::Record;
using program::Expr;
using program::ObjectId;
using program::Value;
using RecordType = Record::Type;

namespace {

// The object in local 0, the fixed facts of the farm, and states as `chosen` says.
class ObjectView final : public program::PlanEnv {
  public:
    ObjectView(const program::Plan& plan, ObjectId object) : PlanEnv(plan), object_(object) {}
    const std::map<Place, Value>* chosen = nullptr;  // null: as they were before the run

    [[nodiscard]] Value local(std::uint32_t number) const override {
        return number == 0 && object_ ? Value::object(object_) : not_known();
    }
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override {
        if (chosen != nullptr) {
            const auto found = chosen->find({object, name});
            return found == chosen->end() || found->second.is_none() ? not_known() : found->second;
        }
        const auto& initial = plan().objects.at(object.index()).state;
        const auto found = initial.find(name);
        return found == initial.end() || found->second.is_none() ? not_known() : found->second;
    }

  private:
    ObjectId object_;
};

const Possible unknown_state = {Value::unnamed_unknown(0)};

}  // namespace

Value fixed_value(const program::Plan& plan, const Expr& expr, ObjectId object) {
    return program::evaluate(expr, ObjectView(plan, object));
}

// What is not in the map is unknown: before the run the farm file alone says how objects are.
States::States(const state::RunState& run) : run_(&run) {
    for (std::size_t i = 0; i < run.farm.size(); ++i)
        for (const auto& [name, value] : run.farm[i])
            if (!value.is_none()) possible_[{ObjectId(i), name}] = {value};
}

// One unknown value where nothing is known.
const Possible& States::at(const Place& place) const {
    const auto found = possible_.find(place);
    return found == possible_.end() ? unknown_state : found->second;
}

// Adds a value to those that are possible; the ones before stay.
void States::keep(const Place& place, const Value& value) {
    const auto [found, is_new] = possible_.try_emplace(place, unknown_state);
    if (std::find(found->second.begin(), found->second.end(), value) == found->second.end())
        found->second.push_back(value);
}

// What a step sets is evaluated before its record is applied: from then on its own states are unknown, which it may
// read.
void States::before(const Record& record) {
    set_now_.clear();
    if (record.type != RecordType::started) return;
    const auto node = run_->now().by_path.find(record.node);
    if (node == run_->now().by_path.end()) return;
    const state::RunEnv env(*run_);
    for (const program::Setting& set : run_->now().node(node->second).sets) {
        const Value value = set.value ? program::evaluate(*set.value, env) : Value();
        set_now_.emplace_back(Place{set.object, set.attribute},
                              value.is_none() || value.has_unknown() ? Value::unnamed_unknown(0) : value);
    }
}

// Observed states other than those that the step sets.
void States::take_what_was_seen(const Record& record, const program::Node* node, std::set<ObjectId>& changed) {
    for (const auto& [id, values] : record.states) {
        const auto object = run_->objects.find(id);
        if (object == run_->objects.end()) continue;
        for (const auto& [name, json] : values) {
            const auto is_it = [&, name = &name](const program::Setting& set) {
                return set.object == object->second && set.attribute == *name;
            };
            if (node && std::any_of(node->sets.begin(), node->sets.end(), is_it)) continue;
            const auto& known = run_->farm[object->second.index()];
            if (const auto now = known.find(name); now != known.end())
                possible_[{object->second, name}] = now->second.is_none() ? unknown_state : Possible{now->second};
            changed.insert(object->second);
        }
    }
}

// After the end of a step, replay knows the observed values of what it sets, or the old ones if nothing was done; else
// they are unknown.
std::set<ObjectId> States::after(const Record& record) {
    std::set<ObjectId> changed;
    for (const auto& [place, value] : set_now_) {
        keep(place, value);
        changed.insert(place.object);
    }
    if (record.type == RecordType::observed) take_what_was_seen(record, nullptr, changed);
    const auto node = run_->now().by_path.find(record.node);
    const bool says_of_step = record.type == RecordType::finished || record.type == RecordType::failed ||
                              record.type == RecordType::unreached || record.type == RecordType::doubted ||
                              record.type == RecordType::reconciled;
    if (!says_of_step || node == run_->now().by_path.end()) return changed;
    take_what_was_seen(record, &run_->now().node(node->second), changed);
    for (const program::Setting& set : run_->now().node(node->second).sets) {
        const auto& known = run_->farm[set.object.index()];
        const auto now = known.find(set.attribute);
        changed.insert(set.object);
        if (now == known.end() || now->second.is_none()) continue;
        if (record.type == RecordType::doubted)
            keep({set.object, set.attribute}, now->second);  // its job may still run
        else
            possible_[{set.object, set.attribute}] = {now->second};
    }
    return changed;
}

Condition::Condition(const program::Plan& plan, const program::ExprPtr& condition)
    : plan_(&plan), condition_(condition) {
    program::for_each_part(*condition_, [&](const Expr& part) {
        if (part.op != Expr::Op::state || part.args.empty()) return;
        const Expr& object = *part.args[0];
        reads_others_ = reads_others_ || object.op != Expr::Op::local || object.local != 0;
    });
}

// The states that the condition reads for the object, each once.
std::vector<Place> Condition::places(ObjectId object) const {
    std::vector<Place> places;
    const ObjectView view(*plan_, object);
    program::for_each_part(*condition_, [&](const Expr& part) {
        if (part.op != Expr::Op::state || part.args.empty()) return;
        const Value of = program::evaluate(*part.args[0], view);
        if (of.as_object() == nullptr) return;  // the elements of a filter are not followed
        const Place place{*of.as_object(), part.name};
        if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
    });
    return places;
}

// All combinations of the possible values are tried, up to a bound: beyond it the truth counts as unknown, never as
// kept.
Truth Condition::of(ObjectId object, const States& states) const {
    static constexpr std::size_t max_choices = 256;
    const std::vector<Place> read = places(object);
    std::size_t choices = 1;
    for (const Place& place : read) choices = std::min(max_choices + 1, choices * states.at(place).size());
    Truth truth;
    if (choices > max_choices) {
        truth.is_unknown = true;
        return truth;
    }
    ObjectView view(*plan_, object);
    for (std::size_t choice = 0; choice < choices; ++choice) {
        std::map<Place, Value> chosen;
        std::size_t left = choice;
        for (const Place& place : read) {
            const Possible& possible = states.at(place);
            const Value& value = possible[left % possible.size()];
            left /= possible.size();
            if (!value.has_unknown()) chosen.emplace(place, value);
        }
        view.chosen = &chosen;
        const Value value = program::evaluate(*condition_, view);
        const bool* holds = value.as_boolean();
        (holds == nullptr ? truth.is_unknown : *holds ? truth.may_hold : truth.may_fail) = true;
    }
    return truth;
}

}  // namespace pvsplan::verify

// Counts and orders: evaluated at the end, from when each step first began and last ended.
#include <algorithm>
#include <limits>
#include <map>

#include "compiler/base/counted.hpp"
#include "runtime/verify/requirements.hpp"

namespace pvsplan::verify {

using program::Demand;
using program::EventDemand;
using program::NodeId;
using program::ObjectId;
using program::Value;
using Bound = Demand::Bound;
using Quantifier = Demand::Quantifier;

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

struct Event {
    NodeId node;
    ObjectId object;
    std::uint64_t began = never;
    std::uint64_t done_after = never;
    std::uint64_t finished = never;
};
using Events = std::vector<Event>;

// A step that never began is at `never`, which is later than every record, so orders need no case for it.
class LookBack {
  public:
    LookBack(const program::Plan& plan, const Demand& asked, const std::vector<Occurrence>& happened, bool is_done)
        : plan_(plan), asked_(asked), happened_(happened), is_done_(is_done) {}

    // What is broken stays broken, whatever else is not known.
    RequirementOutcome outcome() {
        const Events left = matching(*asked_.left);
        if (asked_.form == Demand::Form::never) {
            for (const Event& one : left)
                if (one.began != never) breaks(one.began, "`" + asked_.left->verb + "` happened in " + path(one));
        } else if (asked_.form == Demand::Form::count) {
            count(left);
        } else {
            order(left, matching(*asked_.right));
        }
        if (is_open_ && outcome_.compliance == RequirementOutcome::Compliance::kept)
            outcome_ = {.compliance = RequirementOutcome::Compliance::not_told,
                        .text = "it depends on what is not known"};
        return outcome_;
    }

  private:
    [[nodiscard]] std::string path(const Event& event) const {
        return "`" + plan_.graph.nodes[event.node.index()].id + "`";
    }
    [[nodiscard]] std::string key(const program::Expr& per, ObjectId object) const {
        const program::PlanNames names(plan_);
        return program::to_text(fixed_value(plan_, per, object), program::DistinctNames(names));
    }
    // The earliest record that breaks the requirement is told.
    void breaks(std::uint64_t record, std::string text) {
        const bool is_earlier = record != 0 && record < outcome_.record;
        if (outcome_.compliance == RequirementOutcome::Compliance::broken && !is_earlier) return;
        outcome_.compliance = RequirementOutcome::Compliance::broken;
        outcome_.record = record;
        outcome_.text = std::move(text);
    }

    // A `where` that the farm's facts do not decide leaves the outcome open, and the object out.
    bool is_asked_of(const EventDemand& asked, ObjectId object) {
        if (plan_.objects[object.index()].kind != asked.kind) return false;
        if (!asked.where) return true;
        const Value value = fixed_value(plan_, *asked.where, object);
        is_open_ = is_open_ || value.as_boolean() == nullptr;
        return value.as_boolean() != nullptr && *value.as_boolean();
    }
    // A step skipped by its `when` does not occur.
    Events matching(const EventDemand& asked) {
        Events found;
        for (std::size_t i = 0; i < happened_.size(); ++i) {
            if (happened_[i].is_skipped) continue;
            for (const program::Event& event : plan_.graph.nodes[i].does) {
                if (event.verb != asked.verb || !is_asked_of(asked, event.object)) continue;
                const Occurrence& one = happened_[i];
                found.push_back({.node = NodeId(i),
                                 .object = event.object,
                                 .began = one.began != 0 ? one.began : never,
                                 .done_after = one.began != 0 ? one.done_after : never,
                                 .finished = one.finished != 0 ? one.finished : never});
            }
        }
        return found;
    }

    // A group in which nothing happened counts too: `exactly 1` is not kept by none.
    void count(const Events& all) {
        const Value number = fixed_value(plan_, *asked_.number, {});
        if (number.as_integer() == nullptr) {
            is_open_ = true;
            return;
        }
        std::map<std::string, Events> groups;
        if (!asked_.left->per) groups[""] = all;
        if (asked_.left->per) {
            for (std::size_t i = 0; i < plan_.objects.size(); ++i)
                if (is_asked_of(*asked_.left, ObjectId(i))) groups[key(*asked_.left->per, ObjectId(i))];
            for (const Event& one : all) groups[key(*asked_.left->per, one.object)].push_back(one);
        }
        for (auto& [name, events] : groups) count(name, events, *number.as_integer());
    }
    // Too many is known as soon as the last of them begins; too few only once the run is done.
    void count(const std::string& of, Events& events, std::int64_t wanted) {
        std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.began < b.began; });
        const std::string what = "`" + asked_.left->verb + "`" + (of.empty() ? "" : " of " + of);
        const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(wanted, 0));
        if (asked_.bound != Bound::at_least && events.size() > limit && events[limit].began != never)
            breaks(events[limit].began, what + " happened more often than " + base::counted(limit, "time"));
        const auto finished =
            std::count_if(events.begin(), events.end(), [](const Event& one) { return one.finished != never; });
        if (is_done_ && asked_.bound != Bound::at_most && finished < wanted)
            breaks(0, what + " happened " + base::counted(static_cast<std::uint64_t>(finished), "time") + ", not " +
                          std::to_string(wanted));
    }

    // ---- orders, of each value of `per` and of each object by itself

    struct Sides {
        Events left;
        Events right;
    };
    // As the proof has it, written again: the two check each other.
    static bool is_keyed(const EventDemand& side, Quantifier quantifier, const EventDemand& other) {
        return side.per && (quantifier == Quantifier::some || other.per);
    }
    // Each value of `per` is a question by itself; without one there is a single question.
    void order(Events left, Events right) {
        if (!is_keyed(*asked_.left, asked_.left_quantifier, *asked_.right) &&
            !is_keyed(*asked_.right, asked_.right_quantifier, *asked_.left))
            return by_object({std::move(left), std::move(right)});
        std::map<std::string, Sides> questions;
        for (const EventDemand* side : {&*asked_.left, &*asked_.right})
            for (std::size_t i = 0; side->per && i < plan_.objects.size(); ++i)
                if (is_asked_of(*side, ObjectId(i))) questions[key(*side->per, ObjectId(i))];
        share(*asked_.left, left, &Sides::left, questions);
        share(*asked_.right, right, &Sides::right, questions);
        for (auto& [name, sides] : questions) by_object(std::move(sides));
    }
    void share(const EventDemand& asked, const Events& all, Events Sides::*side,
               std::map<std::string, Sides>& questions) {
        if (asked.per)
            for (const Event& one : all) (questions[key(*asked.per, one.object)].*side).push_back(one);
        else
            for (auto& [name, question] : questions) question.*side = all;
    }
    void by_object(Sides all) {
        if (!asked_.same_object) return look_at({all});
        std::map<ObjectId, Sides> questions;
        for (const Event& one : all.left) questions[one.object].left.push_back(one);
        for (const Event& one : all.right) questions[one.object].right.push_back(one);
        std::vector<Sides> each;
        for (auto& [object, sides] : questions) each.push_back(std::move(sides));
        look_at(each);
    }
    void look_at(const std::vector<Sides>& questions) {
        const bool every_left = asked_.left_quantifier == Quantifier::every;
        const bool every_right = asked_.right_quantifier == Quantifier::every;
        if (every_left || every_right) {
            for (const Sides& sides : questions) every(sides, every_left, every_right);
            return;
        }
        bool is_asked = false;  // some, some: one pair is enough
        bool is_found = false;
        for (const Sides& sides : questions) {
            is_asked = is_asked || !sides.left.empty() || !sides.right.empty();
            is_found = is_found || first(sides.left, &Event::finished) < last_of(sides.right);
        }
        if (is_done_ && is_asked && !is_found) breaks(0, "there is no " + asked_.left->verb + " of which it is so");
    }

    // The earliest of them; `never` where none happened.
    static std::uint64_t first(const Events& events, std::uint64_t Event::*when) {
        std::uint64_t at = never;
        for (const Event& one : events) at = std::min(at, one.*when);
        return at;
    }
    // After which record the last of those that ended was done; 0: none ended.
    static std::uint64_t last_of(const Events& events) {
        std::uint64_t at = 0;
        for (const Event& one : events)
            if (one.finished != never) at = std::max(at, one.done_after);
        return at;
    }
    // The latest end of the left side and each beginning of the right one are enough: if those are in order, all are.
    void every(const Sides& sides, bool every_left, bool every_right) {
        if (every_left ? sides.left.empty() || (every_right && sides.right.empty()) : sides.right.empty()) return;
        const bool then = asked_.form == Demand::Form::then;
        const auto late = std::max_element(sides.left.begin(), sides.left.end(),
                                           [](const Event& a, const Event& b) { return a.finished < b.finished; });
        const std::uint64_t left = every_left ? late->finished : first(sides.left, &Event::finished);
        if (every_right) {
            for (const Event& one : sides.right)
                if (one.began != never && one.began < left && (!then || is_done_))
                    breaks(one.began, path(one) + " began before " +
                                          (every_left ? path(*late) : "`" + asked_.left->verb + "`") + " was finished");
            const bool all = std::all_of(sides.right.begin(), sides.right.end(),
                                         [](const Event& one) { return one.finished != never; });
            if (then && is_done_ && !all) breaks(0, "`" + asked_.right->verb + "` did not follow");
        } else if (is_done_ && last_of(sides.right) < left) {
            breaks(0, "no `" + asked_.right->verb + "` came after `" + asked_.left->verb + "`");
        }
    }

    const program::Plan& plan_;
    const Demand& asked_;
    const std::vector<Occurrence>& happened_;
    bool is_done_;
    bool is_open_ = false;
    RequirementOutcome outcome_;
};

}  // namespace

RequirementOutcome look_back(const program::Plan& plan, const Demand& demand, const std::vector<Occurrence>& happened,
                             bool is_done) {
    return LookBack(plan, demand, happened, is_done).outcome();
}

}  // namespace pvsplan::verify

#include "compiler/diff/surroundings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "compiler/base/lists.hpp"
#include "compiler/base/store_name.hpp"
#include "compiler/diff/actions.hpp"
#include "compiler/diff/bodies.hpp"

namespace pvsplan::diff {
namespace {

using program::Action;
using program::Plan;
using program::Value;

// Whose host runs the action: `at`, else the object that it works on.
std::string where(const Action& action, const program::ObjectNames& names) {
    return action.at ? program::to_text(*action.at, names) : "on";
}

// Attributes by which an object is reached where its connection says nothing else.
constexpr std::array<const char*, 2> address_keys = {"address", "instance"};

// Addresses are compared for themselves, as a way to reach the object.
std::map<std::string, Value> without_addresses(const program::Object& object) {
    std::map<std::string, Value> others = object.attributes;
    for (const char* const key : address_keys) others.erase(key);
    return others;
}

std::string text_in(const std::map<std::string, Value>& values, const std::string& key,
                    const program::ObjectNames& names) {
    const auto value = values.find(key);
    return value == values.end() ? "" : program::to_text(value->second, names);
}

// Values of a connection that no other is safer than: a change to one of them loses nothing.
bool is_safest(const std::string& key, const std::string& value) {
    if (key == "verify") return value.empty() || value == "true";
    if (key == "trust_server_certificate") return value.empty() || value == "no";
    return key == "encrypt" && value == "strict";
}

// Neither events nor states have an order.
bool is_same_does(const Action& was, const Action& now, const Same& same) {
    return std::is_permutation(
        was.does.begin(), was.does.end(), now.does.begin(), now.does.end(),
        [&](const Action::DoneTo& a, const Action::DoneTo& b) { return a.verb == b.verb && same(a.object, b.object); });
}

bool is_same_sets(const Action& was, const Action& now, const Same& same) {
    return std::is_permutation(was.sets.begin(), was.sets.end(), now.sets.begin(), now.sets.end(),
                               [&](const Action::Sets& a, const Action::Sets& b) {
                                   return a.attribute == b.attribute && same(a.object, b.object) &&
                                          same(a.value, b.value);
                               });
}

// By name, in the order of names.
bool is_same_outputs(const Action& was, const Action& now, const Same& same) {
    return std::equal(was.outputs.begin(), was.outputs.end(), now.outputs.begin(), now.outputs.end(),
                      [&](const auto& a, const auto& b) { return a.first == b.first && same(a.second, b.second); });
}

// From what concerns the whole plan to single objects; in the order of names, as maps have them.
class Surroundings {
  public:
    Surroundings(const Plan& before, const Plan& after, const Same& same)
        : before_(before), after_(after), same_(same), before_names_(before), after_names_(after) {}

    SurroundingChanges all() && {
        if (before_.name != after_.name) became("the plan", "`" + before_.name + "`", "`" + after_.name + "`");
        if (before_.farm != after_.farm)
            lost("the farm", "runs that hold it by another name are not seen; its name", before_.farm, after_.farm);
        if (after_.is_protected && !before_.is_protected) add("the farm", "is protected now");
        if (before_.is_protected && !after_.is_protected) lost("the farm", "is no longer protected");
        if (before_.store != after_.store)
            lost("the farm", "runs that another store has are not seen; its `store`", base::shown_store(before_.store),
                 base::shown_store(after_.store));
        if (before_.on_failure != after_.on_failure) add("`on_failure` of the plan", "is another one");
        values("parameter `", before_.parameters, after_.parameters);
        parameter_types();
        if (before_.approvers != after_.approvers) add("`approvers` of the plan", "are others");
        notify();
        secrets();
        actions();
        kinds();
        objects();
        return std::move(found_);
    }

  private:
    void add(std::string what, std::string how) { found_.others.push_back({std::move(what), std::move(how)}); }
    StepChange& lost(std::string of, std::string what, std::string was = "", std::string now = "") {
        return found_.losses.emplace_back(StepChange{.type = StepChange::Type::safeguard_lost,
                                                     .step = std::move(of),
                                                     .what = std::move(what),
                                                     .before = std::move(was),
                                                     .after = std::move(now)});
    }
    // An empty text stands for nothing.
    void became(std::string what, const std::string& was, const std::string& now) {
        add(std::move(what), (was.empty() ? "nothing" : was) + " became " + (now.empty() ? "nothing" : now));
    }
    [[nodiscard]] std::string text(const Value& value, const program::ObjectNames& names) const {
        return "`" + program::to_text(value, names) + "`";
    }

    // What is gone comes first, then what is new or different, each by name.
    void values(const std::string& what, const std::map<std::string, Value>& was,
                const std::map<std::string, Value>& now) {
        for (const auto& [name, value] : was)
            if (!now.contains(name)) add(what + name + "`", "is gone");
        for (const auto& [name, value] : now) {
            const auto old_value = was.find(name);
            if (old_value == was.end())
                add(what + name + "`", "is new: " + text(value, after_names_));
            else if (!same_(old_value->second, value))
                value_became(what + name + "`", text(old_value->second, before_names_), text(value, after_names_));
        }
    }
    // A name of a type and a text may look alike.
    void value_became(std::string what, const std::string& was, const std::string& now) {
        if (was == now)
            add(std::move(what), "is " + now + " of another type");
        else
            became(std::move(what), was, now);
    }

    // What a parameter may be in the next run, where it is the same in this one.
    void parameter_types() {
        for (const auto& [name, now] : after_.parameter_types) {
            const auto was = before_.parameter_types.find(name);
            if (was == before_.parameter_types.end()) continue;
            differs("the type of parameter `" + name + "`", program::to_text(was->second), program::to_text(now));
        }
    }

    // Each of before has to be there still, as it was; of one that was changed, both are told.
    void notify() {
        const auto is_in = [](const program::Notify& one, const std::vector<program::Notify>& all) {
            return std::find(all.begin(), all.end(), one) != all.end();
        };
        for (const program::Notify& was : before_.notify)
            if (!is_in(was, after_.notify)) lost("notify", "no longer tells, or not as before: " + text_of(was));
        for (const program::Notify& now : after_.notify)
            if (!is_in(now, before_.notify)) add("`notify`", "is new: " + text_of(now));
    }

    // A secret that comes from elsewhere may be another one, and a command is run to get it.
    void secrets() {
        const auto text = [](const std::vector<std::string>& words) { return base::joined(words, " "); };
        for (const auto& [name, now] : after_.secrets) {
            const auto was = before_.secrets.find(name);
            if (was == before_.secrets.end())
                add("secret `" + name + "`", "is new: " + text(now));
            else if (was->second != now)
                lost("secret " + name, "comes from", text(was->second), text(now));
        }
        for (const auto& [name, was] : before_.secrets)
            if (!after_.secrets.contains(name)) add("secret `" + name + "`", "is gone");
    }

    // Only what is in both plans: an action that is new or gone is told with its steps.
    void actions() {
        for (const auto& [name, was] : before_.actions) {
            const auto found = after_.actions.find(name);
            if (found == after_.actions.end()) continue;  // its steps are gone, which is told
            const Action& now = found->second;
            const std::string what = "action `" + name + "`";
            const Same same = same_.within(was, now);
            // What is weaker is told with the steps.
            const ActionLosses losses = losses_of(was, now, same_);
            if (!same(was.precondition, now.precondition) && !losses.requires_less) add(what, "it requires more");
            if (!is_same_does(was, now, same)) add(what, "which events it is, is different");
            if (!is_same_sets(was, now, same)) add(what, "what it sets is different");
            if (!same(was.at, now.at)) lost(name, "runs at", where(was, before_names_), where(now, after_names_));
            if (was.exit_codes != now.exit_codes && !losses.accepts_more) add(what, "fewer exit codes are fine");
            interface(what, was, now);
            if (was.repeatable && !now.repeatable) add(what, "it happens only once now");
            if (was.takes_ms != now.takes_ms)
                became(what + " usually takes", text(Value::duration(was.takes_ms), before_names_),
                       text(Value::duration(now.takes_ms), after_names_));
        }
    }
    // What it takes and puts out. A value that is passed otherwise is told with its step.
    void interface(const std::string& what, const Action& was, const Action& now) {
        differs(what + " works on", was.on_kind, now.on_kind);
        if (!is_same_outputs(was, now, same_.within(was, now))) add(what, "its outputs are different");
        for (const auto& [name, type] : now.output_types)
            if (const auto old_type = was.output_types.find(name); old_type != was.output_types.end())
                differs(what + ": the type of output `" + name + "`", program::to_text(old_type->second),
                        program::to_text(type));
        types(what + ": the type of parameter `", was.parameters, now.parameters);
        only_in(was.parameters, now.parameters, what + ": parameter `", "is gone");
        only_in(now.parameters, was.parameters, what + ": parameter `", "is new");
    }
    // Parameters of `some` that `others` have not, by name.
    void only_in(const std::vector<Action::Parameter>& some, const std::vector<Action::Parameter>& others,
                 const std::string& what, const std::string& how) {
        for (const Action::Parameter& one : some)
            if (std::none_of(others.begin(), others.end(), [&](const auto& other) { return other.name == one.name; }))
                add(what + one.name + "`", how);
    }

    // Only kinds of both plans. How a kind is observed decides what a run believes of its objects.
    void kinds() {
        for (const auto& [name, was] : before_.kinds) {
            const auto now = after_.kinds.find(name);
            if (now == after_.kinds.end()) continue;
            differs("the plural of kind `" + name + "`", was.plural, now->second.plural);
            types("kind `" + name + "`: the type of `", was.attributes, now->second.attributes);
            types("kind `" + name + "`: the type of `", was.state, now->second.state);
            if (!is_same_body(was.observe, now->second.observe, same_))
                lost("kind " + name,
                     "how it is observed is different" + changed_lines(was.observe, now->second.observe))
                    .place = now->second.source;
        }
    }

    // One that is new or gone is told with the objects that have it.
    template <class Named>
    void types(const std::string& what, const std::vector<Named>& was, const std::vector<Named>& now) {
        for (const Named& one : now)
            for (const Named& other : was)
                if (one.name == other.name)
                    differs(what + one.name + "`", program::to_text(other.type), program::to_text(one.type));
    }
    // Both as texts, which say all that is compared.
    void differs(std::string what, const std::string& was, const std::string& now) {
        if (was != now) became(std::move(what), "`" + was + "`", "`" + now + "`");
    }

    // In the order of the farm: first what is there now, then what is gone.
    void objects() {
        std::map<std::string, const program::Object*> was;
        for (const program::Object& one : before_.objects) was.emplace(one.id, &one);
        for (const program::Object& now : after_.objects) {
            const auto found = was.find(now.id);
            if (found == was.end()) {
                add("`" + now.id + "`", "is new");
                continue;
            }
            values("`" + now.id + "`: `", without_addresses(*found->second), without_addresses(now));
            addresses(*found->second, now);
            values("`" + now.id + "`: state `", found->second->state, now.state);
            connection(*found->second, now);
            was.erase(found);
        }
        for (const program::Object& one : before_.objects)
            if (was.contains(one.id)) add("`" + one.id + "`", "is gone");
    }

    // What steps do to the object is done to whatever is reached so: another host, or one that nobody has verified.
    void connection(const program::Object& was, const program::Object& now) {
        std::set<std::string> keys;
        for (const auto* all : {&was.connect, &now.connect})
            for (const auto& [key, value] : *all) keys.insert(key);
        for (const std::string& key : keys) {
            std::string old_text = text_in(was.connect, key, before_names_);
            std::string new_text = text_in(now.connect, key, after_names_);
            if (old_text == new_text) continue;
            if (is_safest(key, new_text))
                became("`" + now.id + "`: connection `" + key + "`", old_text, new_text);
            else
                reached_otherwise(now, "connection `" + key + "`", std::move(old_text), std::move(new_text));
        }
    }
    // An address in an attribute is one more way in which the host may be another.
    void addresses(const program::Object& was, const program::Object& now) {
        for (const char* const key : address_keys)
            if (std::string old_text = text_in(was.attributes, key, before_names_),
                new_text = text_in(now.attributes, key, after_names_);
                old_text != new_text)
                reached_otherwise(now, key, std::move(old_text), std::move(new_text));
    }
    // The objects of a kind are one change, of which the first is told.
    void reached_otherwise(const program::Object& object, const std::string& what, std::string was, std::string now) {
        const auto [at, is_new] = reached_.try_emplace({object.kind, what}, found_.losses.size());
        if (is_new) {
            StepChange& change = lost(object.id, what, std::move(was), std::move(now));
            change.example = object.id;
            change.place = object.source;
            return;
        }
        StepChange& change = found_.losses[at->second];
        change.step = object.kind + "/*";
        ++change.count;
    }

    const Plan& before_;
    const Plan& after_;
    const Same& same_;
    program::PlanNames before_names_;
    program::PlanNames after_names_;
    SurroundingChanges found_;
    std::map<std::pair<std::string, std::string>, std::size_t> reached_;  // by kind and what: index into losses
};

}  // namespace

SurroundingChanges compare_surroundings(const Plan& before, const Plan& after, const Same& same) {
    return Surroundings(before, after, same).all();
}

}  // namespace pvsplan::diff

#include "compiler/diff/surroundings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
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

// Whatever they tell of.
bool tells_alike(program::Notify a, program::Notify b) {
    a.on = b.on = {};
    return a == b;
}
bool is_told_of(program::Notify::When event, const program::Notify& by) {
    return std::find(by.on.begin(), by.on.end(), event) != by.on.end();
}

// The events of `one` of which none of `others` tells the same people in the same way.
std::vector<program::Notify::When> untold_by(const std::vector<program::Notify>& others, const program::Notify& one) {
    std::vector<program::Notify::When> left = one.on;
    for (const program::Notify& other : others)
        if (tells_alike(one, other))
            std::erase_if(left, [&](program::Notify::When event) { return is_told_of(event, other); });
    return left;
}
std::string events(const std::vector<program::Notify::When>& all) {
    std::string text;
    for (const program::Notify::When one : all) base::append(text, ", ", std::string(name_of(one)));
    return text;
}
std::string quoted(const std::vector<std::string>& names) {
    return names.empty() ? "" : "`" + base::joined(names, ", ") + "`";
}

// From what concerns the whole plan to single objects; in the order of names, as maps have them.
class Surroundings {
  public:
    Surroundings(const Version& before, const Version& after, const Same& same)
        : before_(before.plan),
          after_(after.plan),
          same_(same),
          open_before_(before.open),
          open_after_(after.open),
          before_names_(before.plan),
          after_names_(after.plan) {}

    SurroundingChanges all() && {
        if (before_.name != after_.name) became("the plan", "`" + before_.name + "`", "`" + after_.name + "`");
        if (before_.farm != after_.farm)
            lost("the farm", "runs that hold it by another name are not seen; its name", before_.farm, after_.farm);
        if (after_.is_protected && !before_.is_protected) add("the farm", "is protected now");
        if (before_.is_protected && !after_.is_protected) lost("the farm", "is no longer protected");
        if (before_.store != after_.store)
            lost("the farm", "runs that another store has are not seen; its `store`", base::shown_store(before_.store),
                 base::shown_store(after_.store));
        if (before_.on_failure != after_.on_failure) add(std::string(on_failure_of_plan), "is another one");
        parameters();
        parameter_types();
        if (before_.approvers != after_.approvers)
            became(std::string(approvers_of_plan), quoted(before_.approvers), quoted(after_.approvers));
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
    [[nodiscard]] std::string time(std::int64_t ms) const {
        return ms == 0 ? "" : text(Value::duration(ms), after_names_);
    }
    [[nodiscard]] std::string text(const Value& value, const program::ObjectNames& names) const {
        return "`" + program::to_text(value, names) + "`";
    }

    // A value that was only tried is none.
    void parameters() {
        const auto is_open = [](const std::string& name, const std::vector<std::string>& open) {
            return std::find(open.begin(), open.end(), name) != open.end();
        };
        for (const auto& [name, value] : before_.parameters)
            if (!after_.parameters.contains(name)) add("parameter `" + name + "`", "is gone");
        for (const auto& [name, value] : after_.parameters) {
            const std::string what = "parameter `" + name + "`";
            const std::string now = is_open(name, open_after_) ? "" : text(value, after_names_);
            const auto old_value = before_.parameters.find(name);
            if (old_value == before_.parameters.end()) {
                add(what, now.empty() ? "is new" : "is new: " + now);
                continue;
            }
            const std::string was = is_open(name, open_before_) ? "" : text(old_value->second, before_names_);
            if (was.empty() || now.empty() ? was != now : !same_(old_value->second, value))
                value_became(what, was, now);
        }
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

    // Each event of before has to be told still, to the same in the same way.
    void notify() {
        for (const program::Notify& was : before_.notify) {
            const std::vector<program::Notify::When> left = untold_by(after_.notify, was);
            if (left.size() == was.on.size())
                lost("notify", "no longer tells, or not as before: " + text_of(was));
            else if (!left.empty())
                lost("notify", text_of(was) + " is no longer told of `" + events(left) + "`");
        }
        for (const program::Notify& now : after_.notify) {
            const std::vector<program::Notify::When> left = untold_by(before_.notify, now);
            if (left.size() == now.on.size())
                add("`notify`", "is new: " + text_of(now));
            else if (!left.empty())
                add("`notify`", "tells of `" + events(left) + "` as well: " + text_of(now));
        }
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
            if (was.takes_ms != now.takes_ms) became(what + " usually takes", time(was.takes_ms), time(now.takes_ms));
        }
    }
    // What it takes and puts out. A value that is passed otherwise is told with its step.
    void interface(const std::string& what, const Action& was, const Action& now) {
        differs(what + " works on", was.on_kind, now.on_kind);
        outputs(what, was, now);
        for (const auto& [name, type] : now.output_types)
            if (const auto old_type = was.output_types.find(name); old_type != was.output_types.end())
                differs(what + ": the type of output `" + name + "`", program::to_text(old_type->second),
                        program::to_text(type));
        types(what + ": the type of parameter `", was.parameters, now.parameters);
        only_in(was.parameters, now.parameters, what + ": parameter `", "is gone");
        only_in(now.parameters, was.parameters, what + ": parameter `", "is new");
    }
    // One that a condition reads decides what is done and who is asked.
    void outputs(const std::string& what, const Action& was, const Action& now) {
        const Same same = same_.within(was, now);
        if (is_same_outputs(was, now, same)) return;
        bool is_told = false;
        for (const auto& [name, expr] : now.outputs) {
            const auto old_one = was.outputs.find(name);
            if (old_one == was.outputs.end() || same(old_one->second, expr) || !is_asked(now.name, name)) continue;
            is_told = true;
            lost(now.name, "a condition asks for its output `" + name + "`, which was",
                 program::to_text(*old_one->second, before_names_), program::to_text(*expr, after_names_));
        }
        if (!is_told) add(what, "its outputs are different");
    }
    // By a `when` of the plan after, also of what undoes it.
    [[nodiscard]] bool is_asked(const std::string& action, const std::string& output) {
        if (!asked_) {
            asked_.emplace();
            std::map<std::string_view, std::string_view> actions;
            for (const program::Node& node : after_.graph.nodes) actions.emplace(node.id, node.action);
            const auto look = [&](const std::vector<program::Guard>& guards) {
                for (const program::Guard& guard : guards)
                    program::for_each_part(*guard.condition, [&](const program::Expr& part) {
                        const auto of = actions.find(part.step);
                        if (part.op == program::Expr::Op::output && of != actions.end())
                            asked_->emplace(of->second, part.name);
                    });
            };
            look(after_.guards);
            for (const program::RecoverSteps& one : after_.recoveries) look(one.guards);
        }
        return asked_->contains({action, output});
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
            if (is_same_body(was.observe, now->second.observe, same_)) continue;
            if (was.observe.type == program::Body::Type::none)
                add("kind `" + name + "`", "is observed now");
            else
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
    const std::vector<std::string>& open_before_;
    const std::vector<std::string>& open_after_;
    program::PlanNames before_names_;
    program::PlanNames after_names_;
    SurroundingChanges found_;
    std::optional<std::set<std::pair<std::string, std::string>>> asked_;  // outputs, by action; none: not looked yet
    std::map<std::pair<std::string, std::string>, std::size_t> reached_;  // by kind and what: index into losses
};

}  // namespace

SurroundingChanges compare_surroundings(const Version& before, const Version& after, const Same& same) {
    return Surroundings(before, after, same).all();
}

}  // namespace pvsplan::diff

#include "compiler/diff/surroundings.hpp"

#include <algorithm>
#include <map>

namespace pvsplan::diff {
namespace {

using program::Action;
using program::Body;
using program::Plan;
using program::Value;

// From what concerns the whole plan to single objects; in the order of names, as maps have them.
class Surroundings {
  public:
    Surroundings(const Plan& before, const Plan& after, const Same& same)
        : before_(before), after_(after), same_(same), before_names_(before), after_names_(after) {}

    std::vector<OtherChange> all() && {
        if (before_.name != after_.name) became("the plan", "`" + before_.name + "`", "`" + after_.name + "`");
        if (before_.farm != after_.farm) became("the farm", before_.farm, after_.farm);
        if (after_.is_protected && !before_.is_protected) add("the farm", "is protected now");
        if (before_.store != after_.store) became("the store of the farm", before_.store, after_.store);
        if (before_.on_failure != after_.on_failure) add("`on_failure` of the plan", "is another one");
        values("parameter `", before_.parameters, after_.parameters);
        if (before_.approvers != after_.approvers) add("`approvers` of the plan", "are others");
        if (before_.notify != after_.notify) add("who is told of a run", "is different");
        if (before_.secrets != after_.secrets) add("where secrets come from", "is different");
        actions();
        kinds();
        objects();
        return std::move(found_);
    }

  private:
    void add(std::string what, std::string how) { found_.push_back({std::move(what), std::move(how)}); }
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
                became(what + name + "`", text(old_value->second, before_names_), text(value, after_names_));
        }
    }

    // Only what is in both plans: an action that is new or gone is told with its steps.
    void actions() {
        for (const auto& [name, was] : before_.actions) {
            const auto found = after_.actions.find(name);
            if (found == after_.actions.end()) continue;  // its steps are gone, which is told
            const Action& now = found->second;
            const std::string what = "action `" + name + "`";
            if (!is_same(was.run, now.run)) add(what, "what it runs is different" + lines(was.run, now.run));
            if (!same_(was.precondition, now.precondition)) add(what, "what it requires is different");
            if (!is_same_does(was, now)) add(what, "which events it is, is different");
            if (!is_same_sets(was, now)) add(what, "what it sets is different");
            if (!same_(was.at, now.at)) add(what, "it runs elsewhere");
            if (was.exit_codes != now.exit_codes) add(what, "other exit codes are fine");
            if (!is_same_outputs(was, now)) add(what, "its outputs are different");
            if (was.repeatable && !now.repeatable) add(what, "it happens only once now");
            if (was.takes_ms != now.takes_ms)
                became(what + " usually takes", text(Value::duration(was.takes_ms), before_names_),
                       text(Value::duration(now.takes_ms), after_names_));
        }
    }
    // "(2 lines are new, 1 is gone)": of a script.
    static std::string lines(const Body& was, const Body& now) {
        std::map<std::string_view, int> count;
        const auto each = [&](std::string_view text, int by) {
            for (std::size_t at = 0; at < text.size();) {
                const std::size_t end = std::min(text.find('\n', at), text.size());
                count[text.substr(at, end - at)] += by;
                at = end + 1;
            }
        };
        each(now.text, 1);
        each(was.text, -1);
        int more = 0;
        int fewer = 0;
        for (const auto& [line, by] : count) (by > 0 ? more : fewer) += by > 0 ? by : -by;
        if (more + fewer == 0) return "";
        return " (+" + std::to_string(more) + " -" + std::to_string(fewer) + (more + fewer == 1 ? " line)" : " lines)");
    }
    [[nodiscard]] bool is_same(const Body& was, const Body& now) const {
        return was.type == now.type && was.text == now.text && was.every_ms == now.every_ms &&
               was.at_most_ms == now.at_most_ms && same_(was.until, now.until) &&
               std::equal(was.arguments.begin(), was.arguments.end(), now.arguments.begin(), now.arguments.end(),
                          same_);
    }
    // Neither events nor states have an order.
    [[nodiscard]] bool is_same_does(const Action& was, const Action& now) const {
        return std::is_permutation(was.does.begin(), was.does.end(), now.does.begin(), now.does.end(),
                                   [&](const Action::DoneTo& a, const Action::DoneTo& b) {
                                       return a.verb == b.verb && same_(a.object, b.object);
                                   });
    }
    [[nodiscard]] bool is_same_sets(const Action& was, const Action& now) const {
        return std::is_permutation(was.sets.begin(), was.sets.end(), now.sets.begin(), now.sets.end(),
                                   [&](const Action::Sets& a, const Action::Sets& b) {
                                       return a.attribute == b.attribute && same_(a.object, b.object) &&
                                              same_(a.value, b.value);
                                   });
    }
    [[nodiscard]] bool is_same_outputs(const Action& was, const Action& now) const {
        return std::equal(
            was.outputs.begin(), was.outputs.end(), now.outputs.begin(), now.outputs.end(),
            [&](const auto& a, const auto& b) { return a.first == b.first && same_(a.second, b.second); });
    }

    void kinds() {
        for (const auto& [name, was] : before_.kinds)
            if (const auto now = after_.kinds.find(name);
                now != after_.kinds.end() && !is_same(was.observe, now->second.observe))
                add("kind `" + name + "`", "how it is observed is different" + lines(was.observe, now->second.observe));
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
            values("`" + now.id + "`: `", found->second->attributes, now.attributes);
            values("`" + now.id + "`: state `", found->second->state, now.state);
            values("`" + now.id + "`: connection `", found->second->connect, now.connect);
            was.erase(found);
        }
        for (const program::Object& one : before_.objects)
            if (was.contains(one.id)) add("`" + one.id + "`", "is gone");
    }

    const Plan& before_;
    const Plan& after_;
    const Same& same_;
    program::PlanNames before_names_;
    program::PlanNames after_names_;
    std::vector<OtherChange> found_;
};

}  // namespace

std::vector<OtherChange> compare_surroundings(const Plan& before, const Plan& after, const Same& same) {
    return Surroundings(before, after, same).all();
}

}  // namespace pvsplan::diff

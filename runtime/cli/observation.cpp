#include "runtime/cli/observation.hpp"

#include <algorithm>

#include "compiler/base/lists.hpp"

namespace pvsplan::cli {
namespace {

// Everywhere, and not in what was put in.
std::string replaced(std::string text, const std::string& what, std::string_view by) {
    if (what.empty()) return text;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
    return text;
}

std::string text_in(const std::map<std::string, program::Value>& values, const std::string& key) {
    const auto found = values.find(key);
    const std::string* text = found == values.end() ? nullptr : found->second.as_string();
    return text == nullptr ? "" : *text;
}

// " after 5003 ms", which is another time with each host.
std::string without_times(std::string text) {
    static constexpr std::string_view after = " after ";
    for (std::size_t at = text.find(after); at != std::string::npos; at = text.find(after, at + 1)) {
        std::size_t end = text.find_first_not_of("0123456789", at + after.size());
        if (end == std::string::npos || end == at + after.size()) continue;
        for (const std::string_view unit : {" milliseconds", " ms"})
            if (text.compare(end, unit.size(), unit) == 0) {
                text.erase(at, end + unit.size() - at);
                break;
            }
    }
    return text;
}

// Why an object could not be observed, in the words that fit each object with the same reason. Two hosts that are away
// for one reason differ in their name and in how long each was tried; both are taken out, so that the texts are equal.
std::string why(const program::Object& object, const std::string& error) {
    std::string text = without_times(error);
    for (const std::string& name :
         {text_in(object.connect, "address"), text_in(object.attributes, "address"), object.name}) {
        if (name.empty()) continue;
        if (text.starts_with(name + " ")) text.erase(0, name.size() + 1);
        if (text.starts_with(name + ": ")) text.erase(0, name.size() + 2);
        text = replaced(std::move(text), name, "HOST");
    }
    return text;
}

}  // namespace

// What was not observed is not in it: the compiler then has the farm file's value, or none.
ObservedStates states_of(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    ObservedStates states;
    for (const engine::ObservedObject& one : observed)
        for (const auto& [attribute, value] : one.state) states[plan.objects[one.object.index()].id][attribute] = value;
    return states;
}

// An object with an error is told as one that is away, and not here.
std::vector<Unseen> unseen(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    const program::PlanNames names(plan);
    std::vector<Unseen> result;
    for (const engine::ObservedObject& one : observed) {
        const program::Object& object = plan.objects[one.object.index()];
        const auto kind = plan.kinds.find(object.kind);
        if (!one.error.empty() || kind == plan.kinds.end()) continue;
        Unseen here{.object = object.id, .attributes = {}, .expected = {}};
        for (const auto& state : kind->second.state) {
            const auto seen = one.state.find(state.name);
            if (seen != one.state.end() && !seen->second.is_none()) continue;
            here.attributes.push_back(state.name);
            const auto expected = object.state.find(state.name);
            if (expected == object.state.end() || expected->second.has_unknown()) continue;
            base::append(here.expected, ", ", state.name + " = " + program::to_text(expected->second, names));
        }
        if (!here.attributes.empty()) result.push_back(std::move(here));
    }
    return result;
}

// Only what was seen and what the file says can differ: where one of the two is missing there is nothing to compare.
std::vector<Difference> differences(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    const program::PlanNames names(plan);
    std::vector<Difference> result;
    for (const engine::ObservedObject& one : observed) {
        const program::Object& object = plan.objects[one.object.index()];
        for (const auto& [attribute, value] : one.state) {
            const auto expected = object.state.find(attribute);
            if (expected == object.state.end() || expected->second == value) continue;
            result.push_back(
                {object.id, attribute, program::to_text(expected->second, names), program::to_text(value, names)});
        }
    }
    return result;
}

// An empty text is shown as one.
std::string text_of(const Difference& difference) {
    const auto shown = [](const std::string& value) { return value.empty() ? std::string("\"\"") : value; };
    return difference.object + ": " + difference.attribute + " is " + shown(difference.found) + ", not " +
           shown(difference.expected);
}

// The most frequent one first; among equals the one that was seen first.
std::vector<Cause> causes(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed) {
    std::vector<Cause> result;
    std::map<std::string, std::size_t> known;
    for (const engine::ObservedObject& one : observed) {
        if (one.error.empty()) continue;
        const program::Object& object = plan.objects[one.object.index()];
        const std::string text = why(object, one.error);
        const auto [place, is_new] = known.emplace(text, result.size());
        if (is_new) result.push_back({.why = text, .objects = {}});
        result[place->second].objects.push_back(object.id);
    }
    std::stable_sort(result.begin(), result.end(),
                     [](const Cause& a, const Cause& b) { return a.objects.size() > b.objects.size(); });
    return result;
}

// Names are shown as long as the count of the rest has room behind them, so that the line never wraps and can be drawn
// over.
std::string text_of(const program::Plan& plan, const engine::ObservedSoFar& so_far, std::size_t width) {
    std::string text = "observed " + std::to_string(so_far.over) + " of " + std::to_string(so_far.all);
    std::size_t left = so_far.away.size();
    for (const auto& [object, error] : so_far.away) {
        const std::string before = left == so_far.away.size() ? "; away: " : ", ";
        const std::string& name = plan.objects[object.index()].name;
        const std::string rest = " and " + std::to_string(left) + " more";
        if (text.size() + before.size() + name.size() + rest.size() > width) {
            text += left == so_far.away.size() ? "; " + std::to_string(left) + " away" : rest;
            break;
        }
        text += before + name;
        --left;
    }
    return text;
}

void ObservationLine::draw(const engine::ObservedSoFar& so_far) {
    // A farm that answers at once needs no line.
    if (!to_->is_terminal || std::chrono::steady_clock::now() - began_ < std::chrono::seconds(1)) return;
    const std::string text = so_far.over == so_far.all ? "" : text_of(*plan_, so_far, to_->width - 1);
    if (text == drawn_) return;
    to_->write("\r\x1b[K" + text);
    drawn_ = text;
}

ObservationLine::~ObservationLine() {
    if (!drawn_.empty()) to_->write("\r\x1b[K");
}

}  // namespace pvsplan::cli

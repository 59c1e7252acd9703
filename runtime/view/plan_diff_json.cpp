#include <nlohmann/json.hpp>

#include <array>

#include "compiler/diag/display.hpp"
#include "runtime/view/plan_diff.hpp"
#include "runtime/view/witness_json.hpp"

namespace pvsplan::view {
namespace {

using Json = nlohmann::ordered_json;
using diff::OrderChange;
using diff::RequirementChange;
using diff::StepChange;

// Words of `pvsplan.diff/1`, in the order of the enumerations. They are promised: programs compare them.
constexpr std::array requirement_words = {"violated",  "still_violated", "dropped",      "weakened",
                                          "redefined", "waived",         "unproved",     "waivable",
                                          "mended",    "added",          "strengthened", "renamed"};
constexpr std::array step_words = {"no_return", "undo_lost", "once_lost", "approval_lost", "safeguard_lost",
                                   "changed",   "added",     "removed",   "renamed",       "changed"};
constexpr std::array order_words = {"turned", "lost", "gained"};
constexpr std::array because_words = {"sequence", "after", "at_most", "data"};

template <class Words, class Enumerator>
const char* word_of(const Words& words, Enumerator one) {
    return words.at(static_cast<std::size_t>(one));
}

Json place_json(const program::Place& place) {
    return {{"file", place.file}, {"line", place.line}, {"column", place.column}};
}

// A side on which the requirement is not there has no member.
Json json_of(const PlanDiff& diff, const RequirementChange& change) {
    Json one = {{"change", word_of(requirement_words, change.type)}, {"name", change.name}};
    if (!change.why.empty()) one["why"] = change.why;
    if (change.before != RequirementChange::none)
        one["before"] = {{"require", diff.before->plan.requirements[change.before].require},
                         {"verdict", checks::name_of(diff.before->decisions[change.before].verdict)}};
    if (change.after == RequirementChange::none) return one;
    const checks::Decision& decision = diff.after->decisions[change.after];
    one["after"] = {{"require", diff.after->plan.requirements[change.after].require},
                    {"verdict", checks::name_of(decision.verdict)}};
    if (decision.witness) one["after"]["witness"] = Json::parse(witness_json(diff.after->facts, *decision.witness));
    return one;
}

Json json_of(const StepChange& change) {
    Json one = {{"change", word_of(step_words, change.type)}, {"step", change.step}, {"steps", change.count}};
    if (!change.example.empty()) one["example"] = change.example;
    if (!change.what.empty()) one["what"] = change.what;
    if (!change.before.empty()) one["before"] = change.before;
    if (!change.after.empty()) one["after"] = change.after;
    if (!change.place.file.empty()) one["place"] = place_json(change.place);
    return one;
}

Json json_of(const OrderChange& change) {
    Json one = {{"change", word_of(order_words, change.type)},
                {"earlier", change.earlier},
                {"later", change.later},
                {"pairs", change.pairs},
                {"example", {change.example_earlier, change.example_later}},
                {"because", word_of(because_words, change.because)}};
    if (!change.place.file.empty()) one["place"] = place_json(change.place);
    return one;
}

// Every difference is there, however many: what one reads is for text. `order_is_whole` says whether the order could be
// compared as a whole.
Json json_of(const PlanDiff& diff) {
    Json object = {{"plan", diff.plan}, {"same", diff.is_none()}, {"summary", summary_of(diff)}};
    if (!diff.was.empty()) object["was"] = diff.was;
    if (!diff.wrong.empty()) object["wrong"] = diff.wrong;
    if (diff.before == nullptr || diff.after == nullptr) {
        if (diff.wrong.empty()) object["only"] = diff.before == nullptr ? "after" : "before";
        for (const auto& one : diff.differences.requirements) object["requirements"].push_back(json_of(diff, one));
        return object;
    }
    object["requirements"] = Json::array();
    for (const auto& one : diff.differences.requirements) object["requirements"].push_back(json_of(diff, one));
    const auto list = [&](const char* name, const auto& changes) {
        object[name] = Json::array();
        for (const auto& one : changes) object[name].push_back(json_of(one));
    };
    list("losses", diff.differences.losses);
    list("order", diff.differences.order);
    object["order_is_whole"] = diff.differences.is_order_whole;
    object["loops"] = Json::array();
    for (const auto& one : diff.differences.loops)
        object["loops"].push_back({{"loop", one.loop}, {"before", one.before}, {"after", one.after}});
    list("steps", diff.differences.steps);
    object["others"] = Json::array();
    for (const auto& one : diff.differences.others) object["others"].push_back({{"what", one.what}, {"how", one.how}});
    object["figures"] = Json::array();
    for (const Figure& figure : figures_of(diff)) {
        Json row = {{"name", figure.name}, {"unit", figure.unit == Figure::Unit::number ? "number" : "milliseconds"}};
        row["before"] = figure.before ? Json(*figure.before) : Json(nullptr);
        row["after"] = figure.after ? Json(*figure.after) : Json(nullptr);
        object["figures"].push_back(std::move(row));
    }
    return object;
}

}  // namespace

// Bytes of a plan that are no UTF-8 are replaced, so that what comes out is JSON whatever went in.
std::string diff_json(const std::vector<PlanDiff>& diffs) {
    bool is_same = true;
    Json plans = Json::array();
    for (const PlanDiff& diff : diffs) {
        plans.push_back(json_of(diff));
        is_same = is_same && diff.is_none();
    }
    const Json object = {{"format", "pvsplan.diff/1"}, {"same", is_same}, {"plans", std::move(plans)}};
    return diag::printed_json(object.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace pvsplan::view

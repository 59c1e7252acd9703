#include <nlohmann/json.hpp>

#include <cmath>

#include "compiler/diag/display.hpp"
#include "runtime/view/diagnostics.hpp"
#include "runtime/view/verdict_text.hpp"
#include "runtime/view/witness_json.hpp"

namespace pvsplan::view {
namespace {

using Json = nlohmann::ordered_json;

// Members that say nothing are left out; `witness` is there also where a text names it by another requirement.
Json invariants_json(const compiler::Compilation& c) {
    Json all = Json::array();
    for (std::size_t i = 0; i < c.decisions.size() && i < c.requirements.size(); ++i) {
        const program::Requirement& requirement = c.requirements[i];
        const checks::Decision& decision = c.decisions[i];
        Json one = {{"name", requirement.name},
                    {"require", requirement.require},
                    {"verdict", checks::name_of(decision.verdict)}};
        if (!requirement.because.empty()) one["because"] = requirement.because;
        if (!decision.reason.empty()) one["reason"] = decision.reason;
        if (!decision.missing.empty()) one["missing"] = decision.missing;
        if (decision.reached >= 0) one["reached"] = decision.reached;
        if (!requirement.waived_because.empty()) one["waived_because"] = requirement.waived_because;
        if (decision.witness) one["witness"] = Json::parse(witness_json(c.facts(), *decision.witness));
        all.push_back(std::move(one));
    }
    return all;
}

// Not complete where nothing was looked at: nobody is to take that for a plan that can be undone.
Json rollback_json(const compiler::Compilation& c) {
    if (!c.rollback) return {{"complete", false}, {"points", 0}, {"no_return", Json::array()}};
    Json points = Json::array();
    for (const auto& point : c.rollback->no_return) {
        Json stranded = Json::array();
        for (const std::uint32_t node : point.stranded) stranded.push_back(c.facts().path(node));
        points.push_back({{"step", c.facts().path(point.node)}, {"why", point.why}, {"stranded", std::move(stranded)}});
    }
    return {{"complete", c.rollback->complete}, {"points", c.rollback->points}, {"no_return", std::move(points)}};
}

}  // namespace

// The time that it took is the only member that differs from one call to the next.
std::string verdict_json(const PlanReport& report) {
    const compiler::Compilation& c = report.compilation;
    Json object = {
        {"format", "pvsplan.validate/1"},
        {"ok", c.ok()},
        {"plan", report.prefix + report.plan},
        {"diagnostics", Json::parse(diag::render_json(compiler::texts_of(c, report.prefix), c.sink.sorted()))},
        {"invariants", invariants_json(c)},
        {"rollback", rollback_json(c)},
        {"stats",
         {{"nodes", c.nodes}, {"edges", c.edges}, {"milliseconds", std::round(report.milliseconds * 10) / 10}}}};
    if (!c.alone.empty()) object.erase("rollback");  // nothing is done, so there is nothing to undo
    return diag::printed_json(object.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string verdicts_json(std::span<const std::string> verdicts) {
    Json plans = Json::array();
    bool ok = true;
    for (const std::string& verdict : verdicts) {
        plans.push_back(Json::parse(verdict));
        ok = ok && plans.back()["ok"] == true;
    }
    const Json object = {{"format", "pvsplan.validations/1"}, {"ok", ok}, {"plans", std::move(plans)}};
    return diag::printed_json(object.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace pvsplan::view

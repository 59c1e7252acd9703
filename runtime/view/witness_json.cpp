#include "runtime/view/witness_json.hpp"

#include <nlohmann/json.hpp>

namespace pvsplan::view {

using Json = nlohmann::ordered_json;

// Whole, moment by moment; texts leave out what matters less.
std::string witness_json(const graph::Facts& facts, const checks::Witness& witness) {
    Json schedule = Json::array();
    for (const schedule::Moment& moment : witness.schedule) {
        const char* what = moment.what == schedule::Moment::What::start    ? "start"
                           : moment.what == schedule::Moment::What::finish ? "finish"
                                                                           : "fail";
        schedule.push_back({{what, facts.path(moment.node)}});
    }
    Json objects = Json::array();
    for (const program::ObjectId object : witness.objects) objects.push_back(facts.object_name(object));
    Json result = {{"schedule", std::move(schedule)}, {"objects", std::move(objects)}};
    if (!witness.assumptions.empty()) {
        Json assumptions = Json::array();
        for (const auto& [text, value] : witness.assumptions)
            assumptions.push_back({{"condition", text}, {"holds", value}});
        result["assuming"] = std::move(assumptions);
    }
    return result.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pvsplan::view

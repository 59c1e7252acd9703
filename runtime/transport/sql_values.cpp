#include <nlohmann/json.hpp>

#include "runtime/transport/sql_text.hpp"

namespace pvsplan::transport {

namespace {

// Numbers with a fraction are bound as text, as lists and objects are.
SqlValue value_of(const nlohmann::json& json) {
    if (json.is_null()) return {};
    if (json.is_boolean()) return {.type = SqlValue::Type::boolean, .number = json.get<bool>() ? 1 : 0};
    if (json.is_number_integer()) return {.type = SqlValue::Type::integer, .number = json.get<std::int64_t>()};
    if (json.is_string()) return {.type = SqlValue::Type::text, .text = json.get<std::string>()};
    return {.type = SqlValue::Type::text, .text = json.dump()};
}

}  // namespace

base::Result<std::vector<SqlValue>> sql_values(const std::vector<std::string>& names, std::string_view data,
                                               const std::map<std::string, std::string>& secrets) {
    const auto json = nlohmann::json::parse(data.empty() ? "{}" : data, nullptr, false);
    if (json.is_discarded()) return base::Error{"the data of the job is no JSON"};
    std::vector<SqlValue> values;
    for (const auto& name : names) {
        const auto root = name.substr(0, name.find('.'));
        auto rest = name.substr(root.size() + 1);
        if (root == "Secret") {
            const auto found = secrets.find(rest);
            if (found == secrets.end()) return base::Error{"there is no secret for `:" + name + "`"};
            values.push_back({.type = SqlValue::Type::text, .text = found->second});
            continue;
        }
        const auto* at = json.contains(root) ? &json.at(root) : nullptr;
        while (at != nullptr && !rest.empty()) {
            const auto member = rest.substr(0, rest.find('.'));
            rest.erase(0, member.size() + 1);
            at = at->is_object() && at->contains(member) ? &at->at(member) : nullptr;
        }
        if (at == nullptr) return base::Error{"there is no value for `:" + name + "`"};
        values.push_back(value_of(*at));
    }
    return values;
}

}  // namespace pvsplan::transport

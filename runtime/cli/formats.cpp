#include "runtime/cli/formats.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/base/check.hpp"

namespace pvsplan::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view scheme = "pvsplan:";

// "diff-1.json" is of "diff/1".
std::string version_of(std::string_view file) {
    std::string name(file.substr(0, file.rfind('.')));
    std::replace(name.begin(), name.end(), '-', '/');
    return name;
}

Json schema_of(std::string_view version) {
    for (const base::Embedded& file : format_files())
        if (version_of(file.name) == version) return Json::parse(file.text);
    base::bug("a format is one of those that are known");
}

// The other formats that `json` refers to.
void find_others(const Json& json, std::vector<std::string>& others) {
    if (json.is_object() && json.contains("$ref")) {
        const std::string target = json["$ref"].get<std::string>();
        if (target.starts_with(scheme)) others.push_back(target.substr(scheme.size()));
    }
    if (json.is_structured())
        for (const Json& part : json) find_others(part, others);
}

}  // namespace

std::vector<std::string> format_names() {
    std::vector<std::string> names;
    for (const base::Embedded& file : format_files()) names.push_back("pvsplan." + version_of(file.name));
    return names;
}

std::string format_schema(std::string_view name) {
    Json schema = schema_of(name.substr(name.find('.') + 1));
    std::vector<std::string> others;
    find_others(schema, others);
    for (const std::string& other : others) schema["$defs"][other] = schema_of(other);
    return schema.dump(2) + "\n";
}

}  // namespace pvsplan::cli

#include "runtime/cli/formats.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pvsplan::cli {
namespace {

using Json = nlohmann::ordered_json;

// "diff-1.json" is of "diff/1".
std::string version_of(std::string_view file) {
    std::string name(file.substr(0, file.rfind('.')));
    std::replace(name.begin(), name.end(), '-', '/');
    return name;
}

// The files are ours and embedded; which names there are is checked where the command line is parsed.
Json schema_in(std::string_view name) { return Json::parse(base::text_of(format_files(), name)); }

// Brings into `definitions` the schemas of other files that `part` refers to: whoever has one schema has all of it. No
// file that is brought refers to yet another one.
void bring_others(Json& part, Json& definitions) {
    for (Json& inner : part)
        if (inner.is_structured()) bring_others(inner, definitions);
    if (!part.is_object() || !part.contains("$ref")) return;
    const std::string file = part["$ref"].get<std::string>();
    if (!file.ends_with(".json")) return;
    const std::string name = file.substr(0, file.rfind('-'));
    part["$ref"] = "#/$defs/" + name;
    Json other = schema_in(file);
    for (const auto& [inner, schema] : other["$defs"].items()) definitions[inner] = schema;
    for (const char* key : {"$schema", "$defs"}) other.erase(key);
    definitions[name] = std::move(other);
}

}  // namespace

std::vector<std::string> format_names() {
    std::vector<std::string> names;
    for (const base::Embedded& file : format_files()) names.push_back("pvsplan." + version_of(file.name));
    return names;
}

// The other way round than version_of: "pvsplan.diff/1" is in diff-1.json.
std::string format_schema(std::string_view name) {
    std::string file(name.substr(name.find('.') + 1));
    std::replace(file.begin(), file.end(), '/', '-');
    Json schema = schema_in(file + ".json");
    Json definitions = Json::object();
    bring_others(schema, definitions);
    for (const auto& [inner, definition] : definitions.items()) schema["$defs"][inner] = definition;
    return schema.dump(2) + "\n";
}

}  // namespace pvsplan::cli

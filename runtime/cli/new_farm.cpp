#include "runtime/cli/new_farm.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "compiler/base/check.hpp"
#include "compiler/syntax/parse.hpp"
#include "compiler/syntax/tree.hpp"
#include "runtime/engine/console_text.hpp"

namespace pvsplan::cli {
namespace {

// As a value in a mapping between braces: between quotes, unless it can be nothing but a name. `text` is not empty
// (parts_of_list). Within single quotes YAML knows one escape, the doubled quote.
std::string quoted(const std::string& text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_plain = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    // `no` and `null` are names here as well, and something else to other readers of YAML.
    const bool is_word = text.size() < 6 && std::all_of(text.begin(), text.end(), is_letter);
    static constexpr std::string_view words[] = {"no", "yes", "on", "off", "true", "false", "null", "y", "n"};
    std::string lower = text;
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool is_other = is_word && std::find(std::begin(words), std::end(words), lower) != std::end(words);
    if (is_letter(text.front()) && std::all_of(text.begin(), text.end(), is_plain) && !is_other) return text;
    std::string result = "'";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\'' || text.compare(i, 2, "${") == 0) result += text[i];  // each stands for one
        result += text[i];
    }
    return result + "'";
}

// Nothing if the farm has no list of that name. By the places of the tree, so that comments and the rest of the text
// stay as they are.
std::optional<std::string> with_list(const std::string& farm, std::string_view list, const std::string& value) {
    base::Sources sources;
    diag::Sink sink;
    const std::optional<syntax::Tree> tree = syntax::read_tree(sources, sources.add("farm", farm), sink);
    base::check(tree && sink.all().empty(), "a farm that is shipped can be read");
    for (const auto [key, objects] : tree->members(tree->root()))
        if (tree->text(key) == list && (*tree)[objects].type == syntax::TreeNode::Type::list)
            return farm.substr(0, (*tree)[key].end) + ":" + value + farm.substr((*tree)[objects].end);
    return std::nullopt;
}

// The names of the servers that a shipped farm has.
std::vector<std::string> servers_of(const std::string& farm) {
    base::Sources sources;
    diag::Sink sink;
    const auto document = syntax::parse(sources, sources.add("farm", farm), sink);
    const auto* const read = document ? std::get_if<syntax::FarmDocument>(&*document) : nullptr;
    std::vector<std::string> names;
    if (read)
        for (const syntax::FarmList& list : read->lists)
            if (list.plural.value == "servers")
                for (const syntax::FarmObject& object : list.objects) names.push_back(object.name.value);
    return names;
}

}  // namespace

// Blanks within a name stay. A control character would break the line that it is written into.
base::Result<std::vector<std::string>> parts_of_list(const std::string& option, const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        std::string part = text.substr(at, end - at);
        part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
        part.erase(part.find_last_not_of(' ') + 1);
        at = end + 1;
        const bool is_text = std::none_of(part.begin(), part.end(),
                                          [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        if (part.empty() || !is_text || !engine::is_utf8(part))
            return base::Error{"`" + option + "` takes names with commas between them: `a,b`"};
        if (std::find(parts.begin(), parts.end(), part) != parts.end())
            return base::Error{"`" + option + "` names `" + part + "` twice"};
        parts.push_back(std::move(part));
    }
    return parts;
}

std::optional<std::string> with_csv(const std::string& farm, std::string_view list, const std::string& name) {
    return with_list(farm, list, " {csv: " + name + "}");
}

// The targets are made anew with the sites: those of the shipped farm lie at sites that may be gone.
std::string with_servers(const std::string& farm, const std::vector<std::string>& servers,
                         const std::vector<std::string>& sites) {
    if (servers.empty() && sites.empty()) return farm;
    const std::vector<std::string> names = servers.empty() ? servers_of(farm) : servers;
    const std::vector<std::string> places = sites.empty() ? std::vector<std::string>{"default"} : sites;
    std::string objects;
    for (std::size_t i = 0; i < names.size(); ++i)
        objects += fmt::format("\n  - {{name: {0}, address: {0}, site: {1}}}", quoted(names[i]),
                               quoted(places[i % places.size()]));
    std::string targets;
    for (std::size_t i = 0; i < places.size(); ++i)
        targets += fmt::format("\n  - {{name: vda-{:03}, site: {}}}", i + 1, quoted(places[i]));
    const std::optional<std::string> changed = with_list(farm, "servers", objects);
    base::check(changed.has_value(), "a farm that is shipped has servers");
    return with_list(*changed, "targets", targets).value_or(*changed);
}

}  // namespace pvsplan::cli

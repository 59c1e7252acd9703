#include "compiler/resolve/uses.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace pvsplan::resolve {

// A place that is two bytes longer than the name has quotes around it. One with escapes in it is left as it is.
base::Span name_in(base::Span place, std::string_view name) {
    if (place.size() == name.size() + 2) return {place.file, place.begin + 1, place.end - 1};
    return place;
}

// For the stages that are printed.
std::string_view name_of(Use::Of of) {
    switch (of) {
        case Use::Of::module: return "module";
        case Use::Of::policy: return "policy";
        case Use::Of::farm: return "farm";
        case Use::Of::kind: return "kind";
        case Use::Of::attribute: return "attribute";
        case Use::Of::predicate: return "predicate";
        case Use::Of::action: return "action";
        case Use::Of::procedure: return "procedure";
        case Use::Of::event: return "event";
        case Use::Of::parameter: return "parameter";
        case Use::Of::output: return "output";
        case Use::Of::step: return "step";
        case Use::Of::variable: return "variable";
        case Use::Of::object: return "object";
        case Use::Of::secret: return "secret";
        case Use::Of::requirement: return "requirement";
    }
    return "";
}

std::string_view name_of(Use::By by) {
    switch (by) {
        case Use::By::name: return "name";
        case Use::By::file: return "file";
        case Use::By::made_up: return "made up";
    }
    return "";
}

// A definition is no use of itself.
void Uses::add(Use::Of of, std::string_view name, base::Span place, base::Span definition, Use::By by) {
    if (place.is_nowhere() || definition.is_nowhere()) return;
    if (by == Use::By::name) {
        place = name_in(place, name);
        definition = name_in(definition, name);
    }
    if (place != definition) all_.push_back({place, definition, of, by});
}

// Files are ranked by when they were read, not by their number, which differs between two compilations of one
// workspace.
void Uses::sort(std::span<const base::FileId> files) {
    std::map<base::FileId, std::size_t> rank;
    for (const base::FileId file : files) rank.emplace(file, rank.size());
    const auto key = [&](const Use& use) {
        return std::tuple(rank[use.place.file], use.place.begin, use.place.end, rank[use.definition.file],
                          use.definition.begin, use.of);
    };
    std::sort(all_.begin(), all_.end(), [&](const Use& a, const Use& b) { return key(a) < key(b); });
    const auto is_same = [](const Use& a, const Use& b) { return a.place == b.place && a.definition == b.definition; };
    all_.erase(std::unique(all_.begin(), all_.end(), is_same), all_.end());
}

// An empty place still holds its first byte, so that a cursor on it finds it.
const Use* Uses::at(base::FileId file, std::uint32_t offset) const {
    const auto holds = [&](base::Span span) {
        return span.file == file && span.begin <= offset && offset < std::max(span.end, span.begin + 1);
    };
    const auto use = std::find_if(all_.begin(), all_.end(), [&](const Use& one) { return holds(one.place); });
    if (use != all_.end()) return &*use;
    const auto named = std::find_if(all_.begin(), all_.end(), [&](const Use& one) { return holds(one.definition); });
    return named == all_.end() ? nullptr : &*named;
}

std::vector<Use> Uses::of(base::Span definition) const {
    std::vector<Use> found;
    std::copy_if(all_.begin(), all_.end(), std::back_inserter(found),
                 [&](const Use& use) { return use.definition == definition; });
    return found;
}

}  // namespace pvsplan::resolve

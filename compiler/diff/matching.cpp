#include "compiler/diff/matching.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>

namespace pvsplan::diff {
namespace {

using program::Node;
using program::Plan;

// The steps of one pattern that the other plan does not have by that path.
struct Group {
    std::string pattern;
    std::vector<std::uint32_t> nodes;
    std::string does;  // what each does to which object, in the order of the iterations
};

// What makes two steps of different paths the same one: values of parameters do not count, since a change of them is
// told as such.
std::string what(const Plan& plan, const Node& node) {
    return std::to_string(static_cast<int>(node.type)) + " " + node.action + " " +
           (node.on.is_none() ? "" : plan.objects[node.on.index()].id) + " " + node.text;
}

// In the order of the plan; the nodes of each by iteration, so that those of two groups that do the same pair up by
// position.
std::vector<Group> groups_of(const Plan& plan, const std::vector<std::uint32_t>& matched) {
    std::vector<Group> groups;
    std::unordered_map<std::string, std::size_t> known;
    for (std::uint32_t i = 0; i < plan.graph.nodes.size(); ++i) {
        if (matched[i] != no_node || plan.graph.nodes[i].type == Node::Type::join) continue;
        const std::string pattern = pattern_of(plan.graph.nodes[i].id);
        const auto [at, is_new] = known.try_emplace(pattern, groups.size());
        if (is_new) groups.push_back({pattern, {}, {}});
        groups[at->second].nodes.push_back(i);
    }
    for (Group& group : groups) {
        std::sort(group.nodes.begin(), group.nodes.end(), [&](std::uint32_t a, std::uint32_t b) {
            return iterations_of(plan.graph.nodes[a].id) < iterations_of(plan.graph.nodes[b].id);
        });
        for (const std::uint32_t node : group.nodes) group.does += what(plan, plan.graph.nodes[node]) + "\n";
    }
    return groups;
}

// Without what both end with: ("rest[*].stop", "others[*].stop") began with ("rest", "others").
std::pair<std::string, std::string> beginnings(std::string was, std::string now) {
    const auto last = [](const std::string& path) {
        const std::size_t at = path.find_last_of(".[");
        return at == std::string::npos ? std::string() : path.substr(at);
    };
    while (!last(was).empty() && last(was) == last(now)) {
        const std::size_t shared = last(was).size();
        was.resize(was.size() - shared);
        now.resize(now.size() - shared);
    }
    return {std::move(was), std::move(now)};
}

class Matcher {
  public:
    Matcher(const Plan& before, const Plan& after) : before_(before), after_(after) {
        result_.after.assign(before.graph.nodes.size(), no_node);
        result_.before.assign(after.graph.nodes.size(), no_node);
    }

    // Several groups that do the same are matched in their order: people rename, and seldom change places as well.
    Matching all() && {
        by_path();
        const std::vector<Group> gone = groups_of(before_, result_.after);
        const std::vector<Group> come = groups_of(after_, result_.before);
        if (gone.empty() || come.empty()) return std::move(result_);
        std::map<std::string, std::vector<const Group*>> doing;
        for (const Group& group : come) doing[group.does].push_back(&group);
        for (auto& [does, groups] : doing) std::reverse(groups.begin(), groups.end());
        for (const Group& group : gone) {
            const auto found = doing.find(group.does);
            if (found == doing.end() || found->second.empty()) continue;
            renamed(group, *found->second.back());
            found->second.pop_back();
        }
        joins();
        return std::move(result_);
    }

  private:
    // Mostly both begin and end with the same steps, none of which has to be looked for.
    void by_path() {
        const std::vector<Node>& was = before_.graph.nodes;
        const std::vector<Node>& now = after_.graph.nodes;
        const auto is_same = [](const Node& a, const Node& b) { return a.id == b.id; };
        const auto first = std::mismatch(was.begin(), was.end(), now.begin(), now.end(), is_same);
        const auto last = std::mismatch(was.rbegin(), std::make_reverse_iterator(first.first), now.rbegin(),
                                        std::make_reverse_iterator(first.second), is_same);
        const auto begin = static_cast<std::uint32_t>(first.first - was.begin());
        const auto was_end = static_cast<std::uint32_t>(was.rend() - last.first);
        const auto now_end = static_cast<std::uint32_t>(now.rend() - last.second);
        for (std::uint32_t i = 0; i < begin; ++i) pair(i, i);
        for (std::uint32_t i = was_end; i < was.size(); ++i) pair(i, i - was_end + now_end);
        std::unordered_map<std::string_view, std::uint32_t> paths;
        for (std::uint32_t i = begin; i < now_end; ++i) paths.emplace(now[i].id, i);
        for (std::uint32_t i = begin; i < was_end; ++i)
            if (const auto found = paths.find(was[i].id); found != paths.end()) pair(i, found->second);
    }
    void pair(std::uint32_t before, std::uint32_t after) {
        result_.after[before] = after;
        result_.before[after] = before;
    }
    // Steps of the two groups are paired in their order; the renaming of all of them is told once.
    void renamed(const Group& was, const Group& now) {
        for (std::size_t i = 0; i < was.nodes.size(); ++i) pair(was.nodes[i], now.nodes[i]);
        auto both = beginnings(was.pattern, now.pattern);
        if (std::find(result_.renamed.begin(), result_.renamed.end(), both) == result_.renamed.end())
            result_.renamed.push_back(std::move(both));
    }
    // The ends of groups and iterations that were renamed.
    void joins() {
        std::map<std::pair<std::string, std::string>, std::uint32_t> ends;  // pattern and iterations
        for (std::uint32_t i = 0; i < after_.graph.nodes.size(); ++i)
            if (result_.before[i] == no_node && after_.graph.nodes[i].type == Node::Type::join)
                ends.emplace(std::pair(pattern_of(after_.graph.nodes[i].id), iterations_of(after_.graph.nodes[i].id)),
                             i);
        for (std::uint32_t i = 0; i < before_.graph.nodes.size() && !ends.empty(); ++i) {
            if (result_.after[i] != no_node || before_.graph.nodes[i].type != Node::Type::join) continue;
            const std::string pattern = pattern_of(before_.graph.nodes[i].id);
            for (const auto& [was, now] : result_.renamed) {
                if (!begins_with(pattern, was)) continue;
                const auto found =
                    ends.find({now + pattern.substr(was.size()), iterations_of(before_.graph.nodes[i].id)});
                if (found == ends.end()) continue;
                pair(i, found->second);
                ends.erase(found);
                break;
            }
        }
    }

    const Plan& before_;
    const Plan& after_;
    Matching result_;
};

}  // namespace

std::string iterations_of(const std::string& path) {
    std::string iterations;
    bool is_inside = false;
    for (const char c : path) {
        is_inside = is_inside || c == '[';
        if (is_inside) iterations += c;
        if (c == ']') is_inside = false;
    }
    return iterations;
}

// Iterations differ in what stands between brackets alone.
std::string pattern_of(const std::string& path) {
    std::string pattern;
    bool is_inside = false;
    for (const char c : path) {
        if (c == '[') pattern += "[*]";
        is_inside = is_inside || c == '[';
        if (!is_inside) pattern += c;
        if (c == ']') is_inside = false;
    }
    return pattern;
}

bool begins_with(const std::string& pattern, const std::string& beginning) {
    return pattern.starts_with(beginning) &&
           (pattern.size() == beginning.size() ||
            std::string_view(".[:").find(pattern[beginning.size()]) != std::string_view::npos);
}

std::string renamed(const Matching& matching, const std::string& pattern) {
    for (const auto& [was, now] : matching.renamed)
        if (begins_with(pattern, was)) return now + pattern.substr(was.size());
    return pattern;
}

Matching match(const Plan& before, const Plan& after) { return Matcher(before, after).all(); }

}  // namespace pvsplan::diff

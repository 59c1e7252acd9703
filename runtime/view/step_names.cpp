#include "runtime/view/step_names.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "compiler/base/lower_case.hpp"
#include "compiler/base/near.hpp"

namespace pvsplan::view {
namespace {

constexpr std::size_t max_named = 3;

// `path` is the step `name` or lies within it: "rest[pvs02].stop" within "rest" and "rest[pvs02]".
bool is_within(std::string_view path, std::string_view name) {
    return path.starts_with(name) &&
           (path.size() == name.size() || path[name.size()] == '.' || path[name.size()] == '[');
}

// "`a`, `b` or `c`"; of many the first, and that there are more.
std::string one_of(const std::vector<std::string>& names) {
    std::string text;
    const std::size_t shown = std::min(names.size(), max_named);
    for (std::size_t i = 0; i < shown; ++i) {
        const bool is_last = i + 1 == shown && names.size() == shown;
        text += (i == 0 ? "`" : is_last ? " or `" : ", `") + names[i] + "`";
    }
    return text + (names.size() > shown ? ", …" : "");
}

// Paths of steps and of the groups around them: "rest[pvs02].stop", "rest[pvs02]", "rest".
std::vector<std::string> all_names(const std::vector<StepNames::Node>& nodes) {
    std::set<std::string> names;
    for (const StepNames::Node& node : nodes) {
        std::string path = node.path;
        while (names.insert(path).second) {
            const std::size_t end = path.find_last_of(".[");
            if (end == std::string::npos || end == 0) break;
            path.resize(end);
        }
    }
    return {names.begin(), names.end()};
}

}  // namespace

// At most nine digits, so that any fits into 32 bits.
bool is_number(std::string_view typed) {
    return !typed.empty() && typed.size() <= 9 &&
           std::all_of(typed.begin(), typed.end(), [](char c) { return c >= '0' && c <= '9'; });
}

StepNames::StepNames(const program::Plan& plan) : left_out_(plan.left_out) {
    nodes_.reserve(plan.graph.nodes.size());
    for (const program::Node& node : plan.graph.nodes)
        nodes_.push_back({node.id, node.type == program::Node::Type::join ? NodeType::join : NodeType::step});
}

// A number counts steps alone, as `show` does. A name means the steps within it, where there are any: the join that
// closes a group has its name, and is no step.
base::Result<std::vector<std::uint32_t>> StepNames::find(const std::string& typed) const {
    const std::uint32_t wanted = is_number(typed) ? static_cast<std::uint32_t>(std::stoul(typed)) : 0;
    std::uint32_t number = 0;
    std::vector<std::uint32_t> exact;  // where there are steps within, the join of the group, which is no step
    std::vector<std::uint32_t> within;
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].type == NodeType::step && ++number == wanted) return std::vector<std::uint32_t>{i};
        if (nodes_[i].path == typed)
            exact.push_back(i);
        else if (is_within(nodes_[i].path, typed))
            within.push_back(i);
    }
    if (!within.empty()) return within;
    if (!exact.empty()) return exact;
    if (is_number(typed))
        return base::Error{"there is no step " + typed + "; the numbers of `pvsplan show` go from 1 to " +
                           std::to_string(number)};
    return unknown(typed);
}

// Where a decision is about one step, a group is no answer: nobody would know which of its steps was meant.
base::Result<std::string> StepNames::find_one(const std::string& typed) const {
    const base::Result<std::vector<std::uint32_t>> found = find(typed);
    if (!found) return found.error();
    const auto is_it = [&](std::uint32_t node) { return nodes_[node].path == typed; };
    if (found->size() == 1 && (is_number(typed) || is_it(found->front()))) return nodes_[found->front()].path;
    // A step whose path is also that of a group is meant itself.
    for (const Node& node : nodes_)
        if (node.path == typed && node.type == NodeType::step) return typed;
    std::vector<std::string> steps;
    for (const std::uint32_t node : *found)
        if (nodes_[node].type == NodeType::step) steps.push_back(nodes_[node].path);
    return base::Error{"`" + typed + "` is a group of steps; name one of them: " + one_of(steps)};
}

// What was left out is no mistake of whoever types it, and is told first; then another spelling, then what is near,
// then the end of a path.
base::Error StepNames::unknown(const std::string& typed) const {
    for (const program::LeftOut& one : left_out_)
        if (typed == one.step || is_within(typed, one.step))
            return base::Error{"the step `" + typed + "` is left out of this plan: " + one.why};
    const std::vector<std::string> names = all_names(nodes_);
    std::vector<std::string> meant;
    for (const std::string& name : names)
        if (base::lower_case(name) == base::lower_case(typed)) meant.push_back(name);
    if (meant.empty())
        if (const std::optional<std::string> near = base::nearest(typed, names)) meant.push_back(*near);
    // The end of a path alone: "install" for "first.install".
    if (meant.empty()) {
        std::vector<std::string> ends;
        for (const std::string& name : names)
            if (const std::size_t dot = name.rfind('.'); dot != std::string::npos) ends.push_back(name.substr(dot + 1));
        const std::optional<std::string> near = base::nearest(typed, ends);
        for (const std::string& name : names)
            if (near && name.ends_with("." + *near)) meant.push_back(name);
    }
    return base::Error{"there is no step `" + typed + "`" +
                       (meant.empty() ? "; `pvsplan show` lists them" : "; did you mean " + one_of(meant) + "?")};
}

}  // namespace pvsplan::view

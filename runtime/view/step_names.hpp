// Steps by the names that people type: the path that `show` prints ("rest[pvs02].stop"), its number there ("7"), or,
// where several steps may be meant, a group of them ("rest", "rest[pvs02]").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::view {

// The order of the nodes is that of the plan; an index here is one of its nodes.
class StepNames {
  public:
    enum class NodeType : std::uint8_t {
        step,
        join
    };  // a join closes a group and is no step to people: it has no number
    struct Node {
        std::string path;
        NodeType type = NodeType::step;
    };
    // `left_out`: steps that are none of the nodes, and why.
    explicit StepNames(std::vector<Node> nodes, std::vector<program::LeftOut> left_out = {})
        : nodes_(std::move(nodes)), left_out_(std::move(left_out)) {}
    explicit StepNames(const program::Plan& plan);

    [[nodiscard]] const std::string& path(std::uint32_t node) const { return nodes_[node].path; }
    // With joins.
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }

    // All that `typed` means, ascending; an error, with the nearest names, where that is nothing.
    [[nodiscard]] base::Result<std::vector<std::uint32_t>> find(const std::string& typed) const;
    // The path of the one step that it means; of a group, an error that names its steps.
    [[nodiscard]] base::Result<std::string> find_one(const std::string& typed) const;

  private:
    [[nodiscard]] base::Error unknown(const std::string& typed) const;

    std::vector<Node> nodes_;
    std::vector<program::LeftOut> left_out_;
};

// "7". Whether it can only be meant as a number: then it is one of a step.
bool is_number(std::string_view typed);

}  // namespace pvsplan::view

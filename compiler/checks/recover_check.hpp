// Whether the `recover` of a group restores the state before it, from every point at which the group can fail.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/checks/failure_points.hpp"
#include "compiler/checks/rollback_walk.hpp"

namespace pvsplan::checks {

class RecoverCheck {
  public:
    explicit RecoverCheck(RollbackWalk& walk) : walk_(walk), facts_(walk.facts) {}

    // When the walk stands before the first node of its group.
    void look_at(std::size_t recovery);

  private:
    struct Group;

    // A failure point costs as much work as the group has nodes; all groups share one budget.
    [[nodiscard]] std::size_t max_points(std::size_t nodes) const;
    [[nodiscard]] Group group_of(std::size_t recovery) const;
    [[nodiscard]] bool is_doubtful(const Group& group, graph::StateVariable variable) const;
    [[nodiscard]] AbstractState state_around(const Group& group) const;

    // Runs the program from this point, and reports what it does not put back.
    void recover_from(Group& group, const FailurePoint& point);
    // Whether the state has an undefined value.
    bool put_effects(const Group& group, const FailurePoint& point, AbstractState& state) const;
    [[nodiscard]] std::optional<bool> outcome(Group& group, const std::string& path, Stand stand);
    [[nodiscard]] Output output(Group& group, const std::string& path);
    [[nodiscard]] const std::vector<std::pair<std::string, graph::Index>>& paths();

    struct Left;
    void compare(Group& group, const Left& left);
    void check_concurrent(Group& group);
    // Reports that the verdict is not complete.
    void not_all(const Group& group, const std::string& why);

    RollbackWalk& walk_;
    const graph::Facts& facts_;
    std::size_t work_left_ = 4'000'000;  // nodes, over all failure points of all groups
    std::set<std::string> unknown_said_;
    std::vector<std::pair<std::string, graph::Index>> paths_;  // of all nodes but joins, sorted; when asked for
};

}  // namespace pvsplan::checks

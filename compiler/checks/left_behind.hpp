// Which instances of loops that go on after a failure can be left behind together, and what that does to some nodes.
#pragma once

#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "compiler/checks/timeline.hpp"

namespace pvsplan::checks {

class LeftBehind {
  public:
    // Of interest is what becomes of `nodes`, row by row; at most `most` ways are tried.
    LeftBehind(const Facts& facts, const std::vector<std::vector<Index>>& rows, std::size_t most);

    // An instance is left behind at a node; what else it does beside that node has come about, or has not.
    struct Stop {
        std::uint32_t instance;
        Index node;
        Fate beside;
    };
    using Way = std::vector<Stop>;

    // As many at once as may be; the first is that nothing fails.
    [[nodiscard]] const std::vector<Way>& ways() const { return ways_; }
    [[nodiscard]] bool are_all() const { return are_all_; }
    [[nodiscard]] bool is_none() const { return touched_.empty(); }

    [[nodiscard]] std::vector<Fate> fates(std::span<const Index> nodes, const Way& way) const;
    // As if whatever may be left behind were, anywhere: no way leads further.
    [[nodiscard]] std::vector<Fate> open_fates(std::span<const Index> nodes) const;
    [[nodiscard]] std::set<std::size_t> rows_touched(const Way& way) const;
    [[nodiscard]] std::set<std::size_t> rows_touched() const;
    // No more rows than this are touched in one run.
    [[nodiscard]] std::size_t most_rows() const;

  private:
    using Instance = std::uint32_t;
    using Scope = std::pair<Instance, std::uint32_t>;  // a loop, in an instance around it
    struct Touched {
        std::set<Index> nodes;
        std::set<std::size_t> rows;
    };

    void look_for_instances(const std::vector<std::vector<Index>>& rows);
    void choose_ways(std::size_t most);
    [[nodiscard]] std::vector<Way> stops(const std::vector<Instance>& instances);
    [[nodiscard]] const Touched& touched(Instance instance) const;
    [[nodiscard]] std::size_t beside(Index node, Instance instance) const;  // how many nodes of it are
    [[nodiscard]] bool is_in(Index node, Instance instance) const;
    [[nodiscard]] Instance left_with(Index node) const;
    [[nodiscard]] bool comes_before(Index a, Index b) const { return before_.contains({a, b}); }

    const Facts& facts_;
    std::map<Scope, std::map<Instance, Touched>> touched_;
    std::set<std::pair<Index, Index>> before_;  // nodes of one instance that come one before the other
    bool is_nested_ = false;                    // an instance that may be left behind is in another one
    bool are_all_ = true;
    std::vector<Way> ways_;
};

}  // namespace pvsplan::checks

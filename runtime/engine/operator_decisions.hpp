// What a person says of steps in one call of `resume`. All of it counts at once: nothing is judged or proved before the
// last of it was heard, and where one part is not believed none of it is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/engine/runner.hpp"

namespace pvsplan::engine {

class OperatorDecisions {
  public:
    OperatorDecisions(const World& world, const Options& options, Runner& runner, const program::Plan& plan)
        : world_(world), options_(options), runner_(runner), plan_(plan) {}

    // Why they are not believed; empty: they are in force, and durable with the next commit. What was to be killed is
    // killed by then, and durable: no later doubt takes that back.
    [[nodiscard]] std::string take(const std::vector<Mark>& marks);

    // Something was settled, so that what is left is another plan than the one that was proved.
    [[nodiscard]] bool has_settled() const { return !settled_.empty(); }
    [[nodiscard]] bool has_killed() const { return has_killed_; }
    // Steps that run again although nobody can see that they did nothing.
    [[nodiscard]] const std::vector<program::NodeId>& may_have_happened() const { return may_have_happened_; }

  private:
    struct Settled {
        Mark mark;
        program::NodeId node;
        std::map<std::string, std::string> outputs = {};  // encoded
    };

    [[nodiscard]] std::string understand(const std::vector<Mark>& marks);
    [[nodiscard]] std::string why_nothing_to_say(program::NodeId node, const Mark& mark) const;
    [[nodiscard]] std::string contradiction(program::NodeId node, const Mark& mark) const;
    [[nodiscard]] std::string read_outputs(Settled& said) const;
    [[nodiscard]] std::string kill(program::NodeId node, const Mark& mark);
    [[nodiscard]] std::string why_not_over(program::NodeId node, const Mark& mark);
    void look();
    [[nodiscard]] std::string why_not_done(const Settled& said) const;
    [[nodiscard]] bool is_set_by_another(const Settled& said, const program::Setting& set) const;
    void settle(const Settled& said);
    [[nodiscard]] program::NodeId not_over_before(program::NodeId node) const;

    const World& world_;
    const Options& options_;
    Runner& runner_;
    const program::Plan& plan_;
    std::vector<std::pair<Mark, program::NodeId>> killed_;
    std::vector<Settled> settled_;  // in the order in which they count
    state::ObjectStates seen_;      // of all objects that the settled steps set
    std::map<program::ObjectId, std::string> unseen_;
    std::vector<program::NodeId> may_have_happened_;
    std::string call_;  // names what was said at once: whoever reads the journal judges it as one
    bool has_killed_ = false;
};

}  // namespace pvsplan::engine

// Which steps of an execution graph write which state variable.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// Made once for a program, in time linear in what its steps set; the graph may go after that.
class Writers {
  public:
    explicit Writers(const state::ExecutionGraph& execution);

    // Whether a step outside of `except` that writes this state variable was under way after record `since`. Then a
    // value that was read since may be from before that write or from after it.
    [[nodiscard]] bool may_have_changed(const state::ExecutionState& state, program::ObjectId object,
                                        const std::string& attribute, std::uint64_t since,
                                        const std::vector<program::NodeId>& except) const;

  private:
    std::map<std::pair<program::ObjectId, std::string>, std::vector<program::NodeId>> of_;
};

}  // namespace pvsplan::engine

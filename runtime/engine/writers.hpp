// Which steps of a program set which state.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

class Writers {
  public:
    explicit Writers(const state::ExecutionGraph& execution);

    // Whether some step other than those of `except` was under way at some moment after record `since`, and sets that
    // state: what was read of it in between may be from before or after.
    [[nodiscard]] bool may_have_changed(const state::ExecutionState& state, program::ObjectId object,
                                        const std::string& attribute, std::uint64_t since,
                                        const std::vector<program::NodeId>& except) const;

  private:
    std::map<std::pair<program::ObjectId, std::string>, std::vector<program::NodeId>> of_;
};

}  // namespace pvsplan::engine

// The iterations of a loop with `at_most: k`: each waits for the one that is k places before it.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/expand/draft.hpp"

namespace pvsplan::expand {

class Lanes {
  public:
    explicit Lanes(std::size_t width) : width_(width) {}

    // The exit that the next iteration waits for; none for the first ones.
    [[nodiscard]] std::uint32_t earlier() const {
        return exits_.size() < width_ ? none : exits_[exits_.size() - width_];
    }
    // The next iteration ends there. One that is skipped passes on what it would have waited for.
    void add(std::uint32_t exit) { exits_.push_back(exit == none ? earlier() : exit); }
    // The exits that nothing in the loop waits for.
    [[nodiscard]] std::vector<std::uint32_t> ends() const;

  private:
    std::size_t width_;
    std::vector<std::uint32_t> exits_;  // by iteration
};

// The first element that an earlier one equals; null if all differ. None of them is unknown.
const Value* first_twice(const Value::List& list);

}  // namespace pvsplan::expand

// The iterations of a loop with `at_most: k`: each waits for the one that is k places before it, of those with its key.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "compiler/expand/draft.hpp"

namespace pvsplan::expand {

// Iterations are added in the order of the list. `none` stands for an iteration that is skipped and has nothing before
// it to pass on.
class Lanes {
  public:
    explicit Lanes(std::size_t width) : width_(width) {}

    // The exit that the next iteration of this key waits for; none for the first ones.
    [[nodiscard]] std::uint32_t earlier(const Value& key) const;
    // The next iteration of this key ends there. One that is skipped passes on what it would have waited for.
    void add(const Value& key, std::uint32_t exit);
    // The exits that nothing in the loop waits for.
    [[nodiscard]] std::vector<std::uint32_t> ends() const;

  private:
    std::size_t width_;
    std::unordered_map<Value, std::vector<std::uint32_t>, Value::Hash> exits_;  // by iteration, of each key
};

// How many of so many iterations `at_most` lets run at once. Nothing after reporting.
std::optional<std::size_t> width_of(const Value& at_most, std::size_t size, const diag::Place& place, diag::Sink& sink);

// Whether the elements of a loop are known, and each is another; else that is reported.
bool are_distinct(const Value::List& elements, const diag::Place& place, const program::ObjectNames& names,
                  diag::Sink& sink);

}  // namespace pvsplan::expand

// Rows in columns that fit a terminal: the last column takes what is left and is wrapped.
#pragma once

#include <string>
#include <vector>

#include "runtime/view/stream.hpp"

namespace pvsplan::view {

class Table {
  public:
    explicit Table(std::vector<std::string> head) : head_(std::move(head)) {}
    // As many cells as the head has.
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    // With the head, and a line feed at the end of each line.
    [[nodiscard]] std::string text(const Stream& stream) const;

  private:
    std::vector<std::string> head_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace pvsplan::view

// Tables for a million rows: flat arrays, no allocation per row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pvsplan::base {

// Compressed rows: row r holds items[starts[r] .. starts[r+1]).
template <class T>
struct Rows {
    // Ascending, one more than there are rows; the items are fewer than 2^32.
    std::vector<std::uint32_t> starts = {0};
    std::vector<T> items;
    // The row must exist; the span is valid until a row is added.
    [[nodiscard]] std::span<const T> operator[](std::uint32_t row) const {
        return {items.data() + starts[row], items.data() + starts[row + 1]};
    }
    [[nodiscard]] std::size_t size() const { return starts.size() - 1; }
};

// A value for each node. It takes no space while all values are equal: most plans have no guards at all.
template <class T>
class Column {
  public:
    // With the first value that differs every row before it gets a place of its own.
    void push_back(T value) {
        if (size_ == 0) first_ = value;
        if (items_.empty() && value != first_) items_.assign(size_, first_);
        if (value != first_ || !items_.empty()) items_.push_back(value);
        ++size_;
    }
    // By value: T is a number, an id or a truth.
    [[nodiscard]] T operator[](std::uint32_t row) const { return items_.empty() ? first_ : items_[row]; }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    T first_ = {};
    std::vector<T> items_;  // empty, or all values
    std::size_t size_ = 0;
};

}  // namespace pvsplan::base

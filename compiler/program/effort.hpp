// What the filters of a plan may look at: over a large farm, a filter within a filter within a filter has no other end.
#pragma once

#include <cstddef>

namespace pvsplan::program {

class Effort {
  public:
    static constexpr std::size_t most = 20'000'000;  // elements; some seconds

    // Whether that many elements may be looked at. Once one may not, what filters say means nothing.
    bool spend(std::size_t elements) {
        looked_at_ += elements;
        return !is_exhausted();
    }
    [[nodiscard]] bool is_exhausted() const { return looked_at_ > most; }

  private:
    std::size_t looked_at_ = 0;
};

}  // namespace pvsplan::program

// Random choices that are the same with every standard library: only the engine is taken from it.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace pvsplan::test {

class Draws {
  public:
    explicit Draws(std::uint32_t seed) : engine_(seed) {}

    // 0 … end-1, each as likely.
    std::uint32_t below(std::uint32_t end) {
        const std::uint32_t fair = 0xffffffffU - 0xffffffffU % end;
        for (;;)
            if (const auto drawn = static_cast<std::uint32_t>(engine_()); drawn < fair) return drawn % end;
    }
    bool chance(std::uint32_t percent) { return below(100) < percent; }
    template <class T>
    const T& of(const std::vector<T>& all) {
        return all[below(static_cast<std::uint32_t>(all.size()))];
    }

  private:
    std::mt19937 engine_;
};

}  // namespace pvsplan::test

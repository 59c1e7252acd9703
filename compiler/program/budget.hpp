// How much work a plan may make: values that are built, elements that filters look at, states that requirements read.
// Counted, not timed, so that the same files get the same answer on every machine. Who waits for the answer can take
// the question back through it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stop_token>
#include <utility>
#include <vector>

#include "compiler/base/source.hpp"

namespace pvsplan::program {

class Budget {
  public:
    static constexpr std::size_t max_charge =
        20'000'000;  // a part of a condition for an element, a state, or 8 bytes of text each; some seconds

    // The most expensive part, and where it is written.
    struct Cost {
        base::Span place;
        std::size_t charged = 0;
    };

    Budget() = default;
    // Exhausted also once somebody asks to stop.
    explicit Budget(std::stop_token stop) : stop_(std::move(stop)) {}

    // Whether there is room for so much more. Once there is not, what was worked out means nothing.
    bool charge(std::size_t work) {
        charged_ += std::min(work, max_charge + 1);
        return !is_exhausted();
    }
    [[nodiscard]] bool is_exhausted() const { return charged_ > max_charge || stop_.stop_requested(); }
    [[nodiscard]] std::size_t charged() const { return charged_; }

    // Attributes all charges since `before` to the text at this place. What is less than a thousandth of the bound is
    // not noted, nor are more than 64 places.
    void put_down(base::Span place, std::size_t before) {
        static constexpr std::size_t max_kept = 64;
        if (charged_ - before < max_charge / 1000) return;
        const auto known =
            std::find_if(costs_.begin(), costs_.end(), [&](const Cost& cost) { return cost.place == place; });
        if (known != costs_.end())
            known->charged += charged_ - before;
        else if (costs_.size() < max_kept)
            costs_.push_back({place, charged_ - before});
    }
    // The dearest first.
    [[nodiscard]] std::vector<Cost> costs() const {
        std::vector<Cost> all = costs_;
        std::stable_sort(all.begin(), all.end(), [](const Cost& a, const Cost& b) { return a.charged > b.charged; });
        return all;
    }

  private:
    std::stop_token stop_;  // of whoever waits for the compilation
    std::size_t charged_ = 0;
    std::vector<Cost> costs_;
};

}  // namespace pvsplan::program

// An immutable value on the heap with shared owners. It acts as std::shared_ptr<const T>, and saves one word in each
// owner and one in the value: a farm has millions of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace pvsplan::base {

template <class T>
class Shared {
  public:
    explicit Shared(T value) : held_(new Held{{1}, std::move(value)}) {}
    Shared(const Shared& other) noexcept : held_(other.held_) {
        if (held_) held_->holders.fetch_add(1, std::memory_order_relaxed);
    }
    Shared(Shared&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    // By value: it serves copies and moves alike, and also an assignment to itself.
    Shared& operator=(Shared other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    // The last owner sees what all the others did before they let go.
    ~Shared() {
        if (held_ && held_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete held_;
    }

    // Null only after it was moved from.
    [[nodiscard]] const T* get() const { return held_ ? &held_->value : nullptr; }
    // The same one, not only an equal one.
    friend bool operator==(const Shared& a, const Shared& b) { return a.held_ == b.held_; }

  private:
    struct Held {
        std::atomic<std::uint32_t> holders;
        T value;
    };
    Held* held_;
};

}  // namespace pvsplan::base

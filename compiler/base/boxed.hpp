// An optional value on the heap, with the interface of std::optional: 8 bytes where there is none. For what hardly any
// of many records has; T may still be incomplete where its owner is declared.
#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace pvsplan::base {

template <class T>
class Boxed {
  public:
    Boxed() = default;
    Boxed(std::nullopt_t) {}                                          // NOLINT(google-explicit-constructor)
    Boxed(T value) : held_(std::make_unique<T>(std::move(value))) {}  // NOLINT(google-explicit-constructor)
    Boxed(std::optional<T> value)                                     // NOLINT(google-explicit-constructor)
        : held_(value ? std::make_unique<T>(std::move(*value)) : nullptr) {}
    // A copy has a value of its own: nothing is shared.
    Boxed(const Boxed& other) : held_(other.held_ ? std::make_unique<T>(*other.held_) : nullptr) {}
    Boxed(Boxed&&) noexcept = default;
    // A copy that fails leaves this one as it was.
    Boxed& operator=(Boxed other) noexcept {
        held_ = std::move(other.held_);
        return *this;
    }
    ~Boxed() = default;

    explicit operator bool() const { return held_ != nullptr; }
    [[nodiscard]] bool has_value() const { return held_ != nullptr; }
    // Only where there is a value, as of std::optional.
    T& operator*() { return *held_; }
    const T& operator*() const { return *held_; }
    T* operator->() { return held_.get(); }
    const T* operator->() const { return held_.get(); }

  private:
    std::unique_ptr<T> held_;
};

}  // namespace pvsplan::base

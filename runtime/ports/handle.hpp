// Something that the system holds open for us: an end of a pipe, or a process whose end is waited for.
#pragma once

#include <cstdint>
#include <utility>

namespace pvsplan::ports {

// Owns it: closed when this goes. Nobody but the files of the system (posix/) looks into it.
class Handle {
  public:
    Handle() = default;
    explicit Handle(std::intptr_t number) : number_(number) {}  // as the system calls it
    ~Handle() { close(); }
    Handle(Handle&& other) noexcept : number_(std::exchange(other.number_, none)) {}
    Handle& operator=(Handle&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, none);
        }
        return *this;
    }

    explicit operator bool() const { return number_ != none; }
    [[nodiscard]] std::intptr_t number() const { return number_; }
    void close();  // at once; one that holds nothing stays so

  private:
    static constexpr std::intptr_t none = -1;
    std::intptr_t number_ = none;
};

}  // namespace pvsplan::ports

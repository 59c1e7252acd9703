// "The environment is wrong": a value or an Error with its chain of causes. Never an exception, never ignored.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/base/check.hpp"

namespace pvsplan::base {

// What went wrong, as a person should read it: lower case, no final period; `causes` from near to far.
struct Error {
    std::string message;
    std::vector<std::string> causes = {};

    // The same error seen from one level up.
    [[nodiscard]] Error because_of(std::string outer) && {
        causes.insert(causes.begin(), std::move(message));
        message = std::move(outer);
        return std::move(*this);
    }
    // "message: cause: cause".
    [[nodiscard]] std::string text() const;
};

template <class T>
class [[nodiscard]] Result {
  public:
    // Both convert, so that a function returns either of them as it is.
    Result(T value) : held_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
    Result(Error error) : held_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return held_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // A bug where there is none: whoever asks has looked before.
    T& value() & {
        check(ok(), "value() of a failed Result");
        return std::get<0>(held_);
    }
    const T& value() const& {
        check(ok(), "value() of a failed Result");
        return std::get<0>(held_);
    }
    T&& value() && {
        check(ok(), "value() of a failed Result");
        return std::get<0>(std::move(held_));
    }
    // As of std::optional: a Result is used where one would be.
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // Only of one that has failed.
    const Error& error() const& { return std::get<1>(held_); }
    Error&& error() && { return std::get<1>(std::move(held_)); }

  private:
    std::variant<T, Error> held_;
};

// What a function gives back that has no value but may fail.
struct Done {};
using Status = Result<Done>;

}  // namespace pvsplan::base

// Runs a program and captures its standard output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::cli {

using Interrupted = std::function<bool()>;

enum class Errors : std::uint8_t { unseen, with_output };  // what it says on standard error
struct CaptureLimits {
    std::size_t max_bytes = 0;        // one byte more is an error, which says `too_much`
    std::string too_much = {};        // "… prints more than …"
    int patience_ms = 120'000;        // it is ended when this is over, which is an error
    Interrupted is_interrupted = {};  // likewise as soon as this holds
    Errors errors = Errors::unseen;
};
struct Captured {
    std::string text;  // its standard output
    int status = 0;    // how it ended: its exit status, or 128 + the signal
};
// `argv[0]` is looked for in PATH. It is in a session of its own, where no Ctrl-C reaches it.
base::Result<Captured> captured(const std::vector<std::string>& argv, std::vector<std::string> environment,
                                const CaptureLimits& limits);

}  // namespace pvsplan::cli

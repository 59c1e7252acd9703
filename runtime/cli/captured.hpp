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
// How far a program is believed: it may print for ever, hang, or leave something behind that holds its output open.
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
// `argv[0]` is looked for in PATH. It is in a session of its own, where no Ctrl-C reaches it. An error says that it
// could not be started, or was ended because of a limit; how it ended by itself is in `status`. Its standard input is
// empty. Of this process nothing but `environment` is passed on.
base::Result<Captured> captured(const std::vector<std::string>& argv, std::vector<std::string> environment,
                                const CaptureLimits& limits);

}  // namespace pvsplan::cli

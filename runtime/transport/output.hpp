// How much of what a job prints is kept: all of it up to a bound, beyond that its first and its last part, and between
// them a line that says how much is missing.
//
// A job appends to `out` and `err` itself, so that nobody has to live for it to go on. A keeper, one process for each
// folder of jobs and apart from everybody's connection, looks at them a few times a second: what has grown past the
// bound is put into `out.head` (once), `out.tail` and `out.gone` (how many bytes were in the file before), and the file
// is emptied; what is printed in that moment is lost, so the count is a little too small. So a job that prints for ever
// costs a bounded file, whether or not anybody waits for it; so does a process that it left behind, for the folder of a
// job stays, marked as `late`, while somebody can print into it.
#pragma once

#include <cstdint>
#include <string>

namespace pvsplan::transport {

// Bytes that are kept of each of `out` and `err`: all up to `max_output`, else `kept_at_ends` at either end.
inline constexpr std::uint64_t max_output = 16U << 20U;
inline constexpr std::uint64_t kept_at_ends = 1U << 20U;

// The first and the last part of an output, and how many bytes were between them.
struct Output {
    std::string head;
    std::string tail;
    std::uint64_t between = 0;
};
// As one text. Lines that the cut went through are left out too: part of a secret is not recognised.
struct Text {
    std::string text;
    std::uint64_t dropped = 0;
};
Text joined(Output output);

// What is kept of the file `path` on this machine.
Output read_output(const std::string& path);

}  // namespace pvsplan::transport

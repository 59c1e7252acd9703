// Hides passwords that were written into a text: findings end in logs that many people read.
//
// Two sources tell where they are: the compiler marks the value of a secret (Texts::secrets); in a file that it
// could not read, a word such as `password` with a value behind it counts as one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/diag/texts.hpp"

namespace pvsplan::diag {

// Replaces a secret.
inline constexpr std::string_view struck_out = "***";

// Whether a key of that name holds a secret, most likely: `password`, `Pwd`, `pasword`, `connect.password`, `api-key`.
bool is_secret_word(std::string_view key);

// Whether a value is assigned to such a word in `text`: `PWD=x`, `password: x`.
bool has_secret(std::string_view text);

// `text` without the values that are assigned to such words. `${…}`, `$Secret.x` and `{…}` are no values.
std::string without_secrets(std::string_view text);

// A part of a line without its secrets, and where [begin, end) of it went.
struct RedactedLine {
    std::string text;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};
// `line` lies in that file, at that offset; `begin` and `end` count from there.
RedactedLine redacted_line(const Texts& texts, base::FileId file, std::uint32_t offset, std::string_view line,
                           std::uint32_t begin, std::uint32_t end);

// The finding without secrets. A fix that would have to write a secret again is dropped.
Diagnostic without_secrets(const Texts& texts, const Diagnostic& diagnostic);

}  // namespace pvsplan::diag

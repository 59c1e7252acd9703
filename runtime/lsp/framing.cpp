#include "runtime/lsp/framing.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "compiler/base/lower_case.hpp"

namespace pvsplan::lsp {
namespace {

constexpr std::string_view length_key = "content-length:";
constexpr std::size_t max_line_bytes = 4096;
constexpr std::size_t chunk_bytes = 65536;

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// What stands behind `Content-Length:`, be it at the end of something else.
std::optional<std::string_view> length_in(std::string_view line) {
    const std::string lower = base::lower_case(line);
    const std::size_t at = lower.rfind(length_key);
    if (at == std::string::npos) return std::nullopt;
    return trimmed(line.substr(at + length_key.size()));
}

// Digits and nothing else: a sign, a fraction or a number that no std::uint64_t holds is none.
std::optional<std::size_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

// In a header one byte at a time, since nobody knows what follows it; a reader with a buffer makes that cheap. Of a
// body as much as it is still long, in pieces: memory grows with what has come and not with what was announced.
std::size_t Frames::wanted() const { return at_ == At::body ? std::min(length_ - body_.size(), chunk_bytes) : 1; }

// From here on the stream is searched for the next header.
std::optional<Frame> Frames::refuse(std::string why) {
    at_ = At::before;
    return Refused{std::move(why)};
}

// Other headers (`Content-Type`) are passed over; an empty line ends them. Where a length comes twice the last one
// counts.
std::optional<Frame> Frames::end_of_line() {
    const std::string line = std::exchange(line_, {});
    if (const auto length = length_in(line)) {
        const auto number = number_in(*length);
        if (!number) return refuse("`Content-Length` is followed by no number");
        if (*number > max_message_bytes)
            return refuse("a message of " + std::to_string(*number) + " bytes; the most that is read is " +
                          std::to_string(max_message_bytes));
        length_ = *number;
        at_ = At::header;
        return std::nullopt;
    }
    if (at_ == At::before || !trimmed(line).empty()) return std::nullopt;
    at_ = At::body;
    if (length_ == 0) return refuse("a message of no bytes");
    return std::nullopt;
}

// `bytes` holds no more than wanted() said, so that a line ends at its last byte and a body never reaches beyond its
// own.
std::optional<Frame> Frames::feed(std::string_view bytes) {
    if (at_ == At::body) {
        body_ += bytes;
        if (body_.size() < length_) return std::nullopt;
        at_ = At::before;
        return std::exchange(body_, {});
    }
    for (const char c : bytes) {
        if (c == '\n') return end_of_line();
        // A line may have no end: its last bytes are enough to see where the next message begins.
        if (line_.size() == max_line_bytes) line_.erase(0, max_line_bytes / 2);
        line_ += c;
    }
    return std::nullopt;
}

std::string framed(std::string_view message) {
    return "Content-Length: " + std::to_string(message.size()) + "\r\n\r\n" + std::string(message);
}

}  // namespace pvsplan::lsp

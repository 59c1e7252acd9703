// Places in a text as an editor says them: a line and how many units are before the place on it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace pvsplan::lsp {

// What a unit is: a byte, or a half of a surrogate pair.
enum class Encoding : std::uint8_t { utf8, utf16 };

// Both count from 0.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t character = 0;  // in units of the encoding
    friend auto operator<=>(const Position&, const Position&) = default;
};

struct Range {
    Position start;
    Position end;  // not in it
    friend bool operator==(const Range&, const Range&) = default;
};

// Where the lines of a text begin, the first at 0.
std::vector<std::uint32_t> line_starts(std::string_view text);

// The lines of a text, which has to outlive this. They end with \n, \r\n or \r, as editors count them. Offsets are
// bytes from the beginning of the text and never beyond its end.
class Lines {
  public:
    Lines(std::string_view text, Encoding encoding);
    // Where its lines begin is known.
    Lines(std::string_view text, Encoding encoding, const std::vector<std::uint32_t>& starts)
        : text_(text), encoding_(encoding), starts_(&starts) {}
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    // The byte there. Behind the end of a line is its end, behind the last line the end of the text, within a character
    // its beginning: no place that a client can name is outside.
    [[nodiscard]] std::uint32_t offset(Position at) const;
    // An offset behind the end of the text is its end.
    [[nodiscard]] Position position(std::uint32_t offset) const;
    [[nodiscard]] Range range(std::uint32_t begin, std::uint32_t end) const { return {position(begin), position(end)}; }

    [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(starts_->size()); }
    // Without what ends it.
    [[nodiscard]] std::string_view line(std::uint32_t number) const;
    // `number` is less than count().
    [[nodiscard]] std::uint32_t start(std::uint32_t number) const { return (*starts_)[number]; }
    [[nodiscard]] std::string_view text() const { return text_; }

  private:
    std::string_view text_;
    Encoding encoding_;  // in which the editor counts columns
    std::vector<std::uint32_t> counted_;
    const std::vector<std::uint32_t>* starts_;
};

// As JSON, for the files that know a library for it.
template <class Json>
void to_json(Json& json, const Position& at) {
    json = Json{{"line", at.line}, {"character", at.character}};
}
template <class Json>
void to_json(Json& json, const Range& range) {
    json = Json{{"start", range.start}, {"end", range.end}};
}

}  // namespace pvsplan::lsp

#include "runtime/lsp/positions.hpp"

#include <algorithm>

#include "compiler/base/utf8.hpp"

namespace pvsplan::lsp {
namespace {

// In UTF-16 a character beyond 0xffff takes a surrogate pair. A byte that is no UTF-8 counts as one unit, as an editor
// shows it by one mark.
std::uint32_t units_of(const base::Utf8Character& character, Encoding encoding) {
    if (encoding == Encoding::utf8) return static_cast<std::uint32_t>(character.size);
    return character.is_valid && character.point > 0xffff ? 2 : 1;
}

}  // namespace

// A text has at least one line, be it empty.
std::vector<std::uint32_t> line_starts(std::string_view text) {
    std::vector<std::uint32_t> starts{0};
    for (std::size_t at = 0; at < text.size(); ++at)
        if (text[at] == '\n' || (text[at] == '\r' && !(at + 1 < text.size() && text[at + 1] == '\n')))
            starts.push_back(static_cast<std::uint32_t>(at + 1));
    return starts;
}

Lines::Lines(std::string_view text, Encoding encoding)
    : text_(text), encoding_(encoding), counted_(line_starts(text)), starts_(&counted_) {}

std::string_view Lines::line(std::uint32_t number) const {
    if (number >= starts_->size()) return {};
    const std::size_t begin = (*starts_)[number];
    const std::size_t end = number + 1 < starts_->size() ? (*starts_)[number + 1] : text_.size();
    std::string_view line = text_.substr(begin, end - begin);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    return line;
}

// Walks over one line; a place within a character, or a surrogate pair, is at its beginning.
std::uint32_t Lines::offset(Position at) const {
    if (at.line >= starts_->size()) return static_cast<std::uint32_t>(text_.size());
    const std::string_view on = line(at.line);
    std::uint32_t left = at.character;
    std::size_t byte = 0;
    while (byte < on.size() && left > 0) {
        const base::Utf8Character character = base::utf8_at(on, byte);
        const std::uint32_t units = units_of(character, encoding_);
        if (units > left) break;
        left -= units;
        byte += character.size;
    }
    return (*starts_)[at.line] + static_cast<std::uint32_t>(byte);
}

// The inverse of offset(), as far as `offset` begins a character; else the place of the character that it is in.
Position Lines::position(std::uint32_t offset) const {
    offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
    const auto next = std::upper_bound(starts_->begin(), starts_->end(), offset);
    const auto number = static_cast<std::uint32_t>(next - starts_->begin() - 1);
    const std::string_view on = line(number);
    const std::size_t wanted = offset - (*starts_)[number];
    Position at{.line = number};
    for (std::size_t byte = 0; byte < std::min(wanted, on.size());) {
        const base::Utf8Character character = base::utf8_at(on, byte);
        byte += character.size;
        if (byte > wanted) break;
        at.character += units_of(character, encoding_);
    }
    return at;
}

}  // namespace pvsplan::lsp

// What was probably written wrongly where a text is not YAML, and what else of the text can still be read. yaml-cpp
// says where it could not go on, which is often lines behind the slip: an unclosed quote is met at the next one.
//
// Lines are read here as people read them, by their columns and first words. That is a guess; whoever asks makes sure
// of it: with the entry around the slip taken out, YAML has to get further than before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/syntax/codes.hpp"

namespace pvsplan::syntax {

// A block collection that is open at a line.
struct BlockLevel {
    enum class Type : std::uint8_t { map, list } type = Type::map;
    std::size_t column = 0;  // from 0
    std::size_t entry = 0;   // line, from 0, of its last key or `-`
    bool has_value = false;  // that entry has one already
    bool goes_on = false;    // which is a text without quotes: deeper lines belong to it
    std::size_t value = 0;   // the line of that value where it has one to itself, else 0
    std::size_t entries = 1;
    std::size_t first = 0;  // line of the first of them
};

// `code` is null where only the place is known (SlipFinder::at).
struct Slip {
    const diag::Declared<diag::Words>* code = nullptr;  // of the finding
    std::string words;
    std::string hint;  // may be empty
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t line = 0;            // from 0, of `begin`, or the last one that is spoilt by it
    std::vector<BlockLevel> around;  // where the line stands
    // The column of the further lines of the entry that `line` begins, if that tells more than its own column.
    std::optional<std::size_t> body = std::nullopt;
};

// Asked many times of one text, which must outlive it.
class SlipFinder {
  public:
    explicit SlipFinder(std::string_view source);
    // The first suspicious place on the lines up to that of byte `at` which does not begin at one of `innocent`.
    [[nodiscard]] std::optional<Slip> find(std::size_t at, const std::set<std::size_t>& innocent) const;
    // The innermost open collection where YAML could not go on: the fallback if no slip explains the complaint.
    [[nodiscard]] Slip at(std::size_t at) const;

    // Whole lines that can be taken out with the damage in them.
    struct Cut {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::size_t kept_begin = 0;  // a `-` or `key:` that stays, so that what is around it still has its entry
        std::size_t kept_end = 0;
        std::size_t next = 0;  // the first word behind it, or the end of the text
    };
    // From the smallest to the largest.
    [[nodiscard]] std::vector<Cut> cuts(const Slip& slip) const;

  private:
    // Lines are numbered from 0, columns too.
    [[nodiscard]] std::size_t line_of(std::size_t at) const;
    [[nodiscard]] std::size_t column_of(std::size_t line) const;
    [[nodiscard]] bool is_filled(std::size_t line) const;
    [[nodiscard]] Cut cut(std::size_t first, std::size_t last, std::size_t column) const;
    [[nodiscard]] Cut own_cut(const Slip& slip) const;

    std::string_view source_;
    std::vector<std::size_t> lines_;  // where each begins
};

// Quotes of a word processor, “ ” „ ‘ ’ ‚ « », which YAML takes for part of the text.
bool begins_typographic(std::string_view text);
bool is_between_typographic(std::string_view text);
std::string_view between_typographic(std::string_view text);  // what those of such a text quote

// How many bytes of the beginning are a blank to people alone, such as U+00A0; 0 if none are.
std::size_t size_of_foreign_blank(std::string_view text);
// That of a character without width at its beginning, or 0.
std::size_t size_of_invisible(std::string_view text);
// How many are a sign that begins an entry of a list elsewhere, with a blank behind it: `–`, `•`, `1.`.
std::size_t size_of_bullet(std::string_view text);

// Names that a part of a text may have declared: its keys, and what stands behind `id:` and `name:`.
void add_names(std::string_view text, std::set<std::string, std::less<>>& names);

}  // namespace pvsplan::syntax

// Takes secrets out of text, also where programs have escaped, quoted, encoded or wrapped them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/ports/disguise.hpp"
#include "runtime/ports/patterns.hpp"

namespace pvsplan::ports {

// Replaces every occurrence of a secret by "***"; what overlaps is one. Besides a secret as it is, its disguises are
// found:
//   - with its characters escaped as JSON, C, URLs, XML or CLIXML do, each of them or only some, once or twice over;
//   - with quotes doubled, quoted by a shell (`sh -x`), and wrapped over lines (from 8 characters on);
//   - in UTF-16 and in the code pages of western Windows; in hexadecimal, dumped however (of a dump in rows, all rows
//   around it are taken out); as base64 of UTF-8 and of UTF-16, at each alignment.
// A secret of less than 4 bytes could be anywhere by chance: it is taken as it is, and only where it is a word of its
// own. Time and memory are linear in the text.
class Redactor {
  public:
    explicit Redactor(const std::vector<std::string>& secrets);

    [[nodiscard]] std::string redact(std::string_view text) const;
    // For a line whose neighbours are not at hand: also finds a piece of a disguise that was wrapped over lines.
    [[nodiscard]] std::string redact_line(std::string_view line) const;

  private:
    struct Span {
        std::size_t begin;
        std::size_t end;
    };
    [[nodiscard]] std::size_t overlap() const;  // of windows
    void learn(const std::string& secret);
    void learn_encoded(const std::string& bytes);
    void learn_squeezed(const std::string& word);
    void find(std::string_view text, std::size_t begin, std::size_t end, std::vector<Span>& spans) const;
    void find_words(const Derived& text, std::size_t offset, std::vector<Span>& spans) const;
    void find_squeezed(const Derived& text, std::size_t offset, std::vector<Span>& spans) const;
    void find_hex(std::string_view text, std::size_t offset, std::vector<Span>& spans) const;
    void find_pieces(std::string_view line, std::vector<Span>& spans) const;

    std::vector<std::string> shorts_;    // words of their own
    std::vector<std::string> squeezed_;  // what may be wrapped and quoted, as it is without that
    Patterns words_;                     // secrets, as they are and as encodings write them
    Patterns squeezed_words_;            // numbered as `squeezed_`
    Patterns hex_;                       // digits of secrets
    std::size_t longest_ = 0;            // bytes of a word
};

}  // namespace pvsplan::ports

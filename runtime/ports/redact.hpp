// Takes secrets out of text that arrives in pieces, wherever the pieces are cut.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::ports {

// Replaces every occurrence of a secret by "***". Of two secrets that begin at one place the longer is taken. Besides a
// secret as it is, its usual disguises are found: as the inside of a JSON string, percent-encoded, and as base64 at
// each of the three alignments. A secret of less than 4 bytes is taken only as it is.
class Redactor {
  public:
    explicit Redactor(const std::vector<std::string>& secrets);

    // What can be said of the text so far; the end of `piece` is held back while it may be the beginning of a secret.
    std::string feed(std::string_view piece);
    // The rest.
    std::string finish();
    // Of a text that is whole.
    [[nodiscard]] std::string redact(std::string_view text) const;

  private:
    [[nodiscard]] std::size_t length_at(std::string_view text, std::size_t from) const;
    [[nodiscard]] bool may_begin_at(std::string_view text, std::size_t from) const;

    std::vector<std::string> secrets_;  // longest first
    std::string held_;
};

}  // namespace pvsplan::ports

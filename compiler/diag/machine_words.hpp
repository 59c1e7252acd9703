// What the formats for programs share: the words of a finding where it is one text, and by what it is known again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/diag/texts.hpp"

namespace pvsplan::diag {

// The message with all that is said beside it.
std::string with_hints(const Diagnostic& diagnostic);

// "plans/x.yaml:12: what is required", or the words alone where they have no place.
std::string label_text(const Texts& texts, const Label& label);

// The text for pages that people read: line by line without anything that steers a terminal or turns what is written
// around.
std::string harmless_lines(std::string_view text);

// What a finding is told by from one version of a file to the next: not its line, which moves. Those that are alike are
// counted.
class Fingerprints {
  public:
    // The second of two that are alike gets another than the first, so each is one finding.
    std::string of(const Texts& texts, const Diagnostic& diagnostic);

  private:
    std::map<std::string, std::uint64_t> seen_;
};

}  // namespace pvsplan::diag

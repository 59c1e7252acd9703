// Takes secrets out of what is shown and recorded.
#pragma once

#include <string>
#include <vector>

#include "runtime/ports/redact.hpp"

namespace pvsplan::engine {

// Learns secrets as they are read.
class RunRedactor {
  public:
    // From here on `secret` is taken out of every text, also in disguise; so is every line of it that is long enough to
    // tell.
    void add(const std::string& secret);
    // With every secret replaced; as it is where none is known. Time linear in the text.
    [[nodiscard]] std::string clean(std::string text) const;
    // A line that a command has just printed: it may be a piece of a secret that was wrapped over lines.
    [[nodiscard]] std::string clean_line(std::string line) const;
    // Whether there is a secret in it, in disguise or not.
    [[nodiscard]] bool is_telling(const std::string& text) const { return clean(text) != text; }

  private:
    std::vector<std::string> secrets_;
    ports::Redactor redactor_{{}};
};

}  // namespace pvsplan::engine

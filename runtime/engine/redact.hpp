// Takes secrets out of what is shown and recorded.
#pragma once

#include <string>
#include <vector>

#include "runtime/ports/redact.hpp"

namespace pvsplan::engine {

// Learns secrets one by one, as they are read.
class Redactor {
  public:
    // From here on `secret` is taken out of every text, also in disguise; so is every line of it that is long enough to
    // tell.
    void add(const std::string& secret);
    [[nodiscard]] std::string clean(std::string text) const;

  private:
    std::vector<std::string> secrets_;
    ports::Redactor redactor_{{}};
};

}  // namespace pvsplan::engine

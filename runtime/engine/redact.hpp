// Takes secrets out of what is shown and recorded.
#pragma once

#include <string>
#include <vector>

namespace pvsplan::engine {

class Redactor {
  public:
    // From here on `secret` is taken out of every text; so is every line of it that is long enough to tell.
    void add(const std::string& secret);
    [[nodiscard]] std::string clean(std::string text) const;

  private:
    std::vector<std::string> secrets_;  // longest first
};

}  // namespace pvsplan::engine

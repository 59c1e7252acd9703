// Merges the findings of several compilations into one list: a file that several of them read appears once, and so does
// what was found in it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/diag/texts.hpp"

namespace pvsplan::diag {

class Collected {
  public:
    // `findings` point into `texts`. A file that is there already under the same path with another text (it was changed
    // in between) is another file. What has no place is put at the beginning of `plan`: services show nothing
    // elsewhere.
    void add(const Texts& texts, std::span<const Diagnostic> findings, const std::string& plan);

    // Valid as long as this, also when more is added.
    [[nodiscard]] Texts texts() const { return {sources_, secrets_}; }
    [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }

  private:
    base::Sources sources_;
    std::vector<base::Span> secrets_;
    std::vector<Diagnostic> all_;
    std::map<std::string, std::vector<std::size_t>> by_message_;  // indices into all_
};

}  // namespace pvsplan::diag

// Findings of several compilations as those of one: files that were read for each of them are there once, and so is
// what was found in them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::diag {

class Collected {
  public:
    // `findings` point into `sources`. A file that is there already under the same path with another text (it was
    // changed in between) is another file.
    void add(const base::SourceMap& sources, std::span<const Diagnostic> findings);

    [[nodiscard]] const base::SourceMap& sources() const { return sources_; }
    [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }

  private:
    base::SourceMap sources_;
    std::map<std::string, base::FileId> by_path_;
    std::vector<Diagnostic> all_;
    std::map<std::string, std::vector<std::size_t>> by_message_;  // indices into all_
};

}  // namespace pvsplan::diag

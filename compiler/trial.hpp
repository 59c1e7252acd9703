// A change of a plan's text that is tried: the texts with it, to be compiled in place of the others.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/base/files.hpp"
#include "compiler/compilation.hpp"

namespace pvsplan::compiler {

// The texts of a compilation, some of them changed. Nothing else is read.
class Changed final : public base::Files {
  public:
    Changed(const Compilation& c, const diag::Fix& fix);
    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override;

  private:
    std::map<std::string, std::string, std::less<>> texts_;
};

// " per s.site", with which an `at_most` counts by itself for each value; else nothing.
std::string per_of(const base::Sources& sources, const resolve::Step& loop);
// Sets `at_most` to a number, of each value or of all; nothing if that is what it says, or its text cannot be changed.
std::optional<diag::Fix> at_most_of(const base::Sources& sources, const resolve::Step& loop, std::int64_t number,
                                    const std::string& per);

}  // namespace pvsplan::compiler

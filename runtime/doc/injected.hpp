// Regions of a Markdown file that hold pages: what stands between a line `<!-- pvsplan doc WHAT -->` and the next line
// `<!-- /pvsplan doc -->`. Lines within a fence of code are no such lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::doc {

// The Markdown for a region, whose first heading has that many number signs.
using Asked = std::function<base::Result<std::string>(const std::string& what, std::uint32_t level)>;

// `regions`: how many were written, be it with the same text.
struct Injected {
    std::string text;
    std::size_t regions = 0;
};

// The file with every region written anew, or those of `only`, if that is not empty. All else stays as it is, byte for
// byte; lines end as the line before the region does. An error names the line; then nothing of the file is to be
// written.
base::Result<Injected> inject(const std::string& file, const std::string& only, const Asked& asked);

}  // namespace pvsplan::doc

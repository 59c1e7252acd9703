// The pages that `pvsplan explain CODE` prints; compiler/diag/explain/README.md says what is in one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compiler/base/embedded.hpp"

namespace pvsplan::diag {

// All pages by name ("PV1203.md"), ascending.
std::span<const base::Embedded> explain_pages();

// The page of a code as people type it: "PV1203", "pv1203", "1203".
std::optional<std::string_view> explain_page(std::string_view code);

// The page as it is printed: prose in lines of at most `width` columns, examples as they are.
std::string page_text(std::string_view page, std::uint32_t width);

// The title: the text after `# PVnnnn: ` on the first line.
std::string_view page_title(std::string_view page);

}  // namespace pvsplan::diag

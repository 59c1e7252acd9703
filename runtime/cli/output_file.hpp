// A file that is there whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "compiler/base/result.hpp"

namespace pvsplan::cli {

// Replaces `path` in one step: a crash, a full disk or a second writer leaves the old content or the new one.
base::Status write_file(const std::string& path, std::string_view bytes);

}  // namespace pvsplan::cli

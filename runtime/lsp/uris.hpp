// Names of files as editors write them, as URIs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pvsplan::lsp {

// The path of a `file:` URI, absolute and without `.` and `..`; nothing: it names no file of this machine. Only text is
// looked at: whether there is such a file is not known.
std::optional<std::string> path_of(std::string_view uri);
// path_of() of it is the same path.
std::string uri_of(std::string_view absolute_path);

}  // namespace pvsplan::lsp

// A run in a file of its own. Its first line says in JSON which run it is and how many bytes its compiled plan has,
// those follow, and then the records, a line each, byte for byte as they were written.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/store.hpp"

namespace pvsplan::store {

// How the files are called: the id of the run, and this.
inline constexpr std::string_view archive_suffix = ".journal";

// The inverse of archive_in(). Nothing of the text depends on the store that the run came from.
std::string archive_text(const ports::RunRow& row, std::string_view plan_bytes,
                         const std::vector<ports::RecordRow>& records);

// A store that holds the run of that text alone. Records that were changed or cut off are there as they are now, for
// whoever verifies them; an error where it is no archive at all, or its plan is not whole.
base::Result<std::unique_ptr<const ports::Store>> archive_in(std::string_view text);
// The same of a file of up to 2 GiB; the error names it.
base::Result<std::unique_ptr<const ports::Store>> open_archive(const std::string& path);

}  // namespace pvsplan::store

// Files that are nobody else's: how they are made, and whether some that were found may be trusted.
#pragma once

#include <string>

#include "compiler/base/result.hpp"

namespace pvsplan::ports {

// The folder and those above it that are missing, for this user alone whatever the umask.
base::Status make_private_folders(const std::string& folder);

// An empty file for this user alone, where there is none; whether it was made.
base::Result<bool> make_private_file(const std::string& file);

// Whether nobody but who runs this (or root, or who called sudo) can have written the file: the folder that it lies in,
// itself and what SQLite keeps next to it belong to one of them and are not open to others, and so are all folders
// above what a link leads to. The error says which is not, and whose it is.
base::Status check_is_trusted(const std::string& file);

// SQLite keeps what was written last in a file beside the store's name. Under a second name of the same file (a hard
// link, a file that is mounted alone) another one would be looked for, and what is in the first is lost. Links are
// fine: they are followed first.
base::Status check_has_one_name(const std::string& file);

}  // namespace pvsplan::ports

// Files that are nobody else's: how they are made, and whether some that were found may be trusted.
#pragma once

#include <cstddef>
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

// Why a folder that was found is not ours to trust: it is none, somebody else owns it, or others could write there
// (what root made for all with the sticky bit is fine); empty: it is.
std::string distrust(const std::string& folder);

// Whether root made the folder as a place in which every account may make files that only it can take away again.
bool is_shared_folder(const std::string& folder);

// All that a plain file holds, up to `max` bytes and one more, which may not be readable by others than its owner. It
// is looked at and read through one handle: what stands under the name may change meanwhile. A pipe is not waited for.
base::Result<std::string> read_private_file(const std::string& file, std::size_t max);

}  // namespace pvsplan::ports

// What the C++ library does not offer about files: whom they are for, links that are not followed, and what is on the
// disk when a call returns. An error is the system's own; its message() is what people read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "compiler/base/result.hpp"

namespace pvsplan::ports {

enum class Links : std::uint8_t { followed, refused };

// Up to `max` bytes from its beginning; nothing if it cannot be read, and `failed` says why. A pipe is not waited for.
std::optional<std::string> read_file(const std::string& path, std::uint64_t max, Links links, std::error_code& failed);

// All of a plain file that a person named; the error names it. Never a part of it: one of more than `max` bytes is
// refused, and so is a pipe or a device, which may never end.
base::Result<std::string> read_named_file(const std::string& path, std::uint64_t max);

// The file with these bytes, for this account alone if it is made; what stood in it is lost first. Nothing is waited
// for to reach the disk, and whoever reads meanwhile may see a part.
std::error_code write_file(const std::string& path, std::string_view bytes);

// Who may read a file; none but its account may write it.
enum class Readers : std::uint8_t { this_account, everybody };
// A file where nothing stood, not even a link, with exactly these rights whatever the umask, and on the disk when this
// returns. Of what fails nothing stays.
std::error_code write_new_file(const std::string& path, std::string_view bytes, Readers readers);

// At the end of the file, in one piece beside others who do the same; it is made if it is not there. No link is
// followed and no pipe waited for.
std::error_code append_to_file(const std::string& path, std::string_view bytes, Readers readers);

// Replaces `path` in one step: a crash, a full disk or a second writer leaves the old content or the new one. Its
// rights stay, and where this account may not write it nothing is done; a new one is for this account alone. A link
// keeps pointing to what it points to, other names of the file keep the old content; a device or a pipe is written as
// it is.
std::error_code replace_file(const std::string& path, std::string_view bytes);

// What was made in the folder, or renamed, is there after the power fails.
std::error_code sync_folder(const std::string& path);

// Whether any process, ours or not, has the file open for writing, and may so write on into it when it has no name any
// more; false where the system cannot tell.
[[nodiscard]] bool is_open_for_writing(const std::string& path);

// Whether its file system was mounted so that nobody may write; false where the system cannot tell.
[[nodiscard]] bool is_on_read_only_disk(const std::string& path);

// A plain file of this account alone, under this name alone: it can be written over in place of a new one.
[[nodiscard]] bool is_reusable(const std::string& path);
// False, and nothing is done, where something stands under the new name already, or the file system cannot tell.
[[nodiscard]] bool rename_to_new(const std::string& from, const std::string& to);

// One folder, for this account alone; one that is there stays as it is.
std::error_code make_private_folder(const std::string& path);

}  // namespace pvsplan::ports

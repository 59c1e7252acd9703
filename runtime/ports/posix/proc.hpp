// What Linux says in files below /proc, read in one place. For the files of this folder alone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pvsplan::ports::posix {

// The first line of a file, without its end; empty where it cannot be read.
std::string first_line(const std::string& file);

// What a symbolic link says; empty where it cannot be read.
std::string link_target(const std::string& link);

// The fields of /proc/WHO/stat behind the name of the program, which may itself hold blanks and brackets; none where it
// may not be read. `who` is a number or "self".
std::vector<std::string> stat_of(const std::string& who);
inline constexpr std::size_t state_field = 0;  // "R", "S", "Z", …
inline constexpr std::size_t group_field = 2;
inline constexpr std::size_t session_field = 3;
inline constexpr std::size_t threads_field = 17;  // how many are left
inline constexpr std::size_t start_field = 19;    // when it began, in ticks since the boot
inline constexpr std::size_t fields_wanted = 20;  // fewer are none

}  // namespace pvsplan::ports::posix

#pragma once

#include <string>
#include <string_view>

namespace pvsplan::base {

// `word` as one word of a POSIX shell: as it is where that means the same, else within '…'.
std::string shell_word(std::string_view word);

}  // namespace pvsplan::base

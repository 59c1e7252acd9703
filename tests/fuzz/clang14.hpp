// Debian 12's clang has no __builtin_source_location, so libstdc++ shows it no std::source_location. This is the part
// of it that we use; included before everything else, in the fuzz build alone.
#pragma once

#include <version>

#ifndef __cpp_lib_source_location
namespace std {

struct source_location {
    static constexpr source_location current(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
        return {file, line};
    }
    [[nodiscard]] constexpr const char* file_name() const { return file_; }
    [[nodiscard]] constexpr unsigned line() const { return line_; }
    const char* file_ = "";
    unsigned line_ = 0;
};

}  // namespace std
#endif

// One try to read a text as YAML, with yaml-cpp. Private to tree.cpp and recover.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/syntax/tree.hpp"

namespace pvsplan::syntax {

// The place where YAML could not go on.
struct Broken {
    enum class Cause : std::uint8_t { yaml, alias } cause = Cause::yaml;  // alias: of an anchor that is not there
    std::string message;                                                  // yaml-cpp's own
    std::size_t at = 0;
    std::optional<std::uint32_t> opened;  // the bracket that it looked for the end of
};

struct YamlReading {
    enum class Result : std::uint8_t { read, broken, given_up } result = Result::read;  // given up: has been reported
    Broken broken;
    int documents = 0;
};

// Fills `tree`, whose own texts are those of the file; `source` may have some of its lines blanked.
YamlReading read_yaml(std::string_view source, base::FileId file, Tree& tree, diag::Sink& sink);

// The mark of UTF-8, as Notepad writes it.
inline std::size_t byte_order_mark(std::string_view source) { return source.starts_with("\xEF\xBB\xBF") ? 3 : 0; }

}  // namespace pvsplan::syntax

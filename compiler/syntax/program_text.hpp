// Which arguments of a command are no data: texts that a shell or an interpreter reads as a program of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pvsplan::syntax {

struct ProgramText {
    enum class Language : std::uint8_t { shell, cmd, powershell, script, sql, remote };
    std::size_t argument = 0;  // its index
    Language language = Language::shell;
    std::string program;  // "bash", as written without its folder
};

// `arguments` as they are written; none where one is not a constant. Ascending.
std::vector<ProgramText> program_texts(const std::vector<std::optional<std::string>>& arguments);

}  // namespace pvsplan::syntax

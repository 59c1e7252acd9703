# pvsplan_embed(target FUNCTION ns::name ROOT folder FILES files…)
#
# Compiles the bytes of text files into `target`, behind a function that the target's own header declares as
#     std::span<const base::Embedded> name();
# sorted by name; a name is the path relative to ROOT. Run as a script it writes that source: at build time, so that a
# changed file is built in again without configuring anew.

if(CMAKE_SCRIPT_MODE_FILE)
  string(REGEX REPLACE "::[^:]*$" "" namespace "${FUNCTION}")
  string(REGEX REPLACE "^.*::" "" function "${FUNCTION}")
  string(REPLACE "|" ";" files "${FILES}")
  list(SORT files)
  set(entries "")
  foreach(file IN LISTS files)
    file(RELATIVE_PATH name "${ROOT}" "${file}")
    file(READ "${file}" text)
    string(APPEND entries "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  file(WRITE "${OUTPUT}" "// Written by compiler/embed.cmake.
#include <array>
#include <span>

#include \"compiler/base/embedded.hpp\"

namespace ${namespace} {
namespace {
constexpr pvsplan::base::Embedded ${function}_table[] = {
${entries}    {}};
}  // namespace

std::span<const pvsplan::base::Embedded> ${function}();
std::span<const pvsplan::base::Embedded> ${function}() {
    return {${function}_table, std::size(${function}_table) - 1};
}
}  // namespace ${namespace}
")
  return()
endif()

add_custom_target(embedded)  # all of these sources, for tools that read what is not built
function(pvsplan_embed target)
  cmake_parse_arguments(arg "" "FUNCTION;ROOT" "FILES" ${ARGN})
  string(MAKE_C_IDENTIFIER "${arg_FUNCTION}" stem)
  set(output ${PROJECT_BINARY_DIR}/generated/embedded/${stem}.cpp)
  string(REPLACE ";" "|" joined "${arg_FILES}")
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D FUNCTION=${arg_FUNCTION} -D ROOT=${arg_ROOT} "-D FILES=${joined}" -D OUTPUT=${output}
            -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    DEPENDS ${arg_FILES} ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    COMMENT "Embedding for ${arg_FUNCTION}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
  add_custom_target(embedded_${stem} DEPENDS ${output})
  add_dependencies(embedded embedded_${stem})
endfunction()

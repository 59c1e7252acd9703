# What `cmake --install` puts where, and the .deb that `cpack` makes of it. The standard library is within the program; the
# manual page and the completions are printed by the program itself, from its table of commands.
if(CMAKE_CROSSCOMPILING)
  return()
endif()
include(GNUInstallDirs)
set(docs ${CMAKE_INSTALL_DATADIR}/doc/pvsplan)

# printed(words… TO folder file): what `pvsplan words…` prints. Printed when it is installed, not when it is built.
function(printed)
  cmake_parse_arguments(arg "GZIP" "" "TO" ${ARGN})
  list(GET arg_TO 0 folder)
  list(GET arg_TO 1 file)
  set(compress "")
  if(arg_GZIP)
    set(compress "COMMAND gzip -9n")
  endif()
  list(JOIN arg_UNPARSED_ARGUMENTS " " words)
  install(CODE "
    set(folder \"${folder}\")
    if(\"\${CMAKE_INSTALL_PREFIX}\" STREQUAL \"/usr\")  # where Debian's zsh looks
      string(REPLACE zsh/site-functions zsh/vendor-completions folder \"\${folder}\")
    endif()
    file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/\${folder}\")
    message(STATUS \"Printing: \${CMAKE_INSTALL_PREFIX}/\${folder}/${file}\")
    execute_process(COMMAND \"$<TARGET_FILE:pvsplan>\" ${words} ${compress}
                    OUTPUT_FILE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/\${folder}/${file}\" COMMAND_ERROR_IS_FATAL ANY)
    file(CHMOD \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/\${folder}/${file}\"
         PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${CMAKE_INSTALL_PREFIX}/\${folder}/${file}\")")
endfunction()
printed(man GZIP TO ${CMAKE_INSTALL_MANDIR}/man1 pvsplan.1.gz)
printed(completion bash TO ${CMAKE_INSTALL_DATADIR}/bash-completion/completions pvsplan)
printed(completion zsh TO ${CMAKE_INSTALL_DATADIR}/zsh/site-functions _pvsplan)
printed(completion fish TO ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d pvsplan.fish)

# Our licence, and those of the headers that are compiled in and ask to be named. Debian keeps them here.
set(copyright ${PROJECT_BINARY_DIR}/copyright)
file(READ ${PROJECT_SOURCE_DIR}/LICENSE text)
foreach(package libcli11-dev libhowardhinnant-date-dev nlohmann-json3-dev)
  if(EXISTS /usr/share/doc/${package}/copyright)
    file(READ /usr/share/doc/${package}/copyright theirs)
    string(APPEND text "\n\nParts of ${package} are compiled in:\n\n${theirs}")
  endif()
endforeach()
file(CONFIGURE OUTPUT ${copyright} CONTENT "${text}" @ONLY)
install(FILES ${copyright} DESTINATION ${docs})
install(FILES ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${docs})
# `pvsplan-review`, which is a link into its folder.
set(forges ${CMAKE_INSTALL_DATADIR}/pvsplan/forges)
set(reviewing azure.py github.py gitlab.py rest.py text.py)
list(TRANSFORM reviewing PREPEND ${PROJECT_SOURCE_DIR}/runtime/forges/)
install(FILES ${reviewing} DESTINATION ${forges})
install(PROGRAMS ${PROJECT_SOURCE_DIR}/runtime/forges/review.py DESTINATION ${forges})
install(CODE "
  file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  file(CREATE_LINK ../${forges}/review.py \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/pvsplan-review\" SYMBOLIC)
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/pvsplan-review\")")
# Something to begin with: `cp -r /usr/share/doc/pvsplan/plans .`
install(DIRECTORY ${PROJECT_SOURCE_DIR}/plans DESTINATION ${docs} PATTERN .pvsplan EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pvsplan)
set(CPACK_PACKAGE_VENDOR "the pvsplan maintainers")
set(CPACK_PACKAGE_CONTACT "the pvsplan maintainers <maintainers@pvsplan.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "upgrade procedures as plans that are checked before anything happens")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "A plan says in YAML what is to be done to a farm of Citrix Provisioning servers.
It is proved to keep what was promised, in every order in which it can run,
and then run with a journal, resume and rollback.")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libcurl4, libpq5, openssh-client, git, python3")  # loaded or started by whoever uses winrm, a store on a server, ssh, `diff`, `pvsplan-review`
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)

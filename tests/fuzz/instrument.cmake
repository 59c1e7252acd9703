# Every target is built for libFuzzer: coverage, address and undefined-behaviour sanitizers, and checks of our own that abort.
add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1
                    "SHELL:-include ${CMAKE_CURRENT_LIST_DIR}/clang14.hpp")
add_link_options(-fsanitize=address,undefined)
add_compile_definitions(PVSPLAN_FUZZING)

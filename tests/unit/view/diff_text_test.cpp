#include <catch2/catch.hpp>

#include "runtime/view/diff_text.hpp"

namespace pvsplan::view {

TEST_CASE("a patch names a file as it is called, and at a terminal without what could steer that") {
    Stream stream;
    const auto first_line = [&] {
        const std::string text = layout_diff("a\033[2J.yaml", "a:  1\n", "a: 1\n", stream);
        return text.substr(0, text.find('\n'));
    };
    CHECK(first_line() == "--- a\033[2J.yaml");
    stream.is_terminal = true;
    CHECK(first_line() == "--- a\uFFFD[2J.yaml");
}

}  // namespace pvsplan::view

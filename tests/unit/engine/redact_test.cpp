#include <catch2/catch.hpp>

#include "runtime/engine/redact.hpp"

namespace pvsplan::engine {

TEST_CASE("secrets are taken out of every text, and so are their lines") {
    RunRedactor redactor;
    CHECK(redactor.clean("nothing to hide") == "nothing to hide");
    redactor.add("hunter2!");
    redactor.add("first line\nsecond line");
    CHECK(redactor.clean("the password is hunter2!, really").find("hunter2!") == std::string::npos);
    CHECK(redactor.clean("it says: second line").find("second line") == std::string::npos);
    CHECK(redactor.clean("aHVudGVyMiE=").find("aHVudGVyMi") == std::string::npos);  // in base64
    CHECK(redactor.clean("").empty());
    CHECK(redactor.is_telling("hunter2!"));
    CHECK_FALSE(redactor.is_telling("hunter3!"));
    CHECK(redactor.clean_line("xx first lin") == "xx ***");
}

TEST_CASE("a line of a secret is taken out if it is long enough to tell something") {
    RunRedactor redactor;
    redactor.add("");
    CHECK(redactor.clean("nothing to hide") == "nothing to hide");
    CHECK_FALSE(redactor.is_telling(""));
    redactor.add("abc\nabcd\r\nlast line");
    CHECK(redactor.clean("it says abc") == "it says abc");
    CHECK(redactor.clean("it says abcd") == "it says ***");
    CHECK(redactor.clean("the last line") == "the ***");
}

}  // namespace pvsplan::engine

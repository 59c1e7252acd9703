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

}  // namespace pvsplan::engine

#include "compiler/base/folded.hpp"

#include <catch2/catch.hpp>

using pvsplan::base::folded;
using pvsplan::base::has_hidden;

TEST_CASE("folded: texts that look the same are equal") {
    CHECK(folded("PVS01.Contoso.Local") == "pvs01.contoso.local");
    CHECK(folded("  pvs01\t") == "pvs01");
    CHECK(folded("pvs01\xC2\xA0") == "pvs01");  // a blank that does not break
    CHECK(folded("pvs\xE2\x80\x8B"
                 "01") == "pvs01");  // no width
    CHECK(folded("\xEF\xBD\x90vs\xEF\xBC\x90"
                 "1") == "pvs01");  // wide forms
    CHECK(folded("pvs\xE2\x80\x91"
                 "01") == "pvs-01");                                  // a hyphen that does not break
    CHECK(folded("M\xC3\x9CNCHEN") == folded("mu\xCC\x88nchen"));     // Ü in one sign, ü in two
    CHECK(folded("\xD0\x90\xD0\xAF") == folded("\xD0\xB0\xD1\x8F"));  // АЯ, ая
    CHECK(folded("a  \xE2\x80\x83 b") == "a b");
    CHECK(folded("\xC3\x98st") == folded("\xC3\xB8ST"));  // Ø
}

TEST_CASE("folded: different texts stay different") {
    CHECK(folded("pvs01") != folded("pvs02"));
    CHECK(folded("m\xC3\xBCnchen") != folded("munchen"));
    CHECK(folded("pvs 01") != folded("pvs01"));
    CHECK(folded("\xFF\xFEx") == "\xFF\xFEx");  // no UTF-8: as it is
    CHECK(folded("") == "");
}

TEST_CASE("folded: an invisible character is named") {
    CHECK(has_hidden("pvs01 "));
    CHECK(has_hidden(" pvs01"));
    CHECK(has_hidden("pvs01\xC2\xA0"));
    CHECK(
        has_hidden("pvs\xE2\x80\x8B"
                   "01"));
    CHECK_FALSE(has_hidden("pvs 01"));
    CHECK_FALSE(has_hidden("m\xC3\xBCnchen"));
    CHECK_FALSE(has_hidden(""));
}

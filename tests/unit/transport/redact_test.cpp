#include "runtime/ports/redact.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "runtime/transport/powershell.hpp"

using pvsplan::ports::Redactor;

namespace {

std::string in_pieces(Redactor& redactor, const std::vector<std::string>& pieces) {
    std::string out;
    for (const auto& piece : pieces) out += redactor.feed(piece);
    return out + redactor.finish();
}

}  // namespace

TEST_CASE("redaction: wherever a text is cut, the same is said of it") {
    const std::vector<std::string> secrets = {"hunter2", "hunter2-and-more", "p\"w\n'x", "aaab"};
    const Redactor whole(secrets);
    for (const std::string text : {"password is hunter2, twice hunter2hunter2", "hunter2-and-mor", "hunter2-and-more",
                                   "aaaab aaaaab", "aaa", R"({"key":"p\"w\n'x"})", "nothing here", ""}) {
        const auto expected = whole.redact(text);
        CHECK(expected.find("hunter2") == std::string::npos);
        for (std::size_t i = 0; i <= text.size(); ++i) {
            for (std::size_t k = i; k <= text.size(); ++k) {
                Redactor redactor(secrets);
                REQUIRE(in_pieces(redactor, {text.substr(0, i), text.substr(i, k - i), text.substr(k)}) == expected);
            }
        }
    }
}

TEST_CASE("redaction: the longer of two secrets that begin together") {
    const Redactor redactor({"abcd", "abcdefgh"});
    CHECK(redactor.redact("abcdefgh abcdef") == "*** ***ef");
}

TEST_CASE("redaction: a secret in disguise") {
    const std::string secret = "s3cr3t \"quoted\" \xc3\xbc";
    const Redactor redactor({secret});
    CHECK(redactor.redact(R"(x: "s3cr3t \"quoted\" )"
                          "\xc3\xbc\"") == "x: \"***\"");
    CHECK(redactor.redact("a=s3cr3t%20%22quoted%22%20%C3%BC&") == "a=***&");
    for (const std::string before : {"", "x", "xy", "xyz"}) {
        const auto encoded = pvsplan::transport::base64(before + secret + "rest of it");
        const auto clean = redactor.redact(encoded);
        CHECK(clean.find("***") != std::string::npos);
        CHECK(clean.size() < encoded.size() - secret.size());
    }
    CHECK(Redactor({""}).redact("text") == "text");
    CHECK(Redactor({"ab"}).redact("ab cab") == "*** c***");
}

TEST_CASE("redaction: nothing is held back that cannot become a secret") {
    Redactor redactor({"hunter2"});
    CHECK(redactor.feed("the quick hun") == "the quick ");
    CHECK(redactor.feed("gry fox") == "hungry fox");
    CHECK(redactor.finish().empty());
}

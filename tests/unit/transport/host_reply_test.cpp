#include "runtime/transport/host_reply.hpp"

#include <catch2/catch.hpp>

#include "runtime/transport/job_folder.hpp"

using namespace pvsplan::transport;

TEST_CASE("host's reply: the same however it is cut, with whatever a login prints before it") {
    using What = HostReply::Said::What;
    const std::string stream =
        std::string(
            "Welcome!\npvsplan want\nLast login: pvsplan hello\npvsplan want\npvsplan running\npvsplan alive\n") +
        "pvsplan tail 4\nab\ncpvsplan end -5 4 0 0 3 0 0\no\nu\nerrpvsplan over\n";
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        HostReply reply;
        std::vector<HostReply::Said> said;
        for (std::size_t at = 0; at < stream.size(); at += size) {
            reply.take(stream.substr(at, size));
            while (auto one = reply.next()) said.push_back(*one);
        }
        REQUIRE(said.size() == 5);
        REQUIRE(said[0].what == What::hello);
        REQUIRE(said[1].what == What::want);
        REQUIRE(said[2].what == What::running);
        REQUIRE(said[3].what == What::tail);
        REQUIRE(said[3].out == "\nab\nc");
        REQUIRE(said[4].what == What::end);
        REQUIRE(said[4].status == -5);
        REQUIRE(said[4].out == "o\nu\n");
        REQUIRE(said[4].err == "err");
    }
}

TEST_CASE("host's reply: sizes that no output has are not understood, whatever they add up to") {
    for (const std::string line : {"end 0 -1000000 1000000 0 0 0 0", "end 0 0 0 -1 0 0 0", "tail -1",
                                   "end 0 9223372036854775807 9223372036854775807 0 2 0 0", "end 0 1 1 0 0 0",
                                   "end 0 16777217 0 0 0 0 0", "end 0 0 0 0 0 16777217 0", "tail 16777217"}) {
        HostReply reply;
        reply.take("pvsplan hello\npvsplan " + line + "\npvsplan want\n");
        CHECK(reply.next()->what == HostReply::Said::What::hello);
        const auto unsure = reply.next();
        REQUIRE(unsure);
        CHECK(unsure->what == HostReply::Said::What::unsure);
        CHECK(unsure->text == "it says `" + line + "`, which nobody understands");
        CHECK(reply.next()->what == HostReply::Said::What::want);
    }
}

TEST_CASE("host's reply: an end that did not arrive whole is none") {
    HostReply reply;
    reply.take("pvsplan hello\npvsplan end 0 3 0 0 0 0 0\nout");
    CHECK(reply.next()->what == HostReply::Said::What::hello);
    CHECK_FALSE(reply.next().has_value());
    reply.take("pvsplan over\n");
    CHECK(reply.next()->out == "out");
}

TEST_CASE("host's reply: dropped output leaves a note in its place") {
    HostReply reply;
    reply.take("pvsplan hello\npvsplan end 0 7 7 1000 0 0 0\nhead\nhetail\nlapvsplan over\n");
    CHECK(reply.next()->what == HostReply::Said::What::hello);
    const auto end = reply.next();
    CHECK(end->dropped == 1000 + 2 + 5);
    CHECK(end->out == "head\n[1007 bytes of this output were dropped here]\nla");
}

TEST_CASE("host's reply: what never ends is not kept, and a greeting is found behind it") {
    const std::string piece(10'000, 'x');
    HostReply reply;
    for (int i = 0; i < 100; ++i) {
        reply.take(piece);
        CHECK_FALSE(reply.next().has_value());
    }
    reply.take(std::string(100'000, 'x') + "pvsplan hel");
    CHECK_FALSE(reply.next().has_value());
    reply.take("lo\n");
    CHECK(reply.next()->what == HostReply::Said::What::hello);
    std::size_t unsure = 0;
    for (int i = 0; i < 100; ++i) {
        reply.take(piece);
        if (const auto said = reply.next()) unsure += said->what == HostReply::Said::What::unsure ? 1 : 0;
    }
    CHECK(unsure == 100 / 7);
}

TEST_CASE("host's reply: places and claims") {
    using What = HostReply::Said::What;
    HostReply reply;
    reply.take(
        "pvsplan hello\npvsplan place a1 uid=0 machine=m folder=/x y\npvsplan file /var/lib/c\npvsplan held r1 7 {}\n");
    CHECK(reply.next()->what == What::hello);
    CHECK(reply.next()->text == "a1 uid=0 machine=m folder=/x y");
    const auto held = reply.next();
    CHECK(held->what == What::held);
    CHECK(held->text == "r1 7 {}");
    CHECK(held->err == "/var/lib/c");
}

TEST_CASE("a line that is cut is not reported") {
    CHECK(last_line("one\ntwo\nthr") == "two");
    CHECK(last_line("art of a long line\nnext") == "");
    CHECK(last_line("\nonly\n\n") == "only");
    CHECK(last_line("\n10%\r20%\r30") == "20%");
    CHECK(last_line("") == "");
}

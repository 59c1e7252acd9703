#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "runtime/lsp/framing.hpp"
#include "runtime/lsp/json_bounds.hpp"

using namespace pvsplan::lsp;

namespace {

// What comes of a stream that is handed over as the reader of the server does it; "!" before what was refused.
std::vector<std::string> cut(std::string_view stream) {
    Frames frames;
    std::vector<std::string> all;
    while (!stream.empty()) {
        const std::string_view bytes = stream.substr(0, frames.wanted());
        stream.remove_prefix(bytes.size());
        const auto frame = frames.feed(bytes);
        if (!frame) continue;
        const auto* const refused = std::get_if<Refused>(&*frame);
        all.push_back(refused ? "!" + refused->why : std::get<std::string>(*frame));
    }
    return all;
}

}  // namespace

TEST_CASE("messages are cut out of a stream", "[lsp]") {
    CHECK(cut(framed("{}") + framed("[1]")) == std::vector<std::string>{"{}", "[1]"});
    CHECK(cut("content-length:2\nContent-Type: x\n\n{}") == std::vector<std::string>{"{}"});
    CHECK(cut("Content-Type: x\r\nCONTENT-LENGTH:  2  \r\n\r\n{}") == std::vector<std::string>{"{}"});
    CHECK(cut("Content-Length: 5\r\n\r\n{}").empty());
}

TEST_CASE("what is no message does not take the next one along", "[lsp]") {
    const std::string next = framed("{}");
    for (const std::string wrong :
         {"Content-Length: 200000000\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: 2x\r\n\r\n",
          "Content-Length: 99999999999999999999\r\n\r\n", "Content-Length:\r\n\r\n", "Content-Length: 0\r\n\r\n"}) {
        INFO(wrong);
        const auto all = cut(wrong + next);
        REQUIRE(all.size() == 2);
        CHECK(all[0].front() == '!');
        CHECK(all[1] == "{}");
    }
    CHECK(cut("rubbish\n\n\r\n" + next) == std::vector<std::string>{"{}"});
    CHECK(cut("rubbish" + next) == std::vector<std::string>{"{}"});
    CHECK(cut(std::string(100'000, 'x') + next) == std::vector<std::string>{"{}"});
    // A body that is longer than was said: what is left of it stands before the next message.
    CHECK(cut("Content-Length: 2\r\n\r\n{}}}}" + next) == std::vector<std::string>{"{}", "{}"});
}

TEST_CASE("no more is waited for than a message has", "[lsp]") {
    Frames frames;
    CHECK(frames.wanted() == 1);
    for (const char c : std::string_view("Content-Length: 70000\r\n\r\n")) {
        CHECK(frames.wanted() == 1);
        CHECK_FALSE(frames.feed({&c, 1}));
    }
    CHECK(frames.wanted() == 65536);
    CHECK_FALSE(frames.feed(std::string(65536, ' ')));
    CHECK(frames.wanted() == 70000 - 65536);
}

TEST_CASE("JSON is bounded before it is read", "[lsp]") {
    const auto refused = [](std::string text) { return refuse_json(text).has_value(); };
    CHECK_FALSE(refused(R"({"a":[1,2,{"b":"[[[[,,,,"}]})"));
    CHECK_FALSE(refused(std::string(max_json_depth, '[')));
    CHECK(refused(std::string(max_json_depth + 1, '[')));
    CHECK_FALSE(refused("\"" + std::string(1000, '[') + "\""));
    CHECK_FALSE(refused("\"\\\"" + std::string(1000, '[')));
    CHECK(refused("[" + std::string(max_json_values + 1, ',')));
}

TEST_CASE("half a surrogate pair becomes a character of the same size", "[lsp]") {
    const auto mended = [](std::string text) {
        CHECK_FALSE(refuse_json(text));
        return text;
    };
    CHECK(mended(R"("\ud83d\ude00 \u00e9 \n")") == R"("\ud83d\ude00 \u00e9 \n")");
    CHECK(mended(R"("\ud83d")") == R"("\ufffd")");
    CHECK(mended(R"("\ude00\ud83d\ud83d\ude00")") == R"("\ufffd\ufffd\ud83d\ude00")");
    CHECK(mended(R"("\\ud83d")") == R"("\\ud83d")");
    CHECK(mended(R"("\ud83)") == R"("\ud83)");
    CHECK(mended(R"("\u)") == R"("\u)");
    CHECK(mended("\"\\") == "\"\\");
}

#include "compiler/diag/secrecy.hpp"

#include <catch2/catch.hpp>

#include "compiler/diag/render.hpp"

using namespace pvsplan;
using diag::without_secrets;

TEST_CASE("secrecy: a value behind such a word is struck out") {
    CHECK(without_secrets("password: hunter2") == "password: ***");
    CHECK(without_secrets("  Password : \"hun\\\"ter2\" # mine") == "  Password : *** # mine");
    CHECK(without_secrets("{over: winrm, password: hunter2, user: x}") == "{over: winrm, password: ***, user: x}");
    CHECK(without_secrets("{pasword: 'a, b', x: y}") == "{pasword: ***, x: y}");
    CHECK(without_secrets("password:hunter2") == "password:***");
    CHECK(without_secrets("password: \"hunter2") == "password: ***");  // not closed
    CHECK(without_secrets("Server=x;PWD={a;b};Port=1") == "Server=x;PWD=***;Port=1");
    CHECK(without_secrets("unknown key `password:hunter2` in it") == "unknown key `password:***` in it");
    CHECK(without_secrets("password: hun, ter2") == "password: ***");
    CHECK(without_secrets("password: $ecret") == "password: ***");
    CHECK(without_secrets("connect.password: a") == "connect.password: ***");
}

TEST_CASE("secrecy: text that is no secret stays") {
    for (const char* text : {"password: \"${secret.winrm}\"", "password: ${secret.winrm}", "password: {type: secret}",
                             "password: secret", "password: |", "write `password: \"${secret.NAME}\"`",
                             "password:", "user: bob", "path: x", "passes the test: no", "a password in a file"})
        CHECK(without_secrets(text) == text);
}

TEST_CASE("secrecy: no form of a finding shows what was struck out") {
    base::Sources sources;
    const std::string text = "first: 1\npins: [1234, {k: open sesame}] # what\nlast: 2\n";
    const base::FileId file = sources.add("farm.yaml", text);
    const auto at = [&](const std::string& part) { return static_cast<std::uint32_t>(text.find(part)); };
    const std::vector<base::Span> secrets = {{file, at("open"), at("}]")}};
    const diag::Texts texts(sources, secrets);
    diag::Sink sink;
    sink.add({.code = 2035,
              .message = "`open sesame` is not a number",
              .span = {file, at("open"), at("}]")},
              .label_text = "open sesame",
              .related = {{{file, at("pins"), at("pins") + 4}, "see open sesame"}},
              .hints = {"not `open sesame`"},
              .fix = diag::Fix{"write open sesame", {{{file, at("last"), at("last") + 4}, "open sesame"}}}});
    const auto& all = sink.all();
    for (const std::string& shown : {diag::render_text(texts, all[0], {}), diag::render_json(texts, all),
                                     diag::render_github(texts, all), diag::render_sarif(texts, all, "1")}) {
        INFO(shown);
        CHECK(shown.find("sesame") == std::string::npos);
        CHECK(shown.find("***") != std::string::npos);
    }
    // The marks stand below the stars, and what stands behind them is still there.
    const std::string frame = diag::render_text(texts, all[0], {});
    CHECK(frame.find("2 | pins: [1234, {k: ***}] # what\n  |                  ^^^") != std::string::npos);
}

#include "runtime/state/printed_json.hpp"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

namespace pvsplan::state {

TEST_CASE("the JSON of a command is the last whole value that stands as the last lines") {
    for (const char* text :
         {R"({"a": 1})", "[]", "{}", "3", "-1.5e+3", "\"x\"", "null", "true", R"([{"a":[1,{}]},"}"])"}) {
        for (const std::string before : {"", "\xEF\xBB\xBF", "WARNING: {x\n", "[1]\n", "{\"a\": 2}\n", " \r\n"}) {
            const std::string out = before + text + "\r\n\n";
            const PrintedJson printed = printed_json(out);
            CHECK(printed.fault == "");
            CHECK(printed.text == text);
        }
        CHECK(json_fault(text).empty());
    }
    CHECK(printed_json("WARNING: x [1]\n{\n  \"a\": [\n    \"}\"\n  ]\n}\n").text ==
          "{\n  \"a\": [\n    \"}\"\n  ]\n}");
}

TEST_CASE("what is none says what stands there") {
    const auto fault = [](std::string_view out) { return printed_json(out).fault; };
    CHECK(fault("") == "it printed nothing");
    CHECK(fault(" \n") == "it printed nothing");
    CHECK(fault("WARNING: x") == "what it printed is no JSON, byte 0: `WARNING: x`");
    CHECK(fault("{\"a\": 1}\nDone.") == "what it printed is no JSON, byte 9: `Done.`");
    CHECK(fault("x {\"a\": 1}") == "what it printed is no JSON, byte 0: `x {\"a\": 1}`");
    CHECK(fault("W\n{\"a\": \"b") == "what it printed is no JSON, byte 8: `\"b`");
    CHECK(fault("{\"a\":") == "what it printed is no JSON, it ends within a value at byte 5");
    for (const char* wrong : {"{\"a\" 1}", "{a: 1}", "[1,]", "{\"a\":1,}", "01", "1.", "-", "tru", "'x'", "[1}",
                              "{\"a\"}", "{1:2}", "nullx", "\"a\nb\"", "[1 2]", "}", "]{"})
        CHECK_FALSE(fault(wrong).empty());
}

TEST_CASE("a member is a scalar that is there once") {
    const auto at = [](std::string_view json, const std::vector<std::string>& path) { return member_at(json, path); };
    const char* json =
        R"({"file": "/b", "n": 3, "big": 12345678901234567890, "o": {"x": true}, "l": ["p", "q"], "z": null, "d": 1, "d": 2})";
    CHECK(*at(json, {"file"}).value.as_string() == "/b");
    CHECK(*at(json, {"n"}).value.as_integer() == 3);
    CHECK(*at(json, {"big"}).value.as_string() == "12345678901234567890");
    CHECK(*at(json, {"o", "x"}).value.as_boolean());
    CHECK(*at(json, {"l", "1"}).value.as_string() == "q");
    CHECK(at(json, {"l", "2"}).fault == "there is no `2`: it is a list of 2");
    CHECK(at(json, {"File"}).fault == "there is no `File`; did you mean `file`?");
    CHECK(at(json, {"zzzzzz"}).fault == "there is no `zzzzzz`; its members are `file`, `n`, `big`, `o`, `l`, `z`, …");
    CHECK(at(json, {"z"}).fault == "`z` is null");
    CHECK(at(json, {"o"}).fault == "`o` is an object");
    CHECK(at(json, {"d"}).fault == "`d` is there twice");
    CHECK(at("3", {"x"}).fault == "there is no `x`: it is a single value");
}

// Nesting as deep as the text is long, and a bracket on every line, must not cost more than the text.
TEST_CASE("JSON is looked for in linear time") {
    std::string deep;
    for (int i = 0; i < 300'000; ++i) deep += "[\n";
    CHECK_FALSE(printed_json(deep).fault.empty());
    for (int i = 0; i < 300'000; ++i) deep += "]\n";
    CHECK(printed_json("x\n" + deep).fault == "");
}

TEST_CASE("JSON is what another reader takes for JSON: each text of four parts") {
    const std::vector<std::string> parts = {"{", "}", "[", "]", ",", ":", "\"a\"", "\"",   "1",
                                            "0", "-", ".", "e", "+", " ", "null",  "true", "\\"};
    std::size_t good = 0;
    const std::size_t n = parts.size();
    for (std::size_t i = 0; i < n * n * n * n; ++i) {
        const std::string text = parts[i % n] + parts[i / n % n] + parts[i / n / n % n] + parts[i / n / n / n];
        const bool is_json = nlohmann::json::accept(text);
        good += is_json ? 1 : 0;
        if (json_fault(text).empty() != is_json) FAIL(text);
    }
    CHECK(good > 400);
    for (const char* text :
         {"{\"a\": [1, {\"b\": -0.5E-7}, []], \"c\": \"\\\"\\n\\u0aF9\"}", "[[[]],{}]", "1e5", "-0", "1.5"}) {
        const std::string whole = text;
        CHECK(json_fault(whole).empty());
        for (std::size_t at = 0; at < whole.size(); ++at) {
            const std::string without = whole.substr(0, at) + whole.substr(at + 1);
            INFO(without);
            CHECK(json_fault(without).empty() == nlohmann::json::accept(without));
        }
    }
}

}  // namespace pvsplan::state

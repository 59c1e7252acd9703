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
    for (const char* cut : {"[\n  {\"a\": 1},\n  {\"a\": 2}", "[\n{\"a\": 1}", "[1,\n2", "[\"x\",\n\"y\"\n",
                            "{\"a\":\n{\"b\": 1}", "W\n{\"l\": [\n  [],\n  []", "{\n\"a\": [],\n\"b\":\n3"})
        CHECK(fault(cut).find("it ends within a value") != std::string::npos);
    for (const char* before : {"WARNING: a, b,\n", "WARNING: this is what there is:\n", "Transcript {\n"})
        CHECK(fault(before + std::string("{\"a\": 1}")).empty());
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
    CHECK(at(json, {"zzzzzz"}).fault ==
          "there is no `zzzzzz`; its members are `file`, `n`, `big`, `o`, `l`, `z` and 2 more");
    CHECK(at(json, {"z"}).fault == "`z` is null");
    CHECK(at(json, {"o"}).fault == "`o` is an object");
    CHECK(at(json, {"l"}).fault == "`l` is a list");
    CHECK(at("[]", {}).fault == "it is a list");
    CHECK(at(R"({"a1":1,"a2":1,"a3":1,"a4":1,"a5":1,"a6":1})", {"zzzz"}).fault ==
          "there is no `zzzz`; its members are `a1`, `a2`, `a3`, `a4`, `a5`, `a6`");
    CHECK(at(json, {"d"}).fault == "`d` is there twice");
    CHECK(at("3", {"x"}).fault == "there is no `x`: it is a single value");
}

TEST_CASE("what stands behind the end of a text is no part of it") {
    for (const std::string whole : {R"({"a": [1, {"b": -0.5E-7}, []], "c": "\"\n\u0aF9", "d": {}})", "[[], {}]",
                                    "[1.25]", "[-10e+5,true,false,null]", "[\"\"]"})
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            const std::string part = whole.substr(0, size);
            INFO(part);
            CHECK(json_fault(std::string_view(whole).substr(0, size)).empty() == nlohmann::json::accept(part));
        }
    CHECK(json_fault("false").empty());
}

TEST_CASE("a fault shows some of what stands there, and no half of a character") {
    CHECK(json_fault(std::string(40, 'x')) == "byte 0: `" + std::string(40, 'x') + "`");
    CHECK(json_fault(std::string(41, 'x')) == "byte 0: `" + std::string(40, 'x') + "…`");
    CHECK(json_fault(std::string(39, 'x') + "äx") == "byte 0: `" + std::string(39, 'x') + "…`");
    CHECK(json_fault(std::string(50, '\x80')) == "byte 0: `…`");
    CHECK(json_fault("x\ny") == "byte 0: `x`");
}

TEST_CASE("brackets and quotes in the lines before are no part of the value") {
    CHECK(printed_json("C:\\[x\n{\"a\": \"\\\\\"}").text == "{\"a\": \"\\\\\"}");
    CHECK(printed_json("{\n\"a\": \"]\\\"}\"\n}").text == "{\n\"a\": \"]\\\"}\"\n}");
    CHECK(printed_json("{\"a\":\n \"b\" , \"c\" : [ ]\n}").fault.empty());
    CHECK(printed_json("]\n[1]").text == "[1]");
    CHECK(printed_json("x\n\n]").fault == "what it printed is no JSON, byte 0: `x`");
}

// Nesting as deep as the text is long, and a bracket on every line, must not cost more than the text.
TEST_CASE("JSON is looked for in linear time") {
    std::string deep;
    for (int i = 0; i < 300'000; ++i) deep += "[\n";
    CHECK_FALSE(printed_json(deep).fault.empty());
    for (int i = 0; i < 300'000; ++i) deep += "]\n";
    CHECK(printed_json("x\n" + deep).fault == "");
}

TEST_CASE("JSON is what another reader takes for JSON: each text of a few parts") {
    const auto check = [](const std::string& text) {
        const bool is_json = nlohmann::json::accept(text);
        if (json_fault(text).empty() != is_json) FAIL(text);
        return is_json;
    };
    std::size_t good = 0;
    const std::vector<std::string> brackets = {"{", "}", "[", "]", ",", ":", "\"a\"", "1"};
    for (const auto& a : brackets)
        for (const auto& b : brackets)
            for (const auto& c : brackets)
                for (const auto& d : brackets) good += check("[" + a + b + c + d) ? 1 : 0;
    const std::vector<std::string> scalars = {"\"", "\\", "1", "0", "-", ".", "e", "+", " ", "null", "true", "]", ""};
    for (const auto& a : scalars)
        for (const auto& b : scalars)
            for (const auto& c : scalars) good += check(a + b + c) && check("[" + a + b + c + "]") ? 1 : 0;
    for (char c = ' '; c < '\x7f'; ++c)
        for (const char* after : {"\"", "0123\"", "0g23\"", "123\"", "0123"})
            good += check("\"\\" + std::string(1, c) + after) ? 1 : 0;
    CHECK(good > 100);
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

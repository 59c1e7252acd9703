// PowerShell's text is taken apart here by means of its own: another base64, another UTF-16, JSON by a library.
#include "runtime/transport/powershell.hpp"

#include <nlohmann/json.hpp>

#include "runtime/transport/scripts.hpp"
#include "runtime/transport/windows_job.hpp"
#include "runtime/transport/wsman.hpp"
#include "tests/unit/transport/jobs.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;

namespace {

std::string decoded(const std::string& text) {
    static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    REQUIRE(text.size() % 4 == 0);
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 4) {
        unsigned long three = 0;
        int padding = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            if (text[i + k] == '=') ++padding;
            const auto digit = text[i + k] == '=' ? 0 : digits.find(text[i + k]);
            if (digit == std::string::npos) FAIL("not base64: " << text[i + k]);
            three = three * 64 + digit;
        }
        bytes += static_cast<char>(three / 65536);
        if (padding < 2) bytes += static_cast<char>(three / 256 % 256);
        if (padding < 1) bytes += static_cast<char>(three % 256);
    }
    return bytes;
}

// The n-th 'quoted' text that is given to Read-PvsplanText.
std::string given(const std::string& script, int n) {
    std::size_t at = 0;
    for (int i = 0; i <= n; ++i) at = script.find("Read-PvsplanText '", at) + 18;
    return decoded(script.substr(at, script.find('\'', at) - at));
}

// Splits a command line as the documentation of CommandLineToArgvW says.
std::vector<std::string> parsed(const std::string& line) {
    std::vector<std::string> result;
    std::size_t at = 0;
    while (true) {
        while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
        if (at == line.size()) return result;
        std::string argument;
        bool is_quoted = false;
        while (at < line.size() && (is_quoted || (line[at] != ' ' && line[at] != '\t'))) {
            std::size_t slashes = 0;
            while (at < line.size() && line[at] == '\\') ++slashes, ++at;
            if (at < line.size() && line[at] == '"') {
                argument.append(slashes / 2, '\\');
                if (slashes % 2 == 1)
                    argument += '"';
                else
                    is_quoted = !is_quoted;
                ++at;
            } else {
                argument.append(slashes, '\\');
                if (slashes == 0 && at < line.size()) argument += line[at++];
            }
        }
        result.push_back(argument);
    }
}

std::string utf8_of(const std::string& utf16) {
    std::string out;
    for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
        const auto unit = [&](std::size_t at) {
            return static_cast<unsigned>(static_cast<unsigned char>(utf16[at]) +
                                         256U * static_cast<unsigned char>(utf16[at + 1]));
        };
        unsigned point = unit(i);
        if (point >= 0xd800 && point < 0xdc00) {
            point = 0x10000 + (point - 0xd800) * 1024 + unit(i + 2) - 0xdc00;
            i += 2;
        }
        if (point < 0x80)
            out += static_cast<char>(point);
        else if (point < 0x800)
            out += {static_cast<char>(192 + point / 64), static_cast<char>(128 + point % 64)};
        else if (point < 0x10000)
            out += {static_cast<char>(224 + point / 4096), static_cast<char>(128 + point / 64 % 64),
                    static_cast<char>(128 + point % 64)};
        else
            out += {static_cast<char>(240 + point / 262144), static_cast<char>(128 + point / 4096 % 64),
                    static_cast<char>(128 + point / 64 % 64), static_cast<char>(128 + point % 64)};
    }
    return out;
}

// nasty_text as a plan can hold it: UTF-8.
std::string nasty_utf8(std::mt19937& random, std::size_t size) {
    return utf8_of(transport::utf16le(nasty_text(random, size)));
}

}  // namespace

TEST_CASE("powershell: script and data arrive byte for byte, in text that is ASCII") {
    std::mt19937 random(11);
    for (int i = 0; i < 60; ++i) {
        const auto value = nasty_utf8(random, i % 20 == 0 ? 100'000 : 200);
        const auto body = nasty_utf8(random, 300);
        const auto data = nlohmann::json{{"With", {{"text", value}}}}.dump();
        const auto text = transport::powershell_file(body, data);
        REQUIRE(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 127; }));
        REQUIRE(given(text, 0) == data);
        REQUIRE(given(text, 1) == body);
        REQUIRE(decoded(transport::base64(value)) == value);
        REQUIRE(transport::from_base64(transport::base64(value)) == value);
        REQUIRE(utf8_of(transport::utf16le(value)) == value);
        REQUIRE(nlohmann::json::parse(decoded(transport::powershell_secrets({{"s", value}})))["s"] == value);
    }
}

TEST_CASE("powershell: invalid UTF-8 becomes the replacement character") {
    CHECK(utf8_of(transport::utf16le("a\xff"
                                     "b")) ==
          "a\xef\xbf\xbd"
          "b");
    CHECK(utf8_of(transport::utf16le("\xed\xa0\x80")) == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a lone surrogate
    CHECK(utf8_of(transport::utf16le("\xc0\x80")) == "\xef\xbf\xbd\xef\xbf\xbd");                  // overlong
    CHECK(utf8_of(transport::utf16le("\xf0\x9f\x98")) == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // cut
}

TEST_CASE("windows: a command line is taken apart into just its arguments") {
    std::mt19937 random(12);
    for (int i = 0; i < 400; ++i) {
        std::vector<std::string> arguments = {"setup.exe"};
        for (int k = 0; k < 4; ++k) {
            std::string argument;
            std::uniform_int_distribution<int> size(0, 12);
            std::uniform_int_distribution<std::size_t> which(0, 9);
            for (int n = size(random); n > 0; --n) argument += std::string("a\\\" \t'%$&x")[which(random)];
            arguments.push_back(argument);
        }
        const auto line = transport::windows_command_line(arguments);
        REQUIRE(line.ok());
        REQUIRE(parsed(*line) == std::vector<std::string>(arguments.begin() + 1, arguments.end()));
    }
    CHECK(*transport::windows_command_line({"setup.exe", "/s", "/v/qn REBOOT=R", "C:\\Program Files\\"}) ==
          R"(/s "/v/qn REBOOT=R" "C:\Program Files\\")");
}

TEST_CASE("windows: arguments that cmd.exe would parse again are refused for a batch file") {
    CHECK(transport::windows_command_line({"x.bat", "plain", "C:\\dir with spaces"}).ok());
    CHECK_FALSE(transport::windows_command_line({"X.CMD", "a&calc"}).ok());
    CHECK_FALSE(transport::windows_command_line({"x.bat", "%PATH%"}).ok());
    CHECK(transport::windows_command_line({"x.exe", "a&calc"}).ok());
    CHECK_FALSE(transport::windows_command_line({"x.exe", std::string(40'000, 'x')}).ok());
    CHECK_FALSE(transport::windows_command_line({"x.exe", std::string("a\0b", 3)}).ok());
}

TEST_CASE("windows: a question is one line of ASCII that says how long it is") {
    std::mt19937 random(13);
    const auto argument = nasty_utf8(random, 2000);
    auto job = command("r1-s1-1", {"tool.exe", argument});
    job.secrets["key"] = "h\xc3\xbcsh";
    const auto ask = transport::windows_ask(job, transport::WindowsAsk::start, "", {"old-1"});
    REQUIRE(ask.ok());
    CHECK(ask->ends_with("\r\n"));
    const auto space = ask->find(' ');
    const auto encoded = ask->substr(space + 1, ask->size() - space - 3);
    CHECK(std::stoul(*ask) == encoded.size());
    const auto script = decoded(encoded);
    CHECK(script.ends_with(std::string(transport::windows_ask_script())));
    const auto from = script.find("FromBase64String('") + 18;
    const auto json = nlohmann::json::parse(decoded(script.substr(from, script.find('\'', from) - from)));
    CHECK(parsed(json["arguments"].get<std::string>()) == std::vector<std::string>{argument});
    CHECK(json["file"] == "tool.exe");
    CHECK(json["old"][0] == "old-1");
    CHECK(nlohmann::json::parse(json["secrets"].get<std::string>())["PVSPLAN_SECRET_key"] == "h\xc3\xbcsh");
    // the encoded command is far below what cmd.exe takes
    std::size_t size = 0;
    for (const auto& word : transport::windows_loader()) size += word.size() + 1;
    CHECK(size < 2000);
    CHECK_FALSE(transport::windows_ask(command("k", {"x", "\xff"}), transport::WindowsAsk::observe, "", {}).ok());
}

TEST_CASE("windows: claims, inspection and kill of jobs are asked and understood") {
    auto job = command("r1-s1-1", {"tool.exe"});
    job.place = "a1 uid=S-1 machine=m folder=C:\\x";
    job.timeout_ms = 61'000;
    job.claim = ports::Claim{.farm = "contoso", .run = "r1", .token = 7, .owner = "{}", .instead_of = "r0 6 {}"};
    const auto asked = [&](transport::WindowsAsk what, transport::Sent sent = transport::Sent::first) {
        const auto ask = transport::windows_ask(job, what, "", {}, sent);
        const auto space = ask->find(' ');
        const auto script = decoded(ask->substr(space + 1, ask->size() - space - 3));
        const auto from = script.find("FromBase64String('") + 18;
        return nlohmann::json::parse(decoded(script.substr(from, script.find('\'', from) - from)));
    };
    const auto start = asked(transport::WindowsAsk::start);
    CHECK(start["ask"] == "start");
    CHECK(start["again"] == false);
    CHECK(start["claim"] == "r1 7 {}");
    CHECK(start["claim_run"] == "r1");
    CHECK(start["claim_token"] == 7);
    CHECK(start["instead_of"] == "r0 6 {}");
    CHECK(start["limit"] == 0);
    const auto kill = asked(transport::WindowsAsk::kill, transport::Sent::again);
    CHECK(kill["ask"] == "kill");
    CHECK(kill["again"] == true);
    CHECK(kill["place"] == job.place);
    CHECK_FALSE(kill.contains("runner"));
    CHECK(asked(transport::WindowsAsk::look)["ask"] == "look");
    CHECK(asked(transport::WindowsAsk::claim)["ask"] == "claim");
    CHECK(asked(transport::WindowsAsk::release)["ask"] == "release");
    CHECK(asked(transport::WindowsAsk::observe)["limit"] == 61);

    using Reply = transport::WindowsReply;
    const auto reply = [](const char* json) {
        return *transport::read_windows_reply("pvsplan " + transport::base64(json));
    };
    CHECK(reply(R"({"is":"killed"})").type == Reply::Type::killed);
    CHECK(reply(R"({"is":"unsure","text":"t"})").type == Reply::Type::unsure);
    CHECK(reply(R"({"is":"elsewhere","text":"t"})").type == Reply::Type::elsewhere);
    CHECK(reply(R"({"is":"claimed","text":"t","err":"e"})").err == "e");
    CHECK(reply(R"({"is":"held","text":"r1 7 {}"})").type == Reply::Type::held);
    const auto cut = reply(
        R"({"is":"ended","status":1,"out":"a\nb","out_tail":"c\nd\n","out_between":10,"err":"e","err_tail":"","err_between":0})");
    CHECK(cut.out == "a\n[13 bytes of this output were dropped here]\nd\n");
    CHECK(cut.err == "e");
    CHECK(cut.dropped == 13);
}

TEST_CASE("windows: braces, brackets and quotes of our scripts are in balance") {
    for (const std::string& text :
         {transport::windows_ask_script(), transport::windows_runner_script(), transport::windows_loader_script()}) {
        std::string open;
        char quote = '\0';
        bool is_comment = false;
        for (const char c : text) {
            if (is_comment) {
                is_comment = c != '\n';
            } else if (quote != '\0') {
                if (c == quote) quote = '\0';
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '#') {
                is_comment = true;
            } else if (c == '{' || c == '(' || c == '[') {
                open += c;
            } else if (c == '}' || c == ')' || c == ']') {
                REQUIRE_FALSE(open.empty());
                REQUIRE(open.back() == (c == '}' ? '{' : c == ')' ? '(' : '['));
                open.pop_back();
            }
        }
        CHECK(open.empty());
        CHECK(quote == '\0');
    }
}

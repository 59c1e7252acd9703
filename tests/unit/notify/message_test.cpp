// What a notification says to each receiver: whatever people wrote is text there, and no markup, head or line of its
// own.
#include "runtime/notify/message.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "runtime/transport/wsman.hpp"

namespace pvsplan::notify {
namespace {

const std::string content =
    R"({"run":"R1","farm":"contoso","plan":"roll\r\nBcc: <eve@x>","state":"waiting","message":"the run waits",)"
    R"("step":"look","asked":"a","steps":[{"step":"look","is":"approval","text":"*bold* <@here> & \"é\""}],)"
    R"("more":3,"host":"ws","by":"anna","at":"2026-01-01T00:00:00Z","next":"pvsplan approve R1 'look'"})";

}  // namespace

TEST_CASE("message: its parts, and what a command finds in its environment") {
    const Message message = read_message(content);
    CHECK(message.title == "contoso: roll  Bcc: <eve@x> waits for a person");
    CHECK(message.lines == std::vector<std::string>{"the run waits", "look: *bold* <@here> & \"é\"", "and 3 more",
                                                    "run R1, by anna on ws"});
    CHECK(message.next == "pvsplan approve R1 'look'");
    CHECK(message.environment == std::vector<std::string>{"PVSPLAN_RUN=R1", "PVSPLAN_FARM=contoso",
                                                          "PVSPLAN_PLAN=roll  Bcc: <eve@x>", "PVSPLAN_STATE=waiting",
                                                          "PVSPLAN_STEP=look"});
    CHECK(read_message(R"({"farm":"f","plan":"p","state":"done"})").title == "f: p has ended");
    CHECK(read_message(R"({"farm":"f","plan":"p","state":"doubt"})").title == "f: p is in doubt");
    CHECK(read_message(R"({"farm":"f","plan":"p","state":"failed"})").title == "f: p has failed");
    CHECK(read_message("no json").lines == std::vector<std::string>{"no json"});
}

TEST_CASE("message: Slack reads text, in which nothing is markup") {
    const auto json = nlohmann::json::parse(slack_json(read_message(content)));
    CHECK(json["mrkdwn"] == false);
    CHECK(json["text"] ==
          "contoso: roll  Bcc: &lt;eve@x&gt; waits for a person\nthe run waits\nlook: *bold* &lt;@here&gt; &amp; "
          "\"é\"\nand 3 more\nrun R1, by anna on ws\n\n$ pvsplan approve R1 'look'");
}

TEST_CASE("message: Teams reads an adaptive card of plain runs of text") {
    const auto json = nlohmann::json::parse(teams_json(read_message(content)));
    REQUIRE(json["attachments"].size() == 1);
    CHECK(json["type"] == "message");
    CHECK(json["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive");
    const auto& card = json["attachments"][0]["content"];
    CHECK(card["type"] == "AdaptiveCard");
    std::string text;
    for (const auto& block : card["body"]) {
        CHECK(block["type"] == "RichTextBlock");
        CHECK(block["inlines"][0]["type"] == "TextRun");
        text += block["inlines"][0]["text"].get<std::string>() + "|";
    }
    CHECK(text ==
          "contoso: roll  Bcc: <eve@x> waits for a person|the run waits|look: *bold* <@here> & \"é\"|and 3 more|run "
          "R1, by anna on ws|pvsplan approve R1 'look'|");
}

TEST_CASE("message: a mail has one head, whatever stands in a name") {
    const program::Notify how{.channel = program::Notify::Channel::mail, .to = {"a@b", "c@d"}, .from = "e@f"};
    Message message = read_message(content);
    message.title += " – für alle, die es angeht, und auch für die anderen";
    const std::string mail = mail_text(message, how, "Thu, 26 Nov 2026 17:00:00 +0000");
    const std::size_t end = mail.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    const std::string head = mail.substr(0, end);
    CHECK(
        head.starts_with("Date: Thu, 26 Nov 2026 17:00:00 +0000\r\nFrom: <e@f>\r\nTo: <a@b>,\r\n <c@d>\r\nSubject: "));
    CHECK(head.find("\r\nBcc") == std::string::npos);
    const program::Notify forged{
        .channel = program::Notify::Channel::mail, .to = {"a@b>\r\nBcc: <x@y"}, .from = "e@f>\r\nBcc: <x@y"};
    CHECK(mail_text(message, forged, "").find("\nBcc") == std::string::npos);
    CHECK(std::all_of(mail.begin(), mail.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
    std::string subject;
    for (std::size_t at = head.find("=?utf-8?B?"); at != std::string::npos; at = head.find("=?utf-8?B?", at + 1)) {
        const std::string word = head.substr(at + 10, head.find("?=", at) - at - 10);
        CHECK(word.size() + 12 <= 75);
        subject += transport::from_base64(word);
    }
    CHECK(subject == message.title);
    const std::string body = transport::from_base64(mail.substr(end));
    CHECK(body ==
          "the run waits\nlook: *bold* <@here> & \"é\"\nand 3 more\nrun R1, by anna on ws\n\n$ pvsplan approve R1 "
          "'look'\n");
}

}  // namespace pvsplan::notify

#include "runtime/notify/message.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/base/digest.hpp"
#include "compiler/base/utf8.hpp"
#include "runtime/transport/powershell.hpp"

namespace pvsplan::notify {

namespace {

using Json = nlohmann::ordered_json;
using transport::base64;

// Empty where it is not there or is no text: content may be of another version.
std::string text_in(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string state_in_words(const std::string& state) {
    if (state == "waiting") return "waits for a person";
    if (state == "failed") return "has failed";
    return state == "doubt" ? "is in doubt" : "has ended";
}

// What would end a line of a head, or steer a terminal, is a blank.
std::string on_one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return text;
}

// A word of a mail's head. Bytes beyond ASCII are encoded (RFC 2047), in pieces that fit and do not cut a character: 42
// bytes are 56 characters of base64, and the word stays below the 75 that it may have.
std::string encoded_word(const std::string& text) {
    if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return text;
    static constexpr std::size_t piece = 42;
    std::string words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::max(base::cut_before(text, at + piece), at + 1);  // goes on whatever the bytes are
        words += (words.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") + base64(text.substr(at, end - at)) + "?=";
        at = end;
    }
    return words;
}

std::string plain_text(const Message& message) {
    std::string text;
    for (const std::string& line : message.lines) text += line + "\n";
    if (!message.next.empty()) text += "\n$ " + message.next + "\n";
    return text;
}

// Rich text is shown as it is; a plain block would be read as Markdown.
Json paragraph(const std::string& text, Json look) {
    look["type"] = "TextRun";
    look["text"] = text;
    return {{"type", "RichTextBlock"}, {"inlines", Json::array({std::move(look)})}};
}

}  // namespace

// Content that is no JSON is told as it is, so that nothing is lost. Values of variables are on one line and hold no
// NUL, which ends one.
Message read_message(const std::string& content) {
    const Json json = Json::parse(content, nullptr, false);
    if (!json.is_object()) return {.title = "a run of pvsplan", .lines = {content}};
    const std::string state = text_in(json, "state");
    const std::string plan = text_in(json, "plan");
    Message message{.title = on_one_line(text_in(json, "farm") + ": " + plan + " " + state_in_words(state)),
                    .lines = {text_in(json, "message")},
                    .next = text_in(json, "next")};
    if (const auto steps = json.find("steps"); steps != json.end() && steps->is_array())
        for (const Json& step : *steps) {
            const std::string text = text_in(step, "text");
            message.lines.push_back(text_in(step, "step") + (text.empty() ? "" : ": " + text));
        }
    if (const auto more = json.find("more"); more != json.end() && more->is_number_unsigned() && *more > 0)
        message.lines.push_back("and " + std::to_string(more->get<std::uint64_t>()) + " more");
    message.lines.push_back("run " + text_in(json, "run") + ", by " + text_in(json, "by") + " on " +
                            text_in(json, "host"));
    const auto variable = [&](const char* name, const std::string& value) {
        message.environment.push_back(std::string(name) + "=" + on_one_line(value));
    };
    variable("PVSPLAN_RUN", text_in(json, "run"));
    variable("PVSPLAN_FARM", text_in(json, "farm"));
    variable("PVSPLAN_PLAN", plan);
    variable("PVSPLAN_STATE", state);
    variable("PVSPLAN_STEP", text_in(json, "step"));
    return message;
}

// An Adaptive Card, as workflows of Teams take it.
std::string teams_json(const Message& message) {
    Json body = Json::array({paragraph(message.title, {{"weight", "Bolder"}, {"size", "Medium"}})});
    for (const std::string& line : message.lines) body.push_back(paragraph(line, Json::object()));
    if (!message.next.empty()) body.push_back(paragraph(message.next, {{"fontType", "Monospace"}}));
    const Json card = {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                       {"type", "AdaptiveCard"},
                       {"version", "1.4"},
                       {"body", std::move(body)}};
    const Json json = {
        {"type", "message"},
        {"attachments",
         Json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", card}}})}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Slack wants `&`, `<` and `>` escaped in every text: a `<!channel>` that somebody wrote calls nobody.
std::string slack_json(const Message& message) {
    std::string text;
    for (const char c : message.title + "\n" + plain_text(message)) {
        if (c == '&')
            text += "&amp;";
        else if (c == '<')
            text += "&lt;";
        else if (c == '>')
            text += "&gt;";
        else
            text += c;
    }
    while (text.ends_with('\n')) text.pop_back();
    const Json json = {{"text", text}, {"mrkdwn", false}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The body is base64, so that no line of it can end the mail or be a head. The id comes from what is said, so that the
// same mail sent twice is one to its receiver.
std::string mail_text(const Message& message, const program::Notify& how, const std::string& at) {
    std::string to;
    for (const std::string& one : how.to) to += (to.empty() ? "<" : ",\r\n <") + on_one_line(one) + ">";
    const std::string body = base64(plain_text(message));
    static constexpr std::size_t id_length = 32;
    std::string text = "Date: " + at + "\r\nFrom: <" + on_one_line(how.from) + ">\r\nTo: " + to +
                       "\r\nSubject: " + encoded_word(message.title) + "\r\nMessage-ID: <" +
                       base::sha256_hex(at + body + to).substr(0, id_length) + "@pvsplan>\r\n" +
                       "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                       "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    static constexpr std::size_t line = 76;
    for (std::size_t begin = 0; begin < body.size(); begin += line) text += body.substr(begin, line) + "\r\n";
    return text;
}

}  // namespace pvsplan::notify

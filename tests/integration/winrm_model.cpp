#include "tests/integration/winrm_model.hpp"

#include <vector>

#include "runtime/transport/powershell.hpp"

namespace pvsplan::integration {

namespace {

std::string envelope(const std::string& body) {
    return "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
           "xmlns:rsp=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell\"><s:Body>" +
           body + "</s:Body></s:Envelope>";
}

// Splits the output into pieces, as a server does.
Response ended(const std::string& command, const std::string& printed, int status) {
    std::string streams;
    for (std::size_t i = 0; i < printed.size(); i += 1000) {
        streams += "<rsp:Stream Name=\"stdout\" CommandId=\"" + command + "\">" +
                   transport::base64(printed.substr(i, 1000)) + "</rsp:Stream>";
    }
    return {.body = envelope("<rsp:ReceiveResponse>" + streams + "<rsp:CommandState CommandId=\"" + command +
                             "\" State=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done\">"
                             "<rsp:ExitCode>" +
                             std::to_string(status) + "</rsp:ExitCode></rsp:CommandState></rsp:ReceiveResponse>")};
}
}  // namespace

std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const auto from = text.find(before);
    if (from == std::string::npos) return {};
    return text.substr(from + before.size(), text.find(after, from + before.size()) - from - before.size());
}

std::string action_of(const std::string& request) {
    const auto action = between(between(request, "<wsa:Action", "</wsa:Action>") + "<", ">", "<");
    return action.substr(action.rfind('/') + 1);
}

std::string plain_base64(const std::string& text) {
    static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    std::vector<std::size_t> four;
    for (const char c : text) {
        if (c == '=') break;
        const auto digit = digits.find(c);
        if (digit == std::string::npos) FAIL("not base64");
        four.push_back(digit);
        if (four.size() == 2) bytes += static_cast<char>(four[0] * 4 + four[1] / 16);
        if (four.size() == 3) bytes += static_cast<char>(four[1] % 16 * 16 + four[2] / 4);
        if (four.size() == 4) bytes += static_cast<char>(four[2] % 4 * 64 + four[3]);
        if (four.size() == 4) four.clear();
    }
    return bytes;
}

Response ModelHost::answer(const Request& request) {
    log += request.body;
    const auto action = action_of(request.body);
    if (status_401 > 0) {
        --status_401;
        return {.status = 401, .headers = {"WWW-Authenticate: Basic realm=\"WSMAN\""}};
    }
    const auto done = act(action, request.body);
    if (vanish_at == action) {
        vanish_at.clear();
        return {.then = Response::Then::vanish};
    }
    return done;
}

Response ModelHost::act(const std::string& action, const std::string& body) {
    const auto command = between(body, "CommandId=\"", "\"");
    if (action == "Create") {
        ++shells;
        return {.body = envelope("<rsp:Shell><rsp:ShellId>SHELL</rsp:ShellId></rsp:Shell>")};
    }
    if (action == "Command") {
        loader = between(body, "-EncodedCommand</rsp:Arguments><rsp:Arguments>", "<");
        return {.body = envelope("<rsp:CommandResponse><rsp:CommandId>C" + std::to_string(++commands) +
                                 "</rsp:CommandId></rsp:CommandResponse>")};
    }
    if (action == "Send") {
        input[command] += plain_base64(between(body, "Name=\"stdin\">", "<"));
        return {.body = envelope("<rsp:SendResponse/>")};
    }
    if (action == "Receive") return receive(command);
    if (action == "Delete") --shells;
    return {.body = envelope("")};
}

Response ModelHost::receive(const std::string& command) {
    auto text = input.at(command);
    text = text.substr(0, text.find_last_not_of("\r\n") + 1);
    const auto space = text.find(' ');
    // A message that the client's library sent again, since its connection broke: the loader does not take that.
    if (std::stoul(text.substr(0, space)) != text.size() - space - 1) return ended(command, "", 99);
    const auto script = plain_base64(text.substr(space + 1));
    last = nlohmann::json::parse(plain_base64(between(script, "FromBase64String('", "')")));
    return ended(command, "noise of a profile\r\npvsplan " + transport::base64(reply_to(last).dump()) + "\r\n", 0);
}

nlohmann::json ModelHost::reply_to(const nlohmann::json& ask) {
    const std::string key = ask["key"];
    for (const auto& old : ask["old"]) jobs.erase(old.get<std::string>());
    const nlohmann::json ended = {{"is", "ended"}, {"status", 3010}, {"out", "done \xc3\xbc\r\n"}, {"err", ""}};
    if (ask["ask"] == "observe") return ended;
    if (!jobs.contains(key) || (jobs[key].begun.empty() && ask["ask"] == "start")) {
        jobs[key] = {.begun = ask["ask"] == "start" ? "1 2" : ""};
        if (ask["ask"] == "start") ++ran[key];
    }
    auto& job = jobs[key];
    if (job.begun.empty()) return {{"is", "unknown"}};
    if (++job.asked < until_done) return {{"is", "running"}, {"text", "\nworking\n"}};
    return ended;
}

}  // namespace pvsplan::integration

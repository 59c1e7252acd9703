#include "runtime/transport/wsman.hpp"

#include <array>
#include <charconv>
#include <pugixml.hpp>
#include <random>
#include <sstream>

#include "runtime/transport/powershell.hpp"

namespace pvsplan::transport {

namespace {

constexpr const char* shell_uri = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell";

// An envelope with the header that all messages share.
struct Envelope {
    pugi::xml_document document;
    pugi::xml_node header;
    pugi::xml_node body;

    Envelope(const WsmanSession& session, const std::string& action);
    // Texts are escaped by pugixml: nothing that is passed can become markup.
    pugi::xml_node add(pugi::xml_node into, const char* name, std::string_view text = {}) const {
        auto node = into.append_child(name);
        if (!text.empty()) node.text().set(std::string(text).c_str());
        return node;
    }
    void must(pugi::xml_node node) const { node.append_attribute("s:mustUnderstand") = "true"; }
    void language(const char* name) const {
        auto node = add(header, name);
        node.append_attribute("s:mustUnderstand") = "false";
        node.append_attribute("xml:lang") = "en-US";
    }
    void option(const char* name, const char* value) const {
        auto set = header.child("wsman:OptionSet");
        if (!set) must(set = add(header, "wsman:OptionSet"));
        add(set, "wsman:Option", value).append_attribute("Name") = name;
    }
    void select(std::string_view shell) const {
        add(add(header, "wsman:SelectorSet"), "wsman:Selector", shell).append_attribute("Name") = "ShellId";
    }
    [[nodiscard]] std::string text() const {
        std::ostringstream out;
        document.save(out, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
        return out.str();
    }
};

// The header that MS-WSMV wants of every message; what a host must understand is marked so, languages are not.
Envelope::Envelope(const WsmanSession& session, const std::string& action) {
    auto root = document.append_child("s:Envelope");
    root.append_attribute("xmlns:rsp") = shell_uri;
    root.append_attribute("xmlns:s") = "http://www.w3.org/2003/05/soap-envelope";
    root.append_attribute("xmlns:wsa") = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    root.append_attribute("xmlns:wsman") = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
    root.append_attribute("xmlns:wsmv") = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";
    header = root.append_child("s:Header");
    must(add(header, "wsa:Action", action));
    language("wsmv:DataLocale");
    language("wsman:Locale");
    must(add(header, "wsman:MaxEnvelopeSize", std::to_string(session.max_envelope)));
    add(header, "wsa:MessageID", new_uuid());
    add(header, "wsman:OperationTimeout", "PT" + std::to_string(session.operation_timeout_s) + "S");
    must(add(add(header, "wsa:ReplyTo"), "wsa:Address",
             "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"));
    must(add(header, "wsman:ResourceURI", std::string(shell_uri) + "/cmd"));
    add(header, "wsmv:SessionId", session.id).append_attribute("s:mustUnderstand") = "false";
    add(header, "wsa:To", session.url);
    body = root.append_child("s:Body");
}

// Hosts choose prefixes of namespaces as they like, so only what stands behind the colon counts.
std::string_view local(const char* name) {
    const std::string_view text = name;
    const auto colon = text.find(':');
    return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

// The first child of that name; an empty node, of which everything is empty, where there is none.
pugi::xml_node child(pugi::xml_node of, std::string_view name) {
    for (const auto node : of.children()) {
        if (local(node.name()) == name) return node;
    }
    return {};
}

std::string attribute(pugi::xml_node of, std::string_view name) {
    for (const auto one : of.attributes()) {
        if (local(one.name()) == name) return one.value();
    }
    return {};
}

// 0 for what is no number.
template <class Number>
Number number_of(std::string_view text) {
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// An answer may hold several pieces of both streams, and beside them whether the command is done.
void read_receive(pugi::xml_node response, WsmanAnswer& answer) {
    for (const auto node : response.children()) {
        const auto name = local(node.name());
        if (name == "Stream") {
            const auto which = attribute(node, "Name");
            (which == "stderr" ? answer.err : answer.out) += from_base64(node.text().get());
        } else if (name == "CommandState") {
            answer.is_done = attribute(node, "State").ends_with("/CommandState/Done");
            answer.exit_status = number_of<std::int64_t>(child(node, "ExitCode").text().get());
        }
    }
}

// The message of the provider says more than the reason of the envelope, where there is one.
WsmanFault read_fault(pugi::xml_node fault) {
    WsmanFault result;
    result.text = child(child(fault, "Reason"), "Text").text().get();
    for (const auto detail : child(fault, "Detail").children()) {
        if (local(detail.name()) != "WSManFault") continue;
        result.code = number_of<std::uint64_t>(attribute(detail, "Code"));
        if (const std::string message = child(detail, "Message").text().get(); !message.empty()) result.text = message;
    }
    while (!result.text.empty() &&
           (result.text.back() == ' ' || result.text.back() == '\n' || result.text.back() == '\r')) {
        result.text.pop_back();
    }
    if (result.text.empty()) result.text = "a fault without a reason";
    return result;
}

}  // namespace

// Version 4 as RFC 4122 has it: at random, but for the digits of version and variant.
std::string new_uuid() {
    static thread_local std::random_device random;
    std::uniform_int_distribution<int> digit(0, 15);
    std::string text = "uuid:XXXXXXXX-XXXX-4XXX-XXXX-XXXXXXXXXXXX";
    for (std::size_t i = 5; i < text.size(); ++i) {
        if (text[i] == 'X') text[i] = "0123456789ABCDEF"[i == 24 ? 8 + digit(random) % 4 : digit(random)];
    }
    return text;
}

// 65001 is UTF-8: what the shell prints needs no guess.
std::string wsman_create(const WsmanSession& session) {
    Envelope envelope(session, "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create");
    envelope.option("WINRS_CODEPAGE", "65001");
    const auto shell = envelope.add(envelope.body, "rsp:Shell");
    envelope.add(shell, "rsp:InputStreams", "stdin");
    envelope.add(shell, "rsp:OutputStreams", "stdout stderr");
    return envelope.text();
}

// Through cmd.exe, which finds programs by the PATH of the host.
std::string wsman_command(const WsmanSession& session, std::string_view shell, std::string_view program,
                          const std::vector<std::string>& arguments) {
    Envelope envelope(session, std::string(shell_uri) + "/Command");
    envelope.option("WINRS_SKIP_CMD_SHELL", "False");
    envelope.select(shell);
    const auto line = envelope.add(envelope.body, "rsp:CommandLine");
    envelope.add(line, "rsp:Command", program);
    for (const auto& argument : arguments) envelope.add(line, "rsp:Arguments", argument);
    return envelope.text();
}

std::string wsman_send(const WsmanSession& session, std::string_view shell, std::string_view command,
                       std::string_view bytes, LastPiece last) {
    Envelope envelope(session, std::string(shell_uri) + "/Send");
    envelope.select(shell);
    auto stream = envelope.add(envelope.add(envelope.body, "rsp:Send"), "rsp:Stream", base64(bytes));
    stream.append_attribute("CommandId") = std::string(command).c_str();
    stream.append_attribute("End") = last == LastPiece::yes ? "True" : "False";
    stream.append_attribute("Name") = "stdin";
    return envelope.text();
}

// A host that has nothing to tell within the timeout answers with a fault that says so (`is_timeout`); the command goes
// on.
std::string wsman_receive(const WsmanSession& session, std::string_view shell, std::string_view command) {
    Envelope envelope(session, std::string(shell_uri) + "/Receive");
    envelope.option("WSMAN_CMDSHELL_OPTION_KEEPALIVE", "True");
    envelope.select(shell);
    auto wanted = envelope.add(envelope.add(envelope.body, "rsp:Receive"), "rsp:DesiredStream", "stdout stderr");
    wanted.append_attribute("CommandId") = std::string(command).c_str();
    return envelope.text();
}

// Tells the host that the output was taken: it may forget the command.
std::string wsman_signal(const WsmanSession& session, std::string_view shell, std::string_view command) {
    Envelope envelope(session, std::string(shell_uri) + "/Signal");
    envelope.select(shell);
    auto signal = envelope.add(envelope.body, "rsp:Signal");
    signal.append_attribute("CommandId") = std::string(command).c_str();
    envelope.add(signal, "rsp:Code", std::string(shell_uri) + "/signal/ctrl_c");
    return envelope.text();
}

std::string wsman_delete(const WsmanSession& session, std::string_view shell) {
    Envelope envelope(session, "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete");
    envelope.select(shell);
    return envelope.text();
}

// A host names the new shell in one of two places, so both are looked at.
base::Result<WsmanAnswer> read_wsman(std::string_view xml) {
    pugi::xml_document document;
    const auto parsed = document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_auto);
    const auto envelope = child(document, "Envelope");
    const auto body = child(envelope, "Body");
    if (!parsed || !body) return base::Error{"the answer is not one of WS-Management"};
    WsmanAnswer answer;
    for (const auto node : body.children()) {
        const auto name = local(node.name());
        if (name == "Fault") answer.fault = read_fault(node);
        if (name == "Shell") answer.shell = child(node, "ShellId").text().get();
        if (name == "ResourceCreated" && answer.shell.empty()) {
            const auto selectors = child(child(node, "ReferenceParameters"), "SelectorSet");
            for (const auto selector : selectors.children()) {
                if (attribute(selector, "Name") == "ShellId") answer.shell = selector.text().get();
            }
        }
        if (name == "CommandResponse") answer.command = child(node, "CommandId").text().get();
        if (name == "ReceiveResponse") read_receive(node, answer);
    }
    return answer;
}

// Line breaks and padding are passed over; what is cut off gives as many bytes as are whole.
std::string from_base64(std::string_view text) {
    std::string bytes;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : text) {
        const int digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                          : c >= 'a' && c <= 'z' ? c - 'a' + 26
                          : c >= '0' && c <= '9' ? c - '0' + 52
                          : c == '+'             ? 62
                          : c == '/'             ? 63
                                                 : -1;
        if (digit < 0) continue;
        held = held << 6U | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(held >> static_cast<unsigned>(bits) & 0xffU);
        }
    }
    return bytes;
}

}  // namespace pvsplan::transport

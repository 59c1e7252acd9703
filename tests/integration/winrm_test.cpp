// What can be proved without a Windows host: that our messages are those that a real one has answered, that its
// recorded answers are understood, and that the transport keeps its promises with a host of the tests that speaks
// WS-Management over TLS and takes our questions apart by means of its own. Whether PowerShell does what its text says,
// only a Windows host can show (see runtime/transport/README.md).
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <regex>

#include "runtime/transport/powershell.hpp"
#include "runtime/transport/windows_job.hpp"
#include "runtime/transport/winrm.hpp"
#include "runtime/transport/wsman.hpp"
#include "runtime/transport/wsman_client.hpp"
#include "tests/integration/https.hpp"
#include "tests/integration/winrm_model.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;
using integration::action_of;
using integration::HttpsServer;
using integration::ModelHost;
using integration::plain_base64;
using integration::Request;
using integration::Response;

namespace {

struct Message {
    std::string request;
    std::string response;
};
std::vector<Message> recording(const std::string& name) {
    std::vector<Message> messages;
    const auto file =
        YAML::LoadFile(std::string(PVSPLAN_SOURCE_DIR) + "/tests/integration/winrm/test_winrs_" + name + ".yml");
    for (const auto& one : file["messages"])
        messages.push_back({one["request"].as<std::string>(), one["response"].as<std::string>()});
    return messages;
}

// Names with their namespaces, attributes in order, ids masked.
void canonical(pugi::xml_node node, std::map<std::string, std::string> spaces, std::string& out) {
    if (node.type() == pugi::node_pcdata) {
        out += node.value();
        return;
    }
    for (const auto one : node.attributes()) {
        const std::string name = one.name();
        if (name == "xmlns" || name.starts_with("xmlns:")) spaces[name == "xmlns" ? "" : name.substr(6)] = one.value();
    }
    const auto full = [&](const std::string& name) {
        const auto colon = name.find(':');
        return colon == std::string::npos ? name : "{" + spaces[name.substr(0, colon)] + "}" + name.substr(colon + 1);
    };
    out += "<" + full(node.name());
    std::map<std::string, std::string> attributes;
    for (const auto one : node.attributes()) {
        if (!std::string(one.name()).starts_with("xmlns")) attributes[full(one.name())] = one.value();
    }
    for (const auto& [name, value] : attributes) out += " " + name + "=\"" + value + "\"";
    out += ">";
    for (const auto child : node.children()) canonical(child, spaces, out);
    out += "</>\n";
}
std::string canonical(const std::string& xml) {
    pugi::xml_document document;
    REQUIRE(document.load_string(xml.c_str(), pugi::parse_default | pugi::parse_ws_pcdata));
    std::string out;
    canonical(document.document_element(), {}, out);
    return std::regex_replace(out, std::regex("uuid:[0-9A-Fa-f-]{36}"), "uuid:MASKED");
}

std::string part(const std::string& text, const std::string& pattern) {
    std::smatch found;
    return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : std::string();
}
struct Fixture {
    ModelHost model;
    HttpsServer server{[this](const Request& request) { return model.answer(request); }};
    program::Object host{.id = "server/pvs01", .kind = "server", .name = "pvs01"};
    ports::Mailbox mailbox;
    transport::Loop loop;
    std::unique_ptr<ports::Transport> winrm;
    Inbox inbox{mailbox};
    Fixture() {
        const auto text = [](std::string value) { return program::Value::string(std::move(value)); };
        host.connect = {{"over", text("winrm")},
                        {"address", text("127.0.0.1")},
                        {"port", program::Value::integer(server.port())},
                        {"user", text("CONTOSO\\svc-pvs")},
                        {"password", program::Value::secret("winrm")},
                        {"login", text("basic")},
                        {"ca", text(server.file("ca.pem"))}};
        restart();
    }
    void restart() {
        winrm.reset();
        winrm = transport::make_winrm(
            loop, mailbox, {.connect_timeout_s = 30, .look_every_ms = 50, .first_retry_ms = 50, .max_retry_ms = 200});
    }
    Job on_it(Job job) {
        job.host = &host;
        job.patience_ms = tests::patience_ms;
        job.connect_secrets["winrm"] = "pass:word\xc3\xbc";
        return job;
    }
    JobEvent run(Job job) {
        const auto key = job.key;
        inbox.clear();
        winrm->start_or_attach(on_it(std::move(job)));
        return inbox.end_of(key);
    }
};

Job powershell(std::string key, std::string script, std::string data = "{}") {
    Job job;
    job.key = std::move(key);
    job.body = program::Body::Type::powershell;
    job.text = std::move(script);
    job.data = std::move(data);
    return job;
}

}  // namespace

TEST_CASE("winrm: our messages are those that a Windows server has answered") {
    for (const std::string name : {"unicode", "send", "stderr_rc", "operation_timeout"}) {
        for (const auto& [request, response] : recording(name)) {
            CAPTURE(name);
            CAPTURE(request);
            const transport::WsmanSession session{
                .url = "http://" + part(request, "http://(192[^<]*)<"),
                .id = "uuid:A635D444-7E75-4E46-9A68-2FFF53AF45CA",
                .operation_timeout_s = std::stoi(part(request, "OperationTimeout>PT([0-9]*)S<"))};
            const auto shell = part(request, "Name=\"ShellId\">([^<]*)<");
            const auto command = part(request, "CommandId=\"([^\"]*)\"");
            const auto action = action_of(request);
            std::string ours;
            if (action == "Create" && name != "unicode") continue;  // they name no code page
            if (action == "Create") ours = transport::wsman_create(session);
            if (action == "Command") {
                auto argument = part(request, "<rsp:Arguments>([^<]*)<");
                argument =
                    std::regex_replace(std::regex_replace(argument, std::regex("&gt;"), ">"), std::regex("&amp;"), "&");
                ours = transport::wsman_command(session, shell, part(request, "<rsp:Command>([^<]*)<"), {argument});
            }
            if (action == "Send") {
                ours = transport::wsman_send(
                    session, shell, command, plain_base64(part(request, "Name=\"stdin\">([^<]*)<")),
                    part(request, "End=\"([^\"]*)\"") == "True" ? transport::LastPiece::yes : transport::LastPiece::no);
            }
            if (action == "Receive") ours = transport::wsman_receive(session, shell, command);
            if (action == "Signal") ours = transport::wsman_signal(session, shell, command);
            if (action == "Delete") ours = transport::wsman_delete(session, shell);
            CHECK(canonical(ours) == canonical(request));
        }
    }
}

TEST_CASE("winrm: the recorded answers of a Windows server are understood, over TLS") {
    const auto [name, out, err, status] = GENERATE(table<std::string, std::string, std::string, int>({
        {"operation_timeout", "hi\nhi again\n", "", 0},
        {"stderr_rc", "out \r\n", "err \r\n", 1},
        {"send", "output 1\noutput 2\n", "", 0},
        {"unicode", "こんにちは\n", "", 0},
    }));
    std::map<std::string, std::vector<std::string>> answers;
    for (const auto& [request, response] : recording(name)) answers[action_of(request)].push_back(response);
    if (!answers.contains("Send")) answers["Send"] = {recording("send")[2].response};
    std::map<std::string, std::size_t> used;
    HttpsServer server([&](const Request& request) -> Response {
        const auto action = action_of(request.body);
        const auto& of_action = answers[action];
        const auto& body = of_action.at(std::min(used[action]++, of_action.size() - 1));
        return {.status = body.find(":Fault>") == std::string::npos ? 200 : 500, .body = body};
    });
    transport::WsmanClient client({.name = "pvs01",
                                   .url = "https://127.0.0.1:" + std::to_string(server.port()) + "/wsman",
                                   .login = transport::WsmanHost::Login::basic,
                                   .user = "vagrant",
                                   .password = "vagrant",
                                   .ca = server.file("ca.pem")},
                                  30, nullptr);
    const auto answer = client.run("powershell.exe", {"-"}, "Write-Host \"output 1\";");
    CHECK_FALSE(answer.fault.has_value());
    CHECK(answer.output.out == out);
    CHECK(answer.output.err == err);
    CHECK(answer.output.exit_status == status);
    CHECK(used["Delete"] == 1);
    CHECK(used["Signal"] == 1);
}

TEST_CASE("winrm: a fault is reported in the server's words") {
    const auto fault = transport::read_wsman(recording("operation_timeout")[3].response);
    REQUIRE(fault.ok());
    REQUIRE(fault->fault.has_value());
    CHECK(fault->fault->is_timeout());
    CHECK(fault->fault->text ==
          "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.");
    CHECK_FALSE(transport::read_wsman("<html>Bad Gateway</html>").ok());
    CHECK_FALSE(transport::read_wsman("").ok());
}

TEST_CASE("winrm: a job is started once and inspected, and its full status arrives") {
    Fixture fixture;
    fixture.model.until_done = 3;
    const auto event = fixture.run(powershell("r1-s1-1", "exit 3010"));
    CHECK(event.type == JobEventType::ended);
    CHECK(event.exit_status == 3010);
    CHECK(event.out == "done \xc3\xbc\r\n");
    CHECK(fixture.inbox.sees("r1-s1-1", JobEventType::output, 0));
    CHECK(fixture.model.ran["r1-s1-1"] == 1);
    CHECK(fixture.model.shells == 0);
    // again, and from another coordinator
    CHECK(fixture.run(powershell("r1-s1-1", "exit 3010")).exit_status == 3010);
    fixture.restart();
    CHECK(fixture.run(attach(powershell("r1-s1-1", "exit 3010"))).exit_status == 3010);
    CHECK(fixture.model.ran["r1-s1-1"] == 1);
    CHECK(fixture.run(attach(powershell("r1-s2-1", "x"))).type == JobEventType::no_record);
}

TEST_CASE("winrm: a connection that breaks at any message costs nothing") {
    for (const std::string action : {"Create", "Command", "Send", "Receive", "Signal", "Delete"}) {
        CAPTURE(action);
        Fixture fixture;
        fixture.model.vanish_at = action;
        const auto event = fixture.run(powershell("r1-s1-1", "x"));
        CHECK(event.type == JobEventType::ended);
        CHECK(fixture.model.ran["r1-s1-1"] == 1);
    }
}

TEST_CASE("winrm: values and secrets reach the host as data, and only there") {
    Fixture fixture;
    const std::string script = "Write-Host \"$($With.text)\" 'x' # ünï\n";
    auto job = powershell("r1-s1-1", script, R"({"With":{"text":"'; $(evil) `n"}})");
    job.secrets["db"] = "s3cret'\"$x";
    CHECK(fixture.run(job).type == JobEventType::ended);
    // the loader is UTF-16 in base64 and holds nothing of the job
    const auto loader = plain_base64(fixture.model.loader);
    CHECK(loader.size() % 2 == 0);
    CHECK(loader.find(std::string("R\0e\0a\0d\0T\0o\0E\0n\0d", 17)) != std::string::npos);
    const auto text = fixture.model.last["script"].get<std::string>();
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; }));
    CHECK(text.find("evil") == std::string::npos);
    CHECK(text.find(transport::base64(script)) != std::string::npos);
    CHECK(text.find("s3cret") == std::string::npos);
    const auto secrets = nlohmann::json::parse(fixture.model.last["secrets"].get<std::string>());
    CHECK(nlohmann::json::parse(plain_base64(secrets["PVSPLAN_SECRET_JSON"]))["db"] == "s3cret'\"$x");
    // no later question carries them
    CHECK(fixture.run(attach(job)).type == JobEventType::ended);
    CHECK_FALSE(fixture.model.last.contains("secrets"));
    CHECK_FALSE(fixture.model.last.contains("script"));
}

TEST_CASE("winrm: large scripts go in pieces, each below the least envelope") {
    Fixture fixture;
    std::string script(1'000'000, '#');
    CHECK(fixture.run(powershell("r1-s1-1", script)).type == JobEventType::ended);
    CHECK(fixture.model.last["script"].get<std::string>().find(transport::base64(script)) != std::string::npos);
    std::size_t longest = 0;
    for (std::size_t at = 0; (at = fixture.model.log.find("<s:Envelope", at)) != std::string::npos; ++at) {
        longest = std::max(longest, fixture.model.log.find("</s:Envelope>", at) - at);
    }
    CHECK(longest < 150'000);
}

TEST_CASE("winrm: a refused login or a wrong host is reported at once") {
    Fixture fixture;
    JobEvent event;
    std::string said;
    SECTION("a wrong password") {
        fixture.model.status_401 = 1000;
        event = fixture.run(powershell("r1-s1-1", "x"));
        said = "the login on 127.0.0.1 was refused";
    }
    SECTION("a certificate of an unknown authority") {
        fixture.host.connect.erase("ca");
        event = fixture.run(powershell("r1-s1-1", "x"));
        said = "the certificate of 127.0.0.1 is not trusted";
    }
    SECTION("a certificate of another host") {
        fixture.host.connect["address"] = program::Value::string("localhost");
        event = fixture.run(powershell("r1-s1-1", "x"));
        said = "the certificate of localhost is not trusted";
    }
    SECTION("a secret that was not given") {
        auto job = fixture.on_it(powershell("r1-s1-1", "x"));
        job.connect_secrets.clear();
        fixture.winrm->start_or_attach(job);
        event = fixture.inbox.end_of("r1-s1-1");
        said = "the secret `winrm` was not given";
    }
    CHECK(event.type == JobEventType::never_started);
    CAPTURE(event.text);
    CHECK(event.text.find(said) == 0);
    CHECK(fixture.model.ran.empty());
    CHECK(event.text.find("pass:word") == std::string::npos);
}

TEST_CASE("winrm: basic and certificates log in; verification is off only where the farm says so") {
    std::string header;
    std::string client;
    ModelHost model;
    HttpsServer server([&](const Request& request) {
        header = request.headers.contains("authorization") ? request.headers.at("authorization") : "";
        client = request.client;
        return model.answer(request);
    });
    transport::WsmanHost host{.name = "pvs01",
                              .url = "https://127.0.0.1:" + std::to_string(server.port()) + "/wsman",
                              .login = transport::WsmanHost::Login::basic,
                              .user = "CONTOSO\\svc",
                              .password = "p:ü"};
    const auto ask = transport::windows_ask(powershell("k", "x"), transport::WindowsAsk::observe, "", {});
    SECTION("basic") {
        host.ca = server.file("ca.pem");
        CHECK_FALSE(transport::WsmanClient(host, 30, nullptr)
                        .run("powershell.exe", transport::windows_loader(), *ask)
                        .fault.has_value());
        CHECK(header == "Basic " + transport::base64("CONTOSO\\svc:p:ü"));
    }
    SECTION("a certificate") {
        host.ca = server.file("ca.pem");
        host.login = transport::WsmanHost::Login::certificate;
        host.certificate = server.file("client.pem");
        host.key = server.file("client.key");
        CHECK_FALSE(transport::WsmanClient(host, 30, nullptr)
                        .run("powershell.exe", transport::windows_loader(), *ask)
                        .fault.has_value());
        CHECK(client == "svc-pvs");
        CHECK(header == "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual");
    }
    SECTION("without verification") {
        host.verify = transport::WsmanHost::Verify::no;
        CHECK_FALSE(transport::WsmanClient(host, 30, nullptr)
                        .run("powershell.exe", transport::windows_loader(), *ask)
                        .fault.has_value());
    }
    SECTION("ntlm begins with its first message") {
        host.ca = server.file("ca.pem");
        host.login = transport::WsmanHost::Login::ntlm;
        model.status_401 = 1000;
        CHECK(transport::WsmanClient(host, 30, nullptr)
                  .run("powershell.exe", transport::windows_loader(), *ask)
                  .fault->is_for_good);
        CHECK(header.starts_with("NTLM " + transport::base64(std::string("NTLMSSP\0\1", 9)).substr(0, 12)));
    }
}

TEST_CASE("winrm: no server listens") {
    Fixture fixture;
    fixture.host.connect["port"] = program::Value::integer(1);
    auto job = fixture.on_it(powershell("r1-s1-1", "x"));
    job.patience_ms = 300;
    fixture.winrm->start_or_attach(job);
    const auto event = fixture.inbox.end_of("r1-s1-1");
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text.find("127.0.0.1 cannot be reached") == 0);
    CHECK(fixture.inbox.sees("r1-s1-1", JobEventType::unreachable, 0));
}

// Logins over WinRM against software that is not ours. Proved: with `login: negotiate` libcurl takes a ticket of a real
// KDC (MIT) to a real acceptor (Apache, mod_auth_gssapi) over TLS, with `login: ntlm` it answers the challenge of
// Samba, and who is refused is told so. What only a Windows host can show is in README.md.
#include <chrono>
#include <set>
#include <thread>

#include "runtime/transport/winrm.hpp"
#include "runtime/transport/wsman_client.hpp"
#include "tests/integration/apache.hpp"
#include "tests/integration/realm.hpp"
#include "tests/integration/samba.hpp"
#include "tests/integration/sshd.hpp"
#include "tests/integration/winrm_model.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;
using integration::Apache;
using integration::HttpsServer;
using integration::ModelHost;
using integration::Realm;
using integration::Request;
using integration::Samba;

namespace {

program::Value text(std::string value) { return program::Value::string(std::move(value)); }

// A job on a host over WinRM: how it ended.
JobEvent run_on(std::map<std::string, program::Value> connect, const std::string& password = "") {
    connect["over"] = text("winrm");
    program::Object host{.id = "server/pvs01", .kind = "server", .name = "pvs01"};
    for (auto& [key, value] : connect) host.connect[key] = value;
    ports::Mailbox mailbox;
    transport::Loop loop;
    const auto winrm = transport::make_winrm(
        loop, mailbox, {.connect_timeout_s = 30, .look_every_ms = 50, .first_retry_ms = 50, .max_retry_ms = 200});
    Job job;
    job.key = "r1-s1-1";
    job.body = program::Body::Type::powershell;
    job.text = "exit 3010";
    job.data = "{}";
    job.host = &host;
    job.patience_ms = tests::patience_ms;
    job.connect_secrets["winrm"] = password;
    winrm->start_or_attach(job);
    return Inbox(mailbox).end_of(job.key);
}

// A model of a host behind Apache; its realm knows it as pvs01.localhost.
struct Farm {
    Realm realm;
    ModelHost model;
    std::set<std::string> seen;  // who asked, and by which mechanism
    HttpsServer server{[this](const Request& request) {
        seen.insert(request.headers.at("x-user") + " by " + request.headers.at("x-mechanism"));
        return model.answer(request);
    }};
    std::optional<Apache> apache;
    Farm() {
        realm.add_host("pvs01.localhost");
        realm.add_person("svc-pvs", "right");
        apache.emplace(server, realm.keytab(), std::string("svc-pvs@") + Realm::name);
    }
    JobEvent run(const std::string& address = "pvs01.localhost") {
        return run_on({{"address", text(address)},
                       {"port", program::Value::integer(apache->port())},
                       {"login", text("negotiate")},
                       {"ca", text(server.file("ca.pem"))}});
    }
};

// A model of a host that accepts the logins that Samba accepts.
struct NtlmHost {
    explicit NtlmHost(const std::string& password) : samba("CONTOSO", password) {}
    Samba samba;
    ModelHost model;
    HttpsServer server{[this](const Request& request) {
        if (auto refused = samba.refusal(request)) return *refused;
        return model.answer(request);
    }};
    JobEvent run(const std::string& user, const std::string& password) {
        return run_on({{"address", text("127.0.0.1")},
                       {"port", program::Value::integer(server.port())},
                       {"user", text(user)},
                       {"password", program::Value::secret("winrm")},
                       {"login", text("ntlm")},
                       {"ca", text(server.file("ca.pem"))}},
                      password);
    }
};

}  // namespace

TEST_CASE("negotiate: a ticket of a real KDC logs in for every message of a job") {
    Farm farm;
    farm.realm.log_in("svc-pvs", "right");
    const auto event = farm.run();
    CAPTURE(event.text, farm.apache->log(), farm.realm.log());
    CHECK(event.type == JobEventType::ended);
    CHECK(event.exit_status == 3010);
    CHECK(farm.model.ran["r1-s1-1"] == 1);
    CHECK(farm.seen == std::set<std::string>{"svc-pvs@PVSPLAN.TEST by Negotiate/krb5"});
    CHECK(farm.realm.log().find("svc-pvs@PVSPLAN.TEST for HTTP/pvs01.localhost@PVSPLAN.TEST") != std::string::npos);
}

TEST_CASE("negotiate: without a good ticket nothing runs, and the fault of the ticket is reported") {
    Farm farm;
    std::string address = "pvs01.localhost";
    std::string said;    // after that the login was refused
    std::string logged;  // by Apache, where a ticket came to it
    SECTION("none") { said = ", there was no ticket for it: No credentials were supplied"; }
    SECTION("one that has expired") {
        farm.realm.log_in("svc-pvs", "right", 1);
        std::this_thread::sleep_for(std::chrono::milliseconds(2100));
        said = ", there was no ticket for it: Ticket expired";
    }
    SECTION("a host that the realm does not know") {
        farm.realm.log_in("svc-pvs", "right");
        address = "pvs02.localhost";
        said = ", there was no ticket for it: Server HTTP/pvs02.localhost@PVSPLAN.TEST not found in Kerberos database";
    }
    SECTION("one for another key than the host's") {
        farm.realm.change_key("pvs01.localhost");
        farm.realm.log_in("svc-pvs", "right");
        logged = "HTTP/pvs01.localhost@PVSPLAN.TEST kvno 3 not found in keytab";
    }
    SECTION("somebody else's") {
        farm.realm.add_person("guest", "right");
        farm.realm.log_in("guest", "right");
        logged = "guest@PVSPLAN.TEST";
    }
    const auto event = farm.run(address);
    CAPTURE(event.text, farm.apache->log(), farm.realm.log());
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text.find("the login on " + address + " was refused" + said) == 0);
    CHECK(farm.apache->log().find(logged) != std::string::npos);
    CHECK(farm.seen.empty());
}

TEST_CASE("ntlm: Samba accepts the right password") {
    NtlmHost host("right");
    CHECK(host.run("CONTOSO\\svc-pvs", "right").exit_status == 3010);
    CHECK(host.samba.user() == "CONTOSO\\svc-pvs");
    CHECK(host.model.ran["r1-s1-1"] == 1);
}

TEST_CASE("ntlm: a wrong password is refused at once") {
    NtlmHost host("right");
    const auto event = host.run("CONTOSO\\svc-pvs", "wrong");
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text == "the login on 127.0.0.1 was refused");
    CHECK(host.samba.why().find("NT_STATUS_") == 0);
    CHECK(host.model.ran.empty());
}

TEST_CASE(
    "ntlm: a password beyond ASCII is taken, and one that libcurl cannot carry is reported before a host is asked") {
    const std::string password = GENERATE("p\u00e4ss \u00ff", "\u0142", "\u20ac", "\U0001f511", "\xff");
    CAPTURE(password);
    NtlmHost host(password);
    const auto event = host.run("CONTOSO\\svc-pvs", password);
    if (password == "p\u00e4ss \u00ff") {
        CHECK(event.exit_status == 3010);
        return;
    }
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text.find("the password has a character beyond Latin-1") == 0);
    CHECK(host.samba.why() == "");
}

TEST_CASE("ntlm: a name beyond ASCII is reported before a host is asked") {
    NtlmHost host("right");
    const auto event = host.run("CONTOSO\\j\u00fcrgen", "right");
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text.find("NTLM takes a `user` of ASCII only, not `CONTOSO\\j\u00fcrgen`") == 0);
    CHECK(host.samba.why() == "");
}

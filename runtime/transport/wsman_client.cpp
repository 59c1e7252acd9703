#include "runtime/transport/wsman_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "compiler/base/check.hpp"
#include "grammar/transports.hpp"
#include "runtime/transport/connect.hpp"
#include "runtime/transport/powershell.hpp"
#include "runtime/transport/wsman.hpp"

namespace pvsplan::transport {

namespace {

constexpr std::size_t piece_size = 96'000;      // of input in one message: its base64 stays below the least envelope
constexpr std::size_t max_answer = 64U << 20U;  // of one message

// Once for the process, before the first thread uses it.
void init_curl() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_ALL); });
}

// Returning less than it was given makes libcurl fail: an answer without end is not taken into memory.
std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (body.size() + size * count > max_answer) return 0;
    body.append(bytes, size * count);
    return size * count;
}

// Called by libcurl at least once a second; 1 ends the transfer.
int look_at_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

// Why libcurl could not show a ticket, which it tells to nobody else.
int take_why_no_ticket(CURL*, curl_infotype type, char* text, std::size_t size, void* into) {
    constexpr std::string_view before = "gss_init_sec_context() failed: ";
    std::string_view line(text, size);
    if (type != CURLINFO_TEXT || !line.starts_with(before)) return 0;
    line.remove_prefix(before.size());
    line = line.substr(0, line.find_last_not_of(". \r\n") + 1);
    *static_cast<std::string*>(into) = line;
    return 0;
}

// One means alone: libcurl would try a weaker one where several are allowed.
long auth_of(WsmanHost::Login login) {
    switch (login) {
        case WsmanHost::Login::basic: return CURLAUTH_BASIC;
        case WsmanHost::Login::ntlm: return CURLAUTH_NTLM;
        case WsmanHost::Login::negotiate: return CURLAUTH_NEGOTIATE;
        case WsmanHost::Login::certificate: return CURLAUTH_NONE;
    }
    base::bug("a way to log in that has no name");
}

// What libcurl's NTLM wants: it makes each byte one unit of UTF-16. Nothing where a unit is more than a byte.
std::optional<std::string> bytes_for_ntlm(std::string_view utf8) {
    const auto units = utf16le(utf8);
    std::string bytes;
    for (std::size_t i = 0; i + 1 < units.size(); i += 2) {
        if (units[i + 1] != 0) return std::nullopt;
        bytes += units[i];
    }
    return bytes;
}

base::Result<WsmanHost> for_ntlm(WsmanHost host) {
    // The name goes into the answer in upper case, which libcurl knows of ASCII only.
    if (std::any_of(host.user.begin(), host.user.end(), [](char c) { return static_cast<unsigned char>(c) > 127; })) {
        return base::Error{"NTLM takes a `user` of ASCII only, not `" + host.user + "`: log in with another `login`"};
    }
    auto password = bytes_for_ntlm(host.password);
    if (!password) {
        return base::Error{
            "the password has a character beyond Latin-1, which NTLM cannot take here: log in with another "
            "`login`"};
    }
    host.password = std::move(*password);
    return host;
}

}  // namespace

// Without `login` the means that are given say which it is: a certificate, a password, else the ticket of whoever runs
// this.
base::Result<WsmanHost> wsman_host(const ports::Job& job) {
    if (job.host == nullptr) return base::Error{"winrm wants a host, and this step has none"};
    if (auto fine = check_connect(job, "winrm"); !fine) return std::move(fine).error();
    WsmanHost host{.name = address_of(*job.host)};
    if (!grammar::is_host(host.name)) {
        return base::Error{"`" + host.name + "` is not the address of a host"};
    }
    const auto text = [&job](const char* key) { return connect_text(job, key).value_or(""); };
    const bool is_v6 = host.name.find(':') != std::string::npos;
    const auto port = text("port");
    host.url =
        "https://" + (is_v6 ? "[" + host.name + "]" : host.name) + ":" + (port.empty() ? "5986" : port) + "/wsman";
    host.user = text("user");
    host.ca = text("ca");
    host.certificate = text("certificate");
    host.key = text("key");
    host.jobs = text("jobs");
    if (text("verify") == "false") host.verify = WsmanHost::Verify::no;
    if (const auto found = job.host->connect.find("password"); found != job.host->connect.end()) {
        if (const auto* name = found->second.as_secret()) {
            const auto secret = job.connect_secrets.find(*name);
            if (secret == job.connect_secrets.end()) return base::Error{"the secret `" + *name + "` was not given"};
            host.password = secret->second;
        } else if (const auto* plain = found->second.as_string()) {
            host.password = *plain;
        }
    }
    const auto login = text("login");
    if (login == "basic")
        host.login = WsmanHost::Login::basic;
    else if (login == "ntlm")
        host.login = WsmanHost::Login::ntlm;
    else if (login == "negotiate")
        host.login = WsmanHost::Login::negotiate;
    else if (login == "certificate")
        host.login = WsmanHost::Login::certificate;
    else if (!host.certificate.empty())
        host.login = WsmanHost::Login::certificate;
    else if (host.password.empty())
        host.login = WsmanHost::Login::negotiate;
    if (host.login == WsmanHost::Login::ntlm) return for_ntlm(std::move(host));
    return host;
}

struct WsmanClient::Inside {
    WsmanHost host;
    WsmanSession session;
    CURL* curl = nullptr;
    curl_slist* headers = nullptr;
    std::string problem;        // libcurl's own words
    std::string why_no_ticket;  // likewise

    struct Posted {
        WsmanAnswer answer;
        std::optional<RemoteFault> fault;
    };
    Posted post(const std::string& message);
    RemoteFault broke(CURLcode code);
    void end_shell(const std::string& shell);
    std::optional<RemoteFault> converse(const std::string& shell, const std::string& program,
                                        const std::vector<std::string>& arguments, std::string_view input,
                                        RemoteOutput& output);
};

// `Expect:` without a value takes away a round trip for each message. Proxies of the environment are not used: a host
// within the network is reached directly, and no password is shown to anybody else.
WsmanClient::WsmanClient(WsmanHost host, int connect_timeout_s, const std::atomic<bool>* stop)
    : inside_(std::make_unique<Inside>()) {
    init_curl();
    inside_->session = {.url = host.url, .id = new_uuid()};
    inside_->host = std::move(host);
    inside_->problem.resize(CURL_ERROR_SIZE);
    CURL* curl = curl_easy_init();
    base::check(curl != nullptr, "no libcurl");
    inside_->curl = curl;
    const auto& to = inside_->host;
    inside_->headers = curl_slist_append(nullptr, "Content-Type: application/soap+xml;charset=UTF-8");
    inside_->headers = curl_slist_append(inside_->headers, "Expect:");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, inside_->headers);
    curl_easy_setopt(curl, CURLOPT_URL, to.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, inside_->problem.data());
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(connect_timeout_s));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(inside_->session.operation_timeout_s + 40));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "pvsplan");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // hosts are reached directly
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, to.verify == WsmanHost::Verify::yes ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, to.verify == WsmanHost::Verify::yes ? 2L : 0L);
    if (stop != nullptr) {
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_stop);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(stop));
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    }
    if (!to.ca.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, to.ca.c_str());
    if (!to.certificate.empty()) curl_easy_setopt(curl, CURLOPT_SSLCERT, to.certificate.c_str());
    if (!to.key.empty()) curl_easy_setopt(curl, CURLOPT_SSLKEY, to.key.c_str());
    if (to.login == WsmanHost::Login::certificate) {
        inside_->headers = curl_slist_append(
            inside_->headers, "Authorization: http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual");
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, inside_->headers);
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, static_cast<unsigned long>(auth_of(to.login)));
        // With Negotiate the name is that of the ticket; libcurl wants one nevertheless.
        curl_easy_setopt(curl, CURLOPT_USERNAME, to.user.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, to.password.c_str());
    }
    if (to.login == WsmanHost::Login::negotiate) {
        curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, take_why_no_ticket);
        curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &inside_->why_no_ticket);
        curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    }
}

// The password is overwritten, so that no dump of memory has it longer than it was needed.
WsmanClient::~WsmanClient() {
    curl_easy_cleanup(inside_->curl);
    curl_slist_free_all(inside_->headers);
    std::fill(inside_->host.password.begin(), inside_->host.password.end(), '\0');
}

// What is wrong with a certificate is wrong the next time too.
RemoteFault WsmanClient::Inside::broke(CURLcode code) {
    const bool is_certificate = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
                                code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_ISSUER_ERROR;
    std::string why = problem.c_str();
    if (why.empty()) why = curl_easy_strerror(code);
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
        return {.text = "the certificate of " + host.name + " is not trusted: " + why +
                        " (name its authority with `connect: {ca: FILE}`)",
                .is_for_good = true};
    }
    return {.text = host.name + " cannot be reached: " + why, .is_for_good = is_certificate};
}

// A refused login is for good: to try it again may lock the account.
WsmanClient::Inside::Posted WsmanClient::Inside::post(const std::string& message) {
    Posted posted;
    std::string body;
    problem[0] = '\0';
    why_no_ticket.clear();
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(message.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, message.data());
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    const auto code = curl_easy_perform(curl);
    if (code != CURLE_OK) {
        posted.fault = broke(code);
        return posted;
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 401 || status == 403) {
        const auto why = why_no_ticket.empty() ? "" : ", there was no ticket for it: " + why_no_ticket;
        posted.fault = {.text = "the login on " + host.name + " was refused" + why, .is_for_good = true};
        return posted;
    }
    auto answer = read_wsman(body);
    if (!answer) {
        const bool is_passing = status >= 500;
        posted.fault = {
            .text = host.name + " answers with HTTP status " + std::to_string(status) + ": " + answer.error().text(),
            .is_for_good = !is_passing};
        return posted;
    }
    posted.answer = std::move(*answer);
    return posted;
}

// Whatever it answers: the host ends an idle shell by itself.
void WsmanClient::Inside::end_shell(const std::string& shell) { (void)post(wsman_delete(session, shell)); }

// Until the last piece of input is on its way the command has not begun, since the loader runs nothing that is not
// whole. From then on every fault leaves it open.
std::optional<RemoteFault> WsmanClient::Inside::converse(const std::string& shell, const std::string& program,
                                                         const std::vector<std::string>& arguments,
                                                         std::string_view input, RemoteOutput& output) {
    const auto fault_of = [this](const WsmanFault& fault) {
        return RemoteFault{.text = host.name + ": " + fault.text};
    };
    auto begun = post(wsman_command(session, shell, program, arguments));
    if (begun.fault) return begun.fault;
    if (begun.answer.fault) return fault_of(*begun.answer.fault);
    const auto& command = begun.answer.command;
    bool is_sent = false;
    do {
        const auto piece = input.substr(0, piece_size);
        input.remove_prefix(piece.size());
        is_sent = input.empty();
        auto sent = post(wsman_send(session, shell, command, piece, is_sent ? LastPiece::yes : LastPiece::no));
        if (sent.fault) sent.fault->may_have_run = is_sent;
        if (sent.fault) return sent.fault;
        if (sent.answer.fault) return fault_of(*sent.answer.fault);
    } while (!is_sent);
    while (true) {
        auto got = post(wsman_receive(session, shell, command));
        if (!got.fault && got.answer.fault && got.answer.fault->is_timeout()) continue;  // it has nothing to say yet
        if (got.answer.fault) got.fault = fault_of(*got.answer.fault);
        if (got.fault) got.fault->may_have_run = true;
        if (got.fault) return got.fault;
        output.out += got.answer.out;
        output.err += got.answer.err;
        output.exit_status = got.answer.exit_status;
        if (got.answer.is_done) break;
    }
    (void)post(wsman_signal(session, shell, command));
    return std::nullopt;
}

// The shell is ended in any case: a host allows an account only a few.
RemoteAnswer WsmanClient::run(const std::string& program, const std::vector<std::string>& arguments,
                              std::string_view input) {
    RemoteAnswer answer;
    auto created = inside_->post(wsman_create(inside_->session));
    if (created.fault) {
        answer.fault = created.fault;
        return answer;
    }
    if (created.answer.fault || created.answer.shell.empty()) {
        const auto why = created.answer.fault ? created.answer.fault->text : std::string("it gives no shell");
        answer.fault = RemoteFault{.text = inside_->host.name + ": " + why};
        return answer;
    }
    answer.fault = inside_->converse(created.answer.shell, program, arguments, input, answer.output);
    inside_->end_shell(created.answer.shell);
    return answer;
}

}  // namespace pvsplan::transport

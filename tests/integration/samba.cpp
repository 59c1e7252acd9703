#include "tests/integration/samba.hpp"

#include <sys/stat.h>
#include <csignal>

#include "tests/integration/sshd.hpp"

namespace pvsplan::integration {

Samba::Samba(const std::string& domain, const std::string& password) {
    REQUIRE(have("ntlm_auth"));
    transport_tests::put(folder_ / "smb.conf",
                         "[global]\nworkgroup = " + domain +
                             "\nserver role = standalone server\nlog level = 0\nlock directory = " + folder_.path() +
                             "\nprivate dir = " + folder_.path() + "\n");
    for (const auto* name : {"questions", "answers"}) REQUIRE(mkfifo((folder_ / name).c_str(), 0600) == 0);
    pid_ = start({"sh", "-c", "cd \"$1\" && shift && exec \"$@\" <questions >answers", "sh", folder_.path(),
                  "ntlm_auth", "--helper-protocol=squid-2.5-ntlmssp", "--configfile=" + folder_ / "smb.conf",
                  "--domain=" + domain, "--username=any", "--password=" + password});
    questions_.open(folder_ / "questions");
    answers_.open(folder_ / "answers");
}

Samba::~Samba() {
    questions_.close();
    end(pid_, SIGTERM);
}

std::string Samba::ask(const std::string& line) {
    questions_ << line << std::endl;
    std::string answer;
    std::getline(answers_, answer);
    return answer;
}

std::optional<Response> Samba::refusal(const Request& request) {
    if (logged_in_.contains(request.connection)) return std::nullopt;
    const auto header = request.headers.find("authorization");
    if (header == request.headers.end() || !header->second.starts_with("NTLM "))
        return Response{.status = 401, .headers = {"WWW-Authenticate: NTLM"}};
    const auto message = header->second.substr(5);
    const bool is_first = message.starts_with("TlRMTVNTUAAB");  // NTLMSSP, 0, 1: the kind of message
    const auto answer = ask((is_first ? "YR " : "KK ") + message);
    const auto detail = answer.size() > 3 ? answer.substr(3) : std::string();
    if (answer.starts_with("TT ")) return Response{.status = 401, .headers = {"WWW-Authenticate: NTLM " + detail}};
    if (answer.starts_with("AF ")) {
        logged_in_.insert(request.connection);
        user_ = detail;
        return std::nullopt;
    }
    why_ = detail;
    return Response{.status = 401, .headers = {"WWW-Authenticate: NTLM"}};
}

}  // namespace pvsplan::integration

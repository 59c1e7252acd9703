#include "tests/integration/https.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <sstream>

#include "tests/integration/sshd.hpp"

namespace pvsplan::integration {

namespace {

void make_certificates(const transport_tests::Folder& folder) {
    transport_tests::put(folder / "make", R"(set -e
cd "$1"
new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.csr -subj "/CN=$2" 2>/dev/null; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj "/CN=tests" -days 2 2>/dev/null
new server 127.0.0.1
echo "subjectAltName=IP:127.0.0.1,DNS:pvs01.localhost,DNS:pvs02.localhost" >server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile server.ext 2>/dev/null
new client svc-pvs
openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out client.pem -days 2 2>/dev/null
)");
    REQUIRE(run({"sh", folder / "make", folder.path()}) == 0);
}

std::string name_of(SSL* ssl) {
    X509* certificate = SSL_get1_peer_certificate(ssl);
    if (certificate == nullptr) return {};
    std::array<char, 200> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    X509_free(certificate);
    return name.data();
}

// A request, or nothing when the client has gone.
bool read_request(SSL* ssl, std::string& held, Request& request) {
    std::array<char, 16384> buffer{};
    const auto more = [&] {
        const int got = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
        if (got > 0) held.append(buffer.data(), static_cast<std::size_t>(got));
        return got > 0;
    };
    std::size_t end = 0;
    while ((end = held.find("\r\n\r\n")) == std::string::npos) {
        if (!more()) return false;
    }
    std::istringstream lines(held.substr(0, end));
    std::string line;
    std::getline(lines, line);
    request.headers.clear();
    while (std::getline(lines, line)) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        const auto colon = line.find(':');
        std::string name = line.substr(0, colon);
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        request.headers[name] = line.substr(line.find_first_not_of(' ', colon + 1));
    }
    const std::size_t size =
        request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0;
    while (held.size() < end + 4 + size) {
        if (!more()) return false;
    }
    request.body = held.substr(end + 4, size);
    held.erase(0, end + 4 + size);
    return true;
}

}  // namespace

HttpsServer::HttpsServer(Handler handler) : handler_(std::move(handler)) {
    signal(SIGPIPE, SIG_IGN);
    make_certificates(folder_);
    auto* context = SSL_CTX_new(TLS_server_method());
    REQUIRE(SSL_CTX_use_certificate_file(context, file("server.pem").c_str(), SSL_FILETYPE_PEM) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context, file("server.key").c_str(), SSL_FILETYPE_PEM) == 1);
    REQUIRE(SSL_CTX_load_verify_locations(context, file("ca.pem").c_str(), nullptr) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const unsigned char id[] = "tests";
    SSL_CTX_set_session_id_context(context, id, 3);
    context_ = context;
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 50) == 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { listen(); });
}

HttpsServer::~HttpsServer() {
    is_over_ = true;
    thread_.join();
    for (auto& connection : connections_) connection.join();
    close(listener_);
    SSL_CTX_free(static_cast<SSL_CTX*>(context_));
}

void HttpsServer::listen() {
    for (int number = 1; !is_over_; ++number) {
        pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, 50) <= 0) continue;
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        timeval limit{.tv_sec = 20, .tv_usec = 0};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        connections_.emplace_back([this, fd, number] { serve(fd, number); });
    }
}

void HttpsServer::serve(int fd, int number) {
    SSL* ssl = SSL_new(static_cast<SSL_CTX*>(context_));
    SSL_set_fd(ssl, fd);
    std::string held;
    Request request;
    if (SSL_accept(ssl) == 1) {
        request.client = name_of(ssl);
        request.connection = number;
        while (read_request(ssl, held, request)) {
            Response response;
            {
                const std::lock_guard lock(mutex_);
                response = handler_(request);
            }
            if (response.then == Response::Then::vanish) break;
            std::string text = "HTTP/1.1 " + std::to_string(response.status) +
                               " Answer\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n";
            for (const auto& header : response.headers) text += header + "\r\n";
            text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
            if (SSL_write(ssl, text.data(), static_cast<int>(text.size())) <= 0) break;
            if (response.then == Response::Then::close) break;
        }
    }
    ERR_clear_error();
    SSL_free(ssl);
    close(fd);
}

}  // namespace pvsplan::integration

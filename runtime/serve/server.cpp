#include "runtime/serve/server.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <chrono>
#include <exception>
#include <filesystem>
#include <list>
#include <system_error>
#include <thread>

#include "runtime/ports/this_process.hpp"
#include "runtime/serve/admission.hpp"

namespace pvsplan::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace fs = std::filesystem;
using Protocol = asio::generic::stream_protocol;
using Stream = beast::basic_stream<Protocol>;
using Failure = boost::system::error_code;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::string text_of(beast::string_view text) { return {text.data(), text.size()}; }

// As it was sent: names of headers in lower case, since HTTP does not tell them apart, and nothing decoded.
Request request_of(http::request<http::string_body>&& read) {
    Request request{.method = text_of(read.method_string()), .path = text_of(read.target()), .body = read.body()};
    if (const std::size_t mark = request.path.find('?'); mark != std::string::npos) {
        request.query = request.path.substr(mark + 1);
        request.path.resize(mark);
    }
    for (const auto& one : read) request.headers.emplace_back(lower(text_of(one.name_string())), text_of(one.value()));
    return request;
}

Response plain(unsigned status, std::string_view words) {
    return with_policy({.status = status, .type = "text/plain; charset=utf-8", .body = std::string(words) + "\n"});
}

// What the threads do: one the network, the others the pages that are made for it.
struct Work {
    asio::io_context network{1};
    asio::io_context pages;
    Limits limits;
    Answer answer;
};

// From its first byte to its last: read, answered by a thread that makes pages, written, closed. Everything but the
// answer happens on the network's thread.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Work& work, Protocol::socket&& socket) : work_(&work), stream_(std::move(socket)) {
        parser_.header_limit(static_cast<std::uint32_t>(work.limits.header_bytes));
        parser_.body_limit(work.limits.body_bytes);
    }

    // One deadline for the whole request, so that a byte now and then holds no connection. Bounds are kept by the
    // parser while it reads: what is too large is never in memory.
    void read() {
        stream_.expires_after(std::chrono::milliseconds(work_->limits.read_ms));
        http::async_read(stream_, buffer_, parser_, [self = shared_from_this()](Failure failed, std::size_t) {
            if (failed == http::error::header_limit || failed == http::error::buffer_overflow)
                self->write(plain(431, "the request is too large"));
            else if (failed == http::error::body_limit)
                self->write(plain(413, "the request is too large"));
            else if (failed.category() == http::make_error_code(http::error::end_of_stream).category() &&
                     failed != http::error::end_of_stream && failed)
                self->write(plain(400, "this is no request that could be understood"));
            else if (!failed)
                self->make();
        });
    }
    // Whether it waits for its browser: such a one may be closed to let others in.
    [[nodiscard]] bool waits() const { return !is_made_; }
    void close() { stream_.close(); }

  private:
    // While a page is made no deadline runs, and the connection is not closed to let others in. An exception is the
    // fault of one page and ends no thread.
    void make() {
        is_made_ = true;
        stream_.expires_never();
        asio::post(work_->pages, [self = shared_from_this()] {
            Response response;
            try {
                self->is_head_ = self->parser_.get().method() == http::verb::head;
                response = self->work_->answer(request_of(self->parser_.release()));
            } catch (const std::exception&) {
                response = plain(500, "this page could not be made");
            }
            asio::post(self->work_->network,
                       [self, made = std::move(response)]() mutable { self->write(std::move(made)); });
        });
    }

    // Closed when it is written: one request a connection, so that no state is left between two.
    void write(Response&& made) {
        is_made_ = false;
        response_.version(11);
        response_.result(made.status);
        response_.set(http::field::content_type, made.type);
        for (const auto& [name, value] : made.headers) response_.set(name, value);
        response_.keep_alive(false);
        response_.body() = std::move(made.body);
        response_.prepare_payload();
        if (is_head_) response_.body().clear();  // its length stays said
        stream_.expires_after(std::chrono::milliseconds(work_->limits.write_ms));
        http::async_write(stream_, response_, [self = shared_from_this()](Failure, std::size_t) {
            Failure ignored;
            self->stream_.socket().shutdown(Protocol::socket::shutdown_send, ignored);
        });
    }

    Work* work_;
    Stream stream_;
    beast::flat_buffer buffer_{65'536};
    http::request_parser<http::string_body> parser_;
    http::response<http::string_body> response_;
    bool is_made_ = false;
    bool is_head_ = false;
};

template <typename Acceptor>
class Listening final : public Server {
  public:
    Listening(std::unique_ptr<Work> work, Acceptor&& acceptor, std::string url, std::string socket)
        : work_(std::move(work)), acceptor_(std::move(acceptor)), url_(std::move(url)), socket_(std::move(socket)) {
        accept();
        const ports::SignalsHeld held;
        try {
            for (std::size_t i = 0; i < work_->limits.threads; ++i)
                threads_.emplace_back([this] { serve(work_->pages); });
            threads_.emplace_back([this] { serve(work_->network); });
        } catch (const std::system_error&) {  // the system gives no more of them: those that are there wait for ever
            end_threads();
            throw;
        }
    }
    // Sockets go after the threads, when nobody uses them.
    ~Listening() override {
        end_threads();
        Failure ignored;
        acceptor_.close(ignored);
        std::error_code failed;
        if (!socket_.empty()) fs::remove(socket_, failed);
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;
    [[nodiscard]] const std::string& url() const override { return url_; }

  private:
    static void serve(asio::io_context& context) {
        const auto stays = asio::make_work_guard(context);
        context.run();
    }

    // Both contexts stop before their threads are joined.
    void end_threads() {
        work_->network.stop();
        work_->pages.stop();
        threads_.clear();
    }

    // Asked again after each connection, always one at a time. It ends only when the acceptor is closed.
    void accept() {
        acceptor_.async_accept([this](Failure failed, typename Acceptor::protocol_type::socket socket) {
            if (failed == asio::error::operation_aborted) return;
            if (failed) {  // no descriptor is left: the next one may go when another one has ended
                wait_.expires_after(std::chrono::milliseconds(100));
                wait_.async_wait([this](Failure) { accept(); });
                return;
            }
            make_room();
            auto connection = std::make_shared<Connection>(*work_, Protocol::socket(std::move(socket)));
            connections_.push_back(connection);
            connection->read();
            accept();
        });
    }

    // The oldest that waits for its browser goes; where all are being answered, they are few enough to be waited for.
    void make_room() {
        connections_.remove_if([](const std::weak_ptr<Connection>& one) { return one.expired(); });
        for (auto one = connections_.begin(); connections_.size() >= work_->limits.connections;) {
            one = std::find_if(one, connections_.end(), [](const std::weak_ptr<Connection>& other) {
                const auto alive = other.lock();
                return !alive || alive->waits();
            });
            if (one == connections_.end()) return;
            if (const auto alive = one->lock()) alive->close();
            one = connections_.erase(one);
        }
    }

    std::unique_ptr<Work> work_;
    Acceptor acceptor_;
    asio::steady_timer wait_{work_->network};
    std::list<std::weak_ptr<Connection>> connections_;
    std::string url_;
    std::string socket_;
    std::vector<std::jthread> threads_;
};

base::Error cannot_listen(const std::string& where, const Failure& failed) {
    return base::Error{"cannot listen on " + where, {failed.message()}};
}

// A socket file that nobody listens on any more is in the way of a new one. Only a socket to which nobody answers; a
// file of another kind stays, and binding fails on it.
void remove_stale(asio::io_context& context, const std::string& path) {
    std::error_code failed;
    if (!fs::is_socket(fs::symlink_status(path, failed))) return;
    asio::local::stream_protocol::socket probe(context);
    Failure refused;
    probe.connect(asio::local::stream_protocol::endpoint(path), refused);
    if (refused == asio::error::connection_refused) fs::remove(path, failed);
}

// Bound, then given its rights, and only then listened on: at no moment can anybody else connect.
base::Result<std::unique_ptr<Server>> on_socket(std::unique_ptr<Work> work, const std::string& path) {
    using Local = asio::local::stream_protocol;
    static constexpr std::size_t max_path = 107;  // of a socket, everywhere on Linux
    if (path.size() > max_path)
        return base::Error{"the path of the socket `" + path + "` is longer than the 107 bytes that one may have"};
    remove_stale(work->network, path);
    Local::acceptor acceptor(work->network);
    Failure failed;
    acceptor.open(Local(), failed);
    if (!failed) acceptor.bind(Local::endpoint(path), failed);
    if (failed) return cannot_listen("`" + path + "`", failed);
    // Nobody can connect before it listens, and then only who owns it or is in its group.
    std::error_code refused;
    fs::permissions(
        path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::group_write, refused);
    if (refused) return base::Error{"the rights of the socket `" + path + "` cannot be set", {refused.message()}};
    acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) return cannot_listen("`" + path + "`", failed);
    return std::unique_ptr<Server>(
        std::make_unique<Listening<Local::acceptor>>(std::move(work), std::move(acceptor), "unix:" + path, path));
}

// The address may be used again at once after a server has ended; two servers at a time have it never.
base::Result<std::unique_ptr<Server>> on_port(std::unique_ptr<Work> work, const Listen& where) {
    using asio::ip::tcp;
    const tcp::endpoint endpoint(asio::ip::make_address(where.address), where.port);
    const bool is_v6 = endpoint.address().is_v6();
    const auto text = [&](std::uint16_t port) {
        return (is_v6 ? "[" + where.address + "]" : where.address) + ":" + std::to_string(port);
    };
    tcp::acceptor acceptor(work->network);
    Failure failed;
    acceptor.open(endpoint.protocol(), failed);
    if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor.bind(endpoint, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) return cannot_listen(text(where.port), failed);
    const std::string url = "http://" + text(acceptor.local_endpoint(failed).port()) + "/";
    return std::unique_ptr<Server>(
        std::make_unique<Listening<tcp::acceptor>>(std::move(work), std::move(acceptor), url, ""));
}

}  // namespace

// Only addresses of this machine: whoever connects reads everything, and is asked for nothing.
base::Result<Listen> listen_address(std::string_view text) {
    const base::Error wrong{
        "`--listen " + std::string(text) +
        "` is no place to listen: write `127.0.0.1:8470`, `[::1]:8470` or `unix:/run/pvsplan.sock`"};
    if (text.starts_with("unix:"))
        return text.size() == 5 ? base::Result<Listen>(wrong) : Listen{.socket = std::string(text.substr(5))};
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong;
    std::string host(text.substr(0, colon));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    Listen where{.address = host};
    const std::string_view port = text.substr(colon + 1);
    const auto end = std::from_chars(port.data(), port.data() + port.size(), where.port);
    if (port.empty() || end.ec != std::errc() || end.ptr != port.data() + port.size()) return wrong;
    Failure failed;
    const asio::ip::address address = asio::ip::make_address(host, failed);
    if (failed) return wrong;
    if (!address.is_loopback())
        return base::Error{
            "`--listen " + std::string(text) +
            "` could be reached from other machines, and nobody asks there who reads: listen on 127.0.0.1 "
            "or on a socket, and put a web server before it that does"};
    return where;
}

base::Result<std::unique_ptr<Server>> start_server(const Listen& where, const Limits& limits, Answer answer) {
    auto work = std::make_unique<Work>();
    work->limits = limits;
    work->answer = std::move(answer);
    return where.socket.empty() ? on_port(std::move(work), where) : on_socket(std::move(work), where.socket);
}

}  // namespace pvsplan::serve

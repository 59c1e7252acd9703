#include "runtime/lsp/server.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <list>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/lsp/diagnostics.hpp"
#include "runtime/lsp/inbox.hpp"
#include "runtime/lsp/requests.hpp"
#include "runtime/lsp/uris.hpp"

namespace pvsplan::lsp {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long it has to be quiet before findings go out: after one change since the last time; after several, as nobody
// reads what is replaced at once; and once more where that was told in the midst of them.
constexpr milliseconds quiet_after_one{8};
constexpr milliseconds quiet_after_many{50};
constexpr milliseconds quiet_after_more{250};
constexpr milliseconds long_quiet{400};  // what comes then is something else
// Advice is tried when nobody types.
constexpr milliseconds quiet_before_advice{1000};

// Looked at by the thread that reads, which must not wait for bytes behind an `exit`: there may never be any. A real
// one is short.
bool is_exit_message(const std::string& text) {
    if (text.size() > 1000 || text.find("exit") == std::string::npos) return false;
    const auto message = Message::read(text);
    return std::holds_alternative<Message>(message) && std::get<Message>(message).method == "exit";
}

// Reads until the end of the stream, or `exit`. Its own thread, since reading blocks. A stream that has ended is told
// like a message, behind all that came before it.
void read_all(const Streams& streams, Inbox& inbox) {
    Frames frames;
    std::string bytes;
    while (true) {
        bytes.resize(frames.wanted());
        bytes.resize(streams.read(bytes.data(), bytes.size()));
        if (bytes.empty()) break;
        std::optional<Frame> frame = frames.feed(bytes);
        if (!frame) continue;
        const auto* const text = std::get_if<std::string>(&*frame);
        const bool is_exit = text && is_exit_message(*text);
        inbox.post_when_there_is_room(std::move(*frame));
        if (is_exit) break;
    }
    inbox.post(EndOfInput{});
}

// `{"advice": false, "codeLenses": false, "inlayHints": {"iterations": false}}`, in what the editor is set to. A switch
// that is not there stays as it is; one of another type counts as not there.
void read_switches(const Message& message, const std::string& at, Switches& switches) {
    const auto set = [&](const std::string& name, bool& into) { into = message.flag(at + name).value_or(into); };
    set("/advice", switches.advice);
    set("/codeLenses", switches.lenses);
    set("/inlayHints/iterations", switches.iterations);
    set("/inlayHints/durations", switches.durations);
    set("/inlayHints/verdicts", switches.verdicts);
}

// Empty where the URI is no file of this machine.
std::string folder_of(const std::string& uri) {
    const auto path = path_of(uri);
    std::error_code ec;
    std::string folder = path ? std::filesystem::weakly_canonical(*path, ec).generic_string() : "";
    if (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    return folder;
}

std::vector<std::string> folders_in(const Message& message, const std::string& list) {
    std::vector<std::string> folders;
    for (std::size_t i = 0; i < message.count(list); ++i) {
        const auto uri = message.text(list + "/" + std::to_string(i) + "/uri");
        std::string folder = uri ? folder_of(*uri) : "";
        if (!folder.empty()) folders.push_back(std::move(folder));
    }
    return folders;
}

// `rootUri` is what older editors send; it counts only where there are no folders.
std::vector<std::string> roots_of(const Message& message) {
    std::vector<std::string> roots = folders_in(message, "/workspaceFolders");
    const auto root = roots.empty() ? message.text("/rootUri") : std::nullopt;
    if (root) roots.push_back(folder_of(*root));
    std::erase(roots, "");
    return roots;
}

// Every open document is asked anew for its project, and compiled there.
void change_folders(State& state, const Message& message) {
    std::vector<std::string> roots = state.units.roots();
    for (const std::string& gone : folders_in(message, "/event/removed")) std::erase(roots, gone);
    for (std::string& added : folders_in(message, "/event/added")) roots.push_back(std::move(added));
    state.units.set_roots(std::move(roots));
    for (const auto& [path, document] : state.documents.all()) {
        state.units.open(path);
        state.units.changed(path);
    }
}

void change_settings(State& state, const Message& message) {
    Switches& switches = state.client.switches;
    const bool had_advice = switches.advice;
    read_switches(message, "/settings/pvsplan", switches);
    if (!had_advice || switches.advice) return;
    for (const auto& [path, document] : state.documents.all()) state.units.changed(path);  // it goes
}

// Whether the document was compiled before.
bool is_known(State& state, const Message& message) {
    const auto uri = message.text("/textDocument/uri");
    const std::string* const path = uri ? state.documents.path_of_open(*uri) : nullptr;
    const Unit* const unit = path ? state.units.find(*path) : nullptr;
    return !unit || unit->compilation;
}

// Whether files on disk have changed that the open document is compiled with; if none is open, any that was read.
bool look_at_disk(State& state, const Message& message) {
    const auto uri = message.text("/textDocument/uri");
    const std::string* const path = uri ? state.documents.path_of_open(*uri) : nullptr;
    return state.units.look_at_disk(state.documents.texts(), path);
}

// One thread lives here and touches the state; the one that reads and the one that compiles reach it through the inbox
// alone. A request is answered at once where its row needs nothing, and else waits until what is open has been compiled
// as it is now.
class Server {
  public:
    Server(Inbox& inbox, const Streams& streams, const Settings& settings)
        : inbox_(inbox), streams_(streams), settings_(settings), state_(inbox) {}

    // Until the end. Whether it was announced.
    bool live() {
        while (!is_over_) {
            take(inbox_.take(wake_at_));
            go_on();
        }
        return is_shut_down_;
    }

  private:
    struct Waiting {
        Message message;
        const Request* request;
    };
    struct Published {
        std::optional<std::int64_t> version;
        std::string findings;
    };

    void send(const std::string& message) { streams_.write(framed(message)); }
    void take(std::vector<Event> events);
    void take(Message message);
    void ask(Message message);
    void answer(const Message& message, const Request& request);
    void send_what_is_to_tell();
    void told(const Message& message);
    void initialize(const Message& message);
    void open(const Message& message);
    void change(const Message& message);
    void close(const Message& message);
    const std::optional<std::string>& library_folder();
    void go_on();
    void answer_waiting();
    void publish();
    void advise();
    void tell(const std::string& uri, const std::string& found);

    Inbox& inbox_;
    const Streams& streams_;
    const Settings& settings_;
    State state_;
    std::list<Waiting> waiting_;
    std::set<std::string> cancelled_;
    std::optional<std::optional<std::string>> library_folder_;  // once it was asked for
    std::map<std::string, Published> published_;                // by URI
    std::optional<Moment> wake_at_;                             // to publish, or to look for advice
    bool has_news_ = false;
    std::size_t refreshes_ = 0;          // how often the editor was asked to pull anew
    std::size_t changes_ = 0;            // since findings went out
    std::size_t told_amid_changes_ = 0;  // how often, since it was quiet for long
    Moment last_change_;
    bool is_initialized_ = false;
    bool is_shut_down_ = false;
    bool is_over_ = false;
};

// All that has come is looked at before anything is compiled, and what was taken back is not begun.
void Server::take(std::vector<Event> events) {
    std::vector<Message> messages;
    bool is_end = false;
    for (Event& event : events) {
        if (std::holds_alternative<EndOfInput>(event)) is_end = true;
        if (const auto* const then = std::get_if<Then>(&event)) (*then)();
        auto* const frame = std::get_if<Frame>(&event);
        if (!frame) continue;
        if (const auto* const refused = std::get_if<Refused>(frame)) {
            send(refusal(std::nullopt, {ErrorCode::invalid_request, refused->why}));
            continue;
        }
        auto read = Message::read(std::move(std::get<std::string>(*frame)));
        if (const auto* const wrong = std::get_if<Wrong>(&read)) {
            send(refusal(std::nullopt, *wrong));
            continue;
        }
        messages.push_back(std::move(std::get<Message>(read)));
        if (messages.back().method == "$/cancelRequest")
            if (const auto id = messages.back().json("/id")) cancelled_.insert(*id);
    }
    for (Message& message : messages) take(std::move(message));
    for (const std::string& id : cancelled_)
        waiting_.remove_if([&](const Waiting& one) {
            if (one.message.id != id) return false;
            send(refusal(id, {ErrorCode::request_cancelled, "it was cancelled"}));
            return true;
        });
    cancelled_.clear();
    if (is_end) is_over_ = true;
}

// A notification is never answered, whatever is wrong with it.
void Server::take(Message message) {
    if (message.method.empty()) return;  // an answer to something that nobody asked
    if (!message.id) return told(message);
    if (cancelled_.contains(*message.id))
        return send(refusal(message.id, {ErrorCode::request_cancelled, "it was cancelled"}));
    ask(std::move(message));
}

// In the order that the protocol wants: `initialize`, requests, `shutdown`, and nothing but `exit` then. Files that are
// not open are looked at on the disk with each request that depends on them, since not every editor watches them.
void Server::ask(Message message) {
    if (message.method == "initialize") return initialize(message);
    if (!is_initialized_)
        return send(refusal(message.id, {ErrorCode::server_not_initialized, "`initialize` comes first"}));
    if (is_shut_down_) return send(refusal(message.id, {ErrorCode::invalid_request, "`shutdown` came before"}));
    if (message.method == "shutdown") {
        is_shut_down_ = true;
        return send(lsp::answer(*message.id, "null"));
    }
    const Request* const request = request_named(message.method);
    if (!request)
        return send(refusal(message.id, {ErrorCode::method_not_found, "there is no `" + message.method + "`"}));
    if (message.method == "textDocument/diagnostic" && state_.client.can_pull_diagnostics &&
        !std::exchange(state_.client.pulls_diagnostics, true))
        has_news_ = true;  // what it was told so far is taken back
    if (request->needs == Request::Needs::text) return answer(message, *request);
    const bool has_changed = look_at_disk(state_, message);
    if (request->needs == Request::Needs::known && is_known(state_, message) && !has_changed)
        return answer(message, *request);
    waiting_.push_back({std::move(message), request});
}

void Server::answer(const Message& message, const Request& request) {
    const Answer answer = request.answer(state_, message);
    send_what_is_to_tell();
    if (const auto* const wrong = std::get_if<Wrong>(&answer)) return send(refusal(message.id, *wrong));
    send(lsp::answer(*message.id, std::get<std::string>(answer)));
}

void Server::send_what_is_to_tell() {
    for (const std::string& telling : std::exchange(state_.to_tell, {})) send(telling);
}

// What no row and no branch knows is passed over: the protocol lets a server ignore any notification.
void Server::told(const Message& message) {
    if (message.method == "exit") {
        is_over_ = true;
    } else if (is_initialized_ && !is_shut_down_) {
        if (message.method == "textDocument/didOpen") open(message);
        if (message.method == "textDocument/didChange") change(message);
        if (message.method == "textDocument/didClose") close(message);
        if (message.method == "workspace/didChangeConfiguration") change_settings(state_, message);
        if (message.method == "workspace/didChangeWorkspaceFolders" && settings_.root.empty())
            change_folders(state_, message);
        const bool is_on_disk =
            message.method == "textDocument/didSave" || message.method == "workspace/didChangeWatchedFiles";
        if (is_on_disk) look_at_disk(state_, message);
    }
}

// What the editor can do is asked once and kept; what it does not say it cannot do.
void Server::initialize(const Message& message) {
    if (is_initialized_) return send(refusal(message.id, {ErrorCode::invalid_request, "`initialize` came before"}));
    is_initialized_ = true;
    Client& client = state_.client;
    const std::string encodings = "/capabilities/general/positionEncodings";
    // The first of those that the editor prefers; without a word it is UTF-16.
    for (std::size_t i = 0; i < message.count(encodings); ++i) {
        const auto name = message.text(encodings + "/" + std::to_string(i));
        if (name == "utf-16") break;
        if (name != "utf-8") continue;
        client.encoding = Encoding::utf8;
        break;
    }
    client.can_pull_diagnostics = message.has("/capabilities/textDocument/diagnostic");
    client.can_refresh_diagnostics = message.flag("/capabilities/workspace/diagnostics/refreshSupport").value_or(false);
    client.can_ask_for_library = message.has("/capabilities/workspace/textDocumentContent");
    if (!client.can_ask_for_library) client.library_folder = [this] { return library_folder(); };
    client.shows_verdicts = message.flag("/initializationOptions/showsVerdicts").value_or(false);
    read_switches(message, "/initializationOptions", client.switches);
    state_.units.set_roots(settings_.root.empty() ? roots_of(message) : std::vector{settings_.root});
    send(lsp::answer(*message.id, capabilities_json(client, settings_.version)));
}

// Once: what failed is told, and not tried again.
const std::optional<std::string>& Server::library_folder() {
    if (library_folder_) return *library_folder_;
    library_folder_.emplace();
    if (auto copied = settings_.copy_library(); copied) {
        *library_folder_ = std::move(*copied);
    } else {
        state_.to_tell.push_back(shown(
            MessageType::warning, "files of the standard library cannot be opened here: " + copied.error().text()));
    }
    return *library_folder_;
}

// What is open belongs to other projects from then on.
void Server::open(const Message& message) {
    const auto uri = message.text("/textDocument/uri");
    auto text = message.text("/textDocument/text");
    if (!uri || !text || uri->starts_with(library_scheme)) return;
    const std::string path = state_.documents.open(*uri, message.number("/textDocument/version"), std::move(*text));
    state_.client.uris[path] = *uri;
    state_.forget_findings();
    state_.units.open(path);
    state_.units.changed(path);
    last_change_ = steady_clock::now();
}

// An edit whose range is malformed is dropped and not taken for the whole text: that would replace a document by a
// part.
void Server::change(const Message& message) {
    const auto uri = message.text("/textDocument/uri");
    Document* const document = uri ? state_.documents.find(*uri) : nullptr;
    if (!document) return;
    std::vector<Edit> edits;
    for (std::size_t i = 0; i < message.count("/contentChanges"); ++i) {
        const std::string at = "/contentChanges/" + std::to_string(i);
        auto text = message.text(at + "/text");
        const bool is_part = message.has(at + "/range");
        const auto range = message.range(at + "/range");
        if (text && is_part == range.has_value()) edits.push_back({range, std::move(*text)});
    }
    state_.documents.change(*document, message.number("/textDocument/version"), edits, state_.client.encoding);
    state_.units.changed(*state_.documents.path_of_open(*uri));
    const Moment now = steady_clock::now();
    if (now - last_change_ > long_quiet) told_amid_changes_ = 0;
    last_change_ = now;
    ++changes_;
}

// Its findings are taken back by publish(), which goes through all that was ever told.
void Server::close(const Message& message) {
    const auto uri = message.text("/textDocument/uri");
    const std::string* const known = uri ? state_.documents.path_of_open(*uri) : nullptr;
    if (!known) return;
    const std::string path = *known;
    state_.documents.close(*uri);
    state_.client.uris.erase(path);
    state_.forget_findings();
    state_.units.close(path);
    state_.units.changed(path);
    has_news_ = true;
}

// One step after whatever has come: compile what is not current, answer what has waited, publish once it is quiet,
// advise last. Each of them ends in a new event or in `wake_at_`, so that the loop neither spins nor sleeps for ever on
// something that is due.
void Server::go_on() {
    wake_at_.reset();
    if (is_over_) return;
    Units& units = state_.units;
    if (!units.are_current()) {
        has_news_ = true;
        units.compile_next(state_.documents.texts(), [] {});
        return;
    }
    answer_waiting();
    if (!has_news_) return advise();
    const milliseconds quiet = changes_ <= 1             ? quiet_after_one
                               : told_amid_changes_ == 0 ? quiet_after_many
                                                         : quiet_after_more;
    const Moment due = last_change_ + quiet;
    if (changes_ == 0 || steady_clock::now() >= due) {
        if (changes_ > 1) ++told_amid_changes_;
        publish();
        advise();
    } else {
        wake_at_ = due;
    }
}

// Once nothing else is left to do.
void Server::advise() {
    Units& units = state_.units;
    if (!state_.client.switches.advice || !waiting_.empty() || units.is_busy() || units.are_advised()) return;
    const Moment due = last_change_ + quiet_before_advice;
    if (steady_clock::now() < due) {
        wake_at_ = due;
        return;
    }
    units.advise_next([this](HasAdvice has) {
        if (has == HasAdvice::no) return;
        has_news_ = true;
        if (state_.client.pulls_diagnostics && state_.client.can_refresh_diagnostics)
            send(request(std::to_string(++refreshes_), "workspace/diagnostic/refresh"));
    });
}

// What needs proved fixes waits for them behind all that needs none.
void Server::answer_waiting() {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        if (at->request->needs == Request::Needs::repairs) {
            const auto uri = at->message.text("/textDocument/uri");
            const std::string* const path = uri ? state_.documents.path_of_open(*uri) : nullptr;
            const Unit* const unit = path ? state_.units.find(*path) : nullptr;
            if (unit && unit->compilation && !unit->repaired) {
                state_.units.repair(*path, state_.documents.texts(), [] {});
                ++at;
                continue;
            }
        }
        answer(at->message, *at->request);
        at = waiting_.erase(at);
    }
}

// Documents without a finding are told so as well, and so are files that had one before.
void Server::publish() {
    has_news_ = false;
    changes_ = 0;
    Findings findings = state_.findings();
    send_what_is_to_tell();
    for (const auto& [path, document] : state_.documents.all()) findings[document.uri];
    for (const auto& [uri, told] : published_) findings[uri];
    for (const auto& [uri, found] : findings) tell(uri, findings_json(found));
    state_.let_go();
}

// Nothing is sent twice. An editor that pulls gets an empty list once for what was pushed before, or it would show
// both.
void Server::tell(const std::string& uri, const std::string& found) {
    const Document* const document = state_.documents.find(uri);
    const bool is_asked_for = document && state_.client.pulls_diagnostics;
    if (is_asked_for && !published_.contains(uri)) return;
    const std::string findings = is_asked_for ? "[]" : found;
    const std::optional<std::int64_t> version = document ? document->version : std::nullopt;
    const auto known = published_.find(uri);
    const bool is_same =
        known != published_.end() && known->second.version == version && known->second.findings == findings;
    if (is_same || (known == published_.end() && !document && findings == "[]")) return;
    published_[uri] = {version, findings};
    if ((!document || is_asked_for) && findings == "[]") published_.erase(uri);
    send(notification("textDocument/publishDiagnostics", published_json(uri, version, findings)));
}

}  // namespace

// The reader is joined at the end: it ends with the stream, or with the same `exit`. It is made last: were there no
// thread for the server, it would be waited for until the editor goes.
bool serve(const Streams& streams, const Settings& settings) {
    Inbox inbox;
    Server server(inbox, streams, settings);
    const std::jthread reader([&] { read_all(streams, inbox); });
    return server.live();
}

}  // namespace pvsplan::lsp

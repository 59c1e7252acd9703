#include <algorithm>
#include <atomic>
#include <memory>

#include "compiler/base/lower_case.hpp"
#include "compiler/base/shell_word.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/prove.hpp"
#include "runtime/cli/resumes.hpp"
#include "runtime/cli/run_picture.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/serve/pages.hpp"
#include "runtime/serve/server.hpp"
#include "runtime/store/memory_store.hpp"

namespace pvsplan::cli {
namespace {

struct ServeArguments {
    std::string listen = "127.0.0.1:8470";
    std::vector<std::string> hosts;
    std::string trust_header;
    std::uint32_t resume = 0;  // runs at once
};

constexpr ports::Millis look_every_ms = 2000;  // how often runs to resume are looked for

// The store whose runs are shown: as if it were empty until the first run makes it. Several threads open it.
class ShownStore {
  public:
    // Both outlive it.
    ShownStore(const Session& session, const StorePlace& place) : session_(&session), place_(&place) {}

    base::Result<std::unique_ptr<const ports::Store>> open() {
        Session own = *session_;
        base::Result<std::unique_ptr<const ports::Store>> store = open_store_if_made(own, *place_);
        if (!store) return store;
        if (*store) {
            has_been_there_ = true;
            return store;
        }
        if (has_been_there_) return base::Error{"the store `" + base::shown_store(place_->file) + "` is gone"};
        return std::unique_ptr<const ports::Store>(std::make_unique<store::MemoryStore>());
    }
    [[nodiscard]] bool has_been_there() const { return has_been_there_; }

  private:
    const Session* session_;
    const StorePlace* place_;
    std::atomic<bool> has_been_there_ = false;
};

// A person's approval, as `approve` records it: by that name, which no account of this machine vouches for.
engine::Ended approve_as(const Session& session, const StorePlace& place, const std::string& person,
                         const std::string& run, const std::string& step, const std::string& because) {
    Session own = session;
    base::Result<std::unique_ptr<ports::Store>> store = open_store(own, place, Waits::no);
    if (!store) return {.outcome = engine::Outcome::wrong, .run = run, .message = store.error().text()};
    ports::SystemClock clock;
    ports::Mailbox mailbox;
    ports::NoSignals signals;
    ports::NoSecrets secrets;
    engine::Environment environment;
    environment.store = store->get();
    environment.clock = &clock;
    environment.mailbox = &mailbox;
    environment.signals = &signals;
    environment.secrets = &secrets;
    environment.me = ports::who_am_i();
    environment.me.host += " through pvsplan serve by " + environment.me.user;
    environment.me.user = person;
    environment.me.account = "";
    return engine::approve(environment, run, step, because);
}

// Of the letters that web servers pass on unchanged; none is fine, since then no header is trusted.
bool is_header_name(const std::string& name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

// Everything that the pages may do, as functions: serve/ knows neither the session nor a store's place. Approvals are
// there only with a header that is trusted; without it no page has a form.
serve::Site site_of(const Session& session, const StorePlace& place, const ServeArguments& arguments,
                    const serve::Listen& where, ShownStore& store) {
    serve::Site site{.store = base::shown_store(place.file)};
    site.admission.hosts = arguments.hosts;
    site.admission.is_on_socket = !where.socket.empty();
    site.admission.trust_header = base::lower_case(arguments.trust_header);
    site.admission.secret = ports::random_word() + ports::random_word();
    site.open_store = [&store] { return store.open(); };
    Session anywhere = session;
    anywhere.store_hint = " --store " + base::shell_word(place.file);
    site.typed = [anywhere](const std::string& command) { return with_store(anywhere, command); };
    site.lanes = run_picture;
    site.prove = proof_for_advice();
    if (!arguments.trust_header.empty())
        site.approve = [&session, &place](const std::string& person, const std::string& run, const std::string& step,
                                          const std::string& because) {
            return approve_as(session, place, person, run, step, because);
        };
    return site;
}

// Until a signal comes: takes up what was asked for.
void take_up(ShownStore& shown, serve::Resumer& resumer, ports::Mailbox& mailbox, const ports::Signals& signals) {
    ports::SystemClock clock;
    while (signals.count() == 0) {
        const base::Result<std::unique_ptr<const ports::Store>> store = shown.open();
        if (store) resumer.look(**store, clock);
        if (!store) resumer.say_fault(store.error().text());
        (void)clock.wait(mailbox, clock.steady() + look_every_ms);
    }
}

// All that can be refused is refused before the socket is opened. The server is made last and so goes first: what its
// threads use outlives them.
Exit serve_runs(Session& session, const ServeArguments& arguments) {
    const base::Result<serve::Listen> where = serve::listen_address(arguments.listen);
    if (!where) return complain(session, where.error(), Exit::usage);
    if (!arguments.trust_header.empty() && where->socket.empty())
        return complain(
            session,
            "`--trust-header` goes with `--listen unix:PATH` alone: whoever reaches a port could say in that "
            "header to be anybody",
            Exit::usage);
    if (!is_header_name(arguments.trust_header))
        return complain(session, "`--trust-header " + arguments.trust_header + "` is no name of a header", Exit::usage);
    const base::Result<StorePlace> place = store_from_here(session);
    if (!place) return complain(session, place.error(), Exit::wrong);
    ShownStore shown(session, *place);
    if (const auto store = shown.open(); !store) return complain(session, store.error(), Exit::wrong);
    serve::Site site = site_of(session, *place, arguments, *where, shown);
    if (site.admission.secret.size() < 32)
        return complain(session, "this machine gives no random words, which the forms need", Exit::wrong);
    std::unique_ptr<serve::Resumes> resumes;
    std::unique_ptr<serve::Resumer> resumer;
    if (arguments.resume > 0) {
        base::Result<std::unique_ptr<serve::Resumes>> made = make_resumes(*place);
        if (!made) return complain(session, made.error(), Exit::wrong);
        resumes = std::move(*made);
        resumer = std::make_unique<serve::Resumer>(arguments.resume, *resumes);
        site.taken_up = [&resumer] { return resumer->taken_up(); };
    }
    ports::Mailbox mailbox;
    const ports::CaughtSignals signals(mailbox);
    ports::SystemClock clock;
    const base::Result<std::unique_ptr<serve::Server>> server = serve::start_server(
        *where, {}, [&site](const serve::Request& request) { return serve::answer(site, request); });
    if (!server) return complain(session, server.error(), Exit::wrong);
    session.out.write(diag::harmless("serving the runs of " + site.store + " on " + (*server)->url()) + "\n");
    if (!shown.has_been_there())
        say(session, "there is no store there yet; the first run makes it, and is shown from then on");
    if (resumer) take_up(shown, *resumer, mailbox, signals);
    while (signals.count() == 0) (void)clock.wait(mailbox, std::nullopt);
    return Exit::done;
}

}  // namespace

Command serve_command() {
    auto arguments = std::make_shared<ServeArguments>();
    return {
        .name = "serve",
        .group = Command::Group::run,
        .summary = "Show the runs of a store as web pages",
        .description =
            "What runs, which farm is held by whom, which approvals wait, each run with its lanes and its journal; "
            "of a store that machines share also the workers of its sites, and which jobs wait for one. "
            "Where no run has made the store yet that --store names, they are empty. "
            "It is read by whoever can connect, so it listens on this machine alone, and changes nothing. With "
            "--trust-header the people whom a web server before it names can approve steps.\n\n"
            "What --resume has started goes on when this ends. Each run has a process of its own, whose log the page "
            "of "
            "the run names: it is in `pvsplan/resumed` of XDG_STATE_HOME (else of `.local/state` in HOME). A process "
            "that ends without having gone on is followed by another one after 30 s and by a third after 5 min; then "
            "the run is left alone until somebody says more.",
        .options = {{"--resume", "COUNT",
                     "Goes on with runs that were asked for and that nobody has, up to so many at once (default: "
                     "none): after their process died without a word, after somebody approved what they waited "
                     "for, and when the window opens that they wait for. Not with one that failed, is in doubt, was "
                     "interrupted, or was to stop where it is. It is `pvsplan resume`, in the name of this account: "
                     "what the store "
                     "says is done, so whoever can write the store can do what this account can",
                     &arguments->resume},
                    {"--listen", "ADDRESS",
                     "Where: an address of this machine (default: 127.0.0.1:8470; port 0: any that is free) or "
                     "`unix:PATH`, a socket for its owner and group",
                     &arguments->listen},
                    {"--host", "NAME",
                     "A further name under which browsers call it, such as that of the web server before it",
                     &arguments->hosts},
                    {"--trust-header", "NAME",
                     "Who is there, as the web server before it says (X-Remote-User): they may approve steps as "
                     "`pvsplan approve` lets them. Wants --listen unix:PATH",
                     &arguments->trust_header}},
        .run = [arguments](Session& session) { return serve_runs(session, *arguments); }};
}

}  // namespace pvsplan::cli

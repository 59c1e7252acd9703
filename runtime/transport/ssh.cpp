#include "runtime/transport/ssh.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "runtime/transport/child.hpp"
#include "runtime/transport/claims.hpp"
#include "runtime/transport/connect.hpp"
#include "runtime/transport/host_reply.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/patience.hpp"
#include "runtime/transport/place.hpp"
#include "runtime/transport/remote_job.hpp"
#include "runtime/transport/scripts.hpp"
#include "runtime/transport/ssh_host.hpp"
#include "runtime/transport/ssh_windows.hpp"

namespace pvsplan::transport {

namespace {

using ports::Job;
using ports::JobEvent;
using ports::Millis;
using JobEventType = ports::JobEvent::Type;

constexpr std::size_t max_clients = 100;  // processes of ssh at once: four descriptors each, of 1,024
constexpr ports::Millis clean_every_ms = 3'600'000;
constexpr Millis answer_ms = 2000;  // for the host to say itself that an observation took too long

// What a connection is given to run, whatever the login shell: in all of them this is one word without surprises.
// It reads as many bytes as it is told, one by one since nothing behind them may be read, and runs them as the script.
std::string remote_command(std::size_t script_size) {
    return "/bin/sh -c 'eval \"$(dd bs=1 count=" + std::to_string(script_size) + " 2>/dev/null)\"'";
}

struct SshCall {
    Job job;
    SshHost host;
    Parcel parcel;
    std::unique_ptr<Child> ssh;  // null: between two tries, or waiting for its turn
    HostReply reply;
    std::string place;             // where the host keeps its jobs
    std::string errors;            // of ssh itself
    bool was_sent = false;         // the host may have got all it needs to begin …
    bool was_sent_before = false;  // … by a connection before this one
    bool is_unreachable = false;   // and people know
    Patience patience;
    Loop::Timer retry = 0;
    Loop::Timer limit = 0;
};

// The word by which host.sh tells what is asked of it.
std::string_view word_for(const Job& job) {
    if (job.type == Job::Type::claim) return "claim";
    if (job.type == Job::Type::release) return job.claim->is_over ? "over" : "release";
    if (job.type == Job::Type::observation) return "observe";
    switch (job.ask) {
        case Job::Ask::start: return "start";
        case Job::Ask::attach: return "attach";
        case Job::Ask::look: return "look";
        case Job::Ask::kill: return "kill";
    }
    return "attach";
}

// A talk is one job seen over as many connections as it takes. Its key stays the same in all of them, so the host never
// begins it twice.
class Ssh final : public ports::Transport {
  public:
    Ssh(Loop& loop, ports::Mailbox& mailbox, SshOptions options)
        : loop_(loop),
          mailbox_(mailbox),
          options_(std::move(options)),
          windows_(make_windows_jobs(loop, mailbox, make_ssh_road(loop, options_),
                                     {.look_every_ms = 2000,
                                      .first_retry_ms = options_.first_retry_ms,
                                      .max_retry_ms = options_.max_retry_ms})) {}
    ~Ssh() override {
        windows_.reset();
        loop_.run_and_wait([this] {
            while (!talks_.empty()) drop(talks_.begin()->first);
        });
    }

    void start_or_attach(Job job) override {
        if (connect_text(job, "system") == "windows") return windows_->start_or_attach(std::move(job));
        loop_.post([this, job = std::move(job)]() mutable { begin(std::move(job)); });
    }
    void forget(const std::string& key) override {
        windows_->forget(key);
        loop_.post([this, key] {
            drop(key);
            next_in_line();
        });
    }
    void recorded(const std::string& key) override {
        windows_->recorded(key);
        loop_.post([this, key] {
            const auto found = host_of_ended_.find(key);
            if (found == host_of_ended_.end()) return;
            hosts_[found->second].recorded.insert(key);
            host_of_ended_.erase(found);
        });
    }

  private:
    // What is known of a host from all talks with it.
    struct Host {
        bool answers = false;           // the last connection did: further ones share it
        std::string probe;              // the key of the talk that tries while it does not
        std::set<std::string> waiting;  // talks that wait for the outcome of the probe
        Millis clean_at = 0;
        std::set<std::string> recorded;  // keys whose folders may go, with the next connection
    };

    void finish(const std::string& key, JobEventType is, std::string text) {
        finish({.key = key, .type = is, .text = std::move(text)});
    }
    // Another job of the host may begin then.
    void finish(JobEvent event) {
        drop(event.key);
        mailbox_.post(std::move(event));
        next_in_line();
    }
    void begin(Job job);
    void time_is_up(const std::string& key);
    void connect(const std::string& key);
    static bool is_time_to_clean(Host& host);
    [[nodiscard]] std::string script_for(const SshCall& talk, Host& host) const;
    void receive(const std::string& key, std::string_view bytes);
    void receive_reply(const std::string& key, HostReply::Said said);
    void greeted(SshCall& talk);
    void ended(const std::string& key, int status);
    void broke(const std::string& key, const SshComplaint& complaint);
    void drop(const std::string& key);
    void next_in_line();

    Loop& loop_;
    ports::Mailbox& mailbox_;
    SshOptions options_;
    std::map<std::string, SshCall> talks_;
    std::map<std::string, Host> hosts_;
    std::map<std::string, std::string> host_of_ended_;  // key -> identity of its host
    std::deque<std::string> in_line_;                   // talks that wait for a free client
    std::size_t clients_ = 0;
    std::unique_ptr<ports::Transport> windows_;
};

// All that can be wrong with the job itself is found here, before anything goes to its host.
void Ssh::begin(Job job) {
    const std::string key = job.key;
    drop(key);
    if (!is_good_key(key)) return finish(key, JobEventType::never_started, "its key is no file name");
    auto host = ssh_host(job, options_);
    if (!host) return finish(key, JobEventType::never_started, host.error().text());
    const bool has_command = job.type == Job::Type::command || job.type == Job::Type::observation;
    auto parcel = has_command ? make_parcel(job) : Parcel{};
    if (!parcel) return finish(key, JobEventType::never_started, parcel.error().text());
    SshCall& talk = talks_[key];
    talk.job = std::move(job);
    talk.host = std::move(*host);
    talk.parcel = std::move(*parcel);
    talk.was_sent = is_of_begun_job(talk.job);
    if (talk.job.type == Job::Type::command && talk.job.timeout_ms > 0)
        talk.limit = loop_.after(talk.job.timeout_ms, [this, key] { time_is_up(key); });
    connect(key);
}

void Ssh::time_is_up(const std::string& key) {
    SshCall& talk = talks_.at(key);
    if (auto end = end_at_timeout(talk.job, talk.host.name, talk.was_sent ? Begun::maybe : Begun::surely_not))
        return finish(std::move(*end));
    begin(to_be_killed(std::move(talk.job)));
}

// Once an hour and host: cleaning looks at all folders of jobs there.
bool Ssh::is_time_to_clean(Host& host) {
    const Millis now = ports::since_boot();
    if (host.clean_at != 0 && now < host.clean_at) return false;
    host.clean_at = now + clean_every_ms;
    return true;
}

// Every value goes in as one quoted word. Secrets are not among them: they follow once the host wants them.
std::string Ssh::script_for(const SshCall& talk, Host& host) const {
    const auto set = [](const char* name, const std::string& text) {
        return std::string(name) + "=" + shell_quoted(text) + "\n";
    };
    std::string old;
    for (const auto& key : host.recorded) old += key + " ";
    // They are told once. If this connection breaks before the host hears of them, their folders go when they are old.
    host.recorded.clear();
    const ports::Claim claim = talk.job.claim.value_or(ports::Claim{});
    return set("key", talk.job.key) + set("ask", std::string(word_for(talk.job))) +
           set("again", talk.was_sent_before ? "1" : "") + set("place", talk.job.place) +
           set("limit", std::to_string((talk.job.timeout_ms + 999) / 1000)) +
           set("claim", talk.job.claim ? claim_line(claim) : "") + set("claim_name", claim_name(claim.farm)) +
           set("claim_run", claim.run) + set("claim_token", std::to_string(claim.token)) +
           set("instead_of", claim.instead_of) + set("jobs", talk.host.jobs) +
           set("run_size", std::to_string(talk.parcel.run.size())) +
           set("script_size", std::to_string(talk.parcel.script.size())) +
           set("secret_size", std::to_string(talk.parcel.environment.size())) + set("old", old) +
           set("clean", is_time_to_clean(host) ? std::to_string(days_kept) : "") +
           set("retired_for", std::to_string(options_.retired_s)) + set("max", std::to_string(max_output)) +
           set("ends", std::to_string(kept_at_ends)) + set("runner", runner_script()) + set("keeper", keeper_script()) +
           host_script();
}

// One talk at a time makes the first connection to a host; the others then share it.
void Ssh::connect(const std::string& key) {
    SshCall& talk = talks_.at(key);
    Host& host = hosts_[talk.host.identity];
    if (!host.answers && !host.probe.empty() && host.probe != key) {
        host.waiting.insert(key);
        return;
    }
    if (clients_ >= max_clients) {
        in_line_.push_back(key);
        return;
    }
    if (!host.answers) host.probe = key;
    talk.patience.tries();
    const auto script = script_for(talk, host);
    auto argv = talk.host.argv;
    argv.push_back(remote_command(script.size()));
    talk.reply = {};
    talk.errors.clear();
    talk.was_sent_before = talk.was_sent;
    auto child = Child::start(loop_, std::move(argv), plain_environment(),
                              {.on_out = [this, key](std::string_view more) { receive(key, more); },
                               .on_err =
                                   [this, key](std::string_view more) {
                                       auto& errors = talks_.at(key).errors;
                                       if (errors.size() < 10'000) errors += more;
                                   },
                               .on_end = [this, key](int status) { ended(key, status); }});
    if (!child) return broke(key, {child.error().text(), true});
    ++clients_;
    talk.ssh = std::move(*child);
    // A host that cannot be reached has its own patience; this is for one that is there and does not answer.
    if (talk.job.type != Job::Type::command && talk.job.timeout_ms > 0)
        talk.limit = loop_.after(talk.job.timeout_ms + answer_ms, [this, key] { time_is_up(key); });
    talk.ssh->write(script);
}

// Each thing that was said may end the talk, so it is looked for anew after each.
void Ssh::receive(const std::string& key, std::string_view bytes) {
    talks_.at(key).reply.take(bytes);
    while (true) {
        const auto found = talks_.find(key);
        if (found == talks_.end()) return;
        auto said = found->second.reply.next();
        if (!said) return;
        receive_reply(key, std::move(*said));
    }
}

// The script runs, so the host answers: those that waited for this connection share it now.
void Ssh::greeted(SshCall& talk) {
    Host& host = hosts_[talk.host.identity];
    host.answers = true;
    host.probe.clear();
    if (std::exchange(talk.is_unreachable, false))
        mailbox_.post({.key = talk.job.key, .type = JobEventType::reachable});
    talk.patience.answered();
    for (const auto& key : std::exchange(host.waiting, {})) connect(key);
}

void Ssh::receive_reply(const std::string& key, HostReply::Said said) {
    using What = HostReply::Said::What;
    SshCall& talk = talks_.at(key);
    switch (said.what) {
        case What::hello: return greeted(talk);
        case What::want:
            talk.was_sent = true;
            talk.ssh->write(talk.parcel.environment);
            talk.ssh->write(talk.parcel.run);
            talk.ssh->write(talk.parcel.script);
            talk.ssh->close_input();
            return;
        case What::place: talk.place = std::move(said.text); return;
        case What::running:
            talk.was_sent = true;
            if (talk.job.ask == Job::Ask::look) finish(key, JobEventType::running, "");
            return;
        case What::tail:
            if (auto line = last_line(said.out); !line.empty()) {
                mailbox_.post({.key = key, .type = JobEventType::output, .text = std::move(line)});
            }
            return;
        case What::hindered:
            mailbox_.post(
                {.key = key, .type = JobEventType::hindered, .text = talk.host.name + ": " + std::move(said.text)});
            return;
        case What::end:
            if (talk.job.type == Job::Type::command) host_of_ended_[key] = talk.host.identity;
            return finish({.key = key,
                           .type = JobEventType::ended,
                           .exit_status = said.status,
                           .out = std::move(said.out),
                           .err = std::move(said.err),
                           .dropped = said.dropped});
        case What::gone:
            return finish(
                key, JobEventType::no_record,
                "it began, and ended without leaving its exit status (killed, or " + talk.host.name + " restarted)");
        case What::unknown: return finish(key, JobEventType::no_record, talk.host.name + " knows of no such job");
        case What::unsure: return finish(key, JobEventType::lost, talk.host.name + ": " + said.text);
        case What::elsewhere: return finish(key, JobEventType::elsewhere, difference(talk.job.place, said.text));
        case What::killed: return finish(key, JobEventType::killed, "");
        case What::claimed:
            return finish({.key = key,
                           .type = JobEventType::claimed,
                           .err = std::move(said.text),
                           .text = std::move(talk.place)});
        case What::held:
            return finish(
                {.key = key, .type = JobEventType::held, .err = std::move(said.err), .text = std::move(said.text)});
        case What::refused:
            // This connection has not started it; what an earlier one sent may still be on its way to.
            return finish(key, talk.was_sent_before ? JobEventType::lost : JobEventType::never_started,
                          talk.host.name + ": " + said.text);
    }
}

// 255 is ssh's own. Any other end without a greeting came from something that is no shell, and will be the same next
// time.
void Ssh::ended(const std::string& key, int status) {
    SshCall& talk = talks_.at(key);
    const auto complaint = understand_ssh(talk.errors, talk.host);
    if (status != 255 && !talk.reply.has_greeted()) {
        const auto line = last_line("\n" + talk.errors + "\n");
        return broke(key, {talk.host.name + " did not run /bin/sh" + (line.empty() ? "" : ": " + line), true});
    }
    broke(key, complaint);
}

// Whoever waited for this try has failed with it: each counts its own patience.
void Ssh::broke(const std::string& key, const SshComplaint& complaint) {
    SshCall& talk = talks_.at(key);
    if (talk.job.type != Job::Type::command) loop_.cancel(talk.limit);
    if (talk.ssh) {
        talk.ssh.reset();
        --clients_;
    }
    const auto fail = [this](const std::string& whose, const SshComplaint& why) {
        SshCall& failed = talks_.at(whose);
        failed.patience.tries();
        if (why.is_for_good || failed.patience.is_over(failed.job.patience_ms))
            return finish(whose, failed.was_sent ? JobEventType::lost : JobEventType::never_started, why.text);
        if (!std::exchange(failed.is_unreachable, true)) {
            mailbox_.post({.key = whose, .type = JobEventType::unreachable, .text = why.text});
        }
        const auto pause =
            failed.patience.pause(options_.first_retry_ms, options_.max_retry_ms, failed.job.patience_ms);
        failed.retry = loop_.after(pause, [this, whose] { connect(whose); });
    };
    Host& host = hosts_[talk.host.identity];
    host.answers = false;
    if (host.probe == key) host.probe.clear();
    auto others = std::exchange(host.waiting, {});
    fail(key, complaint);
    for (const auto& other : others) {
        if (talks_.contains(other)) fail(other, complaint);
    }
    next_in_line();
}

// The client is killed; on the host the job goes on, for it belongs to no connection.
void Ssh::drop(const std::string& key) {
    const auto found = talks_.find(key);
    if (found == talks_.end()) return;
    SshCall& talk = found->second;
    loop_.cancel(talk.retry);
    loop_.cancel(talk.limit);
    if (talk.ssh) {
        talk.ssh->kill();
        --clients_;
    }
    Host& host = hosts_[talk.host.identity];
    host.waiting.erase(key);
    if (host.probe == key) {
        // Nobody knows yet whether the host answers: another tries.
        host.probe.clear();
        for (const auto& other : std::exchange(host.waiting, {})) in_line_.push_back(other);
    }
    std::erase(in_line_, key);
    talks_.erase(found);
}

// A talk may have ended while it waited.
void Ssh::next_in_line() {
    while (!in_line_.empty() && clients_ < max_clients) {
        const auto key = std::move(in_line_.front());
        in_line_.pop_front();
        if (talks_.contains(key)) connect(key);
    }
}

}  // namespace

std::unique_ptr<ports::Transport> make_ssh(Loop& loop, ports::Mailbox& mailbox, SshOptions options) {
    return std::make_unique<Ssh>(loop, mailbox, std::move(options));
}

}  // namespace pvsplan::transport

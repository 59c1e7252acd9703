#include "runtime/transport/windows_jobs.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/patience.hpp"
#include "runtime/transport/place.hpp"
#include "runtime/transport/remote_job.hpp"
#include "runtime/transport/windows_job.hpp"

namespace pvsplan::transport {

namespace {

using ports::Job;
using ports::JobEvent;
using ports::Millis;
using JobEventType = ports::JobEvent::Type;

constexpr Millis windows_answer_ms = 5000;  // for the host to say itself that an observation took too long

// A job, seen through one short question after another: start it, then look now and then.
struct WindowsCall {
    Job job;
    WindowsHost host;
    bool may_run = false;  // the host may have got all it needs to begin
    bool is_unreachable = false;
    std::string told;  // the last line of output
    Patience patience;
    Loop::Timer next = 0;
    Loop::Timer limit = 0;
    std::uint64_t asked = 0;  // number of the question under way; answers to others are of no interest
};

// Each question stands alone and may be asked again: what the host answers depends on the job's folder, not on the
// connection.
class WindowsJobs final : public ports::Transport {
  public:
    WindowsJobs(Loop& loop, ports::Mailbox& mailbox, std::unique_ptr<WindowsRoad> road, WindowsJobsOptions options)
        : loop_(loop), mailbox_(mailbox), road_(std::move(road)), options_(options) {}
    ~WindowsJobs() override {
        loop_.run_and_wait([this] {
            while (!talks_.empty()) drop(talks_.begin()->first);
        });
        road_->close();
        loop_.run_and_wait([] {});  // their last answers find nobody
    }

    void start_or_attach(Job job) override {
        loop_.post([this, job = std::move(job)]() mutable { begin(std::move(job)); });
    }
    void forget(const std::string& key) override {
        loop_.post([this, key] { drop(key); });
    }
    void recorded(const std::string& key) override {
        loop_.post([this, key] {
            const auto found = host_of_ended_.find(key);
            if (found == host_of_ended_.end()) return;
            recorded_[found->second].push_back(key);
            host_of_ended_.erase(found);
        });
    }

  private:
    void begin(Job job);
    void time_is_up(const std::string& key);
    void ask(const std::string& key);
    void receive(const std::string& key, std::uint64_t number, const RemoteAnswer& answer);
    void understood(WindowsCall& talk, WindowsReply reply);
    void broke(const std::string& key, const RemoteFault& fault);
    // The key is a copy: one that belongs to the job goes with it.
    void finish(std::string key, JobEventType is, std::string text) {
        drop(key);
        mailbox_.post({.key = std::move(key), .type = is, .text = std::move(text)});
    }
    void drop(const std::string& key);

    Loop& loop_;
    ports::Mailbox& mailbox_;
    std::unique_ptr<WindowsRoad> road_;
    WindowsJobsOptions options_;
    std::map<std::string, WindowsCall> talks_;
    std::map<std::string, std::string> host_of_ended_;
    std::map<std::string, std::vector<std::string>> recorded_;  // by host: keys whose folders may go
    std::uint64_t last_number_ = 0;
};

// As over ssh: all that can be wrong with the job itself is found before anything is asked of its host.
void WindowsJobs::begin(Job job) {
    const std::string key = job.key;
    drop(key);
    if (!is_good_key(key)) return finish(key, JobEventType::never_started, "its key is no file name");
    auto host = road_->host(job);
    if (!host) return finish(key, JobEventType::never_started, host.error().text());
    WindowsCall& talk = talks_[key];
    talk.job = std::move(job);
    talk.host = std::move(*host);
    talk.may_run = is_of_begun_job(talk.job);
    if (talk.job.type == Job::Type::command && talk.job.timeout_ms > 0)
        talk.limit = loop_.after(talk.job.timeout_ms, [this, key] { time_is_up(key); });
    ask(key);
}

void WindowsJobs::time_is_up(const std::string& key) {
    WindowsCall& talk = talks_.at(key);
    const bool may_run = talk.may_run || talk.asked != 0;
    if (auto end = end_at_timeout(talk.job, talk.host.name, may_run ? Begun::maybe : Begun::surely_not))
        return finish(key, end->type, std::move(end->text));
    begin(to_be_killed(std::move(talk.job)));
}

// What the host is asked: the type of the job, and of a command what is wanted of it.
WindowsAsk ask_of(const Job& job) {
    switch (job.type) {
        case Job::Type::observation: return WindowsAsk::observe;
        case Job::Type::claim: return WindowsAsk::claim;
        case Job::Type::release: return WindowsAsk::release;
        case Job::Type::command: break;
    }
    switch (job.ask) {
        case Job::Ask::start: return WindowsAsk::start;
        case Job::Ask::attach: return WindowsAsk::attach;
        case Job::Ask::look: return WindowsAsk::look;
        case Job::Ask::kill: return WindowsAsk::kill;
    }
    return WindowsAsk::attach;
}

// The keys of ended jobs go along with the next question to their host, which then removes their folders.
void WindowsJobs::ask(const std::string& key) {
    WindowsCall& talk = talks_.at(key);
    auto input =
        windows_ask(talk.job, ask_of(talk.job), talk.host.jobs, std::exchange(recorded_[talk.host.identity], {}),
                    talk.may_run ? Sent::again : Sent::first);
    if (!input) return finish(key, JobEventType::never_started, input.error().text());
    talk.asked = ++last_number_;
    talk.patience.tries();
    // A host that cannot be reached has its own patience; this is for one that is there and does not answer.
    if (talk.job.type != Job::Type::command && talk.job.timeout_ms > 0)
        talk.limit = loop_.after(talk.job.timeout_ms + windows_answer_ms, [this, key] { time_is_up(key); });
    road_->ask(talk.job, std::move(*input),
               [this, key, number = talk.asked](RemoteAnswer answer) { receive(key, number, answer); });
}

// An answer to an earlier question comes too late to count: the job was asked about again since.
void WindowsJobs::receive(const std::string& key, std::uint64_t number, const RemoteAnswer& answer) {
    const auto found = talks_.find(key);
    if (found == talks_.end() || found->second.asked != number) return;
    WindowsCall& talk = found->second;
    talk.asked = 0;
    if (talk.job.type != Job::Type::command) loop_.cancel(talk.limit);
    if (answer.fault) return broke(key, *answer.fault);
    if (answer.output.exit_status == windows_input_not_whole) {
        return broke(key, {.text = talk.host.name + " did not get the question whole: the connection broke"});
    }
    if (std::exchange(talk.is_unreachable, false)) mailbox_.post({.key = key, .type = JobEventType::reachable});
    talk.patience.answered();
    auto reply = read_windows_reply(answer.output.out);
    if (!reply) {
        const auto line = last_line("\n" + answer.output.err + "\n");
        return finish(key, talk.may_run ? JobEventType::lost : JobEventType::never_started,
                      talk.host.name + " did not run PowerShell" + (line.empty() ? "" : ": " + line));
    }
    understood(talk, std::move(*reply));
}

// Any answer but `running` is the end of the talk. A job that runs is asked about again after a while.
void WindowsJobs::understood(WindowsCall& talk, WindowsReply reply) {
    const auto key = talk.job.key;
    switch (reply.type) {
        case WindowsReply::Type::ended: {
            if (talk.job.type == Job::Type::command) host_of_ended_[key] = talk.host.identity;
            drop(key);
            return mailbox_.post({.key = key,
                                  .type = JobEventType::ended,
                                  .exit_status = reply.status,
                                  .out = std::move(reply.out),
                                  .err = std::move(reply.err),
                                  .dropped = reply.dropped});
        }
        case WindowsReply::Type::running:
            talk.may_run = true;
            if (talk.job.ask == Job::Ask::look) return finish(key, JobEventType::running, "");
            if (auto line = last_line(reply.text); !line.empty() && line != talk.told) {
                talk.told = line;
                mailbox_.post({.key = key, .type = JobEventType::output, .text = std::move(line)});
            }
            talk.next = loop_.after(options_.look_every_ms, [this, key] { ask(key); });
            return;
        case WindowsReply::Type::unknown:
            return finish(key, JobEventType::no_record, talk.host.name + " knows of no such job");
        case WindowsReply::Type::gone:
            return finish(
                key, JobEventType::no_record,
                "it began, and ended without leaving its exit status (killed, or " + talk.host.name + " restarted)");
        case WindowsReply::Type::unsure: return finish(key, JobEventType::lost, talk.host.name + ": " + reply.text);
        case WindowsReply::Type::elsewhere:
            return finish(key, JobEventType::elsewhere, difference(talk.job.place, reply.text));
        case WindowsReply::Type::killed: return finish(key, JobEventType::killed, "");
        case WindowsReply::Type::claimed:
        case WindowsReply::Type::held: {
            const auto is = reply.type == WindowsReply::Type::held ? JobEventType::held : JobEventType::claimed;
            drop(key);
            return mailbox_.post({.key = key, .type = is, .err = std::move(reply.err), .text = std::move(reply.text)});
        }
        case WindowsReply::Type::refused:
            return finish(key, talk.may_run ? JobEventType::lost : JobEventType::never_started,
                          talk.host.name + ": " + reply.text);
    }
}

// A question that may have arrived may have begun the job. From then on no fault of a connection makes it
// `never_started`.
void WindowsJobs::broke(const std::string& key, const RemoteFault& fault) {
    WindowsCall& talk = talks_.at(key);
    if (fault.may_have_run && talk.job.type == Job::Type::command && talk.job.ask != Job::Ask::look)
        talk.may_run = true;
    if (fault.is_for_good || talk.patience.is_over(talk.job.patience_ms)) {
        return finish(key, talk.may_run ? JobEventType::lost : JobEventType::never_started, fault.text);
    }
    if (!std::exchange(talk.is_unreachable, true)) {
        mailbox_.post({.key = key, .type = JobEventType::unreachable, .text = fault.text});
    }
    const auto pause = talk.patience.pause(options_.first_retry_ms, options_.max_retry_ms, talk.job.patience_ms);
    talk.next = loop_.after(pause, [this, key] { ask(key); });
}

// An answer that is still on its way finds no talk of its number, and is passed over.
void WindowsJobs::drop(const std::string& key) {
    const auto found = talks_.find(key);
    if (found == talks_.end()) return;
    loop_.cancel(found->second.next);
    loop_.cancel(found->second.limit);
    talks_.erase(found);
}

}  // namespace

std::unique_ptr<ports::Transport> make_windows_jobs(Loop& loop, ports::Mailbox& mailbox,
                                                    std::unique_ptr<WindowsRoad> road, WindowsJobsOptions options) {
    return std::make_unique<WindowsJobs>(loop, mailbox, std::move(road), options);
}

}  // namespace pvsplan::transport

// Hosts that answer as a test says, and a run on them.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/ports/transport.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {

using ports::Job;
using ports::JobEvent;
using JobEventType = JobEvent::Type;

// Hosts that do what they are told, and answer at once; `answer` may answer first.
class Hosts final : public ports::Transport {
  public:
    explicit Hosts(ports::Mailbox& mailbox) : mailbox_(&mailbox) {}

    void start_or_attach(Job job) override {
        jobs.push_back(job);
        std::vector<JobEvent> events = answer ? answer(job) : std::vector<JobEvent>{};
        if (events.empty()) events = {usual(job)};
        for (JobEvent& event : events) {
            if (event.key.empty()) event.key = job.key;
            if (job.type == Job::Type::command && job.ask == Job::Ask::start && event.type == JobEventType::ended &&
                event.exit_status == 0 && does)
                for (const Job::Effect& effect : job.effects) streams[effect.object] = *effect.value.as_enumerator();
            mailbox_->post(std::move(event));
        }
    }
    void forget(const std::string&) override { ++forgotten; }
    void recorded(const std::string& key) override { ended.push_back(key); }

    std::function<std::vector<JobEvent>(const Job&)> answer;
    bool does = true;  // commands have their effect
    std::map<ObjectId, std::string> streams;
    std::vector<Job> jobs;
    std::vector<std::string> ended;
    int forgotten = 0;

    [[nodiscard]] std::size_t commands(Job::Ask ask = Job::Ask::start) const {
        return static_cast<std::size_t>(std::count_if(jobs.begin(), jobs.end(), [&](const Job& job) {
            return job.type == Job::Type::command && job.ask == ask;
        }));
    }
    [[nodiscard]] std::size_t observations() const {
        return static_cast<std::size_t>(
            std::count_if(jobs.begin(), jobs.end(), [](const Job& job) { return job.type == Job::Type::observation; }));
    }

  private:
    [[nodiscard]] JobEvent usual(const Job& job) const {
        if (job.type == Job::Type::claim) return {.type = JobEventType::claimed, .text = "/jobs"};
        if (job.type == Job::Type::observation) {
            const auto stream = streams.find(ObjectId(job.host->name == "s0" ? 0 : 1));
            return {.out = R"({"stream": ")" + (stream == streams.end() ? "running" : stream->second) + "\"}"};
        }
        switch (job.ask) {
            case Job::Ask::kill: return {.type = JobEventType::killed};
            case Job::Ask::attach:
            case Job::Ask::look: return {.type = JobEventType::no_record};
            default: return {.type = JobEventType::ended};
        }
    }
    ports::Mailbox* mailbox_;
};

struct Told final : Observer {
    std::vector<Event> all;
    void on(const Event& event) override { all.push_back(event); }
    [[nodiscard]] std::string text_of(Event::Type is) const {
        for (const Event& event : all)
            if (event.type == is) return event.text;
        return "(none)";
    }
};

// One server on a host (two where they are wanted), which is stopped and started.
struct HostStory {
    Folder folder;
    Plan plan;
    std::unique_ptr<Farm> farm;
    ports::VirtualClock clock{1'000'000};
    std::unique_ptr<Hosts> hosts;
    Told told;
    Options options;
    std::string run;
    Ended ended;

    // `store`: where its runs are kept; null: in `folder`.
    explicit HostStory(const std::function<void(Plan&)>& change = {}, std::size_t servers = 1,
                       std::unique_ptr<ports::Store> store = nullptr)
        : plan(test::plan(servers)) {
        for (Object& object : plan.objects) object.connect = {{"over", Value::enumerator("ssh")}};
        if (change) change(plan);
        seal(plan);
        farm = std::make_unique<Farm>(store ? std::move(store) : open(folder), plan);
        hosts = std::make_unique<Hosts>(farm->mailbox);
        farm->environment.transports["ssh"] = hosts.get();
        farm->environment.clock = &clock;
        farm->environment.owner = "{}";
    }
    HostStory& go() {
        ended = start(farm->environment, plan, encode(plan), options, told);
        run = ended.run;
        return *this;
    }
    HostStory& again(std::vector<OperatorDecision> decisions = {}) {
        ended = resume(farm->environment, run, {.decisions = std::move(decisions)}, options, told);
        return *this;
    }
    HostStory& back() {
        ended = rollback(farm->environment, run, {.because = "enough"}, options, told);
        return *this;
    }
    // Every observation turns out so; all else as usual.
    HostStory& observation(std::vector<JobEvent> events) {
        hosts->answer = [events](const Job& job) {
            return job.type == Job::Type::observation ? events : std::vector<JobEvent>{};
        };
        return *this;
    }
    // The command of the first attempt of the first step turns out so; all else as usual.
    HostStory& command(std::vector<JobEvent> events) {
        hosts->answer = [events](const Job& job) {
            const bool is_first = job.type == Job::Type::command && job.ask == Job::Ask::start && job.attempt == 1 &&
                                  job.step == "all[s0].stop";
            return is_first ? events : std::vector<JobEvent>{};
        };
        return *this;
    }
    [[nodiscard]] std::string last(const std::string& kind) const {
        const auto lines = log(*farm->store, run);
        std::string text = "(none)";
        for (const LogLine& line : *lines)
            if (line.kind == kind) text = line.text;
        return text;
    }
    [[nodiscard]] std::string fault() const { return verify::first_fault(*verify_log(*farm->store, run)); }
};

inline const std::string first_step = "all[s0].stop";

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace pvsplan::engine::test

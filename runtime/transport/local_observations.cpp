#include "runtime/transport/local_observations.hpp"

#include <utility>

#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/job_folder.hpp"

namespace pvsplan::transport {
namespace {

using ports::Job;
using ports::JobEvent;
using JobEventType = ports::JobEvent::Type;

constexpr std::size_t max_observations = 32;  // at once: four descriptors each, of 1,024

}  // namespace

LocalObservations::~LocalObservations() {
    for (auto& [key, observation] : observations_) end(observation);
}

void LocalObservations::add(Job job) {
    waiting_.push_back(std::move(job));
    start_next();
}

// One that cannot be started says so at once and leaves its place to the next.
void LocalObservations::start_next() {
    while (!waiting_.empty() && observations_.size() < max_observations) {
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        const auto key = job.key;
        if (auto started = start(std::move(job)); !started) {
            drop(key);
            mailbox_->post({.key = key, .type = JobEventType::never_started, .text = started.error().text()});
        }
    }
}

// What a shell has to read travels on standard input, secrets in the environment: neither shows in the list of
// processes.
base::Status LocalObservations::start(Job job) {
    auto parcel = make_parcel(job);
    if (!parcel) return std::move(parcel).error();
    const auto key = job.key;
    drop(key);
    Observation& observation = observations_[key];
    observation.job = std::move(job);
    std::vector<std::string> argv = programs_->plain_command(observation.job);
    const bool is_read_by_shell = argv.empty();
    if (is_read_by_shell) argv = {"/bin/sh", "-c", "eval \"$(cat)\""};  // its text may be no argument: others see those
    auto environment = plain_environment();
    for (const auto& [name, value] : parcel->secrets) environment.push_back(name + "=" + value);
    std::string text = "exec </dev/null\n";
    if (!parcel->script.empty()) {
        if (auto put = put_script(observation, parcel->script); !put) return put;
        text += "cd " + shell_quoted(observation.folder) + " || exit 1\n";
    }
    text += parcel->run;
    auto child = Child::start(*loop_, std::move(argv), std::move(environment), calls_for(observation));
    if (!child) return std::move(child).error();
    observation.child = std::move(*child);
    if (is_read_by_shell) observation.child->write(text);
    observation.child->close_input();
    if (observation.job.timeout_ms > 0) set_limit(observation);
    return base::Done{};
}

// PowerShell reads a file, which wants a folder for as long as the observation runs.
base::Status LocalObservations::put_script(Observation& observation, const std::string& script) const {
    auto jobs = folders_->of(observation.job);
    if (!jobs) return std::move(jobs).error();
    observation.folder = (*jobs)->path + "/" + observation.job.key + ".observe";
    if (auto made = make_folders(observation.folder); !made) return made;
    return write_file(observation.folder + "/script.ps1", script);
}

// An observation stays where it is in the map until it is dropped, and its child ends with it. Of what it prints the
// beginning is kept: a state is short.
Child::Calls LocalObservations::calls_for(Observation& observation) {
    const auto keep_in = [](std::string& text) {
        return [&text](std::string_view more) {
            if (text.size() < max_output) text += more;
        };
    };
    return {.on_out = keep_in(observation.out),
            .on_err = keep_in(observation.err),
            .on_end = [this, key = observation.job.key](int status) {
                auto& ended = observations_.at(key);
                JobEvent event{.key = key,
                               .type = JobEventType::ended,
                               .exit_status = status,
                               .out = std::move(ended.out),
                               .err = std::move(ended.err)};
                drop(key);
                mailbox_->post(std::move(event));
                start_next();
            }};
}

// One that hangs gives its turn to the next.
void LocalObservations::set_limit(Observation& observation) {
    const auto limit_s = observation.job.timeout_ms / 1000;
    observation.limit = loop_->after(observation.job.timeout_ms, [this, key = observation.job.key, limit_s] {
        drop(key);
        mailbox_->post({.key = key,
                        .type = JobEventType::lost,
                        .text = "it has not answered within " + std::to_string(limit_s) + " s"});
        start_next();
    });
}

// It changes nothing, so it may be killed at any moment; its script goes with it.
void LocalObservations::end(Observation& observation) {
    loop_->cancel(observation.limit);
    if (observation.child) observation.child->kill();
    if (!observation.folder.empty()) remove_folder(observation.folder);
}

void LocalObservations::drop(const std::string& key) {
    std::erase_if(waiting_, [&key](const Job& job) { return job.key == key; });
    const auto found = observations_.find(key);
    if (found == observations_.end()) return;
    end(found->second);
    observations_.erase(found);
}

}  // namespace pvsplan::transport

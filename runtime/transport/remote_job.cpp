#include "runtime/transport/remote_job.hpp"

namespace pvsplan::transport {

using ports::Job;
using ports::JobEvent;

bool is_of_begun_job(const Job& job) {
    return job.type == Job::Type::command && (job.ask == Job::Ask::attach || job.ask == Job::Ask::kill);
}

// An observation changes nothing, so that its time being up is all that there is to say. A command that may have begun
// is left alone unless its step says otherwise.
std::optional<JobEvent> end_at_timeout(const Job& job, const std::string& host, Begun begun) {
    const auto end = [&](JobEvent::Type type, std::string text) {
        return JobEvent{.key = job.key, .type = type, .text = std::move(text)};
    };
    if (job.type != Job::Type::command)
        return end(JobEvent::Type::lost,
                   host + " has not answered within " + std::to_string(job.timeout_ms / 1000) + " s");
    if (begun == Begun::surely_not)
        return end(JobEvent::Type::never_started, "it could not be started within its timeout");
    if (job.at_timeout == Job::AtTimeout::leave)
        return end(JobEvent::Type::lost, "it has not ended within its timeout, and may be running still");
    return std::nullopt;
}

// Its own time is up already: how long the end may take is for the patience with its host to say.
Job to_be_killed(Job job) {
    job.ask = Job::Ask::kill;
    job.timeout_ms = 0;
    return job;
}

}  // namespace pvsplan::transport

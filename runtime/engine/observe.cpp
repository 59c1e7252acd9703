#include <map>

#include "compiler/base/digest.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::engine {

using program::ObjectId;
using JobEventType = ports::JobEvent::Type;

namespace {

void take_in(const program::Plan& plan, const ports::JobEvent& event, const RunRedactor& redactor,
             ObservedObject& into) {
    if (event.type != JobEventType::ended) {
        into.error = redactor.clean(event.text.empty() ? "it could not be reached" : event.text);
    } else if (base::Result<state::States> states = take_observation(plan, into.object, event, redactor); states.ok()) {
        into.state = std::move(*states);
    } else {
        into.error = states.error().text();
    }
}

// Keys are unique to this process, because two may observe at once.
std::string prefix_of_keys(const Environment& environment) {
    const std::string now = std::to_string(environment.clock->steady());
    return "see-" + base::sha256_hex(ports::mark_of(environment.me) + now).substr(0, 16) + "-";
}

}  // namespace

std::vector<ObservedObject> observe(const Environment& environment, const program::Plan& plan, const Options& options,
                                    const ToldSoFar& told) {
    std::vector<ObjectId> all;
    for (std::size_t i = 0; i < plan.objects.size(); ++i) all.emplace_back(i);
    return observe(environment, plan, options, all, told);
}

std::vector<ObservedObject> observe(const Environment& environment, const program::Plan& plan, const Options& options,
                                    const std::vector<ObjectId>& which, const ToldSoFar& told) {
    std::vector<ObservedObject> all;
    RunRedactor redactor;
    (void)learn_secrets(plan, *environment.secrets, redactor);  // a missing secret is reported where it is needed
    std::map<std::string, std::size_t> awaited;                 // key -> place in `all`
    std::size_t next = 0;
    std::uint64_t number = 0;
    std::size_t retried = 0;  // of those that are awaited
    ObservedSoFar so_far{.over = 0, .all = which.size(), .away = {}};
    const std::string prefix = prefix_of_keys(environment);
    const auto ask = [&](ObjectId object) {
        ObservedObject& one = all.emplace_back(ObservedObject{.object = object, .state = {}, .error = {}});
        base::Result<ports::Job> job = observation_job(plan, object, *environment.secrets, redactor);
        if (!job) return void(one.error = job.error().text());
        const auto transport =
            environment.transports.find(transport_name(plan, &plan.objects[object.index()], program::Body::Type::none));
        if (transport == environment.transports.end()) return void(one.error = "there is no way to reach it");
        job->key = prefix + std::to_string(++number);
        job->timeout_ms = options.observe_timeout_ms;
        job->patience_ms = std::min(options.patience_ms, options.observe_patience_ms);
        awaited[job->key] = all.size() - 1;
        transport->second->start_or_attach(std::move(*job));
    };
    while (next < which.size() || !awaited.empty()) {
        if (environment.signals->count() > 0) break;
        // Whoever observes may hold the farm, and waits here for as long as hosts may take to answer.
        if (environment.store != nullptr) environment.store->heartbeat();
        for (; next < which.size() && awaited.size() - retried < options.max_parallel; ++next)
            if (is_observable(plan, which[next]))
                ask(which[next]);
            else  // nothing was seen of it, which must not look like success
                all.push_back(ObservedObject{.object = which[next], .state = {}, .error = {}});
        const ports::Millis now = environment.clock->steady();
        ports::Millis deadline = now + 1000;
        for (const auto& [name, transport] : environment.transports)
            if (const auto wants = transport->turn(now)) deadline = std::min(deadline, *wants);
        if (awaited.empty()) continue;
        for (const ports::JobEvent& event : environment.clock->wait(*environment.mailbox, deadline)) {
            const auto found = awaited.find(event.key);
            if (found == awaited.end()) continue;
            ObservedObject& one = all[found->second];
            const bool was_retried = so_far.away.erase(one.object) > 0;
            const bool is_retried = event.type == JobEventType::unreachable;
            retried = retried - (was_retried ? 1 : 0) + (is_retried ? 1 : 0);
            if (is_retried) so_far.away[one.object] = redactor.clean(event.text);
            if (!event.is_final()) continue;
            take_in(plan, event, redactor, one);
            if (!one.error.empty()) so_far.away[one.object] = one.error;
            awaited.erase(found);
        }
        so_far.over = all.size() - awaited.size();
        if (told) told(so_far);
    }
    for (const auto& [key, index] : awaited) all[index].error = "interrupted";
    for (; next < which.size(); ++next)
        all.push_back(ObservedObject{.object = which[next], .state = {}, .error = "interrupted"});
    return all;
}

}  // namespace pvsplan::engine

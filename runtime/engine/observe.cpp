#include <map>

#include "compiler/base/digest.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::engine {

using program::ObjectId;
using Is = ports::JobEvent::Is;

namespace {

std::string last_words(const std::string& text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    if (end == std::string::npos) return "";
    const std::size_t begin = text.find_last_of("\r\n", end);
    return text.substr(begin == std::string::npos ? 0 : begin + 1,
                       end + 1 - (begin == std::string::npos ? 0 : begin + 1));
}

void take_in(const program::Plan& plan, const ports::JobEvent& event, const Redactor& redactor, ObservedObject& into) {
    if (event.is != Is::ended) {
        into.error = redactor.clean(event.text.empty() ? "it could not be reached" : event.text);
    } else if (event.exit_status != 0) {
        into.error = redactor.clean("exit status " + std::to_string(event.exit_status) + ": " + last_words(event.err));
    } else if (base::Result<state::States> states =
                   read_observation(event.out, plan.kinds.at(plan.objects[into.object.index()].kind));
               states.ok()) {
        into.state = std::move(*states);
    } else {
        into.error = redactor.clean(states.error().text());
    }
}

}  // namespace

std::vector<ObservedObject> observe(const World& world, const program::Plan& plan, const Options& options) {
    std::vector<ObjectId> all;
    for (std::size_t i = 0; i < plan.objects.size(); ++i) all.emplace_back(i);
    return observe(world, plan, options, all);
}

std::vector<ObservedObject> observe(const World& world, const program::Plan& plan, const Options& options,
                                    const std::vector<ObjectId>& which) {
    std::vector<ObservedObject> all;
    Redactor redactor;
    std::map<std::string, std::size_t> awaited;  // key -> place in `all`
    std::size_t next = 0;
    std::uint64_t number = 0;
    // Keys of this process alone: two may observe at once.
    const std::string prefix =
        "see-" + base::sha256_hex(ports::mark_of(world.me) + std::to_string(world.clock->steady())).substr(0, 16) + "-";
    const auto ask = [&](ObjectId object) {
        ObservedObject& one = all.emplace_back(ObservedObject{.object = object, .state = {}, .error = {}});
        base::Result<ports::Job> job = observation_job(plan, object, *world.secrets, redactor);
        if (!job) return void(one.error = job.error().text());
        const auto transport =
            world.transports.find(transport_name(plan, &plan.objects[object.index()], program::Body::Is::none));
        if (transport == world.transports.end()) return void(one.error = "there is no way to reach it");
        job->key = prefix + std::to_string(++number);
        job->timeout_ms = options.observe_timeout_ms;
        job->patience_ms = std::min<std::int64_t>(options.patience_ms, 60'000);
        awaited[job->key] = all.size() - 1;
        transport->second->start_or_attach(std::move(*job));
    };
    while (next < which.size() || !awaited.empty()) {
        if (world.signals->count() > 0) break;
        for (; next < which.size() && awaited.size() < options.max_parallel; ++next)
            if (is_observable(plan, which[next])) ask(which[next]);
        const ports::Millis now = world.clock->steady();
        ports::Millis deadline = now + 1000;
        for (const auto& [name, transport] : world.transports)
            if (const auto wants = transport->turn(now)) deadline = std::min(deadline, *wants);
        if (awaited.empty()) continue;
        for (const ports::JobEvent& event : world.clock->wait(*world.mailbox, deadline)) {
            const auto found = awaited.find(event.key);
            if (found == awaited.end() || !event.is_final()) continue;
            take_in(plan, event, redactor, all[found->second]);
            awaited.erase(found);
        }
    }
    for (const auto& [key, index] : awaited) all[index].error = "interrupted";
    return all;
}

}  // namespace pvsplan::engine

#include "runtime/engine/hosts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/engine/job.hpp"

namespace pvsplan::engine {

using JobEventType = ports::JobEvent::Type;
using ports::Job;

namespace {

// A host, how it is reached, and the claim there that may be replaced; empty: none.
struct Asked {
    std::string over;
    const program::Object* host = nullptr;
    std::string instead_of;
};

std::string name_of(const program::Object* host) { return host != nullptr ? host->id : "this machine"; }

// A claim is a file on a host. A simulated farm, a person and a database have none, and keep no claim.
bool keeps_claims(const Environment& environment, const std::string& over) {
    return over != "simulated" && over != "manual" && over != "odbc" && environment.transports.contains(over);
}

// All hosts of the plan, and this machine where a step names none.
std::vector<Asked> hosts_of(const Environment& environment, const program::Plan& plan) {
    std::vector<Asked> hosts;
    for (const program::Object& object : plan.objects)
        if (const std::string over = transport_name(plan, &object, program::Body::Type::none);
            keeps_claims(environment, over) && (over != "site" || over_of(object) != "odbc"))
            hosts.push_back({.over = over, .host = &object, .instead_of = {}});
    const bool uses_this_machine = std::any_of(plan.graph.nodes.begin(), plan.graph.nodes.end(), [](const auto& node) {
        return node.type == program::Node::Type::action && !node.on;
    });
    if (uses_this_machine && keeps_claims(environment, transport_name(plan, nullptr, program::Body::Type::none)))
        hosts.push_back({.over = "local", .host = nullptr, .instead_of = {}});
    return hosts;
}

// Sends every host a job and passes each answer to `answered`, which may send another. Not more than `max_parallel`
// hosts are asked at once, and the user can stop it at any time. A host that says nothing is not claimed by this; its
// first command makes sure of the claim before it starts anything.
template <class Answered>
void ask_all(const Environment& environment, const program::Plan& plan, std::vector<Asked> hosts, Job::Type type,
             const ports::Claim& claim, const Options& options, const Answered& answered) {
    RunRedactor redactor;
    std::map<std::string, Asked> awaited;
    std::size_t number = 0;
    while ((!hosts.empty() || !awaited.empty()) && environment.signals->count() == 0) {
        for (; !hosts.empty() && awaited.size() < options.max_parallel; hosts.pop_back()) {
            Asked& one = hosts.back();
            Job job;
            if (one.host != nullptr) {
                auto reached =
                    host_job(plan, program::ObjectId(one.host - plan.objects.data()), *environment.secrets, redactor);
                if (!reached) continue;  // whoever asks has made sure of the secrets
                job = std::move(*reached);
            }
            job.type = type;
            job.step = "claim " + name_of(one.host);
            job.run = claim.run;
            job.key = claim.run + "-claim-" + std::to_string(++number);
            job.timeout_ms = options.observe_timeout_ms;
            job.claim = claim;
            job.claim->instead_of = one.instead_of;
            const auto transport = environment.transports.at(one.over);
            // Entered before the job is started: the transport may answer from within the call.
            awaited.emplace(job.key, std::move(one));
            transport->start_or_attach(std::move(job));
        }
        environment.store->heartbeat();
        const ports::Millis now = environment.clock->steady();
        ports::Millis deadline = now + 1000;
        for (const auto& [name, transport] : environment.transports)
            if (const auto wants = transport->turn(now)) deadline = std::min(deadline, *wants);
        for (const ports::JobEvent& event : environment.clock->wait(*environment.mailbox, deadline)) {
            const auto found = awaited.find(event.key);
            if (found == awaited.end() || !event.is_final()) continue;
            const auto asked = awaited.extract(found);
            answered(asked.mapped(), event, hosts);
        }
    }
}

// The claim "RUN TOKEN OWNER" of another run, for people.
// The claim is what somebody else wrote on a host, so it may be anything; what cannot be read as one still locks the
// farm there, and people are told the file.
std::string words_for(const std::string& line, const std::string& file, const std::string& farm,
                      const program::Object* host) {
    const std::string run = line.substr(0, line.find(' '));
    const auto json = nlohmann::json::parse(line.substr(std::min(line.size(), line.find('{'))), nullptr, false);
    if (!json.is_object())
        return "what is at `" + file + "` on " + name_of(host) + " says that the farm " + farm + " is locked" +
               ", and cannot be read as a claim" + (line.starts_with("? ") ? ": " + line.substr(2) : "") +
               "; look who made it, and remove it or pass `--take-over --because TEXT` if no run does";
    const auto text = [&json](const char* name) {
        const auto found = json.find(name);
        return found != json.end() && found->is_string() ? found->get<std::string>() : "?";
    };
    return "the farm " + farm + " is locked by the run " + run + " of " + text("user") + " on " + text("host") +
           " since " + text("since") + ", as " + name_of(host) + " says (its store is " + text("store") +
           " there, its claim " + file +
           "); go on with it or give it up there, or pass `--take-over --because TEXT` if nobody ever will";
}

// The JSON behind the run and the token; empty: there is none.
std::string owner_of(const std::string& line) {
    const auto at = line.find('{');
    return at == std::string::npos ? "" : line.substr(at);
}

}  // namespace

ports::JobEvent ask_host(const Environment& environment, const std::string& over, Job job) {
    const std::string key = job.key;
    const auto transport = environment.transports.find(over);
    if (transport == environment.transports.end())
        return {.key = key, .type = JobEventType::never_started, .text = "there is no way to reach `" + over + "`"};
    transport->second->start_or_attach(std::move(job));
    // This loop turns the transport and keeps the lease alive: the loop of the run does not turn while the caller
    // waits.
    while (environment.signals->count() == 0) {
        environment.store->heartbeat();
        const ports::Millis now = environment.clock->steady();
        const ports::Millis deadline = std::min(now + 1000, transport->second->turn(now).value_or(now + 1000));
        for (ports::JobEvent& event : environment.clock->wait(*environment.mailbox, deadline))
            if (event.key == key && event.is_final()) return std::move(event);
    }
    transport->second->forget(key);
    return {.key = key, .type = JobEventType::never_started, .text = "interrupted"};
}

// The same line on each host; the token of the lease orders two claims of one run.
ports::Claim claim_of(const Environment& environment, const ports::Lease& lease, const std::string& run,
                      Recorded recorded) {
    ports::Claim claim{
        .farm = lease.farm, .run = run, .token = lease.token, .owner = environment.owner, .instead_of = {}};
    // Dies the process before its run is recorded, the host says so, and the next run may take the claim away.
    if (recorded == Recorded::yes) return claim;
    if (auto owner = nlohmann::ordered_json::parse(claim.owner, nullptr, false); owner.is_object()) {
        owner["run_is"] = not_recorded_yet;
        claim.owner = owner.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    }
    return claim;
}

std::string place_key(const std::string& over, const program::Object* host) {
    return over + " " + (host != nullptr ? host->id : "");
}

// Stops asking further of a host that is held; the others are still claimed, and what is held is told.
Claimed claim_hosts(const Environment& environment, const program::Plan& plan, const ports::Claim& claim,
                    const Options& options) {
    Claimed claimed;
    if (environment.owner.empty()) return claimed;
    const auto note = [&claimed](std::string text) {
        if (std::find(claimed.notes.begin(), claimed.notes.end(), text) == claimed.notes.end())
            claimed.notes.push_back(std::move(text));
    };
    ask_all(environment, plan, hosts_of(environment, plan), Job::Type::claim, claim, options,
            [&](const Asked& asked, const ports::JobEvent& event, std::vector<Asked>& again) {
                if (event.type == JobEventType::claimed) {
                    claimed.places[place_key(asked.over, asked.host)] = event.text;
                    if (!event.err.empty())
                        note("no claim can be kept on " + name_of(asked.host) +
                             ", so a run of the farm from elsewhere is not noticed there: " + event.err);
                }
                if (event.type != JobEventType::held) return;
                std::string why;
                if (environment.take_over_because)
                    why = *environment.take_over_because;
                else if (environment.is_over_elsewhere)
                    why =
                        environment.is_over_elsewhere(event.text.substr(0, event.text.find(' ')), owner_of(event.text));
                // A claim gives way once: if the host still holds it, or holds another by now, somebody is at work
                // there.
                if (why.empty() || !asked.instead_of.empty()) {
                    claimed.held = words_for(event.text, event.err, claim.farm, asked.host);
                    return;
                }
                const std::string run = event.text.substr(0, event.text.find(' '));
                claimed.gave_way.push_back({.claim = (owner_of(event.text).empty() ? "what cannot be read as a claim"
                                                                                   : "the claim of the run " + run) +
                                                     " on " + name_of(asked.host),
                                            .why = why});
                again.push_back({.over = asked.over, .host = asked.host, .instead_of = event.text});
            });
    return claimed;
}

void release_hosts(const Environment& environment, const program::Plan& plan, const ports::Claim& claim,
                   const Options& options) {
    if (environment.owner.empty()) return;
    // The run is over and its end recorded: a host that is away may not keep the command waiting for long.
    Options soon = options;
    soon.observe_timeout_ms = std::min<std::int64_t>(options.observe_timeout_ms, 10'000);
    ask_all(environment, plan, hosts_of(environment, plan), Job::Type::release, claim, soon,
            [](const Asked&, const ports::JobEvent&, std::vector<Asked>&) {});
}

}  // namespace pvsplan::engine

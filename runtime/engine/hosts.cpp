#include "runtime/engine/hosts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/engine/job.hpp"

namespace pvsplan::engine {

using Is = ports::JobEvent::Is;
using ports::Job;

namespace {

struct Asked {
    std::string over;
    const program::Object* host = nullptr;
    std::string instead_of;
};

std::string name_of(const program::Object* host) { return host != nullptr ? host->id : "this machine"; }

bool keeps_claims(const World& world, const std::string& over) {
    return over != "simulated" && over != "manual" && over != "odbc" && world.transports.contains(over);
}

// All hosts of the plan, and this machine where a step names none.
std::vector<Asked> hosts_of(const World& world, const program::Plan& plan) {
    std::vector<Asked> hosts;
    for (const program::Object& object : plan.objects)
        if (const std::string over = transport_name(plan, &object, program::Body::Is::none); keeps_claims(world, over))
            hosts.push_back({.over = over, .host = &object, .instead_of = {}});
    const bool uses_this_machine = std::any_of(plan.graph.nodes.begin(), plan.graph.nodes.end(), [](const auto& node) {
        return node.is == program::Node::Is::action && !node.on;
    });
    if (uses_this_machine && keeps_claims(world, transport_name(plan, nullptr, program::Body::Is::none)))
        hosts.push_back({.over = "local", .host = nullptr, .instead_of = {}});
    return hosts;
}

// Gives every host a job and hands each answer to `answered`, which may ask again.
template <class Answered>
void ask_all(const World& world, const program::Plan& plan, std::vector<Asked> hosts, Job::Is is,
             const ports::Claim& claim, const Options& options, const Answered& answered) {
    Redactor redactor;
    std::map<std::string, Asked> awaited;
    std::size_t number = 0;
    while ((!hosts.empty() || !awaited.empty()) && world.signals->count() == 0) {
        for (; !hosts.empty() && awaited.size() < options.max_parallel; hosts.pop_back()) {
            Asked& one = hosts.back();
            Job job;
            if (one.host != nullptr) {
                // The same secrets as any look at it.
                auto looks =
                    observation_job(plan, program::ObjectId(one.host - plan.objects.data()), *world.secrets, redactor);
                if (!looks) continue;
                job = std::move(*looks);
            }
            job.is = is;
            job.step = "claim " + name_of(one.host);
            job.run = claim.run;
            job.key = claim.run + "-claim-" + std::to_string(++number);
            job.timeout_ms = options.observe_timeout_ms;
            job.claim = claim;
            job.claim->instead_of = one.instead_of;
            const auto transport = world.transports.at(one.over);
            awaited.emplace(job.key, std::move(one));
            transport->start_or_attach(std::move(job));
        }
        const ports::Millis now = world.clock->steady();
        ports::Millis deadline = now + 1000;
        for (const auto& [name, transport] : world.transports)
            if (const auto wants = transport->turn(now)) deadline = std::min(deadline, *wants);
        for (const ports::JobEvent& event : world.clock->wait(*world.mailbox, deadline)) {
            const auto found = awaited.find(event.key);
            if (found == awaited.end() || !event.is_final()) continue;
            const auto asked = awaited.extract(found);
            answered(asked.mapped(), event, hosts);
        }
    }
}

// "RUN TOKEN OWNER" of somebody else, for people.
std::string words_for(const std::string& line, const std::string& file, const std::string& farm,
                      const program::Object* host) {
    const std::string run = line.substr(0, line.find(' '));
    const auto json = nlohmann::json::parse(line.substr(std::min(line.size(), line.find('{'))), nullptr, false);
    if (!json.is_object())
        return "what is at `" + file + "` on " + name_of(host) + " says that somebody holds the farm " + farm +
               ", and cannot be read as a claim" + (line.starts_with("? ") ? ": " + line.substr(2) : "") +
               "; look who made it, and remove it or pass `--take-over --because TEXT` if no run does";
    const auto text = [&json](const char* name) {
        const auto found = json.find(name);
        return found != json.end() && found->is_string() ? found->get<std::string>() : "?";
    };
    return "the run " + run + " of " + text("user") + " on " + text("host") + " holds the farm " + farm + " since " +
           text("since") + ", as " + name_of(host) + " says (its store is " + text("store") + " there, its claim " +
           file + "); go on with it or give it up there, or pass `--take-over --because TEXT` if nobody ever will";
}

std::string owner_of(const std::string& line) {
    const auto at = line.find('{');
    return at == std::string::npos ? "" : line.substr(at);
}

}  // namespace

ports::JobEvent ask_host(const World& world, const std::string& over, Job job) {
    const std::string key = job.key;
    const auto transport = world.transports.find(over);
    if (transport == world.transports.end())
        return {.key = key, .is = Is::lost, .text = "there is no way to reach `" + over + "`"};
    transport->second->start_or_attach(std::move(job));
    while (world.signals->count() == 0) {
        const ports::Millis now = world.clock->steady();
        const ports::Millis deadline = std::min(now + 1000, transport->second->turn(now).value_or(now + 1000));
        for (ports::JobEvent& event : world.clock->wait(*world.mailbox, deadline))
            if (event.key == key && event.is_final()) return std::move(event);
    }
    transport->second->forget(key);
    return {.key = key, .is = Is::lost, .text = "interrupted"};
}

ports::Claim claim_of(const World& world, const ports::Hold& hold, const std::string& run) {
    return {.farm = hold.farm, .run = run, .token = hold.token, .owner = world.owner, .instead_of = {}};
}

std::string place_key(const std::string& over, const program::Object* host) {
    return over + " " + (host != nullptr ? host->id : "");
}

Claimed claim_hosts(const World& world, const program::Plan& plan, const ports::Claim& claim, const Options& options) {
    Claimed claimed;
    if (world.owner.empty()) return claimed;
    const auto note = [&claimed](std::string text) {
        if (std::find(claimed.notes.begin(), claimed.notes.end(), text) == claimed.notes.end())
            claimed.notes.push_back(std::move(text));
    };
    ask_all(world, plan, hosts_of(world, plan), Job::Is::claim, claim, options,
            [&](const Asked& asked, const ports::JobEvent& event, std::vector<Asked>& again) {
                if (event.is == Is::claimed) {
                    claimed.places[place_key(asked.over, asked.host)] = event.text;
                    if (!event.err.empty())
                        note("no claim can be kept on " + name_of(asked.host) +
                             ", so a run of the farm from elsewhere is not noticed there: " + event.err);
                }
                if (event.is != Is::held) return;
                std::string why;
                if (world.take_over_because)
                    why = *world.take_over_because;
                else if (world.is_over_elsewhere)
                    why = world.is_over_elsewhere(event.text.substr(0, event.text.find(' ')), owner_of(event.text));
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
    if (!claimed.held.empty()) release_hosts(world, plan, claim, options);
    return claimed;
}

void release_hosts(const World& world, const program::Plan& plan, const ports::Claim& claim, const Options& options) {
    if (world.owner.empty()) return;
    Options soon = options;
    soon.observe_timeout_ms = std::min<std::int64_t>(options.observe_timeout_ms, 10'000);
    ask_all(world, plan, hosts_of(world, plan), Job::Is::release, claim, soon,
            [](const Asked&, const ports::JobEvent&, std::vector<Asked>&) {});
}

}  // namespace pvsplan::engine

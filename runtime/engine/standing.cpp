#include "runtime/engine/standing.hpp"

#include <array>
#include <utility>

#include "runtime/ports/time_text.hpp"

namespace pvsplan::engine {

namespace {

using StandingType = Standing::Type;

// The standing of a run that halted, from the outcome in the store.
// An empty outcome is that of a run under way, and so is any that this version does not know: without a process it is
// `gone`, never over.
StandingType halted_as(const std::string& outcome) {
    constexpr std::array<std::pair<std::string_view, StandingType>, 7> outcomes = {
        {{"failed", StandingType::halted},
         {"waiting", StandingType::waiting},
         {"in doubt", StandingType::in_doubt},
         {"interrupted", StandingType::interrupted},
         {"done", StandingType::done},
         {"rolled back", StandingType::rolled_back},
         {"given up", StandingType::given_up}}};
    for (const auto& [name, is] : outcomes)
        if (name == outcome) return is;
    return StandingType::gone;
}

}  // namespace

// A lease on the farm that belongs to another run says nothing of this one.
Standing standing_of(const ports::RunRow& run, const std::optional<ports::HeldLease>& held) {
    Standing standing{.type = halted_as(run.outcome), .holder = {}, .since = run.touched_at};
    if (standing.is_over() || !held || held->owner.run != run.id) return standing;
    standing.holder = held->owner;
    switch (held->expiry) {
        case ports::Expiry::expired: return standing;
        case ports::Expiry::valid: standing.type = StandingType::under_way; break;
        case ports::Expiry::unknown: standing.type = StandingType::out_of_sight; break;
    }
    standing.since = held->owner.since;
    return standing;
}

base::Result<Standing> standing_of(const ports::Leases& leases, const ports::RunRow& run) {
    base::Result<std::optional<ports::HeldLease>> held = leases.held(run.farm);
    if (!held) return std::move(held).error();
    return standing_of(run, *held);
}

std::string_view name_of(StandingType type) {
    constexpr std::array<std::string_view, 10> names = {"under way",   "out of sight", "process gone", "failed",
                                                        "waiting",     "in doubt",     "interrupted",  "done",
                                                        "rolled back", "given up"};
    return names.at(static_cast<std::size_t>(type));
}

std::string text_of(const ports::Identity& who) {
    return who.user + " on " + who.host + " (process " + std::to_string(who.pid) + ")";
}

std::string words_of(const Standing& standing) {
    const std::string since = ports::local_date_time(standing.since);
    switch (standing.type) {
        case StandingType::under_way:
            return "it is under way: " + text_of(standing.holder->who) + " has it since " + since;
        case StandingType::out_of_sight:
            return text_of(standing.holder->who) + " has it since " + since +
                   ", on another machine or in another container, so that nobody here can tell whether it still lives";
        case StandingType::gone: return "its process is gone; its last record is of " + since;
        default: return std::string(name_of(standing.type)) + " since " + since;
    }
}

}  // namespace pvsplan::engine

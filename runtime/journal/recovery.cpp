#include "runtime/journal/recovery.hpp"

#include <array>

#include "compiler/base/check.hpp"

namespace pvsplan::journal {

namespace {

constexpr int any = -1;
template <class E>
constexpr int n(E e) {
    return static_cast<int>(e);
}

// The order is part of the rule: a row counts only where none above it fits.
constexpr std::array<RecoveryRow, 15> table = {{
    // last               job                    action                  shows                       verdict
    {n(Last::unreached), any, any, any, RecoveryAction::run_again, "its host was not reached: nothing was done"},
    {any, any, n(ActionType::manual), n(Shows::all), RecoveryAction::finished,
     "the object shows all that the person was to do"},
    {any, any, n(ActionType::manual), any, RecoveryAction::wait_for_person, "the person has not said that it is done"},
    {any, any, n(ActionType::repeatable), any, RecoveryAction::run_again, "doing it again changes nothing"},
    {n(Last::open), n(JobState::never_begun), any, any, RecoveryAction::run_again, "its command never began"},
    {n(Last::open), any, any, n(Shows::all), RecoveryAction::finished, "all that it sets is there"},
    {n(Last::open), n(JobState::gone), any, n(Shows::nothing), RecoveryAction::run_again, "nothing of it is there"},
    {n(Last::open), n(JobState::gone), any, n(Shows::nothing_to_tell), RecoveryAction::ask_person,
     "nothing can be seen that would tell"},
    {n(Last::open), n(JobState::gone), any, n(Shows::other), RecoveryAction::ask_person,
     "its object is neither as it was nor as it should be"},
    {n(Last::open), n(JobState::gone), any, n(Shows::unseen), RecoveryAction::ask_person,
     "its object cannot be observed"},
    {n(Last::open), n(JobState::unclear), any, any, RecoveryAction::ask_person, "its command may be running still"},
    {n(Last::failed), n(JobState::unclear), any, any, RecoveryAction::ask_person, "its command may be running still"},
    {n(Last::failed), any, any, n(Shows::all), RecoveryAction::ask_person,
     "its command reported failure, yet all that it sets is there"},
    {n(Last::failed), any, any, any, RecoveryAction::run_again, "it failed, and the run is resumed"},
    {n(Last::asks_first), any, any, any, RecoveryAction::ask_person,
     "it may have been done: doing it twice may do harm"},
}};

}  // namespace

// `any` stands for all values of its column.
bool RecoveryRow::fits(Last l, JobState j, ActionType a, Shows s) const {
    return (last == any || last == n(l)) && (job == any || job == n(j)) && (action == any || action == n(a)) &&
           (shows == any || shows == n(s));
}

std::span<const RecoveryRow> recovery_table() { return table; }

// The first row that fits. A test goes through all combinations: each has one.
RecoveryAction recover(Last last, JobState job, ActionType action, Shows shows) {
    for (const auto& row : table)
        if (row.fits(last, job, action, shows)) return row.verdict;
    base::bug("the recovery table has a hole");
}

}  // namespace pvsplan::journal

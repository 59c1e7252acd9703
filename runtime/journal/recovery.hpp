// What becomes of a step that began and did not finish: a decision table. A test enumerates all combinations.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pvsplan::journal {

// The last record of the step.
enum class Last : std::uint8_t {
    open,        // started, or in doubt
    failed,      // its command reported failure; a person resumes nevertheless
    unreached,   // its host was not reached
    asks_first,  // it failed, though it may have been done: its command succeeded, or all that it sets was there
};
// What the host says of the job with its id.
enum class JobState : std::uint8_t {
    never_begun,  // it certainly never began
    gone,         // the host knows nothing of it, and nothing of it runs
    unclear,      // it may be running: the host cannot be asked, or its time is up
};
enum class ActionType : std::uint8_t {
    once,        // doing it twice may do harm
    repeatable,  // doing it again changes nothing
    manual,      // a person does it
};
// What its objects show.
enum class Shows : std::uint8_t {
    all,              // all that the step sets is there, and was not before
    nothing,          // all is as it was before
    nothing_to_tell,  // it sets nothing, or what it sets was there before: both look the same
    other,            // anything else
    unseen,           // it could not be observed
};
enum class RecoveryAction : std::uint8_t {
    finished,
    run_again,
    ask_person,
    wait_for_person,  // a manual step: goes on waiting
};

// Called for what an earlier process began, and for whether a failed step may be tried again. Every combination has a
// row.
RecoveryAction recover(Last last, JobState job, ActionType action, Shows shows);

// The table itself, for the test and for people: the first row that fits decides; -1 fits everything.
struct RecoveryRow {
    int last;
    int job;
    int action;
    int shows;
    RecoveryAction verdict;
    std::string_view because;
    [[nodiscard]] bool fits(Last l, JobState j, ActionType a, Shows s) const;
};
std::span<const RecoveryRow> recovery_table();

}  // namespace pvsplan::journal

// Where a node stands, and which record may move it where: one table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pvsplan::state {

enum class Phase : std::uint8_t {
    waiting,    // for what comes before it, for a free place, or for a person's approval
    started,    // its command was issued, or may have been
    finished,   // its command succeeded and observation shows what it sets; approved; or a person said so
    retrying,   // failed, and will be tried again
    failed,     // for good, until a person resumes
    unreached,  // its host was not reached: nothing was done
    in_doubt,   // nobody knows whether it ran: an operator must decide
};
inline constexpr std::size_t phase_count = 7;
std::string_view name_of(Phase phase);
// Its command was issued, or may have been, and nobody has seen its end.
constexpr bool is_under_way(Phase phase) { return phase == Phase::started || phase == Phase::in_doubt; }

// What a record says of a node.
enum class Move : std::uint8_t {
    start,  // the command is about to be issued
    finish,
    fail,
    not_reach,
    doubt,
    approve,
    reconcile_finished,   // found done, or said to be done
    reconcile_again,      // to be run again
    reconcile_begun,      // may have changed something: the rollback has to undo it
    reconcile_untouched,  // certainly changed nothing
};
inline constexpr std::size_t move_count = 10;
std::string_view name_of(Move move);

// The phase after a move; nothing if a record may not say that of a node in this phase.
std::optional<Phase> after(Phase phase, Move move);

}  // namespace pvsplan::state

// Why and how a run halts when nothing of it is running: a pure decision, enumerated by a test; and what it then wants
// of people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/engine/attempts.hpp"
#include "runtime/engine/next.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::engine {

struct Halting {
    enum class Then : std::uint8_t {
        wait,  // for a retry, a person at this terminal, or what was asked
        begin_rollback,
        readmit,  // the next abandoned iteration is tried again
        halt,     // with `outcome`
    };
    Then then = Then::wait;
    Outcome outcome = Outcome::done;
    std::string text;
    bool is_reached = false;  // what it was to stop before: the next `resume` goes on
};

// Nothing is running: only persons are waited for.
struct Idle {
    bool is_interrupted = false;
    HaltReason stop = HaltReason::no;
    bool is_complete = false;  // every node is over, and nobody is waited for
    bool has_readmissions = false;
    std::vector<std::string> abandoned;  // iterations that stay where they failed
    bool is_rolling_back = false;
    bool has_no_return = false;   // the rollback left steps as they are
    bool only_unreached = false;  // no step has failed, but hosts were not reached
    bool can_go_on = false;       // a retry that is not due yet
    bool wants_people = false;    // to approve, or to do something
    std::string window;           // when the next window opens for which steps wait; empty: none does
    std::string until;            // before what it was to stop
    bool has_person = false;      // somebody answers at this terminal
};
Halting halting_of(const Idle& idle);

// What the run wants of people before it can go on, and what stays as it is.
std::vector<Wanted> wanted_of(const Recorder& recorder, const Attempts& attempts);
// "the schema stays new; what came before it stays as well: one, two"
std::string what_stays(const program::NoReturn& point);

}  // namespace pvsplan::engine

// Why and how a run halts when nothing of it is running: a pure decision, enumerated by a test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/engine/next.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::engine {

// What comes next, and the words for it, which the journal keeps.
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
    std::vector<std::string> left_out;   // iterations without which a person let the run go on
    bool is_rolling_back = false;
    bool has_no_return = false;   // the rollback left steps as they are
    std::string back_to;          // the step to before which it went back; empty: to the beginning
    bool only_unreached = false;  // no step has failed, but hosts were not reached
    bool can_go_on = false;       // a retry that is not due yet
    bool wants_people = false;    // to approve, or to do something
    std::string window;           // when the next window opens for which steps wait; empty: none does
    std::string until;            // before what it was to stop
    bool has_person = false;      // somebody answers at this terminal
};
// Called by the loop whenever nothing of the run is under way but what persons do.
Halting halting_of(const Idle& idle);

}  // namespace pvsplan::engine

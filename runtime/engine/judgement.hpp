// What the end of an attempt means for its step: a pure function of what is known then. What became of a step that an
// earlier process began is judged by the recovery table (journal/recovery.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/journal/recovery.hpp"

namespace pvsplan::engine {

// What is known at the end of an attempt. Texts are for people; an empty one says that there is nothing of the kind.
struct AttemptEnd {
    enum class Command : std::uint8_t {
        succeeded,  // its exit status is one of those that the action says
        failed,
        killed,   // past its timeout, as its step says
        unknown,  // the host does not know how it ended: `job`
    };
    Command command = Command::unknown;
    journal::JobState job = journal::JobState::unclear;
    journal::ActionType action = journal::ActionType::once;
    journal::Shows shows = journal::Shows::unseen;  // of what it sets, as far as it can be observed at all
    bool is_by_hand = false;                        // a person says that it is done

    // What was found of a step that an earlier process began. None: this process began it.
    struct Reconciled {
        journal::Last last = journal::Last::open;
        bool was_begun_before = false;      // by an earlier attempt than the last
        bool is_set_since = false;          // others have written what it sets: that tells nothing of it
        bool is_to_be_rolled_back = false;  // what matters is whether it is to be undone
    };
    std::optional<Reconciled> reconciled;

    std::string failure;        // failed: the reason; killed: that it took too long
    std::string host_says;      // unknown
    std::string unseen;         // why its objects could not be observed
    std::string untold;         // what it sets and no observation tells
    std::string differs;        // what it sets and is otherwise
    std::string no_outputs;     // succeeded: why its outputs cannot be taken
    std::string lost_outputs;   // who reads outputs that nobody has seen
    std::string failed_before;  // why its last attempt failed
};

// What the step is now, and why; the text goes into the journal and to people.
struct Judgement {
    enum class Conclusion : std::uint8_t {
        finished,
        failed,
        failed_asks_first,  // it may have been done: it is not tried again before a person says so
        unreached,          // it certainly did not begin
        doubted,            // a person has to decide
        // Nobody saw the end of the attempt, and this is what was found of it:
        found_finished,
        again,      // it is to run again
        untouched,  // it changed nothing, and needs no undo
        begun,      // it may have begun, and is to be undone
    };
    Conclusion conclusion = Conclusion::doubted;
    std::string text;
};

// Total: every combination has a judgement, which a test enumerates. Nothing is asked and nothing recorded here.
Judgement judge(const AttemptEnd& end);

}  // namespace pvsplan::engine

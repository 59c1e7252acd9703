// What is different in what will happen between two versions of a plan, worst first. Plain data; runtime/view puts it
// into words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/checks/rollback.hpp"
#include "compiler/diff/choices.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::diff {

// A version of a plan, with what was proved of it. Both must outlive what is made of them.
struct Version {
    const program::Plan& plan;
    const graph::Facts& facts;                          // of that plan, node by node
    const std::vector<checks::Decision>& decisions;     // parallel to plan.requirements
    const checks::RollbackVerdict* rollback = nullptr;  // null: not asked for, of a plan that was compiled before
    const Choices* choices = nullptr;                   // null likewise: with other parameters it is not compared
    std::vector<std::string> open = {};                 // parameters that have a value here only because one was tried
};

struct RequirementChange {
    enum class Type : std::uint8_t {  // worst first
        violated,                     // and was not, or is new
        still_violated,               // and was; told where something else changes
        dropped,                      // no requirement of the plan after demands as much
        weakened,                     // a requirement of that name demands less, or it cannot be told
        redefined,                    // as it is written, but what it speaks of means something else
        waived,                       // and was not
        unproved,                     // undecided now, or nothing matches it any more
        waivable,                     // plans may waive it now
        mended,                       // violated before, and now it holds
        added,                        // from here on good news, or none
        strengthened,
        renamed,
    };
    Type type = Type::added;
    std::string name;              // as the plan after calls it, if it has it
    std::vector<std::string> why;  // a phrase each
    std::uint32_t before = none;   // index into the requirements of the plan before, or none
    std::uint32_t after = none;

    static constexpr std::uint32_t none = 0xffffffffU;
};
[[nodiscard]] bool is_bad(RequirementChange::Type type);

// Something that is different about one step, or about all iterations of a step of a loop.
struct StepChange {
    enum class Type : std::uint8_t {
        // Losses
        no_return,       // it cannot be undone any more
        undo_lost,       // its undo does nothing now, or less
        once_lost,       // it may happen twice now
        approval_lost,   // nobody is asked any more, of something else or not always, or others may approve
        safeguard_lost,  // it starts, or counts as done, where it did not: a window, `requires`, exit codes; or what is
                         // believed, done or told hangs on something else: an observation, a connection, a secret
        // Steps
        runs,  // an action runs another script or command
        added,
        removed,
        renamed,
        changed,
    };
    Type type = Type::changed;
    std::string step;  // "rest[*].stop", in the plan after if it is there; of a loss also "server/*", "the farm";
                       // of what is run the action
    std::uint64_t count = 1;  // how many iterations of it
    std::string example;      // the path of the first of them
    std::string what;         // "timeout", "condition", …; of a rename what it was called before
    std::string before;       // empty: nothing, or too long to be told
    std::string after;
    program::Place place;
};

// Pairs of steps, all by one line of the source: one no longer waits for the other, or does now.
struct OrderChange {
    enum class Type : std::uint8_t {
        turned,  // the later one is the earlier one now
        lost,    // the two may overlap now
        gained,
    };
    Type type = Type::lost;
    std::string earlier;  // "rest[*].check"
    std::string later;
    std::uint64_t pairs = 1;
    std::string example_earlier;
    std::string example_later;
    program::Edge::Because because = program::Edge::Because::sequence;
    program::Place place;  // in the plan that has the order
};

// A loop that may run more iterations at once than before, or fewer.
struct LoopChange {
    std::string loop;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
};

// Something else that a run would do or meet differently: the farm, a parameter, what an action does.
struct OtherChange {
    std::string what;  // "parameter `version`", "`server/pvs02`", "action `pvs.server.install`"
    std::string how;   // "2402 became 2411", "is new", "its command is different"
};

struct Differences {
    std::vector<RequirementChange> requirements;
    std::vector<StepChange> losses;
    std::vector<LoopChange> loops;
    std::vector<OrderChange> order;
    bool is_order_whole = true;  // false: it is not compared through steps that only one of the plans has
    std::vector<StepChange> steps;
    std::vector<OtherChange> others;

    // In what will happen.
    [[nodiscard]] bool none() const;
};

Differences compare(const Version& before, const Version& after);

// The requirements that a new plan violates: there is no earlier one to compare it with.
std::vector<RequirementChange> violations(const Version& version);

}  // namespace pvsplan::diff

// A plan as a picture: lanes over time. Plain data, in which every place along the time is a number from 0 to `width`;
// a writer (html.hpp) needs to know nothing of plans.
//
// What is proved is said of every order; a picture shows one: each step as early as it can start, and as long as it is
// expected to take.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/view/show_text.hpp"

namespace pvsplan::picture {

using At = std::int64_t;  // a place along the time

struct Stretch {
    At from = 0;
    At to = 0;
    friend bool operator==(const Stretch&, const Stretch&) = default;
};

// What became of a step in a run; `planned` where there was none, or where it has not begun.
enum class StepStatus : std::uint8_t { planned, done, running, failed, in_doubt, skipped, rolled_back };

struct Step {
    std::uint32_t node = 0;  // of the plan; of a rollback: those come after all of the plan
    Stretch when;
    At latest = 0;  // until when its end could move, and nothing else would
    enum class Type : std::uint8_t { action, approval, undo } type = Type::action;
    bool is_critical = false;       // any delay of it delays the end
    bool is_conditional = false;    // a `when` is decided in the run
    bool cannot_be_undone = false;  // a point of no return
    bool shows_violation = false;   // the witness of a violated requirement is about it
    StepStatus status = StepStatus::planned;
    std::string path;
    std::string label;  // the last part of its path
    std::string title;  // all that is said of it in a line
    std::string note;   // where the run was not as planned: "failed: exit status 1"
};

// Whether an object is in the state that a requirement counts; as the proofs count it, so `perhaps` from the start of
// the step that changes it to the finish of that step.
enum class Counted : std::uint8_t { no, perhaps, surely };
struct Band {
    Stretch when;
    Counted counted = Counted::no;
};

// How many of several objects are counted, or how many of their steps run.
struct Overlap {
    Stretch when;
    std::uint32_t perhaps = 0;  // those that surely are included
    std::uint32_t surely = 0;
};

struct Lane {
    std::string name;
    std::string title;  // in words, for who does not see it
    std::vector<Band> bands;
    std::vector<Step> steps;
    std::optional<Stretch> worst;  // its part in the worst moment
};

struct Group {
    std::string name;
    enum class Shows : std::uint8_t { lanes, overlap } shows = Shows::lanes;  // overlap: lanes are folded away
    bool is_counted = false;                                                  // its lanes have bands
    bool is_calm = false;           // what they count is no outage: it has to be over at the end, and that is all
    std::vector<Lane> lanes;        // from top to bottom
    std::vector<Overlap> overlaps;  // counted objects
    std::vector<Overlap> busy;      // steps that run
    std::string counted;            // "not released": what its bands count
    std::uint32_t most = 0;         // are counted at once, else: of its steps run
};

struct Mark {  // over the full height
    enum class Type : std::uint8_t { approval, window, no_return, violation, rollback } type = Type::approval;
    Stretch when;
    std::string label;
    std::string title;
};

struct Strip {  // the count of one requirement over time
    std::string name;
    std::string counted;  // "servers possibly down"
    std::string scope;    // "in west": the value of its `per`; empty: it counts all
    std::uint32_t members = 0;
    std::int64_t allowed = 0;   // at most so many at once
    std::uint32_t reached = 0;  // in the worst moment of any order
    bool is_violated = false;
    std::vector<Overlap> overlaps;
    std::vector<std::string> worst;  // who is counted then
    std::optional<At> worst_at;      // if all of them are at one moment of this picture
};

struct VerdictRow {
    std::string name;
    std::string require;  // as it is written
    std::string because;
    std::string verdict;                // "holds", "violated", "vacuous", "undecided"
    std::string waived;                 // why it is waived; empty: it is not
    std::string reason;                 // why it is so decided; may be empty
    std::vector<std::string> schedule;  // which shows a violation, a line a moment
};

struct Tick {
    At at = 0;
    std::string label;
};

struct Reason {  // of an edge
    std::string words;
    std::string place;
};
struct Wait {  // a step waits for an earlier one
    std::uint32_t before = 0;
    std::uint32_t reason = 0;  // index into Picture::reasons
};

struct Picture {
    std::string title;
    std::string subtitle;
    std::string summary;
    std::string warning;              // "simulated: …"
    std::string outcome;              // of a run: "rolled back"
    std::vector<std::string> notes;   // how a run stands
    std::string digest;               // of the compiled plan
    At width = 0;                     // with the rollback
    At end = 0;                       // of the plan
    std::uint32_t longest_chain = 0;  // in steps
    std::vector<Tick> ticks;          // of the axis of time
    std::vector<Mark> marks;
    std::optional<Strip> strip;
    std::vector<Group> groups;
    std::string in_state, not_in_state;  // words of the bands: "down", "streaming"
    std::vector<VerdictRow> verdicts;
    std::vector<std::string> no_return;  // a sentence for each
    bool is_of_run = false;              // else of a plan that has not run

    // The order, by node; joins have a name here and no step.
    std::vector<std::vector<Wait>> waits;
    std::vector<Reason> reasons;
    std::map<std::uint32_t, std::string> joins;
};

// A run, as far as a picture shows it.
struct Ran {
    struct Node {
        std::string path;
        std::string object;  // of a step of the rollback
        StepStatus status = StepStatus::planned;
        std::int64_t started_at = 0;  // milliseconds since 1970; 0: not
        std::int64_t ended_at = 0;
        std::uint32_t attempts = 0;  // 0: it has not begun
        std::string text;            // why it failed, who approved
    };
    std::string title;
    std::string outcome;  // "rolled back"
    std::vector<std::string> notes;
    std::vector<Node> nodes;     // of the plan, in its order
    std::vector<Node> rollback;  // of the rollback program, in its order
    bool is_rolling_back = false;
};

// `usual`: how long steps took in earlier runs. Proves the requirements of the plan again, to have what they count.
Picture picture_of(const program::Plan& plan, const view::UsualDurations& usual, const Ran* ran = nullptr);

}  // namespace pvsplan::picture

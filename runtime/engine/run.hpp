// The life of a run: what a command line (or a test) asks for. Everything below works on one store and never prints.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/program/plan.hpp"
#include "compiler/program/rollback.hpp"
#include "runtime/engine/event.hpp"
#include "runtime/engine/standing.hpp"
#include "runtime/ports/accounts.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/courier.hpp"
#include "runtime/ports/process.hpp"
#include "runtime/ports/sites.hpp"
#include "runtime/ports/store.hpp"
#include "runtime/ports/transport.hpp"
#include "runtime/state/run_state.hpp"
#include "runtime/verify/verify.hpp"

namespace pvsplan::engine {

// How a command ended, and its exit status.
enum class Outcome : std::uint8_t {
    done,         // 0
    wrong,        // 1: something else; the message says what
    usage,        // 2: no such run, no such step
    refused,      // 3: what is left would break a requirement
    failed,       // 4: a step failed, the run is halted and can be resumed
    rolled_back,  // 5: a step failed, and the run was rolled back; 0: because a person asked for it
    in_doubt,     // 6: a step is in doubt, or the rollback failed: an operator must decide
    waiting,      // 7: waits for a person (approval, manual step), for a window of time, or stopped where it was to
    held,         // 8: the farm is locked by another run; `run` names it if no process has it
    stale,        // 9: not what was reviewed; or this compiled plan has had its run
    interrupted,  // 130 or 143
    left,         // 10: what was said was left for the run, which has not taken it yet
};

// A node that a person must look at.
struct Wanted {
    enum class Type : std::uint8_t { approval, manual, doubt, failed, unreached, no_return, window, until, left_out };
    Type type = Type::approval;
    std::string node;
    std::string text;        // what to approve or to do; what was seen; why it failed; when its window opens
    std::string where = {};  // in doubt: on which host, as which job, and where its output is
    std::vector<std::string> outputs = {};  // which others read, and which are not known unless a person says them
    std::string iteration = {};             // the innermost one around the step, where the run could go on without that
    bool has_command = false;               // which could be ended on its host
};

std::string_view name_of(Wanted::Type type);  // "approval", "doubt", …

// Something that a person can type.
struct Offer {
    std::string command;
    std::string what;  // what comes of it; may be empty
};

// How much of what was done a rollback would undo.
enum class RollbackReach : std::uint8_t {
    all,
    part,  // a point of no return was passed
    under_way,
};

struct Ended {
    Outcome outcome = Outcome::done;
    std::string run;      // id; empty if none came to be
    std::string message;  // one sentence, lower case, no final period
    std::vector<std::string> causes = {};
    std::vector<Wanted> wanted = {};
    std::vector<std::string> untold = {};  // who could not be told of the run, and why
    RollbackReach reach = RollbackReach::all;
    int signal = 0;                            // interrupted: which
    bool is_asked = false;                     // rolled back: because a person asked for it
    std::optional<Standing::Type> other = {};  // held: the standing of the run that locks the farm, if known
};
// The only place where outcomes become numbers.
int exit_status(const Ended& ended);
std::string_view name_of(Outcome outcome);  // "done", "failed", "rolled back", "in doubt", "waiting", …
// What stands there for a run that was given up: no process ends so.
inline constexpr std::string_view given_up = "given up";

// What a run needs from outside. Everything outlives the call. `transports` has the names of `connect.over` as keys:
// "simulated" for objects without `connect`; "local" for actions without an object ("simulated" if all objects of the
// plan are); "manual" for manual steps of objects that are not simulated.
struct Environment {
    ports::Store* store = nullptr;
    ports::Clock* clock = nullptr;
    ports::Mailbox* mailbox = nullptr;
    ports::Signals* signals = nullptr;
    ports::Secrets* secrets = nullptr;
    std::map<std::string, ports::Transport*> transports;
    ports::Identity me;
    ports::Accounts* accounts = nullptr;  // null: people are known by the name of `me` alone
    ports::Courier* courier = nullptr;    // null: nobody is told of a run
    // What the hosts are told of who claims them: one line of JSON. Empty: no host is claimed.
    std::string owner = {};
    // Why the run is over whose claim was found on a host, as far as its own store can be asked from here; empty: it is
    // not over, or nobody can tell.
    std::function<std::string(const std::string& run, const std::string& owner)> is_over_elsewhere = {};
    // A person takes the farm from whatever process has it, and says why. What that process had started on hosts is
    // attached to; it cannot write another record itself.
    std::optional<std::string> take_over_because = {};
};

// Answers of a person at this terminal while the run goes on; asked in every turn. Null: nobody is there.
class Person {
  public:
    virtual ~Person() = default;
    struct Answer {
        std::string node;  // of an approval or a manual step that is wanted
        std::string because;
    };
    // What was answered since the last call; never blocks (post Mailbox::wake() when there is something).
    virtual std::vector<Answer> answers() = 0;
};

// The runs of a farm by their ids, and how many records each has.
using FarmRuns = std::map<std::string, std::uint64_t>;

struct Options {
    std::uint32_t max_parallel = 64;
    std::string until = {};    // the path of a step or group before which the run stops; empty: as was said before
    Person* person = nullptr;  // there: an approval is waited for; null: exit 7 as soon as nothing else can go on
    std::int64_t patience_ms = 600'000;         // how long an unreachable host is tried
    std::int64_t observe_patience_ms = 60'000;  // of that, for an observation
    enum class Delays : std::uint8_t {
        as_written,
        none
    } simulated_delays = Delays::as_written;   // of what is tried again
    std::int64_t observe_timeout_ms = 60'000;  // how long a host that is reached may take to say how its object is
    std::int64_t heartbeat_ms = 30'000;
    std::int64_t messages_every_ms = 500;           // how often to look for what people said from other terminals
    ports::Runs::Use use = ports::Runs::Use::many;  // single: a compiled file starts at most one run
    std::string again = {};                         // the run that was rolled back and is done once more
    // When the farm was observed: a run that has got further since may have changed it. Null: it was not observed.
    std::optional<FarmRuns> observed_after = {};
};

// Whether every secret can be read that a run of the plan, or an observation of its farm, may need. Commands check this
// before they do anything; start() and resume() check it again.
base::Status check_secrets(const Environment& environment, const program::Plan& plan);

// Done, rolled back or given up: nothing goes on with it, and its farm is free.
bool is_over(const ports::RunRow& run);
bool is_over(std::string_view outcome);  // of a row, or of what is known of one

// How a run is refused because another one locks the farm; nothing if none does. A run that is not over locks its farm
// whether or not a process has it.
std::optional<Ended> held_by_run(const ports::Store& store, const std::string& farm);

base::Result<FarmRuns> runs_of_farm(const ports::Runs& runs, const std::string& farm);

// Puts the simulated objects of a farm back to what its file says, unless a run that is not over counts on how they
// are.
Ended reset_simulated(const Environment& environment, const std::string& farm);

// Where a compiled plan that may run once has had its run: how a second one is refused.
// It may be done again if the last was rolled back.
std::optional<Ended> earlier_run(const ports::Runs& runs, const program::Plan& plan);

// Starts a run of `plan` (sealed; `plan_bytes` is its canonical text, stored with the run) and stays with it until it
// halts.
Ended start(const Environment& environment, const program::Plan& plan, const std::string& plan_bytes,
            const Options& options, Observer& observer);

// Reads the state of every object off the real objects; no run, no journal. The state of an object whose kind has no
// `observe` is unknown.
struct ObservedObject {
    program::ObjectId object;
    std::map<std::string, program::Value> state;
    std::string error;  // why it could not be observed; empty: it was
};
// How far an observation has come: told whenever that changes.
struct ObservedSoFar {
    std::size_t over = 0;
    std::size_t all = 0;
    std::map<program::ObjectId, std::string> away;  // those that are tried again or were given up, and why
};
using ToldSoFar = std::function<void(const ObservedSoFar&)>;
// A host that is away is tried beside the others: it has no share in `max_parallel`.
std::vector<ObservedObject> observe(const Environment& environment, const program::Plan& plan, const Options& options,
                                    const ToldSoFar& told = {});
// Likewise, of those objects only. What was not looked at, because the user wants to stop, says so as its error.
std::vector<ObservedObject> observe(const Environment& environment, const program::Plan& plan, const Options& options,
                                    const std::vector<program::ObjectId>& which, const ToldSoFar& told = {});

// What a person says of a step that is in doubt, has failed or waits as a manual step; or of an iteration of a loop.
struct OperatorDecision {
    enum class Type : std::uint8_t {
        done,
        redo,  // of an iteration: it was left out, and is tried again once all else is over
        kill,  // its job is ended on the host, with all that it started; then it is looked at
        skip,  // the run goes on without this iteration
    };
    Type type = Type::done;
    std::string node;  // path of the step or of the iteration
    std::string because;
    std::map<std::string, std::string> outputs = {};  // done: what it put out, by name, as it was typed
};

std::string_view option_of(OperatorDecision::Type type);  // "--done", …

// Goes on with what remains, forward or in the rollback, as the run did before. All decisions count at once, or none
// does. The farm is observed again, since others may have changed it. If it is otherwise than the run left it, or there
// are decisions or abandoned iterations, `prove_again` is called once: with all that applied, and before any of it is
// recorded or anything starts. Its error refuses the call (3). Only if there was no decision, the farm is as it was,
// and others can go on without the abandoned iterations, do they go on.
struct Unknowns {
    // Steps that are to run again although their objects do not show that they did nothing.
    std::vector<program::NodeId> may_have_happened = {};
    // Objects that do not answer: whatever the run knows of their states may have changed.
    std::vector<program::ObjectId> away = {};
};
using ProveAgain = std::function<base::Status(const state::RunState& run, const Unknowns& unknown)>;
// What a person said, and who proves it. Without `prove_again` nothing is proved, as in a rehearsal, and so nothing is
// observed for it.
struct ResumeOptions {
    std::vector<OperatorDecision> decisions;
    ProveAgain prove_again = {};
    ToldSoFar told = {};  // how far that observation has come
};
Ended resume(const Environment& environment, const std::string& run, const ResumeOptions& what, const Options& options,
             Observer& observer);

// Begins the rollback of the run, or goes on with it. A run that is rolled back stays as it is; the result says so.
struct RollbackOptions {
    std::string because;  // empty: somebody asked for it
    std::string back_to;  // the step or group to before which it goes back; empty: to the beginning, or as it began
};
Ended rollback(const Environment& environment, const std::string& run, const RollbackOptions& what,
               const Options& options, Observer& observer);

// Gives a run up: the farm stays as it is and is free for others. Nothing goes on with the run after that.
Ended abandon(const Environment& environment, const std::string& run, const std::string& because);

// Records an approval. The run uses it at once if it waits for it, else when it gets there. If another process has the
// run, posts a message to the run's inbox and waits up to `patience_ms` for the answer.
Ended approve(const Environment& environment, const std::string& run, const std::string& node,
              const std::string& because, ports::Millis patience_ms = 5000);

// --- looking ------------------------------------------------------------------------------------------------------
// Whether it can be the id of a run: a digit, then letters, digits and '-'. A store may hold anything, and such an id
// is a part of the name of a file, of a path and of a command as it is.
bool is_run_id(std::string_view text);
// An error for people where it is none.
base::Status check_run_id(const std::string& id);
// The run that `text` means: its id, a unique beginning of it, "last" (the one that was created last), or "last:NAME"
// (the last of that plan or farm).
base::Result<ports::RunRow> find_run(const ports::Runs& runs, const std::string& text);
// The same among runs that were read: an error is one of the text alone.
base::Result<ports::RunRow> find_run(const ports::Runs& runs, const std::vector<ports::RunRow>& rows,
                                     const std::string& text);
// That there were runs, where none is left: of Runs::archived_runs(), which are some.
std::string words_of_archived(const std::map<std::string, std::string>& archived);

// What a rollback of the run would do now. Nothing is recorded for it, and no host is asked.
struct RollbackPreview {
    program::Graph graph;  // the steps that are left of it
    std::vector<program::Guard> guards;
    std::vector<program::NoReturn> no_return;
    bool has_begun = false;
    std::string back_to;             // the step or group to before which it goes back; empty: to the beginning
    std::vector<std::string> stays;  // what ended before that
};
// `back_to`: as for rollback(), and an error where that would refuse it.
base::Result<RollbackPreview> preview_rollback(const ports::Runs& runs, const std::string& run,
                                               const std::string& back_to = {});

// One row of `status`: a node of the plan, or of the rollback, without the joins.
struct NodeStatus {
    std::string node;
    std::string
        state;  // "waiting", "ready", "waits for its window", "running", "finished", "skipped", "left out", "failed", …
    std::string object;
    std::string text;  // why failed, what was seen, who approved, what it waits for
    std::uint32_t attempts = 0;
    std::uint32_t tries = 0;  // of them, since an operator last let it run; `max_tries` are made
    std::uint32_t max_tries = 1;
    ports::Millis next_at = 0;  // when it is tried again, or its window opens; 0: neither
    ports::Millis started_at = 0;
    ports::Millis ended_at = 0;
    program::Place place;
};
// All that `status`, and a page of `serve`, say of one run, read under no lease.
struct RunStatus {
    ports::RunRow row;
    std::string by;         // who started it
    std::string simulated;  // what of the farm is; empty: nothing
    Standing standing;
    std::string fault;  // what its row in the store says otherwise than its plan and its records; empty: nothing
    bool is_rolling_back = false;
    std::string back_to;               // the step or group to before which that goes back; empty: to the beginning
    std::string halted_because;        // the last words of the process that halted it
    std::vector<std::string> untaken;  // jobs of its farm that no worker of their site takes
    std::string until;                 // before what it stops; empty: nothing
    std::vector<NodeStatus> nodes;     // of the plan, in its order
    std::vector<NodeStatus> rollback;  // of the rollback program, if the rollback has begun
    std::vector<Wanted> wanted;
    std::vector<std::string> untold;  // who is not known to have been told of the run, and why
    std::vector<Offer> next;          // what to type next; empty: nothing to do, or it was not asked for
};
// "2 jobs wait for the site berlin, and no worker of it was seen lately"; empty: none waits, or a worker is there.
std::string untaken(const ports::SiteStands& site);

// `now`: for what waits for a window of time; without it nothing is said of windows. `prove`: by which the decisions
// are tried that are offered; without it nothing is offered.
base::Result<RunStatus> status(const ports::Store& store, const std::string& run, std::optional<ports::Millis> now = {},
                               const ProveAgain& prove = {});

// One record of the journal, for people and as its canonical JSON.
struct LogLine {
    std::uint64_t number = 0;
    ports::Millis at = 0;
    std::string kind;  // "started", "finished", …
    std::string node;
    std::string text;    // what it says, on one line
    std::string output;  // what the command printed, if it did
    std::string json;
};
// All records in their order, also those that cannot be read; an error only where the store cannot be.
base::Result<std::vector<LogLine>> log(const ports::Runs& runs, const std::string& run);

// Checks the chain of hashes to its end, and the journal as a schedule of the compiled plan.
base::Result<verify::Report> verify_log(const ports::Runs& runs, const std::string& run);

// How long each step of this plan took before, from the journals of its runs: path -> milliseconds (median).
base::Result<std::map<std::string, std::int64_t>> usual_durations(const ports::Runs& runs, const std::string& plan);

}  // namespace pvsplan::engine

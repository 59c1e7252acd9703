// The store fails at each call in turn, of each operation: what cannot be recorded is said, nothing is begun on a host
// after it, and once the store can be written again the run ends as if nothing had happened.
#include <catch2/catch.hpp>

#include <set>

#include "runtime/engine/messages.hpp"
#include "runtime/store/memory_store.hpp"
#include "tests/unit/engine/hosts.hpp"
#include "tests/unit/engine/watched_store.hpp"

namespace pvsplan::engine::test {
namespace {

using CallResult = WatchedStore::CallResult;

// Which calls fail: one of them, or all from there on.
enum class Fails : std::uint8_t { once, once_though_there, from_then_on };

// A run on hosts that remember their jobs, over a store that a test lets fail.
struct Stored {
    WatchedStore* store = nullptr;
    std::unique_ptr<HostStory> story;
    std::set<std::string> keys;        // of the commands that began
    std::multiset<std::string> begun;  // their steps
    std::vector<std::string> calls;
    std::string lost;    // the step of which nobody knows what became of it
    std::size_t at = 0;  // the number of the call that fails; 0: none does
    Fails fails = Fails::once;
    std::size_t begun_by_then = 0;  // commands, when it failed

    explicit Stored(const std::function<void(Plan&)>& change, const std::string& failing = "") {
        auto watched = std::make_unique<WatchedStore>(std::make_unique<store::MemoryStore>());
        store = watched.get();
        story = std::make_unique<HostStory>(change, 2, std::move(watched));
        story->hosts->answer = [this, failing](const Job& job) {
            if (job.type != Job::Type::command) return std::vector<JobEvent>{};
            const std::int64_t status = job.step == failing ? 1 : 0;
            if (job.ask == Job::Ask::start) {
                if (job.step == lost) return std::vector<JobEvent>{{.type = JobEventType::lost, .text = "gone"}};
                keys.insert(job.key);
                begun.insert(job.step);
                return std::vector<JobEvent>{{.exit_status = status}};
            }
            if (!keys.contains(job.key)) return std::vector<JobEvent>{{.type = JobEventType::no_record}};
            return std::vector<JobEvent>{{.exit_status = status}};
        };
        store->before = [this](std::string_view call) {
            calls.emplace_back(call);
            if (at == 0 || calls.size() < at) return CallResult::works;
            if (calls.size() == at) {
                begun_by_then = begun.size();
                return fails == Fails::once_though_there ? CallResult::fails_though_there : CallResult::fails;
            }
            return fails == Fails::from_then_on ? CallResult::fails : CallResult::works;
        };
    }

    [[nodiscard]] std::vector<ports::RunRow> rows() const { return *store->runs(); }
    // What the run came to: how it stands, how its servers are, and each step as often as its command began.
    [[nodiscard]] std::string stands() const {
        const std::vector<ports::RunRow> all = rows();
        if (all.empty()) return "no run";
        std::string text = all.back().outcome;
        for (const auto& [object, stream] : story->hosts->streams) text += " " + stream;
        for (const std::string& step : begun) text += " " + step;
        return text;
    }
    [[nodiscard]] std::string fault() const {
        const std::vector<ports::RunRow> all = rows();
        if (all.empty()) return "";
        const auto verified = verify_log(*store, all.back().id);
        return verified.ok() ? verify::first_fault(*verified) : verified.error().text();
    }
};

struct Operation {
    const char* name;
    std::function<void(Plan&)> change;
    std::string failing;                  // the step whose command fails
    std::function<void(Stored&)> before;  // what has happened by then
    Outcome outcome;
    std::function<Ended(Stored&)> act;  // and once more, where it has failed
};

// Before all of the first server.
void approval_first(Plan& plan) {
    plan.graph.nodes.insert(plan.graph.nodes.begin(), {.id = "look", .type = Node::Type::approval, .text = "look"});
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)},
                        {.from = NodeId(1), .to = NodeId(2)},
                        {.from = NodeId(3), .to = NodeId(4)}};
}

void rolls_back(Plan& plan) {
    for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
}

Ended started(Stored& stored) {
    HostStory& story = *stored.story;
    const Environment& environment = story.farm->environment;
    // Where the run was created before the failure, a person resumes it.
    const auto rows = environment.store->runs();
    if (rows.ok() && !rows->empty()) return resume(environment, rows->back().id, {}, {}, story.told);
    return start(environment, story.plan, encode(story.plan), {}, story.told);
}
void run_before(Stored& stored) { stored.story->go(); }

Ended resumed(Stored& stored, std::vector<OperatorDecision> decisions = {}) {
    return resume(stored.story->farm->environment, stored.story->run, {.decisions = std::move(decisions)}, {},
                  stored.story->told);
}

void post_approval(Stored& stored) {
    const HostStory& story = *stored.story;
    const journal::Record message =
        approval_message(story.plan, "look", "fine", story.farm->environment.me.user, "h", 1);
    REQUIRE(stored.store->post_message(story.run, journal::encode(message)).ok());
}

std::vector<Operation> operations() {
    return {
        {"start", {}, "", {}, Outcome::done, started},
        {"start, and a step fails", {}, "all[s1].stop", {}, Outcome::failed, started},
        {"start, and a failure rolls it back", rolls_back, "all[s1].start", {}, Outcome::rolled_back, started},
        {"start, up to an approval", approval_first, "", {}, Outcome::waiting, started},
        {"rollback",
         {},
         "",
         run_before,
         Outcome::rolled_back,
         [](Stored& stored) {
             return rollback(stored.story->farm->environment, stored.story->run, {.because = "enough"}, {},
                             stored.story->told);
         }},
        {"resume of what was approved from elsewhere", approval_first, "",
         [](Stored& stored) {
             run_before(stored);
             post_approval(stored);
         },
         Outcome::done, [](Stored& stored) { return resumed(stored); }},
        {"resume with a decision",
         {},
         "all[s1].stop",
         [](Stored& stored) {
             run_before(stored);
             stored.story->hosts->streams[ObjectId(1)] = "stopped";
         },
         Outcome::done,
         [](Stored& stored) {
             const Ended ended = resumed(stored, {{OperatorDecision::Type::done, "all[s1].stop", "by hand", {}}});
             // It is in the journal already: there is nothing to say of it any more.
             return ended.outcome == Outcome::usage ? resumed(stored) : ended;
         }},
        {"resume with a job that is ended, and a word that is refused",
         {},
         "all[s1].stop",
         [](Stored& stored) {
             stored.lost = first_step;
             run_before(stored);
         },
         Outcome::usage,
         [](Stored& stored) {
             return resumed(stored, {{OperatorDecision::Type::kill, first_step, "it hangs", {}},
                                     {OperatorDecision::Type::done, "all[s1].stop", "by hand", {}}});
         }},
        {"approve", approval_first, "", run_before, Outcome::done,
         [](Stored& stored) { return approve(stored.story->farm->environment, stored.story->run, "look", "fine"); }},
        {"give up",
         {},
         "all[s1].stop",
         run_before,
         Outcome::done,
         [](Stored& stored) { return abandon(stored.story->farm->environment, stored.story->run, "enough"); }},
    };
}

// Without these nothing goes on; a failure of the others may do no harm where it passes.
bool has_to_be_written(const std::string& call) {
    return call == "create_run" || call == "append" || call == "acquire" || call == "post_message";
}

struct Unharmed {
    std::string stands;
    std::vector<std::string> calls;
};

Unharmed unharmed(const Operation& operation) {
    Stored stored(operation.change, operation.failing);
    if (operation.before) operation.before(stored);
    stored.calls.clear();
    INFO(operation.name);
    CHECK(operation.act(stored).outcome == operation.outcome);
    const std::vector<std::string> calls = stored.calls;
    CHECK(stored.fault() == "");
    return {stored.stands(), calls};
}

void check_failure(const Operation& operation, const Unharmed& expected, std::size_t at, Fails fails) {
    Stored stored(operation.change, operation.failing);
    if (operation.before) operation.before(stored);
    stored.calls.clear();
    stored.at = at;
    stored.fails = fails;
    const Ended ended = operation.act(stored);
    const std::size_t begun = stored.begun.size();
    stored.at = 0;
    const std::string& call = expected.calls[at - 1];
    INFO(operation.name << ": call " << at << ", " << call << ", fails " << static_cast<int>(fails) << ": "
                        << name_of(ended.outcome) << ", " << ended.message);
    const bool says_so = ended.message.find(WatchedStore::reason) != std::string::npos;
    const bool is_refused = ended.outcome == Outcome::wrong && says_so;
    // An inbox that cannot be read is read by whoever comes next.
    const bool waits = call == "messages" && ended.outcome == Outcome::waiting;
    CHECK((is_refused || ended.outcome == operation.outcome || waits));
    CHECK((is_refused || !says_so || call == "release"));
    if (has_to_be_written(call)) {
        CHECK(is_refused);
        CHECK(begun == stored.begun_by_then);
    }
    if (fails == Fails::from_then_on && !is_refused) CHECK((call == "release" || begun == stored.begun_by_then));
    // Mended: a person says the same once more where it was not done, and takes the farm from the process that could
    // not release it.
    stored.story->farm->environment.take_over_because = "the process is gone";
    if (stored.stands() != expected.stands) CHECK(operation.act(stored).outcome == operation.outcome);
    CHECK(stored.stands() == expected.stands);
    CHECK(stored.fault() == "");
}

}  // namespace

TEST_CASE("the store fails at each call of each operation: nothing is begun after it, and all ends as without") {
    for (const Operation& operation : operations()) {
        const Unharmed expected = unharmed(operation);
        for (const Fails fails : {Fails::once, Fails::once_though_there, Fails::from_then_on})
            for (std::size_t at = 1; at <= expected.calls.size(); ++at) check_failure(operation, expected, at, fails);
    }
}

}  // namespace pvsplan::engine::test

// What single records do to a run, where no whole run would show it.
#include <catch2/catch.hpp>

#include "runtime/journal/replay.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using RecordType = journal::Record::Type;
using state::Phase;

struct Story {
    Plan of;
    state::RunState run;

    explicit Story(Plan plan_) : of(std::move(plan_)), run(of) { add({.type = RecordType::began, .value = of.digest}); }

    // Its number is the next one; the words of a misfit, or none.
    std::string add(journal::Record record) {
        record.number = run.records + 1;
        const base::Status applied = journal::apply(run, record);
        return applied ? "" : applied.error().text();
    }
    [[nodiscard]] const state::NodeState& first() const { return run.now_state().nodes[0]; }
    [[nodiscard]] std::string stream() const {
        const auto found = run.farm[0].find("stream");
        return found == run.farm[0].end() ? "unknown" : to_text(found->second, PlanNames(of));
    }
};

Plan with_retries(std::uint32_t times) {
    Plan one = plan(1);
    one.graph.nodes[0].retry.times = times;
    seal(one);
    return one;
}

const std::string step_path = "all[s0].stop";

}  // namespace

TEST_CASE("replay: a record that is missing is named by its number") {
    Story story(plan(1));
    const base::Status applied = journal::apply(story.run, {.number = 3, .type = RecordType::resumed});
    REQUIRE_FALSE(applied);
    CHECK(applied.error().text().find("number 2 is missing") != std::string::npos);
    CHECK(story.run.records == 1);
}

TEST_CASE("replay: what was observed outside of a step is what is known from then on") {
    Story story(plan(1));
    CHECK(story.stream() == "running");
    state::ObjectStates seen;
    seen[ObjectId(0)]["stream"] = Value::enumerator("stopped");
    CHECK(story.add({.type = RecordType::observed, .states = journal::encode_states(seen, story.of)}).empty());
    CHECK(story.stream() == "stopped");
}

TEST_CASE("replay: a host that was not reached leaves its step unreached, and nothing begun") {
    Story story(plan(1));
    CHECK(story.add({.type = RecordType::started, .node = step_path, .attempt = 1}).empty());
    CHECK(story.first().began);
    CHECK(story.add({.type = RecordType::unreached, .node = step_path, .attempt = 1}).empty());
    CHECK(story.first().phase == Phase::unreached);
    CHECK_FALSE(story.first().began);
}

TEST_CASE("replay: a host that was not reached again leaves what the attempt before it has done") {
    Story story(plan(1));
    const auto states = [&](const char* stream) {
        state::ObjectStates seen;
        seen[ObjectId(0)]["stream"] = Value::enumerator(stream);
        return journal::encode_states(seen, story.of);
    };
    for (const journal::Record& record : {
             journal::Record{.type = RecordType::started, .attempt = 1, .states = states("running")},
             journal::Record{.type = RecordType::failed, .attempt = 1, .states = states("stopped")},
             journal::Record{.type = RecordType::reconciled, .value = "again"},
             journal::Record{.type = RecordType::started, .attempt = 2, .states = states("stopped")},
             journal::Record{.type = RecordType::unreached, .attempt = 2},
         }) {
        journal::Record one = record;
        one.node = step_path;
        CHECK(story.add(one).empty());
    }
    CHECK(story.stream() == "stopped");
    CHECK((story.first().began && story.first().began_with == 1));
    CHECK(to_text(story.first().before.at(ObjectId(0)).at("stream"), PlanNames(story.of)) == "running");
    // A record without an attempt is of no command: what is known stays.
    CHECK(story.add({.type = RecordType::reconciled, .node = step_path, .value = "again"}).empty());
    CHECK(story.add({.type = RecordType::observed, .states = states("running")}).empty());
    CHECK(story.add({.type = RecordType::unreached, .node = step_path}).empty());
    CHECK(story.stream() == "running");
}

TEST_CASE("replay: a failure is tried again as often as the step says, and not before its command was issued") {
    Story story(with_retries(1));
    for (std::uint32_t attempt = 1; attempt <= 2; ++attempt) {
        CHECK(story.add({.type = RecordType::started, .node = step_path, .attempt = attempt}).empty());
        CHECK(story.add({.type = RecordType::failed, .node = step_path, .attempt = attempt}).empty());
        CHECK(story.first().phase == (attempt == 1 ? Phase::retrying : Phase::failed));
    }
    Story early(with_retries(1));
    CHECK(early.add({.type = RecordType::failed, .node = step_path, .attempt = 0}).empty());
    CHECK(early.first().phase == Phase::failed);
}

TEST_CASE("replay: what asks first is not tried again by itself") {
    Story story(with_retries(1));
    CHECK(story.add({.type = RecordType::started, .node = step_path, .attempt = 1}).empty());
    CHECK(story.add({.type = RecordType::failed, .node = step_path, .attempt = 1, .value = "ask first"}).empty());
    CHECK(story.first().phase == Phase::failed);
    CHECK(story.first().asks_first);
}

TEST_CASE("replay: what a person did by hand had all states of its object before it") {
    Story story(plan(1));
    story.run.farm[0].insert_or_assign("level", Value::integer(3));
    CHECK(story.add({.type = RecordType::reconciled, .node = step_path, .value = "finished"}).empty());
    CHECK(story.first().before.at(ObjectId(0)).contains("level"));
    CHECK(story.first().before.at(ObjectId(0)).contains("stream"));
}

TEST_CASE("replay: an approval that is refused is the one that was said") {
    Plan of = plan(1);
    of.graph.nodes[0].type = Node::Type::approval;
    seal(of);
    Story story(std::move(of));
    const journal::Record refused{.type = RecordType::refused, .node = step_path, .said = "m1"};
    CHECK(story.add(refused).empty());  // there is none
    CHECK(story.add({.type = RecordType::received, .node = step_path, .by = "anna", .said = "m2"}).empty());
    CHECK(story.add(refused).empty());
    CHECK(story.run.approvals.size() == 1);
    CHECK(story.add({.type = RecordType::refused, .node = step_path, .said = "m2"}).empty());
    CHECK(story.run.approvals.empty());
}

TEST_CASE("replay: what cannot have been written there is refused, with its reason, and changes nothing") {
    Plan of = plan(2);
    of.graph.nodes.push_back({.id = "look", .type = Node::Type::approval, .text = "look"});
    of.graph.nodes.push_back({.id = "join", .type = Node::Type::join});
    of.guards = {{.step = "when", .condition = Expr::literal(Value::boolean(true))}};
    of.instances = {{.path = "all[s0]", .loop = "all", .max_failures = 1}};
    seal(of);
    const auto after = [&](const std::vector<journal::Record>& records, journal::Record last) {
        Story story(of);
        for (const journal::Record& record : records) REQUIRE(story.add(record).empty());
        const std::uint64_t count = story.run.records;
        const std::string fault = story.add(std::move(last));
        CHECK(story.run.records == count + (fault.empty() ? 1 : 0));
        const auto colon = fault.find("came before it: ");
        return colon == std::string::npos ? fault : fault.substr(colon + 16);
    };
    const journal::Record started{.type = RecordType::started, .node = step_path, .attempt = 1};
    const auto reconciled = [](const char* value) {
        return journal::Record{.type = RecordType::reconciled, .node = step_path, .value = value};
    };
    const journal::StateTexts nowhere = {{"server/none", {{"stream", "1"}}}};
    const journal::StateTexts no_json = {{"server/s0", {{"stream", "{"}}}};

    CHECK(after({}, {.type = RecordType::began, .value = of.digest}) == "a run begins once, and first");
    CHECK(after({}, {.type = RecordType::finished, .node = step_path, .attempt = 1}) == "the step was waiting");
    CHECK(after({}, {.type = RecordType::started, .node = "nothing", .attempt = 1}) == "there is no such step");
    CHECK(after({}, {.type = RecordType::started, .node = "look", .attempt = 1}) == "the step is of another kind");
    CHECK(after({}, {.type = RecordType::started, .node = "join", .attempt = 1}) == "the step is of another kind");
    CHECK(after({}, {.type = RecordType::approved, .node = step_path}) == "the step is of another kind");
    CHECK(after({}, {.type = RecordType::approved, .node = "join"}) == "the step is of another kind");
    CHECK(after({}, {.type = RecordType::approved, .node = "look"}).empty());
    CHECK(after({}, {.type = RecordType::started, .node = step_path, .attempt = 0}) == "that attempt was made before");
    CHECK(after({started, reconciled("again")}, started) == "that attempt was made before");
    CHECK(
        after({started, reconciled("again")}, {.type = RecordType::started, .node = step_path, .attempt = 2}).empty());
    CHECK(after({started}, reconciled("perhaps")) == "it says nothing that this version knows");
    CHECK(after({}, reconciled("untouched")) == "the step had not begun");
    CHECK(after({started, reconciled("again")}, reconciled("untouched")).empty());
    CHECK(after({{.type = RecordType::failed, .node = step_path}}, reconciled("untouched")).empty());
    for (const journal::StateTexts& states : {nowhere, no_json}) {
        CHECK_FALSE(after({}, {.type = RecordType::observed, .states = states}).empty());
        journal::Record with = started;
        with.states = states;
        CHECK_FALSE(after({}, with).empty());
    }
    CHECK(after({}, {.type = RecordType::observed, .states = nowhere}) == "the plan has no object `server/none`");
    CHECK_FALSE(
        after({started}, {.type = RecordType::finished, .node = step_path, .attempt = 1, .outputs = {{"file", "{"}}})
            .empty());

    CHECK(after({}, {.type = RecordType::decided, .node = "nothing", .value = "holds"}) == "there is no such `when`");
    CHECK(after({}, {.type = RecordType::decided, .node = "when", .value = "perhaps"}) == "it decides nothing");
    for (const char* value : {"holds", "fails"}) {
        const journal::Record decided{.type = RecordType::decided, .node = "when", .value = value};
        CHECK(after({decided}, decided) == "it was decided before");
    }

    const journal::Record abandoned{.type = RecordType::abandoned, .node = "all[s0]"};
    const journal::Record readmitted{.type = RecordType::readmitted, .node = "all[s0]"};
    const journal::Record begun{.type = RecordType::rollback_began, .text = "asked"};
    CHECK(after({}, {.type = RecordType::abandoned, .node = "all[s1]"}) == "there is no such iteration");
    CHECK(after({}, readmitted) == "it was not abandoned");
    CHECK(after({abandoned}, abandoned) == "it was abandoned before");
    CHECK(after({abandoned}, readmitted).empty());
    CHECK(after({abandoned, readmitted}, readmitted) == "it was not abandoned");
    CHECK(after({begun}, abandoned) == "there is no such iteration");
    Story once(of);
    CHECK(once.add(abandoned).empty());
    CHECK((once.run.forward.abandoned[0] == once.run.records && once.run.forward.readmitted[0] == 0));
    CHECK(once.add(readmitted).empty());
    CHECK((once.run.forward.abandoned[0] == 0 && once.run.forward.readmitted[0] == 1));

    journal::Record by_anna = abandoned, again = abandoned, back = readmitted;
    by_anna.by = back.by = "anna";
    again.value = back.value = "again";
    CHECK(after({abandoned}, by_anna).empty());
    CHECK(after({by_anna}, by_anna) == "it was abandoned before");
    CHECK(after({by_anna}, again).empty());
    CHECK(after({by_anna, again}, again) == "it was not left out");
    CHECK(after({}, back) == "it was not abandoned");  // whoever says so, and whatever else stands there
    CHECK(after({abandoned}, back).empty());
    Story left(of);
    CHECK(left.add(by_anna).empty());
    CHECK(left.run.forward.left_out.size() == 1);
    CHECK(left.add(readmitted).empty());
    CHECK(left.run.forward.left_out.empty());

    const auto until = [](const char* path) { return journal::Record{.type = RecordType::until, .node = path}; };
    CHECK(after({}, until("nothing")) == "there is no such step");
    CHECK(after({}, until("")) == "it was to stop nowhere");
    CHECK(after({}, until("look")).empty());
    CHECK(after({until("look")}, until("")).empty());
    CHECK(after({begun}, until("look")) == "there is no such step");
    of.windows = {{.from = 60, .to = 120, .zone = "UTC"}};
    of.graph.nodes[0].window = WindowId(0);
    seal(of);
    const auto window = [](const char* path) {
        return journal::Record{.type = RecordType::window, .node = path, .value = "closed"};
    };
    CHECK(after({}, window("nothing")) == "there is no step with a window of that name");
    CHECK(after({}, window("look")) == "there is no step with a window of that name");
    CHECK(after({}, window("all[s0].stop")).empty());
    CHECK(after({begun}, window("all[s0].stop")) == "there is no step with a window of that name");

    const journal::Record rollback{.type = RecordType::stopped, .value = "rollback"};
    CHECK(after({}, {.type = RecordType::stopped, .value = "perhaps"}) == "it decides nothing");
    CHECK(after({rollback}, {.type = RecordType::stopped, .value = "halt"}).empty());
    CHECK(after({rollback}, rollback) == "it was to be rolled back before");
    CHECK(after({begun}, rollback) == "it was to be rolled back before");
    CHECK(after({begun}, begun) == "its rollback has begun before");

    const journal::Record said{
        .type = RecordType::received, .node = "look", .value = "approve", .by = "anna", .said = "m1"};
    const journal::Record other{
        .type = RecordType::refused, .node = "look", .value = "approve", .by = "anna", .said = "m2"};
    const journal::Record same{
        .type = RecordType::refused, .node = "look", .value = "approve", .by = "anna", .said = "m1"};
    CHECK(after({}, {.type = RecordType::received, .node = "nothing", .said = "m1"}) == "there is no such step");
    CHECK(after({said}, said) == "it was received before");
    CHECK(after({said, other}, said) == "it was received before");
    CHECK(after({said, same}, said).empty());
    CHECK(after({said, {.type = RecordType::approved, .node = "look"}}, said).empty());
}

TEST_CASE("replay: what a record says is what is known of the run from then on") {
    Story story(plan(1));
    CHECK(story.add({.at = 5, .type = RecordType::resumed, .said = "m9"}).empty());
    CHECK(story.run.last_at == 5);
    CHECK(story.run.received.contains("m9"));
    CHECK(story.add({.type = RecordType::halted, .value = "interrupted"}).empty());
    CHECK((story.run.halted == "interrupted" && story.run.told_as == 0));
    CHECK(story.add({.type = RecordType::halted, .value = "failed"}).empty());
    CHECK((story.run.halted == "failed" && story.run.told_as == story.run.records));
    CHECK(story.add({.type = RecordType::resumed}).empty());
    CHECK(story.run.halted.empty());

    CHECK(story.add({.at = 7, .type = RecordType::started, .node = step_path, .attempt = 1, .host = "place"}).empty());
    const std::uint64_t started = story.run.records;
    CHECK((story.first().attempt == 1 && story.first().tries == 1 && story.first().started_at == 7));
    CHECK((story.first().place == "place" && story.first().began && story.first().began_with == 1));
    CHECK(story.first().started_as == started);
    CHECK(story.stream() == "unknown");  // while it runs nobody knows
    CHECK(
        story
            .add(
                {.at = 9, .type = RecordType::failed, .node = step_path, .attempt = 1, .exit_status = 3, .text = "why"})
            .empty());
    CHECK((story.first().ended_at == 9 && story.first().exit_status == 3 && story.first().text == "why"));
    CHECK((story.first().ended_as == started + 1 && story.first().left_as == started + 1));
    CHECK(story.add({.type = RecordType::reconciled, .node = step_path, .value = "again"}).empty());
    CHECK(story.first().tries == 0);
    CHECK(story.add({.type = RecordType::started, .node = step_path, .attempt = 2}).empty());
    CHECK((story.first().tries == 1 && story.first().started_as == started && story.first().began_with == 1));
    CHECK(story.add({.type = RecordType::finished, .node = step_path, .attempt = 2, .outputs = {{"n", "3"}}}).empty());
    CHECK((story.first().left_as == started + 1 && story.first().ended_as == story.run.records));
    CHECK(story.first().outputs.at("n") == Value::integer(3));
    CHECK(
        story
            .add({.type = RecordType::stopped, .node = step_path, .value = "rollback", .text = "because", .by = "anna"})
            .empty());
    CHECK((story.run.back_to == step_path && story.run.back_to_as == started));
    CHECK(*story.run.forward.rollback_because == "because");
    CHECK(story.run.is_rollback_asked);
    CHECK(story.add({.type = RecordType::halted, .value = "failed"}).empty());
    CHECK(story.add({.type = RecordType::rollback_began, .text = "asked"}).empty());
    CHECK((story.run.rollback_because == "asked" && story.run.halted.empty() && story.run.is_rolling_back()));
    Story failed(plan(1));
    CHECK(failed.add({.type = RecordType::stopped, .node = step_path, .value = "rollback"}).empty());
    CHECK_FALSE(failed.run.is_rollback_asked);
    CHECK((failed.run.back_to.empty() && failed.run.back_to_as == 0));
    Story whole(plan(1));
    CHECK(whole.add({.type = RecordType::stopped, .node = step_path, .value = "rollback", .by = "anna"})
              .find("nothing of that step has begun") != std::string::npos);
    CHECK(whole.add({.type = RecordType::stopped, .value = "rollback", .by = "anna"}).empty());
    CHECK((whole.run.is_rollback_asked && whole.run.back_to.empty()));
}

TEST_CASE("replay: what was not done leaves what was known, and what was found done had begun") {
    const journal::StateTexts before = {{"server/s0", {{"stream", "{\"enum\":\"running\"}"}}}};
    const journal::Record first{.type = RecordType::started, .node = step_path, .attempt = 1, .states = before};
    journal::Record second = first;
    second.attempt = 2;
    const journal::Record unreached{.type = RecordType::unreached, .node = step_path, .attempt = 1};
    const journal::Record again{.type = RecordType::reconciled, .node = step_path, .value = "again"};
    const journal::Record untouched{.type = RecordType::reconciled, .node = step_path, .value = "untouched"};
    const auto story_of = [](const std::vector<journal::Record>& records) {
        auto story = std::make_unique<Story>(plan(1));
        for (const journal::Record& record : records) REQUIRE(story->add(record).empty());
        return story;
    };
    for (const journal::Record& end : {unreached, untouched}) {
        const auto story = story_of({first, end});
        CHECK(story->stream() == "running");
        CHECK_FALSE(story->first().began);
        CHECK((story->first().began_with == 0 && story->first().started_as == 0 && story->first().left_as == 0));
    }
    CHECK(story_of({first, untouched})->first().tries == 0);
    journal::Record late = unreached;  // the second attempt did not reach it: the first one had begun
    late.attempt = 2;
    const auto story = story_of({first, again, second, late});
    CHECK((story->first().began && story->first().started_as == 2 && story->stream() == "running"));
    journal::Record early = unreached;
    early.attempt = 0;
    CHECK(story_of({early})->first().phase == Phase::unreached);
    // What was seen while it may have been running says nothing once it is looked at again, and is not seen.
    const journal::Record seen{.type = RecordType::doubted, .node = step_path, .attempt = 1, .states = before};
    const journal::Record unseen{.type = RecordType::doubted, .node = step_path, .attempt = 1};
    const journal::Record begun_unseen{.type = RecordType::reconciled, .node = step_path, .value = "begun"};
    CHECK(story_of({first, seen})->stream() == "running");
    CHECK(story_of({first, seen, unseen})->stream() == "unknown");
    CHECK(story_of({first, seen, begun_unseen})->stream() == "unknown");
    for (const char* value : {"finished", "begun"}) {
        const journal::Record found{.type = RecordType::reconciled, .node = step_path, .value = value};
        const auto begun = story_of({first, found});
        CHECK((begun->first().began && begun->first().started_as == 2));
        CHECK(begun->first().phase == (std::string(value) == "finished" ? Phase::finished : Phase::failed));
        if (std::string(value) != "finished") continue;
        const auto by_hand = story_of({found});
        CHECK(
            (by_hand->first().began && by_hand->first().started_as == 2 && by_hand->first().phase == Phase::finished));
    }
}

TEST_CASE("replay: a journal is whole, or the record that is not is named") {
    const Plan of = plan(1);
    state::RunState run(of);
    std::vector<ports::RecordRow> rows;
    for (journal::Record record : {journal::Record{.type = RecordType::began, .value = of.digest, .by = "anna"},
                                   journal::Record{.type = RecordType::started, .node = step_path, .attempt = 1}}) {
        rows.push_back(journal::seal(run, record));
        REQUIRE(journal::apply(run, record).ok());
        run.last_hash = rows.back().hash;
    }
    const auto whole = journal::replay(of, rows);
    REQUIRE(whole.ok());
    CHECK((whole->records == 2 && whole->started_by == "anna" && whole->last_hash == rows[1].hash));
    const auto fault = [&](std::vector<ports::RecordRow> changed) {
        const auto result = journal::replay(of, changed);
        REQUIRE_FALSE(result.ok());
        return result.error().text();
    };
    auto changed = rows;
    changed[1].bytes += " ";
    CHECK(fault(changed) == "record 2 was changed: its hash is not that of its text");
    CHECK(fault({rows[1]}) == "record 1 is not there: what follows has the number 2");
    CHECK(fault({rows[0], rows[0]}) == "record 2 is not there: what follows has the number 1");
    auto exchanged = rows;
    exchanged[0].number = 2;
    CHECK(fault({rows[0], exchanged[0]}) ==
          "record 2 does not follow the one before it: the chain of hashes is broken");
    Plan other = plan(1);
    other.digest = "sha256:other";
    CHECK_FALSE(journal::replay(other, rows).ok());
    CHECK(journal::replay(of, {})->records == 0);
}

TEST_CASE("replay: states come back as they were written; what nobody knows is left out") {
    const Plan of = plan(2);
    state::ObjectStates states;
    states[ObjectId(1)] = {{"stream", Value::enumerator("stopped")}, {"version", Value::unnamed_unknown(3)}};
    const journal::StateTexts texts = journal::encode_states(states, of);
    REQUIRE((texts.size() == 1 && texts.at("server/s1").size() == 1));
    const auto back = journal::decode_states(texts, of);
    REQUIRE((back.ok() && back->size() == 1));
    CHECK(back->at(ObjectId(1)).at("stream") == Value::enumerator("stopped"));
    CHECK_FALSE(journal::decode_states({{"server/none", {}}}, of).ok());
    CHECK_FALSE(journal::decode_states({{"server/s0", {{"stream", "1 2"}}}}, of).ok());
}

}  // namespace pvsplan::engine::test

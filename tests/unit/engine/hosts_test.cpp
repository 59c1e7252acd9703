// A run on hosts that answer as a test says: what becomes of a step for each way in which its command, its observation
// or its host can turn out.
#include <catch2/catch.hpp>

#include "runtime/journal/record.hpp"
#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {
namespace {}  // namespace

TEST_CASE("hosts: a run claims its hosts, does each step once and lets them go") {
    HostStory story;
    story.go();
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(story.ended.message == "all steps are done");
    CHECK(story.hosts->commands() == 2);
    CHECK(story.hosts->ended.size() == 2);
    const auto count = [&](Job::Type is) {
        return std::count_if(story.hosts->jobs.begin(), story.hosts->jobs.end(),
                             [&](const Job& job) { return job.type == is; });
    };
    CHECK((count(Job::Type::claim) == 1 && count(Job::Type::release) == 1 && count(Job::Type::observation) == 2));
    CHECK((story.hosts->jobs.front().type == Job::Type::claim && story.hosts->jobs.back().type == Job::Type::release));
    CHECK(story.hosts->jobs.back().claim->is_over);
    for (const Job& job : story.hosts->jobs)
        if (job.type == Job::Type::command) {
            REQUIRE(job.claim);
            CHECK((job.claim->run == story.run && job.claim->farm == "contoso" && job.patience_ms == 600'000));
        } else if (job.type == Job::Type::observation) {
            CHECK((job.timeout_ms == 60'000 && job.patience_ms == 600'000 && job.run == story.run));
        }
    CHECK(story.fault() == "");
    CHECK(has(story.told.text_of(Event::Type::run_ended), "all steps are done"));
    CHECK_FALSE(story.farm->store->held("contoso")->has_value());
}

TEST_CASE("hosts: one whose observation lacks a value is claimed and let go all the same") {
    HostStory story([](Plan& plan) {
        plan.kinds["server"].observe = {
            .type = Body::Type::command,
            .arguments = {
                Expr::literal(Value::string("look")),
                std::make_shared<const Expr>(Expr{.op = Expr::Op::attribute, .name = "port", .args = {on_local()}})}};
    });
    story.go();
    std::vector<Job::Type> asked;
    for (const Job& job : story.hosts->jobs)
        if (job.type == Job::Type::claim || job.type == Job::Type::release) asked.push_back(job.type);
    CHECK(asked == std::vector<Job::Type>{Job::Type::claim});
    CHECK(story.ended.outcome == Outcome::in_doubt);  // nothing of what it sets can be seen
    CHECK(abandon(story.farm->environment, story.run, "").outcome == Outcome::done);
    CHECK(story.hosts->jobs.back().type == Job::Type::release);
}

TEST_CASE("hosts: a run that is resumed and refused by one host keeps the others, for it is not over") {
    HostStory story({}, 2);
    story.command({{.type = JobEventType::ended, .exit_status = 1}}).go();
    REQUIRE(story.ended.outcome == Outcome::failed);
    story.hosts->jobs.clear();
    story.hosts->answer = [](const Job& job) {
        const bool is_refused = job.type == Job::Type::claim && job.host->name == "s1";
        return is_refused ? std::vector<JobEvent>{{.type = JobEventType::held, .text = "other 9 {}"}}
                          : std::vector<JobEvent>{};
    };
    CHECK(story.again().ended.outcome == Outcome::held);
    for (const Job& job : story.hosts->jobs) CHECK(job.type == Job::Type::claim);
    // One that was to begin lets go of what it has claimed: there is no such run.
    HostStory fresh({}, 2);
    fresh.hosts->answer = story.hosts->answer;
    fresh.go();
    CHECK(fresh.ended.outcome == Outcome::held);
    CHECK(fresh.hosts->jobs.back().type == Job::Type::release);
    CHECK_FALSE(fresh.hosts->jobs.back().claim->is_over);
}

TEST_CASE("hosts: a command that fails says why, in the words of what it wrote") {
    const auto failed = [](const JobEvent& event) {
        HostStory story;
        story.command({event}).go();
        CHECK(story.ended.outcome == Outcome::failed);
        CHECK(story.ended.message == "a step failed; the run is halted");
        REQUIRE(story.ended.wanted.size() == 1);
        CHECK((story.ended.wanted[0].type == Wanted::Type::failed && story.ended.wanted[0].node == first_step));
        CHECK(story.hosts->commands() == 1);
        CHECK(story.fault() == "");
        return story.ended.wanted[0].text;
    };
    CHECK(failed({.exit_status = 1, .out = "o", .err = "e"}) == "e");
    CHECK(failed({.exit_status = 1, .out = "o", .err = " \r\n"}) == "o");
    CHECK(failed({.exit_status = 1}) == "its command ended with exit status 1 and printed nothing");
    std::string many;
    for (int i = 0; i < 30; ++i) many += std::to_string(i) + "\n";
    CHECK(has(failed({.exit_status = 1, .err = many}), "(all of it: `pvsplan log "));
    CHECK(failed({.type = JobEventType::killed}) == "it did not end within 0s, and was ended as `timeout` says");
}

TEST_CASE("hosts: an exit status that the action calls good is good, and no other") {
    HostStory story([](Plan& plan) { plan.actions["stop"].exit_codes = {0, 3010}; });
    CHECK(story.command({{.exit_status = 3010}}).go().ended.outcome == Outcome::failed);  // it did nothing
    CHECK(story.ended.wanted[0].text == "its command succeeded, but server/s0.stream is running, not stopped");
    HostStory done([](Plan& plan) { plan.actions["stop"].exit_codes = {0, 3010}; });
    done.hosts->streams[ObjectId(0)] = "stopped";
    CHECK(done.command({{.exit_status = 3010}}).go().ended.outcome == Outcome::done);
}

TEST_CASE("hosts: success is what is seen, and what is not seen is doubt") {
    HostStory blind;
    blind.hosts->answer = [](const Job& job) {
        return job.type == Job::Type::observation ? std::vector<JobEvent>{{.exit_status = 1, .err = "denied"}}
                                                  : std::vector<JobEvent>{};
    };
    CHECK(blind.go().ended.outcome == Outcome::in_doubt);
    CHECK(blind.last("doubted") == "its command succeeded, but observing server/s0: exit status 1: denied");
    CHECK(blind.hosts->ended.empty());  // the host may be asked again
    blind.hosts->answer = nullptr;
    CHECK(blind.again().ended.outcome == Outcome::done);
    CHECK(blind.hosts->commands(Job::Ask::attach) == 1);
    CHECK(blind.last("reconciled") == "finished, all that it sets is there, server/s0.stream = stopped");
    CHECK(blind.fault() == "");

    HostStory gone;
    gone.hosts->answer = [](const Job& job) {
        return job.type == Job::Type::observation
                   ? std::vector<JobEvent>{{.type = JobEventType::never_started, .text = "no route"}}
                   : std::vector<JobEvent>{};
    };
    gone.go();
    CHECK(gone.last("doubted") == "its command succeeded, but server/s0 could not be observed: no route");
    HostStory silent;
    silent.hosts->answer = [](const Job& job) {
        return job.type == Job::Type::observation ? std::vector<JobEvent>{{.out = "{}"}} : std::vector<JobEvent>{};
    };
    CHECK(silent.go().ended.outcome == Outcome::in_doubt);
    CHECK(silent.last("doubted") ==
          "its command succeeded, but no observation tells `server/s0.stream`, which it sets");
}

TEST_CASE("hosts: where nobody knows how a command ended, what is seen decides or a person does") {
    for (const JobEventType is : {JobEventType::lost, JobEventType::no_record, JobEventType::elsewhere}) {
        HostStory story;
        story.command({{.type = is, .text = "why"}}).go();
        CHECK(story.ended.outcome == Outcome::in_doubt);
        CHECK(has(story.last("doubted"), "why"));
        CHECK(story.ended.message == "a step is in doubt: an operator must decide");
        HostStory seen;
        seen.hosts->streams[ObjectId(0)] = "stopped";
        seen.command({{.type = is, .text = "why"}}).go();
        CHECK(seen.ended.outcome == Outcome::done);
        CHECK(has(seen.last("reconciled"), "all that it sets is there"));
        CHECK(seen.hosts->commands() == 2);
    }
    for (const JobEventType is : {JobEventType::never_started, JobEventType::held}) {
        HostStory story;
        story.hosts->streams[ObjectId(0)] = "stopped";  // which is not looked at
        story.command({{.type = is, .text = "why"}}).go();
        CHECK(story.ended.outcome == Outcome::failed);
        CHECK(story.ended.message == "a host was not reached, nothing was done there; the run is halted");
        CHECK(story.last("unreached") == "why");
        REQUIRE(story.ended.wanted.size() == 1);
        CHECK(story.ended.wanted[0].type == Wanted::Type::unreached);
        story.hosts->streams.clear();
        CHECK(story.again().ended.outcome == Outcome::done);
        CHECK(story.fault() == "");
    }
}

TEST_CASE("hosts: what an earlier process began is asked after, and begun again only where nothing of it is there") {
    const auto story_of = [](const JobEvent& attached, const char* stream) {
        auto story = std::make_unique<HostStory>();
        story->command({{.type = JobEventType::lost, .text = "gone"}}).go();
        REQUIRE(story->ended.outcome == Outcome::in_doubt);
        if (*stream) story->hosts->streams[ObjectId(0)] = stream;
        story->hosts->answer = [attached](const Job& job) {
            return job.ask == Job::Ask::attach ? std::vector<JobEvent>{attached} : std::vector<JobEvent>{};
        };
        story->again();
        CHECK(story->fault() == "");
        return story;
    };
    const auto nothing = story_of({.type = JobEventType::no_record}, "");
    CHECK(nothing->ended.outcome == Outcome::done);
    CHECK(nothing->hosts->commands() == 3);
    CHECK(has(nothing->last("reconciled"), "again, nothing of it is there; it runs again"));
    const auto unclear = story_of({.type = JobEventType::lost, .text = "no answer"}, "");
    CHECK(unclear->ended.outcome == Outcome::in_doubt);
    CHECK(unclear->last("doubted").find("no answer; server/s0.stream is running, not stopped") == 0);
    const auto begun = story_of({.type = JobEventType::never_started}, "");
    CHECK(begun->ended.outcome == Outcome::done);
    CHECK(has(begun->last("reconciled"), "untouched, it had not begun; it runs again"));
    const auto done = story_of({.type = JobEventType::ended}, "stopped");
    CHECK(done->ended.outcome == Outcome::done);
    CHECK(done->hosts->commands() == 2);
    const auto failed = story_of({.type = JobEventType::ended, .exit_status = 2, .err = "e"}, "");
    CHECK(failed->ended.outcome == Outcome::failed);
    CHECK(failed->ended.wanted[0].text == "e");
    for (const Job& job : nothing->hosts->jobs)
        if (job.ask == Job::Ask::attach) CHECK((job.place == "/jobs" && !job.claim));
}

TEST_CASE("hosts: an operator decision is checked against what is seen, and against what runs") {
    const auto doubted = [] {
        auto story = std::make_unique<HostStory>();
        story->command({{.type = JobEventType::lost, .text = "gone"}}).go();
        REQUIRE(story->ended.outcome == Outcome::in_doubt);
        return story;
    };
    const auto says = [](HostStory& story, OperatorDecision::Type is, const std::string& node = first_step) {
        return story.again({{.type = is, .node = node, .because = "I saw it"}}).ended;
    };
    auto story = doubted();
    CHECK(says(*story, OperatorDecision::Type::done, "nothing").message == "the run has no step `nothing`");
    CHECK(says(*story, OperatorDecision::Type::kill, "nothing").message == "the run has no step `nothing`");
    CHECK(says(*story, OperatorDecision::Type::redo, "all[s0].start").message ==
          "`all[s0].start` is waiting: there is nothing to decide about it");
    CHECK(says(*story, OperatorDecision::Type::kill, "all[s0].start").message ==
          "`all[s0].start` is waiting: there is nothing to end");
    CHECK(says(*story, OperatorDecision::Type::done).message ==
          "`all[s0].stop` is not done: server/s0.stream is running, not stopped");
    CHECK(story->ended.outcome == Outcome::usage);
    CHECK_FALSE(story->farm->store->held("contoso")->has_value());
    const auto looks = [&](const JobEvent& event) {
        story->hosts->answer = [event](const Job& job) {
            return job.ask == Job::Ask::look ? std::vector<JobEvent>{event} : std::vector<JobEvent>{};
        };
    };
    looks({.type = JobEventType::running});
    CHECK(has(says(*story, OperatorDecision::Type::redo).message, "`all[s0].stop` still runs; `pvsplan resume "));
    looks({.type = JobEventType::never_started, .text = "no route"});
    CHECK(says(*story, OperatorDecision::Type::redo).message ==
          "nobody can tell whether `all[s0].stop` still runs: no route");
    looks({.type = JobEventType::no_record});
    story->hosts->streams[ObjectId(0)] = "stopped";
    CHECK(says(*story, OperatorDecision::Type::done).outcome == Outcome::done);
    CHECK(has(story->last("reconciled"), "finished, I saw it, by "));
    CHECK(story->hosts->commands() == 2);
    CHECK(story->fault() == "");

    story = doubted();
    CHECK(says(*story, OperatorDecision::Type::redo).outcome == Outcome::done);
    CHECK(story->hosts->commands() == 3);

    story = doubted();
    CHECK(says(*story, OperatorDecision::Type::kill).outcome ==
          Outcome::done);  // nothing of it is there: it runs again
    CHECK(story->hosts->commands(Job::Ask::kill) == 1);
    CHECK(has(story->last("doubted"), "to be ended: I saw it"));
    story = doubted();
    story->hosts->answer = [](const Job& job) {
        return job.ask == Job::Ask::kill ? std::vector<JobEvent>{{.type = JobEventType::lost, .text = "no answer"}}
                                         : std::vector<JobEvent>{};
    };
    CHECK(says(*story, OperatorDecision::Type::kill).message == "`all[s0].stop` was not ended: no answer");

    story = doubted();
    story->hosts->answer = [](const Job& job) {
        return job.type == Job::Type::observation ? std::vector<JobEvent>{{.type = JobEventType::lost, .text = "x"}}
                                                  : std::vector<JobEvent>{};
    };
    CHECK(has(says(*story, OperatorDecision::Type::done).message, "`all[s0].stop` cannot be checked: "));
}

TEST_CASE("hosts: what may have been done twice is proved before it is, unless it may be repeated or did nothing") {
    for (const bool is_repeatable : {false, true})
        for (const bool is_seen : {false, true}) {
            HostStory story([&](Plan& plan) { plan.actions["stop"].repeatable = is_repeatable; });
            story.hosts->answer = [](const Job& job) {
                return job.type == Job::Type::command ? std::vector<JobEvent>{{.type = JobEventType::lost, .text = "x"}}
                                                      : std::vector<JobEvent>{};
            };
            story.go();
            story.hosts->answer = [is_seen](const Job& job) {
                return job.type == Job::Type::observation && !is_seen ? std::vector<JobEvent>{{.exit_status = 1}}
                                                                      : std::vector<JobEvent>{};
            };
            std::vector<NodeId> twice = {NodeId(7)};
            const auto prove = [&](const state::RunState&, const Unknowns& unknown) -> base::Status {
                twice = unknown.may_have_happened;
                return base::Error{"it would be done twice"};
            };
            const Ended ended = resume(
                story.farm->environment, story.run,
                {.decisions = {{.type = OperatorDecision::Type::redo, .node = first_step}}, .prove_again = prove}, {},
                story.told);
            CHECK(ended.outcome == Outcome::refused);
            CHECK(ended.message == "it would be done twice");
            CHECK(twice == (is_repeatable || is_seen ? std::vector<NodeId>{} : std::vector<NodeId>{NodeId(0)}));
            CHECK(story.hosts->commands() == 1);
        }
}

TEST_CASE("hosts: people are told what goes on while a command runs") {
    HostStory story;
    story
        .command({{.type = JobEventType::output, .text = "line"},
                  {.type = JobEventType::unreachable, .text = "no route"},
                  {.type = JobEventType::reachable},
                  {.type = JobEventType::ended, .exit_status = 0}})
        .go();
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(story.told.text_of(Event::Type::step_output) == "line");
    CHECK(story.told.text_of(Event::Type::step_unreachable) == "no route");
    CHECK(story.told.text_of(Event::Type::step_reachable).empty());
    std::vector<std::string> kinds;
    std::vector<std::uint64_t> running, left;
    for (const Event& event : story.told.all) {
        if (event.node != first_step) continue;
        kinds.emplace_back(name_of(event.type));
        running.push_back(event.running);
        left.push_back(event.left);
    }
    CHECK(kinds == std::vector<std::string>{"step_started", "step_output", "step_unreachable", "step_reachable",
                                            "step_checking", "step_finished"});
    CHECK(running == std::vector<std::uint64_t>{1, 1, 1, 1, 1, 0});
    CHECK(left == std::vector<std::uint64_t>{1, 1, 1, 1, 1, 1});
    const Event& last = story.told.all.back();
    CHECK((last.over == 2 && last.left == 0 && last.running == 0));
}

TEST_CASE("hosts: people are told what keeps a host from saying how a command ended") {
    HostStory story;
    story.command({{.type = JobEventType::hindered, .text = "no space"}, {.type = JobEventType::ended}}).go();
    CHECK(story.ended.outcome == Outcome::done);
    CHECK(story.told.text_of(Event::Type::note) == "`all[s0].stop`: no space");
}

TEST_CASE("hosts: an existing claim refuses the run, and gives way where its run is over") {
    const std::string claim = R"(run-9 4 {"user":"otto","host":"ws2","since":"then","store":"there"})";
    const auto story_of = [&] {
        auto story = std::make_unique<HostStory>();
        story->hosts->answer = [claim](const Job& job) {
            const bool is_held = job.type == Job::Type::claim && job.claim->instead_of.empty();
            return is_held ? std::vector<JobEvent>{{.type = JobEventType::held, .err = "/jobs/claim", .text = claim}}
                           : std::vector<JobEvent>{};
        };
        return story;
    };
    auto story = story_of();
    story->go();
    CHECK(story->ended.outcome == Outcome::held);
    CHECK(story->ended.message.find(
              "the farm contoso is locked by the run run-9 of otto on ws2 since then, as server/s0 says "
              "(its store is there there, its claim /jobs/claim)") == 0);
    CHECK(story->hosts->commands() == 0);
    CHECK(story->hosts->jobs.back().type == Job::Type::release);
    CHECK_FALSE(story->farm->store->held("contoso")->has_value());
    story = story_of();
    story->farm->environment.is_over_elsewhere = [](const std::string& run, const std::string& owner) {
        return run == "run-9" && owner.find("otto") != std::string::npos ? "it is done" : "";
    };
    CHECK(story->go().ended.outcome == Outcome::done);
    CHECK(story->told.text_of(Event::Type::note) == "the claim of the run run-9 on server/s0 gives way: it is done");
    story = story_of();
    story->farm->environment.take_over_because = "nobody is there";
    CHECK(story->go().ended.outcome == Outcome::done);
    CHECK(story->told.text_of(Event::Type::note) ==
          "the claim of the run run-9 on server/s0 gives way: nobody is there");
    story = story_of();
    story->hosts->answer = [](const Job& job) {
        return job.type == Job::Type::claim ? std::vector<JobEvent>{{.type = JobEventType::claimed,
                                                                     .err = "it cannot be written",
                                                                     .text = "/jobs"}}
                                            : std::vector<JobEvent>{};
    };
    CHECK(story->go().ended.outcome == Outcome::done);
    CHECK(story->told.text_of(Event::Type::note) ==
          "no claim can be kept on server/s0, so a run of the farm from elsewhere is not noticed there: it cannot be "
          "written");
}

TEST_CASE("hosts: a wait looks until it has come, or its time is over") {
    const auto waits = [](Plan& plan) {
        plan.actions["stop"].run = {
            .type = Body::Type::wait, .until = stream_is("stopped"), .every_ms = 1000, .at_most_ms = 10'000};
    };
    const auto looks = [](HostStory& story, int until) {
        auto count = std::make_shared<int>(0);
        story.hosts->answer = [&story, count, until](const Job& job) {
            if (job.type == Job::Type::observation && ++*count == until) story.hosts->streams[ObjectId(0)] = "stopped";
            return std::vector<JobEvent>{};
        };
        return count;
    };
    HostStory story(waits);
    const auto count = looks(story, 4);
    CHECK(story.go().ended.outcome == Outcome::done);
    CHECK(*count == 5);  // and one for what is started again
    CHECK((story.clock.steady() >= 1'003'000 && story.clock.steady() < 1'004'000));
    HostStory late(waits);
    const auto times = looks(late, 100);
    CHECK(late.go().ended.outcome == Outcome::failed);
    CHECK(late.ended.wanted[0].text == "what it waits for did not come in time");
    CHECK(*times == 11);
    HostStory usual([&](Plan& plan) {
        waits(plan);
        plan.actions["stop"].run.every_ms = 0;
    });
    const auto seldom = looks(usual, 100);
    CHECK(usual.go().ended.outcome == Outcome::failed);
    CHECK(*seldom == 3);
}

TEST_CASE("hosts: outputs are read off what the command printed, and what cannot be read fails the step") {
    const auto puts_out = [](Plan& plan) {
        const auto json = std::make_shared<const Expr>(Expr{.op = Expr::Op::json});
        const auto file = std::make_shared<const Expr>(Expr{.op = Expr::Op::member, .name = "file", .args = {json}});
        plan.actions["stop"].outputs = {{"code", std::make_shared<const Expr>(Expr{.op = Expr::Op::exit_code})},
                                        {"file", file}};
        plan.actions["stop"].output_types = {{"code", Type::of(Type::Category::integer)},
                                             {"file", Type::of(Type::Category::string)}};
    };
    HostStory story(puts_out);
    story.command({{.out = R"({"file": "/b"})"}}).go();
    CHECK(story.ended.outcome == Outcome::done);
    const auto records = story.farm->store->records(story.run);
    bool is_told = false;
    for (const ports::RecordRow& row : *records)
        is_told = is_told || row.bytes.find(R"("outputs":{"code":0,"file":"/b"})") != std::string::npos;
    CHECK(is_told);
    HostStory wrong(puts_out);
    wrong.command({{.out = "x"}}).go();
    CHECK(wrong.ended.outcome == Outcome::failed);
    CHECK(wrong.ended.wanted[0].text.find(
              "its command succeeded, but its output `file` has no value (`json.file`): what it "
              "printed is no JSON") == 0);
    HostStory cut(puts_out);
    cut.command({{.out = R"({"other": 1})"}}).go();
    CHECK(has(cut.ended.wanted[0].text, "there is no `file`"));
}

}  // namespace pvsplan::engine::test

// What the end of an attempt means: all that can be known at an end, in every combination.
#include "runtime/engine/judgement.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <initializer_list>

namespace pvsplan::engine {
namespace {

using journal::ActionType;
using journal::JobState;
using journal::Last;
using journal::Shows;
using Command = AttemptEnd::Command;
using Conclusion = Judgement::Conclusion;

template <class See>
void for_each_end(const See& see) {
    for (const Command command : {Command::succeeded, Command::failed, Command::killed, Command::unknown})
        for (const JobState job : {JobState::never_begun, JobState::gone, JobState::unclear})
            for (const ActionType action : {ActionType::once, ActionType::repeatable, ActionType::manual})
                for (const Shows shows :
                     {Shows::all, Shows::nothing, Shows::nothing_to_tell, Shows::other, Shows::unseen})
                    for (unsigned bits = 0; bits < 256; ++bits) {
                        const auto bit = [&](unsigned n) { return (bits & (1U << n)) != 0; };
                        AttemptEnd end{.command = command, .job = job, .action = action, .shows = shows};
                        end.is_by_hand = bit(0);
                        if (command == Command::failed || command == Command::killed) end.failure = "it broke";
                        if (bit(1)) end.host_says = "no route";
                        if (shows == Shows::unseen) end.unseen = "nobody answers";
                        if (bit(2)) end.untold = "`a.x`";
                        if (shows == Shows::other) end.differs = "a.x is 1, not 2";
                        if (bit(3)) end.no_outputs = "its output `o` has no value";
                        if (bit(4)) end.lost_outputs = "nobody has seen `o`";
                        end.failed_before = "it broke before";
                        see(end);
                        for (const Last last : {Last::open, Last::failed, Last::unreached, Last::asks_first}) {
                            end.reconciled = {.last = last,
                                              .was_begun_before = bit(5),
                                              .is_set_since = bit(6),
                                              .is_to_be_rolled_back = bit(7)};
                            see(end);
                        }
                    }
}

bool is_one_of(Conclusion conclusion, std::initializer_list<Conclusion> of) {
    return std::find(of.begin(), of.end(), conclusion) != of.end();
}

}  // namespace

TEST_CASE("judgement: success is believed where everything that tells of it agrees") {
    for_each_end([](const AttemptEnd& end) {
        const Judgement judged = judge(end);
        const bool agrees = end.command == Command::succeeded && end.unseen.empty() && end.untold.empty() &&
                            end.differs.empty() && (end.no_outputs.empty() || end.is_by_hand);
        REQUIRE((judged.conclusion == Conclusion::finished) == agrees);
        if (end.command == Command::succeeded && (!end.unseen.empty() || !end.untold.empty()))
            REQUIRE(judged.conclusion == Conclusion::doubted);
        if (end.command != Command::succeeded && end.command != Command::unknown) {
            REQUIRE(is_one_of(judged.conclusion, {Conclusion::failed, Conclusion::failed_asks_first}));
            REQUIRE(judged.text == end.failure);
        }
    });
}

TEST_CASE("judgement: a failure is tried again by itself only where that does no harm") {
    for_each_end([](const AttemptEnd& end) {
        const Judgement judged = judge(end);
        if (!is_one_of(judged.conclusion, {Conclusion::failed, Conclusion::failed_asks_first})) return;
        const bool says_done = end.command == Command::succeeded && end.shows != Shows::nothing;
        const bool may_be_done =
            says_done ? end.action == ActionType::once : end.shows == Shows::all && end.action == ActionType::once;
        REQUIRE((judged.conclusion == Conclusion::failed_asks_first) == may_be_done);
    });
}

TEST_CASE("judgement: what nobody saw the end of is done, undone, run again or in doubt as its traces tell") {
    for_each_end([](const AttemptEnd& end) {
        if (end.command != Command::unknown) return;
        const Judgement judged = judge(end);
        REQUIRE_FALSE((judged.text.empty() && judged.conclusion != Conclusion::unreached));
        if (judged.conclusion == Conclusion::found_finished) REQUIRE(end.shows == Shows::all);
        if (!end.reconciled) {
            const bool never_began = end.job == JobState::never_begun;
            REQUIRE((judged.conclusion == Conclusion::unreached) == never_began);
            if (never_began) return;
            const bool is_there = end.shows == Shows::all && end.lost_outputs.empty();
            REQUIRE(judged.conclusion == (is_there ? Conclusion::found_finished : Conclusion::doubted));
            return;
        }
        const AttemptEnd::Reconciled& of = *end.reconciled;
        REQUIRE(judged.conclusion != Conclusion::unreached);
        const bool rolls_back = of.is_to_be_rolled_back;
        const Shows shows = of.is_set_since && end.shows != Shows::unseen ? Shows::other : end.shows;
        if (judged.conclusion == Conclusion::found_finished) {
            REQUIRE(shows == Shows::all);
            REQUIRE((rolls_back || end.lost_outputs.empty()));
        }
        // A run that is rolled back has nothing to run again; what may have begun is undone.
        if (judged.conclusion == Conclusion::again) REQUIRE_FALSE(rolls_back);
        if (judged.conclusion == Conclusion::begun) REQUIRE(rolls_back);
        const bool last_never_began = end.job == JobState::never_begun || of.last == Last::unreached;
        if (judged.conclusion == Conclusion::untouched)
            REQUIRE(((last_never_began && !of.was_begun_before) ||
                     (rolls_back && !last_never_began && shows == Shows::nothing)));
        if (judged.conclusion == Conclusion::again && end.action == ActionType::once && of.last == Last::open)
            REQUIRE((last_never_began || (end.job == JobState::gone && shows == Shows::nothing)));
        // No undo begins beside a command that may be running.
        if (end.job == JobState::unclear && rolls_back && of.last != Last::unreached)
            REQUIRE(is_one_of(judged.conclusion, {Conclusion::doubted, Conclusion::found_finished}));
        // Its command may be running still: nobody takes that for over.
        if (end.job == JobState::unclear && end.action == ActionType::once && of.last != Last::unreached)
            REQUIRE(is_one_of(judged.conclusion, {Conclusion::doubted, Conclusion::found_finished}));
    });
}

TEST_CASE("judgement: what people read") {
    AttemptEnd end{.command = Command::succeeded, .action = ActionType::once, .shows = Shows::other};
    end.differs = "a.x is 1, not 2";
    CHECK(judge(end).text == "its command succeeded, but a.x is 1, not 2");
    end.untold = "`a.y`";
    CHECK(judge(end).text == "its command succeeded, but no observation tells `a.y`, which it sets");
    end.unseen = "nobody answers";
    CHECK(judge(end).text == "its command succeeded, but nobody answers");
    end = {.command = Command::succeeded, .shows = Shows::all, .no_outputs = "its output `o` has no value"};
    CHECK(judge(end).text == "its command succeeded, but its output `o` has no value");

    end = {.command = Command::unknown, .job = JobState::gone, .shows = Shows::other, .differs = "a.x is 1, not 2"};
    CHECK(judge(end).text == "nobody knows how its command ended");
    end.host_says = "the host was restarted";
    CHECK(judge(end).text == "the host was restarted");
    end.shows = Shows::all;
    CHECK(judge(end).text == "all that it sets is there");
    end.lost_outputs = "nobody has seen `o`";
    CHECK(judge(end).text == "the host was restarted; nobody has seen `o`");

    end = {.command = Command::unknown, .job = JobState::gone, .shows = Shows::other, .differs = "a.x is 1, not 2"};
    end.reconciled.emplace();
    CHECK(judge(end).text == "a.x is 1, not 2");
    end.host_says = "no such job";
    CHECK(judge(end).text == "a.x is 1, not 2");
    end.job = JobState::unclear;
    CHECK(judge(end).text == "no such job; a.x is 1, not 2");
    end.differs.clear();
    CHECK(judge(end).text == "no such job");
    end.host_says.clear();
    CHECK(judge(end).text == "nothing can be seen that would tell whether it ran");
    end.unseen = "nobody answers";
    end.shows = Shows::unseen;
    CHECK(judge(end).text == "nobody answers");
    end.reconciled->last = Last::asks_first;
    end.failed_before = "it broke before";
    CHECK(judge(end).text == "it broke before");

    end = {.command = Command::unknown, .job = JobState::gone, .shows = Shows::all, .lost_outputs = "nobody saw `o`"};
    end.reconciled.emplace();
    CHECK(judge(end).text == "nobody saw `o`");
    end.reconciled->is_to_be_rolled_back = true;
    CHECK(judge(end).text == "all that it sets is there");
    end.shows = Shows::nothing;
    CHECK(judge(end).text == "it changed nothing");
    end.shows = Shows::other;
    CHECK(judge(end).text == "it may have begun");
    end.job = JobState::never_begun;
    CHECK(judge(end).text == "it changed nothing");
    end.reconciled->was_begun_before = true;
    CHECK(judge(end).text == "an earlier attempt of it may have begun");
    end.reconciled->is_to_be_rolled_back = false;
    CHECK(judge(end).text == "it had not begun; it runs again");
    end.reconciled->was_begun_before = false;
    CHECK(judge(end).text == "it had not begun; it runs again");
    end = {.command = Command::unknown, .job = JobState::gone, .shows = Shows::nothing};
    end.reconciled.emplace();
    CHECK(judge(end).text == "nothing of it is there; it runs again");
    end.action = ActionType::repeatable;
    end.shows = Shows::other;
    CHECK(judge(end).text == "doing it again changes nothing; it runs again");
    end.action = ActionType::manual;
    CHECK(judge(end).text == "nobody has said that it is done; it runs again");
    end.reconciled->last = Last::failed;
    CHECK(judge(end).text == "it is tried again");
}

}  // namespace pvsplan::engine

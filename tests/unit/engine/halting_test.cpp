// Why and how a run halts: every state in which nothing runs.
#include "runtime/engine/halting.hpp"

#include <catch2/catch.hpp>

namespace pvsplan::engine {
namespace {

using Then = Halting::Then;

template <class See>
void for_each_idle(const See& see) {
    for (const HaltReason stop : {HaltReason::no, HaltReason::failed, HaltReason::roll_back, HaltReason::doubt})
        for (unsigned bits = 0; bits < 4096; ++bits) {
            const auto bit = [&](unsigned n) { return (bits & (1U << n)) != 0; };
            Idle idle{.is_interrupted = bit(0),
                      .stop = stop,
                      .is_complete = bit(1),
                      .has_readmissions = bit(2),
                      .is_rolling_back = bit(3),
                      .has_no_return = bit(4),
                      .only_unreached = bit(5),
                      .can_go_on = bit(6),
                      .wants_people = bit(9),
                      .has_person = bit(7)};
            if (bit(10)) idle.window = "opens at ten";
            if (bit(11)) idle.until = "rest";
            if (bit(8)) idle.abandoned = {"all[a]", "all[b]"};
            see(idle);
        }
}

}  // namespace

TEST_CASE("halting: the first reason that there is decides") {
    for_each_idle([](const Idle& idle) {
        const Halting halting = halting_of(idle);
        if (idle.is_interrupted) {
            REQUIRE(halting.outcome == Outcome::interrupted);
        } else if (idle.stop == HaltReason::roll_back) {
            REQUIRE(halting.then == Then::begin_rollback);
        } else if (idle.is_complete && idle.has_readmissions) {
            REQUIRE(halting.then == Then::readmit);
        } else if (idle.is_complete) {
            const bool is_good = idle.abandoned.empty() && !(idle.is_rolling_back && idle.has_no_return);
            REQUIRE(halting.outcome == (!idle.abandoned.empty() ? Outcome::failed
                                        : !is_good              ? Outcome::in_doubt
                                        : idle.is_rolling_back  ? Outcome::rolled_back
                                                                : Outcome::done));
        } else if (idle.stop == HaltReason::doubt || (idle.stop == HaltReason::failed && idle.is_rolling_back)) {
            REQUIRE(halting.outcome == Outcome::in_doubt);
        } else if (idle.stop == HaltReason::failed) {
            REQUIRE(halting.outcome == Outcome::failed);
        } else if (idle.can_go_on) {
            REQUIRE(halting.then == Then::wait);
        } else if (!idle.until.empty() && !idle.wants_people && idle.window.empty()) {
            REQUIRE(halting.outcome == Outcome::waiting);
            REQUIRE(halting.text == "the run stops before `rest`, as it was to; `resume` goes on");
        } else if (idle.has_person) {
            REQUIRE(halting.then == Then::wait);
        } else {
            REQUIRE(halting.outcome == Outcome::waiting);
        }
        REQUIRE((halting.then == Then::halt) == !halting.text.empty());
        REQUIRE(halting.is_reached == (halting.text.find("stops before") != std::string::npos));
    });
}

TEST_CASE("halting: a run that waits says for whom, and until when") {
    const std::string opens = "opens at ten";
    CHECK(halting_of({.wants_people = true}).text == "the run waits for a person");
    CHECK(halting_of({.window = opens}).text == "the run waits for its window, which opens at ten");
    CHECK(halting_of({.wants_people = true, .window = opens, .until = "rest"}).text ==
          "the run waits for a person, and for a window, which opens at ten");
}

TEST_CASE("halting: what people read") {
    CHECK(halting_of({.is_interrupted = true}).text == "interrupted; nothing is running");
    CHECK(halting_of({.is_complete = true}).text == "all steps are done");
    CHECK(halting_of({.is_complete = true, .is_rolling_back = true}).text == "all that was done is undone");
    CHECK(halting_of({.is_complete = true, .is_rolling_back = true, .has_no_return = true}).text ==
          "what could be undone is undone; some steps stay as they are");
    CHECK(halting_of({.is_complete = true, .abandoned = {"all[a]"}}).text ==
          "`all[a]` was left where it failed, all others are done; the run is halted");
    CHECK(halting_of({.is_complete = true, .abandoned = {"all[a]", "all[b]"}}).text ==
          "`all[a]`, `all[b]` were left where they failed, all others are done; the run is halted");
    CHECK(halting_of({.stop = HaltReason::doubt}).text == "a step is in doubt: an operator must decide");
    CHECK(halting_of({.stop = HaltReason::failed}).text == "a step failed; the run is halted");
    CHECK(halting_of({.stop = HaltReason::failed, .only_unreached = true}).text ==
          "a host was not reached, nothing was done there; the run is halted");
    CHECK(halting_of({.stop = HaltReason::failed, .is_rolling_back = true}).text ==
          "the rollback failed: an operator must decide");
    CHECK(halting_of({}).text == "the run waits for a person");
}

}  // namespace pvsplan::engine

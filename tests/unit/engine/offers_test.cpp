// What is offered at a stop, the best first.
#include <catch2/catch.hpp>

#include "runtime/engine/offers.hpp"

namespace pvsplan::engine::test {
namespace {

std::string text_of(const std::vector<Offer>& offers) {
    std::string text;
    for (const Offer& offer : offers) text += offer.command + " # " + offer.what + "\n";
    return text;
}
Trial::Answer accepted(const std::vector<OperatorDecision>& decisions) {
    (void)decisions;
    return Trial::Answer::accepted;
}
const Wanted failed{.type = Wanted::Type::failed, .node = "all[a].stop", .iteration = "all[a]"};
const Wanted doubt{
    .type = Wanted::Type::doubt, .node = "all[it's].stop", .iteration = "all[it's]", .has_command = true};

}  // namespace

TEST_CASE("offers: of one step that failed, of several, and none of a rollback that is under way") {
    CHECK(text_of(offers_about("R", {failed}, RollbackReach::all, accepted)) ==
          "pvsplan resume R # try again\n"
          "pvsplan resume R --done 'all[a].stop' --because '…' # it was done by hand\n"
          "pvsplan resume R --skip 'all[a]' --because '…' # go on without it\n"
          "pvsplan rollback R # undo what was done\n"
          "pvsplan abandon R # leave the farm as it is\n");
    CHECK(text_of(offers_about("R", {failed, failed}, RollbackReach::part, accepted)) ==
          "pvsplan resume R # try again\n"
          "pvsplan rollback R # undo what can be undone\n"
          "pvsplan abandon R # leave the farm as it is\n");
    CHECK(text_of(offers_about("R", {{.type = Wanted::Type::no_return, .node = "a"}}, RollbackReach::under_way,
                               accepted)) == "pvsplan abandon R # leave the farm as it is\n");
}

TEST_CASE("offers: a step in doubt is looked at again before anybody decides, and its name is one word of a shell") {
    CHECK(text_of(offers_about("R", doubt, accepted)) ==
          "pvsplan resume R # look again, and wait for its end where it still runs\n"
          "pvsplan resume R --kill 'all[it'\\''s].stop' --because '…' # end it on its host, with all it started\n"
          "pvsplan resume R --done 'all[it'\\''s].stop' --because '…' # it was done by hand\n"
          "pvsplan resume R --redo 'all[it'\\''s].stop' --because '…' # it did not run, or may run again\n"
          "pvsplan resume R --skip 'all[it'\\''s]' --because '…' # go on without it\n");
    CHECK(text_of(offers_about("R", {doubt}, RollbackReach::all, accepted)) ==
          "pvsplan rollback R # undo what was done\npvsplan abandon R # leave the farm as it is\n");
}

TEST_CASE("offers: what waits goes on after that, and what is left out is tried again or given up") {
    const auto first = [](Wanted::Type type) {
        return offers_about("R", {{.type = type, .node = "a"}}, RollbackReach::all, accepted).front().what;
    };
    CHECK(first(Wanted::Type::approval) == "go on after that");
    CHECK(first(Wanted::Type::window) == "wait for it");
    CHECK(first(Wanted::Type::until) == "go on");
    const Wanted left_out{.type = Wanted::Type::left_out, .node = "all[a]"};
    CHECK(text_of(offers_about("R", left_out, accepted)) ==
          "pvsplan resume R --redo 'all[a]' --because '…' # try it again\n");
    CHECK(text_of(offers_about("R", {left_out}, RollbackReach::all, accepted)) ==
          "pvsplan rollback R # undo what was done\npvsplan abandon R # end it, without what is left out\n");
    CHECK(text_of(offers_about("R", {}, RollbackReach::all, accepted)) ==
          "pvsplan resume R # go on\npvsplan rollback R # undo what was done\n"
          "pvsplan abandon R # leave the farm as it is\n");
}

TEST_CASE("offers: a decision that would be refused is not offered, nor one that nobody could try") {
    for (const Trial::Answer answer : {Trial::Answer::refused, Trial::Answer::not_tried}) {
        const Tried decisions_are = [answer](const std::vector<OperatorDecision>& decisions) {
            return decisions.empty() ? Trial::Answer::accepted : answer;
        };
        CHECK(text_of(offers_about("R", doubt, decisions_are)) ==
              "pvsplan resume R # look again, and wait for its end where it still runs\n"
              "pvsplan resume R --kill 'all[it'\\''s].stop' --because '…' # end it on its host, with all it started\n");
        CHECK(text_of(offers_about("R", {failed}, RollbackReach::all, decisions_are)) ==
              "pvsplan resume R # try again\npvsplan rollback R # undo what was done\n"
              "pvsplan abandon R # leave the farm as it is\n");
    }
}

TEST_CASE("offers: to go on is offered where nobody could try it, and not where it would be refused") {
    const auto first = [](Trial::Answer answer) {
        return offers_about("R", {failed}, RollbackReach::all, [&](const auto&) { return answer; }).front().command;
    };
    CHECK(first(Trial::Answer::not_tried) == "pvsplan resume R");
    CHECK(first(Trial::Answer::refused) == "pvsplan rollback R");
}

TEST_CASE("offers: a step that others read is offered with its outputs, which only a person knows") {
    const Wanted step{.type = Wanted::Type::failed, .node = "ask", .outputs = {"port", "name"}};
    CHECK(offers_about("R", {step}, RollbackReach::all, accepted).at(1).command ==
          "pvsplan resume R --done ask --output port=VALUE --output name=VALUE --because '…'");
    const Wanted by_hand{.type = Wanted::Type::manual, .node = "ask", .outputs = {"port"}};
    CHECK(offers_about("R", by_hand, accepted).front().command == "pvsplan resume R --done ask --output port=VALUE");
}

}  // namespace pvsplan::engine::test

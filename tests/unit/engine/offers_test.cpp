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
const Wanted failed{.type = Wanted::Type::failed, .node = "all[a].stop", .iteration = "all[a]"};
const Wanted doubt{
    .type = Wanted::Type::doubt, .node = "all[it's].stop", .iteration = "all[it's]", .has_command = true};

}  // namespace

TEST_CASE("offers: of one step that failed, of several, and none of a rollback that is under way") {
    CHECK(text_of(offers_about("R", {failed}, RollbackReach::all)) ==
          "pvsplan resume R # try again\n"
          "pvsplan resume R --done 'all[a].stop' --because '…' # it was done by hand\n"
          "pvsplan resume R --skip 'all[a]' --because '…' # go on without it\n"
          "pvsplan rollback R # undo what was done\n"
          "pvsplan abandon R # leave the farm as it is\n");
    CHECK(text_of(offers_about("R", {failed, failed}, RollbackReach::part)) ==
          "pvsplan resume R # try again\n"
          "pvsplan rollback R # undo what can be undone\n"
          "pvsplan abandon R # leave the farm as it is\n");
    CHECK(text_of(offers_about("R", {{.type = Wanted::Type::no_return, .node = "a"}}, RollbackReach::under_way)) ==
          "pvsplan abandon R # leave the farm as it is\n");
}

TEST_CASE("offers: a step in doubt is looked at again before anybody decides, and its name is one word of a shell") {
    CHECK(text_of(offers_about("R", doubt)) ==
          "pvsplan resume R # look again, and wait for its end where it still runs\n"
          "pvsplan resume R --kill 'all[it'\\''s].stop' --because '…' # end it on its host, with all it started\n"
          "pvsplan resume R --done 'all[it'\\''s].stop' --because '…' # it was done by hand\n"
          "pvsplan resume R --redo 'all[it'\\''s].stop' --because '…' # it did not run, or may run again\n"
          "pvsplan resume R --skip 'all[it'\\''s]' --because '…' # go on without it\n");
    CHECK(text_of(offers_about("R", {doubt}, RollbackReach::all)) ==
          "pvsplan rollback R # undo what was done\npvsplan abandon R # leave the farm as it is\n");
}

TEST_CASE("offers: what waits goes on after that, and what is left out is tried again or given up") {
    const auto first = [](Wanted::Type type) {
        return offers_about("R", {{.type = type, .node = "a"}}, RollbackReach::all).front().what;
    };
    CHECK(first(Wanted::Type::approval) == "go on after that");
    CHECK(first(Wanted::Type::window) == "wait for it");
    CHECK(first(Wanted::Type::until) == "go on");
    const Wanted left_out{.type = Wanted::Type::left_out, .node = "all[a]"};
    CHECK(text_of(offers_about("R", left_out)) == "pvsplan resume R --redo 'all[a]' --because '…' # try it again\n");
    CHECK(text_of(offers_about("R", {left_out}, RollbackReach::all)) ==
          "pvsplan rollback R # undo what was done\npvsplan abandon R # end it, without what is left out\n");
    CHECK(text_of(offers_about("R", {}, RollbackReach::all)) ==
          "pvsplan resume R # go on\npvsplan rollback R # undo what was done\n"
          "pvsplan abandon R # leave the farm as it is\n");
}

}  // namespace pvsplan::engine::test

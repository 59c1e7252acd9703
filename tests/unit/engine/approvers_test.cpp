// Who may approve which step: `by` and `not` of the step, `approvers` of the plan, and who the run belongs to.
#include <catch2/catch.hpp>

#include <map>

#include "runtime/engine/lease.hpp"
#include "runtime/engine/messages.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

// What this machine knows of names, for whoever runs the process.
class KnownAccounts final : public ports::Accounts {
  public:
    std::map<std::string, Match> known;
    Match match(const std::string& name) override {
        const auto found = known.find(name);
        return found == known.end() ? Match::is_not : found->second;
    }
};

using Match = ports::Accounts::Match;

// A run of anna, which waits for `look`; `later` comes after it.
struct ApprovalStory {
    Folder folder;
    Plan plan;
    std::unique_ptr<Farm> farm;
    KnownAccounts accounts;
    NoObserver nobody;
    std::string run;

    explicit ApprovalStory(Approvers approvers, std::vector<std::string> of_plan = {}) : plan(test::plan(1)) {
        Node look{.id = "look", .type = Node::Type::approval, .text = "look at it"};
        look.approvers = std::move(approvers);
        plan.approvers = std::move(of_plan);
        plan.graph.nodes.insert(plan.graph.nodes.begin(),
                                {look, Node{.id = "later", .type = Node::Type::approval, .text = "look again"}});
        plan.graph.nodes[1].approvers = plan.graph.nodes[0].approvers;
        plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)},
                            {.from = NodeId(1), .to = NodeId(2)},
                            {.from = NodeId(2), .to = NodeId(3)}};
        seal(plan);
        farm = std::make_unique<Farm>(open(folder), plan);
        farm->environment.accounts = &accounts;
        i_am("anna", "1000@m");
        run = start(farm->environment, plan, encode(plan), {}, nobody).run;
    }
    void i_am(const std::string& user, const std::string& account, std::map<std::string, Match> known = {}) {
        farm->environment.me.user = user;
        farm->environment.me.account = account;
        farm->environment.me.host = "";
        accounts.known = std::move(known);
    }
    std::string approves(const std::string& node = "look") {
        return approve(farm->environment, run, node, "fine").message;
    }
    [[nodiscard]] std::string line_of(const std::string& kind) const {
        std::string text;
        const auto lines = log(*farm->store, run);
        for (const LogLine& line : *lines)
            if (line.kind == kind) text = line.text;
        return text;
    }
    void is_kept() const { CHECK(verify::first_fault(*verify_log(*farm->store, run)).empty()); }
};

}  // namespace

TEST_CASE("approvers: a user, or a member of a group, is who may; the right is in the journal") {
    ApprovalStory asked({.by = {"CORP\\leads", "otto"}});
    asked.i_am("eve", "1001@m");
    CHECK(asked.approves() == "`eve` may not approve `look`; who may is CORP\\leads or otto");
    asked.i_am("eve", "1001@m", {{"CORP\\leads", Match::unknown}});
    CHECK(asked.approves() ==
          "`eve` may not approve `look`; who may is CORP\\leads or otto; this machine knows no user and no group "
          "`CORP\\leads`");
    CHECK(asked.line_of("refused").empty());
    asked.i_am("eve", "1001@m", {{"CORP\\leads", Match::is}});
    CHECK(asked.approves() == "`look` is approved; `pvsplan resume " + asked.run + "` goes on");
    CHECK(asked.line_of("approved") == "fine, by eve, as CORP\\leads");
    asked.i_am("otto", "1002@m");
    CHECK(asked.approves("later") == "`later` is approved; `pvsplan resume " + asked.run + "` goes on");
    asked.is_kept();
}

TEST_CASE("approvers: by which names somebody may is recorded once each, and nobody is looked for in vain") {
    ApprovalStory asked({.by = {"otto", "leads"}, .is_not_by_starter = true}, {"otto", "leads", "ops"});
    asked.i_am("otto", "1002@m", {{"leads", Match::is}, {"ops", Match::unknown}});
    CHECK(asked.approves() == "`look` is approved; `pvsplan resume " + asked.run + "` goes on");
    CHECK(asked.line_of("approved") == "fine, by otto, as leads, otto");
    // Refused for another reason than that nobody knows the name.
    asked.i_am("anna", "1000@m", {{"leads", Match::is}, {"ops", Match::unknown}});
    CHECK(asked.approves("later") == "`anna` started the run; somebody else has to approve");
    // Without anybody to ask the name alone counts.
    asked.i_am("otto", "1002@m");
    asked.farm->environment.accounts = nullptr;
    CHECK(asked.approves("later") == "`later` is approved; `pvsplan resume " + asked.run + "` goes on");
    CHECK(asked.line_of("approved") == "fine, by otto, as otto");
    asked.is_kept();
}

TEST_CASE("approvers: what is approved already is said to be so, whoever asks") {
    ApprovalStory asked({.by = {"otto"}, .is_not_by_starter = true}, {"otto", "anna"});
    asked.i_am("otto", "1002@m");
    CHECK(asked.approves() == "`look` is approved; `pvsplan resume " + asked.run + "` goes on");
    asked.i_am("anna", "1000@m");
    CHECK(asked.approves() == "`look` was approved before");
    asked.i_am("eve", "1001@m");
    CHECK(asked.approves() == "`look` was approved before");
    CHECK(asked.approves("later") == "`eve` may not approve steps of this plan; its approvers are otto, anna");
}

TEST_CASE("approvers: of the plan and of the step, both have to hold") {
    ApprovalStory asked({.by = {"otto"}}, {"eve", "otto", "anna"});
    asked.i_am("eve", "1001@m");
    CHECK(asked.approves() ==
          "`eve` may not approve `look`; who may is otto, who has to be eve, otto or anna as well, but not who started "
          "the run");
    asked.i_am("anna", "1000@m", {{"otto", Match::is}});
    CHECK(asked.approves() == "`anna` started the run; somebody else has to approve");
    asked.i_am("zoe", "1005@m", {{"otto", Match::is}});
    CHECK(asked.approves() == "`look` is approved; `pvsplan resume " + asked.run + "` goes on");
}

TEST_CASE("approvers: not whoever started the run, by name or by account") {
    ApprovalStory asked({.is_not_by_starter = true});
    SECTION("the same name is the same person, on whatever machine") {
        asked.i_am("anna", "1007@other");
        CHECK(asked.approves() == "`anna` started the run; somebody else has to approve");
    }
    SECTION("with a domain, as a web server before it names her") {
        for (const std::string name : {"anna@contoso.example", "CONTOSO\\Anna"}) {
            asked.i_am(name, "");
            CHECK(asked.approves() == "`" + name +
                                          "` may be the same person as `anna`, who started the run; somebody else has "
                                          "to approve");
        }
    }
    SECTION("another name of the same account") {
        asked.i_am("admin", "1000@m");
        CHECK(asked.approves() ==
              "`admin` is the same account as `anna`, who started the run; somebody else has to approve");
    }
    SECTION("the same number on another machine is somebody else") {
        asked.i_am("otto", "1000@other");
        CHECK(asked.approves() == "`look` is approved; `pvsplan resume " + asked.run + "` goes on");
    }
    SECTION("where the border is not known, numbers tell nothing") {
        CHECK_FALSE(ports::is_same_account("1000@", "1000@"));
        CHECK_FALSE(ports::is_same_account("", ""));
        CHECK(ports::is_same_account("1000@m", "1000@m"));
    }
    SECTION("whoever resumes it is no starter") {
        asked.i_am("otto", "1002@m");
        CHECK(resume(asked.farm->environment, asked.run, {}, {}, asked.nobody).outcome == Outcome::waiting);
        CHECK(asked.approves() == "`look` is approved; `pvsplan resume " + asked.run + "` goes on");
    }
    SECTION("whoever takes it from its process is one as well") {
        const auto taken = asked.farm->store->acquire(
            asked.plan.farm, {.who = asked.farm->environment.me, .run = asked.run, .since = 1}, ports::Take::if_free);
        REQUIRE(taken->lease);
        asked.i_am("otto", "1002@m");
        Environment taking = asked.farm->environment;
        taking.take_over_because = "its process hangs";
        CHECK(resume(taking, asked.run, {}, {}, asked.nobody).outcome == Outcome::waiting);
        CHECK(asked.approves() == "`otto` took the run over; somebody else has to approve");
        asked.i_am("anna", "1000@m");
        CHECK(asked.approves() == "`anna` started the run; somebody else has to approve");
        asked.i_am("eve", "1001@m");
        CHECK(asked.approves() == "`look` is approved; `pvsplan resume " + asked.run + "` goes on");
    }
    asked.is_kept();
}

TEST_CASE("approvers: an approval from before its time is refused if whoever gave it has taken the run over since") {
    ApprovalStory asked({.is_not_by_starter = true});
    asked.i_am("otto", "1002@m");
    CHECK(asked.approves("later") == "the approval of `later` is recorded; it is used when the run comes there");
    const auto taken = asked.farm->store->acquire(
        asked.plan.farm, {.who = asked.farm->environment.me, .run = asked.run, .since = 1}, ports::Take::if_free);
    REQUIRE(taken->lease);
    Environment taking = asked.farm->environment;
    taking.take_over_because = "its process hangs";
    CHECK(resume(taking, asked.run, {}, {}, asked.nobody).outcome == Outcome::waiting);
    asked.i_am("eve", "1001@m");
    CHECK(asked.approves() == "`look` is approved; `pvsplan resume " + asked.run + "` goes on");
    CHECK(resume(asked.farm->environment, asked.run, {}, {}, asked.nobody).outcome == Outcome::waiting);
    CHECK(asked.line_of("refused") == "approve, `otto` took the run over; somebody else has to approve, by otto");
    CHECK(asked.approves("later") == "`later` is approved; `pvsplan resume " + asked.run + "` goes on");
    CHECK(resume(asked.farm->environment, asked.run, {}, {}, asked.nobody).outcome == Outcome::done);
    asked.is_kept();
}

TEST_CASE("approvers: whoever is asked is told who may, and no decision goes around them") {
    ApprovalStory asked({.by = {"otto"}, .is_not_by_starter = true});
    const auto stands = status(*asked.farm->store, asked.run);
    REQUIRE(stands->wanted.size() == 1);
    CHECK(stands->wanted[0].text == "look at it (may approve: otto, but not who started the run)");
    using Type = OperatorDecision::Type;
    for (const Type is : {Type::done, Type::redo}) {
        const Ended ended =
            resume(asked.farm->environment, asked.run,
                   {.decisions = {{.type = is, .node = "look", .because = "it is fine"}}}, {}, asked.nobody);
        CHECK(ended.outcome == Outcome::usage);
        CHECK(ended.message ==
              "`look` is an approval, which is given by `pvsplan approve " + asked.run + " look` alone");
    }
}

}  // namespace pvsplan::engine::test

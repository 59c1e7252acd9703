// Which runs are taken up, how often, and what is told of it.
#include <catch2/catch.hpp>

#include "runtime/serve/resumer.hpp"

namespace pvsplan::serve {
namespace {

using engine::AskedFor;

class Machine final : public Resumes {
  public:
    base::Result<std::int64_t> start(const std::string& run) override {
        started.push_back(run);
        if (!fault.empty()) return base::Error{fault};
        return std::int64_t{static_cast<std::int64_t>(started.size())};
    }
    std::optional<int> end_of(std::int64_t process) override {
        const auto found = ended.find(process);
        return found == ended.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] std::string log_of(const std::string& run) const override { return "/log/" + run; }

    std::vector<std::string> started;
    std::map<std::int64_t, int> ended;
    std::string fault;
};

Looked run(const std::string& id, std::optional<AskedFor> asked_for, std::uint64_t records = 5) {
    return {.row = {.id = id, .records = records, .head = "h" + std::to_string(records)}, .asked_for = asked_for};
}
constexpr AskedFor died{.type = AskedFor::Type::process_died, .since = 3};
constexpr AskedFor answered{.type = AskedFor::Type::person_answered, .since = 5};

// A server that takes up two runs at once, and its clock.
struct Server {
    Machine machine;
    Resumer resumer{2, machine};
    ports::Millis now = 1'000'000;

    void look(const std::vector<Looked>& all, ports::Millis later = 2000) {
        now += later;
        resumer.turn(all, now, now);
    }
    std::string words(const std::string& of) {
        for (const TakenUp& one : resumer.taken_up())
            if (one.run == of) return (one.wants_person ? "! " : "") + one.words;
        return "";
    }
};

}  // namespace

TEST_CASE("a run whose process has died is taken up once two looks have found it the same") {
    Server server;
    server.look({run("1", died)});
    CHECK(server.machine.started.empty());
    server.look({run("1", died, 6)});  // something has written meanwhile
    CHECK(server.machine.started.empty());
    server.look({run("1", std::nullopt, 6)});
    server.look({run("1", died, 6)});
    CHECK(server.machine.started.empty());
    server.look({run("1", died, 6)});
    CHECK(server.machine.started == std::vector<std::string>{"1"});
    server.look({run("1", died, 6)});  // its process has not come to the lease yet
    server.look({run("1", died, 6)});
    CHECK(server.machine.started.size() == 1);
    CHECK_THAT(server.words("1"), Catch::StartsWith("this server took it up at ") &&
                                      Catch::EndsWith(", as process 1; what that process said is in /log/1, on the "
                                                      "machine of this server"));
}

TEST_CASE("what a person has answered is taken up at once, and what nobody asked for is not") {
    Server server;
    server.look({run("1", answered), run("2", std::nullopt)});
    CHECK(server.machine.started == std::vector<std::string>{"1"});
    CHECK(server.words("2").empty());
}

TEST_CASE("a run that waits for its window is taken up when that opens, and not before") {
    Server server;
    const AskedFor opens{.type = AskedFor::Type::window_opens, .since = 5, .from = server.now + 10'000};
    server.look({run("1", opens)});
    server.look({run("1", opens)}, 7000);
    CHECK(server.machine.started.empty());
    CHECK_THAT(server.words("1"), Catch::StartsWith("this server takes it up when its window opens, 1970-01-01 "));
    server.look({run("1", opens)}, 1000);
    CHECK(server.machine.started == std::vector<std::string>{"1"});
}

TEST_CASE("no more than so many are under way at once") {
    Server server;
    const std::vector<Looked> all = {run("1", answered), run("2", answered), run("3", answered)};
    server.look(all);
    CHECK(server.machine.started == std::vector<std::string>{"1", "2"});
    CHECK_THAT(server.words("3"),
               Catch::StartsWith("it was asked for; this server takes it up once one of the 2 ends"));
    server.machine.ended[1] = 0;
    server.look({run("1", std::nullopt, 9), run("2", answered), run("3", answered)});
    CHECK(server.machine.started.back() == "3");
    CHECK_THAT(server.words("1"), Catch::Contains("it ended with exit status 0"));
}

TEST_CASE("a run is started three times with growing pauses, then left alone until somebody says more") {
    Server server;
    const auto end = [&] { server.machine.ended[static_cast<std::int64_t>(server.machine.started.size())] = 1; };
    const std::vector<Looked> all = {run("1", answered)};
    server.look(all);
    end();
    server.look(all);
    CHECK_THAT(server.words("1"), Catch::Contains("it ended with exit status 1. It is taken up again 30 s after that"));
    server.look(all, 29'000);
    CHECK(server.machine.started.size() == 1);
    server.look(all, 1000);
    CHECK(server.machine.started.size() == 2);
    end();
    server.look(all);
    server.look(all, 299'000);
    CHECK(server.machine.started.size() == 2);
    server.look(all, 1000);
    CHECK(server.machine.started.size() == 3);
    end();
    server.look(all);
    server.look(all, 100'000'000);
    CHECK(server.machine.started.size() == 3);
    CHECK_THAT(server.words("1"), Catch::StartsWith("! this server took it up 3 times, the last time at ") &&
                                      Catch::Contains(", and leaves it alone now: it ended with exit status 1; "));
    server.look({run("1", AskedFor{.type = AskedFor::Type::person_answered, .since = 7}, 7)});
    CHECK(server.machine.started.size() == 4);
}

TEST_CASE("one that cannot be started counts as well, and says why") {
    Server server;
    server.machine.fault = "no room";
    const std::vector<Looked> all = {run("1", answered)};
    for (int i = 0; i < 9; ++i) server.look(all, 400'000);
    CHECK(server.machine.started.size() == Resumer::max_starts);
    CHECK_THAT(server.words("1"), Catch::StartsWith("! ") && Catch::Contains("it could not be started: no room"));
}

TEST_CASE("a store that was put back takes nothing up until somebody has gone on with what is less") {
    Server server;
    server.look({run("1", std::nullopt, 8), run("2", std::nullopt)});
    server.look({run("1", std::nullopt, 7), run("2", answered)});
    CHECK(server.machine.started.empty());
    CHECK_THAT(server.words(""), Catch::StartsWith("! no run is taken up: the store has less of the run 1 than"));
    Looked other = run("1", std::nullopt, 8);
    other.row.head = "of another journal";
    server.look({other, run("2", answered)});
    CHECK(server.machine.started.empty());
    server.look({run("1", std::nullopt, 9), run("2", answered)});
    CHECK(server.machine.started == std::vector<std::string>{"2"});
    CHECK(server.words("").empty());
}

TEST_CASE("what a stranger has put into the store as a run is no file's name and no option") {
    Server server;
    for (const std::string id : {"", "../../x", "-h", "--take-over", "2 x", "2\n"}) {
        server.look({run(id, answered)});
        CHECK_THAT(server.words(id), Catch::StartsWith("! it is not taken up"));
    }
    CHECK(server.machine.started.empty());
}

TEST_CASE("a journal that cannot be read is told of, and a store that cannot be") {
    Server server;
    server.look({{.row = {.id = "1"}, .fault = "the journal is damaged"}});
    CHECK(server.words("1") == "! it is not taken up: the journal is damaged");
    server.resumer.say_fault("no route");
    CHECK(server.words("") == "! no run is taken up, since the store cannot be read: no route");
}

}  // namespace pvsplan::serve

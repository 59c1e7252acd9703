#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <string>

#include "runtime/lsp/inbox.hpp"

using namespace pvsplan::lsp;

TEST_CASE("who reads waits while too much is not looked at", "[lsp]") {
    Inbox inbox;
    inbox.post_when_there_is_room(std::string(Inbox::max_bytes, ' '));
    inbox.post(EndOfInput{});  // what is our own never waits
    auto second = std::async(std::launch::async, [&] { inbox.post_when_there_is_room(std::string("x")); });
    CHECK(second.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
    CHECK(inbox.take(std::nullopt).size() == 2);
    second.get();
    const std::vector<Event> rest = inbox.take(std::nullopt);
    REQUIRE(rest.size() == 1);
    CHECK(std::get<std::string>(std::get<Frame>(rest[0])) == "x");
    CHECK(inbox.take(std::chrono::steady_clock::now()).empty());
}

TEST_CASE("what is done on the other thread comes back to this one", "[lsp]") {
    Inbox inbox;
    Worker worker(inbox);
    int done = 0;
    for (int round = 1; round <= 3; ++round) {
        worker.begin([&](const std::stop_token&) -> Then { return [&] { ++done; }; });
        for (const Event& event : inbox.take(std::nullopt)) std::get<Then>(event)();
        CHECK(done == round);
    }
    bool was_stopped = false;
    worker.begin([&](const std::stop_token& stop) -> Then {
        while (!stop.stop_requested()) std::this_thread::yield();
        return [&] { was_stopped = true; };
    });
    worker.stop();
    for (const Event& event : inbox.take(std::nullopt)) std::get<Then>(event)();
    CHECK(was_stopped);
}

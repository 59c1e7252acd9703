#include "runtime/ports/readiness.hpp"

#include <catch2/catch.hpp>

#include <thread>

#include "runtime/ports/child_process.hpp"

namespace pvsplan::ports::test {

TEST_CASE("what is watched is told by its number while it is ready, and not after it is watched no more") {
    Readiness readiness;
    const Pipe one = std::move(*open_pipe("no pipe"));
    const Pipe other = std::move(*open_pipe("no pipe"));
    REQUIRE(readiness.watch(one.from, Readiness::Interest::readable, 1));
    REQUIRE(readiness.watch(other.into, Readiness::Interest::writable, 2));
    CHECK(readiness.wait(std::nullopt) == std::vector<std::uint64_t>{2});
    readiness.unwatch(other.into);
    CHECK(readiness.wait(0).empty());
    REQUIRE(write_some(one.into, "x").bytes == 1);
    CHECK(readiness.wait(std::nullopt) == std::vector<std::uint64_t>{1});
    CHECK(readiness.wait(0) == std::vector<std::uint64_t>{1});  // still
    readiness.unwatch(one.from);
    CHECK(readiness.wait(0).empty());
}

TEST_CASE("an end that hung up is ready") {
    Readiness readiness;
    Pipe pipe = std::move(*open_pipe("no pipe"));
    REQUIRE(readiness.watch(pipe.from, Readiness::Interest::readable, 7));
    pipe.into.close();
    CHECK(readiness.wait(std::nullopt) == std::vector<std::uint64_t>{7});
}

TEST_CASE("who rings ends a wait, the next one if none is under way, and once") {
    Readiness readiness;
    readiness.ring();
    readiness.ring();
    CHECK(readiness.wait(std::nullopt).empty());
    CHECK(readiness.wait(0).empty());
    std::thread other([&readiness] { readiness.ring(); });
    CHECK(readiness.wait(std::nullopt).empty());
    other.join();
}

}  // namespace pvsplan::ports::test

// The coordinator is killed at every call by which it changes anything, one after the other; the next one comes with
// the same key. Each time the command has run exactly once.
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <functional>
#include <iostream>
#include <thread>

#include "tests/integration/sshd.hpp"
#include "tests/unit/skip.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;

namespace {

// Runs it with `kill_at` (0: never); its exit status, or -1 if it was killed.
[[maybe_unused]] int coordinate(const std::vector<std::string>& words, long kill_at, const std::string& count_file) {
    std::vector<std::string> line = {"env", std::string("LD_PRELOAD=") + PVSPLAN_KILL_AT_LIBRARY,
                                     "PVSPLAN_KILL_AT=" + std::to_string(kill_at), "PVSPLAN_KILL_COUNT=" + count_file,
                                     PVSPLAN_COORDINATOR};
    line.insert(line.end(), words.begin(), words.end());
    return integration::run(line);
}

// A sanitizer's own library has to come before all others.
long kill_everywhere(const std::function<std::vector<std::string>(const std::string& key)>& words_for,
                     const Folder& folder) {
    REQUIRE(coordinate(words_for("count"), 0, folder / "count") == 0);
    const long points = std::stol(contents(folder / "count"));
    REQUIRE(points > 5);
    long killed = 0;
    for (long at = 1; at <= points; ++at) {
        const auto key = "k" + std::to_string(at);
        CAPTURE(at);
        const int first = coordinate(words_for(key), at, folder / "none");
        if (first == -1) ++killed;
        const int second = coordinate(words_for(key), 0, folder / "none");
        CHECK(second == 0);
        CHECK(contents(folder / key) == "ran\n");
    }
    CHECK(killed >= points / 2);
    return killed;
}

}  // namespace

TEST_CASE("killed at every write: local") {
    const Folder folder;
    const auto killed = kill_everywhere(
        [&](const std::string& key) -> std::vector<std::string> {
            return {"local", folder / "jobs", key, "echo ran >> " + folder / key};
        },
        folder);
    std::cout << "local: killed " << killed << " times\n";
}

TEST_CASE("killed at every write: ssh") {
    if (!integration::Sshd::is_possible()) {
        pvsplan::tests::skip("no sshd can be run here");
        return;
    }
    const integration::Sshd sshd;
    const auto host = sshd.host("a");
    const auto text = [&host](const char* name) { return *host.connect.at(name).as_string(); };
    const auto port = std::to_string(*host.connect.at("port").as_integer());
    const Folder folder;
    const auto killed = kill_everywhere(
        [&](const std::string& key) -> std::vector<std::string> {
            return {"ssh",
                    folder.path(),
                    key,
                    "echo ran >> " + folder / key,
                    "127.0.0.1",
                    port,
                    text("identity"),
                    text("config"),
                    text("known_hosts"),
                    text("jobs")};
        },
        folder);
    std::cout << "ssh: killed " << killed << " times\n";
}

TEST_CASE("killed at any moment: local") {
    const Folder folder;
    std::mt19937 random(5);
    std::uniform_int_distribution<int> microseconds(0, 30'000);
    for (int i = 0; i < 150; ++i) {
        const auto key = "m" + std::to_string(i);
        const std::vector<std::string> words = {PVSPLAN_COORDINATOR, "local", folder / "jobs", key,
                                                "echo ran >> " + folder / key + "; sleep 0.01"};
        const pid_t pid = fork();
        if (pid == 0) {
            execl(words[0].c_str(), words[0].c_str(), words[1].c_str(), words[2].c_str(), words[3].c_str(),
                  words[4].c_str(), nullptr);
            _exit(127);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        REQUIRE(integration::run(words) == 0);
        REQUIRE(contents(folder / key) == "ran\n");
    }
}

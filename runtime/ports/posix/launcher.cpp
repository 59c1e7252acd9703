#include "runtime/ports/launcher.hpp"

#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "runtime/ports/child_process.hpp"
#include "runtime/ports/posix/proc.hpp"
#include "runtime/ports/posix/runner.hpp"
#include "runtime/ports/process_group.hpp"

namespace pvsplan::ports {

namespace {

base::Error could_not_start(const Launch& launch, const char* why) {
    return base::Error{"`" + launch.argv.at(0) + "` could not be started", {why}};
}

// Each text ends with a NUL, as the launcher hands them to the system without copying.
std::string encoded(const Launch& launch) {
    std::string texts;
    const auto add = [&texts](const std::string& text) { texts.append(text.c_str(), text.size() + 1); };
    for (const std::string* text : {&launch.folder, &launch.claim, &launch.spare, &launch.borders, &launch.out,
                                    &launch.err, &launch.room, &launch.status, &launch.name})
        add(*text);
    for (const std::string& text : launch.argv) add(text);
    for (const std::string& text : launch.environment) add(text);
    const posix::LaunchHeader header{.bytes = static_cast<std::uint32_t>(texts.size()),
                                     .arguments = static_cast<std::uint32_t>(launch.argv.size()),
                                     .variables = static_cast<std::uint32_t>(launch.environment.size())};
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) + texts;
}

// False once the other end is gone, without a signal.
bool send_whole(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

// A process, or a negative error; nothing: the launcher has ended.
std::optional<std::int64_t> receive_answer(int from) {
    std::int64_t answer = 0;
    ssize_t got = 0;
    while ((got = recv(from, &answer, sizeof answer, MSG_WAITALL)) < 0 && errno == EINTR) {
    }
    if (got != static_cast<ssize_t>(sizeof answer)) return std::nullopt;
    return answer;
}

}  // namespace

// The other end is closed here when this returns, so the launcher reads an end once we are gone, however that happens.
base::Status Launcher::start() {
    std::array<int, 2> ends{-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return base::Error{"no connection to the launcher of jobs", {std::strerror(errno)}};
    requests_ = Handle(ends[0]);
    const Handle other(ends[1]);
    const pid_t forked = fork();
    if (forked == 0) posix::serve_launches(ends[1]);
    if (forked > 0) {
        process_ = forked;
        return base::Done{};
    }
    const int why = errno;
    requests_.close();
    return base::Error{"the launcher of jobs could not be started", {std::strerror(why)}};
}

// Runners that it began live on.
void Launcher::stop() {
    requests_.close();
    if (process_ == 0) return;
    end_process(process_, Ending::forced);  // it has nothing to do any more
    (void)wait_for_end(process_);
    process_ = 0;
}

base::Result<std::int64_t> Launcher::launch(const Launch& launch) {
    const std::string request = encoded(launch);
    // Somebody may have ended the launcher. A runner that it began without telling us has claimed the job, so that a
    // second one begins nothing.
    for (int tries = 0; tries < 2; ++tries) {
        if (!requests_)
            if (auto started = start(); !started) return std::move(started).error();
        const int to = static_cast<int>(requests_.number());
        const auto answer = send_whole(to, request) ? receive_answer(to) : std::nullopt;
        if (answer && *answer > 0) return *answer;
        if (answer) return could_not_start(launch, std::strerror(static_cast<int>(-*answer)));
        stop();
    }
    return could_not_start(launch, "the launcher of jobs was ended");
}

// A runner that cannot write its status has nothing but its name to say it with.
std::string why_stuck(std::int64_t runner) {
    const std::string name = posix::first_line("/proc/" + std::to_string(runner) + "/comm");
    if (!name.starts_with(posix::stuck_name)) return "";
    int error = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + posix::stuck_name.size(), end, error);
    return read.ec == std::errc() ? std::strerror(error) : "";
}

}  // namespace pvsplan::ports

#include "runtime/transport/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "compiler/base/check.hpp"

namespace pvsplan::transport {

namespace {

ports::Millis steady_now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

struct Loop::Inside {
    int epoll = -1;
    int bell = -1;

    std::mutex mutex;
    std::vector<Task> posted;
    bool is_over = false;

    // Of the loop's thread alone. A watched descriptor is known to epoll by the number of its watch, not of itself: an
    // event for a descriptor that was closed in the meantime then finds nobody.
    struct Watch {
        int fd = -1;
        std::shared_ptr<Task> task;
    };
    std::map<std::uint64_t, Watch> watches;
    std::map<int, std::uint64_t> watch_of_fd;
    std::map<std::pair<ports::Millis, Timer>, Task> timers;
    std::map<Timer, ports::Millis> due;
    std::uint64_t last_number = 0;
    std::thread thread;

    void ring() const {
        const std::uint64_t one = 1;
        while (write(bell, &one, sizeof one) < 0 && errno == EINTR) {
        }
    }
    void run();
    void run_posted();
    void run_timers();
    void run_ready();
};

void Loop::Inside::run_posted() {
    std::vector<Task> tasks;
    {
        const std::lock_guard lock(mutex);
        tasks.swap(posted);
    }
    for (auto& task : tasks) task();
}

void Loop::Inside::run_timers() {
    const auto now = steady_now();
    while (!timers.empty() && timers.begin()->first.first <= now) {
        auto node = timers.extract(timers.begin());
        due.erase(node.key().second);
        node.mapped()();
    }
}

void Loop::Inside::run_ready() {
    std::array<epoll_event, 64> events{};
    int wait_ms = -1;
    if (!timers.empty()) {
        wait_ms = static_cast<int>(std::clamp<ports::Millis>(timers.begin()->first.first - steady_now(), 0, 60'000));
    }
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), wait_ms);
    for (int i = 0; i < count; ++i) {
        const auto number = events[static_cast<std::size_t>(i)].data.u64;
        if (number == 0) {
            std::uint64_t rung = 0;
            while (read(bell, &rung, sizeof rung) < 0 && errno == EINTR) {
            }
        } else if (const auto found = watches.find(number); found != watches.end()) {
            const auto task = found->second.task;  // lives on if it unwatches itself
            (*task)();
        }
    }
}

void Loop::Inside::run() {
    // Signals are for other threads; a pipe that nobody reads any more is an error of write(), not the end of us.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (true) {
        run_posted();
        {
            const std::lock_guard lock(mutex);
            if (is_over && posted.empty()) return;
        }
        run_timers();
        run_ready();
    }
}

Loop::Loop() : inside_(std::make_unique<Inside>()) {
    inside_->epoll = epoll_create1(EPOLL_CLOEXEC);
    inside_->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (inside_->epoll < 0 || inside_->bell < 0)
        throw std::system_error(errno, std::generic_category(), "no room for one more open file");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = 0;
    base::check(epoll_ctl(inside_->epoll, EPOLL_CTL_ADD, inside_->bell, &event) == 0, "no bell");
    inside_->thread = std::thread([this] { inside_->run(); });
}

Loop::~Loop() {
    {
        const std::lock_guard lock(inside_->mutex);
        inside_->is_over = true;
    }
    inside_->ring();
    inside_->thread.join();
    close(inside_->bell);
    close(inside_->epoll);
}

void Loop::post(Task task) {
    bool is_first = false;
    {
        const std::lock_guard lock(inside_->mutex);
        is_first = inside_->posted.empty();
        inside_->posted.push_back(std::move(task));
    }
    if (is_first) inside_->ring();
}

void Loop::run_and_wait(const Task& task) {
    std::mutex mutex;
    std::condition_variable done;
    bool is_done = false;
    post([&] {
        task();
        const std::lock_guard lock(mutex);
        is_done = true;
        done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return is_done; });
}

Loop::Timer Loop::after(ports::Millis ms, Task task) {
    const Timer timer = ++inside_->last_number;
    const auto at = steady_now() + std::max<ports::Millis>(ms, 0);
    inside_->timers.emplace(std::pair{at, timer}, std::move(task));
    inside_->due.emplace(timer, at);
    return timer;
}

void Loop::cancel(Timer& timer) {
    if (const auto found = inside_->due.find(timer); found != inside_->due.end()) {
        inside_->timers.erase({found->second, timer});
        inside_->due.erase(found);
    }
    timer = 0;
}

bool Loop::watch(int fd, Interest interest, Task task) {
    const auto number = ++inside_->last_number;
    epoll_event event{};
    event.events = interest == Interest::readable ? EPOLLIN : EPOLLOUT;
    event.data.u64 = number;
    if (epoll_ctl(inside_->epoll, EPOLL_CTL_ADD, fd, &event) != 0) return false;
    inside_->watches.emplace(number, Inside::Watch{fd, std::make_shared<Task>(std::move(task))});
    inside_->watch_of_fd[fd] = number;
    return true;
}

void Loop::unwatch(int fd) {
    const auto found = inside_->watch_of_fd.find(fd);
    if (found == inside_->watch_of_fd.end()) return;
    epoll_ctl(inside_->epoll, EPOLL_CTL_DEL, fd, nullptr);
    inside_->watches.erase(found->second);
    inside_->watch_of_fd.erase(found);
}

}  // namespace pvsplan::transport

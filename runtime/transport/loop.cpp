#include "runtime/transport/loop.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/ports/this_process.hpp"

namespace pvsplan::transport {

namespace {

ports::Millis steady_now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

struct Loop::Inside {
    ports::Readiness readiness;

    std::mutex mutex;
    std::vector<Task> posted;
    bool is_over = false;

    // Used by the loop's thread alone. What is watched is known by the number of its watch, not of itself: an event for
    // something that was closed in the meantime then finds nobody.
    std::map<std::uint64_t, std::shared_ptr<Task>> watches;
    std::map<std::intptr_t, std::uint64_t> watch_of;  // by what the system calls it
    std::map<std::pair<ports::Millis, Timer>, Task> timers;
    std::map<Timer, ports::Millis> due;
    std::uint64_t last_number = 0;
    std::thread thread;

    void run();
    void run_posted();
    void run_timers();
    void run_ready();
};

// They are taken out first, since a task may post another: that one runs in the next round.
void Loop::Inside::run_posted() {
    std::vector<Task> tasks;
    {
        const std::lock_guard lock(mutex);
        tasks.swap(posted);
    }
    for (auto& task : tasks) task();
}

// A timer that a task sets for now is run by the same call; the loop over them ends because time was read once.
void Loop::Inside::run_timers() {
    const auto now = steady_now();
    while (!timers.empty() && timers.begin()->first.first <= now) {
        auto node = timers.extract(timers.begin());
        due.erase(node.key().second);
        node.mapped()();
    }
}

void Loop::Inside::run_ready() {
    std::optional<ports::Millis> max_wait;
    if (!timers.empty()) max_wait = std::max<ports::Millis>(timers.begin()->first.first - steady_now(), 0);
    for (const std::uint64_t number : readiness.wait(max_wait)) {
        const auto found = watches.find(number);
        if (found == watches.end()) continue;
        const auto task = found->second;  // lives on if it unwatches itself
        (*task)();
    }
}

// What was posted before the end still runs: transports post their own tidying up, and wait for it.
void Loop::Inside::run() {
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
    const ports::SignalsHeld held;
    inside_->thread = std::thread([this] { inside_->run(); });
}

// The thread ends after the round in which it sees that, so no task is cut off.
Loop::~Loop() {
    {
        const std::lock_guard lock(inside_->mutex);
        inside_->is_over = true;
    }
    inside_->readiness.ring();
    inside_->thread.join();
}

// Only the first of several posts rings: the others are found by the same round.
void Loop::post(Task task) {
    bool is_first = false;
    {
        const std::lock_guard lock(inside_->mutex);
        is_first = inside_->posted.empty();
        inside_->posted.push_back(std::move(task));
    }
    if (is_first) inside_->readiness.ring();
}

// Its own lock and condition: several threads may wait at once, each for its own task.
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

// On the loop's thread alone; two timers of one moment run in the order in which they were set.
Loop::Timer Loop::after(ports::Millis ms, Task task) {
    const Timer timer = ++inside_->last_number;
    const auto at = steady_now() + std::max<ports::Millis>(ms, 0);
    inside_->timers.emplace(std::pair{at, timer}, std::move(task));
    inside_->due.emplace(timer, at);
    return timer;
}

// One that is over, or was never set, is fine.
void Loop::cancel(Timer& timer) {
    if (const auto found = inside_->due.find(timer); found != inside_->due.end()) {
        inside_->timers.erase({found->second, timer});
        inside_->due.erase(found);
    }
    timer = 0;
}

// False where the system has no room for one more; who asks then looks from time to time.
bool Loop::watch(const ports::Handle& handle, Interest interest, Task task) {
    const auto number = ++inside_->last_number;
    if (!inside_->readiness.watch(handle, interest, number)) return false;
    inside_->watches.emplace(number, std::make_shared<Task>(std::move(task)));
    inside_->watch_of[handle.number()] = number;
    return true;
}

void Loop::unwatch(const ports::Handle& handle) {
    const auto found = inside_->watch_of.find(handle.number());
    if (found == inside_->watch_of.end()) return;
    inside_->readiness.unwatch(handle);
    inside_->watches.erase(found->second);
    inside_->watch_of.erase(found);
}

}  // namespace pvsplan::transport

#include "runtime/transport/thread_pool.hpp"

#include <system_error>
#include <utility>

#include "runtime/ports/this_process.hpp"

namespace pvsplan::transport {

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
        tasks_.clear();
    }
    given_.notify_all();
    for (auto& thread : threads_) thread.join();
}

// A thread is made only when no idle one is left for the task: few hosts need few threads.
void ThreadPool::give(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    if (idle_ < tasks_.size() && threads_.size() < max_) {
        const ports::SignalsHeld held;
        try {
            threads_.emplace_back([this] { work(); });
        } catch (const std::system_error&) {  // the system gives no more threads: one that is there does it later
            if (!threads_.empty()) return;
            tasks_.pop_back();
            throw;
        }
    }
    given_.notify_one();
}

// A thread counts as idle while it waits, under the lock, so that give() sees how many there are for its task.
void ThreadPool::work() {
    while (true) {
        std::function<void()> task;
        {
            std::unique_lock lock(mutex_);
            ++idle_;
            given_.wait(lock, [this] { return is_over_ || !tasks_.empty(); });
            --idle_;
            if (is_over_) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

}  // namespace pvsplan::transport

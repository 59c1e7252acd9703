// Threads for what cannot but block, never more than a given number of them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pvsplan::transport {

class ThreadPool {
  public:
    explicit ThreadPool(std::size_t max) : max_(max) {}
    // Drops the tasks that have not begun and waits for those that have.
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    // From any thread. Runs on one of the threads, in the order of giving as far as there are threads. Throws
    // std::system_error if the system gives not even one.
    void give(std::function<void()> task);

  private:
    void work();

    const std::size_t max_;  // threads
    std::mutex mutex_;
    std::condition_variable given_;
    std::deque<std::function<void()>> tasks_;
    std::size_t idle_ = 0;  // threads that wait for a task
    bool is_over_ = false;
    std::vector<std::thread> threads_;  // begun as they are needed
};

}  // namespace pvsplan::transport

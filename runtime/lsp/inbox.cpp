#include "runtime/lsp/inbox.hpp"

#include <utility>

namespace pvsplan::lsp {

void Inbox::post(Event event) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        events_.push_back(std::move(event));
    }
    posted_.notify_one();
}

void Inbox::post_when_there_is_room(Frame frame) {
    const auto* const text = std::get_if<std::string>(&frame);
    const std::size_t bytes = text ? text->size() : 0;
    {
        std::unique_lock<std::mutex> lock(mutex_);
        taken_.wait(lock, [&] { return bytes_ == 0 || bytes_ + bytes <= max_bytes; });
        bytes_ += bytes;
        events_.emplace_back(std::move(frame));
    }
    posted_.notify_one();
}

std::vector<Event> Inbox::take(std::optional<Moment> deadline) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto is_any = [&] { return !events_.empty(); };
    if (deadline) {
        posted_.wait_until(lock, *deadline, is_any);
    } else {
        posted_.wait(lock, is_any);
    }
    bytes_ = 0;
    taken_.notify_one();
    return std::exchange(events_, {});
}

Worker::Worker(Inbox& inbox) : inbox_(inbox), thread_([this](const std::stop_token& ending) { live(ending); }) {}

Worker::~Worker() {
    stop();
    thread_.request_stop();
}

void Worker::begin(Work work) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        work_ = std::move(work);
        stop_ = std::stop_source();
    }
    given_.notify_one();
}

void Worker::stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_.request_stop();
}

void Worker::live(const std::stop_token& ending) {
    while (true) {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!given_.wait(lock, ending, [&] { return work_.has_value(); })) return;
        const Work work = *std::exchange(work_, std::nullopt);
        const std::stop_token stop = stop_.get_token();
        lock.unlock();
        inbox_.post(work(stop));
    }
}

}  // namespace pvsplan::lsp

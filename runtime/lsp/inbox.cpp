#include "runtime/lsp/inbox.hpp"

#include <utility>

namespace pvsplan::lsp {

// Never waits: the thread that compiles must come to its end even where nobody takes anything any more.
void Inbox::post(Event event) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        events_.push_back(std::move(event));
    }
    posted_.notify_one();
}

// One message has room whatever its size: the bound of a single one is that of Frames.
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

// Empty once the deadline is over. All is taken at once, so that whoever answers sees a cancellation before it begins
// with what was cancelled.
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

// What is under way is asked to stop; the thread is joined by the jthread, which goes next.
Worker::~Worker() {
    stop();
    thread_.request_stop();
}

// Asked of a worker that does nothing: whoever calls keeps count of that. A new source of stops, for the old one may
// have been used.
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

// The lock is not held during the work, so that stop() and begin() never wait for it.
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

// How the one thread that answers hears of what others do: the one that reads, and the one that compiles.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <variant>
#include <vector>

#include "runtime/lsp/framing.hpp"

namespace pvsplan::lsp {

using Moment = std::chrono::steady_clock::time_point;

struct EndOfInput {};
using Then = std::function<void()>;  // done by the thread that answers
using Event = std::variant<Frame, Then, EndOfInput>;

// Any thread posts; one takes. What was posted by one thread is taken in its order.
class Inbox {
  public:
    static constexpr std::size_t max_bytes = 2 * max_message_bytes;

    void post(Event event);
    // Waits while what nobody has taken is too much: an editor that reads no answer is not heard any further.
    void post_when_there_is_room(Frame frame);
    // All that has come, in its order; waits for the first until `deadline`, or for ever.
    std::vector<Event> take(std::optional<Moment> deadline);

  private:
    std::mutex mutex_;
    // Whoever reads waits for the first, whoever posts too much for the second.
    std::condition_variable posted_;
    std::condition_variable taken_;
    std::vector<Event> events_;
    std::size_t bytes_ = 0;  // of the frames among them
};

// Does one thing after another on a thread of its own. One thing at a time: who calls begin() has seen the event of the
// one before. It may be stopped and gone at any time; the inbox outlives it.
class Worker {
  public:
    // What is done may be asked to stop; what it returns is done by the thread that answers, whether it stopped or not.
    using Work = std::function<Then(const std::stop_token&)>;

    explicit Worker(Inbox& inbox);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // At once, without waiting for anything.
    void begin(Work work);
    // Asks what is under way to stop.
    void stop();

  private:
    void live(const std::stop_token& ending);

    Inbox& inbox_;
    std::mutex mutex_;
    std::condition_variable_any given_;
    std::optional<Work> work_;  // given, and not begun
    std::stop_source stop_;     // of what is under way
    std::jthread thread_;       // last, so that it ends before what it uses
};

}  // namespace pvsplan::lsp

#include "runtime/notify/courier.hpp"

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <thread>

#include "compiler/base/counted.hpp"
#include "runtime/notify/message.hpp"
#include "runtime/notify/sending.hpp"
#include "runtime/ports/calendar.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/this_process.hpp"

namespace pvsplan::notify {

using ports::Delivery;
using program::Notify;

namespace {

using Clock = std::chrono::steady_clock;

// `delivery` is what the run will be told of it.
struct Item {
    Parcel parcel;
    Delivery delivery;
    Clock::time_point due = Clock::now();
    bool is_hurried = false;  // this was its last attempt
};

// What the threads share with whoever sends. They may outlive him: a look for the name of a host cannot be ended. Under
// the mutex, but for `stop`, and for `options`, which never change.
struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::size_t, std::deque<Item>> queues;  // by receiver
    std::vector<Delivery> delivered;
    std::set<std::size_t> over;  // receivers whose thread has nothing more to do
    bool is_hurried = false;
    std::atomic<bool> stop = false;
    ports::Mailbox* mailbox = nullptr;  // null: nobody waits any more
    CourierOptions options;
};

// Without the lock: it takes as long as a server takes.
SendResult try_to_send(const Parcel& parcel, const Shared& shared) {
    if (parcel.how.channel == Notify::Channel::command)
        return run_command(parcel, shared.options.timeout_ms, shared.stop);
    return post(parcel, shared.options.timeout_ms, shared.stop);
}

// In a hurry each is tried once more, whatever its pause says: there may be no later.
bool is_to_be_tried(const Shared& shared, const Item& item) {
    return Clock::now() >= item.due || (shared.is_hurried && !item.is_hurried);
}

// Under the lock: what comes of an attempt. The first of the queue is the one that was tried. What is decided goes out
// of the queue and to whoever asked; what is to be tried again stays first, so that a receiver hears things in their
// order.
void judge(Shared& shared, std::deque<Item>& queue, SendResult result) {
    Item& item = queue.front();
    ++item.delivery.attempts;
    const std::size_t tried = item.delivery.attempts;
    if (result.type == SendResult::Type::sent) {
        item.delivery.state = Delivery::State::sent;
        item.delivery.why.clear();
    } else {
        item.delivery.why = std::move(result.why);
        const bool is_over = tried > shared.options.pauses_ms.size();
        if (result.type == SendResult::Type::hopeless || is_over) {
            item.delivery.state = Delivery::State::given_up;
            if (is_over) item.delivery.why += ", after " + base::counted(tried, "attempt");
        } else {
            item.due = Clock::now() + std::chrono::milliseconds(shared.options.pauses_ms[tried - 1]);
        }
    }
    if (item.delivery.state == Delivery::State::open) return;
    shared.delivered.push_back(item.delivery);
    queue.pop_front();
    if (shared.mailbox != nullptr) shared.mailbox->wake();
}

// One thread for each receiver: one that does not answer holds up nobody else. A notification stays in its queue while
// it is under way, so that it counts as open.
void work(const std::shared_ptr<Shared>& shared, std::size_t receiver) {
    std::unique_lock lock(shared->mutex);
    std::deque<Item>& queue = shared->queues[receiver];
    while (!shared->stop) {
        if (queue.empty()) {
            shared->changed.wait(lock);
            continue;
        }
        if (!is_to_be_tried(*shared, queue.front())) {
            shared->changed.wait_until(lock, queue.front().due);
            continue;
        }
        queue.front().is_hurried = shared->is_hurried;
        const Parcel parcel = queue.front().parcel;
        lock.unlock();
        SendResult result = try_to_send(parcel, *shared);
        lock.lock();
        if (!shared->stop) judge(*shared, queue, std::move(result));
        shared->changed.notify_all();
    }
    shared->over.insert(receiver);
    shared->changed.notify_all();
}

std::string mail_date() { return ports::utc_text(ports::SystemClock().now(), "%a, %d %b %Y %H:%M:%S +0000"); }

class ThreadCourier final : public ports::Courier {
  public:
    ThreadCourier(ports::Mailbox& mailbox, CourierOptions options) : shared_(std::make_shared<Shared>()) {
        shared_->mailbox = &mailbox;
        shared_->options = std::move(options);
    }
    ThreadCourier(const ThreadCourier&) = delete;
    ThreadCourier& operator=(const ThreadCourier&) = delete;
    // Never waits for longer than two seconds, though a thread may be looking for a name: such a one is left alone,
    // with its own share of what it works on.
    ~ThreadCourier() override {
        std::unique_lock lock(shared_->mutex);
        shared_->stop = true;
        shared_->mailbox = nullptr;
        shared_->changed.notify_all();
        constexpr auto patience = std::chrono::seconds(2);
        shared_->changed.wait_for(lock, patience, [this] { return shared_->over.size() == threads_.size(); });
        const std::set<std::size_t> over = shared_->over;
        lock.unlock();
        // What libraries keep for a thread goes with its end, which is waited for where it has come.
        for (auto& [receiver, thread] : threads_) over.contains(receiver) ? thread.join() : thread.detach();
    }

    // At once: the run that tells something never waits for a server.
    void send(ports::Notification notification) override {
        if (shared_->options.as_typed) type_with_store(notification.content);
        Item item{.parcel = pack(notification, mail_date()),
                  .delivery = {.number = notification.number, .to = notification.to}};
        const std::lock_guard lock(shared_->mutex);
        shared_->queues[notification.to].push_back(std::move(item));
        if (!threads_.contains(notification.to)) {
            const ports::SignalsHeld held;
            try {
                threads_.emplace(notification.to, std::thread(work, shared_, notification.to));
            } catch (const std::system_error&) {
                // The system gives no more threads. It is tried again with the next one; what nobody was told at the
                // end is said then.
            }
        }
        shared_->changed.notify_all();
    }

    std::vector<Delivery> take_delivered() override {
        const std::lock_guard lock(shared_->mutex);
        return std::exchange(shared_->delivered, {});
    }

    void hurry() override {
        const std::lock_guard lock(shared_->mutex);
        shared_->is_hurried = true;
        shared_->changed.notify_all();
    }

    // True: nothing is under way any more.
    bool wait(ports::Millis at_most) override {
        std::unique_lock lock(shared_->mutex);
        return shared_->changed.wait_for(lock, std::chrono::milliseconds(at_most), [this] { return is_idle(); });
    }

    std::vector<Delivery> open() override {
        const std::lock_guard lock(shared_->mutex);
        std::vector<Delivery> all;
        for (const auto& [to, queue] : shared_->queues)
            for (const Item& item : queue) all.push_back(item.delivery);
        return all;
    }

  private:
    // Whether nothing is under way: a receiver that could not be reached in a hurry holds up what comes after it.
    [[nodiscard]] bool is_idle() const {
        for (const auto& [to, queue] : shared_->queues) {
            if (queue.empty()) continue;
            const Item& first = queue.front();
            const bool has_failed = first.is_hurried && first.due > Clock::now();
            if (!has_failed) return false;
        }
        return true;
    }

    // Content that is no JSON stays as it is.
    void type_with_store(std::string& content) const {
        using Json = nlohmann::ordered_json;
        Json json = Json::parse(content, nullptr, false);
        if (!json.is_object() || !json.contains("next") || !json["next"].is_string()) return;
        json["next"] = shared_->options.as_typed(json["next"].get<std::string>());
        content = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    }

    std::map<std::size_t, std::thread> threads_;  // by receiver
    std::shared_ptr<Shared> shared_;
};

}  // namespace

// Secrets are put in here, in memory, and nowhere else.
Parcel pack(const ports::Notification& notification, const std::string& date) {
    const Notify& how = notification.how;
    const auto secret = [&](const std::string& name) {
        const auto found = notification.secrets.find(name);
        return found == notification.secrets.end() ? std::string() : found->second;
    };
    const Message message = read_message(notification.content);
    Parcel parcel{.how = how,
                  .url = how.url.empty() ? secret(how.url_secret) : how.url,
                  .password = secret(how.password_secret),
                  .bytes = notification.content,
                  .environment = message.environment};
    if (how.channel == Notify::Channel::mail) parcel.bytes = mail_text(message, how, date);
    if (how.format == Notify::Format::teams) parcel.bytes = teams_json(message);
    if (how.format == Notify::Format::slack) parcel.bytes = slack_json(message);
    return parcel;
}

std::unique_ptr<ports::Courier> make_courier(ports::Mailbox& mailbox, CourierOptions options) {
    return std::make_unique<ThreadCourier>(mailbox, std::move(options));
}

}  // namespace pvsplan::notify

#include "runtime/transport/child.hpp"

#include <array>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

#include "runtime/ports/process_group.hpp"

namespace pvsplan::transport {

namespace {

// The names of variables from which this process takes secrets, not their values.
struct SecretVariables {
    std::mutex mutex;
    std::set<std::string, std::less<>> variables;
};
SecretVariables& secret_variables() {
    static SecretVariables from_children;
    return from_children;
}

}  // namespace

// Of the whole process: whichever child is started next does not get them.
void keep_from_children(const std::vector<std::string>& variables) {
    const std::lock_guard lock(secret_variables().mutex);
    secret_variables().variables.insert(variables.begin(), variables.end());
}

std::vector<std::string> plain_environment() {
    std::vector<std::string> result = ports::own_environment();
    const std::lock_guard lock(secret_variables().mutex);
    std::erase_if(result, [](const std::string& text) {
        return text.starts_with("PVSPLAN_SECRET_") ||
               secret_variables().variables.contains(text.substr(0, text.find('=')));
    });
    return result;
}

// A handle on the process wakes the loop at its end. Where the system gives none, it is looked at every second.
void reap_later(Loop& loop, std::int64_t child) {
    if (ports::end_of(child)) return;
    const auto end = std::make_shared<ports::Handle>(ports::watch_for_end(child));
    const auto reap = [&loop, child, end] {
        if (!ports::end_of(child)) return;
        loop.unwatch(*end);
        end->close();
    };
    if (*end && loop.watch(*end, Loop::Interest::readable, reap)) return;
    loop.after(1000, [&loop, child] { reap_later(loop, child); });
}

struct Child::Inside : std::enable_shared_from_this<Child::Inside> {
    Loop& loop;
    std::shared_ptr<Calls> calls;  // a call may end the child, and with it all of this
    std::int64_t process = 0;
    ports::Handle end;
    ports::Handle in;
    std::array<ports::Handle, 2> from;  // its output and its errors
    std::string to_write;
    bool close_when_written = false;
    bool is_watching_in = false;
    bool has_exited = false;
    int status = 0;
    Loop::Timer timer = 0;

    Inside(Loop& on, Calls given) : loop(on), calls(std::make_shared<Calls>(std::move(given))) {}

    void watch_all();
    void take(std::size_t which);
    void drop(ports::Handle& handle) {
        if (handle) loop.unwatch(handle);
        handle.close();
    }
    void try_write();
    void poll_end();
    void exited();
    void maybe_end();
    void abandon();
};

// A call may destroy the child, so it and its calls are held until the call has returned.
void Child::Inside::take(std::size_t which) {
    std::array<char, 65536> buffer{};
    const auto keep = shared_from_this();
    const ports::Transfer got = ports::read_some(from[which], buffer.data(), buffer.size());
    if (got.state == ports::Transfer::State::moved) {
        const auto calls_now = calls;
        if (!calls_now) return;
        const auto& call = which == 0 ? calls_now->on_out : calls_now->on_err;
        if (call) call(std::string_view(buffer.data(), got.bytes));
    } else if (got.state == ports::Transfer::State::over) {
        drop(from[which]);
        maybe_end();
    }
}

// What does not fit into the pipe waits until there is room; the loop never blocks on a child that does not read.
void Child::Inside::try_write() {
    while (in && !to_write.empty()) {
        const ports::Transfer put = ports::write_some(in, to_write);
        if (put.state == ports::Transfer::State::moved) {
            to_write.erase(0, put.bytes);
        } else if (put.state == ports::Transfer::State::later) {
            if (!is_watching_in) {
                is_watching_in = loop.watch(in, Loop::Interest::writable, [this] { try_write(); });
                if (!is_watching_in) drop(in);
            }
            return;
        } else {
            to_write.clear();
            is_watching_in = false;
            drop(in);  // it reads no more
        }
    }
    if (is_watching_in) {
        loop.unwatch(in);
        is_watching_in = false;
    }
    if (close_when_written) drop(in);
}

void Child::Inside::exited() {
    const std::optional<int> ended = ports::end_of(process);
    if (!ended) return;
    has_exited = true;
    status = *ended;
    drop(end);
    drop(in);
    // What it has written is still to be read; but a process that it left behind may hold the pipes open for ever.
    timer = loop.after(200, [this] {
        timer = 0;
        drop(from[0]);
        drop(from[1]);
        maybe_end();
    });
    maybe_end();
}

// The end is told once, after the last of the output: the calls are taken away before they are made.
void Child::Inside::maybe_end() {
    if (!has_exited || from[0] || from[1]) return;
    loop.cancel(timer);
    const auto keep = shared_from_this();
    const auto calls_now = std::exchange(calls, nullptr);
    if (calls_now && calls_now->on_end) calls_now->on_end(status);
}

// For systems without a handle on processes.
void Child::Inside::poll_end() {
    exited();
    if (!has_exited) timer = loop.after(50, [this] { poll_end(); });
}

// Without a handle on the process, or room for one more watch, its end is asked for every 50 ms.
void Child::Inside::watch_all() {
    end = ports::watch_for_end(process);
    if (!end || !loop.watch(end, Loop::Interest::readable, [this] { exited(); })) {
        end.close();
        timer = loop.after(50, [this] { poll_end(); });
    }
    for (std::size_t which = 0; which < 2; ++which) {
        if (!loop.watch(from[which], Loop::Interest::readable, [this, which] { take(which); })) drop(from[which]);
    }
}

// Nobody hears of it any more. The process goes on, and is reaped so that no zombie stays.
void Child::Inside::abandon() {
    calls.reset();
    loop.cancel(timer);
    drop(in);
    drop(from[0]);
    drop(from[1]);
    drop(end);
    if (!has_exited && process > 0) reap_later(loop, process);
}

// The ends that the child has are closed here when this returns: only then does its output end when it does.
base::Result<std::unique_ptr<Child>> Child::start(Loop& loop, std::vector<std::string> argv,
                                                  std::vector<std::string> environment, Calls calls) {
    std::array<ports::Pipe, 3> pipes;  // into it, its output, its errors
    for (ports::Pipe& pipe : pipes) {
        auto opened = ports::open_pipe("no pipe for `" + argv[0] + "`");
        if (!opened) return std::move(opened).error();
        pipe = std::move(*opened);
    }
    auto started = ports::spawn({.argv = std::move(argv),
                                 .environment = std::move(environment),
                                 .in = &pipes[0].from,
                                 .out = &pipes[1].into,
                                 .err = &pipes[2].into});
    if (!started) return std::move(started).error();
    auto inside = std::make_shared<Inside>(loop, std::move(calls));
    inside->process = *started;
    inside->in = std::move(pipes[0].into);
    inside->from = {std::move(pipes[1].from), std::move(pipes[2].from)};
    for (const ports::Handle* ours : {&inside->in, &inside->from[0], &inside->from[1]}) ports::never_block(*ours);
    inside->watch_all();
    return std::unique_ptr<Child>(new Child(std::move(inside)));
}

Child::~Child() { inside_->abandon(); }

void Child::write(std::string_view bytes) {
    inside_->to_write += bytes;
    inside_->try_write();
}

void Child::close_input() {
    inside_->close_when_written = true;
    inside_->try_write();
}

// With all that it started, as far as that stayed in its group.
void Child::kill() {
    if (!inside_->has_exited) ports::end_group(inside_->process, ports::Ending::forced);
}

}  // namespace pvsplan::transport

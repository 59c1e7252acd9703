#include "runtime/ports/this_process.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <cerrno>

namespace pvsplan::ports {

namespace {

// A standard stream that was closed (`>&-`) must not become the number of a file that we open: what is printed would go
// into it. Writing to what stands there instead fails, and that is said.
void keep_standard_numbers() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(number, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

// Whoever supervises pvsplan is told of an interruption in the same way by every command: 128 and the signal. Runs
// catch signals themselves meanwhile, and end with the same.
void end_interrupted(int number) { _exit(128 + number); }

void tell_interruptions() {
    for (const int number : {SIGHUP, SIGINT, SIGTERM}) {
        struct sigaction action {};
        // A signal that the parent ignores (nohup) stays ignored.
        if (sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = end_interrupted;
        sigemptyset(&action.sa_mask);
        sigaction(number, &action, nullptr);
    }
}

// What is read may nest, so each thread has a stack of the usual size, if the system lets us (`ulimit -s`). With less
// than the least, a document that is allowed would end us without a word.
void make_room_for_stacks() {
    constexpr rlim_t usual = 8U << 20U;
    constexpr rlim_t least = 1U << 20U;
    struct rlimit stack {};
    if (getrlimit(RLIMIT_STACK, &stack) != 0 || stack.rlim_cur >= usual) return;
    const rlim_t most = stack.rlim_max;
    stack = {usual, std::max(usual, most)};  // root may have more than the most
    if (setrlimit(RLIMIT_STACK, &stack) != 0) {
        stack = {std::min(usual, most), most};
        (void)setrlimit(RLIMIT_STACK, &stack);
    }
    pthread_attr_t threads;
    if (pthread_attr_init(&threads) == 0) {
        if (pthread_attr_setstacksize(&threads, stack.rlim_cur) == 0) (void)pthread_setattr_default_np(&threads);
        pthread_attr_destroy(&threads);
    }
    if (stack.rlim_cur >= least) return;
    complain_without_memory("error: a stack may not have the 1024 KiB that it takes; raise the limit (`ulimit -s`)\n");
    _exit(1);
}

// Large pieces of memory go back to the system as soon as they are free. By itself the library keeps for itself pieces
// up to the size of the largest that was freed, and a list that grew leaves a hole for each of its sizes.
void give_memory_back() {
#ifdef M_MMAP_THRESHOLD
    constexpr int large = 1 << 20;
    (void)mallopt(M_MMAP_THRESHOLD, large);
#endif
}

}  // namespace

void begin_process() {
    give_memory_back();
    keep_standard_numbers();
    make_room_for_stacks();
    // Whoever started us may hold signals back.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    // A reader that goes away (`| head`) is no crash: the write fails and that is said. Nor is a file that may not grow
    // any more (`ulimit -f`).
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    // Whoever started us may ignore the ends of his children; of ours we have to see how they ended.
    std::signal(SIGCHLD, SIG_DFL);
    tell_interruptions();
    // What is made is for one account alone, whatever the umask was: a run tells how a farm is kept.
    umask(S_IRWXG | S_IRWXO);
}

std::int64_t process_id() { return getpid(); }

struct SignalsHeld::Inside {
    sigset_t before;
};

// Threads that are begun meanwhile hold them for good.
SignalsHeld::SignalsHeld() : inside_(std::make_unique<Inside>()) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &inside_->before);
}

SignalsHeld::~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &inside_->before, nullptr); }

void complain_without_memory(std::string_view words) { (void)!write(STDERR_FILENO, words.data(), words.size()); }

}  // namespace pvsplan::ports

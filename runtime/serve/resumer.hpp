// Goes on with runs that nobody holds and that were asked for, by a process for each. It decides nothing by itself that
// the lease on a farm does not: where two servers start one for the same run, the second one finds it held, and ends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/asked_for.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/store.hpp"

namespace pvsplan::serve {

// How a run is resumed on this machine. Used by one thread.
class Resumes {
  public:
    virtual ~Resumes() = default;
    // The number of a process that resumes it, and that does not end with this one.
    virtual base::Result<std::int64_t> start(const std::string& run) = 0;
    // Its exit status once it has ended, which is told once.
    virtual std::optional<int> end_of(std::int64_t process) = 0;
    // Where what it says is found.
    [[nodiscard]] virtual std::string log_of(const std::string& run) const = 0;
};

// What people are told of a run that was taken up; without a run: of all of them. A sentence, as text.
struct TakenUp {
    std::string run;
    std::string words;
    bool wants_person = false;
};

// A run as one look found it.
struct Looked {
    ports::RunRow row;
    std::optional<engine::AskedFor> asked_for = {};
    std::string fault = {};  // why nobody can tell
};

// look(), turn() and say_fault() are of one thread; taken_up() is of any. It starts nothing while it waits: whoever has
// it calls look() again and again.
class Resumer {
  public:
    static constexpr std::size_t max_starts = 3;  // of a run that was asked for once
    static constexpr std::array<ports::Millis, max_starts - 1> pauses_ms = {30'000, 300'000};  // before the next one

    // `max_parallel` at once. Both outlive it.
    Resumer(std::size_t max_parallel, Resumes& resumes) : max_parallel_(max_parallel), resumes_(&resumes) {}

    // Looks at all runs that are not over.
    void look(const ports::Store& store, const ports::Clock& clock);
    // The same with what a look found; both times are of one moment: steady, and for people.
    void turn(const std::vector<Looked>& all, ports::Millis steady, ports::Millis now);
    // Why the store could not be read.
    void say_fault(std::string why);

    // From any thread.
    [[nodiscard]] std::vector<TakenUp> taken_up() const;

  private:
    // What was done for a run since it was asked for.
    struct Asking {
        std::uint64_t since = 0;                   // engine::AskedFor::since
        std::size_t starts = 0;                    // up to max_starts
        std::optional<std::int64_t> process = {};  // ours that is under way
        ports::Millis next_at = 0;                 // on the steady clock; no start before
        ports::Millis at = 0;                      // of the last start, for people
        std::string ended = {};                    // how that ended: "it ended with exit status 1"
    };

    // What the last look at a journal found: it holds while nothing of the run moves, and for so long.
    struct Quiet {
        std::uint64_t records = 0;                       // as many as then: another one ends the quiet
        std::optional<engine::AskedFor> asked_for = {};  // nobody had asked, or its window opens later
        ports::Millis until = 0;                         // on the steady clock
    };

    // Whether the last look at its journal still holds, so that it need not be read again.
    [[nodiscard]] bool is_quiet(const ports::Store& store, const ports::RunRow& row, ports::Millis steady) const;
    // Processes of ours that have not ended.
    [[nodiscard]] std::size_t under_way() const;
    // Notes how those ended that have.
    void reap(ports::Millis steady);
    // Also sets when the next start may be.
    static void note_end(Asking& asking, std::string how, ports::Millis steady);
    // A journal that is shorter than it was, or another: nothing goes on with it by itself.
    bool has_gone_back(const ports::RunRow& row);
    bool is_seen_again(const Looked& one);
    // Starts a process where one may be started now.
    TakenUp take_up(const Looked& one, ports::Millis steady, ports::Millis now);
    enum class Asked : std::uint8_t { still, no_more };
    [[nodiscard]] TakenUp told(const std::string& run, const Asking& asking, Asked now) const;

    std::size_t max_parallel_;  // processes
    Resumes* resumes_;
    // All by run.
    std::map<std::string, Asking> askings_;
    std::map<std::string, std::uint64_t> sightings_;  // where the process had died: how many records
    std::map<std::string, Quiet> quiet_;
    std::map<std::string, std::pair<std::uint64_t, std::string>> seen_;  // the most records, and the hash of the last
    mutable std::mutex mutex_;                                           // of what is told
    std::vector<TakenUp> taken_up_;                                      // as of the last look
};

}  // namespace pvsplan::serve

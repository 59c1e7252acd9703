// Jobs for hosts that can only be reached from within their site: they wait in the store until a worker of the site
// takes them, and what becomes of them waits there until who asked has taken it. What the bytes say is not known here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/process.hpp"

namespace pvsplan::ports {

// A job as it waits.
struct SiteJob {
    std::string asker;  // a word of the process that asks, which no other has had
    std::string key;    // of the job
    std::string site;
    std::string farm;
    std::uint64_t token = 0;  // of the lease on the farm without which nobody may take it; 0: it changes nothing
    std::string plan;         // sha256 of the compiled plan that it belongs to
    std::string bytes;
    std::uint32_t takes = 0;  // how often it was taken, this time included
};

struct SiteReport {
    std::uint64_t number = 0;
    std::string key;
    std::string bytes;
};

// How a job stands that was asked for and has not ended.
struct SiteJobStands {
    std::string key;
    bool is_held = false;  // by a worker that is alive
};

struct SiteWorker {
    std::string name;  // a word of the process
    std::string site;
    Identity who;
};

// How a site stands, for people. All times are of the store's clock.
struct SiteStands {
    struct Worker {
        Identity who;
        Millis since = 0;
        Millis seen_at = 0;      // when it said last that it is there
        bool is_late = false;    // it should have said so again: it may be gone
        std::uint64_t jobs = 0;  // that it holds
    };
    std::string site;
    std::vector<Worker> workers;
    std::uint64_t waiting = 0;       // jobs that no worker holds, and that one may take
    std::vector<std::string> farms;  // whose runs have asked for them
};

class Sites {
  public:
    virtual ~Sites() = default;

    // --- who looks
    // Sites for which something was asked, or that have a worker; by name.
    virtual base::Result<std::vector<SiteStands>> all_sites() const = 0;

    // --- who waits, be it for jobs or for reports
    // Where the store tells of them: only so that nobody has to look often. Some may be missing, and anybody who has
    // the database can send some.
    struct News {
        bool is_there = false;  // since it was asked last
        int descriptor = -1;    // can be read once there may be some; -1: nothing is told
    };
    virtual News news() = 0;

    // --- who asks
    virtual base::Status keep_plan(const std::string& sha256, const std::string& bytes) = 0;
    // One of the same asker and key is replaced.
    virtual base::Status ask(const std::vector<SiteJob>& jobs) = 0;
    // The same in one commit with the next records that are appended to a run: there with them, or never. So are
    // reports removed that were taken.
    virtual void ask_with_records(std::vector<SiteJob> jobs, std::vector<std::uint64_t> taken) = 0;
    // What was reported to `asker`, in the order of each job; those of `taken` are removed.
    virtual base::Result<std::vector<SiteReport>> reports(const std::string& asker,
                                                          const std::vector<std::uint64_t>& taken) = 0;
    // All of `asker` that have not ended, whether or not they were taken.
    virtual base::Result<std::vector<SiteJobStands>> open_jobs(const std::string& asker) = 0;
    // Nobody takes it any more. Whether no worker has ever taken it.
    virtual base::Result<bool> withdraw(const std::string& asker, const std::string& key) = 0;

    // --- a worker
    // That it is there, for people, and for who waits for one.
    virtual base::Status be_present(const SiteWorker& worker) = 0;
    // Its jobs are free for others at once.
    virtual base::Status leave(const std::string& worker) = 0;
    // Up to `max_jobs` jobs of its site that no worker alive holds. They are its own for `hold_ms`.
    virtual base::Result<std::vector<SiteJob>> take(const SiteWorker& worker, std::uint32_t max_jobs,
                                                    std::int64_t hold_ms) = 0;
    // Holds on to what it knows to have, for as long again, and says what of that it still has. What it took while the
    // answer was lost is soon another's.
    struct Held {  // by asker and key
        std::string asker;
        std::string key;
        friend auto operator<=>(const Held&, const Held&) = default;
    };
    virtual base::Result<std::vector<Held>> hold(const std::string& worker, const std::vector<Held>& jobs,
                                                 std::int64_t hold_ms) = 0;
    // What keep_plan() was given; an error where the store has none of that digest. The bytes are not trusted by that.
    virtual base::Result<std::string> plan_bytes_of(const std::string& sha256) = 0;
    struct Report {
        Held job;
        std::string bytes;
        bool is_final = false;  // the job is over
    };
    // Those of jobs that it does not hold any more are dropped.
    virtual base::Status report(const std::string& worker, const std::vector<Report>& reports) = 0;
};

}  // namespace pvsplan::ports

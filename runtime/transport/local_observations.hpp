// Children that tell the states of objects, some at a time. Asking can be repeated, so an observation is no job of its
// own: it ends with whoever asks.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "runtime/ports/transport.hpp"
#include "runtime/transport/child.hpp"
#include "runtime/transport/local_folders.hpp"
#include "runtime/transport/loop.hpp"
#include "runtime/transport/programs.hpp"

namespace pvsplan::transport {

// Everything on the thread of the loop.
class LocalObservations {
  public:
    LocalObservations(Loop& loop, ports::Mailbox& mailbox, LocalFolders& folders, Programs& programs)
        : loop_(&loop), mailbox_(&mailbox), folders_(&folders), programs_(&programs) {}
    ~LocalObservations();
    LocalObservations(const LocalObservations&) = delete;
    LocalObservations& operator=(const LocalObservations&) = delete;

    // An earlier one of its key ends.
    void add(ports::Job job);
    // Ends it, wherever it stands; nobody hears of it any more.
    void drop(const std::string& key);

  private:
    struct Observation {
        ports::Job job;
        std::string folder;            // with the script of PowerShell; empty: there is none
        std::unique_ptr<Child> child;  // null: it could not be started
        std::string out;               // of the process, up to a bound
        std::string err;
        Loop::Timer limit = 0;
    };
    void start_next();
    [[nodiscard]] base::Status start(ports::Job job);
    base::Status put_script(Observation& observation, const std::string& script) const;
    Child::Calls calls_for(Observation& observation);
    void set_limit(Observation& observation);
    void end(Observation& observation);

    Loop* loop_;
    ports::Mailbox* mailbox_;
    LocalFolders* folders_;
    Programs* programs_;
    std::map<std::string, Observation> observations_;  // by key: those whose process runs
    std::deque<ports::Job> waiting_;                   // for a place
};

}  // namespace pvsplan::transport

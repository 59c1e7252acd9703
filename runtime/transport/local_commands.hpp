// Commands on this machine on their way to their end, whoever started them: each has a folder, in which its runner
// leaves what it prints and how it ends (job_folder.hpp). They outlive this process; what is here only begins and
// follows them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "runtime/ports/handle.hpp"
#include "runtime/ports/launcher.hpp"
#include "runtime/ports/transport.hpp"
#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/local_folders.hpp"
#include "runtime/transport/loop.hpp"
#include "runtime/transport/programs.hpp"

namespace pvsplan::transport {

// Everything on the thread of the loop. What becomes of a command is posted; it is then no longer followed.
class LocalCommands {
  public:
    LocalCommands(Loop& loop, ports::Mailbox& mailbox, LocalFolders& folders, Programs& programs,
                  ports::Millis look_every_ms)
        : loop_(&loop), mailbox_(&mailbox), folders_(&folders), programs_(&programs), look_every_ms_(look_every_ms) {}
    ~LocalCommands();
    LocalCommands(const LocalCommands&) = delete;
    LocalCommands& operator=(const LocalCommands&) = delete;

    // Starts it, or attaches to it, looks for it or ends it, as its `ask` says.
    void begin(ports::Job job);
    void drop(const std::string& key);  // it is no longer followed
    [[nodiscard]] bool is_followed(const std::string& key) const { return commands_.contains(key); }

  private:
    struct Command {
        ports::Job job;
        const JobsFolder* in = nullptr;  // the folder of all jobs
        std::string folder;              // its own
        std::int64_t runner = 0;         // our child, not yet reaped
        ports::Handle end;               // of its process, when it comes
        std::uint64_t seen = 0;          // bytes of output
        std::string stuck;               // why its end cannot be left or read, as people know
        int kills = 0;                   // signals sent to it; 0: it is not to be ended
        Loop::Timer look = 0;            // the next look at it
        Loop::Timer limit = 0;           // the end of its time
    };
    void finish(std::string key, ports::JobEvent::Type type, std::string text);
    void tell_absence(const std::string& key);
    void claim_for_nobody(const std::string& key);
    void tell_unclaimed(const std::string& key);
    void tell_unread(Command& command, const std::string& why);
    [[nodiscard]] base::Status launch(Command& command, std::uint32_t generation);
    void time_is_up(const std::string& key);
    void end(Command& command, const std::optional<Claim>& claim);
    void follow(const std::string& key);
    void wait_for(Command& command, std::int64_t runner);
    void watch_runner(Command& command, std::int64_t process);
    void unwatch(Command& command);
    void look_again(Command& command, ports::Millis in_ms);
    void tell_progress(Command& command);
    [[nodiscard]] bool collect(Command& command);

    Loop* loop_;
    ports::Mailbox* mailbox_;
    LocalFolders* folders_;
    Programs* programs_;
    ports::Millis look_every_ms_;
    ports::Launcher launcher_;
    std::map<std::string, Command> commands_;  // by key
    std::size_t watched_ = 0;                  // commands with an `end`
};

}  // namespace pvsplan::transport

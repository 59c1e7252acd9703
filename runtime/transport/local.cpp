#include "runtime/transport/local.hpp"

#include <optional>
#include <set>
#include <utility>

#include "runtime/transport/claims.hpp"
#include "runtime/transport/connect.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/local_commands.hpp"
#include "runtime/transport/local_folders.hpp"
#include "runtime/transport/local_observations.hpp"
#include "runtime/transport/programs.hpp"

namespace pvsplan::transport {
namespace {

using ports::Job;
using JobEventType = ports::JobEvent::Type;

class Local final : public ports::Transport {
  public:
    Local(Loop& loop, ports::Mailbox& mailbox, LocalOptions options)
        : loop_(loop), mailbox_(mailbox), folders_(std::in_place, loop, std::move(options.folder), options.retired_s) {
        commands_.emplace(loop, mailbox, *folders_, programs_, options.look_every_ms);
        observations_.emplace(loop, mailbox, *folders_, programs_);
    }
    // What watches the loop ends on its thread.
    ~Local() override {
        loop_.run_and_wait([this] {
            commands_.reset();
            observations_.reset();
            folders_.reset();
        });
    }

    // Everything is handed to the loop, where all state of it lives: the engine's thread only posts.
    void start_or_attach(Job job) override {
        loop_.post([this, job = std::move(job)]() mutable {
            if (!is_good_key(job.key)) return refuse(job, "its key is no file name");
            if (auto fine = check_connect(job, "local"); !fine) return refuse(job, fine.error().text());
            switch (job.type) {
                case Job::Type::observation: return observations_->add(std::move(job));
                case Job::Type::claim:
                case Job::Type::release: return claim(job);
                case Job::Type::command: return commands_->begin(std::move(job));
            }
        });
    }
    void forget(const std::string& key) override {
        loop_.post([this, key] {
            commands_->drop(key);
            observations_->drop(key);
        });
    }
    void recorded(const std::string& key) override {
        loop_.post([this, key] {
            // A job that is asked about again by now keeps its folder.
            if (!commands_->is_followed(key)) folders_->recorded(key);
        });
    }

  private:
    void refuse(const Job& job, std::string why) {
        commands_->drop(job.key);
        mailbox_.post({.key = job.key, .type = JobEventType::never_started, .text = std::move(why)});
    }
    void claim(const Job& job);

    Loop& loop_;
    ports::Mailbox& mailbox_;
    Programs programs_;
    std::set<std::pair<std::string, std::string>> forgotten_;  // folders and runs: nothing begins in them any more
    std::optional<LocalFolders> folders_;
    std::optional<LocalCommands> commands_;
    std::optional<LocalObservations> observations_;
};

void Local::claim(const Job& job) {
    const auto folder = folders_->of(job);
    if (!folder) return refuse(job, folder.error().text());
    if (job.type == Job::Type::release) {
        release_claim((*folder)->claims, *job.claim);
        // Each object of a run that is reached over `local` is asked; they share the folder, and looking through it
        // takes as long as there are jobs in it.
        if (job.claim->is_over && forgotten_.emplace((*folder)->path, job.claim->run).second)
            retire((*folder)->path, job.claim->run);
        return mailbox_.post({.key = job.key, .type = JobEventType::claimed});
    }
    Claimed claimed = make_claim((*folder)->claims, *job.claim);
    if (claimed.result == Claimed::Result::held)
        return mailbox_.post({.key = job.key,
                              .type = JobEventType::held,
                              .err = std::move(claimed.file),
                              .text = std::move(claimed.line)});
    forgotten_.erase({(*folder)->path, job.claim->run});
    reinstate((*folder)->path, job.claim->run);
    folders_->clean(**folder);
    mailbox_.post(
        {.key = job.key, .type = JobEventType::claimed, .err = std::move(claimed.why), .text = (*folder)->place()});
}

}  // namespace

std::unique_ptr<ports::Transport> make_local(Loop& loop, ports::Mailbox& mailbox, LocalOptions options) {
    return std::make_unique<Local>(loop, mailbox, std::move(options));
}

}  // namespace pvsplan::transport

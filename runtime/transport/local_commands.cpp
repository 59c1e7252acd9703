#include "runtime/transport/local_commands.hpp"

#include <charconv>
#include <filesystem>
#include <utility>

#include "runtime/ports/child_process.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/transport/child.hpp"
#include "runtime/transport/claims.hpp"
#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/job_folder.hpp"

namespace pvsplan::transport {
namespace {

namespace fs = std::filesystem;

using ports::Alive;
using ports::Job;
using ports::JobEvent;
using JobEventType = ports::JobEvent::Type;

constexpr ports::Millis kill_every_ms = 100;
constexpr int asked_kindly = 30;          // that often a job is asked to end before it is made to …
constexpr int max_kills = 150;            // … and that often before it is said that it does not
constexpr std::size_t max_watched = 200;  // processes by a handle; the ends of others are looked for

// The environment of a job: it knows the folder that it runs in, by which others find it.
std::vector<std::string> environment_in(const std::string& folder, const Parcel& parcel) {
    std::vector<std::string> environment = plain_environment();
    std::erase_if(environment, [](const std::string& variable) {
        return variable.starts_with("PVSPLAN_JOB=") || variable.starts_with("PWD=") || variable.starts_with("OLDPWD=");
    });
    environment.push_back("PVSPLAN_JOB=" + folder);
    environment.push_back("PWD=" + folder);
    for (const auto& [name, value] : parcel.secrets) environment.push_back(name + "=" + value);
    return environment;
}

}  // namespace

LocalCommands::~LocalCommands() {
    while (!commands_.empty()) drop(commands_.begin()->first);
}

// It is dropped first, so that nothing that happens on the loop can tell a second end of it. The key is a copy: one
// that belongs to the command goes with it.
void LocalCommands::finish(std::string key, JobEventType is, std::string text) {
    drop(key);
    mailbox_->post({.key = std::move(key), .type = is, .text = std::move(text)});
}

// The order decides what is certain. Until a runner is launched nothing has begun, so a start that fails is
// `never_started`; whoever only asks learns of the same faults as `lost`, since an earlier start may have got further.
void LocalCommands::begin(Job job) {
    const std::string key = job.key;
    drop(key);
    const bool is_start = job.ask == Job::Ask::start;
    const auto found = folders_->of(job);
    if (!found) return finish(key, is_start ? JobEventType::never_started : JobEventType::lost, found.error().text());
    const JobsFolder& folder = **found;
    Command& command = commands_[key];
    command.job = std::move(job);
    command.in = &folder;
    command.folder = folder.path + "/" + key;
    folders_->used(key, folder);
    if (command.job.timeout_ms > 0)
        command.limit = loop_->after(command.job.timeout_ms, [this, key] { time_is_up(key); });
    std::error_code unseen;
    if (!is_start && !fs::exists(fs::symlink_status(command.folder, unseen))) return tell_absence(key);
    if (is_start) folders_->furnish(command.folder);
    if (auto made = make_folders(command.folder); !made)
        return finish(key, is_start ? JobEventType::never_started : JobEventType::lost, made.error().text());
    if (const std::string why = ports::distrust(command.folder); !why.empty())
        return finish(key, is_start ? JobEventType::never_started : JobEventType::lost, why);
    folders_->clean(folder);
    const auto [generation, claim, unread] = read_generation(command.folder);
    if (!unread.empty() && !is_start) return follow(key);  // a start may try: no second runner can claim the job
    if (!claim && !is_start) return claim_for_nobody(key);
    if (!claim && generation > 0)
        return finish(key, JobEventType::never_started,
                      "somebody had asked for it before it began, and from then on nobody may begin it");
    if (!claim) {
        if (command.job.claim) {
            Claimed claimed = make_claim(folder.claims, *command.job.claim);
            if (claimed.result == Claimed::Result::held) {
                drop(key);
                return mailbox_->post({.key = key,
                                       .type = JobEventType::held,
                                       .err = std::move(claimed.file),
                                       .text = std::move(claimed.line)});
            }
        }
        folders_->look_after(folder);
        if (auto launched = launch(command, generation); !launched)
            return finish(key, JobEventType::never_started, launched.error().text());
    }
    follow(key);
}

// It has no folder here: what that is worth.
void LocalCommands::tell_absence(const std::string& key) {
    const Command& command = commands_.at(key);
    const std::string folder = command.folder;
    if (std::string border = difference(command.job.place, command.in->place()); !border.empty())
        return finish(key, JobEventType::elsewhere, std::move(border));
    if (was_begun(command.in->path, key))
        return finish(key, JobEventType::lost,
                      "its job was begun, and its folder `" + folder + "` is gone: nobody knows whether it runs");
    claim_for_nobody(key);
}

// Its folder is there or has never been: if nobody has begun it, nobody can any more.
void LocalCommands::claim_for_nobody(const std::string& key) {
    const std::string folder = commands_.at(key).folder;
    if (auto made = make_folders(folder); !made) return finish(key, JobEventType::lost, made.error().text());
    const auto [generation, claim, unread] = read_generation(folder);
    if (!claim && unread.empty() && claim_void(folder, generation))
        return finish(key, JobEventType::no_record, "this machine knows of no such job");
    if (!claim && !read_generation(folder).claim)
        return finish(key, JobEventType::lost, "the folder of its job cannot be written: `" + folder + "`");
    follow(key);
}

void LocalCommands::time_is_up(const std::string& key) {
    Command& command = commands_.at(key);
    command.limit = 0;
    if (command.job.at_timeout == Job::AtTimeout::leave)
        return finish(key, JobEventType::lost, "it has not ended within its timeout, and may be running still");
    command.job.ask = Job::Ask::kill;
    follow(key);
}

// Kindly at first. It is over when nothing of it is left.
void LocalCommands::end(Command& command, const std::optional<Claim>& claim) {
    const std::string key = command.job.key;
    if (!claim) return finish(key, JobEventType::lost, "nothing says which process it is");
    const std::vector<std::int64_t> members = ports::members_of(claim->runner, "PVSPLAN_JOB=" + command.folder);
    if (members.empty() && ports::is_alive(claim->runner) == Alive::no) return finish(key, JobEventType::killed, "");
    if (++command.kills > max_kills) {
        std::string which;
        for (const std::int64_t member : members) which += " " + std::to_string(member);
        return finish(key, JobEventType::lost, "its processes cannot be ended:" + which);
    }
    const ports::Ending how = command.kills < asked_kindly ? ports::Ending::asked : ports::Ending::forced;
    for (const std::int64_t member : members) ports::end_process(member, how);
    ports::end_group(claim->runner.number, how);
    unwatch(command);
    look_again(command, kill_every_ms);
}

// The ledger is written before the runner exists: a job whose folder somebody removes is known to have begun. A launch
// that fails after that leaves a line too many, which makes an answer `lost` and never a second start.
base::Status LocalCommands::launch(Command& command, std::uint32_t generation) {
    auto parcel = make_parcel(command.job);
    if (!parcel) return std::move(parcel).error();
    if (!parcel->script.empty()) {
        if (auto written = write_file(command.folder + "/script.ps1", parcel->script); !written) return written;
    }
    std::vector<std::string> argv = programs_->plain_command(command.job);
    if (argv.empty()) {
        if (auto written = write_file(command.folder + "/run", parcel->run); !written) return written;
        argv = {"/bin/sh", "./run"};
    }
    if (auto noted = note_begun(command.in->path, command.job.key); !noted) return noted;
    auto runner = launcher_.launch({.folder = command.folder,
                                    .argv = std::move(argv),
                                    .environment = environment_in(command.folder, *parcel),
                                    .claim = "begun." + std::to_string(generation),
                                    .spare = std::string(spare_claim),
                                    .borders = borders_of_claims(),
                                    .out = "out",
                                    .err = "err",
                                    .room = std::string(status_room),
                                    .status = "exit",
                                    .name = command.job.key});
    if (!runner) return std::move(runner).error();
    command.runner = *runner;
    return base::Done{};
}

// What the folder says now: it has ended, it runs and is watched, or nothing of it is there any more.
// The status is read before and after the look at the process: it is written just before the process ends, and must not
// be missed between the two.
void LocalCommands::follow(const std::string& key) {
    const auto found = commands_.find(key);
    if (found == commands_.end()) return;
    Command& command = found->second;
    if (command.runner > 0 && ports::end_of(command.runner)) command.runner = 0;
    const bool is_ours_running = command.runner > 0;
    const bool is_waited_for = command.job.ask != Job::Ask::look && command.job.ask != Job::Ask::kill;
    if (is_ours_running && is_waited_for) return wait_for(command, command.runner);
    if (collect(command)) return;
    const auto [generation, claim, unread] = read_generation(command.folder);
    if (!unread.empty() && !is_ours_running) return tell_unread(command, unread);
    const auto alive = claim ? ports::is_alive(claim->runner) : Alive::no;
    if (collect(command)) return;  // it may have ended since
    if (alive == Alive::unknown)
        return finish(key, JobEventType::lost,
                      "it was begun in another machine or container: whether it runs cannot be seen from here");
    const bool runs = is_ours_running || alive != Alive::no;
    if (command.job.ask == Job::Ask::look && runs) return finish(key, JobEventType::running, "");
    if (!claim && is_ours_running) return look_again(command, kill_every_ms);  // it is about to claim the job
    if (command.job.ask == Job::Ask::kill && (runs || command.kills > 0)) return end(command, claim);
    if (alive == Alive::leader) return wait_for(command, claim->runner.number);
    unwatch(command);
    if (alive == Alive::remainder) {
        folders_->look_after(*command.in);
        return look_again(command, look_every_ms_);
    }
    if (!claim) return tell_unclaimed(key);
    if (const std::string why = why_unread(command.folder + "/exit"); !why.empty()) return tell_unread(command, why);
    finish(key, JobEventType::no_record,
           "it began, and ended without leaving its exit status (killed, or the machine restarted)");
}

// Whether it runs, or how it ended, stands in a file that cannot be read now. It may be read later, unless who asks
// wants an answer at once; that it has not begun, or left nothing, cannot be said by this.
void LocalCommands::tell_unread(Command& command, const std::string& why) {
    if (command.job.ask == Job::Ask::look || command.job.ask == Job::Ask::kill)
        return finish(command.job.key, JobEventType::lost, "nobody can tell whether it runs, or how it ended: " + why);
    if (why != std::exchange(command.stuck, why))
        mailbox_->post(
            {.key = command.job.key,
             .type = JobEventType::hindered,
             .text = "nobody can tell whether it runs, or how it ended: " + why +
                     "; it is looked at again, until the run is asked to stop twice and leaves it to a person"});
    unwatch(command);
    look_again(command, look_every_ms_);
}

// Its runner is gone, and has not begun it. Where its folder is gone it may have run all the same.
void LocalCommands::tell_unclaimed(const std::string& key) {
    const std::string folder = commands_.at(key).folder;
    std::error_code unseen;
    if (!fs::exists(folder, unseen))
        return finish(key, JobEventType::lost, "its folder `" + folder + "` is gone: nobody knows how it ended");
    const base::Status tried = write_file(folder + "/tried", std::string(4096, '\n'));
    for (const char* const left : {"/tried", "/tried.part"}) fs::remove(folder + left, unseen);
    finish(key, JobEventType::never_started,
           "its job could not be recorded in `" + folder + "`" + (tried ? "" : ": " + tried.error().text()));
}

// The loop wakes at the end of the runner where it can be watched; the timer is for its output, and for those that
// cannot be.
void LocalCommands::wait_for(Command& command, std::int64_t runner) {
    folders_->look_after(*command.in);
    if (!command.end) watch_runner(command, runner);
    tell_progress(command);
    if (const std::string why = ports::why_stuck(runner); why != std::exchange(command.stuck, why))
        mailbox_->post({.key = command.job.key,
                        .type = JobEventType::hindered,
                        .text = "its command has ended, and how cannot be written to `" + command.folder + "`: " + why +
                                "; it is tried every second for an hour"});
    look_again(command, look_every_ms_);
}

// Each costs a descriptor, so some only are watched.
void LocalCommands::watch_runner(Command& command, std::int64_t process) {
    if (watched_ >= max_watched) return;
    command.end = ports::watch_for_end(process);
    if (!command.end) return;  // looked at every now and then instead
    ++watched_;
    const auto follow_it = [this, key = command.job.key] { follow(key); };
    if (!loop_->watch(command.end, Loop::Interest::readable, follow_it)) unwatch(command);
}

void LocalCommands::unwatch(Command& command) {
    if (!command.end) return;
    loop_->unwatch(command.end);
    command.end.close();
    --watched_;
}

// Sooner for a runner whose end nobody tells.
void LocalCommands::look_again(Command& command, ports::Millis in_ms) {
    loop_->cancel(command.look);
    const auto soon = !command.end ? std::min<ports::Millis>(in_ms, 100) : in_ms;
    command.look = loop_->after(soon, [this, key = command.job.key] { follow(key); });
}

// At most the last 2,000 bytes are read, and only when there are new ones.
void LocalCommands::tell_progress(Command& command) {
    const auto out = size_of(command.folder + "/out");
    const auto err = size_of(command.folder + "/err");
    if (out + err == command.seen) return;
    command.seen = out + err;
    const auto line_of = [&command](const char* name) {
        auto tail = read_end(command.folder + name, 2000);
        return last_line(tail.size() < 2000 ? "\n" + tail : tail);
    };
    auto line = line_of("/out");
    if (line.empty()) line = line_of("/err");
    if (!line.empty()) mailbox_->post({.key = command.job.key, .type = JobEventType::output, .text = std::move(line)});
}

// Whether it has left how it ended.
bool LocalCommands::collect(Command& command) {
    const auto status = read_status(command.folder, command.job.key);
    if (!status) return false;
    JobEvent event{.key = command.job.key, .type = JobEventType::ended};
    const auto* const end = status->data() + status->size();
    const auto [rest, wrong] = std::from_chars(status->data(), end, event.exit_status);
    if (wrong != std::errc() || rest != end) {
        finish(event.key, JobEventType::no_record, "its exit status is damaged in `" + command.folder + "`");
        return true;
    }
    Text out = joined(read_output(command.folder + "/out"));
    Text err = joined(read_output(command.folder + "/err"));
    event.out = std::move(out.text);
    event.err = std::move(err.text);
    event.dropped = out.dropped + err.dropped;
    drop(event.key);
    mailbox_->post(std::move(event));
    return true;
}

// The job itself is left alone. Its runner is our child, so it is reaped when it ends.
void LocalCommands::drop(const std::string& key) {
    const auto found = commands_.find(key);
    if (found == commands_.end()) return;
    Command& command = found->second;
    loop_->cancel(command.look);
    loop_->cancel(command.limit);
    unwatch(command);
    if (command.runner > 0) reap_later(*loop_, command.runner);
    commands_.erase(found);
}

}  // namespace pvsplan::transport

#include "runtime/transport/local.hpp"

#include <charconv>
#include <chrono>
#include <deque>
#include <filesystem>
#include <map>
#include <utility>

#include "runtime/ports/child_process.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/ports/process_group.hpp"
#include "runtime/transport/child.hpp"
#include "runtime/transport/claims.hpp"
#include "runtime/transport/connect.hpp"
#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/place.hpp"

namespace pvsplan::transport {

namespace {

namespace fs = std::filesystem;

using ports::Job;
using ports::JobEvent;
using JobEventType = ports::JobEvent::Type;
using ports::Alive;

constexpr int days_kept = 14;
constexpr ports::Millis keeper_every_ms = 5000;  // whether it is there
constexpr ports::Millis kill_every_ms = 100;
constexpr int asked_kindly = 30;  // that often a job is asked to end before it is made to …
constexpr int max_kills = 150;    // … and that often before it is said that it does not
// Folders of jobs whose end is in the journal are removed together: ext4 looks at every file that was deleted in the
// last minutes before it makes a new one, which costs a job more than its processes do.
constexpr std::size_t max_ended = 5000;
constexpr std::size_t max_observations = 32;  // at once: four descriptors each, of 1,024
constexpr std::size_t max_watched = 200;      // processes by a handle; the ends of others are looked for

// A command on its way to its end, whoever started it.
struct Command {
    Job job;
    std::string folder;
    std::int64_t runner = 0;  // our child, not yet reaped
    ports::Handle end;        // of its process, when it comes
    std::uint64_t seen = 0;   // bytes of output
    int kills = 0;            // signals sent to it; 0: it is not to be ended
    Loop::Timer look = 0;
    Loop::Timer limit = 0;
};

// A folder of jobs.
struct Base {
    JobsFolder folder;
    ports::Millis keeper_at = 0;  // when its keeper was last looked for; 0: never
    bool is_cleaned = false;
};

// A child that tells the state of an object; it may be repeated, so it is no job of its own.
struct Observation {
    Job job;
    std::string folder;
    std::unique_ptr<Child> child;
    std::string out;
    std::string err;
    Loop::Timer limit = 0;
};

ports::Millis steady_now_rounded_up() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
               .count() +
           1;
}

class Local final : public ports::Transport {
  public:
    Local(Loop& loop, ports::Mailbox& mailbox, LocalOptions options)
        : loop_(loop), mailbox_(mailbox), options_(std::move(options)) {}
    ~Local() override {
        loop_.run_and_wait([this] {
            while (!commands_.empty()) drop(commands_.begin()->first);
            for (auto& [key, observation] : observations_) end_observation(observation);
            observations_.clear();
            remove_ended();
        });
    }

    void start_or_attach(Job job) override {
        loop_.post([this, job = std::move(job)]() mutable {
            if (!is_good_key(job.key)) return finish(job.key, JobEventType::never_started, "its key is no file name");
            if (auto fine = check_connect(job, "local"); !fine)
                return finish(job.key, JobEventType::never_started, fine.error().text());
            switch (job.type) {
                case Job::Type::observation: waiting_.push_back(std::move(job)); return observe_next();
                case Job::Type::claim:
                case Job::Type::release: return claim(job);
                case Job::Type::command: return begin(std::move(job));
            }
        });
    }
    void forget(const std::string& key) override {
        loop_.post([this, key] {
            drop(key);
            drop_observation(key);
        });
    }
    void recorded(const std::string& key) override {
        loop_.post([this, key] {
            if (const auto found = ended_in_.find(key); found != ended_in_.end() && !commands_.contains(key)) {
                recorded_.push_back(found->second + "/" + key);
                ended_in_.erase(found);
            }
            if (recorded_.size() >= max_ended) remove_ended();
        });
    }

  private:
    void post(JobEvent event) { mailbox_.post(std::move(event)); }
    void finish(const std::string& key, JobEventType is, std::string text) {
        drop(key);
        post({.key = key, .type = is, .text = std::move(text)});
    }

    [[nodiscard]] base::Result<Base*> base_of(const Job& job);
    void look_after_keeper(Base& base);
    void claim(const Job& job);
    void begin(Job job);
    void time_is_up(const std::string& key);
    void end(Command& command, const std::optional<Claim>& claim);
    void tell_absence(const std::string& key, const Base& base);
    void claim_for_nobody(const std::string& key);
    [[nodiscard]] std::vector<std::string> plain_command(const Job& job);
    [[nodiscard]] base::Status launch(Command& command, std::uint32_t generation);
    void follow(const std::string& key);
    void watch_runner(Command& command, std::int64_t process);
    void unwatch(Command& command);
    void look_again(Command& command, ports::Millis in_ms);
    void tell_progress(Command& command);
    void collect(Command& command, const std::string& status);
    void drop(const std::string& key);

    void remove_ended() {
        for (const std::string& folder : recorded_) remove_job_folder(folder);
        recorded_.clear();
    }

    void observe_next();
    [[nodiscard]] base::Status observe(Job job);
    void drop_observation(const std::string& key);
    void end_observation(Observation& observation);

    Loop& loop_;
    ports::Mailbox& mailbox_;
    LocalOptions options_;
    std::map<std::string, Base> bases_;  // by what `connect` says of it
    std::size_t watched_ = 0;
    std::map<std::string, Command> commands_;
    std::map<std::string, Observation> observations_;
    std::deque<Job> waiting_;                      // observations
    std::map<std::string, std::string> ended_in_;  // key -> folder of jobs
    std::vector<std::string> recorded_;            // folders
    std::map<std::string, std::string> programs_;  // as a command names them -> where they were found
};

base::Result<Base*> Local::base_of(const Job& job) {
    const std::string given = connect_text(job, "jobs").value_or(options_.folder);
    if (const auto found = bases_.find(given); found != bases_.end()) return &found->second;
    if (!given.empty() && given.front() != '/')
        return base::Error{"`jobs` of " + (job.host ? job.host->id : "") + " is `" + given + "`, no absolute path"};
    auto folder = open_jobs_folder(given);
    if (!folder) return std::move(folder).error();
    return &bases_.emplace(given, Base{.folder = std::move(*folder)}).first->second;
}

// One for each folder bounds what the jobs in it print, whether or not anybody waits for them.
void Local::look_after_keeper(Base& base) {
    const ports::Millis now = steady_now_rounded_up();
    if (base.keeper_at != 0 && now - base.keeper_at < keeper_every_ms) return;
    base.keeper_at = now;
    const std::string file = ".keeper." + ports::account_id();
    if (const auto text = read_own_file(base.folder.path + "/" + file, 1000))
        if (const Claim keeper = parse_claim(*text); ports::is_alive(keeper.runner) == Alive::leader) return;
    auto keeper =
        ports::spawn({.argv = {"/bin/sh", "-c", std::string(keeper_script()), "pvsplan-keeper", base.folder.path, file},
                      .environment = plain_environment()});
    if (keeper) reap_later(loop_, *keeper);
}

void Local::claim(const Job& job) {
    auto base = base_of(job);
    if (!base) return finish(job.key, JobEventType::never_started, base.error().text());
    if (job.type == Job::Type::release) {
        release_claim((*base)->folder.claims, *job.claim);
        if (job.claim->is_over) forget_begun((*base)->folder.path, job.claim->run);
        return finish(job.key, JobEventType::claimed, "");
    }
    Claimed claimed = make_claim((*base)->folder.claims, *job.claim);
    if (claimed.result == Claimed::Result::held)
        return post({.key = job.key,
                     .type = JobEventType::held,
                     .err = std::move(claimed.file),
                     .text = std::move(claimed.line)});
    post({.key = job.key,
          .type = JobEventType::claimed,
          .err = std::move(claimed.why),
          .text = (*base)->folder.place()});
}

void Local::begin(Job job) {
    const std::string key = job.key;
    drop(key);
    const bool is_start = job.ask == Job::Ask::start;
    auto base = base_of(job);
    if (!base) return finish(key, is_start ? JobEventType::never_started : JobEventType::lost, base.error().text());
    Command& command = commands_[key];
    command.job = std::move(job);
    command.folder = (*base)->folder.path + "/" + key;
    ended_in_[key] = (*base)->folder.path;
    if (command.job.timeout_ms > 0)
        command.limit = loop_.after(command.job.timeout_ms, [this, key] { time_is_up(key); });
    std::error_code unseen;
    if (!is_start && !fs::exists(fs::symlink_status(command.folder, unseen))) return tell_absence(key, **base);
    if (auto made = make_folders(command.folder); !made)
        return finish(key, is_start ? JobEventType::never_started : JobEventType::lost, made.error().text());
    if (const std::string why = ports::distrust(command.folder); !why.empty())
        return finish(key, is_start ? JobEventType::never_started : JobEventType::lost, why);
    if (!std::exchange((*base)->is_cleaned, true)) remove_old_folders((*base)->folder.path, days_kept);
    const auto [generation, claim] = read_generation(command.folder);
    if (!claim && !is_start) return claim_for_nobody(key);
    if (!claim) {
        if (command.job.claim) {
            Claimed claimed = make_claim((*base)->folder.claims, *command.job.claim);
            if (claimed.result == Claimed::Result::held) {
                drop(key);
                return post({.key = key,
                             .type = JobEventType::held,
                             .err = std::move(claimed.file),
                             .text = std::move(claimed.line)});
            }
        }
        look_after_keeper(**base);
        if (auto launched = launch(command, generation); !launched)
            return finish(key, JobEventType::never_started, launched.error().text());
    }
    follow(key);
}

// It has no folder here: what that is worth.
void Local::tell_absence(const std::string& key, const Base& base) {
    const Command& command = commands_.at(key);
    const std::string folder = command.folder;
    if (std::string border = difference(command.job.place, base.folder.place()); !border.empty())
        return finish(key, JobEventType::elsewhere, std::move(border));
    if (was_begun(base.folder.path, key))
        return finish(key, JobEventType::lost,
                      "its job was begun, and its folder `" + folder + "` is gone: nobody knows whether it runs");
    claim_for_nobody(key);
}

// Its folder is there or has never been: if nobody has begun it, nobody can any more.
void Local::claim_for_nobody(const std::string& key) {
    const std::string folder = commands_.at(key).folder;
    if (auto made = make_folders(folder); !made) return finish(key, JobEventType::lost, made.error().text());
    const auto [generation, claim] = read_generation(folder);
    if (!claim && claim_void(folder, generation))
        return finish(key, JobEventType::no_record, "this machine knows of no such job");
    if (!claim && !read_generation(folder).claim)
        return finish(key, JobEventType::lost, "the folder of its job cannot be written: `" + folder + "`");
    follow(key);
}

void Local::time_is_up(const std::string& key) {
    Command& command = commands_.at(key);
    command.limit = 0;
    if (command.job.at_timeout == Job::AtTimeout::leave)
        return finish(key, JobEventType::lost, "it has not ended within its timeout, and may be running still");
    command.job.ask = Job::Ask::kill;
    follow(key);
}

// Kindly at first. It is over when nothing of it is left.
void Local::end(Command& command, const std::optional<Claim>& claim) {
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

// The program and its arguments, without a shell; empty where a shell has to read the command, or no such program is
// found. The path is absolute, so that no shell takes it for a word of its own.
std::vector<std::string> Local::plain_command(const Job& job) {
    if (job.body != program::Body::Type::command) return {};
    std::string& program = programs_[job.arguments.front()];
    if (program.empty() || !ports::is_executable(program)) program = ports::find_program(job.arguments.front());
    if (program.empty()) return {};
    std::vector<std::string> argv = job.arguments;
    argv.front() = program;
    return argv;
}

base::Status Local::launch(Command& command, std::uint32_t generation) {
    auto parcel = make_parcel(command.job);
    if (!parcel) return std::move(parcel).error();
    if (!parcel->script.empty()) {
        if (auto written = write_file(command.folder + "/script.ps1", parcel->script); !written) return written;
    }
    std::vector<std::string> argv = plain_command(command.job);
    if (argv.empty()) {
        if (auto written = write_file(command.folder + "/run", parcel->run); !written) return written;
        argv = {"/bin/sh", "./run"};
    }
    auto gate = ports::open_pipe("no pipe for a job");
    if (!gate) return std::move(gate).error();
    ports::SpawnOptions options{
        .argv = {"/bin/sh", "-c", claimed_runner_script(), "pvsplan-job", command.folder, std::to_string(generation)},
        .environment = plain_environment(),
        .in = &gate->from};
    options.argv.insert(options.argv.end(), argv.begin(), argv.end());
    for (const auto& [name, value] : parcel->secrets) options.environment.push_back(name + "=" + value);
    auto runner = ports::spawn(options);
    if (!runner) return std::move(runner).error();
    command.runner = *runner;
    if (auto noted = note_begun(ended_in_.at(command.job.key), command.job.key); !noted) {
        ports::end_group(*runner, ports::Ending::forced);  // it has begun nothing yet
        return noted;
    }
    (void)claim_for(command.folder, generation, *runner);  // if not, the runner sees that it is not its job
    return base::Done{};  // and the runner, which waits for the end of the gate, goes on
}

// What the folder says now: it has ended, it runs and is watched, or nothing of it is there any more.
void Local::follow(const std::string& key) {
    const auto found = commands_.find(key);
    if (found == commands_.end()) return;
    Command& command = found->second;
    if (command.runner > 0 && ports::end_of(command.runner)) command.runner = 0;
    const bool is_ours_running = command.runner > 0;
    const auto claim = read_generation(command.folder).claim;
    const auto alive = claim ? ports::is_alive(claim->runner) : Alive::no;
    if (const auto status = read_file(command.folder + "/exit", 100); status && status->ends_with('\n')) {
        return collect(command, *status);
    }
    if (alive == Alive::unknown)
        return finish(key, JobEventType::lost,
                      "it was begun in another machine or container: whether it runs cannot be seen from here");
    const bool runs = is_ours_running || alive != Alive::no;
    if (command.job.ask == Job::Ask::look && runs) return finish(key, JobEventType::running, "");
    if (command.job.ask == Job::Ask::kill && (runs || command.kills > 0)) return end(command, claim);
    if (runs)
        if (auto base = base_of(command.job)) look_after_keeper(**base);
    if (is_ours_running || alive == Alive::leader) {
        if (!command.end) watch_runner(command, is_ours_running ? command.runner : claim->runner.number);
        tell_progress(command);
        return look_again(command, options_.look_every_ms);
    }
    unwatch(command);
    if (alive == Alive::remainder) return look_again(command, options_.look_every_ms);
    if (!claim) {
        // Where its folder is gone it may have run all the same.
        std::error_code unseen;
        const bool is_there = fs::exists(command.folder, unseen);
        return finish(key, is_there ? JobEventType::never_started : JobEventType::lost,
                      is_there ? "its job could not be recorded in `" + command.folder + "`"
                               : "its folder `" + command.folder + "` is gone: nobody knows how it ended");
    }
    finish(key, JobEventType::no_record,
           "it began, and ended without leaving its exit status (killed, or the machine restarted)");
}

void Local::watch_runner(Command& command, std::int64_t process) {
    if (watched_ >= max_watched) return;
    command.end = ports::watch_for_end(process);
    if (!command.end) return;  // looked at every now and then instead
    ++watched_;
    const auto follow_it = [this, key = command.job.key] { follow(key); };
    if (!loop_.watch(command.end, Loop::Interest::readable, follow_it)) unwatch(command);
}

void Local::unwatch(Command& command) {
    if (!command.end) return;
    loop_.unwatch(command.end);
    command.end.close();
    --watched_;
}

void Local::look_again(Command& command, ports::Millis in_ms) {
    loop_.cancel(command.look);
    const auto soon = !command.end ? std::min<ports::Millis>(in_ms, 100) : in_ms;
    command.look = loop_.after(soon, [this, key = command.job.key] { follow(key); });
}

void Local::tell_progress(Command& command) {
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
    if (!line.empty()) post({.key = command.job.key, .type = JobEventType::output, .text = std::move(line)});
}

void Local::collect(Command& command, const std::string& status) {
    JobEvent event{.key = command.job.key, .type = JobEventType::ended};
    const auto* const end = status.data() + status.size();
    const auto [rest, wrong] = std::from_chars(status.data(), end, event.exit_status);
    if (wrong != std::errc() || rest == status.data()) {
        return finish(event.key, JobEventType::no_record, "its exit status is damaged in `" + command.folder + "`");
    }
    Text out = joined(read_output(command.folder + "/out"));
    Text err = joined(read_output(command.folder + "/err"));
    event.out = std::move(out.text);
    event.err = std::move(err.text);
    event.dropped = out.dropped + err.dropped;
    drop(event.key);
    post(std::move(event));
}

void Local::drop(const std::string& key) {
    const auto found = commands_.find(key);
    if (found == commands_.end()) return;
    Command& command = found->second;
    loop_.cancel(command.look);
    loop_.cancel(command.limit);
    unwatch(command);
    if (command.runner > 0) reap_later(loop_, command.runner);
    commands_.erase(found);
}

void Local::observe_next() {
    while (!waiting_.empty() && observations_.size() < max_observations) {
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        const auto key = job.key;
        if (auto started = observe(std::move(job)); !started) {
            drop_observation(key);
            post({.key = key, .type = JobEventType::never_started, .text = started.error().text()});
        }
    }
}

base::Status Local::observe(Job job) {
    auto parcel = make_parcel(job);
    if (!parcel) return std::move(parcel).error();
    const auto key = job.key;
    drop_observation(key);
    Observation& observation = observations_[key];
    observation.job = std::move(job);
    std::vector<std::string> argv = plain_command(observation.job);
    const bool is_read_by_shell = argv.empty();
    if (is_read_by_shell) argv = {"/bin/sh", "-c", "eval \"$(cat)\""};  // its text may be no argument: others see those
    auto environment = plain_environment();
    for (const auto& [name, value] : parcel->secrets) environment.push_back(name + "=" + value);
    std::string text = "exec </dev/null\n";
    if (!parcel->script.empty()) {
        auto base = base_of(observation.job);
        if (!base) return std::move(base).error();
        observation.folder = (*base)->folder.path + "/" + key + ".observe";
        if (auto made = make_folders(observation.folder); !made) return made;
        if (auto written = write_file(observation.folder + "/script.ps1", parcel->script); !written) return written;
        text += "cd " + shell_quoted(observation.folder) + " || exit 1\n";
    }
    text += parcel->run;
    auto child = Child::start(loop_, std::move(argv), std::move(environment),
                              {.on_out =
                                   [&observation](std::string_view more) {
                                       if (observation.out.size() < max_output) observation.out += more;
                                   },
                               .on_err =
                                   [&observation](std::string_view more) {
                                       if (observation.err.size() < max_output) observation.err += more;
                                   },
                               .on_end =
                                   [this, key](int status) {
                                       auto& ended = observations_.at(key);
                                       JobEvent event{.key = key,
                                                      .type = JobEventType::ended,
                                                      .exit_status = status,
                                                      .out = std::move(ended.out),
                                                      .err = std::move(ended.err)};
                                       drop_observation(key);
                                       post(std::move(event));
                                       observe_next();
                                   }});
    if (!child) return std::move(child).error();
    observation.child = std::move(*child);
    if (is_read_by_shell) observation.child->write(text);
    observation.child->close_input();
    if (observation.job.timeout_ms > 0) {
        const auto limit_s = observation.job.timeout_ms / 1000;
        observation.limit = loop_.after(observation.job.timeout_ms, [this, key, limit_s] {
            drop_observation(key);
            post({.key = key,
                  .type = JobEventType::lost,
                  .text = "it has not answered within " + std::to_string(limit_s) + " s"});
            observe_next();
        });
    }
    return base::Done{};
}

void Local::end_observation(Observation& observation) {
    loop_.cancel(observation.limit);
    if (observation.child) observation.child->kill();
    if (!observation.folder.empty()) remove_folder(observation.folder);
}

void Local::drop_observation(const std::string& key) {
    std::erase_if(waiting_, [&key](const Job& job) { return job.key == key; });
    const auto found = observations_.find(key);
    if (found == observations_.end()) return;
    end_observation(found->second);
    observations_.erase(found);
}

}  // namespace

std::unique_ptr<ports::Transport> make_local(Loop& loop, ports::Mailbox& mailbox, LocalOptions options) {
    return std::make_unique<Local>(loop, mailbox, std::move(options));
}

}  // namespace pvsplan::transport

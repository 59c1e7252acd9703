#include "runtime/cli/resumes.hpp"

#include <utility>

#include "runtime/ports/child_process.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/report/lines.hpp"

namespace pvsplan::cli {
namespace {

class ByProcess final : public serve::Resumes {
  public:
    ByProcess(std::string program, std::string store, std::string folder)
        : program_(std::move(program)), store_(std::move(store)), folder_(std::move(folder)) {}

    // A process of its own session, so that Ctrl-C on `serve` does not reach it. It runs the very program that serves,
    // with the store named: it finds the same one wherever it stands. `run` is the id of a row, and so no option.
    base::Result<std::int64_t> start(const std::string& run) override {
        const std::string file = log_of(run);
        const std::string title = report::local_date_time(ports::SystemClock().now()) + " pvsplan resume " + run + "\n";
        if (const std::error_code failed = ports::append_to_file(file, title, ports::Readers::this_account); failed)
            return base::Error{"the log `" + file + "` cannot be written", {failed.message()}};
        const base::Result<ports::Handle> log = ports::open_log(file);
        if (!log) return log.error();
        return ports::spawn({.argv = {program_, "resume", run, "--no-input", "--store", store_},
                             .environment = ports::own_environment(),
                             .out = &*log,
                             .err = &*log});
    }

    std::optional<int> end_of(std::int64_t process) override { return ports::end_of(process); }
    [[nodiscard]] std::string log_of(const std::string& run) const override { return folder_ + "/" + run + ".log"; }

  private:
    std::string program_;
    std::string store_;
    std::string folder_;
};

}  // namespace

// What is needed is looked for now, and not when a run is waiting: a program that was replaced meanwhile is the one
// that was started.
base::Result<std::unique_ptr<serve::Resumes>> make_resumes(const StorePlace& place) {
    base::Result<std::string> program = ports::own_program();
    if (!program) return std::move(program).error();
    const base::Result<std::string> state = ports::state_folder();
    if (!state)
        return base::Error{
            "`serve --resume` writes what each resumed run says into a file, and has no folder for that: "
            "set `XDG_STATE_HOME` or `HOME` to an absolute path, such as "
            "`XDG_STATE_HOME=/var/lib/pvsplan`",
            {state.error().text()}};
    std::string folder = *state + "/pvsplan/resumed";
    if (base::Status made = ports::make_private_folders(folder); !made)
        return base::Error{"the folder `" + folder +
                               "` for what resumed runs say cannot be made; "
                               "`XDG_STATE_HOME` names another place for it",
                           {made.error().text()}};
    return std::unique_ptr<serve::Resumes>(
        std::make_unique<ByProcess>(std::move(*program), place.file, std::move(folder)));
}

}  // namespace pvsplan::cli

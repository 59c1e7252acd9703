#include "runtime/transport/programs.hpp"

#include "runtime/ports/child_process.hpp"

namespace pvsplan::transport {

// One that is gone since is looked up again: a package may have been replaced while the run went on.
std::vector<std::string> Programs::plain_command(const ports::Job& job) {
    if (job.body != program::Body::Type::command) return {};
    std::string& path = found_[job.arguments.front()];
    if (path.empty() || !ports::is_executable(path)) path = ports::find_program(job.arguments.front());
    if (path.empty()) return {};
    std::vector<std::string> argv = job.arguments;
    argv.front() = path;
    return argv;
}

}  // namespace pvsplan::transport

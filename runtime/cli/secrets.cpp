#include "runtime/cli/secrets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "runtime/transport/child.hpp"

namespace pvsplan::cli {
namespace {

std::string variable_of(const std::string& secret) {
    std::string name = "PVSPLAN_SECRET_";
    for (const char c : secret) name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

// Editors and `echo` put a line feed at the end, which is not meant.
std::string without_line_end(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

base::Result<std::string> from_variable(const std::string& variable) {
    if (const char* value = std::getenv(variable.c_str())) return std::string(value);
    return base::Error{"the environment has no `" + variable + "`"};
}

base::Result<std::string> from_file(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0)
        return base::Error{"cannot read the file `" + path + "`", {std::strerror(errno)}};
    if ((about.st_mode & 077U) != 0)
        return base::Error{"others than its owner may read the file `" + path + "`; `chmod 600` it"};
    std::ifstream in(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in.is_open()) return base::Error{"cannot read the file `" + path + "`"};
    return without_line_end(std::move(text));
}

base::Result<std::string> from_command(const std::vector<std::string>& argv) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return base::Error{"cannot make a pipe", {std::strerror(errno)}};
    base::Result<pid_t> pid = transport::spawn(
        {.argv = argv, .environment = transport::plain_environment(), .in = -1, .out = ends[1], .err = -1});
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; pid.ok() && ((n = ::read(ends[0], buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR));)
        if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
    ::close(ends[0]);
    if (!pid) return std::move(pid).error();
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return base::Error{"the command `" + argv[0] + "` failed"};
    return without_line_end(std::move(text));
}

class FarmSecrets final : public ports::Secrets {
  public:
    explicit FarmSecrets(std::map<std::string, std::vector<std::string>> sources) : sources_(std::move(sources)) {
        std::vector<std::string> variables;
        for (const auto& [name, words] : sources_)
            if (words.size() == 2 && words[0] == "env") variables.push_back(words[1]);
        transport::keep_from_children(variables);
    }

    base::Result<std::string> read(const std::string& name) override {
        if (const auto known = known_.find(name); known != known_.end()) return known->second;
        base::Result<std::string> value = fresh(name);
        if (!value) return std::move(value).error().because_of("the secret `" + name + "` is not there");
        if (value->empty())
            return base::Error{"the secret `" + name + "` is empty: " + origin(name) + " has no characters"};
        known_[name] = *value;
        return value;
    }

  private:
    std::string origin(const std::string& name) const {
        const auto source = sources_.find(name);
        if (source == sources_.end() || source->second.size() < 2) return "the variable `" + variable_of(name) + "`";
        const std::string& kind = source->second[0];
        if (kind == "command") return "what the command `" + source->second[1] + "` printed";
        return (kind == "env" ? "the variable `" : "the file `") + source->second[1] + "`";
    }
    base::Result<std::string> fresh(const std::string& name) const {
        const auto source = sources_.find(name);
        if (source == sources_.end() || source->second.size() < 2) return from_variable(variable_of(name));
        const std::vector<std::string>& words = source->second;
        if (words[0] == "env") return from_variable(words[1]);
        if (words[0] == "file") return from_file(words[1]);
        return from_command({words.begin() + 1, words.end()});
    }

    std::map<std::string, std::vector<std::string>> sources_;
    std::map<std::string, std::string> known_;
};

}  // namespace

std::unique_ptr<ports::Secrets> make_secrets(std::map<std::string, std::vector<std::string>> sources) {
    return std::make_unique<FarmSecrets>(std::move(sources));
}

}  // namespace pvsplan::cli

#include "runtime/cli/secrets.hpp"

#include <cstdlib>
#include <utility>

#include "runtime/cli/captured.hpp"
#include "runtime/engine/console_text.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/transport/child.hpp"

namespace pvsplan::cli {
namespace {

// Where a farm does not say where a secret comes from.
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

// More is no secret that anybody typed, but a device, or a file that was meant for something else.
constexpr std::size_t max_bytes = 64 * 1024;
// A program that asks a person, or a server, may take a while.
constexpr int patience_ms = 120'000;

base::Error too_large(const std::string& origin) {
    return base::Error{origin + " is longer than a secret can be (" + std::to_string(max_bytes / 1024) + " KiB)"};
}

base::Result<std::string> from_file(const std::string& path) {
    base::Result<std::string> text = ports::read_private_file(path, max_bytes);
    if (text.ok() && text->size() > max_bytes) return too_large("the file `" + path + "`");
    return text;
}

// Whoever runs pvsplan can end the waiting.
base::Result<std::string> from_command(const std::vector<std::string>& argv, const Interrupted& is_interrupted) {
    const std::string too_much = too_large("what the command `" + argv[0] + "` prints").message;
    base::Result<Captured> got =
        captured(argv, transport::plain_environment(), {max_bytes, too_much, patience_ms, is_interrupted});
    if (!got) return std::move(got).error();
    if (got->status != 0) return base::Error{"the command `" + argv[0] + "` failed"};
    return std::move(got->text);
}

// As text: what Windows wrote is UTF-16, or begins with a mark that is no part of the secret. It could not be passed
// on with a NUL in it, and bytes that are no UTF-8 would become others on the way.
base::Result<std::string> as_secret(std::string bytes, const std::string& origin) {
    std::string text = without_line_end(engine::as_utf8(std::move(bytes)));
    if (text.find('\0') != std::string::npos)
        return base::Error{origin + " has a byte that is zero, which no argument or variable of a process can"};
    if (!engine::is_utf8(text))
        return base::Error{origin + " has bytes that are no UTF-8; which characters are meant, nobody can tell"};
    return text;
}

// A secret is kept in memory once it was read, so that a command which asks a person is run once. The variables that
// the farm names as sources are kept from every program that we start from here on.
class FarmSecrets final : public ports::Secrets {
  public:
    FarmSecrets(std::map<std::string, std::vector<std::string>> sources, Interrupted is_interrupted)
        : sources_(std::move(sources)), is_interrupted_(std::move(is_interrupted)) {
        std::vector<std::string> variables;
        for (const auto& [name, words] : sources_)
            if (words.size() == 2 && words[0] == "env") variables.push_back(words[1]);
        transport::keep_from_children(variables);
    }

    // No message holds a byte of the secret. One that is nothing but blanks is an error: a variable that is set and
    // empty is the usual mistake, and would else come back as a login that fails.
    base::Result<std::string> read(const std::string& name) override {
        if (const auto known = known_.find(name); known != known_.end()) return known->second;
        base::Result<std::string> bytes = fresh(name);
        if (!bytes) return std::move(bytes).error().because_of("the secret `" + name + "` is not there");
        base::Result<std::string> value = as_secret(std::move(*bytes), origin(name));
        if (!value) return std::move(value).error().because_of("the secret `" + name + "` cannot be used");
        if (value->find_first_not_of(" \t\r\n") == std::string::npos)
            return base::Error{"the secret `" + name + "` is empty: " + origin(name) +
                               (value->empty() ? " has no characters" : " has nothing but blanks")};
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
    // Asked of its source again: whoever wants it twice keeps it.
    base::Result<std::string> fresh(const std::string& name) const {
        const auto source = sources_.find(name);
        if (source == sources_.end() || source->second.size() < 2) return from_variable(variable_of(name));
        const std::vector<std::string>& words = source->second;
        if (words[0] == "env") return from_variable(words[1]);
        if (words[0] == "file") return from_file(words[1]);
        return from_command({words.begin() + 1, words.end()}, is_interrupted_);
    }

    std::map<std::string, std::vector<std::string>> sources_;
    Interrupted is_interrupted_;
    std::map<std::string, std::string> known_;
};

}  // namespace

std::unique_ptr<ports::Secrets> make_secrets(std::map<std::string, std::vector<std::string>> sources,
                                             Interrupted is_interrupted) {
    return std::make_unique<FarmSecrets>(std::move(sources), std::move(is_interrupted));
}

}  // namespace pvsplan::cli

#include "runtime/transport/job_folder.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "runtime/transport/powershell.hpp"

namespace pvsplan::transport {

namespace {

// Linux: MAX_ARG_STRLEN, less the NUL.
constexpr std::size_t max_argument_bytes = 131'071;

base::Status check_text(std::string_view text, const std::string& what) {
    if (text.find('\0') != std::string_view::npos) {
        return base::Error{what + " contains a NUL byte, which no argument or variable of a process can"};
    }
    if (text.size() > max_argument_bytes) {
        return base::Error{fmt::format("{} has {} bytes; a process takes at most {} in one argument or variable", what,
                                       text.size(), max_argument_bytes)};
    }
    return base::Done{};
}

// The variable of a secret. Names have '-', variables do not.
std::string variable_of(const std::string& secret) {
    std::string name = "PVSPLAN_SECRET_" + secret;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

// PowerShell takes all secrets as one JSON text; a shell takes each as a variable of its own.
base::Status add_secrets(const ports::Job& job, Parcel& parcel) {
    auto secrets = job.body == program::Body::Type::powershell && !job.secrets.empty()
                       ? std::map<std::string, std::string>{{"JSON", powershell_secrets(job.secrets)}}
                       : job.secrets;
    for (auto& [name, value] : secrets) {
        const auto variable = variable_of(name);
        if (auto fine = check_text(variable + "=" + value, "the secret of parameter `" + name + "`"); !fine)
            return fine;
        parcel.environment += "export " + variable + "=" + shell_quoted(value) + "\n";
        parcel.secrets.emplace_back(variable, std::move(value));
    }
    return base::Done{};
}

}  // namespace

// Within single quotes no character means anything to a shell, except the quote itself, which ends them for a moment.
std::string shell_quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'') {
            result += R"('\'')";
        } else {
            result += c;
        }
    }
    return result + "'";
}

// A name that begins with `-` would be an option of the programs that get it.
bool is_good_key(std::string_view key) {
    const auto is_good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !key.empty() && key.size() <= 80 && key.front() != '-' && std::all_of(key.begin(), key.end(), is_good);
}

// `exec` makes the command the process that the runner waits for, so its exit status is the job's.
base::Result<Parcel> make_parcel(const ports::Job& job) {
    Parcel parcel;
    if (job.body == program::Body::Type::powershell) {
        parcel.run = R"(command -v pwsh >/dev/null || { echo "pwsh is not installed on this host" >&2; exit 127; }
exec pwsh -NoLogo -NoProfile -NonInteractive -File ./script.ps1
)";
        parcel.script = powershell_file(job.text, job.data);
    } else if (job.body == program::Body::Type::command) {
        if (job.arguments.empty() || job.arguments.front().empty()) return base::Error{"the command is empty"};
        parcel.run = "exec";
        for (std::size_t i = 0; i < job.arguments.size(); ++i) {
            const auto what = i == 0 ? std::string("the command") : "argument " + std::to_string(i) + " of the command";
            if (auto fine = check_text(job.arguments[i], what); !fine) return std::move(fine).error();
            parcel.run += " " + shell_quoted(job.arguments[i]);
        }
        parcel.run += "\n";
    } else {
        return base::Error{"only `command` and `powershell` run as a process"};
    }
    if (auto fine = add_secrets(job, parcel); !fine) return std::move(fine).error();
    return parcel;
}

// The last whole line that has something in it; what stands behind the last line end is not whole.
std::string last_line(std::string_view tail) {
    const auto end = tail.find_last_of("\r\n");
    if (end == std::string_view::npos) return {};
    tail = tail.substr(0, end);
    const auto last = tail.find_last_not_of("\r\n ");
    if (last == std::string_view::npos) return {};
    tail = tail.substr(0, last + 1);
    const auto from = tail.find_last_of("\r\n");
    return from == std::string_view::npos ? std::string() : std::string(tail.substr(from + 1));
}

}  // namespace pvsplan::transport

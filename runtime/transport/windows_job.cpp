#include "runtime/transport/windows_job.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "compiler/base/lower_case.hpp"
#include "runtime/transport/claims.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/powershell.hpp"
#include "runtime/transport/retired.hpp"
#include "runtime/transport/scripts.hpp"
#include "runtime/transport/wsman.hpp"

namespace pvsplan::transport {

namespace {

constexpr std::size_t max_command_line = 32'000;  // of CreateProcess: 32,767
constexpr int wait_on_host_ms = 5'000;            // how long one question waits for the end

// The rules of CommandLineToArgvW, which nearly every program follows.
std::string windows_quoted(std::string_view argument) {
    if (!argument.empty() && argument.find_first_of(" \t\n\v\"") == std::string_view::npos)
        return std::string(argument);
    std::string result = "\"";
    std::size_t slashes = 0;
    for (const char c : argument) {
        if (c == '\\') {
            ++slashes;
            continue;
        }
        // Backslashes mean themselves, except before a quote.
        result.append(c == '"' ? slashes * 2 + 1 : slashes, '\\');
        slashes = 0;
        result += c;
    }
    result.append(slashes * 2, '\\');
    return result + "\"";
}

// By its ending, as CreateProcess goes by it.
bool is_batch_file(std::string_view program) {
    if (program.size() < 4) return false;
    const std::string ending = base::lower_case(program.substr(program.size() - 4));
    return ending == ".bat" || ending == ".cmd";
}

// A command is one line on Windows, and the program apart from it: the runner starts it without a shell.
base::Status put_body(const ports::Job& job, nlohmann::json& ask) {
    if (job.body == program::Body::Type::powershell) {
        ask["file"] = "powershell.exe";
        ask["arguments"] = "-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File .\\script.ps1";
        ask["script"] = powershell_file(job.text, job.data);
        return base::Done{};
    }
    if (job.body != program::Body::Type::command)
        return base::Error{"only `command` and `powershell` run as a process"};
    if (job.arguments.empty() || job.arguments.front().empty()) return base::Error{"the command is empty"};
    auto line = windows_command_line(job.arguments);
    if (!line) return std::move(line).error();
    ask["file"] = job.arguments.front();
    ask["arguments"] = std::move(*line);
    return base::Done{};
}

}  // namespace

// A batch file is read by cmd.exe, which takes its arguments apart once more by rules of its own: what it would take
// for anything but text is refused.
base::Result<std::string> windows_command_line(const std::vector<std::string>& arguments) {
    std::string line;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const auto& argument = arguments[i];
        if (argument.find('\0') != std::string::npos) {
            return base::Error{
                fmt::format("argument {} of the command contains a NUL byte, which no argument of a process can", i)};
        }
        if (is_batch_file(arguments.front()) && argument.find_first_of("\"%&|<>^!()\r\n") != std::string::npos) {
            return base::Error{
                fmt::format("argument {} of `{}` has characters that cmd.exe reads once more: a batch file cannot "
                            "be given them as data",
                            i, arguments.front())};
        }
        if (i > 1) line += ' ';
        line += windows_quoted(argument);
    }
    if (line.size() > max_command_line) {
        return base::Error{
            fmt::format("the command line has {} bytes; Windows takes at most 32,767 characters", line.size())};
    }
    return line;
}

// Encoded, so that no quoting of any shell on the way can change it.
std::vector<std::string> windows_loader() {
    return {"-NoLogo",
            "-NoProfile",
            "-NonInteractive",
            "-ExecutionPolicy",
            "Bypass",
            "-EncodedCommand",
            base64(utf16le(windows_loader_script()))};
}

// All of the question is one JSON text in base64, so no character of it can mean anything to PowerShell.
base::Result<std::string> windows_ask(const ports::Job& job, WindowsAsk ask, const std::string& jobs,
                                      const std::vector<std::string>& old, Sent sent) {
    constexpr std::array<const char*, 7> asks = {"start", "attach", "look", "kill", "observe", "claim", "release"};
    nlohmann::json json = {{"ask", asks.at(static_cast<std::size_t>(ask))},
                           {"key", job.key},
                           {"jobs", jobs},
                           {"old", old},
                           {"max", max_output},
                           {"ends", kept_at_ends},
                           {"again", sent == Sent::again},
                           {"place", job.place},
                           {"limit", ask == WindowsAsk::observe ? std::max<std::int64_t>(1, job.timeout_ms / 1000) : 0},
                           {"wait", wait_on_host_ms},
                           {"retired_for", retired_kept_s},
                           {"days_kept", days_kept}};
    if (job.claim) {
        json["claim"] = claim_line(*job.claim);
        json["claim_name"] = claim_name(job.claim->farm);
        json["claim_run"] = job.claim->run;
        json["claim_token"] = job.claim->token;
        json["instead_of"] = job.claim->instead_of;
        json["is_over"] = job.claim->is_over;
    }
    if (ask == WindowsAsk::start || ask == WindowsAsk::observe) {
        if (auto put = put_body(job, json); !put) return std::move(put).error();
        json["runner"] = windows_runner_script();
        nlohmann::json secrets = nlohmann::json::object();
        if (job.body == program::Body::Type::powershell && !job.secrets.empty()) {
            secrets["PVSPLAN_SECRET_JSON"] = powershell_secrets(job.secrets);
        } else {
            for (const auto& [name, value] : job.secrets) secrets["PVSPLAN_SECRET_" + name] = value;
        }
        if (!secrets.empty()) json["secrets"] = secrets.dump();
    }
    std::string text;
    try {
        text = json.dump();
    } catch (const nlohmann::json::exception&) {
        return base::Error{"a value of the command is no UTF-8, which Windows takes none of"};
    }
    const std::string script = "$ask = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('" + base64(text) +
                               "')) | ConvertFrom-Json\n" + windows_ask_script();
    const auto encoded = base64(script);
    return std::to_string(encoded.size()) + " " + encoded + "\r\n";
}

// The last line that begins so: a profile or a warning may have printed others before it.
std::optional<WindowsReply> read_windows_reply(std::string_view printed) {
    const auto at = printed.rfind("pvsplan ");
    if (at == std::string_view::npos) return std::nullopt;
    const auto line = printed.substr(at + 8, printed.find_first_of("\r\n", at) - at - 8);
    const auto json = nlohmann::json::parse(from_base64(line), nullptr, false);
    if (!json.is_object()) return std::nullopt;
    // What is missing or of another type is empty or 0: the reply comes from a host.
    const auto text = [&json](const char* name) {
        const auto found = json.find(name);
        return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto number = [&json](const char* name) -> std::uint64_t {
        const auto found = json.find(name);
        return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
    };
    Text out = joined({.head = text("out"), .tail = text("out_tail"), .between = number("out_between")});
    Text err = joined({.head = text("err"), .tail = text("err_tail"), .between = number("err_between")});
    WindowsReply reply{.out = std::move(out.text),
                       .err = std::move(err.text),
                       .text = text("text"),
                       .dropped = out.dropped + err.dropped};
    if (const auto found = json.find("status"); found != json.end() && found->is_number_integer())
        reply.status = found->get<std::int64_t>();
    constexpr std::array<std::string_view, 10> kinds = {"ended",  "running",   "unknown", "gone",    "refused",
                                                        "unsure", "elsewhere", "killed",  "claimed", "held"};
    const auto type = std::find(kinds.begin(), kinds.end(), text("is"));
    if (type == kinds.end()) return std::nullopt;
    reply.type = static_cast<WindowsReply::Type>(type - kinds.begin());
    return reply;
}

}  // namespace pvsplan::transport

#include "runtime/transport/ssh_host.hpp"

#include "compiler/base/digest.hpp"
#include "grammar/transports.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/transport/connect.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/patience.hpp"

namespace pvsplan::transport {

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// "ssh: connect to host HOST port 22: Connection refused" without what has been said: who speaks, and of which host.
std::string without_host(std::string line, const std::string& name) {
    const auto replace = [&line](const std::string& text, std::string_view by) {
        if (const std::size_t at = line.find(text); at != std::string::npos) line.replace(at, text.size(), by);
    };
    if (line.starts_with("ssh: ")) line.erase(0, 5);
    replace("connect to host " + name + " port ", "port ");
    replace("Could not resolve hostname " + name, "could not resolve its name");
    return line;
}

// One path as an option's value: ssh would take its words for several.
std::string quoted_for_ssh(const std::string& path) {
    std::string text = "\"";
    for (const char c : path) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + '"';
}

}  // namespace

// Nothing may ask a question or change a known key, since nobody sits there. The address is checked and stands behind
// `--`, so that it is never taken for an option.
base::Result<SshHost> ssh_host(const ports::Job& job, const SshOptions& options) {
    if (job.host == nullptr) return base::Error{"ssh wants a host, and this step has none"};
    if (auto fine = check_connect(job, "ssh"); !fine) return std::move(fine).error();
    SshHost host{.name = address_of(*job.host), .jobs = connect_text(job, "jobs").value_or("")};
    if (!grammar::is_host(host.name)) {
        return base::Error{"`" + host.name + "` is not the address of a host"};
    }
    host.argv = {options.program, "-T"};
    const auto option = [&host](const std::string& text) { host.argv.insert(host.argv.end(), {"-o", text}); };
    for (const char* text :
         {"BatchMode=yes", "StrictHostKeyChecking=yes", "LogLevel=ERROR", "RequestTTY=no", "ClearAllForwardings=yes",
          "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no", "ServerAliveCountMax=3"}) {
        option(text);
    }
    option("ServerAliveInterval=" + std::to_string(options.alive_interval_s));
    const auto pass = [&](const char* key, const char* flag) {
        if (const auto text = connect_text(job, key)) host.argv.insert(host.argv.end(), {flag, *text});
    };
    pass("config", "-F");
    pass("user", "-l");
    pass("port", "-p");
    pass("jump", "-J");
    if (connect_text(job, "identity")) {
        pass("identity", "-i");
        option("IdentitiesOnly=yes");
    }
    if (const auto file = connect_text(job, "known_hosts")) option("UserKnownHostsFile=" + quoted_for_ssh(*file));
    for (const auto& word : host.argv) host.identity += word + '\n';
    host.identity += host.name;
    option("ConnectTimeout=" + std::to_string(connect_timeout_of(job, options.connect_timeout_s)));
    // A socket is shared only by what was asked for in the same words: other keys or known hosts connect anew.
    const auto folder = options.sockets.empty() ? ports::socket_folder() : std::optional(options.sockets);
    if (folder) {
        option("ControlMaster=auto");
        option("ControlPath=" + quoted_for_ssh(*folder + "/" + base::sha256_hex(host.identity).substr(0, 8) + "-%C"));
        option("ControlPersist=60");
    }
    host.argv.insert(host.argv.end(), {"--", host.name});
    return host;
}

// What only a person can repair is for good; everything else may pass, and is tried again. OpenSSH tells by words
// alone.
SshComplaint understand_ssh(const std::string& errors, const SshHost& host) {
    if (has(errors, "IDENTIFICATION HAS CHANGED")) {
        return {"the host key of " + host.name +
                    " is not the one that is known: it was installed anew, or another "
                    "machine answers; if you know why, take the old key out with `ssh-keygen -R " +
                    host.name + "`",
                true};
    }
    if (has(errors, "Host key verification failed") || has(errors, "host key is known for")) {
        return {"the host key of " + host.name +
                    " is not known: compare it and add it to the known hosts, for example by "
                    "`ssh " +
                    host.name + "` once",
                true};
    }
    if (has(errors, "Permission denied")) {
        return {"the login on " + host.name + " was refused: " + last_line("\n" + errors + "\n"), true};
    }
    if (has(errors, "Bad configuration option") || has(errors, "Bad owner or permissions") ||
        has(errors, "no such identity") || has(errors, "Can't open user config file")) {
        return {"ssh does not take its configuration: " + last_line("\n" + errors + "\n"), true};
    }
    const auto line = last_line("\n" + errors + "\n");
    return {
        host.name + " cannot be reached: " + (line.empty() ? "the connection broke" : without_host(line, host.name)),
        false};
}

}  // namespace pvsplan::transport

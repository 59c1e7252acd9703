#include "runtime/transport/scripts.hpp"

#include <span>
#include <string_view>

#include "compiler/base/embedded.hpp"

namespace pvsplan::transport {

std::span<const base::Embedded> script_files();

namespace {

// A host is given one text: a line ". ./FILE" stands for that file of the same folder. Shells and PowerShell read it
// the same way, so a script can also be run, and looked through, as it lies there.
std::string script(std::string_view name) {
    constexpr std::string_view includes = ". ./";
    const std::string folder(name.substr(0, name.find('/') + 1));
    std::string text;
    for (std::string_view rest = base::text_of(script_files(), name); !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n') + 1);
        rest.remove_prefix(line.size());
        if (line.starts_with(includes)) {
            const auto file = line.substr(includes.size(), line.size() - includes.size() - 1);
            text += base::text_of(script_files(), folder + std::string(file));
        } else {
            text += line;
        }
    }
    return text;
}

}  // namespace

const std::string& host_script() {
    static const std::string text = script("posix/host.sh");
    return text;
}

const std::string& runner_script() {
    static const std::string text = script("posix/runner.sh");
    return text;
}

const std::string& keeper_script() {
    static const std::string text = script("posix/keeper.sh");
    return text;
}

const std::string& windows_loader_script() {
    static const std::string text = script("windows/loader.ps1");
    return text;
}

const std::string& windows_ask_script() {
    static const std::string text = script("windows/ask.ps1");
    return text;
}

const std::string& windows_runner_script() {
    static const std::string text = script("windows/runner.ps1");
    return text;
}

}  // namespace pvsplan::transport

// What a job is on a Windows host: the twin of job_folder.hpp, in PowerShell.
//
// The folder is %ProgramData%\pvsplan\jobs\KEY, which its maker, administrators and the system alone may use; beside it
// lie `.place` and `.begun.SID.RUN` (place.hpp), and in %ProgramData%\pvsplan\claims the claims (claims.hpp). `begun.N`
// holds "PID START MACHINE" and is moved into place, which fails if the name is there. The runner itself reads what the
// job prints and bounds it as output.hpp says. The runner is created by Win32_Process.Create through CIM, so that it
// belongs to no remote shell; secrets reach it through a named pipe, never through a file or an argument.
//
// A connection runs PowerShell with windows_loader() as its encoded command and gives it the text of windows_ask() on
// standard input; everything in both directions is ASCII, whatever the code page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/transport.hpp"

namespace pvsplan::transport {

// Arguments of powershell.exe.
std::vector<std::string> windows_loader();
// The exit status of a loader whose input did not arrive whole, or twice: it has run nothing.
inline constexpr std::int64_t windows_input_not_whole = 99;

enum class WindowsAsk : std::uint8_t { start, attach, look, kill, observe, claim, release };
enum class Sent : std::uint8_t { first, again };  // again: an earlier question may have begun it
// The input of the loader. `old`: keys whose end is known. Fails if no Windows host could run the job.
base::Result<std::string> windows_ask(const ports::Job& job, WindowsAsk ask, const std::string& jobs,
                                      const std::vector<std::string>& old, Sent sent = Sent::first);

struct WindowsReply {
    enum class Type : std::uint8_t { ended, running, unknown, gone, refused, unsure, elsewhere, killed, claimed, held };
    Type type = Type::running;
    std::int64_t status = 0;
    std::string out;
    std::string err;
    std::string text;  // refused, unsure: why; running: the end of its output so far; elsewhere, claimed: the place;
                       // held: the claim
    std::uint64_t dropped = 0;  // ended: of out and err together
};
// Nothing: there is no reply in what was printed.
std::optional<WindowsReply> read_windows_reply(std::string_view printed);

// `arguments` as one command line that CommandLineToArgvW takes apart into just them. Fails for a batch file with
// arguments that cmd.exe would read again.
base::Result<std::string> windows_command_line(const std::vector<std::string>& arguments);

}  // namespace pvsplan::transport

// The messages of WS-Management for remote shells (MS-WSMV): text to send, and what an answer says. The only file that
// sees pugixml. No network here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::transport {

struct WsmanSession {
    std::string url;
    std::string id;                // "uuid:…", one for all messages of a session
    int operation_timeout_s = 20;  // after which the host answers that nothing happened
    int max_envelope = 153'600;    // bytes of an answer, as other clients ask for
};
std::string new_uuid();  // "uuid:FC40E3CD-…"

std::string wsman_create(const WsmanSession& session);  // a shell whose code page is UTF-8
std::string wsman_command(const WsmanSession& session, std::string_view shell, std::string_view program,
                          const std::vector<std::string>& arguments);
enum class LastPiece : std::uint8_t { no, yes };
std::string wsman_send(const WsmanSession& session, std::string_view shell, std::string_view command,
                       std::string_view bytes, LastPiece last);
std::string wsman_receive(const WsmanSession& session, std::string_view shell, std::string_view command);
std::string wsman_signal(const WsmanSession& session, std::string_view shell, std::string_view command);
std::string wsman_delete(const WsmanSession& session, std::string_view shell);

struct WsmanFault {
    std::uint64_t code = 0;  // 2150858793: nothing happened within OperationTimeout
    std::string text;
    [[nodiscard]] bool is_timeout() const { return code == 2150858793; }
    [[nodiscard]] bool is_shell_gone() const { return code == 2150858843; }
};
struct WsmanAnswer {
    std::string shell;    // of Create
    std::string command;  // of Command
    std::string out;      // of Receive, as bytes
    std::string err;
    bool is_done = false;             // the command has ended, and all it wrote was received
    std::int64_t exit_status = 0;     // once it is done
    std::optional<WsmanFault> fault;  // then nothing else is set
};
// Fails if it is no SOAP envelope.
base::Result<WsmanAnswer> read_wsman(std::string_view xml);

// The bytes of base64; what is no digit of it is passed over.
std::string from_base64(std::string_view text);

}  // namespace pvsplan::transport

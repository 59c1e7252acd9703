// A message of JSON-RPC 2.0, and what its parameters hold. A parameter is named by its way from `params`:
// "/textDocument/uri". What is not there, or is of another type, is nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/lsp/positions.hpp"

namespace pvsplan::lsp {

// As JSON-RPC and the protocol number them; editors decide by the number whether people see the error.
enum class ErrorCode : int {
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
    server_not_initialized = -32002,
    request_failed = -32803,
    request_cancelled = -32800,
};

// How a message is refused: the text may be shown to people.
struct Wrong {
    ErrorCode code = ErrorCode::invalid_request;
    std::string message;
};

// Cheap to copy: the parameters are shared and never change.
class Message {
  public:
    static std::variant<Message, Wrong> read(std::string text);

    std::string method;             // empty: an answer
    std::optional<std::string> id;  // as JSON; none: nothing is answered

    [[nodiscard]] bool has(const std::string& parameter) const;
    [[nodiscard]] std::optional<std::string> text(const std::string& parameter) const;
    [[nodiscard]] std::optional<std::int64_t> number(const std::string& parameter) const;
    [[nodiscard]] std::optional<bool> flag(const std::string& parameter) const;
    // As it would be sent: an id may be a number or a text, and both are compared so.
    [[nodiscard]] std::optional<std::string> json(const std::string& parameter) const;
    // Numbers that are too small or too large are the smallest or the largest.
    [[nodiscard]] std::optional<Position> position(const std::string& parameter) const;
    [[nodiscard]] std::optional<Range> range(const std::string& parameter) const;
    // How many entries a list has; 0 where there is none.
    [[nodiscard]] std::size_t count(const std::string& list) const;

  private:
    struct Inside;
    std::shared_ptr<const Inside> inside_;
};

// Messages as they go out, without their header. `result` and `parameters` are JSON already.
std::string answer(const std::string& id, std::string_view result);
// An answer that is an error; without an id where it is not known which message it is of.
std::string refusal(const std::optional<std::string>& id, const Wrong& why);
std::string request(std::string_view id, std::string_view method);
// Nothing is answered to it.
std::string notification(std::string_view method, std::string_view parameters);
// What the editor shows to people, as the protocol numbers it.
enum class MessageType : int { warning = 2, info = 3 };
std::string shown(MessageType type, const std::string& text);

}  // namespace pvsplan::lsp

// What an editor may ask, as a table.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/lsp/message.hpp"
#include "runtime/lsp/state.hpp"

namespace pvsplan::lsp {

// A result as JSON, or why there is none.
using Answer = std::variant<std::string, Wrong>;

struct Request {
    std::string_view method;
    // What it waits for: nothing, the first compilation of the document, compilations of the texts as they are, or
    // their proved fixes as well.
    enum class Needs : std::uint8_t { text, known, compilation, repairs } needs = Needs::text;
    // Called by the thread that answers, once what it needs is there. It takes any parameters: what is missing or wrong
    // is an answer of Wrong.
    Answer (*answer)(State& state, const Message& message) = nullptr;
};

// Null: there is no such request.
const Request* request_named(std::string_view method);

// The result of `initialize`. In the encoding that was agreed on.
std::string capabilities_json(const Client& client, std::string_view version);

}  // namespace pvsplan::lsp

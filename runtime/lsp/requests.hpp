// What an editor may ask, as a table.
#pragma once

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
    enum class Needs { text, known, compilation, repairs } needs = Needs::text;
    Answer (*answer)(State& state, const Message& message) = nullptr;
};

// Null: there is no such request.
const Request* request_named(std::string_view method);

// The result of `initialize`.
std::string capabilities_json(const Client& client, std::string_view version);

}  // namespace pvsplan::lsp

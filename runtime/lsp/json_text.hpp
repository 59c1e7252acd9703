// JSON as it goes out: bytes that are no UTF-8, which a file may hold, are replaced.
#pragma once

#include <string>

namespace pvsplan::lsp {

// In one line. The library would throw for such bytes.
template <class Json>
std::string json_text(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pvsplan::lsp

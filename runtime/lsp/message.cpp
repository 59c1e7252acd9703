#include "runtime/lsp/message.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "runtime/lsp/json_bounds.hpp"
#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {

using Json = nlohmann::json;

struct Message::Inside {
    Json params;

    // A number in the way is an index of a list, else a key. The ways are our own texts, so that no index is too large
    // to be read.
    [[nodiscard]] const Json* at(const std::string& parameter) const {
        const Json* found = &params;
        for (std::size_t begin = 1; begin <= parameter.size();) {
            const std::size_t end = std::min(parameter.find('/', begin), parameter.size());
            const std::string key = parameter.substr(begin, end - begin);
            if (found->is_array() && !key.empty() && key.find_first_not_of("0123456789") == std::string::npos) {
                const std::size_t index = std::stoul(key);
                if (index >= found->size()) return nullptr;
                found = &(*found)[index];
            } else {
                if (!found->is_object() || !found->contains(key)) return nullptr;
                found = &(*found)[key];
            }
            begin = end + 1;
        }
        return found;
    }
};

namespace {

// As a double, so that -1 and 1e300 are numbers like others and no conversion is undefined.
std::optional<std::uint32_t> unsigned_of(const Json* json) {
    if (!json || !json->is_number()) return std::nullopt;
    const double number = json->get<double>();
    constexpr double largest = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(number > 0 ? std::min(number, largest) : 0);
}

}  // namespace

// Bounds come before JSON::parse, which would build whatever it is given. A message without a method is an answer, and
// has to have a result or an error.
std::variant<Message, Wrong> Message::read(std::string text) {
    if (const auto why = refuse_json(text)) return Wrong{ErrorCode::invalid_request, *why};
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return Wrong{ErrorCode::parse_error, "a message that is not JSON"};
    if (!json.is_object()) return Wrong{ErrorCode::invalid_request, "a message that is no object"};
    Message message;
    if (const auto id = json.find("id"); id != json.end()) {
        if (!id->is_string() && !id->is_number())
            return Wrong{ErrorCode::invalid_request, "an id of no number or text"};
        message.id = json_text(*id);
    }
    if (const auto method = json.find("method"); method != json.end() && method->is_string()) {
        message.method = method->get<std::string>();
    } else if (!json.contains("result") && !json.contains("error")) {
        return Wrong{ErrorCode::invalid_request, "a message without `method`"};
    }
    auto inside = std::make_shared<Inside>();
    if (const auto params = json.find("params"); params != json.end()) inside->params = std::move(*params);
    message.inside_ = std::move(inside);
    return message;
}

bool Message::has(const std::string& parameter) const {
    const Json* const found = inside_->at(parameter);
    return found && !found->is_null();
}

std::optional<std::string> Message::text(const std::string& parameter) const {
    const Json* const found = inside_->at(parameter);
    if (!found || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

std::optional<std::int64_t> Message::number(const std::string& parameter) const {
    const Json* const found = inside_->at(parameter);
    if (!found || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

std::optional<bool> Message::flag(const std::string& parameter) const {
    const Json* const found = inside_->at(parameter);
    if (!found || !found->is_boolean()) return std::nullopt;
    return found->get<bool>();
}

std::optional<std::string> Message::json(const std::string& parameter) const {
    const Json* const found = inside_->at(parameter);
    if (!found) return std::nullopt;
    return json_text(*found);
}

std::optional<Position> Message::position(const std::string& parameter) const {
    const auto line = unsigned_of(inside_->at(parameter + "/line"));
    const auto character = unsigned_of(inside_->at(parameter + "/character"));
    if (!line || !character) return std::nullopt;
    return Position{*line, *character};
}

std::optional<Range> Message::range(const std::string& parameter) const {
    const auto start = position(parameter + "/start");
    const auto end = position(parameter + "/end");
    if (!start || !end) return std::nullopt;
    return Range{*start, *end};
}

std::size_t Message::count(const std::string& list) const {
    const Json* const found = inside_->at(list);
    return found && found->is_array() ? found->size() : 0;
}

// `result` is JSON that was made before: it is not read again to be sent.
std::string answer(const std::string& id, std::string_view result) {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + std::string(result) + "}";
}

std::string refusal(const std::optional<std::string>& id, const Wrong& why) {
    const Json error = {{"code", static_cast<int>(why.code)}, {"message", why.message}};
    return R"({"jsonrpc":"2.0","id":)" + id.value_or("null") + R"(,"error":)" + json_text(error) + "}";
}

std::string request(std::string_view id, std::string_view method) {
    return R"({"jsonrpc":"2.0","id":")" + std::string(id) + R"(","method":")" + std::string(method) + R"("})";
}

std::string notification(std::string_view method, std::string_view parameters) {
    return R"({"jsonrpc":"2.0","method":")" + std::string(method) + R"(","params":)" + std::string(parameters) + "}";
}

std::string shown(MessageType type, const std::string& text) {
    return notification("window/showMessage", json_text(Json{{"type", static_cast<int>(type)}, {"message", text}}));
}

}  // namespace pvsplan::lsp

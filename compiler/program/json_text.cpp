#include "compiler/program/json_text.hpp"

#include <charconv>
#include <limits>

#include "compiler/base/utf8.hpp"

namespace pvsplan::program {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

// Runs that need no escape are copied in one piece. Bytes beyond ASCII stay as they are: texts are UTF-8.
void write_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain = 0;  // where the run of bytes begins that stand for themselves
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        switch (byte) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\t': out += "\\t"; break;
            case '\r': out += "\\r"; break;
            default:
                out += "\\u00";
                out += hex_digits[byte >> 4U];
                out += hex_digits[byte & 15U];
        }
    }
    out.append(text, plain, text.size() - plain);
    out += '"';
}

void JsonReader::fail(std::string message) { fail_at(at_, std::move(message)); }

// The first fault counts. The rest of the text is skipped, so that no reader goes on in it and every loop ends.
void JsonReader::fail_at(std::size_t offset, std::string message) {
    if (error_) return;
    error_ = base::Error{"byte " + std::to_string(offset) + ": " + std::move(message)};
    at_ = text_.size();
}

// The four that JSON allows between its parts.
void JsonReader::space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
        ++at_;
}

// Names what stands there instead.
void JsonReader::expect(char c) {
    space();
    if (at_ < text_.size() && text_[at_] == c) {
        ++at_;
        return;
    }
    fail(at_ < text_.size() ? std::string("expected `") + c + "`, found `" + text_[at_] + "`"
                            : std::string("expected `") + c + "`, found the end of the text");
}

// Before every element and member but the first of its array or object.
void JsonReader::comma() {
    if (!first_) expect(',');
    first_ = false;
}

// By the first byte, which tells in JSON; nothing is consumed but blanks.
JsonReader::Next JsonReader::peek() {
    space();
    if (at_ >= text_.size()) return Next::nothing;
    switch (text_[at_]) {
        case '"': return Next::string;
        case '[': return Next::array;
        case '{': return Next::object;
        case 't':
        case 'f': return Next::boolean;
        case 'n': return Next::null;
        default: return text_[at_] == '-' || is_digit(text_[at_]) ? Next::number : Next::nothing;
    }
}

// Whether a comma is due is kept for the innermost alone: behind what was closed one always is.
void JsonReader::open_object() {
    expect('{');
    first_ = true;
}

// A member that is left over is named.
void JsonReader::close_object() {
    space();
    if (ok() && at_ < text_.size() && text_[at_] == ',') {
        ++at_;
        const std::size_t where = at_;
        const std::optional<std::string> name = raw_string();
        fail_at(where, name ? "the field `" + *name + "` does not belong here" : "expected `}`");
        return;
    }
    expect('}');
    first_ = false;
}

// The member that stands there instead is named; it is looked at by a copy of the reader, so that nothing is consumed.
void JsonReader::field(std::string_view name) {
    space();
    const std::size_t where = at_;
    if (maybe(name) || !ok()) return;
    JsonReader ahead = *this;
    ahead.space();
    if (!first_ && ahead.at_ < text_.size() && text_[ahead.at_] == ',') ++ahead.at_;
    const std::optional<std::string> found = ahead.raw_string();
    fail_at(where, "expected the field `" + std::string(name) + "`" + (found ? ", found `" + *found + "`" : ""));
}

// Consumes nothing unless the next member is that one. Names of the format have no escapes, so that bytes are compared.
bool JsonReader::maybe(std::string_view name) {
    if (!ok()) return false;
    std::size_t look = at_;
    const auto blank = [&] {
        while (look < text_.size() && (text_[look] == ' ' || text_[look] == '\n')) ++look;
    };
    blank();
    if (!first_) {
        if (look >= text_.size() || text_[look] != ',') return false;
        ++look;
        blank();
    }
    const std::string_view next = text_.substr(look);
    if (!(next.size() > name.size() + 1 && next[0] == '"' && next.substr(1, name.size()) == name &&
          next[name.size() + 1] == '"'))
        return false;
    at_ = look + name.size() + 2;
    first_ = false;
    expect(':');
    return ok();
}

// Nothing at the end of the object, which is consumed then, and once the reader has failed.
std::optional<std::string> JsonReader::any_field() {
    space();
    if (!ok()) return std::nullopt;
    if (at_ < text_.size() && text_[at_] == '}') {
        ++at_;
        first_ = false;
        return std::nullopt;
    }
    comma();
    std::string name = string();
    expect(':');
    if (!ok()) return std::nullopt;
    return name;
}

void JsonReader::open_array() {
    expect('[');
    first_ = true;
}

// False at the end of the array, which is consumed then, and once the reader has failed: a loop over it ends.
bool JsonReader::more() {
    space();
    if (!ok()) return false;
    if (at_ < text_.size() && text_[at_] == ']') {
        ++at_;
        first_ = false;
        return false;
    }
    comma();
    return ok();
}

void JsonReader::element() { comma(); }

void JsonReader::close_array() {
    expect(']');
    first_ = false;
}

// Four digits and no sign: from_chars() takes none for unsigned numbers.
std::optional<std::uint32_t> JsonReader::hex4() {
    std::uint32_t value = 0;
    if (at_ + 4 > text_.size()) return std::nullopt;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, begin + 4, value, 16);
    if (error != std::errc() || end != begin + 4) return std::nullopt;
    at_ += 4;
    return value;
}

// Half of a surrogate pair alone is refused: it would be no UTF-8.
bool JsonReader::escape(std::string& out) {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    switch (c) {
        case '"':
        case '\\':
        case '/': out += c; return true;
        case 'n': out += '\n'; return true;
        case 't': out += '\t'; return true;
        case 'r': out += '\r'; return true;
        case 'b': out += '\b'; return true;
        case 'f': out += '\f'; return true;
        case 'u': break;
        default: return false;
    }
    std::optional<std::uint32_t> point = hex4();
    if (!point || (*point >= 0xDC00 && *point < 0xE000)) return false;
    if (*point >= 0xD800 && *point < 0xDC00) {  // the first half of a pair
        if (text_.substr(at_, 2) != "\\u") return false;
        at_ += 2;
        const std::optional<std::uint32_t> low = hex4();
        if (!low || *low < 0xDC00 || *low >= 0xE000) return false;
        point = 0x10000 + ((*point - 0xD800) << 10U) + (*low - 0xDC00);
    }
    base::append_utf8(out, *point);
    return true;
}

// None where it does not end or has a wrong escape; the caller says which text that was.
std::optional<std::string> JsonReader::raw_string() {
    space();
    if (!ok() || at_ >= text_.size() || text_[at_] != '"') return std::nullopt;
    ++at_;
    std::string out;
    for (;;) {
        std::size_t stop = at_;
        while (stop < text_.size() && text_[stop] != '"' && text_[stop] != '\\') ++stop;
        if (stop == text_.size()) return std::nullopt;
        out.append(text_, at_, stop - at_);
        at_ = stop + 1;
        if (text_[stop] == '"') return out;
        if (!escape(out)) return std::nullopt;
    }
}

// Empty once the reader has failed.
std::string JsonReader::string() {
    space();
    const std::size_t where = at_;
    std::optional<std::string> text = raw_string();
    if (!text) {
        const bool is_text = where < text_.size() && text_[where] == '"';
        fail_at(where, is_text ? "the string does not end or has a wrong escape" : "expected a string");
        return {};
    }
    return std::move(*text);
}

// The bytes of a number, whose form is left to whoever reads it: a version may come as one, and is no integer.
std::string_view JsonReader::number() {
    space();
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '-' || text_[at_] == '+' || text_[at_] == '.' ||
                                  text_[at_] == 'e' || text_[at_] == 'E'))
        ++at_;
    if (at_ == begin) fail("expected a number");
    return ok() ? text_.substr(begin, at_ - begin) : std::string_view();
}

// 0 once the reader has failed: whoever reads on does no harm.
std::int64_t JsonReader::integer() {
    space();
    const std::size_t where = at_;
    const std::string_view text = number();
    std::int64_t value = 0;
    if (!ok()) return 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        fail_at(where, "`" + std::string(text) + "` is not an integer of 64 bits");
    return ok() ? value : 0;
}

// Of 32 bits: numbers of the format are counts and indices.
std::uint32_t JsonReader::natural() {
    space();
    const std::size_t where = at_;
    const std::int64_t value = integer();
    if (value < 0 || value > std::numeric_limits<std::uint32_t>::max()) {
        fail_at(where, "the number " + std::to_string(value) + " is out of range");
        return 0;
    }
    return static_cast<std::uint32_t>(value);
}

// False once the reader has failed.
bool JsonReader::boolean() {
    space();
    for (const std::string_view word : {"true", "false"})
        if (ok() && text_.substr(at_, word.size()) == word) {
            at_ += word.size();
            return word == "true";
        }
    fail("expected true or false");
    return false;
}

void JsonReader::null() {
    space();
    if (ok() && text_.substr(at_, 4) == "null") {
        at_ += 4;
    } else {
        fail("expected null");
    }
}

// By counting brackets, without recursion: the depth of what a stranger wrote is no matter.
void JsonReader::skip() {
    std::size_t depth = 0;
    do {
        space();
        if (!ok()) return;
        if (at_ >= text_.size()) return fail("the text ends within a value");
        const char c = text_[at_];
        if (c == '"') {
            string();
        } else {
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') {
                if (depth == 0) return fail("expected a value");
                --depth;
            }
            ++at_;
            const bool in_word = c != '{' && c != '[' && c != '}' && c != ']' && c != ',' && c != ':';
            while (in_word && at_ < text_.size() && (is_digit(text_[at_]) || (text_[at_] >= 'a' && text_[at_] <= 'z')))
                ++at_;
        }
    } while (depth > 0);
    first_ = false;
}

// Blanks may follow.
void JsonReader::end_of_text() {
    space();
    if (ok() && at_ != text_.size()) fail("something follows the end of the document");
}

}  // namespace pvsplan::program

#include "runtime/state/printed_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "compiler/base/lists.hpp"
#include "compiler/base/near.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/program/json_text.hpp"

namespace pvsplan::state {

using program::JsonReader;
using program::Value;

namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// An excerpt from `at` on, on one line.
std::string excerpt(std::string_view text, std::size_t at) {
    static constexpr std::size_t max_length = 40;
    const std::string_view line = text.substr(at, text.find_first_of("\r\n", at) - at);
    if (line.size() <= max_length) return "`" + std::string(line) + "`";
    return "`" + std::string(line.substr(0, base::cut_before(line, max_length))) + "…`";
}

// Reads the grammar of JSON (RFC 8259) without recursion: `open_` is the stack of open brackets.
class Scanner {
  public:
    Scanner(std::string_view text, std::size_t from) : text_(text), at_(from) {}

    // Whether a value begins here. If so `end()` is behind it, else `end()` is at the fault.
    bool value() {
        do {
            space();
            if (!begin_value()) return false;
            while (!open_.empty() && is_over_)
                if (!after_element()) return false;
        } while (!open_.empty());
        return true;
    }
    [[nodiscard]] std::size_t end() const { return at_; }
    void space() { at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size()); }

  private:
    // A scalar or an empty collection is over at once; a bracket that opens wants its first element.
    bool begin_value() {
        is_over_ = true;
        if (at_ >= text_.size()) return false;
        const char c = text_[at_];
        if (c == '"') return string();
        if (c == '-' || is_digit(c)) return number();
        if (c != '{' && c != '[') return word("true") || word("false") || word("null");
        ++at_;
        space();
        const char close = c == '{' ? '}' : ']';
        if (at_ < text_.size() && text_[at_] == close) return ++at_, true;
        open_ += close;
        is_over_ = false;
        return c == '[' || name();
    }
    // Behind an element: a comma and what comes next, or the end of the collection, which is an element itself.
    bool after_element() {
        space();
        if (at_ >= text_.size()) return false;
        if (text_[at_] == open_.back()) {
            ++at_;
            open_.pop_back();
            return true;
        }
        if (text_[at_] != ',') return false;
        ++at_;
        is_over_ = false;
        if (open_.back() == ']') return true;
        space();
        return name();
    }
    bool name() {
        if (at_ >= text_.size() || text_[at_] != '"' || !string()) return false;
        space();
        if (at_ >= text_.size() || text_[at_] != ':') return false;
        return ++at_, true;
    }
    // A fault within a text is told at its beginning, since its end cannot be known.
    bool string() {
        const std::size_t begin = at_;
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') return ++at_, true;
            if (static_cast<unsigned char>(c) < 0x20) break;
            if (c == '\\' && !escape()) break;
        }
        at_ = begin;
        return false;
    }
    // Behind a backslash; then on the last character of what it writes.
    bool escape() {
        const auto next = [this] { return ++at_ < text_.size() ? text_[at_] : '\0'; };
        const char kind = next();
        if (kind != 'u') return std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos;
        for (int i = 0; i < 4; ++i)
            if (std::string_view("0123456789abcdefABCDEF").find(next()) == std::string_view::npos) return false;
        return true;
    }
    // At a fault the place goes back to where the number began: that is what people are shown.
    bool number() {
        const std::size_t begin = at_;
        const auto digits = [this] {
            const std::size_t first = at_;
            while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
            return at_ > first;
        };
        const auto skip = [this](std::string_view any) {
            return at_ < text_.size() && any.find(text_[at_]) != std::string_view::npos ? (++at_, true) : false;
        };
        (void)skip("-");
        bool is_number = skip("0") || digits();
        if (is_number && skip(".")) is_number = digits();
        if (is_number && skip("eE")) {
            (void)skip("+-");
            is_number = digits();
        }
        if (!is_number) at_ = begin;
        return is_number;
    }
    bool word(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }

    std::string_view text_;
    std::size_t at_;
    std::string open_;
    bool is_over_ = true;
};

// Where a value that ends with the text would have to begin: the last line from which on as many brackets close as
// open. A string of JSON contains no line break, so each line can be read by itself.
std::optional<std::size_t> last_balanced_line(std::string_view text) {
    std::int64_t balance = 0;
    for (std::size_t end = text.size();;) {
        const std::size_t feed = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
        const std::size_t begin = feed == std::string_view::npos ? 0 : feed + 1;
        bool is_text = false;
        for (std::size_t i = begin; i < end; ++i) {
            const char c = text[i];
            if (is_text && c == '\\')
                ++i;
            else if (c == '"')
                is_text = !is_text;
            else if (!is_text)
                balance += c == '}' || c == ']' ? 1 : c == '{' || c == '[' ? -1 : 0;
        }
        if (balance == 0) return begin;
        if (balance < 0 || begin == 0) return std::nullopt;
        end = feed;
    }
}

// Whether the text before a value shows that it is an element of a larger one whose end is missing.
bool is_within_another(std::string_view before) {
    const std::size_t last = before.find_last_not_of(blanks);
    if (last == std::string_view::npos) return false;
    const char c = before[last];
    const char previous = last == 0 ? ' ' : before[last - 1];
    const bool is_behind_element = previous == '}' || previous == ']' || previous == '"' || is_digit(previous);
    return c == '[' || (c == ',' && is_behind_element) || (c == ':' && previous == '"');
}

// Why the text from there on is no single value; empty: it is one.
std::string fault_at(std::string_view text, std::size_t from) {
    Scanner scanner(text, from);
    const bool is_value = scanner.value();
    scanner.space();
    const std::size_t at = scanner.end();
    if (at >= text.size()) return is_value ? "" : "it ends within a value at byte " + std::to_string(at);
    return "byte " + std::to_string(at) + ": " + excerpt(text, at);
}

// Where a reader who looks for JSON would begin.
std::size_t promising(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t first = text.find_first_not_of(blanks, at);
        if (first == std::string_view::npos) break;
        if (text[first] == '{' || text[first] == '[') return first;
        at = std::min(text.find('\n', first), text.size());
    }
    return text.find_first_not_of(blanks);
}

// A number that is no whole one stays text as it was written: nothing is rounded on the way.
Value scalar(JsonReader& in) {
    switch (in.peek()) {
        case JsonReader::Next::string: return Value::string(in.string());
        case JsonReader::Next::boolean: return Value::boolean(in.boolean());
        case JsonReader::Next::number: {
            const auto text = in.number();
            std::int64_t number = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error == std::errc() && end == text.data() + text.size()) return Value::integer(number);
            return Value::string(std::string(text));
        }
        default: return {};
    }
}

// Puts `in` before the member. Why it cannot; empty: it could.
// All members are read, also behind the one that is asked for: one that is there twice has no value.
std::string step_into_object(JsonReader& in, const std::string& name) {
    std::vector<std::string> names;
    std::optional<JsonReader> found;
    in.open_object();
    while (const auto field = in.any_field()) {
        if (*field == name && found) return "`" + name + "` is there twice";
        if (*field == name) found = in;
        names.push_back(*field);
        in.skip();
    }
    if (found) {
        in = *found;
        return "";
    }
    if (names.empty()) return "there is no `" + name + "`: it is an empty object";
    const auto near = base::nearest(name, names);
    return "there is no `" + name + "`; " +
           (near ? "did you mean `" + *near + "`?" : "its members are " + base::some_quoted(names, 6));
}

// Puts `in` before the member of an object or the element of a list; a list is counted from 0.
std::string step_into(JsonReader& in, const std::string& name) {
    if (in.peek() == JsonReader::Next::object) return step_into_object(in, name);
    if (in.peek() != JsonReader::Next::array) return "there is no `" + name + "`: it is a single value";
    in.open_array();
    std::size_t number = 0;
    while (in.more()) {
        if (std::to_string(number) == name) return "";
        in.skip();
        ++number;
    }
    return "there is no `" + name + "`: it is a list of " + std::to_string(number);
}

}  // namespace

std::string json_fault(std::string_view text) { return fault_at(text, 0); }

// What a command printed before its value, such as a banner, is passed over; what follows the value is a fault.
PrintedJson printed_json(std::string_view out) {
    if (out.starts_with("\xEF\xBB\xBF")) out.remove_prefix(3);
    const std::size_t last = out.find_last_not_of(blanks);
    if (last == std::string_view::npos) return {.text = {}, .fault = "it printed nothing"};
    const std::string_view text = out.substr(0, last + 1);
    if (const auto begin = last_balanced_line(text))
        if (const std::string_view value = text.substr(*begin);
            json_fault(value).empty() && !is_within_another(text.substr(0, *begin)))
            return {.text = value, .fault = {}};
    return {.text = {}, .fault = "what it printed is no JSON, " + fault_at(text, promising(text))};
}

// Only a scalar is a value: what is an object or a list is named as such, since somebody may have left out a part of
// the path.
JsonMember member_at(std::string_view json, const std::vector<std::string>& path) {
    JsonReader in(json);
    for (const auto& name : path)
        if (std::string fault = step_into(in, name); !fault.empty()) return {.value = {}, .fault = std::move(fault)};
    const JsonReader::Next next = in.peek();
    const std::string what = path.empty() ? "it" : "`" + path.back() + "`";
    if (next == JsonReader::Next::null) return {.value = {}, .fault = what + " is null"};
    if (next == JsonReader::Next::object || next == JsonReader::Next::array)
        return {.value = {}, .fault = what + (next == JsonReader::Next::object ? " is an object" : " is a list")};
    Value value = scalar(in);
    if (!in.ok()) return {.value = {}, .fault = in.error().text()};
    return {.value = std::move(value), .fault = {}};
}

}  // namespace pvsplan::state

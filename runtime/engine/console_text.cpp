#include "runtime/engine/console_text.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/base/lists.hpp"
#include "compiler/base/utf8.hpp"

namespace pvsplan::engine {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

struct Utf16 {
    std::size_t begin = 0;  // behind the byte order mark
    bool is_big_endian;
};

// Told by the byte order mark. Without one, by zeros among the first bytes: at most of the even (or of the odd) places,
// and at hardly any of the others.
std::optional<Utf16> utf16_of(std::string_view text) {
    if (text.starts_with("\xFF\xFE")) return Utf16{.begin = 2, .is_big_endian = false};
    if (text.starts_with("\xFE\xFF")) return Utf16{.begin = 2, .is_big_endian = true};
    static constexpr std::size_t looked_at = 4096;
    const std::size_t size = std::min(text.size(), looked_at) / 2 * 2;
    if (size < 4) return std::nullopt;
    std::size_t zeros[2] = {0, 0};
    for (std::size_t i = 0; i < size; ++i)
        if (text[i] == '\0') ++zeros[i % 2];
    const std::size_t units = size / 2;
    const auto is_most = [units](std::size_t count) { return count * 10 >= units * 7; };
    const auto is_rare = [units](std::size_t count) { return count * 10 <= units; };
    if (is_rare(zeros[0]) && is_most(zeros[1])) return Utf16{.begin = 0, .is_big_endian = false};
    if (is_rare(zeros[1]) && is_most(zeros[0])) return Utf16{.begin = 0, .is_big_endian = true};
    return std::nullopt;
}

// Surrogates come in pairs, high before low, and make one character; half a pair is replaced, for it has no UTF-8.
std::string from_utf16(std::string_view text, const Utf16& how) {
    std::string out;
    out.reserve(text.size());
    const auto unit = [&](std::size_t at) -> std::uint32_t {
        const std::uint32_t first = byte_at(text, at);
        const std::uint32_t second = byte_at(text, at + 1);
        return how.is_big_endian ? first << 8U | second : second << 8U | first;
    };
    std::size_t at = how.begin;
    for (; at + 1 < text.size(); at += 2) {
        const std::uint32_t here = unit(at);
        const bool is_high = here >= 0xD800 && here < 0xDC00;
        const std::uint32_t next = is_high && at + 3 < text.size() ? unit(at + 2) : 0;
        if (next >= 0xDC00 && next < 0xE000) {
            base::append_utf8(out, 0x10000 + ((here - 0xD800) << 10U) + (next - 0xDC00));
            at += 2;
        } else if (here >= 0xD800 && here < 0xE000) {
            out += replacement;
        } else {
            base::append_utf8(out, here);
        }
    }
    if (at < text.size()) out += replacement;  // half of a unit: the text was cut
    return out;
}

struct Line {
    std::string text;
    bool is_utf8 = true;
    bool is_whole = true;
};

// As `\x80`: the byte is shown, and cannot be taken for a character.
void append_byte(std::string& out, unsigned char byte) {
    static constexpr std::string_view digits = "0123456789abcdef";
    out += "\\x";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
}

// A very long line is cut in the middle.
Line readable(std::string_view line) {
    static constexpr std::size_t max_length = 400;
    static constexpr std::size_t end_kept = 100;
    Line result;
    const auto take = [&result](std::string_view part) {
        for (std::size_t at = 0; at < part.size();) {
            const base::Utf8Character one = base::utf8_at(part, at);
            if (one.is_valid) {
                result.text += part.substr(at, one.size);
            } else {
                append_byte(result.text, byte_at(part, at));
                result.is_utf8 = false;
            }
            at += one.size;
        }
    };
    if (line.size() <= max_length) return take(line), result;
    result.is_whole = false;
    const auto is_within = [&](std::size_t at) { return (byte_at(line, at) & 0xC0U) == 0x80; };
    std::size_t head = max_length - end_kept;
    std::size_t tail = line.size() - end_kept;
    for (int i = 0; i < 3 && is_within(head); ++i) --head;  // no half of a character
    for (int i = 0; i < 3 && is_within(tail); ++i) ++tail;
    take(line.substr(0, head));
    result.text += " … (" + std::to_string(tail - head) + " bytes) … ";
    take(line.substr(tail));
    return result;
}

// The lines with something in them, blanks at their ends taken off.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (const std::size_t last = line.find_last_not_of(" \t"); last != std::string_view::npos)
            lines.push_back(line.substr(0, last + 1));
        at = end + 1;
    }
    return lines;
}

}  // namespace

// Overlong forms and surrogates are none: utf8_at() refuses them.
bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const base::Utf8Character one = base::utf8_at(text, at);
        if (!one.is_valid) return false;
        at += one.size;
    }
    return true;
}

// What a Windows console wrote as UTF-16 becomes UTF-8; any other encoding stays as it is.
std::string as_utf8(std::string text) {
    if (text.starts_with("\xEF\xBB\xBF")) return text.substr(3);
    const auto utf16 = utf16_of(text);
    return utf16 ? from_utf16(text, *utf16) : text;
}

// Every byte that is no UTF-8 becomes its hex, so that the journal can hold it.
std::string as_text(std::string text) {
    if (is_utf8(text)) return text;
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const base::Utf8Character one = base::utf8_at(text, at);
        if (one.is_valid)
            result += text.substr(at, one.size);
        else
            append_byte(result, byte_at(text, at));
        at += one.size;
    }
    return result;
}

// The first lines say what went wrong, the last ones what a program gave as its summary. One line more than both is
// shown whole: a note on a single line left out would be no shorter.
Reason reason_of(std::string_view text) {
    static constexpr std::size_t head = 6;
    static constexpr std::size_t tail = 3;
    const std::vector<std::string_view> lines = lines_of(text);
    Reason reason;
    bool is_all_utf8 = true;
    const auto add = [&](std::string_view line) {
        const Line one = readable(line);
        is_all_utf8 &= one.is_utf8;
        reason.is_whole &= one.is_whole;
        base::append(reason.text, "\n", one.text);
    };
    const bool is_short = lines.size() <= head + tail + 1;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (is_short || i < head || i + tail >= lines.size()) add(lines[i]);
        if (!is_short && i == head) reason.text += "\n… (" + std::to_string(lines.size() - head - tail) + " lines) …";
    }
    reason.is_whole &= is_short;
    if (!is_all_utf8) reason.text += "\n(it is not UTF-8, and nobody can tell which code page it is in)";
    return reason;
}

}  // namespace pvsplan::engine

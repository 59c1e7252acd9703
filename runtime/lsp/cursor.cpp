#include "runtime/lsp/cursor.hpp"

#include <algorithm>
#include <optional>

namespace pvsplan::lsp {
namespace {

// Further away nothing is looked for: a list may have a hundred thousand entries.
constexpr std::uint32_t max_lines = 400;
constexpr std::uint32_t max_flow_lines = 60;
// Nor is anything between brackets that begin so far before the cursor: a stranger's line may be brackets and nothing
// else, and each that is open takes memory.
constexpr std::uint32_t max_flow_bytes = 16 * 1024;

// A line by its columns: `- - key: value`.
struct LineForm {
    std::vector<std::uint32_t> dashes;
    std::uint32_t content = 0;  // the column behind them
    bool is_empty = true;       // nothing stands there but dashes
    bool has_key = false;
    std::string key;
    std::uint32_t value = 0;  // the column behind `key: `

    [[nodiscard]] bool is_blank() const { return is_empty && dashes.empty(); }
    [[nodiscard]] std::uint32_t first() const { return dashes.empty() ? content : dashes.front(); }
};

std::uint32_t skip_blanks(std::string_view line, std::size_t at) {
    while (at < line.size() && line[at] == ' ') ++at;
    return static_cast<std::uint32_t>(at);
}

bool ends_key(std::string_view line, std::size_t at) {
    return line[at] == ':' && (at + 1 == line.size() || line[at + 1] == ' ');
}

// `key: ` at the beginning of what the line holds, between quotes or not. What begins as a flow, a block text, an
// anchor, an alias or a tag has no key that matters here.
void read_key(std::string_view line, LineForm& form) {
    std::size_t at = form.content;
    const char first = line[at];
    if (std::string_view("{[|>&*!#%@`").find(first) != std::string_view::npos) return;
    const bool is_quoted = first == '"' || first == '\'';
    if (is_quoted) {
        at = line.find(first, at + 1);
        if (at == std::string_view::npos || ++at >= line.size() || !ends_key(line, at)) return;
    }
    while (at < line.size() && !ends_key(line, at)) {
        if (line[at] == '#' && line[at - 1] == ' ') return;
        ++at;
    }
    if (at >= line.size()) return;
    form.has_key = true;
    form.key = line.substr(form.content + (is_quoted ? 1 : 0), at - form.content - (is_quoted ? 2 : 0));
    form.value = skip_blanks(line, at + 1);
}

// Enough of YAML for block style: dashes, a key, the place of its value. A text of several lines is read as if its
// lines were its own; whoever climbs passes over them by their columns.
LineForm form_of(std::string_view line) {
    LineForm form;
    std::uint32_t at = skip_blanks(line, 0);
    while (at < line.size() && line[at] == '-' && (at + 1 == line.size() || line[at + 1] == ' ')) {
        form.dashes.push_back(at);
        at = skip_blanks(line, at + 1);
    }
    form.content = at;
    form.is_empty = at >= line.size() || line[at] == '#';
    if (!form.is_empty) read_key(line, form);
    return form;
}

// To the end of the line, without a comment.
std::string value_of(std::string_view line, const LineForm& form) {
    std::string_view value = line.substr(std::min<std::size_t>(form.value, line.size()));
    if (const std::size_t comment = value.find(" #"); comment != std::string_view::npos)
        value = value.substr(0, comment);
    while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
    return std::string(value);
}

// The keys of the mapping whose keys stand in that column around that line, but the one of the line itself. Upwards to
// where the mapping begins, and downwards to where something stands further left. A dash in the line itself begins an
// entry, so that nothing above it belongs to it.
std::vector<Sibling> siblings(const Lines& lines, std::uint32_t number, std::uint32_t column) {
    std::vector<Sibling> keys;
    const auto note = [&](std::uint32_t at, const LineForm& form) {
        if (form.has_key && form.content == column && at != number)
            keys.push_back({form.key, value_of(lines.line(at), form)});
    };
    const LineForm own = form_of(lines.line(number));
    for (std::uint32_t at = number; own.dashes.empty() && at > 0 && number - at < max_lines;) {
        const LineForm form = form_of(lines.line(--at));
        if (form.is_blank()) continue;
        note(at, form);
        if (form.first() < column) break;
    }
    for (std::uint32_t at = number + 1; at < lines.count() && at - number < max_lines; ++at) {
        const LineForm form = form_of(lines.line(at));
        if (form.is_blank()) continue;
        if (form.first() < column) break;
        note(at, form);
    }
    return keys;
}

// The levels around what stands in that column of that line, from inside. From inside to outside, each level further
// left than the one before. A list may stand in the column of its key, which is why a dash lets a key of the same
// column count.
std::vector<Level> climb(const Lines& lines, std::uint32_t number, std::uint32_t column) {
    std::vector<Level> way;
    bool is_dash = false;
    const auto look = [&](std::uint32_t at, const LineForm& form) {
        const bool is_above = at != number;
        if (is_above && form.has_key && (form.content < column || (is_dash && form.content == column))) {
            way.push_back({form.key, siblings(lines, at, form.content), at, form.content});
            column = form.content;
            is_dash = false;
        }
        for (auto dash = form.dashes.rbegin(); dash != form.dashes.rend(); ++dash) {
            if (*dash >= column) continue;
            way.push_back({"-", {}, at, *dash});
            column = *dash;
            is_dash = true;
        }
    };
    look(number, form_of(lines.line(number)));
    for (std::uint32_t at = number; at > 0 && (column > 0 || is_dash);) {
        const std::string_view line = lines.line(--at);
        // Most lines of a long list are further to the right than what is looked for.
        const std::uint32_t first = skip_blanks(line, 0);
        if (first > column || first == line.size() || (first == column && !is_dash)) continue;
        if (const LineForm form = form_of(line); !form.is_blank()) look(at, form);
    }
    return way;
}

// ---- between brackets -------------------------------------------------------------------------------------------

struct Bracket {
    bool is_map = false;
    std::string name;  // that leads to it
    std::vector<Sibling> keys = {};
    std::string key = {};   // whose value is being read
    std::size_t token = 0;  // where the key or the value begins
};

bool is_end_of_token(char c) { return c == ',' || c == '}' || c == ']'; }

// Walks from a bracket on; `each` is called in front of every character that is not quoted. Quotes are those of YAML:
// within `"` a backslash takes the next character along, within `'` nothing does. A quote or a bracket begins something
// only at the beginning of an entry: elsewhere it is text.
class FlowWalk {
  public:
    explicit FlowWalk(std::string_view text) : text_(text) {}

    // Up to `end`; the brackets that are open there. Empty: they were closed before.
    std::vector<Bracket>& to(std::size_t end) {
        for (; at_ < end && !(at_ > 0 && open_.empty()); ++at_) step(text_[at_]);
        return open_;
    }
    // Goes on until the innermost bracket is closed. For the keys that stand behind the cursor; up to `bound` bytes,
    // since what is being typed may never be closed.
    void finish(std::size_t bound) {
        const std::size_t depth = open_.size();
        const std::size_t end = std::min(text_.size(), at_ + bound);
        for (; at_ < end; ++at_) {
            const bool is_last = open_.size() == depth && quote_ == 0 && (text_[at_] == '}' || text_[at_] == ']');
            if (is_last) break;
            step(text_[at_]);
        }
        if (open_.size() == depth) close_entry();
    }
    [[nodiscard]] const std::vector<Bracket>& open() const { return open_; }

  private:
    // What is read of the entry so far, without blanks and quotes around it.
    std::string token() const {
        const Bracket& in = open_.back();
        std::string_view text = text_.substr(in.token, at_ - in.token);
        while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\r'))
            text.remove_prefix(1);
        while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r'))
            text.remove_suffix(1);
        if (text.size() > 1 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
            text = text.substr(1, text.size() - 2);
        return std::string(text);
    }
    // Without a copy of it, and at its first character: a long entry may hold many brackets.
    [[nodiscard]] bool is_blank_entry() const {
        const std::size_t begin = open_.back().token;
        return text_.substr(begin, at_ - begin).find_first_not_of(" \r\n") == std::string_view::npos;
    }
    void close_entry() {
        Bracket& in = open_.back();
        if (in.is_map && !in.key.empty()) in.keys.push_back({in.key, token()});
        in.key.clear();
        in.token = at_ + 1;
    }
    // One character. A colon ends a key only before a blank or the end, as in YAML: `a:b` is a text.
    void step(char c) {
        if (quote_ != 0) {
            if (quote_ == '"' && c == '\\') {
                ++at_;
            } else if (c == quote_) {
                quote_ = 0;
            }
            return;
        }
        const bool may_begin = c == '"' || c == '\'' || c == '{' || c == '[';
        const bool is_first = may_begin && (open_.empty() || is_blank_entry());
        if (is_first && (c == '"' || c == '\'')) {
            quote_ = c;
        } else if (is_first) {
            const std::string name = open_.empty() ? "" : open_.back().is_map ? open_.back().key : "-";
            open_.push_back({.is_map = c == '{', .name = name, .token = at_ + 1});
        } else if (!open_.empty() && is_end_of_token(c)) {
            close_entry();
            if (c != ',') open_.pop_back();
        } else if (!open_.empty() && c == ':' && open_.back().is_map && open_.back().key.empty() &&
                   (at_ + 1 >= text_.size() ||
                    std::string_view(" \n\r,}").find(text_[at_ + 1]) != std::string_view::npos)) {
            open_.back().key = token();
            open_.back().token = at_ + 1;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Bracket> open_;
    char quote_ = 0;
};

bool is_bracket(std::string_view line, std::uint32_t column) {
    return column < line.size() && (line[column] == '{' || line[column] == '[');
}

// Where brackets begin that are open at `offset`, at that line or above it. Upwards until a key stands at the left
// edge, which no bracket reaches over in what people write.
std::optional<std::uint32_t> flow_line(const Lines& lines, std::uint32_t number, std::uint32_t offset) {
    for (std::uint32_t at = number + 1; at-- > 0 && number - at < max_flow_lines;) {
        const std::string_view line = lines.line(at);
        const LineForm form = form_of(line);
        const std::uint32_t column = form.has_key ? form.value : form.content;
        if (!is_bracket(line, column)) {
            if (at != number && form.has_key && form.content == 0) return std::nullopt;
            continue;
        }
        const std::uint32_t begin = lines.start(at) + column;
        if (begin >= offset || offset - begin > max_flow_bytes) continue;
        FlowWalk walk(lines.text().substr(begin));
        if (!walk.to(offset - begin).empty()) return at;
    }
    return std::nullopt;
}

// Whether the word at the cursor is a key already.
bool is_key_word(std::string_view text, const Cursor& cursor) {
    std::size_t at = cursor.end;
    if (cursor.begin == cursor.end) return false;
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
    return at < text.size() && text[at] == ':';
}

// Adds the levels between brackets to the way, and reads on to the closing one for the keys behind the cursor.
void enter_flow(const Lines& lines, std::uint32_t number, std::uint32_t offset, Cursor& cursor) {
    const std::string_view line = lines.line(number);
    const LineForm form = form_of(line);
    const std::uint32_t begin = lines.start(number) + (form.has_key ? form.value : form.content);
    FlowWalk walk(lines.text().substr(begin));
    const std::vector<Bracket> open = walk.to(offset - begin);
    if (open.empty()) return;
    walk.finish(4000);
    for (std::size_t i = 0; i < open.size(); ++i) {
        const Bracket& in = open[i];
        if (i > 0 && in.name == "-") cursor.way.push_back({"-", {}, number, form.first()});
        if (in.is_map && (i + 1 < open.size() || !in.key.empty()))
            cursor.way.push_back({in.key, in.keys, number, form.first()});
    }
    const Bracket& last = open.back();
    const std::size_t before = last.keys.size();
    cursor.at = last.is_map && last.key.empty() ? Cursor::At::key : Cursor::At::value;
    if (!last.is_map) cursor.way.push_back({"-", {}, number, form.first()});
    std::vector<Sibling> keys = walk.open().size() >= open.size() ? walk.open()[open.size() - 1].keys : last.keys;
    if (cursor.at == Cursor::At::key) {
        // The key that the cursor stands in is none of the others.
        if (is_key_word(lines.text(), cursor) && keys.size() > before)
            keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(before));
        cursor.keys = std::move(keys);
    } else if (last.is_map && !cursor.way.empty()) {
        cursor.way.back().keys = std::move(keys);
    }
    cursor.before = lines.text().substr(begin + last.token, offset - begin - last.token);
    cursor.before.erase(0, cursor.before.find_first_not_of(" \r\n"));
}

// What an editor replaces as one: names, paths, and characters of other languages.
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string_view Cursor::sibling(std::size_t level, std::string_view key) const {
    const std::vector<Sibling>& all = level < way.size() ? way[level].keys : keys;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Sibling& one) { return one.key == key; });
    return found == all.end() ? std::string_view() : std::string_view(found->value);
}

// First where the line belongs (by columns), then what stands between brackets on it. Damaged text gives a way that is
// shorter, and never a place outside of the text.
Cursor cursor_at(const Lines& lines, std::uint32_t offset, Flow flow) {
    const std::string_view text = lines.text();
    Cursor cursor{.begin = offset, .end = offset};
    while (cursor.begin > 0 && is_word(text[cursor.begin - 1])) --cursor.begin;
    while (cursor.end < text.size() && is_word(text[cursor.end])) ++cursor.end;
    const std::uint32_t own = lines.position(offset).line;
    const auto brackets = flow == Flow::is_entered ? flow_line(lines, own, offset) : std::nullopt;
    const std::uint32_t number = brackets.value_or(own);
    const LineForm form = form_of(lines.line(number));
    const std::uint32_t column = brackets ? form.value : offset - lines.start(number);
    const bool is_value =
        form.has_key &&
        column >= std::min<std::uint32_t>(form.value, form.content + static_cast<std::uint32_t>(form.key.size()) + 1);
    const std::uint32_t from = form.has_key || !form.is_empty ? form.content : std::max(column, form.content);
    cursor.way = climb(lines, number, std::min(from, std::max(column, form.content)));
    std::reverse(cursor.way.begin(), cursor.way.end());
    if (is_value) {
        cursor.at = Cursor::At::value;
        cursor.way.push_back({form.key, siblings(lines, number, form.content), number, form.content});
        const std::uint32_t begin = lines.start(number) + form.value;
        if (begin < offset) cursor.before = text.substr(begin, offset - begin);
    } else if (!brackets) {
        cursor.keys = siblings(lines, number, from);
        const std::uint32_t begin = lines.start(number) + form.content;
        if (begin < offset) cursor.before = text.substr(begin, offset - begin);
    }
    if (brackets) enter_flow(lines, number, offset, cursor);
    return cursor;
}

// By columns: the first key below says in which one the others stand.
std::vector<Sibling> keys_below(const Lines& lines, std::string_view key) {
    std::vector<Sibling> keys;
    bool is_below = false;
    std::optional<std::uint32_t> column;
    for (std::uint32_t number = 0; number < lines.count() && keys.size() < max_lines; ++number) {
        const LineForm form = form_of(lines.line(number));
        if (form.is_blank()) continue;
        if (form.first() == 0) {
            is_below = form.has_key && form.key == key;
        } else if (is_below && form.has_key && form.content == column.value_or(form.content)) {
            column = form.content;
            keys.push_back({form.key, value_of(lines.line(number), form)});
        }
    }
    return keys;
}

std::string first_key(const Lines& lines) {
    for (std::uint32_t number = 0; number < lines.count(); ++number)
        if (const LineForm form = form_of(lines.line(number)); form.has_key && form.content == 0) return form.key;
    return "";
}

namespace {

// The id that an entry of a list has on that line, whose keys stand in that column. `id: x` on a line of its own, or
// within the brackets of a short step.
std::string id_on(std::string_view line, const LineForm& form, std::uint32_t column) {
    std::string_view rest;
    if (form.has_key && form.content == column && form.key == "id") {
        rest = line.substr(std::min<std::size_t>(form.value, line.size()));
    } else if (is_bracket(line, form.content)) {
        const std::size_t at = line.find("id: ", form.content);
        const bool is_key =
            at != std::string_view::npos && std::string_view("{ ,").find(line[at - 1]) != std::string_view::npos;
        if (is_key) rest = line.substr(at + 4);
    }
    return std::string(rest.substr(0, rest.find_first_of(" ,}#\"")));
}

}  // namespace

// The list is looked at from its first entry to its last, by the column of its dashes: entries themselves are passed
// over by their columns, so that a long list costs one look at each line.
std::vector<std::string> ids_beside(const Lines& lines, const Cursor& cursor, std::size_t level) {
    std::vector<std::string> ids;
    const std::uint32_t dash = cursor.way[level].column;
    const std::uint32_t own = cursor.way[level].line;
    std::uint32_t first = own;
    while (first > 0) {
        const LineForm form = form_of(lines.line(first - 1));
        if (!form.is_blank() && (form.first() < dash || (form.first() == dash && form.dashes.empty()))) break;
        --first;
    }
    bool is_own = false;
    std::uint32_t column = dash + 2;
    for (std::uint32_t at = first; at < lines.count(); ++at) {
        const std::string_view line = lines.line(at);
        if (skip_blanks(line, 0) > column) continue;
        const LineForm form = form_of(line);
        if (form.is_blank()) continue;
        const bool begins = !form.dashes.empty() && form.dashes.front() == dash;
        if (form.first() < dash || (form.first() == dash && !begins)) break;
        if (begins) {
            is_own = at == own;
            column = form.content;
        }
        if (const std::string id = id_on(line, form, column); !is_own && !id.empty()) ids.push_back(id);
    }
    return ids;
}

}  // namespace pvsplan::lsp

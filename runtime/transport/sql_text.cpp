#include "runtime/transport/sql_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace pvsplan::transport {

namespace {

// Names in a plan are lower case; a word of SQL may be much more.
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool is_name_char(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
bool is_word_char(char c) {
    return is_name_char(c) || (c >= 'A' && c <= 'Z') || c == '$' || c == '@' || c == '#' ||
           static_cast<unsigned char>(c) > 127;
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The text is read once, from left to right. Whatever looks like a value or a GO within a literal or a comment has been
// passed by then.
class Splitter {
  public:
    explicit Splitter(std::string_view script) : script_(script) {}
    base::Result<std::vector<SqlBatch>> split();

  private:
    [[nodiscard]] char at(std::size_t offset) const {
        return at_ + offset < script_.size() ? script_[at_ + offset] : '\0';
    }
    [[nodiscard]] bool sees(std::string_view text) const { return script_.substr(at_).starts_with(text); }
    void take(std::size_t count);
    void fail(std::string text, std::uint32_t line);
    void end_batch();
    bool take_go();
    bool take_literal();
    bool take_comment();
    bool take_dollar_quote();
    bool take_value();
    void take_until(std::string_view end, const char* what);
    void take_quoted(char end, char escape);
    [[nodiscard]] std::size_t name_length(std::size_t from) const;

    std::string_view script_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    bool at_line_start_ = true;
    bool after_word_ = false;  // the character before is one of a word
    bool has_content_ = false;
    SqlBatch batch_;
    std::vector<SqlBatch> batches_;
    std::string error_;
};

// Every character of a batch passes here, so line and word are always known.
void Splitter::take(std::size_t count) {
    for (std::size_t i = 0; i < count && at_ < script_.size(); ++i, ++at_) {
        const char c = script_[at_];
        batch_.text += c;
        if (c == '\n') ++line_;
        at_line_start_ = c == '\n';
        after_word_ = is_word_char(c);
    }
}

// The first error is the one that is told; the rest of the script is passed.
void Splitter::fail(std::string text, std::uint32_t line) {
    if (error_.empty()) error_ = fmt::format("line {} of the script: {}", line, text);
    at_ = script_.size();
}

// A batch without content, such as a comment between two GO, is not sent.
void Splitter::end_batch() {
    if (has_content_) batches_.push_back(std::move(batch_));
    batch_ = {};
    batch_.line = line_;
    has_content_ = false;
}

// "GO", "go 5", with blanks around and a comment behind, alone on its line.
bool Splitter::take_go() {
    if (!at_line_start_) return false;
    const auto end = std::min(script_.find('\n', at_), script_.size());
    auto line = script_.substr(at_, end - at_);
    line = line.substr(0, line.find("--"));
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    if (line.size() < 2 || (line[0] | 32) != 'g' || (line[1] | 32) != 'o') return false;
    line.remove_prefix(2);
    if (!line.empty() && !is_blank(line.front())) return false;
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    if (!line.empty()) {
        const auto [rest, wrong] = std::from_chars(line.data(), line.data() + line.size(), batch_.times);
        if (wrong != std::errc() || rest != line.data() + line.size()) return false;
        if (batch_.times > 1000) fail("GO runs a batch at most 1000 times", line_);
        if (batch_.times == 0) has_content_ = false;
    }
    if (at_ == script_.size()) return true;
    at_ = end == script_.size() ? end : end + 1;
    ++line_;
    end_batch();
    at_line_start_ = true;
    after_word_ = false;
    return true;
}

// Told with the line where it began: its end is where somebody has forgotten it.
void Splitter::take_until(std::string_view end, const char* what) {
    const auto from = line_;
    const auto found = script_.find(end, at_);
    if (found == std::string_view::npos) return fail(fmt::format("{} has no end", what), from);
    take(found + end.size() - at_);
}

// A quote that is doubled stands for itself in every dialect; a backslash escapes only where the caller says so.
void Splitter::take_quoted(char end, char escape) {
    const auto from = line_;
    take(1);
    while (at_ < script_.size()) {
        if (escape != '\0' && at(0) == escape) {
            take(2);
        } else if (at(0) == end && at(1) == end) {
            take(2);
        } else if (at(0) == end) {
            return take(1);
        } else {
            take(1);
        }
    }
    fail("a literal has no end", from);
}

bool Splitter::take_literal() {
    const char c = at(0);
    if ((c == 'E' || c == 'e') && at(1) == '\'' && !after_word_) {
        take(1);
        take_quoted('\'', '\\');
    } else if (c == '\'' || c == '"' || c == '`') {
        take_quoted(c, '\0');
    } else if (c == '[' && !after_word_ && at(1) != ']' && !(at(1) >= '0' && at(1) <= '9')) {
        take_quoted(']', '\0');  // a name of T-SQL; x[1] and '{}'[] are arrays of PostgreSQL
    } else {
        return false;
    }
    has_content_ = true;
    return true;
}

// Comments nest in PostgreSQL and SQL Server.
bool Splitter::take_comment() {
    if (sees("--")) {
        take(std::min(script_.find('\n', at_), script_.size()) - at_);
        return true;
    }
    if (!sees("/*")) return false;
    const auto from = line_;
    int depth = 0;
    while (at_ < script_.size()) {
        if (sees("/*")) {
            ++depth;
            take(2);
        } else if (sees("*/")) {
            take(2);
            if (--depth == 0) return true;
        } else {
            take(1);
        }
    }
    fail("a comment has no end", from);
    return true;
}

// `$1` is a parameter of PostgreSQL, no tag.
bool Splitter::take_dollar_quote() {
    if (at(0) != '$' || after_word_) return false;
    std::size_t length = 1;
    while (is_word_char(at(length)) && at(length) != '$') ++length;
    if (at(length) != '$' || (at(1) >= '0' && at(1) <= '9')) return false;
    const std::string tag(script_.substr(at_, length + 1));
    take(tag.size());
    take_until(tag, "a literal");
    has_content_ = true;
    return true;
}

// [a-z_][a-z0-9_]*(-[a-z0-9_]+)*
std::size_t Splitter::name_length(std::size_t from) const {
    if (!is_name_start(at(from))) return 0;
    std::size_t length = 1;
    while (is_name_char(at(from + length)) || (at(from + length) == '-' && is_name_char(at(from + length + 1))))
        ++length;
    return length;
}

// `::` casts in PostgreSQL, so the second colon begins no value.
bool Splitter::take_value() {
    static constexpr std::array<std::string_view, 4> roots = {":With.", ":On.", ":Before.", ":Secret."};
    if (at(0) != ':' || (at_ > 0 && script_[at_ - 1] == ':')) return false;
    for (const auto root : roots) {
        if (!sees(root)) continue;
        std::size_t length = root.size();
        while (true) {
            const auto name = name_length(length);
            if (name == 0) {
                fail(fmt::format("`{}` wants a name", root), line_);
                return true;
            }
            length += name;
            if (at(length) != '.' || !is_name_start(at(length + 1))) break;
            ++length;
        }
        batch_.values.emplace_back(script_.substr(at_ + 1, length - 1));
        batch_.text += '?';
        at_ += length;
        after_word_ = false;
        at_line_start_ = false;
        has_content_ = true;
        return true;
    }
    return false;
}

// Within comments and literals nothing is a value or the end of a batch.
base::Result<std::vector<SqlBatch>> Splitter::split() {
    while (at_ < script_.size()) {
        if (take_go() || take_comment() || take_literal() || take_dollar_quote() || take_value()) continue;
        if (at(0) == '?') fail("`?` would be taken for a value: write `:With.name` and the like", line_);
        if (!is_blank(at(0)) && at(0) != ';') has_content_ = true;
        take(1);
    }
    end_batch();
    if (!error_.empty()) return base::Error{error_};
    return std::move(batches_);
}

}  // namespace

base::Result<std::vector<SqlBatch>> split_sql(std::string_view script) { return Splitter(script).split(); }

}  // namespace pvsplan::transport

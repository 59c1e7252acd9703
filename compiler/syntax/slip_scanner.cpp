#include "compiler/syntax/slip_scanner.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "compiler/base/counted.hpp"
#include "compiler/syntax/ends.hpp"

namespace pvsplan::syntax {
namespace {

constexpr std::string_view same_column = "the keys of one mapping stand in the same column";

// Whether the first line of a collection stands in a column that nobody indents to, and this line does not.
bool blames_first(const BlockLevel& level, std::size_t column) {
    return level.entries == 1 && level.column % 2 == 1 && column % 2 == 0;
}

// The next key or `-` of the level stands in that line, and has no value yet.
void begin_entry(BlockLevel& level, std::size_t line) {
    level = {
        .type = level.type, .column = level.column, .entry = line, .entries = level.entries + 1, .first = level.first};
}

}  // namespace

// The first suspicion stays, unless it begins where one was found innocent: then reading goes on as if nothing were
// there.
void SlipScanner::suspect(Code& code, std::size_t begin, std::size_t end, std::string words, std::string hint) {
    if (slip_ || innocent_.contains(begin)) return;
    slip_ = Slip{&code, std::move(words), std::move(hint), begin, std::max(end, begin + 1), number_, levels_, body_};
}

void SlipScanner::suspect_tab(const SlipLine& l, std::size_t tab) {
    const std::size_t word = std::min(source_.find_first_not_of(" \t", l.begin), l.end);
    suspect_indent(l, word, {.code = &codes::tab_indent, .hint = "indent with spaces", .begin = tab, .end = tab + 1});
}

// What web pages and word processors indent with.
void SlipScanner::suspect_blank(const SlipLine& l, std::size_t blank) {
    std::size_t word = blank;
    while (word < l.end && (text_.at(word) == ' ' || size_of_foreign_blank(source_.substr(word)) > 0))
        word += std::max<std::size_t>(size_of_foreign_blank(source_.substr(word)), 1);
    suspect_indent(l, word,
                   {.code = &codes::wrong_column,
                    .words = "is indented with what looks like blanks, and is none to YAML",
                    .hint = "indent with spaces",
                    .begin = blank,
                    .end = word});
}

// An entry that begins with what a chat or a word processor makes of a `-`.
bool SlipScanner::suspect_bullet(const SlipLine& l) {
    const std::size_t size = size_of_bullet(source_.substr(l.word, l.end - l.word));
    if (size == 0) return false;
    const std::size_t word = std::min(source_.find_first_not_of(' ', l.word + size), l.end);
    if (!text_.colon_of_key(word, l.end) && text_.at(word) != '{') return false;
    suspect_indent(l, l.word,
                   {.code = &codes::no_dash,
                    .words = fmt::format(", but `{}`", source_.substr(l.word, size)),
                    .hint = "each entry of a list begins with `- `",
                    .begin = l.word,
                    .end = l.word + size});
    return slip_.has_value();
}

// How far a tab goes nobody knows; the lines around it tell where its line was meant to stand. `word` is its first one.
void SlipScanner::suspect_indent(const SlipLine& l, std::size_t word, const Slip& slip) {
    const bool is_list = text_.is_dash(word, l.end) || size_of_bullet(source_.substr(word, l.end - word)) > 0;
    const bool has_more = is_list || text_.holds_more(l.end);
    const std::optional<std::size_t> next = text_.next_filled(number_);
    const std::size_t below = next ? text_.line(*next).column() : 0;
    if (has_more) {
        body_ = below;
        while (!levels_.empty() && levels_.back().column + 2 > below) levels_.pop_back();
        if (is_list && !levels_.empty() && levels_.back().type == BlockLevel::Type::map && levels_.back().has_value)
            levels_.pop_back();
    } else {
        body_ = l.end - l.begin + 1;  // nothing below it is its own
    }
    suspect(*slip.code, slip.begin, slip.end, slip.words, slip.hint);
    body_.reset();
}

// The first line of a level is wrong, not the one that does not fit to it.
void SlipScanner::suspect_first(const BlockLevel& level, Code& code, std::size_t body, std::string words,
                                std::string hint) {
    while (!levels_.empty() && levels_.back().column >= level.column) levels_.pop_back();
    number_ = level.first;
    body_ = body;
    const SlipLine first = text_.line(number_);
    suspect(code, first.word, std::min(first.word + 1, first.end), std::move(words), std::move(hint));
    body_.reset();
}

// The line stands in no column of `before`, what was open above it; levels_ has what is open around its column.
void SlipScanner::suspect_column(const SlipLine& l, std::size_t end, const std::vector<BlockLevel>& before) {
    const std::size_t column = l.column();
    BlockLevel near = before.size() > levels_.size() ? before[levels_.size()] : before.back();
    const BlockLevel around = levels_.empty() ? near : levels_.back();
    const auto by = [](std::size_t columns) { return base::counted(columns, "column"); };
    levels_ = before;
    if (text_.is_dash(l.word, l.end) && near.type == BlockLevel::Type::map && column + 2 == near.column &&
        around.type == BlockLevel::Type::map)
        return suspect_first(near, codes::no_dash, near.column, "", "each entry of a list begins with `- `");
    for (const BlockLevel& level : {near, around})
        if ((level.column + 1 == column || column + 1 == level.column) && blames_first(level, column)) {
            const char* way = column < level.column ? "right" : "left";
            return suspect_first(level, codes::wrong_column, level.column < column ? column + 1 : column,
                                 fmt::format("stands 1 column further {} than what follows it", way),
                                 std::string(same_column));
        }
    const bool is_entry = text_.is_dash(l.word, l.end);
    const std::optional<std::size_t> next = text_.next_filled(number_);
    const std::size_t below = next && (is_entry || text_.holds_more(l.end)) ? text_.line(*next).column() : 0;
    while (levels_.size() > 1 && levels_.back().column > column + 1) levels_.pop_back();
    // The lines below it tell which level was meant.
    const auto meant = std::find_if(before.begin(), before.end(), [&](const BlockLevel& level) {
        return level.column + 2 == below && (!is_entry || level.type == BlockLevel::Type::list);
    });
    if (meant != before.end()) {
        near = *meant;
        levels_.assign(before.begin(), meant + 1);
    } else if (is_entry) {
        while (levels_.size() > 1 && levels_.back().type != BlockLevel::Type::list) levels_.pop_back();
    }
    const bool is_left = column < near.column;
    const bool is_in_list = std::any_of(levels_.begin(), levels_.end(),
                                        [](const BlockLevel& level) { return level.type == BlockLevel::Type::list; });
    if (below > 0 && (is_entry || !is_in_list)) body_ = std::max(below, levels_.back().column + 1);
    suspect(codes::wrong_column, l.word, end,
            fmt::format("stands {} further {} than what is above it",
                        by(is_left ? near.column - column : column - near.column), is_left ? "left" : "right"),
            fmt::format("{}, here {}, each entry of a list behind its own `-`", same_column, near.column + 1));
    body_.reset();
}

// Each line is read once, but for those above a suspicion, after which it ends: linear in the lines, times their depth.
std::optional<Slip> SlipScanner::scan(std::size_t last) {
    for (; number_ <= last && number_ < text_.count() && !slip_; ++number_) {
        const std::size_t here = number_;
        const SlipLine l = text_.line(here);
        if (l.is_blank() || read_block(l) || source_[l.word] == '#') continue;
        const std::string_view text = source_.substr(l.begin, l.end - l.begin);
        if (text.starts_with("---") || text.starts_with("...") || text.starts_with('%')) continue;
        if (const std::size_t tab = source_.substr(l.begin, l.end - l.begin).find_first_not_of(' ');
            tab != std::string_view::npos && text_.at(l.begin + tab) == '\t') {
            suspect_tab(l, l.begin + tab);
            continue;
        }
        if (size_of_foreign_blank(source_.substr(l.word)) > 0) {
            suspect_blank(l, l.word);
            continue;
        }
        if (suspect_bullet(l)) continue;
        read_line(l);
        // A suspicion may lie on a line before; where none was found no line is read again.
        if (!slip_) number_ = std::max(number_, here);
    }
    return slip_;
}

// True if the line belongs to a text behind `|` or `>`.
bool SlipScanner::read_block(const SlipLine& l) {
    if (!block_) return false;
    if (l.column() <= block_->parent && !(block_->parent == 0 && levels_.empty())) {
        block_.reset();
        return false;
    }
    if (block_->indent == 0) block_->indent = l.column();
    if (l.column() >= block_->indent) return true;
    suspect(codes::wrong_column, l.word, l.end,
            fmt::format("stands further left than the text that began behind `{}:`", text_.key_at(block_->line)),
            fmt::format("the lines of a text behind `|` or `>` begin in the column of its first line, {}, or further "
                        "right",
                        block_->indent + 1));
    block_.reset();
    return true;
}

// Dashes first, then a key, then what stands behind it.
void SlipScanner::read_line(const SlipLine& l) {
    std::size_t word = l.word;
    const bool starts_with_dash = text_.is_dash(word, l.end);
    while (text_.is_dash(word, l.end)) word = text_.behind_dash(word, l.end);
    if (text_.at(word) == '#') word = l.end;
    const std::optional<std::size_t> colon = word < l.end ? text_.colon_of_key(word, l.end) : std::nullopt;
    if (text_.at(word) == '-' && SlipLines::is_letter(text_.at(word + 1)) && colon)
        return suspect(codes::no_blank, word, word + 2, "`-`", "write `- ` with a blank behind the `-`");
    if (place(l, word, starts_with_dash, colon) && !slip_) read_entries(l, word);
}

// Finds the level that the line belongs to. True if it is a new entry of it, or a value.
bool SlipScanner::place(const SlipLine& l, std::size_t word, bool starts_with_dash, std::optional<std::size_t> colon) {
    const std::size_t column = l.column();
    if (!levels_.empty() && column > levels_.back().column && levels_.back().goes_on) {
        goes_on(l, starts_with_dash || !colon ? std::nullopt : colon);
        return false;
    }
    const std::vector<BlockLevel> before = levels_;
    while (!levels_.empty() && levels_.back().column > column) levels_.pop_back();
    const bool is_new = levels_.empty() || levels_.back().column < column;
    const bool fits = before.size() == levels_.size() && (levels_.empty() || !levels_.back().has_value);
    if (is_new && !fits && !before.empty()) {
        const BlockLevel& above = before.back();
        if (starts_with_dash && above.value > 0 && column > above.column) {
            const SlipLine value = text_.line(above.value);
            levels_ = before;
            number_ = before.back().value;
            suspect(codes::no_dash, value.word, value.word + 1, "", "each entry of a list begins with `- `");
            return false;
        }
        suspect_column(l, std::min(colon ? *colon : l.end, l.end), before);
        return false;
    }
    if (!is_new)
        return levels_.back().type == BlockLevel::Type::map ? place_in_map(l, starts_with_dash, colon)
                                                            : place_in_list(l, starts_with_dash, colon);
    if (starts_with_dash) {
        levels_.push_back(opened(BlockLevel::Type::list, column));
    } else if (colon) {
        levels_.push_back(opened(BlockLevel::Type::map, column));
    } else if (!levels_.empty()) {
        // A value on a line of its own.
        levels_.back().has_value = true;
        levels_.back().value = number_;
        std::size_t name = word;
        while (name < l.end && SlipLines::is_word(text_.at(name))) ++name;
        const bool is_key = name > word && text_.at(name) == ':' && name + 1 < l.end && text_.at(name + 1) != '/';
        if (is_key || (name > word && text_.at(name) == ' ' && text_.holds_more(l.end))) no_key({l.begin, word, l.end});
        read_value(word, l.end);
        return false;
    } else {
        if (SlipLines::is_letter(text_.at(l.word))) no_key(l);  // the first word of the text
        return false;
    }
    return true;
}

// A list may stand in the column of its key, as long as that has no other value.
bool SlipScanner::place_in_map(const SlipLine& l, bool starts_with_dash, std::optional<std::size_t> colon) {
    if (starts_with_dash && levels_.back().has_value) {
        suspect(codes::stray_dash, l.word, l.word + 1, "stands where the next key of the mapping is expected",
                "leave it out, or give it a key of its own above it");
        return false;
    }
    if (!starts_with_dash && !colon) {
        no_key(l);
        return false;
    }
    if (starts_with_dash)
        levels_.push_back(opened(BlockLevel::Type::list, l.column()));
    else
        begin_entry(levels_.back(), number_);
    return true;
}

// What is no entry ends a list that stands in the column of its key. Else a dash is missing here, or one is too many in
// the line before.
bool SlipScanner::place_in_list(const SlipLine& l, bool starts_with_dash, std::optional<std::size_t> colon) {
    if (starts_with_dash) {
        begin_entry(levels_.back(), number_);
        return true;
    }
    const BlockLevel& level = levels_.back();
    const bool is_in_mapping = levels_.size() > 1 && levels_[levels_.size() - 2].column == l.column();
    if (is_in_mapping && (colon || text_.at(l.word) != '-')) {
        levels_.pop_back();
        return place_in_map(l, starts_with_dash, colon);
    }
    const SlipLine first = text_.line(level.entry);
    if (colon && level.entries == 1 && text_.next_filled(level.entry) == number_ &&
        text_.colon_of_key(text_.behind_dash(first.word, first.end), first.end)) {
        number_ = level.entry;
        levels_.pop_back();  // `level` is no more
        suspect(codes::stray_dash, first.word, first.word + 1, "stands before a key of a mapping", "leave it out");
    } else if (text_.at(l.word) == '-' && SlipLines::is_letter(text_.at(l.word + 1)))
        suspect(codes::no_blank, l.word, l.word + 2, "`-`", "write `- ` with a blank behind the `-`");
    else
        suspect(codes::no_dash, l.word, std::min(colon ? *colon : l.end, l.end), "",
                "each entry of this list begins with `- ` in this column");
    return false;
}

// A line in the column of keys that is none.
void SlipScanner::no_key(const SlipLine& l) {
    const std::size_t words = text_.end_of_words(l.word, l.end);
    const std::size_t colon = source_.substr(0, words).find(':', l.word);
    const std::string_view name = source_.substr(l.word, std::min(colon, words) - l.word);
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), SlipLines::is_word);
    if (colon != std::string_view::npos && is_name && colon + 1 < words) {
        suspect(codes::no_blank, colon, colon + 2, "`:`",
                fmt::format("write `{}: {}`", name, source_.substr(colon + 1, words - colon - 1)));
        return;
    }
    if (source_.substr(l.word, words - l.word).starts_with('-')) {
        suspect(codes::no_blank, l.word, l.word + 1, "`-`", "write `- ` with a blank behind the `-`");
        return;
    }
    const std::string_view text = source_.substr(l.word, words - l.word);
    const std::size_t blank = text.find(' ');
    const bool is_pair =
        blank != std::string_view::npos && text.size() <= 60 &&
        std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(blank), SlipLines::is_word);
    suspect(codes::no_colon, l.word, words, "",
            is_pair ? fmt::format("write `{}: {}`", text.substr(0, blank), text.substr(blank + 1))
                    : "write `key: value`, with a blank behind the `:`");
}

// A line that belongs to a text without quotes above it.
void SlipScanner::goes_on(const SlipLine& l, std::optional<std::size_t> colon) {
    if (!colon) return;
    const BlockLevel level = levels_.back();
    const SlipLine first = text_.line(level.value > 0 ? level.value : level.entry);
    std::size_t word = first.word;
    while (text_.is_dash(word, first.end)) word = text_.behind_dash(word, first.end);
    if (word - first.begin == l.column() && !text_.colon_of_key(word, first.end)) {
        // The text stands where a key was meant to.
        number_ = level.value > 0 ? level.value : level.entry;
        return no_key({first.begin, word, first.end});
    }
    const std::string key = text_.key_at(level.entry);
    const SlipLine opened = text_.line(level.entry);
    const std::optional<std::size_t> behind = text_.colon_of_key(opened.word, opened.end);
    if (behind && *behind + 1 >= opened.end) {
        // The text began below its key.
        suspect(codes::colon_in_text, opened.word, *behind + 1, "the text below this key",
                fmt::format("write `{}: |` to keep its lines as they are", key));
        return;
    }
    if (level.column + 1 == l.column() && blames_first(level, l.column())) {
        const std::vector<BlockLevel> before = levels_;
        levels_.pop_back();
        return suspect_column(l, *colon, before);
    }
    const std::size_t columns = l.column() - level.column;
    suspect(codes::wrong_column, l.word, *colon,
            "stands " + base::counted(columns, "column") + " further right than the key above it",
            fmt::format("{}, here {}; a text of several lines goes below `{}: |`", same_column, level.column + 1, key));
}

// `- - key: value`: the entries that begin on this line, the first of which has its level already.
void SlipScanner::read_entries(const SlipLine& l, std::size_t word) {
    std::size_t offset = l.word;
    if (text_.is_dash(offset, l.end)) {
        for (offset = text_.behind_dash(offset, l.end); text_.is_dash(offset, l.end);
             offset = text_.behind_dash(offset, l.end)) {
            levels_.back().has_value = true;
            levels_.push_back(opened(BlockLevel::Type::list, offset - l.begin));
        }
        if (word >= l.end) return;
        levels_.back().has_value = true;
        if (!text_.colon_of_key(word, l.end)) return read_value(word, l.end);
        levels_.push_back(opened(BlockLevel::Type::map, word - l.begin));
    }
    const std::optional<std::size_t> colon = text_.colon_of_key(word, l.end);
    if (!colon) return read_value(word, l.end);
    const std::size_t value = std::min(source_.find_first_not_of(" \t", *colon + 1), l.end);
    if (value >= l.end || text_.at(value) == '#') return;
    levels_.back().has_value = true;
    read_value(value, l.end);
}

}  // namespace pvsplan::syntax

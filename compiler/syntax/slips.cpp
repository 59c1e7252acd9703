#include "compiler/syntax/slips.hpp"

#include <algorithm>

#include "compiler/syntax/slip_scanner.hpp"

namespace pvsplan::syntax {
namespace {

constexpr std::string_view typographic_quotes[] = {"\u201C", "\u201D", "\u201E", "\u201F", "\u2018",
                                                   "\u2019", "\u201A", "\u00AB", "\u00BB"};

// No-break, en, em, figure, thin and ideographic ones.
constexpr std::string_view foreign_blanks[] = {"\u00A0", "\u2002", "\u2003", "\u2007", "\u2009", "\u202F", "\u3000"};
constexpr std::string_view invisible[] = {"\u200B", "\u200C", "\u200D", "\u2060", "\uFEFF", "\u00AD"};
constexpr std::string_view bullets[] = {"\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\u2022", "\u00B7",
                                        "\u25AA", "\u25CF", "\u25CB", "\u2023", "*",      "+",      "--"};

template <std::size_t N>
std::size_t size_of_one(const std::string_view (&signs)[N], std::string_view text) {
    for (const std::string_view sign : signs)
        if (text.starts_with(sign)) return sign.size();
    return 0;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

}  // namespace

SlipFinder::SlipFinder(std::string_view source) : source_(source), lines_({0}) {
    for (std::size_t at = source.find('\n'); at != std::string_view::npos; at = source.find('\n', at + 1))
        if (at + 1 < source.size()) lines_.push_back(at + 1);
}

std::size_t SlipFinder::line_of(std::size_t at) const {
    return static_cast<std::size_t>(std::upper_bound(lines_.begin(), lines_.end(), at) - lines_.begin()) - 1;
}

std::optional<Slip> SlipFinder::find(std::size_t at, const std::set<std::size_t>& innocent) const {
    return SlipScanner(source_, lines_, innocent).scan(line_of(at));
}

// Suspicions on the way are passed over one by one, so that the levels at that line are known. Beyond 64 of them they
// are left unknown.
Slip SlipFinder::at(std::size_t at) const {
    // If YAML stops at the first word of a line, the slip is in what was open on the line before.
    const std::size_t line = line_of(at);
    std::set<std::size_t> all;
    for (std::size_t i = 0; i < 64; ++i) {
        SlipScanner scanner(source_, lines_, all);
        const std::optional<Slip> slip = scanner.scan(line);
        if (!slip) return {.begin = at, .end = at, .line = line, .around = scanner.levels()};
        all.insert(slip->begin);
    }
    return {.begin = at, .end = at, .line = line, .around = {}};
}

std::size_t SlipFinder::column_of(std::size_t line) const {
    return std::min(source_.find_first_not_of(' ', lines_[line]), source_.size()) - lines_[line];
}

bool SlipFinder::is_filled(std::size_t line) const {
    const std::size_t word = source_.find_first_not_of(" \t\r", lines_[line]);
    return word != std::string_view::npos && source_[word] != '\n' && source_[word] != '#';
}

// From line `first` to behind `last`, and what stands further right than `column` below it.
SlipFinder::Cut SlipFinder::cut(std::size_t first, std::size_t last, std::size_t column) const {
    std::size_t end = last + 1;
    while (end < lines_.size() && !(is_filled(end) && column_of(end) <= column)) ++end;
    Cut cut{.begin = lines_[first], .end = end < lines_.size() ? lines_[end] : source_.size()};
    cut.next = end < lines_.size() ? lines_[end] + column_of(end) : source_.size();
    return cut;
}

// The line of the slip alone, with what is below it.
SlipFinder::Cut SlipFinder::own_cut(const Slip& slip) const {
    if (slip.body) return cut(slip.line, slip.line, std::max<std::size_t>(*slip.body, 1) - 1);
    return cut(slip.line, slip.line, column_of(slip.line));
}

// Within a list its whole entry goes, unless the lines below the slip are surely its own: a step without its `on` would
// be another step.
std::vector<SlipFinder::Cut> SlipFinder::cuts(const Slip& slip) const {
    const auto is_list = [](const BlockLevel& level) { return level.type == BlockLevel::Type::list; };
    const bool is_in_list = std::any_of(slip.around.begin(), slip.around.end(), is_list);
    std::vector<Cut> cuts;
    if (!is_in_list || slip.body) cuts.push_back(own_cut(slip));
    for (std::size_t i = slip.around.size(); i-- > 0;) {
        const BlockLevel& level = slip.around[i];
        const bool is_below_list =
            std::any_of(slip.around.begin(), slip.around.begin() + static_cast<std::ptrdiff_t>(i), is_list);
        if (!is_list(level) && (is_below_list || i > 1)) continue;
        const bool has_body = slip.body && level.entry == slip.line;
        Cut one = cut(level.entry, std::max(level.entry, slip.line),
                      has_body ? std::max<std::size_t>(*slip.body, 1) - 1 : level.column);
        one.kept_begin = one.begin + level.column;
        const std::size_t colon = source_.substr(0, one.end).find(':', one.kept_begin);
        one.kept_end = is_list(level)                    ? one.kept_begin + 1
                       : colon == std::string_view::npos ? one.kept_begin
                                                         : colon + 1;
        if (!is_list(level) && level.entry == slip.line) one.kept_end = one.kept_begin;
        cuts.push_back(one);
    }
    return cuts;
}

bool begins_typographic(std::string_view text) {
    if (text.empty() || static_cast<unsigned char>(text.front()) < 0x80) return false;  // as nearly every text
    return std::any_of(std::begin(typographic_quotes), std::end(typographic_quotes),
                       [&](std::string_view quote) { return text.starts_with(quote); });
}

// Such a text was meant to be quoted.
bool is_between_typographic(std::string_view text) {
    return begins_typographic(text) &&
           std::any_of(std::begin(typographic_quotes), std::end(typographic_quotes),
                       [&](std::string_view quote) { return text.ends_with(quote) && text.size() > quote.size(); });
}

std::string_view between_typographic(std::string_view text) {
    text.remove_prefix(size_of_one(typographic_quotes, text));
    for (const std::string_view quote : typographic_quotes)
        if (text.ends_with(quote)) return text.substr(0, text.size() - quote.size());
    return text;
}

std::size_t size_of_foreign_blank(std::string_view text) { return size_of_one(foreign_blanks, text); }

std::size_t size_of_invisible(std::string_view text) { return size_of_one(invisible, text); }

std::size_t size_of_bullet(std::string_view text) {
    std::size_t size = size_of_one(bullets, text);
    if (size == 0) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits > 0 && digits < text.size() && (text[digits] == '.' || text[digits] == ')')) size = digits + 1;
    }
    const std::string_view behind = text.substr(size);
    return size > 0 && (behind.starts_with(" ") || size_of_foreign_blank(behind) > 0) ? size : 0;
}

// More rather than less: a name too many silences a finding until the text can be read, one too few reports a
// consequence.
void add_names(std::string_view text, std::set<std::string, std::less<>>& names) {
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_name_character(text[end])) ++end;
        if (end == at) {
            ++at;
            continue;
        }
        const std::string_view word = text.substr(at, end - at);
        if (at > 0 && text[at - 1] == '&') names.insert("&" + std::string(word));
        std::size_t behind = end;
        while (behind < text.size() && (text[behind] == ' ' || text[behind] == ':' || text[behind] == '"')) ++behind;
        if (text.substr(end, behind - end).find(':') != std::string_view::npos) {
            names.emplace(word);
            if (word == "id" || word == "name" || word == "for_each") {
                std::size_t value = behind;
                while (value < text.size() && is_name_character(text[value])) ++value;
                if (value > behind) names.emplace(text.substr(behind, value - behind));
            }
        }
        at = end;
    }
}

}  // namespace pvsplan::syntax

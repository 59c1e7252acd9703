#include "runtime/ports/redact.hpp"

#include <algorithm>

namespace pvsplan::ports {

namespace {

constexpr std::string_view mask = "***";
constexpr std::size_t least_disguised = 4;
constexpr std::size_t least_wrapped = 8;  // a shorter one could come about by chance at the end of a line
// A text is looked at in windows, each a part of the next one, so that what is derived from it needs no more memory.
constexpr std::size_t window = std::size_t{1} << 20U;
constexpr std::size_t least_overlap = std::size_t{1} << 16U;
constexpr std::size_t max_disguise = 40;  // bytes for one of a secret: escapes of escapes
// A dump breaks what it shows into rows, with other digits between them: so many bytes of a secret tell it.
constexpr std::size_t dumped_piece = 8;
constexpr std::size_t max_in_pieces = std::size_t{1} << 14U;
constexpr std::size_t whole_secret = 0;  // numbers of what is looked for in dumps
constexpr std::size_t piece_of_secret = 1;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_quote(char c) { return c == '\'' || c == '"' || c == '\\' || c == '`'; }
bool is_of_word(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t after_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && is_blank(text[at])) ++at;
    return at;
}

// Whether `text` is `word` but for quotes and for line breaks, with the blanks around them. Other blanks are the same.
bool is_wrapped_or_quoted(std::string_view text, std::string_view word, std::size_t squeezed_size) {
    std::size_t i = 0;
    std::size_t j = 0;
    for (;;) {
        while (i < text.size() && is_quote(text[i])) ++i;
        while (j < word.size() && is_quote(word[j])) ++j;
        if (i == text.size() || j == word.size()) return i == text.size() && j == word.size();
        const std::size_t text_end = after_blanks(text, i);
        const std::size_t word_end = after_blanks(word, j);
        const std::string_view blanks = text.substr(i, text_end - i);
        const bool is_wrapped = blanks.find_first_of("\r\n") != std::string_view::npos;
        const bool is_same = blanks == word.substr(j, word_end - j);
        if (!is_same && !(is_wrapped && squeezed_size >= least_wrapped)) return false;
        i = text_end;
        j = word_end;
        if (i == text.size() || j == word.size() || is_quote(text[i]) || is_quote(word[j])) continue;
        if (text[i++] != word[j++]) return false;
    }
}

// The bytes from `begin` to `end` without what is around the match and not of it.
std::size_t without_tail(std::string_view text, std::size_t begin, std::size_t end) {
    while (end > begin + 1 && (is_blank(text[end - 1]) || is_quote(text[end - 1]))) --end;
    return end;
}

bool has_escapes(std::string_view text) {
    return text.find_first_of("\\&%") != std::string_view::npos || text.find("_x") != std::string_view::npos;
}

// The rows of a dump that may hold the rest of what was found in one, and its columns of characters.
struct Rows {
    std::size_t begin;  // of the row before
    std::size_t last;   // end of the row in which it ends
    std::size_t end;    // of the row behind
};
// Whether a line begins as rows of dumps do: with an offset, or with what is dumped.
bool is_row(std::string_view line) {
    static constexpr std::size_t looked_at = 8;
    static constexpr std::string_view of_dumps = "0123456789abcdefABCDEF-:, \t\r";
    const std::string_view beginning = line.substr(0, looked_at);
    return beginning.find_first_of("0123456789abcdefABCDEF") != std::string_view::npos &&
           beginning.find_first_not_of(of_dumps) == std::string_view::npos;
}

// A row before and one behind are taken too, since the secret may begin or end there and be too short in it to be
// found.
Rows rows_around(std::string_view text, std::size_t begin, std::size_t end) {
    const auto begin_of_row = [&](std::size_t at) {
        const std::size_t feed = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
        return feed == std::string_view::npos ? 0 : feed + 1;
    };
    const auto end_of_row = [&](std::size_t at) { return std::min(text.find('\n', at), text.size()); };
    const std::size_t row = begin_of_row(begin);
    Rows rows{.begin = row, .last = end_of_row(end), .end = end_of_row(end)};
    if (row > 0)
        if (const std::size_t before = begin_of_row(row - 1); is_row(text.substr(before, row - before)))
            rows.begin = before;
    if (rows.last < text.size())
        if (const std::size_t behind = end_of_row(rows.last + 1);
            is_row(text.substr(rows.last + 1, behind - rows.last - 1)))
            rows.end = behind;
    return rows;
}

std::string with_plus(std::string text) {
    std::replace(text.begin(), text.end(), ' ', '+');
    return text;
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets)
        if (!secret.empty()) learn(secret);
    words_.finish();
    squeezed_words_.finish();
    hex_.finish();
}

// A secret is looked for as it is, and as what it becomes where a program takes its text for escapes.
void Redactor::learn(const std::string& secret) {
    longest_ = std::max(longest_, secret.size());
    if (secret.size() < least_disguised) return shorts_.push_back(secret);
    const std::string little = in_utf16(secret, Order::little_endian);
    const std::string big = in_utf16(secret, Order::big_endian);
    const std::string plain = unescaped(secret);  // what it becomes where its own text looks like escapes
    for (const std::string& word : {secret, plain, unescaped(plain), with_plus(secret), little, big})
        words_.add(word, 0);
    for (const CodePage page : {CodePage::windows, CodePage::console}) words_.add(in_code_page(secret, page), 0);
    learn_squeezed(secret);
    for (const std::string& bytes : {secret, little, big}) learn_encoded(bytes);
}

// Each piece of a dump is a word by itself, up to a bound: a row shows only a part of a long secret.
void Redactor::learn_encoded(const std::string& bytes) {
    const std::string dumped = in_hex(bytes);
    hex_.add(dumped, whole_secret);
    for (std::size_t at = 0; bytes.size() > dumped_piece && at + dumped_piece <= std::min(bytes.size(), max_in_pieces);
         ++at)
        hex_.add(std::string_view(dumped).substr(2 * at, 2 * dumped_piece), piece_of_secret);
    for (std::size_t before = 0; before < 3; ++before) {
        std::string digits = base64_inside(bytes, before);
        if (digits.size() < least_disguised) continue;
        learn_squeezed(digits);
        std::replace(digits.begin(), digits.end(), '+', '-');
        std::replace(digits.begin(), digits.end(), '/', '_');
        learn_squeezed(digits);
    }
}

// Short ones would be found everywhere.
void Redactor::learn_squeezed(const std::string& word) {
    const std::string key = squeezed(word);
    if (key.size() < least_disguised) return;
    squeezed_words_.add(key, squeezed_.size());
    squeezed_.push_back(word);
}

std::size_t Redactor::overlap() const { return std::max(least_overlap, longest_ * max_disguise); }

// Spans may overlap, as the windows do, and are joined: what overlaps is one secret to whoever reads.
std::string Redactor::redact(std::string_view text) const {
    std::vector<Span> spans;
    for (std::size_t begin = 0; begin < text.size(); begin += window)
        find(text, begin, std::min(text.size(), begin + window + overlap()), spans);
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    std::string result;
    std::size_t at = 0;
    for (std::size_t i = 0; i < spans.size();) {
        std::size_t end = spans[i].end;
        result += text.substr(at, spans[i].begin - at);
        for (++i; i < spans.size() && spans[i].begin < end; ++i) end = std::max(end, spans[i].end);
        result += mask;
        at = end;
    }
    return result.append(text.substr(at));
}

std::string Redactor::redact_line(std::string_view line) const {
    std::vector<Span> spans;
    find_pieces(line, spans);
    if (spans.empty()) return redact(line);
    // A line is cut before the first piece of a secret: nobody needs what comes behind it.
    const auto first = std::min_element(spans.begin(), spans.end(), [](auto& a, auto& b) { return a.begin < b.begin; });
    return redact(line.substr(0, first->begin)) + std::string(mask);
}

// The text is looked at as it is, without one layer of escapes, and without two. Most texts have none, and then cost no
// more than the first look.
void Redactor::find(std::string_view text, std::size_t begin, std::size_t end, std::vector<Span>& spans) const {
    const std::string_view part = text.substr(begin, end - begin);
    for (const std::string& word : shorts_)
        for (std::size_t at = part.find(word); at != std::string_view::npos; at = part.find(word, at + 1)) {
            const std::size_t from = begin + at;
            const std::size_t to = from + word.size();
            if ((from == 0 || !is_of_word(text[from - 1])) && (to == text.size() || !is_of_word(text[to])))
                spans.push_back({from, to});
        }
    if (words_.is_empty()) return;
    const Derived whole = as_it_is(part);
    find_words(whole, begin, spans);
    find_squeezed(whole, begin, spans);
    find_hex(part, begin, spans);
    if (!has_escapes(part)) return;
    const Derived once = unescaped(whole);
    find_words(once, begin, spans);
    find_squeezed(once, begin, spans);
    if (has_escapes(once.text)) find_words(unescaped(once), begin, spans);
}

// Places of the text that was derived become those of the original.
void Redactor::find_words(const Derived& text, std::size_t offset, std::vector<Span>& spans) const {
    words_.each(text.text, [&](const Patterns::Hit& hit) {
        spans.push_back({offset + text.from[hit.begin], offset + text.from[hit.end]});
    });
}

// A hit is only a candidate: quotes and line breaks may be missing in it, other blanks may not.
void Redactor::find_squeezed(const Derived& text, std::size_t offset, std::vector<Span>& spans) const {
    const Derived tight = squeezed(as_it_is(text.text));
    squeezed_words_.each(tight.text, [&](const Patterns::Hit& hit) {
        const std::size_t begin = tight.from[hit.begin];
        const std::size_t end = without_tail(text.text, begin, tight.from[hit.end]);
        if (is_wrapped_or_quoted(std::string_view(text.text).substr(begin, end - begin), squeezed_[hit.number],
                                 hit.end - hit.begin))
            spans.push_back({offset + text.from[begin], offset + text.from[end]});
    });
}

void Redactor::find_hex(std::string_view text, std::size_t offset, std::vector<Span>& spans) const {
    const Derived digits = hex_digits(text);
    std::vector<Span> pieces;
    std::vector<Span> wholes;
    hex_.each(digits.text, [&](const Patterns::Hit& hit) {
        const Span span{digits.from[hit.begin], digits.from[hit.end - 1] + 1};
        if (hit.number == whole_secret)
            wholes.push_back(span);
        else
            pieces.push_back(span);
    });
    for (const Span& whole : wholes) spans.push_back({offset + whole.begin, offset + whole.end});
    // In the middle of what two windows share, both see a whole secret around each piece.
    const std::size_t first = offset == 0 ? 0 : overlap() / 2;
    const std::size_t last = window + overlap() / 2;
    std::size_t dumped_to = first;
    auto whole = wholes.begin();  // in the order in which they end, as are the pieces
    for (const Span& piece : pieces) {
        while (whole != wholes.end() && whole->end < piece.end) ++whole;
        const bool is_of_whole = whole != wholes.end() && whole->begin <= piece.begin;
        if (is_of_whole || piece.begin < dumped_to || piece.begin >= last) continue;
        const Rows rows = rows_around(text, piece.begin, piece.end);
        dumped_to = rows.last;
        spans.push_back({offset + rows.begin, offset + rows.end});
    }
}

// Finds a line that is a piece of a disguise as a whole, and a beginning of one at its end, or an end at its start.
// Inside of a line a short piece could come about by chance, unless it is a word of the secret: lines break at blanks.
void Redactor::find_pieces(std::string_view line, std::vector<Span>& spans) const {
    const Derived tight = squeezed(as_it_is(line));
    const std::string_view text = tight.text;
    if (text.size() < least_disguised) return;
    for (const std::string& whole : squeezed_) {
        const Derived secret = squeezed(as_it_is(whole));
        const std::string_view word = secret.text;
        if (word.size() <= least_disguised) continue;
        if (word.find(text) != std::string_view::npos) spans.push_back({0, line.size()});
        const auto is_telling = [&](std::size_t size, std::size_t cut) {
            return size >= least_wrapped || is_blank(whole[secret.from[cut] - 1]);
        };
        for (std::size_t size = std::min(word.size(), text.size()) - 1; size >= least_disguised; --size) {
            if (is_telling(size, size) && text.ends_with(word.substr(0, size)))
                return spans.push_back({tight.from[text.size() - size], line.size()});
            if (is_telling(size, word.size() - size) && text.starts_with(word.substr(word.size() - size)))
                return spans.push_back({0, line.size()});
        }
    }
}

}  // namespace pvsplan::ports

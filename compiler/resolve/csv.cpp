#include "compiler/resolve/csv.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "compiler/base/counted.hpp"
#include "compiler/base/folded.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/base/lower_case.hpp"
#include "compiler/base/near.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/diag/secrecy.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::resolve {
namespace {

struct Field {
    std::string text;
    base::Span span;
    bool is_quoted = false;
};

// One line of the table, which may be several of the file.
struct Row {
    std::vector<Field> fields;
    enum class Quotes : std::uint8_t { good, open, text_behind } quotes = Quotes::good;
    base::Span span;  // without its line break

    [[nodiscard]] bool is_empty() const {
        return std::all_of(fields.begin(), fields.end(), [](const Field& f) { return f.text.empty(); });
    }
};

class Rows {
  public:
    Rows(std::string_view text, base::FileId file, std::size_t at) : text_(text), file_(file), at_(at) {}

    [[nodiscard]] bool is_at_end() const { return at_ >= text_.size(); }

    // The line at hand as it stands, without being read; and the step over it.
    [[nodiscard]] std::string_view line() const {
        std::string_view rest = text_.substr(at_);
        rest = rest.substr(0, rest.find('\n'));
        while (rest.ends_with('\r')) rest.remove_suffix(1);
        return rest;
    }
    void skip_line() {
        const std::size_t end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
    }

    // The next row, beyond which it then is. A quote that is not closed ends with the file.
    Row next(char separator) {
        Row row;
        const std::size_t begin = at_;
        for (;;) {
            row.fields.push_back(field(separator, row.quotes));
            if (is_at_end() || text_[at_] != separator) break;
            ++at_;
        }
        row.span = span(begin, at_);
        while (!is_at_end() && text_[at_] == '\r') ++at_;
        if (!is_at_end() && text_[at_] == '\n') ++at_;
        return row;
    }

  private:
    [[nodiscard]] base::Span span(std::size_t begin, std::size_t end) const {
        return {file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    }
    [[nodiscard]] bool is_blank(char separator) const {
        return !is_at_end() && text_[at_] != separator && (text_[at_] == ' ' || text_[at_] == '\t');
    }

    // Blanks around a field are no part of it, those within quotes are. A tab is a blank unless it separates the
    // fields. Quotes that are wrong mark the row, which is then not used.
    Field field(char separator, Row::Quotes& quotes) {
        while (is_blank(separator)) ++at_;
        Field field;
        const std::size_t begin = at_;
        if (!is_at_end() && text_[at_] == '"') {
            field.is_quoted = true;
            if (!read_quoted(field.text)) quotes = Row::Quotes::open;
            field.span = span(begin, at_);
            while (is_blank(separator)) ++at_;
        }
        const std::size_t rest = at_;
        while (!is_at_end() && text_[at_] != separator && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
        std::size_t end = at_;
        while (end > rest && (text_[end - 1] == ' ' || text_[end - 1] == '\t')) --end;
        if (field.is_quoted && end > rest && quotes == Row::Quotes::good) quotes = Row::Quotes::text_behind;
        if (!field.is_quoted) {
            field.text = text_.substr(rest, end - rest);
            field.span = span(rest, end);
        }
        return field;
    }

    // Reads from an opening quote to behind the closing one.
    bool read_quoted(std::string& into) {
        for (++at_; !is_at_end(); ++at_) {
            if (text_[at_] != '"') {
                into += text_[at_];
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                into += text_[at_++];
            } else {
                ++at_;
                return true;
            }
        }
        return false;
    }

    std::string_view text_;
    base::FileId file_;
    std::size_t at_;
};

// The name of a column without invisible characters: these never tell two columns apart.
std::string column_name(const std::string& text) {
    return base::has_hidden(text) ? base::folded(text) : base::lower_case(text);
}

constexpr std::string_view separators = ",;\t";

std::string name_of(char separator) { return separator == '\t' ? "tabs" : "`" + std::string(1, separator) + "`"; }

// The separator that a first line `sep=;` names. Excel writes such lines and obeys them.
std::optional<char> said_separator(std::string_view line) {
    if (line.size() >= 2 && line.front() == '"' && line.back() == '"') line = line.substr(1, line.size() - 2);
    if (line.size() != 5 || base::lower_case(std::string(line.substr(0, 4))) != "sep=") return std::nullopt;
    return line[4];
}

// Whether one of the first lines looks like a header with a column of secrets.
bool mentions_secrets(std::string_view text) {
    text = text.substr(0, 4096);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(",;\t\r\n\""), text.size());
        if (diag::is_secret_word(text.substr(0, end))) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

class CsvReader {
  public:
    CsvReader(std::string_view text, base::FileId file, std::vector<base::Span>& secrets, diag::Sink& sink)
        : rows_(text, file, 0), secrets_(secrets), sink_(sink) {}

    // Ends at a quote that is not closed: all that follows would be part of that field.
    std::vector<syntax::FarmObject> read() {
        find_header();
        if (!check_header()) return {};
        while (!rows_.is_at_end() && take(rows_.next(separator_))) continue;
        report_ragged();
        return std::move(objects_);
    }

  private:
    // ---- the line that names the columns ------------------------------------------------------------------------

    // Lines before the header that hold nothing, or a `#TYPE` of PowerShell, are passed over; `sep=` overrides what the
    // header would suggest, as it does in Excel.
    void find_header() {
        if (const auto said = said_separator(rows_.line())) {
            separator_ = *said;
            is_said_ = true;
            rows_.skip_line();
        }
        while (!rows_.is_at_end()) {
            const std::string_view line = rows_.line();
            const bool is_dull = line.find_first_not_of(" \t,;\"") == std::string_view::npos;
            if (!is_dull && !line.starts_with("#TYPE ")) break;
            rows_.skip_line();
        }
        const Rows here = rows_;
        if (!is_said_) separator_ = separator_at(here);
        header_ = rows_.next(separator_);
        for (Field& field : header_.fields) field.text = column_name(field.text);
    }

    // The one with which a column is called `name`; else, for the finding, the one that makes the most fields.
    static char separator_at(const Rows& header) {
        char best = ',';
        std::size_t max_fields = 1;
        for (const char separator : separators) {
            Rows tried = header;
            const Row row = tried.next(separator);
            if (name_column(row) < row.fields.size()) return separator;
            if (row.fields.size() > max_fields) max_fields = row.fields.size(), best = separator;
        }
        return best;
    }

    // The number of fields if no column is called `name`.
    static std::size_t name_column(const Row& row) {
        const auto found = std::find_if(row.fields.begin(), row.fields.end(),
                                        [](const Field& field) { return column_name(field.text) == "name"; });
        return static_cast<std::size_t>(found - row.fields.begin());
    }

    // Two columns of one name are refused, not merged: which of them is meant nobody can tell. Columns without a name
    // may stand, as long as no row has a value in them.
    bool check_header() {
        if (header_.quotes != Row::Quotes::good) return report_quotes(header_), false;
        name_ = name_column(header_);
        if (name_ == header_.fields.size()) return report_nameless(), false;
        std::map<std::string_view, base::Span> seen;
        for (const Field& field : header_.fields) {
            if (field.text.empty()) continue;
            const auto [first, is_new] = seen.emplace(field.text, field.span);
            if (is_new) continue;
            sink_.report(bad_csv, field.span, "two columns are called `" + field.text + "`")
                .related(first->second, "the other one");
            return false;
        }
        has_secrets_ = std::any_of(header_.fields.begin(), header_.fields.end(),
                                   [](const Field& field) { return diag::is_secret_word(field.text); });
        return true;
    }

    void report_nameless() {
        const bool is_nothing = header_.is_empty();
        std::string seen;
        for (std::size_t i = 0; i < std::min<std::size_t>(header_.fields.size(), 5); ++i)
            base::append(seen, ", ", "`" + header_.fields[i].text + "`");
        if (header_.fields.size() > 5) seen += ", …";
        auto reported =
            sink_.report(bad_csv, header_.fields[0].span, "the first line of the inventory names no column `name`");
        if (!is_nothing)
            reported.hint("it was read as " + seen +
                          (header_.fields.size() == 1 && !is_said_
                               ? "; neither `,` nor `;` nor tabs make a `name` of it"
                               : ", separated by " + name_of(separator_)));
        static const std::vector<std::string> name = {"name"};
        for (const Field& field : header_.fields)
            if (base::nearest(field.text, name)) return void(reported.related(field.span, "did you mean `name`?"));
        reported.hint("the first line holds the names of the columns: `name,address,site`");
    }

    // ---- the others ---------------------------------------------------------------------------------------------

    // False: nothing can be made of what follows.
    bool take(const Row& row) {
        if (row.quotes != Row::Quotes::good) {
            report_quotes(row);
            return row.quotes != Row::Quotes::open;
        }
        if (row.is_empty()) return true;
        const std::size_t columns = header_.fields.size();
        // Separators behind the last field are what spreadsheets leave of columns that were once there.
        const bool is_longer =
            std::any_of(row.fields.begin() + static_cast<std::ptrdiff_t>(std::min(columns, row.fields.size())),
                        row.fields.end(), [](const Field& f) { return !f.text.empty(); });
        if (row.fields.size() < columns_with_names() || is_longer) {
            hide(row);
            ragged_.push_back({row.span, row.fields.size()});
            return true;
        }
        hide_secrets(row);
        if (row.fields[name_].text.empty()) {
            sink_.report(bad_csv, row.span, "an object without a name");
            return true;
        }
        if (const Field& name = row.fields[name_]; has_odd_quotes(name)) {
            sink_.report(bad_csv, name.span, "the name `" + name.text + "` has quotes that do not quote here")
                .hint("write it without quotes, or between `\"`");
            return true;
        }
        add_object(row);
        return true;
    }

    // `'pvs01'` or `“pvs01”`, or a `"` within: quotes that are none in a file like this.
    static bool has_odd_quotes(const Field& field) {
        if (field.is_quoted) return false;
        const std::string_view text = field.text;
        if (text.find('"') != std::string_view::npos) return true;
        if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') return true;
        for (const char* const quote : {"\u201c", "\u201d", "\u201e", "\u2018", "\u2019", "\u00ab", "\u00bb"})
            if (text.starts_with(quote)) return true;
        return false;
    }

    // Spreadsheets leave empty columns at the end.
    [[nodiscard]] std::size_t columns_with_names() const {
        std::size_t count = header_.fields.size();
        while (count > 0 && header_.fields[count - 1].text.empty()) --count;
        return count;
    }

    // An empty field says nothing, so that the default of the attribute counts. Columns `state.X` and `connect.X` are X
    // of the object's state and connection. A reference to a secret is read in connections only.
    void add_object(const Row& row) {
        syntax::FarmObject object{.name = {row.fields[name_].text, row.fields[name_].span}, .span = row.span};
        for (std::size_t i = 0; i < std::min(header_.fields.size(), row.fields.size()); ++i) {
            const Field& field = row.fields[i];
            if (i == name_ || field.text.empty()) continue;
            const std::string& column = header_.fields[i].text;
            if (column.empty()) {
                sink_.report(bad_csv, field.span, "a value in a column without a name")
                    .related(header_.span, "the names of the columns");
                continue;
            }
            std::vector<syntax::NamedValue>* into = &object.attributes;
            if (column.starts_with("state.")) into = &object.state;
            if (column.starts_with("connect.")) into = &object.connect;
            const bool is_own = into == &object.attributes;
            into->push_back({{is_own ? column : column.substr(column.find('.') + 1), header_.fields[i].span},
                             into == &object.connect ? as_reference(field) : as_value(field)});
        }
        objects_.push_back(std::move(object));
    }

    static syntax::ValueTree as_value(const Field& field) {
        syntax::Template scalar{
            .parts = {{.text = field.text, .span = field.span}}, .is_plain = true, .span = field.span};
        return {.scalar = std::move(scalar), .span = field.span};
    }

    // `${secret.NAME}` is what it is elsewhere.
    static syntax::ValueTree as_reference(const Field& field) {
        static constexpr std::string_view begin = "${secret.";
        syntax::ValueTree value = as_value(field);
        if (!field.text.starts_with(begin) || !field.text.ends_with('}')) return value;
        using ExpressionForm = syntax::Expression::Form;
        syntax::Expression secret{.form = ExpressionForm::member,
                                  .text = field.text.substr(begin.size(), field.text.size() - begin.size() - 1),
                                  .text_span = field.span,
                                  .span = field.span};
        secret.args.push_back(
            {.form = ExpressionForm::name, .text = "secret", .text_span = field.span, .span = field.span});
        value.scalar->parts[0].text.clear();
        value.scalar->parts[0].expression = std::move(secret);
        return value;
    }

    // ---- secrets in the file --------------------------------------------------------------------------------------

    // A row that cannot be told into columns is hidden as a whole, since any part of it may be the password.
    void hide(const Row& row) {
        if (has_secrets_) secrets_.push_back(row.span);
    }
    // No finding shows what stands in the column of a password.
    void hide_secrets(const Row& row) {
        if (!has_secrets_) return;
        for (std::size_t i = 0; i < std::min(header_.fields.size(), row.fields.size()); ++i)
            if (diag::is_secret_word(header_.fields[i].text) && !row.fields[i].text.starts_with("${"))
                secrets_.push_back(row.fields[i].span);
    }

    // ---- findings -----------------------------------------------------------------------------------------------

    void report_quotes(const Row& row) {
        hide(row);
        const bool is_open = row.quotes == Row::Quotes::open;
        const Field& last = row.fields.back();
        auto reported = is_open ? sink_.report(bad_csv, last.span, "a quoted field is not closed")
                                : sink_.report(bad_csv, row.span, "text behind the closing quote of a field");
        reported.hint("a quote within a quoted field is doubled: `\"a \"\"b\"\" c\"`");
    }

    // Whether a field is missing or a separator too many, nobody can tell: all such lines are one finding.
    void report_ragged() {
        static constexpr std::size_t max_shown = 3;
        if (ragged_.empty()) return;
        const auto fields = [](std::size_t n) { return base::counted(n, "field"); };
        auto reported = sink_.report(bad_csv, ragged_[0].span,
                                     "a line of " + fields(ragged_[0].fields) + " where the header has " +
                                         std::to_string(header_.fields.size()));
        for (std::size_t i = 1; i < std::min(ragged_.size(), max_shown); ++i)
            reported.related(ragged_[i].span, fields(ragged_[i].fields));
        if (ragged_.size() > max_shown) reported.hint("so it is with " + std::to_string(ragged_.size()) + " lines");
        if (header_.fields.size() > 1) reported.hint("fields are separated by " + name_of(separator_));
    }

    struct Ragged {
        base::Span span;
        std::size_t fields;
    };

    Rows rows_;
    std::vector<base::Span>& secrets_;
    diag::Sink& sink_;
    char separator_ = ',';
    bool is_said_ = false;  // by `sep=`
    Row header_;
    std::size_t name_ = 0;
    bool has_secrets_ = false;  // a column holds them
    std::vector<Ragged> ragged_;
    std::vector<syntax::FarmObject> objects_;
};

// ---- UTF-16 -----------------------------------------------------------------------------------------------------

enum class Order : std::uint8_t { little, big };

// Nothing if it is not UTF-16 after all.
std::optional<std::string> from_utf16(std::string_view bytes, Order order) {
    if (bytes.size() % 2 != 0) return std::nullopt;
    std::string text;
    const auto unit = [&](std::size_t at) -> char32_t {
        const auto first = static_cast<unsigned char>(bytes[at]);
        const auto second = static_cast<unsigned char>(bytes[at + 1]);
        return order == Order::little ? first | second << 8U : first << 8U | second;
    };
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        char32_t point = unit(at);
        if (point >= 0xDC00 && point < 0xE000) return std::nullopt;
        if (point >= 0xD800 && point < 0xDC00) {
            at += 2;
            const char32_t low = at < bytes.size() ? unit(at) : 0;
            if (low < 0xDC00 || low >= 0xE000) return std::nullopt;
            point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
        }
        base::append_utf8(text, point);
    }
    return text;
}

// Recognised by its byte order mark, or by zeros in every other byte of its beginning: no other text has these.
std::optional<Order> utf16_order(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE")) return Order::little;
    if (bytes.starts_with("\xFE\xFF")) return Order::big;
    if (bytes.size() < 4 || (bytes[0] == '\0') == (bytes[1] == '\0')) return std::nullopt;
    if ((bytes[2] == '\0') != (bytes[0] == '\0') || (bytes[3] == '\0') != (bytes[1] == '\0')) return std::nullopt;
    return bytes[1] == '\0' ? Order::little : Order::big;
}

}  // namespace

// Text that is not UTF-16 after all is left as it is, and is then reported as what it is not by check_text().
std::string csv_text(std::string bytes) {
    static constexpr std::string_view mark = "\xEF\xBB\xBF";
    using namespace std::string_view_literals;
    if (bytes.starts_with("\xFF\xFE\0\0"sv)) return bytes;  // UTF-32, which nobody means
    if (const auto order = utf16_order(bytes))
        if (auto text = from_utf16(bytes, *order)) bytes = std::move(*text);
    return bytes.starts_with(mark) ? bytes.substr(mark.size()) : bytes;
}

std::vector<syntax::FarmObject> read_csv(const base::Sources& sources, base::FileId file,
                                         std::vector<base::Span>& secrets, diag::Sink& sink) {
    const std::string_view text = sources.text(file);
    if (!syntax::check_text(sources, file, sink)) {
        // Not even which column is which can be told.
        if (mentions_secrets(text)) secrets.push_back({file, 0, static_cast<std::uint32_t>(text.size())});
        return {};
    }
    return CsvReader(text, file, secrets, sink).read();
}

}  // namespace pvsplan::resolve

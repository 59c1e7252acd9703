#include "compiler/resolve/csv.hpp"

#include <map>

#include "compiler/resolve/codes.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::resolve {
namespace {

bool is_end(char c) { return c == ',' || c == '\n' || c == '\r'; }

struct Field {
    std::string text;
    base::Span span;
};

// What is wrong with the quotes of a record.
enum class Quotes : std::uint8_t { good, open, text_behind };

// One record from `at` on, which is moved behind its line break. An unclosed quote ends with the file.
std::vector<Field> read_record(std::string_view text, base::FileId file, std::size_t& at, Quotes& quotes) {
    std::vector<Field> fields;
    quotes = Quotes::good;
    for (;;) {
        Field field;
        const std::size_t begin = at;
        if (at < text.size() && text[at] == '"') {
            ++at;
            bool is_closed = false;
            while (at < text.size()) {
                if (text[at] == '"') {
                    if (at + 1 >= text.size() || text[at + 1] != '"') {
                        is_closed = true;
                        ++at;
                        break;
                    }
                    ++at;
                }
                field.text += text[at++];
            }
            if (!is_closed)
                quotes = Quotes::open;
            else if (at < text.size() && !is_end(text[at]))
                quotes = Quotes::text_behind;
        }
        while (at < text.size() && !is_end(text[at])) field.text += text[at++];
        field.span = {file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)};
        fields.push_back(std::move(field));
        if (at >= text.size() || text[at] != ',') break;
        ++at;
    }
    while (at < text.size() && text[at] != '\n' && text[at] == '\r') ++at;
    if (at < text.size() && text[at] == '\n') ++at;
    return fields;
}

syntax::ValueTree as_value(const Field& field) {
    syntax::Template scalar{.parts = {{.text = field.text, .span = field.span}}, .is_plain = true, .span = field.span};
    return {.scalar = std::move(scalar), .span = field.span};
}

}  // namespace

std::vector<syntax::FarmObject> read_csv(const base::SourceMap& sources, base::FileId file, diag::Sink& sink) {
    std::vector<syntax::FarmObject> objects;
    if (!syntax::check_text(sources, file, sink)) return objects;
    const std::string_view text = sources.text(file);
    std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    Quotes quotes = Quotes::good;
    const std::vector<Field> header = read_record(text, file, at, quotes);
    std::size_t name_column = header.size();
    std::map<std::string_view, base::Span> columns;
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (header[i].text == "name") name_column = i;
        const auto [first, is_new] = columns.emplace(header[i].text, header[i].span);
        if (is_new) continue;
        sink.report(bad_csv, header[i].span, "two columns are called `" + header[i].text + "`")
            .related(first->second, "the other one");
        return objects;
    }
    if (name_column == header.size()) {
        sink.report(bad_csv, header[0].span, "the first line of the inventory names no column `name`")
            .hint("the first line holds the names of the columns: `name,address,site`");
        return objects;
    }
    while (at < text.size()) {
        const std::size_t begin = at;
        const std::vector<Field> record = read_record(text, file, at, quotes);
        const base::Span line{file, static_cast<std::uint32_t>(begin), record.back().span.end};
        if (quotes == Quotes::open) {
            sink.report(bad_csv, record.back().span, "a quoted field is not closed")
                .hint("a quote within a quoted field is doubled: `\"a \"\"b\"\" c\"`");
            return objects;
        }
        if (record.size() == 1 && record[0].text.empty()) continue;  // a blank line
        if (quotes == Quotes::text_behind) {
            sink.report(bad_csv, line, "text behind the closing quote of a field")
                .hint("a quote within a quoted field is doubled: `\"a \"\"b\"\" c\"`");
            continue;
        }
        if (record.size() != header.size()) {
            sink.report(bad_csv, line,
                        "a line of " + std::to_string(record.size()) + (record.size() == 1 ? " field" : " fields") +
                            " where the header has " + std::to_string(header.size()));
            continue;
        }
        if (record[name_column].text.empty()) {
            sink.report(bad_csv, line, "an object without a name");
            continue;
        }
        syntax::FarmObject object{.name = {record[name_column].text, record[name_column].span}, .span = line};
        for (std::size_t i = 0; i < header.size(); ++i) {
            if (i == name_column || record[i].text.empty()) continue;
            const std::string& column = header[i].text;
            syntax::NamedValue value{{column, header[i].span}, as_value(record[i])};
            std::vector<syntax::NamedValue>* into = &object.attributes;
            if (column.starts_with("state.")) into = &object.state;
            if (column.starts_with("connect.")) into = &object.connect;
            if (into != &object.attributes) value.name.value = column.substr(column.find('.') + 1);
            into->push_back(std::move(value));
        }
        objects.push_back(std::move(object));
    }
    return objects;
}

}  // namespace pvsplan::resolve

#include "compiler/resolve/csv.hpp"

#include "compiler/resolve/codes.hpp"

namespace pvsplan::resolve {
namespace {

struct Field {
    std::string text;
    base::Span span;
};

// One record from `at` on, which is moved behind its line break. An unclosed quote ends with the file.
std::vector<Field> read_record(std::string_view text, base::FileId file, std::size_t& at, bool& is_closed) {
    std::vector<Field> fields;
    is_closed = true;
    for (;;) {
        Field field;
        const std::size_t begin = at;
        if (at < text.size() && text[at] == '"') {
            ++at;
            is_closed = false;
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
        } else {
            while (at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r') field.text += text[at++];
        }
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
    const std::string_view text = sources.text(file);
    std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    bool is_closed = true;
    const std::vector<Field> header = read_record(text, file, at, is_closed);
    std::size_t name_column = header.size();
    for (std::size_t i = 0; i < header.size(); ++i)
        if (header[i].text == "name") name_column = i;
    if (name_column == header.size()) {
        sink.report(bad_csv, header[0].span, "the first line of the inventory names no column `name`")
            .hint("the first line holds the names of the columns: `name,address,site`");
        return objects;
    }
    while (at < text.size()) {
        const std::size_t begin = at;
        const std::vector<Field> record = read_record(text, file, at, is_closed);
        const base::Span line{file, static_cast<std::uint32_t>(begin), record.back().span.end};
        if (!is_closed) {
            sink.report(bad_csv, record.back().span, "a quoted field is not closed");
            return objects;
        }
        if (record.size() == 1 && record[0].text.empty()) continue;  // a blank line
        if (record.size() != header.size()) {
            sink.report(bad_csv, line, "a line of " + std::to_string(record.size()) + " fields where the header has " +
                                           std::to_string(header.size()));
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

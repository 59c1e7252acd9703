#include "runtime/serve/markup.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "compiler/base/check.hpp"
#include "compiler/base/embedded.hpp"
#include "runtime/picture/markup.hpp"
#include "runtime/ports/time_text.hpp"

namespace pvsplan::serve {

using picture::escaped;

std::span<const base::Embedded> page_files();

namespace {

std::string page_file(std::string_view name) { return std::string(base::text_of(page_files(), name)); }

// The name is in the page, once: the page is ours.
void put(std::string& into, std::string_view name, const std::string& value) {
    into.replace(into.find(name), name.size(), value);
}

}  // namespace

Cell text_cell(std::string_view text) { return {escaped(text)}; }

// For people in their own time, for programs in UTC.
Cell time_cell(ports::Millis at) {
    if (at == 0) return {};
    return {"<time datetime=\"" + ports::utc_time(at) + "\">" + ports::local_date_time(at) + "</time>", "time"};
}

// What nobody has to do anything about is calm; all that is not named here stands out.
Cell standing_cell(engine::Standing::Type type) {
    using Type = engine::Standing::Type;
    std::string kind = "bad";
    if (type == Type::under_way) kind = "busy";
    if (type == Type::waiting || type == Type::interrupted) kind = "wait";
    if (type == Type::done) kind = "good";
    if (type == Type::rolled_back || type == Type::given_up) kind = "sub";
    return {std::string(engine::name_of(type)), kind};
}

// The roles are said, since a table whose rows are blocks is none any more to some browsers.
Table::Table(std::string_view caption, std::vector<std::string_view> columns) : columns_(std::move(columns)) {
    html_ = "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"" + escaped(caption) +
            "\"><table role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">";
    for (const std::string_view column : columns_)
        html_ += "<th role=\"columnheader\" scope=\"col\">" + escaped(column) + "</th>";
    html_ += "</tr></thead><tbody role=\"rowgroup\">\n";
}

// `html` of a cell was escaped by whoever made it; kinds are our own words.
void Table::add(const std::vector<Cell>& row) {
    base::check(row.size() == columns_.size(), "a row has a cell for each column");
    is_empty_ = false;
    html_ += "<tr role=\"row\">";
    for (std::size_t i = 0; i < row.size(); ++i)
        html_ += "<td role=\"cell\" data-column=\"" + escaped(columns_[i]) +
                 (row[i].kind.empty() ? "\">" : "\" class=\"" + row[i].kind + "\">") + row[i].html + "</td>";
    html_ += "</tr>\n";
}

std::string Table::html(std::string_view none) const {
    return is_empty_ ? paragraph(none, "sub") : html_ + "</tbody></table></div>\n";
}

std::string paragraph(std::string_view text, std::string_view kind) {
    if (text.empty()) return "";
    const std::string open = kind.empty() ? "<p>" : "<p class=\"" + std::string(kind) + "\">";
    return open + escaped(text) + "</p>\n";
}

std::string link(std::string_view path, std::string_view text) {
    return "<a href=\"" + escaped(path) + "\">" + escaped(text) + "</a>";
}

std::string run_path(std::string_view run) { return "/runs/" + std::string(run); }

// Every text that is put in was escaped; a text that holds "{{title}}" stays a text.
Response page(const Frame& frame, std::string_view title, std::string_view main, unsigned status) {
    // From the end on, so that no text that is put in is looked at again.
    std::string html = page_file("page.html");
    put(html, "{{main}}", std::string(main));
    put(html, "{{person}}", frame.person.empty() ? "" : " · you are " + escaped(frame.person));
    put(html, "{{store}}", escaped(frame.store));
    put(html, "{{title}}", escaped(title));
    return {.status = status, .body = std::move(html)};
}

Response trouble(const Frame& frame, unsigned status, std::string_view title, const std::string& why) {
    return page(frame, title, "<h1>" + escaped(title) + "</h1>\n" + paragraph(why, "note"), status);
}

Response style() { return {.type = "text/css; charset=utf-8", .body = page_file("page.css")}; }
Response script() { return {.type = "text/javascript; charset=utf-8", .body = page_file("page.js")}; }

}  // namespace pvsplan::serve

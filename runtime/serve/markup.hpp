// The pieces of a page. Whatever came from a plan, a person or a host is text, never markup.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/standing.hpp"
#include "runtime/serve/http.hpp"

namespace pvsplan::serve {

// A cell as HTML, and its class. Escaped already.
struct Cell {
    std::string html;
    std::string kind = {};
};
// Any text.
Cell text_cell(std::string_view text);
Cell time_cell(ports::Millis at);  // 0: none
Cell standing_cell(engine::Standing::Type type);

// A table with a caption for those who don't see it; `none` in its place where it has no row. In a narrow window each
// row is a block, and each cell says its column.
class Table {
  public:
    Table(std::string_view caption, std::vector<std::string_view> columns);
    // A cell for each column.
    void add(const std::vector<Cell>& row);
    // May be asked again after more was added.
    [[nodiscard]] std::string html(std::string_view none) const;

  private:
    std::vector<std::string_view> columns_;
    std::string html_;
    bool is_empty_ = true;
};

std::string paragraph(std::string_view text, std::string_view kind = "");
// `path` is one of ours, or of an id of a run.
std::string link(std::string_view path, std::string_view text);
// "/runs/20261124-0812-k3x9"
std::string run_path(std::string_view run);

// What every page has around it.
struct Frame {
    std::string store;   // as it may be shown
    std::string person;  // who looks; empty: nobody who is known
};
// `main` is HTML, `title` a text.
Response page(const Frame& frame, std::string_view title, std::string_view main, unsigned status = 200);
// A page that says what cannot be shown, and why.
Response trouble(const Frame& frame, unsigned status, std::string_view title, const std::string& why);
// page.css and page.js.
Response style();
Response script();

}  // namespace pvsplan::serve

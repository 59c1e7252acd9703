#include "compiler/expand/windows.hpp"

#include <algorithm>

#include "compiler/syntax/codes.hpp"

namespace pvsplan::expand {

program::WindowId Windows::add(program::Window window, program::WindowId around, const diag::Place& place,
                               diag::Sink& sink) {
    window.parent = around;
    const auto known = std::find(out_.windows.begin(), out_.windows.end(), window);
    if (known != out_.windows.end()) return program::WindowId(static_cast<std::size_t>(known - out_.windows.begin()));
    out_.windows.push_back(std::move(window));
    const program::WindowId id(out_.windows.size() - 1);
    if (around && program::longest_opening_ms(out_.windows, id) == 0)
        sink.report(syntax::codes::odd_window, place, "never opens while the one around it is open")
            .hint("the one around it is " + program::text_of(out_.windows[around.index()]));
    return id;
}

}  // namespace pvsplan::expand

#include "compiler/expand/windows.hpp"

#include "compiler/syntax/codes.hpp"

namespace pvsplan::expand {

// Equal windows below one window are one, so that a loop of a thousand steps has one window and one finding.
program::WindowId Windows::add(program::Window window, program::WindowId around, const diag::Place& place,
                               diag::Sink& sink) {
    window.parent = around;
    const auto [known, is_new] = known_.try_emplace({around, window.from, window.to, window.days, window.zone},
                                                    program::WindowId(out_.windows.size()));
    const program::WindowId id = known->second;
    if (!is_new) return id;
    out_.windows.push_back(std::move(window));
    if (around && program::longest_opening_ms(out_.windows, id) == 0)
        sink.report(syntax::codes::odd_window, place, "never opens while the one around it is open")
            .hint("the one around it is " + program::text_of(out_.windows[around.index()]));
    return id;
}

}  // namespace pvsplan::expand

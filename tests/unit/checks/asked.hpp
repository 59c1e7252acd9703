// A requirement as these tests ask it: the text for the compiler, the meaning for the oracle. Nothing is parsed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/checks/draws.hpp"
#include "tests/unit/checks/toy.hpp"

namespace pvsplan::test {

enum class Count : std::uint8_t { exactly, at_most, at_least };
enum class Many : std::uint8_t { every, some };
enum class Per : std::uint8_t { whole, site, object };

struct EventAsked {
    std::string verb;
    std::string kind = "node";
    std::string site;      // `where s.site == "…"`; empty: all
    Per per = Per::whole;  // of `before` and `then`
};

struct Asked {
    enum class Form : std::uint8_t { count, never, before, then, during, always, finally };
    Form form = Form::count;
    Count count = Count::exactly;
    int number = 0;
    Many left_many = Many::every;
    Many right_many = Many::every;
    EventAsked left;
    EventAsked right;
    std::size_t predicate = 0;  // of toy_predicates()
    bool spelled_out = false;   // `node s with …`
    std::string state_site;     // `where` of the state
    Per per = Per::whole;       // of counts and `always`
    bool same_object = false;

    [[nodiscard]] std::string text() const;
    // "every before some (same object)": what coverage is counted by.
    [[nodiscard]] std::string form_name() const;
};

// Most events have one of the verbs `likely`: those that the plan does.
Asked draw_asked(Draws& draws, const std::vector<std::string>& likely);

}  // namespace pvsplan::test

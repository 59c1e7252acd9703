// What a parse has read besides expressions, until it is known what it belongs to. Included by builder.hpp alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/syntax/slice.hpp"

namespace pvsplan::syntax {

// A match: [begin, end) of a slice's text.
struct Match {
    std::size_t begin;
    std::size_t end;
};

// Names whose rules are not over: variables of filters and loops, verbs of events.
class Names {
  public:
    // Rules nest, and the innermost is over first: a stack.
    void keep(Text name) { names_.push_back(std::move(name)); }
    [[nodiscard]] bool is_empty() const { return names_.empty(); }
    // That of the rule which has just ended.
    Text take() {
        Text name = std::move(names_.back());
        names_.pop_back();
        return name;
    }
    // That of what was begun first, where what stands further in was not read to its end.
    Text take_first() {
        Text name = std::move(names_.front());
        names_.clear();
        return name;
    }

  private:
    std::vector<Text> names_;
};

// A pattern of events or of states: which of the two is known only when its end is read.
struct Pattern {
    Text head;
    Text kind;
    std::optional<Text> variable;
    std::optional<Expression> with;
    std::optional<Expression> where;
    bool is_before_run = false;
    std::optional<Expression> per;

    // What was read, of an event; another one may be read then.
    EventPattern take_event(base::Span span) {
        Pattern p = std::exchange(*this, {});
        return {.verb = std::move(p.head),
                .kind = std::move(p.kind),
                .variable = std::move(p.variable),
                .where = std::move(p.where),
                .is_before_run = p.is_before_run,
                .per = std::move(p.per),
                .span = span};
    }
    // The same of a state.
    StatePattern take_state(base::Span span) {
        Pattern p = std::exchange(*this, {});
        StatePattern state{.predicate = std::nullopt,
                           .kind = std::move(p.kind),
                           .variable = std::move(p.variable),
                           .with = std::move(p.with),
                           .where = std::move(p.where),
                           .is_before_run = p.is_before_run,
                           .span = span};
        if (!state.with) state.predicate = std::move(p.head);
        return state;
    }
};

// Text with `${…}` in it. Neighbouring pieces of literal text become one part.
class TemplateParts {
  public:
    // The rules of the grammar match pieces: text, `$${`, text.
    void add_text(std::string_view literal, Match match) {
        if (literal_.empty()) match_ = match;
        match_.end = match.end;
        literal_ += literal;
    }
    void add_hole(Expression expression, base::Span span, const Places& places) {
        end_text(places);
        parts_.push_back({.text = {}, .expression = std::move(expression), .span = span});
    }
    Template take(base::Span whole, const Places& places) {
        end_text(places);
        return {.parts = std::move(parts_), .span = whole};
    }

  private:
    // The literal that was gathered becomes a part, if there is any.
    void end_text(const Places& places) {
        if (literal_.empty()) return;
        parts_.push_back({.text = std::exchange(literal_, {}),
                          .expression = std::nullopt,
                          .span = places.part(match_.begin, match_.end)});
    }

    std::vector<Template::Part> parts_;
    std::string literal_;
    Match match_{0, 0};
};

}  // namespace pvsplan::syntax

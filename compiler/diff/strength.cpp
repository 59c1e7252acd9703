#include "compiler/diff/strength.hpp"

#include <algorithm>
#include <optional>

namespace pvsplan::diff {
namespace {

using program::Demand;
using program::Expr;
using program::ExprPtr;
using Form = Demand::Form;
using Bound = Demand::Bound;
using Quantifier = Demand::Quantifier;

// The elements of `x in [a, b]`, or the one of `x == a`: what the condition says of its left side.
std::optional<std::vector<ExprPtr>> elements_of(const Expr& condition) {
    if (condition.op == Expr::Op::equal) return std::vector<ExprPtr>{condition.args[1]};
    if (condition.op != Expr::Op::in) return std::nullopt;
    const ExprPtr& list = condition.args[1];
    if (list->op == Expr::Op::list) return list->args;
    if (list->op != Expr::Op::literal || list->value.as_list() == nullptr) return std::nullopt;
    std::vector<ExprPtr> elements;
    for (const program::Value& one : *list->value.as_list()) elements.push_back(Expr::literal(one));
    return elements;
}

// `x < 3` within `x < 5` or `x <= 3`: which way the comparison bounds its left side, if it is with a literal.
struct Range {
    bool is_upper = false;
    bool is_open = false;
    program::Value end;
};
std::optional<Range> range_of(const Expr& condition) {
    const bool is_upper = condition.op == Expr::Op::less || condition.op == Expr::Op::less_equal;
    const bool is_lower = condition.op == Expr::Op::greater || condition.op == Expr::Op::greater_equal;
    if ((!is_upper && !is_lower) || condition.args[1]->op != Expr::Op::literal) return std::nullopt;
    const bool is_open = condition.op == Expr::Op::less || condition.op == Expr::Op::greater;
    return Range{is_upper, is_open, condition.args[1]->value};
}

bool is_comparison_within(const Expr& narrow, const Expr& wide, const Same& same) {
    if (narrow.args.size() != 2 || wide.args.size() != 2 || !same(narrow.args[0], wide.args[0])) return false;
    if (const auto few = elements_of(narrow), many = elements_of(wide); few && many)
        return std::all_of(few->begin(), few->end(), [&](const ExprPtr& one) {
            return std::any_of(many->begin(), many->end(), [&](const ExprPtr& other) { return same(one, other); });
        });
    const std::optional<Range> a = range_of(narrow);
    const std::optional<Range> b = range_of(wide);
    if (!a || !b || a->is_upper != b->is_upper) return false;
    const std::optional<int> order = program::compare(a->end, b->end);
    if (!order) return false;
    if (*order == 0) return a->is_open || !b->is_open;
    return (*order < 0) == a->is_upper;
}

std::string quoted(const std::string& text) { return "`" + text + "`"; }

std::string_view word_of(Bound bound) {
    switch (bound) {
        case Bound::exactly: return "exactly";
        case Bound::at_most: return "at most";
        case Bound::at_least: return "at least";
    }
    return "";
}

// A count of events: `never` is at most none.
struct Count {
    Bound bound = Bound::at_most;
    ExprPtr number;
};
Count count_of(const Demand& demand) {
    if (demand.form == Form::never) return {Bound::at_most, Expr::literal(program::Value::integer(0))};
    return {demand.bound, demand.number};
}

Form family_of(Form form) { return form == Form::never ? Form::count : form; }

class Comparison {
  public:
    Comparison(const Demand& before, const Demand& after, const Same& same)
        : before_(before), after_(after), same_(same), before_names_(same.before()), after_names_(same.after()) {}

    std::vector<std::string> shortfalls() && {
        if (before_.form == Form::error || after_.form == Form::error ||
            family_of(before_.form) != family_of(after_.form)) {
            falls_short("it asks for something else");
            return std::move(found_);
        }
        switch (family_of(after_.form)) {
            case Form::count: counts(); break;
            case Form::always: states_at_once(); break;
            case Form::before: order(); break;
            case Form::then: order(); break;
            case Form::during: during(); break;
            case Form::finally_: finally(); break;
            case Form::never:
            case Form::error: break;
        }
        return std::move(found_);
    }

  private:
    // Which way a set may change: a demand of all of it stays as strong while it grows, one of some while it shrinks.
    struct May {
        bool grow = false;
        bool shrink = false;
    };
    static May of(Quantifier now) { return now == Quantifier::every ? May{.grow = true} : May{.shrink = true}; }
    static May of(Bound now) { return {.grow = now == Bound::at_most, .shrink = now == Bound::at_least}; }

    void falls_short(std::string why) { found_.push_back(std::move(why)); }

    void counts() {
        const May may = number();
        events(before_.left, after_.left, may);
        per(before_.left ? before_.left->per : nullptr, after_.left ? after_.left->per : nullptr);
    }

    // What the number and its bound allow; and which way the counted set may change under the bound as it is now.
    May number() {
        const Count was = count_of(before_);
        const Count now = count_of(after_);
        const bool keeps_top = was.bound == Bound::at_least || now.bound != Bound::at_least;
        const bool keeps_bottom = was.bound == Bound::at_most || now.bound != Bound::at_most;
        const std::string words = text(was, before_names_) + " became " + text(now, after_names_);
        const std::int64_t* old_number = was.number ? was.number->value.as_integer() : nullptr;
        const std::int64_t* new_number = now.number ? now.number->value.as_integer() : nullptr;
        bool keeps_number = same_(was.number, now.number);
        if (!keeps_number && old_number != nullptr && new_number != nullptr)
            keeps_number = was.bound != Bound::exactly &&
                           (was.bound == Bound::at_most ? *new_number <= *old_number : *new_number >= *old_number);
        if (!keeps_top || !keeps_bottom || !keeps_number) falls_short(words);
        // Of an exact number only the half that was asked for has to be kept.
        return now.bound == Bound::exactly ? of(was.bound) : of(now.bound);
    }

    static std::string text(const Count& count, const program::ObjectNames& names) {
        return quoted(std::string(word_of(count.bound)) + " " +
                      (count.number ? program::to_text(*count.number, names) : "?"));
    }

    // At most so many in all is more than at most so many each; at least, the other way round.
    void per(const ExprPtr& was, const ExprPtr& now) {
        if (same_(was, now)) return;
        const Bound bound = count_of(before_).bound;
        if (!now && bound != Bound::at_most)
            falls_short("`per " + program::to_text(*was, before_names_) + "` is gone: they are counted together");
        else if (!was && bound != Bound::at_least)
            falls_short("`per " + program::to_text(*now, after_names_) + "` is new: each is counted by itself");
        else if (was && now)
            falls_short("they are counted per " + quoted(program::to_text(*now, after_names_)) + ", not per " +
                        quoted(program::to_text(*was, before_names_)));
    }

    void states_at_once() {
        const May may = number();
        const program::StateDemand& was = *before_.state;
        const program::StateDemand& now = *after_.state;
        kinds(was.kind, now.kind, was.text, now.text);
        set(was.where, now.where, may, "where");
        condition(was, now, may);
        per(before_.per, after_.per);
    }

    void order() {
        quantifiers("earlier", before_.left_quantifier, after_.left_quantifier);
        quantifiers("later", before_.right_quantifier, after_.right_quantifier);
        events(before_.left, after_.left, of(after_.left_quantifier));
        events(before_.right, after_.right, of(after_.right_quantifier));
        const bool is_of_all =
            after_.left_quantifier == Quantifier::every && after_.right_quantifier == Quantifier::every;
        if (before_.same_object == after_.same_object) return;
        // Of all pairs, those of one object are a part; where one is enough, it has to be a narrower one.
        if (after_.same_object && is_of_all) falls_short("it speaks of pairs with the same object only");
        if (!after_.same_object && !is_of_all) falls_short("any object will do, not only the same one");
    }

    void during() {
        quantifiers("event", before_.left_quantifier, after_.left_quantifier);
        quantifiers("object", before_.right_quantifier, after_.right_quantifier);
        events(before_.left, after_.left, of(after_.left_quantifier));
        const bool is_of_every = after_.right_quantifier == Quantifier::every;
        objects(of(after_.right_quantifier));
        if (before_.same_object == after_.same_object) return;
        if (after_.same_object && is_of_every) falls_short("it asks the same object only");
        if (!after_.same_object && !is_of_every) falls_short("any object will do, not only the same one");
    }

    void finally() {
        quantifiers("object", before_.right_quantifier, after_.right_quantifier);
        quantifiers("object", before_.left_quantifier, after_.left_quantifier);
        objects(of(after_.right_quantifier));
    }

    // Objects of which a state is demanded.
    void objects(May may) {
        const program::StateDemand& was = *before_.state;
        const program::StateDemand& now = *after_.state;
        kinds(was.kind, now.kind, was.text, now.text);
        set(was.where, now.where, may, "where");
        condition(was, now, {.shrink = true});
    }

    void quantifiers(std::string_view side, Quantifier was, Quantifier now) {
        if (was == Quantifier::every && now == Quantifier::some)
            falls_short("`some` in place of `every`: one " + std::string(side) + " is enough");
    }

    void kinds(const std::string& was_kind, const std::string& now_kind, const std::string& was,
               const std::string& now) {
        if (was_kind != now_kind) falls_short("it speaks of " + quoted(now) + ", not of " + quoted(was));
    }

    void events(const std::optional<program::EventDemand>& was, const std::optional<program::EventDemand>& now,
                May may) {
        const std::string was_text = was->verb + "(" + was->kind + ")";
        const std::string now_text = now->verb + "(" + now->kind + ")";
        if (was_text != now_text)
            return falls_short("it speaks of " + quoted(now_text) + ", not of " + quoted(was_text));
        set(was->where, now->where, may, "where");
    }

    // A set that is narrowed by `was` before and by `now` after.
    void set(const ExprPtr& was, const ExprPtr& now, May may, const std::string& word) {
        if (same_(was, now)) return;
        if (may.grow && is_within(was, now, same_)) return;
        if (may.shrink && is_within(now, was, same_.reversed())) return;
        if (!was)
            falls_short(quoted(word + " " + program::to_text(*now, after_names_)) + " is new");
        else if (!now)
            falls_short(quoted(word + " " + program::to_text(*was, before_names_)) + " is gone");
        else
            falls_short(quoted(word + " " + program::to_text(*was, before_names_)) + " became " +
                        quoted(word + " " + program::to_text(*now, after_names_)));
    }

    void condition(const program::StateDemand& was, const program::StateDemand& now, May may) {
        if (same_(was.condition, now.condition)) return;
        if (may.grow && is_within(was.condition, now.condition, same_)) return;
        if (may.shrink && is_within(now.condition, was.condition, same_.reversed())) return;
        if (was.text != now.text)
            return falls_short("it speaks of " + quoted(now.text) + ", not of " + quoted(was.text));
        falls_short("what " + quoted(now.text) + " means was " +
                    quoted(program::to_text(*was.condition, before_names_)) + " and is " +
                    quoted(program::to_text(*now.condition, after_names_)));
    }

    const Demand& before_;
    const Demand& after_;
    const Same& same_;
    program::PlanNames before_names_;
    program::PlanNames after_names_;
    std::vector<std::string> found_;
};

}  // namespace

bool is_within(const ExprPtr& narrow, const ExprPtr& wide, const Same& same) {
    if (!wide) return true;
    if (!narrow) return false;
    if (same(narrow, wide)) return true;
    const auto in_wide = [&](const ExprPtr& part) { return is_within(part, wide, same); };
    const auto holds_narrow = [&](const ExprPtr& part) { return is_within(narrow, part, same); };
    if (narrow->op == Expr::Op::logical_or) return std::all_of(narrow->args.begin(), narrow->args.end(), in_wide);
    if (wide->op == Expr::Op::logical_and) return std::all_of(wide->args.begin(), wide->args.end(), holds_narrow);
    if (narrow->op == Expr::Op::logical_and && std::any_of(narrow->args.begin(), narrow->args.end(), in_wide))
        return true;
    if (wide->op == Expr::Op::logical_or) return std::any_of(wide->args.begin(), wide->args.end(), holds_narrow);
    if (narrow->op == Expr::Op::logical_not && wide->op == Expr::Op::logical_not)
        return is_within(wide->args[0], narrow->args[0], same.reversed());
    return is_comparison_within(*narrow, *wide, same);
}

std::vector<std::string> shortfalls(const Demand& before, const Demand& after, const Same& same) {
    return Comparison(before, after, same).shortfalls();
}

std::vector<EventSide> event_sides(const Demand& demand) {
    std::vector<EventSide> sides;
    const auto quantified = [&](const std::optional<program::EventDemand>& events, Quantifier quantifier) {
        if (events) sides.push_back({&*events, quantifier == Quantifier::every, quantifier == Quantifier::some});
    };
    switch (demand.form) {
        case Form::count:
        case Form::never: {
            const Bound bound = count_of(demand).bound;
            sides.push_back({&*demand.left, bound != Bound::at_least, bound != Bound::at_most});
            break;
        }
        case Form::before:
        case Form::then:
        case Form::during:
            quantified(demand.left, demand.left_quantifier);
            quantified(demand.right, demand.right_quantifier);
            break;
        case Form::always:
        case Form::finally_:
        case Form::error: break;
    }
    return sides;
}

}  // namespace pvsplan::diff

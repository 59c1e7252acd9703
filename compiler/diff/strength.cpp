#include "compiler/diff/strength.hpp"

#include <algorithm>
#include <optional>

#include "compiler/base/lists.hpp"
#include "compiler/diff/coverage.hpp"
#include "compiler/program/plan_env.hpp"

namespace pvsplan::diff {
namespace {

using program::Demand;
using program::Expr;
using program::ExprPtr;
using Form = Demand::Form;
using Bound = Demand::Bound;
using Quantifier = Demand::Quantifier;

constexpr std::size_t max_named = 4;

std::string some(const std::vector<std::string>& names) { return base::some_quoted(names, max_named); }

// `3 > x` as `x < 3`, so that a literal stands on the right.
ExprPtr turned(const ExprPtr& condition) {
    using Op = Expr::Op;
    static constexpr std::pair<Op, Op> mirrored[] = {{Op::equal, Op::equal},  {Op::not_equal, Op::not_equal},
                                                     {Op::less, Op::greater}, {Op::less_equal, Op::greater_equal},
                                                     {Op::greater, Op::less}, {Op::greater_equal, Op::less_equal}};
    for (const auto& [op, other] : mirrored) {
        if (condition->op != op || condition->args[0]->op != Op::literal || condition->args[1]->op == Op::literal)
            continue;
        Expr mirror = *condition;
        mirror.op = other;
        std::swap(mirror.args[0], mirror.args[1]);
        return program::make_expr(std::move(mirror));
    }
    return condition;
}

bool is_literal(const Expr& condition, bool wanted) {
    return condition.op == Expr::Op::literal && condition.value.as_boolean() != nullptr &&
           *condition.value.as_boolean() == wanted;
}

// What `x in [a, b]`, `x == a`, `x != a`, `not x == a` say of x: that it is one of these, or none of them.
struct Membership {
    ExprPtr of;
    std::vector<ExprPtr> elements;
    bool is_one = true;
};
// Nothing for other forms. A denial turns `one of` into `none of`.
std::optional<Membership> membership_of(const Expr& condition) {
    using Op = Expr::Op;
    if (condition.op == Op::logical_not) {
        std::optional<Membership> found = membership_of(*turned(condition.args[0]));
        if (found) found->is_one = !found->is_one;
        return found;
    }
    const bool is_one = condition.op == Op::equal || condition.op == Op::in;
    if (condition.op == Op::equal || condition.op == Op::not_equal)
        return Membership{condition.args[0], {condition.args[1]}, is_one};
    if (condition.op != Op::in && condition.op != Op::not_in) return std::nullopt;
    const ExprPtr& list = condition.args[1];
    if (list->op == Op::list) return Membership{condition.args[0], list->args, is_one};
    if (list->op != Op::literal || list->value.as_list() == nullptr) return std::nullopt;
    Membership found{condition.args[0], {}, is_one};
    for (const program::Value& one : *list->value.as_list()) found.elements.push_back(Expr::literal(one));
    return found;
}

// `one of` lies within `one of` more; `none of` within `none of` fewer; `one of` within `none of` where nothing is in
// both.
bool is_membership_within(const Membership& narrow, const Membership& wide, const Same& same) {
    const auto is_in = [](const ExprPtr& one, const std::vector<ExprPtr>& many, const auto& is_it) {
        return std::any_of(many.begin(), many.end(), [&](const ExprPtr& other) { return is_it(one, other); });
    };
    const auto all_of = [](const std::vector<ExprPtr>& some, const auto& what) {
        return std::all_of(some.begin(), some.end(), what);
    };
    if (narrow.is_one && wide.is_one)
        return all_of(narrow.elements, [&](const ExprPtr& one) { return is_in(one, wide.elements, same); });
    if (!narrow.is_one && !wide.is_one)
        return all_of(wide.elements, [&](const ExprPtr& one) { return is_in(one, narrow.elements, same.reversed()); });
    // Two texts that differ may be one value, unless both are literals.
    const auto may_be = [&](const ExprPtr& one, const ExprPtr& other) {
        const bool are_known = one->op == Expr::Op::literal && other->op == Expr::Op::literal &&
                               !one->value.has_unknown() && !other->value.has_unknown();
        return !are_known || same(one, other);
    };
    return narrow.is_one &&
           all_of(narrow.elements, [&](const ExprPtr& one) { return !is_in(one, wide.elements, may_be); });
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

// Both have to bound the same left side, by elements or from the same direction.
bool is_comparison_within(const Expr& narrow, const Expr& wide, const Same& same) {
    if (const auto few = membership_of(narrow), many = membership_of(wide); few && many)
        return same(few->of, many->of) && is_membership_within(*few, *many, same);
    if (narrow.args.size() != 2 || wide.args.size() != 2 || !same(narrow.args[0], wide.args[0])) return false;
    const std::optional<Range> a = range_of(narrow);
    const std::optional<Range> b = range_of(wide);
    if (!a || !b || a->is_upper != b->is_upper) return false;
    // Nothing where the two ends cannot be compared: then nothing is claimed.
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

// `never` and a count can be compared with each other.
Form family_of(Form form) { return form == Form::never ? Form::count : form; }

Objects objects_of(const program::EventDemand& events) { return {events.kind, events.where, events.per}; }

Objects objects_of(const program::StateDemand& state, const ExprPtr& per = nullptr) {
    return {state.kind, state.where, per};
}

// A number may be an expression over the farm.
std::optional<std::int64_t> value_of(const ExprPtr& number, const program::Plan& plan) {
    if (!number) return std::nullopt;
    const program::Value value = program::evaluate(*number, program::PlanEnv(plan));
    return value.as_integer() != nullptr ? std::optional(*value.as_integer()) : std::nullopt;
}

std::string text(const Count& count, const program::ObjectNames& names) {
    return quoted(std::string(word_of(count.bound)) + " " +
                  (count.number ? program::to_text(*count.number, names) : "?"));
}

// What `where initially` has become: the object is one of those that were so before the run.
bool are_objects(const ExprPtr& where) {
    bool is_nameless = false;
    if (where)
        program::for_each_part(*where, [&](const Expr& part) {
            is_nameless = is_nameless || (part.op == Expr::Op::local && part.name.empty());
        });
    return is_nameless;
}

bool reads_attribute(const Expr& condition) {
    bool is_read = false;
    program::for_each_part(condition, [&](const Expr& part) { is_read = is_read || part.op == Expr::Op::attribute; });
    return is_read;
}

// Over twenty methods: one for each form of a demand, and one for each part that forms share.
//
// Each part is compared by itself; every way in which the new demand may be met where the old one is not is a phrase.
class Comparison {
  public:
    Comparison(const Demand& before, const Demand& after, const Same& same)
        : before_(before), after_(after), same_(same), before_names_(same.before()), after_names_(same.after()) {}

    // Empty: whatever meets the new demand meets the old one. Demands of two families cannot be held against each
    // other.
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
        if (same_.farms().budget.is_exhausted())
            falls_short("which objects it covers is not known: too many would have to be looked at");
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

    // `at most`, `at least` and `exactly` so many events.
    void counts() {
        const May may = number();
        events(before_.left, after_.left, may);
        per(objects_of(*before_.left), objects_of(*after_.left));
    }

    // What the number and its bound allow; and which way the counted set may change under the bound as it is now.
    May number() {
        const Count was = count_of(before_);
        const Count now = count_of(after_);
        // `exactly` bounds from both sides: each that the old bound had has to be there still.
        const bool keeps_top = was.bound == Bound::at_least || now.bound != Bound::at_least;
        const bool keeps_bottom = was.bound == Bound::at_most || now.bound != Bound::at_most;
        const std::string words = text(was, before_names_) + " became " + text(now, after_names_);
        const std::optional<std::int64_t> old_number = value_of(was.number, same_.before());
        const std::optional<std::int64_t> new_number = value_of(now.number, same_.after());
        bool keeps_number = same_(was.number, now.number);
        if (old_number && new_number)
            keeps_number = was.bound == Bound::exactly   ? *new_number == *old_number
                           : was.bound == Bound::at_most ? *new_number <= *old_number
                                                         : *new_number >= *old_number;
        if (!keeps_top || !keeps_bottom || !keeps_number)
            falls_short(same_(was.number, now.number) && was.bound == now.bound
                            ? text(now, after_names_) + " was " + std::to_string(old_number.value_or(0)) + " and is " +
                                  std::to_string(new_number.value_or(0)) + " on this farm"
                            : words);
        // Each object is counted by itself: more of them are more demands, whatever the bound is.
        const ExprPtr& each = before_.left ? before_.left->per : before_.per;
        const ExprPtr& each_now = after_.left ? after_.left->per : after_.per;
        if (each && each->op == Expr::Op::local && same_(each, each_now)) return {.grow = true};
        // A part that nothing counts for any more is not asked for, so under `at least` neither way is safe.
        if (each && each_now && of(was.bound).shrink) return {};
        // An exact number bounds from both sides; only the side that was asked for has to be kept.
        return now.bound == Bound::exactly ? of(was.bound) : of(now.bound);
    }

    // At most so many in all is more than at most so many each; at least, the other way round.
    void per(const Objects& objects, const Objects& objects_now) {
        const ExprPtr& was = objects.per;
        const ExprPtr& now = objects_now.per;
        const Bound bound = count_of(before_).bound;
        if (same_(was, now))
            return groups({objects}, {objects_now},
                          {.part = bound == Bound::at_least, .join = bound == Bound::at_most});
        if (!now && bound != Bound::at_most)
            falls_short("`per " + program::to_text(*was, before_names_) + "` is gone: they are counted together");
        else if (!was && bound != Bound::at_least)
            falls_short("`per " + program::to_text(*now, after_names_) + "` is new: each is counted by itself");
        else if (was && now)
            falls_short("they are counted per " + quoted(program::to_text(*now, after_names_)) + ", not per " +
                        quoted(program::to_text(*was, before_names_)));
    }

    // Objects that are in a state at one moment, counted.
    void states_at_once() {
        const May may = number();
        const program::StateDemand& was = *before_.state;
        const program::StateDemand& now = *after_.state;
        kinds(was.kind, now.kind, was.text, now.text);
        set(objects_of(was), objects_of(now), may);
        condition(was, now, may);
        per(objects_of(was, before_.per), objects_of(now, after_.per));
    }

    // `before` and `then`: each quantifier, each set of events, and which pairs are asked of.
    void order() {
        quantifiers("earlier", before_.left_quantifier, after_.left_quantifier);
        quantifiers("later", before_.right_quantifier, after_.right_quantifier);
        events(before_.left, after_.left, of(after_.left_quantifier));
        events(before_.right, after_.right, of(after_.right_quantifier));
        const bool is_of_all =
            after_.left_quantifier == Quantifier::every && after_.right_quantifier == Quantifier::every;
        values(is_of_all);
        if (before_.same_object == after_.same_object) return;
        // Of all pairs, those of one object are a part; where one is enough, it has to be a narrower one.
        if (after_.same_object && is_of_all) falls_short("it speaks of pairs with the same object only");
        if (!after_.same_object && !is_of_all) falls_short("any object will do, not only the same one");
    }

    // With `per` each value is asked by itself: of all pairs those of one value are a part; where one is enough, it has
    // to be one of that value.
    void values(bool is_of_all) {
        const auto& was = *before_.left;
        const auto& now = *after_.left;
        const auto is_any = [](const Demand& demand) { return demand.left->per || demand.right->per; };
        if (same_(was.per, now.per) && same_(before_.right->per, after_.right->per))
            return groups({objects_of(was), objects_of(*before_.right)}, {objects_of(now), objects_of(*after_.right)},
                          {.part = !is_of_all, .join = is_of_all});
        if (is_of_all ? !is_any(after_) : !is_any(before_)) return;
        falls_short(!is_any(after_)    ? "`per` is gone: any value will do"
                    : !is_any(before_) ? "`per` is new: it speaks of pairs with the same value only"
                                       : "its `per` is another one");
    }

    // States that are demanded while events happen.
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

    // Both quantifiers are compared, though the form has but one: the other is `every` in both plans then.
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
        set(objects_of(was), objects_of(now), may);
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
        set(objects_of(*was), objects_of(*now), may);
    }

    // A set that is narrowed by a `where`, as it is written and on these farms.
    void set(const Objects& was, const Objects& now, May may) {
        if (are_objects(was.where) || are_objects(now.where)) return objects_before_run(was.where, now.where, may);
        if (!is_kept(was.where, now.where, may)) falls_short(became(was.where, now.where));
        const Moved objects = moved(was, now, same_);
        if (!may.shrink && !objects.out.empty()) falls_short("`where` no longer covers " + some(objects.out));
        if (!may.grow && !objects.in.empty()) falls_short("`where` covers " + some(objects.in) + " as well now");
    }
    // The same, or changed in a direction that is allowed.
    [[nodiscard]] bool is_kept(const ExprPtr& was, const ExprPtr& now, May may) const {
        return same_(was, now) || (may.grow && is_within(was, now, same_)) ||
               (may.shrink && is_within(now, was, same_.reversed()));
    }
    [[nodiscard]] std::string became(const ExprPtr& was, const ExprPtr& now) const {
        const auto words = [](const ExprPtr& where, const program::ObjectNames& names) {
            return quoted("where " + program::to_text(*where, names));
        };
        if (!was) return words(now, after_names_) + " is new";
        if (!now) return words(was, before_names_) + " is gone";
        return words(was, before_names_) + " became " + words(now, after_names_);
    }

    // Which way groups may change: a bound from above stays as strong while they are joined, one from below while they
    // are parted.
    struct MayGroups {
        bool part = false;
        bool join = false;
    };
    // An expression by which objects are grouped may say the same and group otherwise, on another farm.
    void groups(const std::vector<Objects>& was, const std::vector<Objects>& now, MayGroups may) {
        const auto is_each_alone = [](const Objects& side) { return !side.per || side.per->op == Expr::Op::local; };
        if (std::all_of(was.begin(), was.end(), is_each_alone)) return;
        const Regrouped found = regrouped(was, now, same_);
        if ((!may.part && found.are_parted) || (!may.join && found.are_joined))
            falls_short("by `per`, " + some(found.names) + " " + (found.names.size() == 1 ? "counts" : "count") +
                        " with others now");
    }

    // The condition lists objects here, so what is gone can be named.
    void objects_before_run(const ExprPtr& was, const ExprPtr& now, May may) {
        if (is_kept(was, now, may)) return;
        const auto names = [](const ExprPtr& where, const program::ObjectNames& of) {
            std::vector<std::string> all;
            const std::optional<Membership> objects = where ? membership_of(*where) : std::nullopt;
            if (!objects) return all;
            for (const ExprPtr& one : objects->elements) all.push_back(program::to_text(*one, of));
            return all;
        };
        const std::vector<std::string> before = names(was, before_names_);
        const std::vector<std::string> after = names(now, after_names_);
        std::vector<std::string> gone;
        for (const std::string& one : before)
            if (std::find(after.begin(), after.end(), one) == after.end()) gone.push_back(one);
        if (was && now && !gone.empty())
            return falls_short("by `where initially` it is not asked of " + base::some_of(gone, max_named));
        falls_short(!was   ? "`where initially` is new"
                    : !now ? "`where initially` is gone"
                           : "`where initially` leaves other objects");
    }

    // The words of a predicate may stay while what they mean changes.
    void condition(const program::StateDemand& was, const program::StateDemand& now, May may) {
        if (!is_kept(was.condition, now.condition, may)) {
            if (was.text != now.text)
                return falls_short("it speaks of " + quoted(now.text) + ", not of " + quoted(was.text));
            return falls_short("what " + quoted(now.text) + " means was " +
                               quoted(program::to_text(*was.condition, before_names_)) + " and is " +
                               quoted(program::to_text(*now.condition, after_names_)));
        }
        // It may read attributes, which another farm may give otherwise.
        if (!reads_attribute(*was.condition) && !reads_attribute(*now.condition)) return;
        const std::vector<std::string> others =
            asked_otherwise(objects_of(was), was.condition, objects_of(now), now.condition, same_,
                            [&](const ExprPtr& one, const ExprPtr& other) { return is_kept(one, other, may); });
        if (!others.empty()) falls_short(quoted(now.text) + " means something else for " + some(others) + " now");
    }

    const Demand& before_;
    const Demand& after_;
    const Same& same_;
    program::PlanNames before_names_;
    program::PlanNames after_names_;
    std::vector<std::string> found_;
};

}  // namespace

// By the shape of both: `or` on the narrow side and `and` on the wide side are taken apart first, which loses nothing;
// then the others, where one part has to do. Each step takes a part off one of the two, so that it ends.
bool is_within(const ExprPtr& narrow_text, const ExprPtr& wide_text, const Same& same) {
    if (!wide_text) return true;
    if (!narrow_text) return false;
    const ExprPtr narrow = turned(narrow_text);
    const ExprPtr wide = turned(wide_text);
    if (same(narrow, wide) || is_literal(*narrow, false) || is_literal(*wide, true)) return true;
    const auto in_wide = [&](const ExprPtr& part) { return is_within(part, wide, same); };
    const auto holds_narrow = [&](const ExprPtr& part) { return is_within(narrow, part, same); };
    if (narrow->op == Expr::Op::logical_or) return std::all_of(narrow->args.begin(), narrow->args.end(), in_wide);
    if (wide->op == Expr::Op::logical_and) return std::all_of(wide->args.begin(), wide->args.end(), holds_narrow);
    if (narrow->op == Expr::Op::logical_and && std::any_of(narrow->args.begin(), narrow->args.end(), in_wide))
        return true;
    if (wide->op == Expr::Op::logical_or) {
        if (std::any_of(wide->args.begin(), wide->args.end(), holds_narrow)) return true;
        // `x in [a, b]` as `x == a or x == b`.
        const std::optional<Membership> one_of = membership_of(*narrow);
        return one_of && one_of->is_one && one_of->elements.size() > 1 &&
               std::all_of(one_of->elements.begin(), one_of->elements.end(), [&](const ExprPtr& element) {
                   return is_within(program::make_expr({.op = Expr::Op::equal, .args = {one_of->of, element}}), wide,
                                    same);
               });
    }
    // `not a` lies within `not b` where b lies within a; the plans change their sides with it.
    if (narrow->op == Expr::Op::logical_not && wide->op == Expr::Op::logical_not)
        return is_within(wide->args[0], narrow->args[0], same.reversed());
    return is_comparison_within(*narrow, *wide, same);
}

// Errs on one side only: what it cannot show to be as strong is told, though it may be.
std::vector<std::string> shortfalls(const Demand& before, const Demand& after, const Same& same) {
    return Comparison(before, after, same).shortfalls();
}

// An exact count minds both, more and fewer.
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

#include "compiler/graph/guard_domain.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

namespace pvsplan::graph {
namespace {

using program::Expr;
using program::Type;
using program::Value;
using Op = Expr::Op;

constexpr std::size_t max_together = 64;        // conditions that share terms
constexpr std::size_t max_combinations = 4096;  // of the values of their terms

// A condition as a formula over comparisons of terms with constants.
struct Formula {
    enum class Type : std::uint8_t { any_of, below, up_to, all, some, negation };
    Type type = Type::any_of;
    std::uint32_t term = 0;
    std::vector<Value> constants = {};       // any_of: the term is one of them; below, up_to: the one bound
    std::vector<std::uint32_t> places = {};  // of the constants, once all constants of the term are known
    std::vector<Formula> parts = {};
};

// The values of a term are numbered by place: 2 i + 1 is the i-th constant, 2 i stands for the values before it, and
// the last place for the values after all. If constants have no order, 0 stands for any other value.
struct Term {
    Type type;
    bool is_ordered = false;
    bool may_lack = false;  // it may be none, which no constant is
    std::vector<Value> constants = {};
    std::vector<std::uint32_t> places = {};
};

// Reads all questions before any place is given: a term has to know all of its constants first.
class Reader {
  public:
    explicit Reader(const program::ObjectNames& names) : names_(names) {}

    Formula read(const GuardQuestion& question) {
        moment_ = question.moment;
        may_lack_ = question.may_lack;
        return read(*question.asked);
    }
    std::vector<Term>& terms() { return terms_; }

  private:
    // `not`, `and`, `or` and comparisons are taken apart; anything else is a term that is true or false as a whole.
    Formula read(const Expr& expr) {
        switch (expr.op) {
            case Op::logical_not: return {.type = Formula::Type::negation, .parts = {read(*expr.args[0])}};
            case Op::logical_and:
            case Op::logical_or: {
                Formula whole{.type = expr.op == Op::logical_and ? Formula::Type::all : Formula::Type::some};
                for (const program::ExprPtr& arg : expr.args) whole.parts.push_back(read(*arg));
                return whole;
            }
            case Op::equal:
            case Op::not_equal:
            case Op::in:
            case Op::not_in:
            case Op::less:
            case Op::less_equal:
            case Op::greater:
            case Op::greater_equal: return comparison(expr);
            default: return truth_of(expr);
        }
    }

    static const Value* constant(const Expr& expr) {
        return expr.op == Op::literal && !expr.value.has_unknown() ? &expr.value : nullptr;
    }

    // Two terms or two constants are no comparison with a constant: such a condition is true or false as a whole.
    Formula comparison(const Expr& expr) {
        const Value* left = constant(*expr.args[0]);
        const Value* right = constant(*expr.args[1]);
        if ((left != nullptr) == (right != nullptr)) return truth_of(expr);
        if (expr.op == Op::in || expr.op == Op::not_in) {
            if (!right || !right->as_list()) return truth_of(expr);
            return negated_if(expr.op == Op::not_in, one_of(*expr.args[0], *right->as_list()));
        }
        const Expr& term = left ? *expr.args[1] : *expr.args[0];
        const Value& with = left ? *left : *right;
        if (expr.op == Op::equal || expr.op == Op::not_equal)
            return negated_if(expr.op == Op::not_equal, one_of(term, {with}));
        if (!program::compare(with, with)) return truth_of(expr);
        // `5 > x` is `x < 5`; `x > 5` is `not (x <= 5)`.
        const bool is_turned = left != nullptr;
        const bool is_less = (expr.op == Op::less || expr.op == Op::less_equal) != is_turned;
        const bool is_strict = expr.op == Op::less || expr.op == Op::greater;
        Formula formula = one_of(term, {with});
        terms_[formula.term].is_ordered = true;
        formula.type = is_less == is_strict ? Formula::Type::below : Formula::Type::up_to;
        return negated_if(!is_less, std::move(formula));
    }

    static Formula negated_if(bool is_negated, Formula formula) {
        if (!is_negated) return formula;
        Formula whole{.type = Formula::Type::negation};
        whole.parts.push_back(std::move(formula));
        return whole;
    }

    Formula truth_of(const Expr& expr) { return one_of(expr, {Value::boolean(true)}); }

    // Equal texts at one moment are one term, whoever asks.
    Formula one_of(const Expr& expr, const std::vector<Value>& constants) {
        std::string key = program::to_text(expr, names_);
        if (program::reads_state(expr)) key += "@" + moment_;
        const auto [found, is_new] = known_.try_emplace(std::move(key), static_cast<std::uint32_t>(terms_.size()));
        if (is_new) terms_.push_back({.type = expr.type});
        Term& term = terms_[found->second];
        term.may_lack = term.may_lack || (may_lack_ && reads_output(expr));
        for (const Value& one : constants)
            if (std::find(term.constants.begin(), term.constants.end(), one) == term.constants.end())
                term.constants.push_back(one);
        return {.term = found->second, .constants = constants};
    }

    static bool reads_output(const Expr& expr) {
        bool reads = false;
        program::for_each_part(expr, [&](const Expr& part) { reads = reads || part.op == Op::output; });
        return reads;
    }

    program::DistinctNames names_;
    std::string moment_;
    bool may_lack_ = false;
    std::map<std::string, std::uint32_t> known_;
    std::vector<Term> terms_;
};

// Omits places that no value of the type can have.
void find_places(Term& term) {
    std::vector<Value>& all = term.constants;
    const bool have_order = std::all_of(
        all.begin(), all.end(), [&](const Value& one) { return program::compare(all.front(), one).has_value(); });
    term.is_ordered = term.is_ordered && have_order;
    if (term.is_ordered)
        std::sort(all.begin(), all.end(), [](const Value& a, const Value& b) { return *program::compare(a, b) < 0; });
    for (std::uint32_t i = 0; i < all.size(); ++i) term.places.push_back(2 * i + 1);
    if (!term.is_ordered) {
        const std::size_t values = term.type.category == Type::Category::boolean       ? 2
                                   : term.type.category == Type::Category::enumeration ? term.type.names.size()
                                                                                       : all.size() + 1;
        const auto nones = std::count_if(all.begin(), all.end(), [](const Value& one) { return one.is_none(); });
        const bool is_none_open = term.may_lack && nones == 0;
        if (all.size() - static_cast<std::size_t>(nones) < values || is_none_open) term.places.push_back(0);
        return;
    }
    for (std::uint32_t i = 0; i <= all.size(); ++i) {
        const bool is_between = i > 0 && i < all.size() && all[i].as_integer() && all[i - 1].as_integer();
        if (!is_between || *all[i].as_integer() - 1 > *all[i - 1].as_integer()) term.places.push_back(2 * i);
    }
}

std::uint32_t place_of(const Term& term, const Value& constant) {
    const auto found = std::find(term.constants.begin(), term.constants.end(), constant);
    return static_cast<std::uint32_t>(2 * (found - term.constants.begin()) + 1);
}

void put_places(const std::vector<Term>& terms, Formula& formula) {
    for (const Value& one : formula.constants) formula.places.push_back(place_of(terms[formula.term], one));
    for (Formula& part : formula.parts) put_places(terms, part);
}

void note_subjects(const Formula& formula, std::vector<std::uint32_t>& all) {
    if (formula.parts.empty() && formula.type != Formula::Type::all && formula.type != Formula::Type::some)
        all.push_back(formula.term);
    for (const Formula& part : formula.parts) note_subjects(part, all);
}

bool is_met(const Formula& formula, const std::vector<std::uint32_t>& places) {
    const auto part_is_met = [&](const Formula& part) { return is_met(part, places); };
    const std::uint32_t at = places[formula.term];
    switch (formula.type) {
        case Formula::Type::any_of:
            return std::find(formula.places.begin(), formula.places.end(), at) != formula.places.end();
        case Formula::Type::below: return at < formula.places[0];
        case Formula::Type::up_to: return at <= formula.places[0];
        case Formula::Type::all: return std::all_of(formula.parts.begin(), formula.parts.end(), part_is_met);
        case Formula::Type::some: return std::any_of(formula.parts.begin(), formula.parts.end(), part_is_met);
        case Formula::Type::negation: return !part_is_met(formula.parts[0]);
    }
    return false;
}

// An order comparison is not readable if the constants of its term have no order.
bool is_readable(const std::vector<Term>& terms, const Formula& formula) {
    const bool asks_order = formula.type == Formula::Type::below || formula.type == Formula::Type::up_to;
    if (asks_order && !terms[formula.term].is_ordered) return false;
    return std::all_of(formula.parts.begin(), formula.parts.end(),
                       [&](const Formula& part) { return is_readable(terms, part); });
}

// The truth values of the conditions, for every combination of places of their terms; nothing if there are too many.
std::optional<std::vector<std::uint64_t>> rows_of(const std::vector<const Formula*>& formulas,
                                                  const std::vector<std::uint32_t>& terms, const std::vector<Term>& all,
                                                  std::vector<std::uint32_t>& places) {
    std::size_t combinations = 1;
    for (const std::uint32_t s : terms)
        if ((combinations *= all[s].places.size()) > max_combinations) return std::nullopt;
    std::vector<std::uint64_t> rows;
    for (std::size_t mix = 0; mix < combinations; ++mix) {
        std::size_t rest = mix;
        for (const std::uint32_t s : terms) {
            places[s] = all[s].places[rest % all[s].places.size()];
            rest /= all[s].places.size();
        }
        std::uint64_t row = 0;
        for (std::size_t i = 0; i < formulas.size(); ++i)
            if (is_met(*formulas[i], places)) row |= std::uint64_t{1} << i;
        rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

// Connected components (union-find); each is named by one of its members.
class Groups {
  public:
    explicit Groups(std::size_t size) : above_(size) { std::iota(above_.begin(), above_.end(), 0U); }
    std::uint32_t of(std::uint32_t one) {
        while (above_[one] != one) one = above_[one] = above_[above_[one]];
        return one;
    }
    void join(std::uint32_t a, std::uint32_t b) { above_[of(a)] = of(b); }

  private:
    std::vector<std::uint32_t> above_;
};

}  // namespace

// Conditions are grouped by the terms they share; of each group all combinations of places are tried once, here, so
// that later questions are a look at words of 64 bits. A group beyond the bounds stays unbound, and each of its
// conditions counts as free: more seems possible than is, never less.
GuardDomain::GuardDomain(const std::vector<GuardQuestion>& questions, GuardValues answered,
                         const program::ObjectNames& names)
    : part_of_(questions.size(), none), place_(questions.size(), 0), answered_(std::move(answered)) {
    Reader reader(names);
    std::vector<Formula> formulas;
    for (const GuardQuestion& question : questions) formulas.push_back(reader.read(question));
    std::vector<Term>& terms = reader.terms();
    for (Term& term : terms) find_places(term);
    Groups groups(terms.size());
    std::vector<std::vector<std::uint32_t>> subjects_of(formulas.size());
    for (std::size_t v = 0; v < formulas.size(); ++v) {
        if (!is_readable(terms, formulas[v])) continue;
        put_places(terms, formulas[v]);
        note_subjects(formulas[v], subjects_of[v]);
        for (const std::uint32_t s : subjects_of[v]) groups.join(s, subjects_of[v].front());
    }
    std::map<std::uint32_t, std::vector<std::uint32_t>> by_group;
    for (std::uint32_t v = 0; v < formulas.size(); ++v)
        if (!subjects_of[v].empty()) by_group[groups.of(subjects_of[v].front())].push_back(v);
    std::vector<std::uint32_t> places(terms.size(), 0);
    for (const auto& [group, variables] : by_group) {
        const bool is_alone = variables.size() == 1 && formulas[variables[0]].parts.empty();
        if (is_alone || variables.size() > max_together) continue;
        std::vector<std::uint32_t> of_group;
        std::vector<const Formula*> asked;
        for (const std::uint32_t v : variables) {
            of_group.insert(of_group.end(), subjects_of[v].begin(), subjects_of[v].end());
            asked.push_back(&formulas[v]);
        }
        std::sort(of_group.begin(), of_group.end());
        of_group.erase(std::unique(of_group.begin(), of_group.end()), of_group.end());
        auto rows = rows_of(asked, of_group, terms, places);
        if (!rows) continue;
        for (std::uint32_t i = 0; i < variables.size(); ++i) {
            part_of_[variables[i]] = static_cast<std::uint32_t>(parts_.size());
            place_[variables[i]] = i;
        }
        parts_.push_back(std::move(*rows));
    }
}

// Groups are independent of each other, so that each is asked for itself. What is answered counts where it shares a
// group with what is asked.
bool GuardDomain::can_be(const GuardValues& values) const {
    struct Wanted {
        std::uint64_t asked = 0;
        std::uint64_t truths = 0;
    };
    std::map<std::uint32_t, Wanted> by_part;
    std::map<std::uint32_t, bool> others;
    const auto add = [&](std::uint32_t variable, bool value) {
        if (!is_bound(variable)) return others.emplace(variable, value).first->second == value;
        Wanted& wanted = by_part[part_of_[variable]];
        const std::uint64_t bit = std::uint64_t{1} << place_[variable];
        if ((wanted.asked & bit) != 0) return ((wanted.truths & bit) != 0) == value;
        wanted.asked |= bit;
        if (value) wanted.truths |= bit;
        return true;
    };
    for (const auto& [variable, value] : values)
        if (!add(variable, value)) return false;
    for (const auto& [variable, value] : answered_)
        if (is_bound(variable) && by_part.contains(part_of_[variable]) && !add(variable, value)) return false;
    return std::all_of(by_part.begin(), by_part.end(), [&](const auto& one) {
        const Rows& rows = parts_[one.first];
        return std::any_of(rows.begin(), rows.end(),
                           [&](std::uint64_t row) { return (row & one.second.asked) == one.second.truths; });
    });
}

// Built variable by variable, and cut where a beginning is impossible, so that what is kept never exceeds `most`. Free
// variables double it each, which is looked at first.
std::optional<std::vector<GuardValues>> GuardDomain::all(const std::vector<std::uint32_t>& variables,
                                                         std::size_t most) const {
    const auto free = std::count_if(variables.begin(), variables.end(), [&](std::uint32_t v) { return !is_bound(v); });
    if (free >= 60 || (std::size_t{1} << free) > most) return std::nullopt;
    // Begins at the last variable, so that the first one changes fastest.
    std::vector<GuardValues> found = {{}};
    for (auto v = variables.rbegin(); v != variables.rend(); ++v) {
        std::vector<GuardValues> longer;
        for (const GuardValues& one : found)
            for (const bool value : {true, false}) {
                GuardValues with = {{*v, value}};
                with.insert(with.end(), one.begin(), one.end());
                if (is_bound(*v) && !can_be(with)) continue;
                if (longer.size() == most) return std::nullopt;
                longer.push_back(std::move(with));
            }
        found = std::move(longer);
    }
    return found;
}

}  // namespace pvsplan::graph

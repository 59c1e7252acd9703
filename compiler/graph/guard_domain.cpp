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
    enum class Type : std::uint8_t { any_of, is_true, below, up_to, all, some, negation };
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
    bool is_output = false;
    bool is_ordered = false;
    bool may_be_none = false;
    std::optional<GuardValues> runs_if = {};  // of an output that is none if one of these does not hold, and only then
    std::vector<Value> constants = {};        // none is not among them
    std::vector<std::uint32_t> places = {};
};

constexpr std::uint32_t none_place = 0xffffffffU;

// Reads all questions before any place is given: a term has to know all of its constants first.
class Reader {
  public:
    explicit Reader(const program::ObjectNames& names) : names_(names) {}

    // The moment and the sources of the question hold for all terms in it.
    Formula read(const GuardQuestion& question) {
        question_ = &question;
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
        // A list that is not written out has no places either.
        if ((left != nullptr) == (right != nullptr)) return truth_of(expr);
        if (expr.op == Op::in || expr.op == Op::not_in) {
            if (!right || !right->as_list()) return truth_of(expr);
            return negated_if(expr.op == Op::not_in, one_of(*expr.args[0], *right->as_list()));
        }
        const Expr& term = left ? *expr.args[1] : *expr.args[0];
        const Value& with = left ? *left : *right;
        if (expr.op == Op::equal || expr.op == Op::not_equal)
            return negated_if(expr.op == Op::not_equal, one_of(term, {with}));
        // Values without an order, such as texts, have no `below`.
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

    // What is none is neither true nor false.
    Formula truth_of(const Expr& expr) {
        Formula formula = one_of(expr, {Value::boolean(true)});
        if (expr.op == Op::output) formula.type = Formula::Type::is_true;
        return formula;
    }

    // Equal texts at one moment are one term, whoever asks.
    Formula one_of(const Expr& expr, const std::vector<Value>& constants) {
        std::string key = program::to_text(expr, names_);
        if (program::reads_state(expr)) key += "@" + question_->moment;
        const auto [found, is_new] = known_.try_emplace(std::move(key), static_cast<std::uint32_t>(terms_.size()));
        if (is_new) terms_.push_back({.type = expr.type, .is_output = expr.op == Op::output});
        Term& term = terms_[found->second];
        for (const OutputSource& source : question_->sources) {
            term.may_be_none = term.may_be_none || reads_output_of(expr, source.step);
            if (term.is_output && expr.step == source.step) term.runs_if = source.runs_if;
        }
        for (const Value& one : constants)
            // None has a place of its own, and no order. An output becomes none by its source alone.
            if (one.is_none())
                term.may_be_none = term.may_be_none || !term.is_output;
            else if (std::find(term.constants.begin(), term.constants.end(), one) == term.constants.end())
                term.constants.push_back(one);
        return {.term = found->second, .constants = constants};
    }

    static bool reads_output_of(const Expr& expr, const std::string& step) {
        bool reads = false;
        program::for_each_part(
            expr, [&](const Expr& part) { reads = reads || (part.op == Op::output && part.step == step); });
        return reads;
    }

    program::DistinctNames names_;
    const GuardQuestion* question_ = nullptr;
    std::map<std::string, std::uint32_t> known_;
    std::vector<Term> terms_;
};

// Omits places that no value of the type can have.
void find_places(Term& term) {
    std::vector<Value>& all = term.constants;
    // Versions and numbers mixed have no order: then the comparison is not readable.
    const bool have_order = std::all_of(
        all.begin(), all.end(), [&](const Value& one) { return program::compare(all.front(), one).has_value(); });
    term.is_ordered = term.is_ordered && have_order;
    if (term.is_ordered)
        std::sort(all.begin(), all.end(), [](const Value& a, const Value& b) { return *program::compare(a, b) < 0; });
    for (std::uint32_t i = 0; i < all.size(); ++i) term.places.push_back(2 * i + 1);
    if (term.may_be_none) term.places.push_back(none_place);
    if (!term.is_ordered) {
        const std::size_t values = term.type.category == Type::Category::boolean       ? 2
                                   : term.type.category == Type::Category::enumeration ? term.type.names.size()
                                                                                       : all.size() + 1;
        // Where the constants are all values that there are, no other value is left.
        if (all.size() < values) term.places.push_back(0);
        return;
    }
    for (std::uint32_t i = 0; i <= all.size(); ++i) {
        // Between 3 and 4 there is no integer, so that `x > 3 and x < 4` cannot be.
        const bool is_between = i > 0 && i < all.size() && all[i].as_integer() && all[i - 1].as_integer();
        if (!is_between || *all[i].as_integer() - 1 > *all[i - 1].as_integer()) term.places.push_back(2 * i);
    }
}

// All constants of the term were noted before, so it is found.
std::uint32_t place_of(const Term& term, const Value& constant) {
    if (constant.is_none()) return none_place;
    const auto found = std::find(term.constants.begin(), term.constants.end(), constant);
    return static_cast<std::uint32_t>(2 * (found - term.constants.begin()) + 1);
}

void put_places(const std::vector<Term>& terms, Formula& formula) {
    for (const Value& one : formula.constants) formula.places.push_back(place_of(terms[formula.term], one));
    for (Formula& part : formula.parts) put_places(terms, part);
}

// The terms that decide the formula: its leaves.
void note_subjects(const Formula& formula, std::vector<std::uint32_t>& all) {
    if (formula.parts.empty() && formula.type != Formula::Type::all && formula.type != Formula::Type::some)
        all.push_back(formula.term);
    for (const Formula& part : formula.parts) note_subjects(part, all);
}

enum class Truth : std::uint8_t { no, yes, none };
Truth truth_if(bool is_met) { return is_met ? Truth::yes : Truth::no; }

// As in a run: `and` and `or` may be decided by one operand, whatever the others lack.
Truth truth_of(const Formula& formula, const std::vector<std::uint32_t>& places) {
    const std::uint32_t at = places[formula.term];
    switch (formula.type) {
        case Formula::Type::any_of:
            return truth_if(std::find(formula.places.begin(), formula.places.end(), at) != formula.places.end());
        case Formula::Type::is_true: return at == none_place ? Truth::none : truth_if(at == formula.places[0]);
        case Formula::Type::below: return at == none_place ? Truth::none : truth_if(at < formula.places[0]);
        case Formula::Type::up_to: return at == none_place ? Truth::none : truth_if(at <= formula.places[0]);
        case Formula::Type::negation: {
            const Truth part = truth_of(formula.parts[0], places);
            return part == Truth::none ? part : truth_if(part == Truth::no);
        }
        case Formula::Type::all:
        case Formula::Type::some: break;
    }
    const Truth deciding = truth_if(formula.type == Formula::Type::some);
    Truth whole = truth_if(formula.type == Formula::Type::all);
    for (const Formula& part : formula.parts) {
        const Truth one = truth_of(part, places);
        if (one == deciding) return deciding;
        if (one == Truth::none) whole = one;
    }
    return whole;
}

// An order comparison is not readable if the constants of its term have no order.
bool is_readable(const std::vector<Term>& terms, const Formula& formula) {
    const bool asks_order = formula.type == Formula::Type::below || formula.type == Formula::Type::up_to;
    if (asks_order && !terms[formula.term].is_ordered) return false;
    return std::all_of(formula.parts.begin(), formula.parts.end(),
                       [&](const Formula& part) { return is_readable(terms, part); });
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

// Groups conditions by the terms they share; of each group all combinations of places are tried once, here, so that
// later questions are a look at words of 64 bits.
class PartsMaker {
  public:
    PartsMaker(std::vector<Formula> formulas, std::vector<Term> terms)
        : formulas_(std::move(formulas)), terms_(std::move(terms)), terms_of_(formulas_.size()) {
        for (Term& term : terms_) find_places(term);
        places_.resize(terms_.size());
        parts_.part_of.resize(formulas_.size(), GuardDomain::none);
        parts_.place.resize(formulas_.size(), 0);
        std::vector<std::uint32_t> readable;
        for (std::uint32_t v = 0; v < formulas_.size(); ++v) {
            if (!is_readable(terms_, formulas_[v])) continue;
            put_places(terms_, formulas_[v]);
            note_subjects(formulas_[v], terms_of_[v]);
            readable.push_back(v);
        }
        const bool has_sources =
            std::any_of(terms_.begin(), terms_.end(), [](const Term& term) { return term.runs_if.has_value(); });
        add(readable, has_sources ? Sources::followed : Sources::ignored);
    }
    GuardDomain::Parts take() { return std::move(parts_); }

  private:
    using Variables = std::vector<std::uint32_t>;
    // Whether an output is none exactly where its step is skipped, or as it likes: then fewer conditions are connected.
    enum class Sources : std::uint8_t { followed, ignored };

    // A group beyond the bounds stays unbound, and each of its conditions counts as free: more seems possible than is,
    // never less.
    void add(const Variables& variables, Sources sources) {
        Groups groups(terms_.size());
        for (const std::uint32_t v : variables)
            for (const std::uint32_t t : terms_of_[v]) {
                groups.join(t, terms_of_[v].front());
                if (sources == Sources::ignored || !terms_[t].runs_if) continue;
                for (const auto& [asked, value] : *terms_[t].runs_if)
                    if (!terms_of_[asked].empty()) groups.join(t, terms_of_[asked].front());
            }
        std::map<std::uint32_t, Variables> by_group;
        for (const std::uint32_t v : variables) by_group[groups.of(terms_of_[v].front())].push_back(v);
        for (const auto& [group, members] : by_group)
            if (!add_part(members, sources) && sources == Sources::followed) add(members, Sources::ignored);
    }

    // Whether it is within the bounds.
    bool add_part(const Variables& variables, Sources sources) {
        // Both truths are possible and nothing is connected: it stays unbound at no loss.
        if (variables.size() == 1 && is_free(formulas_[variables[0]])) return true;
        if (variables.size() > max_together) return false;
        Variables terms;
        for (const std::uint32_t v : variables) terms.insert(terms.end(), terms_of_[v].begin(), terms_of_[v].end());
        std::sort(terms.begin(), terms.end());
        terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
        std::size_t combinations = 1;
        for (const std::uint32_t t : terms)
            if ((combinations *= terms_[t].places.size()) > max_combinations) return false;
        for (std::uint32_t i = 0; i < variables.size(); ++i) {
            parts_.part_of[variables[i]] = static_cast<std::uint32_t>(parts_.all.size());
            parts_.place[variables[i]] = i;
        }
        GuardDomain::Part part{.knows_lacks = sources == Sources::followed};
        for (std::size_t mix = 0; mix < combinations; ++mix) {
            // A mix is a number whose digits are the places of the terms.
            std::size_t rest = mix;
            for (const std::uint32_t t : terms) {
                places_[t] = terms_[t].places[rest % terms_[t].places.size()];
                rest /= terms_[t].places.size();
            }
            const GuardDomain::Row row = row_of(variables);
            const auto can_be = [&](std::uint32_t t) { return !terms_[t].runs_if || fits(terms_[t], t, row); };
            if (sources == Sources::ignored || std::all_of(terms.begin(), terms.end(), can_be))
                part.rows.push_back(row);
        }
        // Many mixes give the same truths; the rows are few, and a question looks at each.
        std::sort(part.rows.begin(), part.rows.end());
        part.rows.erase(std::unique(part.rows.begin(), part.rows.end()), part.rows.end());
        parts_.all.push_back(std::move(part));
        return true;
    }

    // Alone, a comparison is true or false, but with none.
    static bool is_free(const Formula& formula) {
        const auto& places = formula.places;
        return formula.parts.empty() && std::find(places.begin(), places.end(), none_place) == places.end();
    }

    [[nodiscard]] GuardDomain::Row row_of(const Variables& variables) const {
        GuardDomain::Row row;
        for (std::size_t i = 0; i < variables.size(); ++i) {
            const Truth truth = truth_of(formulas_[variables[i]], places_);
            row.truths |= std::uint64_t{truth == Truth::yes} << i;
            row.lacks |= std::uint64_t{truth == Truth::none} << i;
        }
        return row;
    }

    // Nobody knows whether a step runs of which a condition is not readable, or lacks a value.
    [[nodiscard]] bool fits(const Term& term, std::uint32_t number, const GuardDomain::Row& row) const {
        bool is_known = true;
        for (const auto& [asked, value] : *term.runs_if) {
            const std::uint64_t bit = std::uint64_t{1} << parts_.place[asked];
            if (terms_of_[asked].empty() || (row.lacks & bit) != 0)
                is_known = false;
            else if (((row.truths & bit) != 0) != value)
                return places_[number] == none_place;
        }
        return !is_known || places_[number] != none_place;
    }

    std::vector<Formula> formulas_;
    std::vector<Term> terms_;
    std::vector<Variables> terms_of_;    // by variable; none if it is not readable
    std::vector<std::uint32_t> places_;  // by term: those that are tried
    GuardDomain::Parts parts_;
};

}  // namespace

GuardDomain::GuardDomain(const std::vector<GuardQuestion>& questions, GuardValues answered,
                         const program::ObjectNames& names)
    : answered_(std::move(answered)) {
    Reader reader(names);
    std::vector<Formula> formulas;
    for (const GuardQuestion& question : questions) formulas.push_back(reader.read(question));
    parts_ = PartsMaker(std::move(formulas), std::move(reader.terms())).take();
}

// Groups are independent of each other, so that each is asked for itself. What is answered counts where it shares a
// group with what is asked.
bool GuardDomain::can_be(const GuardValues& values) const { return can_be(values, none); }

std::optional<bool> GuardDomain::can_lack(std::uint32_t variable, const GuardValues& hold) const {
    if (!is_bound(variable) || !parts_.all[parts_.part_of[variable]].knows_lacks) return std::nullopt;
    return can_be(hold, variable);
}

// Time is linear in the rows of the groups that are touched. An unbound variable has either value, but only one.
bool GuardDomain::can_be(const GuardValues& values, std::uint32_t lacking) const {
    struct Wanted {
        std::uint64_t asked = 0;
        std::uint64_t truths = 0;
        std::uint64_t lacks = 0;
    };
    std::map<std::uint32_t, Wanted> by_part;
    std::map<std::uint32_t, bool> others;
    const auto add = [&](std::uint32_t variable, bool value) {
        if (!is_bound(variable)) return others.emplace(variable, value).first->second == value;
        Wanted& wanted = by_part[parts_.part_of[variable]];
        const std::uint64_t bit = std::uint64_t{1} << parts_.place[variable];
        if ((wanted.asked & bit) != 0) return ((wanted.truths & bit) != 0) == value;
        wanted.asked |= bit;
        if (value) wanted.truths |= bit;
        return true;
    };
    if (lacking != none) by_part[parts_.part_of[lacking]].lacks = std::uint64_t{1} << parts_.place[lacking];
    for (const auto& [variable, value] : values)
        if (!add(variable, value)) return false;
    for (const auto& [variable, value] : answered_)
        if (is_bound(variable) && by_part.contains(parts_.part_of[variable]) && !add(variable, value)) return false;
    return std::all_of(by_part.begin(), by_part.end(), [&](const auto& one) {
        const Rows& rows = parts_.all[one.first].rows;
        const Wanted& wanted = one.second;
        return std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
            return (row.truths & wanted.asked) == wanted.truths && (row.lacks & wanted.lacks) == wanted.lacks;
        });
    });
}

// Built variable by variable, and cut where a beginning is impossible, so that what is kept never exceeds `max_count`.
// Free variables double it each, which is looked at first.
std::optional<std::vector<GuardValues>> GuardDomain::all(const std::vector<std::uint32_t>& variables,
                                                         std::size_t max_count) const {
    const auto free = std::count_if(variables.begin(), variables.end(), [&](std::uint32_t v) { return !is_bound(v); });
    if (free >= 60 || (std::size_t{1} << free) > max_count) return std::nullopt;
    // Begins at the last variable, so that the first one changes fastest.
    std::vector<GuardValues> found = {{}};
    for (auto v = variables.rbegin(); v != variables.rend(); ++v) {
        std::vector<GuardValues> longer;
        for (const GuardValues& one : found)
            for (const bool value : {true, false}) {
                GuardValues with = {{*v, value}};
                with.insert(with.end(), one.begin(), one.end());
                if (is_bound(*v) && !can_be(with)) continue;
                if (longer.size() == max_count) return std::nullopt;
                longer.push_back(std::move(with));
            }
        found = std::move(longer);
    }
    return found;
}

}  // namespace pvsplan::graph

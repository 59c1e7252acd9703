#include "compiler/parameter_assignments.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/base/lists.hpp"
#include "compiler/diag/causes.hpp"
#include "compiler/expand/env.hpp"

namespace pvsplan::compiler {

using program::Expr;
using program::ExprPtr;
using program::Type;
using program::Value;

namespace {

struct NoNames final : program::ObjectNames {
    [[nodiscard]] std::string_view name(program::ObjectId) const override { return ""; }
    [[nodiscard]] std::string id_text(program::ObjectId) const override { return ""; }
};

std::vector<std::string> paths_of(const graph::Facts& facts, const std::vector<graph::Index>& nodes) {
    std::vector<std::string> paths;
    for (const graph::Index node : nodes) paths.emplace_back(facts.path(node));
    return paths;
}

}  // namespace

ParameterAssignments::ParameterAssignments(const resolve::Model& model) {
    std::size_t combinations = 1;
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        if (!model.arguments[i].is_unknown()) continue;
        const Type& type = model.parameters[i].type;
        Open open{.parameter = i, .name = model.parameters[i].name};
        if (type.category == Type::Category::boolean) open.values = {Value::boolean(false), Value::boolean(true)};
        for (const std::string& name : type.names)
            if (type.category == Type::Category::enumeration) open.values.push_back(Value::enumerator(name));
        if (open.values.empty() || combinations * open.values.size() > max_combinations) continue;
        combinations *= open.values.size();
        open_.push_back(std::move(open));
    }
}

void ParameterAssignments::put_into(resolve::Model& model) const {
    for (const Open& open : open_) model.arguments[open.parameter] = open.values[open.at];
}

// Counts as an odometer does, the first parameter fastest. False: all are at their first value again.
bool ParameterAssignments::next() {
    ++number_;
    for (Open& open : open_) {
        if (++open.at < open.values.size()) return true;
        open.at = 0;
    }
    number_ = 0;
    return false;
}

// As a finding says them: a boolean by its name, others by their value.
std::vector<std::pair<std::string, bool>> ParameterAssignments::assumptions() const {
    std::vector<std::pair<std::string, bool>> all;
    for (const Open& open : open_) {
        const Value& value = open.values[open.at];
        if (value.as_boolean())
            all.emplace_back(open.name, *value.as_boolean());
        else
            all.emplace_back(open.name + " == " + program::to_text(value, NoNames()), true);
    }
    return all;
}

// Against earlier combinations the place and the cause decide, as the words may name the values. Within one combination
// only the same words are the same finding.
void ParameterAssignments::merge(const diag::Sink& found, diag::Sink& all) {
    const std::size_t before = all.all().size();
    for (const diag::Diagnostic& diagnostic : found.all()) {
        const auto is_at_its_place = [&](const diag::Diagnostic& d) {
            return d.code == diagnostic.code && d.span == diagnostic.span && d.around == diagnostic.around;
        };
        bool is_known = false;
        for (std::size_t i = 0; i < before; ++i) {
            const diag::Diagnostic& d = all.all()[i];
            if (!is_at_its_place(d) || d.cause != diagnostic.cause) continue;
            is_known = true;
            for (Found& one : found_)
                if (one.place == i) one.combinations |= std::uint64_t{1} << number_;
        }
        const bool is_twice = std::any_of(all.all().begin(), all.all().end(), [&](const diag::Diagnostic& d) {
            return is_at_its_place(d) && d.message == diagnostic.message;
        });
        if (is_known || is_twice) continue;
        const std::size_t place = all.all().size();
        all.add(diagnostic);
        if (all.all().size() > place) found_.push_back({place, std::uint64_t{1} << number_});
    }
}

void ParameterAssignments::say_when(diag::Sink& all) const {
    std::size_t place = 0;
    auto next = found_.begin();
    all.change_each([&](diag::Diagnostic& diagnostic) {
        if (next == found_.end() || next->place != place++) return;
        const std::string when = condition(next++->combinations);
        if (when.empty() || diagnostic.severity != diag::Severity::error) return;
        diagnostic.hints.push_back("found when " + when);
        // A violation by the same step under other values is another mistake.
        for (std::string& remedy : diagnostic.remedies)
            if (remedy == diag::at_its_place || remedy.starts_with("step ")) remedy += " when " + when;
    });
}

// A parameter counts where another value of it leads out of the combinations. Where they are all those of some values
// of each, these are named; else the first combination is.
std::string ParameterAssignments::condition(std::uint64_t combinations) const {
    const auto has = [&](std::size_t number) { return (combinations >> number & 1U) != 0; };
    std::vector<std::size_t> numbers;
    for (std::size_t n = 0; n < max_combinations; ++n)
        if (has(n)) numbers.push_back(n);
    std::vector<std::set<std::size_t>> values;  // of each parameter
    std::vector<bool> counts;
    std::size_t stride = 1;
    std::size_t product = 1;
    for (const Open& open : open_) {
        values.emplace_back();
        counts.push_back(false);
        for (const std::size_t n : numbers) {
            const std::size_t value = n / stride % open.values.size();
            values.back().insert(value);
            for (std::size_t other = 0; other < open.values.size(); ++other)
                if (!has(n - value * stride + other * stride)) counts.back() = true;
        }
        stride *= open.values.size();
        product *= values.back().size();
    }
    std::string when;
    std::size_t first = numbers.front();
    for (std::size_t i = 0; i < open_.size(); ++i) {
        if (product != numbers.size()) values[i] = {first % open_[i].values.size()};
        first /= open_[i].values.size();
        std::vector<std::string> words;
        for (const std::size_t value : values[i]) words.push_back(program::to_text(open_[i].values[value], NoNames()));
        if (counts[i]) base::append(when, ", ", "`" + open_[i].name + "` is " + base::joined(words, " or "));
    }
    return when;
}

// The missing order goes, as it has been reported with its own combination, whose nodes it names. Once one combination
// has no verdict on the rollback there is none at all.
void Verdicts::add(const ParameterAssignments& assignments, const graph::Facts& facts,
                   const std::vector<checks::Decision>& decisions,
                   const std::optional<checks::RollbackVerdict>& rollback) {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const bool is_first = i == worst_.size();
        if (is_first) worst_.emplace_back();
        Decided one{.decision = decisions[i]};
        if (!is_first && checks::rank(one.decision.verdict) <= checks::rank(worst_[i].decision.verdict)) continue;
        one.decision.fix.reset();
        if (auto& witness = one.decision.witness) {
            std::vector<graph::Index> nodes;
            for (const schedule::Moment& moment : witness->schedule) nodes.push_back(moment.node);
            one.schedule = paths_of(facts, nodes);
            one.nodes = paths_of(facts, witness->nodes);
            for (auto& assumption : assignments.assumptions()) witness->assumptions.push_back(std::move(assumption));
        }
        worst_[i] = std::move(one);
    }
    if (!rollback) rollback_.reset();
    if (!rollback_) return;
    rollback_->complete = rollback_->complete && rollback->complete;
    rollback_->points = std::max(rollback_->points, rollback->points);
    for (const checks::RollbackVerdict::NoReturn& point : rollback->no_return) {
        NoReturn one{std::string(facts.path(point.node)), point.why, paths_of(facts, point.stranded)};
        const bool is_known = std::any_of(no_return_.begin(), no_return_.end(),
                                          [&](const NoReturn& other) { return other.step == one.step; });
        if (!is_known) no_return_.push_back(std::move(one));
    }
}

// What another combination has found by path becomes a node of this one. A point of no return that this one does not
// have is left out.
void Verdicts::put_into(Compilation& c) const {
    std::map<std::string, graph::Index> by_path;
    for (graph::Index node = 0; node < c.facts().size(); ++node) by_path.emplace(c.facts().path(node), node);
    const auto index_of = [&](const std::string& path) {
        const auto found = by_path.find(path);
        return found == by_path.end() ? graph::no_index : found->second;
    };
    const auto indices_of = [&](const Paths& paths) {
        std::vector<graph::Index> nodes;
        for (const std::string& path : paths)
            if (const graph::Index node = index_of(path); node != graph::no_index) nodes.push_back(node);
        return nodes;
    };
    for (std::size_t i = 0; i < c.decisions.size(); ++i) {
        const Decided& worst = worst_[i];
        c.decisions[i] = worst.decision;
        auto& witness = c.decisions[i].witness;
        if (!witness) continue;
        witness->nodes = indices_of(worst.nodes);
        for (std::size_t m = 0; m < worst.schedule.size(); ++m) witness->schedule[m].node = index_of(worst.schedule[m]);
        const bool is_whole =
            std::none_of(witness->schedule.begin(), witness->schedule.end(),
                         [](const schedule::Moment& moment) { return moment.node == graph::no_index; });
        if (!is_whole) witness->schedule.clear();
    }
    c.rollback = rollback_;
    if (!rollback_) return;
    for (const NoReturn& point : no_return_)
        if (const graph::Index node = index_of(point.step); node != graph::no_index)
            c.rollback->no_return.push_back({node, point.why, indices_of(point.stranded)});
}

// Local 0 is the object that is asked about, and those behind the parameters belong to filters: they stay.
ExprPtr bind_parameters(const ExprPtr& expr, const resolve::Model& model, expand::Expansion& expansion) {
    if (expr->op == Expr::Op::local) {
        if (expr->local == 0 || expr->local > model.arguments.size()) return expr;
        return program::as_expr(model.arguments[expr->local - 1], *expansion.unknowns, expr->type);
    }
    if (expr->args.empty()) return expr;
    auto copy = std::make_shared<Expr>(*expr);
    for (ExprPtr& arg : copy->args) arg = bind_parameters(arg, model, expansion);
    return copy;
}

}  // namespace pvsplan::compiler

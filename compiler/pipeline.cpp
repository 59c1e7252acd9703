#include "compiler/pipeline.hpp"

#include <algorithm>
#include <set>

#include "compiler/assemble.hpp"
#include "compiler/base/check.hpp"
#include "compiler/checks/checks.hpp"
#include "compiler/checks/once.hpp"
#include "compiler/diag/causes.hpp"
#include "compiler/diag/render.hpp"
#include "compiler/expand/codes.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/expand/expand.hpp"
#include "compiler/graph/bodies.hpp"
#include "compiler/graph/build.hpp"
#include "compiler/graph/order.hpp"
#include "compiler/parameter_assignments.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/repair.hpp"
#include "compiler/resolve/resolve.hpp"
#include "compiler/syntax/codes.hpp"
#include "grammar/shapes.hpp"

namespace pvsplan::compiler {
namespace {

using checks::Verdict;
using resolve::Model;

// The values that the callbacks of a Compilation point into.
struct Work {
    resolve::Documents documents;
    Model model;
    expand::Expansion expansion;
    graph::Order order;
};

// The name between the last backticks of a message.
std::string_view named_in(std::string_view message) {
    const std::size_t end = message.rfind('`');
    const std::size_t begin = end == std::string_view::npos || end == 0 ? end : message.rfind('`', end - 1);
    return begin == std::string_view::npos ? std::string_view() : message.substr(begin + 1, end - begin - 1);
}

// The documents are incomplete if a line that names others could not be read, or if a name of their own is there twice:
// one of the two was meant to have another name.
void note_losses(const diag::Sink& found, resolve::Documents& documents) {
    for (const char* key : {"uses", "policies", "farm", "module"})
        if (documents.lost.contains(key)) documents.is_complete = false;
    const auto is_key = [](std::string_view name) {
        const auto shapes = grammar::shapes();
        return std::any_of(shapes.begin(), shapes.end(),
                           [&](const grammar::Shape& shape) { return shape.key(name) != nullptr; });
    };
    for (const diag::Diagnostic& d : found.all())
        if (d.code == syntax::codes::duplicate_key.code && !is_key(named_in(d.message))) documents.is_complete = false;
}

// If a module or policy could not be read, an unknown name is most likely one of its names, so it is not reported. If
// some entries of a document could not be read, that applies to the names that they may have declared; warnings are not
// reported either.
void keep_causes(const diag::Sink& found, const resolve::Documents& documents, diag::Sink& all) {
    static constexpr int unknown_names[] = {2010, 2012, 2013, 2014, 2015, 2019, 2020, 2021, 2023};
    static constexpr int also_unknown[] = {2011, 2016, 2017, 2022, 2044};
    const auto is_one_of = [](const auto& codes, int code) {
        return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
    };
    const auto may_be_lost = [&](std::string_view name) {
        return documents.lost.contains(name) ||
               std::any_of(documents.lost.begin(), documents.lost.end(), [&](const std::string& lost) {
                   return name.size() > lost.size() && name.ends_with(lost) &&
                          name[name.size() - lost.size() - 1] == '.';
               });
    };
    for (const diag::Diagnostic& d : found.all()) {
        const bool is_unknown = is_one_of(unknown_names, d.code);
        if (is_unknown && !documents.is_complete) continue;
        if (!documents.lost.empty()) {
            if (d.severity != diag::Severity::error) continue;
            if ((is_unknown || is_one_of(also_unknown, d.code)) && may_be_lost(named_in(d.message))) continue;
        }
        all.add(d);
    }
}

void apply_observed(const Request& request, Model& model) {
    for (const resolve::Object& object : model.farm.objects) {
        const resolve::Kind& kind = model.kinds[object.kind.index()];
        const auto seen = request.observed.find(kind.name + "/" + object.name);
        if (seen == request.observed.end()) continue;
        for (const auto& [name, value] : seen->second)
            if (const auto index = kind.state_index(name)) model.state_of(object)[*index] = value;
    }
}

// The requirements with the parameters of the plan bound.
std::vector<program::Requirement> bound_requirements(const Model& model, expand::Expansion& expansion) {
    std::vector<program::Requirement> all = model.requirements;
    const auto bind = [&](program::ExprPtr& expr) {
        if (expr) expr = bind_parameters(expr, model, expansion);
    };
    for (program::Requirement& r : all) {
        program::Demand& demand = r.demand;
        bind(demand.number);
        bind(demand.per);
        for (auto* side : {&demand.left, &demand.right})
            if (*side) bind((*side)->where), bind((*side)->per);
        if (demand.state) bind(demand.state->condition), bind(demand.state->where);
    }
    return all;
}

void offer_callbacks(Compilation& c, const std::shared_ptr<Work>& work) {
    c.edge_text = [w = work.get()](std::uint32_t edge) {
        const expand::Origin& origin = w->expansion.origins[w->order.origin[edge]];
        switch (origin.because) {
            case program::Edge::Because::sequence: return std::string("sequence");
            case program::Edge::Because::after: return std::string("after");
            case program::Edge::Because::at_most: return std::string("at_most");
            case program::Edge::Because::data: return std::string("data");
        }
        return std::string();
    };
    c.edge_because = [w = work.get()](std::uint32_t edge) {
        return w->expansion.origins[w->order.origin[edge]].because;
    };
    c.is_join = [w = work.get()](std::uint32_t node) {
        return w->expansion.nodes[w->order.node[node]].type == program::Node::Type::join;
    };
    c.edge_place = [w = work.get()](std::uint32_t edge) { return w->expansion.origins[w->order.origin[edge]].span; };
    c.program = [work, &c] {
        diag::Sink none;
        program::Plan plan =
            assemble(work->model, {work->expansion, work->order.node, c.facts.predecessors, work->order.origin},
                     c.sources, none);
        base::check(!none.has_errors(), "a plan that compiled can be assembled");
        plan.requirements = c.requirements;
        for (std::size_t i = 0; i < c.decisions.size(); ++i)
            plan.requirements[i].verdict = checks::name_of(c.decisions[i].verdict);
        plan.inputs = c.inputs;
        program::seal(plan);
        return plan;
    };
}

// The files of the project with some texts changed.
class Changed final : public base::Files {
  public:
    Changed(const base::Files& files, std::map<std::string, std::string> texts)
        : files_(files), texts_(std::move(texts)) {}
    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override {
        const auto changed = texts_.find(std::string(path));
        if (changed != texts_.end()) return changed->second;
        return files_.read(path);
    }

  private:
    const base::Files& files_;
    std::map<std::string, std::string> texts_;
};

// The texts that a change affects, as they are after it.
std::map<std::string, std::string> changed_texts(const base::SourceMap& sources, const diag::Fix& fix) {
    std::map<std::string, std::string> texts;
    const diag::Diagnostic offered{.fix = fix};
    for (auto& [file, text] : diag::apply_fixes(sources, {&offered, 1}))
        texts.emplace(sources.path(file), std::move(text));
    return texts;
}

// Extends a change to one with which requirement `i` is proved to hold; nothing if it finds none.
using Repairs =
    std::function<std::optional<diag::Fix>(const base::SourceMap& sources, const diag::Fix& fix, std::size_t i)>;

// The number that a requirement allows at once, if it is written as a literal.
std::int64_t allowed_by(const program::Requirement& r) {
    const bool is_bound =
        r.demand.form == program::Demand::Form::always && r.demand.bound == program::Demand::Bound::at_most;
    const auto* number = is_bound && r.demand.number && r.demand.number->op == program::Expr::Op::literal
                             ? r.demand.number->value.as_integer()
                             : nullptr;
    return number ? *number : 1;
}

// Reports the decisions; one with a missing order is reported with the change of the text that adds it.
void report(const Work& work, const Compilation& c, const Repairs& repairs, diag::Sink& sink) {
    for (std::size_t i = 0; i < c.decisions.size(); ++i) {
        diag::Sink found;
        checks::report(c.facts, work.model, c.requirements[i], c.requirement_places[i], c.decisions[i], found);
        std::optional<diag::Fix> fix;
        if (repairs && c.decisions[i].fix && found.has_errors())
            fix = repair({work.model, work.expansion, work.order.node, c.sources}, *c.decisions[i].fix,
                         allowed_by(c.requirements[i]),
                         [&](const diag::Fix& offered) { return repairs(c.sources, offered, i); });
        for (diag::Diagnostic diagnostic : found.all()) {
            if (fix) {
                std::erase(diagnostic.hints, fix->title);  // the fix says the same
                diagnostic.fix = fix;
            }
            sink.add(std::move(diagnostic));
        }
    }
}

// Reports an exhausted budget: the verdicts are then unknown.
bool is_exhausted(const Model& model, const graph::Facts& facts, diag::Sink& sink) {
    if (!facts.budget.is_exhausted()) return false;
    expand::report_costs(facts.budget, model.plan_span, sink)
        .hint("a requirement or a precondition is asked for every object and every step that matters to it");
    return true;
}

// Expands, orders and checks the plan for one value of every parameter that is tried.
void prove(const std::shared_ptr<Work>& work, Compilation& c, const Repairs& repairs, diag::Sink& sink,
           std::optional<std::size_t> only) {
    const Model& model = work->model;
    c.has_graph = false;
    c.decisions.clear();
    c.rollback.reset();
    c.facts = {};
    work->expansion = expand::expand(model, sink);
    if (sink.has_errors()) return;
    // From here on every step is an instance on a known object.
    work->order = graph::order(
        work->expansion, [&](std::uint32_t n) { return work->expansion.path(n, model); }, sink);
    if (!work->order.is_acyclic) return;
    // From here on there is an order in which everything can run.
    graph::build(model, work->expansion, work->order, c.facts, sink);
    if (sink.has_errors()) return;
    c.has_graph = true;
    c.nodes = c.facts.size();
    c.edges = c.facts.predecessors.items.size();
    const bool has_no_race = checks::check_races(c.facts, sink);
    if (is_exhausted(model, c.facts, sink) || !has_no_race) return;
    // From here on every precondition sees one value of each state.
    checks::check_preconditions(c.facts, &model, sink);
    c.requirements = bound_requirements(model, work->expansion);
    std::vector<checks::Decision> decisions = checks::decide(c.facts, c.requirements, c.requirement_places, only);
    if (is_exhausted(model, c.facts, sink)) return;
    c.decisions = std::move(decisions);
    report(*work, c, repairs, sink);
    if (only) return;
    c.rollback = checks::check_rollback({model, work->expansion, work->order.node, c.facts}, sink);
    checks::check_once(model, work->expansion, work->order.node, c.facts, c.requirements, c.requirement_places, sink);
}

// Runs all stages into `c`, until a stage cannot go on. With `only`, decides only that requirement.
void run(const std::shared_ptr<Work>& work, const base::Files& files, const Request& request, const Repairs& repairs,
         std::unique_ptr<Compilation>& c, std::optional<std::size_t> only) {
    work->documents = resolve::load(files, {request.plan, request.farm, request.policies}, c->sources, c->sink);
    if (work->documents.plan) {
        note_losses(c->sink, work->documents);
        const bool is_whole = work->documents.is_complete && work->documents.lost.empty();
        diag::Sink found;
        work->model = resolve::resolve(files, work->documents, {request.parameters, request.secrets}, c->sources,
                                       is_whole ? c->sink : found);
        keep_causes(found, work->documents, c->sink);
    }
    c->inputs = work->documents.inputs;
    c->requirements = work->model.requirements;
    c->requirement_places = work->model.requirement_places;
    for (std::size_t i = 0; i < work->model.parameters.size(); ++i)
        if (work->model.arguments[i].is_unknown()) {
            c->open_parameters.push_back(work->model.parameters[i].name);
            if (work->model.parameters[i].type.category == program::Type::Category::secret)
                c->open_secrets.push_back(work->model.parameters[i].name);
        }
    if (c->sink.has_errors()) return;
    work->documents.owned.clear();
    apply_observed(request, work->model);
    // From here on every name stands for something, and every expression has a type.
    ParameterAssignments assignments(work->model);
    Verdicts verdicts;
    std::optional<ParameterAssignments>
        reported;  // the first that fails, else the one with the most points of no return
    std::size_t most = 0;
    do {
        assignments.put_into(work->model);
        const bool has_failed = c->sink.has_errors();
        diag::Sink sink;
        prove(work, *c, repairs, sink, only);
        assignments.merge(sink, c->sink);
        if (assignments.is_one()) return;
        verdicts.add(assignments, *c);
        const std::size_t points = c->rollback ? c->rollback->no_return.size() : 0;
        if (!has_failed && (sink.has_errors() || points > most)) reported = assignments, most = points;
    } while (assignments.next());
    if (reported) {
        reported->put_into(work->model);
        diag::Sink known;
        prove(work, *c, {}, known, only);
    }
    verdicts.put_into(*c);
}

// Moves every finding to a place that the user can change, and merges findings with one cause.
void place_and_merge(const base::SourceMap& sources, base::Span last_resort, diag::Sink& sink) {
    sink.change_each([&](diag::Diagnostic& d) { diag::point_at_project(sources, last_resort, d); });
    diag::join_causes(sink);
}

std::unique_ptr<Compilation> compile(const base::Files& files, const Request& request, const Repairs& repairs,
                                     std::optional<std::size_t> only = {}) {
    auto c = std::make_unique<Compilation>();
    auto work = std::make_shared<Work>();
    offer_callbacks(*c, work);
    run(work, files, request, repairs, c, only);
    place_and_merge(c->sources, work->documents.plan_name, c->sink);
    // A step that cannot start, or violates a requirement, most likely has no correct undo either. Its rollback
    // findings are reported when the other errors have been repaired.
    std::set<std::pair<base::FileId, std::uint32_t>> wrong;
    bool cannot_start = false;
    for (const diag::Diagnostic& d : c->sink.all()) {
        if (d.severity != diag::Severity::error || d.code < 3100 || d.code >= 5000) continue;
        wrong.emplace(d.span.file, d.span.begin);
        cannot_start = cannot_start || d.code == 3103;
    }
    const std::size_t found = c->sink.all().size();
    c->sink.erase_if([&](const diag::Diagnostic& d) {
        const bool is_rollback = d.code >= 5000 && d.code < 5100;
        return is_rollback && (cannot_start || wrong.contains({d.span.file, d.span.begin}));
    });
    if (c->sink.all().size() != found || cannot_start) c->rollback.reset();
    return c;
}

}  // namespace

std::unique_ptr<Compilation> compile(const base::Files& files, const Request& request) {
    // A repair is offered only if the changed plan is proved to satisfy the requirement; where one `after` is not
    // enough, another is added. Each trial is a compilation, so their number is bounded: a repair that is not offered
    // now is offered when the others have been made.
    std::size_t looks_left = 16;
    std::size_t nodes_left = 1'000'000;  // over all trials
    const std::function<Repairs(const base::Files&)> repairs_in = [&](const base::Files& texts) -> Repairs {
        return [&](const base::SourceMap& sources, const diag::Fix& fix, std::size_t i) -> std::optional<diag::Fix> {
            if (looks_left == 0 || nodes_left == 0) return std::nullopt;
            --looks_left;
            const Changed changed(texts, changed_texts(sources, fix));
            std::optional<diag::Fix> rest;
            const auto deeper = repairs_in(changed);
            const auto c = compile(
                changed, request,
                [&](const base::SourceMap& s, const diag::Fix& next, std::size_t j) {
                    auto more = j == i ? deeper(s, next, j) : std::nullopt;
                    if (more) rest = more;
                    return more;
                },
                i);
            nodes_left -= std::min<std::size_t>(nodes_left, c->nodes);
            if (!c->has_graph || i >= c->decisions.size()) return std::nullopt;
            if (c->decisions[i].verdict == Verdict::holds) return fix;
            if (rest) return diag::in_one(sources, fix, *rest);
            return std::nullopt;
        };
    };
    return compile(files, request, repairs_in(files));
}

std::unique_ptr<FarmCompilation> compile_farm(const base::Files& files, const std::string& farm) {
    auto c = std::make_unique<FarmCompilation>();
    resolve::Documents documents = resolve::load(files, {.farm = farm}, c->sources, c->sink);
    note_losses(c->sink, documents);
    diag::Sink found;
    const bool is_whole = documents.is_complete && documents.lost.empty();
    const Model model = resolve::resolve(files, documents, {}, c->sources, is_whole ? c->sink : found);
    keep_causes(found, documents, c->sink);
    if (!c->sink.has_errors()) graph::check_bodies(model, {}, c->sink);
    if (!c->sink.has_errors()) c->plan = assemble_farm(model, c->sources);
    place_and_merge(c->sources, documents.farm ? documents.farm->name.span : base::Span(), c->sink);
    return c;
}

}  // namespace pvsplan::compiler

#include "compiler/pipeline.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "compiler/assemble.hpp"
#include "compiler/base/check.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/before_run.hpp"
#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"
#include "compiler/checks/guard_reads.hpp"
#include "compiler/checks/once.hpp"
#include "compiler/diag/causes.hpp"
#include "compiler/established.hpp"
#include "compiler/expand/codes.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/expand/expand.hpp"
#include "compiler/graph/bodies.hpp"
#include "compiler/graph/build.hpp"
#include "compiler/graph/order.hpp"
#include "compiler/link/rollback_source.hpp"
#include "compiler/losses.hpp"
#include "compiler/parameter_assignments.hpp"
#include "compiler/resolve/resolve.hpp"

namespace pvsplan::compiler {
namespace {

using resolve::Model;

// What was observed goes over what the farm file expects. An object or a state that the model does not have is passed
// over.
void apply_observed(const Request& request, Model& model) {
    for (const resolve::Object& object : model.farm.objects) {
        const resolve::Kind& kind = model.kinds[object.kind.index()];
        const auto seen = request.observed.find(kind.name + "/" + object.name);
        if (seen == request.observed.end()) continue;
        for (const auto& [name, value] : seen->second)
            if (const auto index = kind.state_index(name)) model.state_of(object)[*index] = value;
    }
}

// The number that a requirement allows at once, if it is written as a literal.
std::int64_t allowed_by(const program::Requirement& r) {
    const bool is_bound =
        r.demand.form == program::Demand::Form::always && r.demand.bound == program::Demand::Bound::at_most;
    const auto* number = is_bound && r.demand.number && r.demand.number->op == program::Expr::Op::literal
                             ? r.demand.number->value.as_integer()
                             : nullptr;
    return number ? *number : 1;
}

// The scopes around a node, outermost first.
std::vector<std::uint32_t> scopes_of(const Stages& stages, graph::Index node) {
    const std::vector<expand::Scope>& scopes = stages.expansion.scopes;
    std::vector<std::uint32_t> chain;
    for (std::uint32_t at = stages.expansion.nodes[stages.order.node[node]].scope;
         at != expand::none && scopes[at].step; at = scopes[at].parent)
        chain.push_back(at);
    std::reverse(chain.begin(), chain.end());
    return chain;
}

// Where the order that a decision misses belongs in the text; nothing if one of the two steps contains the other. The
// first scopes that differ have one parent: they are of siblings of one block, or of two iterations of one loop.
std::optional<MissingOrder> missing_order(const Stages& stages, const checks::Decision::MissingOrder& order) {
    const auto before = scopes_of(stages, order.before);
    const auto after = scopes_of(stages, order.after);
    const auto [b, a] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    if (b == before.end() || a == after.end()) return std::nullopt;
    MissingOrder missing{.awaited = stages.expansion.scopes[*b].step};
    for (auto at = a; at != after.end(); ++at) missing.waiting.push_back(stages.expansion.scopes[*at].step);
    return missing;
}

// What is asked of the stages, the same for all values of the parameters.
struct Asked {
    std::vector<program::RequirementPlaces> places;
    std::optional<std::size_t> only;  // decides only that requirement
    std::stop_token stop;
    const base::Sources& sources;
};

// What was proved of the plan for one value of each parameter that is tried.
struct Proof {
    std::unique_ptr<Stages> stages = std::make_unique<Stages>();
    bool has_graph = false;
    std::vector<program::Requirement> requirements;  // with those values in them
    std::vector<checks::Decision> decisions;
    std::optional<checks::RollbackVerdict> rollback;
};

// Reports the decisions. One with an order missing leaves that behind for whoever wants to repair it.
void report(const Model& model, const Asked& asked, const Proof& proof, std::vector<MissingOrder>& missing,
            diag::Sink& sink) {
    const graph::Vocabulary vocabulary = graph::vocabulary(model);
    for (std::size_t i = 0; i < proof.decisions.size(); ++i) {
        diag::Sink found;
        const checks::Decision& decision = proof.decisions[i];
        checks::report(proof.stages->facts, vocabulary, proof.requirements[i], asked.places[i], decision, found);
        std::optional<MissingOrder> order;
        if (decision.fix && found.has_errors()) order = missing_order(*proof.stages, *decision.fix);
        if (order) {
            order->requirement = i;
            order->allowed = allowed_by(proof.requirements[i]);
            found.change_each(
                [&](diag::Diagnostic& d) { d.missing_order = static_cast<std::uint32_t>(missing.size()); });
            missing.push_back(std::move(*order));
        }
        sink.add_all(found);
    }
}

// Reports an exhausted budget: the verdicts are then unknown.
bool is_exhausted(const Model& model, const graph::Facts& facts, diag::Sink& sink) {
    if (!facts.budget.is_exhausted()) return false;
    expand::report_costs(facts.budget, model.plan_span, sink)
        .hint("a requirement or a precondition is asked for every object and every step that matters to it");
    return true;
}

// Nothing of it is told once the budget has run out, as the verdict may be wrong then.
void check_rollback(const Model& model, const Asked& asked, Proof& proof, diag::Sink& sink) {
    const Stages& stages = *proof.stages;
    const link::Linker linker(model, asked.sources);
    diag::Sink found;
    const auto programs =
        link::rollback_source({linker, model, stages.expansion, stages.order.node, stages.facts, found});
    checks::RollbackVerdict verdict = checks::check_rollback(stages.facts, *programs, found);
    if (is_exhausted(model, stages.facts, sink)) return;
    sink.add_all(found);
    proof.rollback = std::move(verdict);
}

// Expands and orders the plan. Whether there are facts: nothing was reported, and no step waits for itself.
bool make_graph(const Model& model, const Asked& asked, const expand::KnownWhens& known, Stages& stages,
                diag::Sink& sink) {
    expand::Expansion& expansion = stages.expansion;
    stages.facts.budget = program::Budget(asked.stop);
    expansion = expand::expand(model, known, sink, asked.stop);
    if (sink.has_errors()) return false;
    // From here on every step is an instance on a known object.
    check_expanded(model, expansion);
    stages.order = graph::order(
        expansion, [&](std::uint32_t n) { return expansion.path(n, model); }, sink);
    if (!stages.order.is_acyclic) return false;
    // From here on there is an order in which everything can run.
    check_ordered(expansion, stages.order);
    graph::build(model, expansion, stages.order, stages.facts, sink);
    return !sink.has_errors();
}

// Adds the conditions that are known before the run. Whether there are any that were not known yet. They are kept by
// the path of their step, as the next expansion has other numbers.
bool add_known(const Model& model, const Stages& stages, expand::KnownWhens& known) {
    const std::size_t before = known.size();
    const auto found = checks::guards_known_before_run(stages.facts);
    if (stages.facts.budget.is_exhausted()) return false;  // what was found may be wrong
    for (std::size_t g = 0; g < found.size(); ++g)
        if (found[g])
            known.try_emplace(stages.expansion.path_of_scope(stages.expansion.guards[g].scope, model),
                              expand::KnownWhen{found[g]->holds, found[g]->condition, found[g]->why});
    return known.size() != before;
}

// Expands, orders and checks the plan for one value of every parameter that is tried. Each check relies on the ones
// before it, so that the first that finds an error most often ends it. Findings are those of the last round: every
// round expands anew and finds the same again.
Proof prove(const Model& model, const Asked& asked, std::vector<MissingOrder>& missing, diag::Sink& sink) {
    Proof proof;
    expand::KnownWhens known;
    // A step that is left out changes nothing, so that more may be known. After so many rounds the run decides the
    // rest.
    static constexpr int max_rounds = 8;
    for (int round = 0;; ++round) {
        diag::Sink found;
        proof.has_graph = make_graph(model, asked, known, *proof.stages, found);
        if (proof.has_graph && round < max_rounds && add_known(model, *proof.stages, known)) {
            proof.stages = std::make_unique<Stages>();
            continue;
        }
        sink.add_all(found);
        break;
    }
    if (!proof.has_graph) return proof;
    const graph::Facts& facts = proof.stages->facts;
    expand::Expansion& expansion = proof.stages->expansion;
    const bool has_no_race = checks::check_races(facts, sink);
    if (is_exhausted(model, facts, sink) || !has_no_race) return proof;
    // From here on every precondition sees one value of each state.
    base::check(!sink.has_errors(), "a plan without a race has no finding of one");
    const graph::Vocabulary vocabulary = graph::vocabulary(model);
    checks::check_preconditions(facts, &vocabulary, sink);
    checks::check_outputs(facts, sink);
    const std::size_t errors = sink.error_count();
    proof.requirements = bound_requirements(model, expansion, sink);
    if (sink.error_count() != errors) return proof;
    std::vector<checks::Decision> decisions = checks::decide(facts, proof.requirements, asked.places, asked.only);
    if (is_exhausted(model, facts, sink)) return proof;
    proof.decisions = std::move(decisions);
    report(model, asked, proof, missing, sink);
    if (asked.only) return proof;
    check_rollback(model, asked, proof, sink);
    checks::check_once(facts, proof.requirements, asked.places, sink);
    return proof;
}

void show(Proof proof, Compilation& c) {
    const graph::Facts& facts = proof.stages->facts;
    c.has_graph = proof.has_graph;
    if (proof.has_graph) {
        c.nodes = facts.size();
        c.edges = facts.predecessors.items.size();
    }
    if (!proof.requirements.empty()) c.requirements = std::move(proof.requirements);
    c.decisions = std::move(proof.decisions);
    c.rollback = std::move(proof.rollback);
    c.stages = std::move(proof.stages);
}

// Proves the plan for every value of the parameters that can be tried. What is shown is the first that fails, else the
// one with the most points of no return, else the last.
void prove_all(Model& model, const Asked& asked, Compilation& c) {
    ParameterAssignments assignments(model);
    Verdicts verdicts;
    Proof shown;
    ParameterAssignments values_shown = assignments;
    bool is_telling = false;
    std::size_t most = 0;
    do {
        if (!is_telling) shown = {};  // before the next one is made: one plan of a million nodes is enough
        assignments.put_into(model);
        const bool has_failed = c.sink.has_errors();
        diag::Sink sink;
        Proof proof = prove(model, asked, c.missing_orders, sink);
        assignments.merge(sink, c.sink);
        if (!assignments.is_one()) verdicts.add(assignments, proof.stages->facts, proof.decisions, proof.rollback);
        const std::size_t points = proof.rollback ? proof.rollback->no_return.size() : 0;
        const bool tells_more = !has_failed && (sink.has_errors() || points > most);
        if (!is_telling || tells_more) {
            shown = std::move(proof);
            values_shown = assignments;
        }
        if (tells_more) most = points;
        is_telling = is_telling || tells_more;
    } while (!asked.stop.stop_requested() && assignments.next());
    assignments.say_when(c.sink);
    values_shown.put_into(model);
    show(std::move(shown), c);
    if (!assignments.is_one()) verdicts.put_into(c);
}

void note_open_parameters(const Model& model, Compilation& c) {
    for (std::size_t i = 0; i < model.parameters.size(); ++i)
        if (model.arguments[i].is_unknown()) {
            c.open_parameters.push_back(model.parameters[i].name);
            if (model.parameters[i].type.category == program::Type::Category::secret)
                c.open_secrets.push_back(model.parameters[i].name);
        }
}

// The model of the documents, as far as they can be read and resolved. Where something was lost, `found` holds what may
// only be a consequence of that.
void resolve_into(const resolve::Inputs& inputs, resolve::Documents& documents, const resolve::Arguments& arguments,
                  Model& model, diag::Sink& sink) {
    note_losses(sink, documents);
    diag::Sink found;
    const bool is_whole = documents.is_complete && documents.lost.empty();
    model = resolve::resolve(inputs, documents, arguments, is_whole ? sink : found);
    keep_causes(found, documents, sink);
}

// Moves every finding to a place that the user can change, and merges findings with one cause.
void place_and_merge(const base::Sources& sources, base::Span last_resort, diag::Sink& sink) {
    sink.change_each([&](diag::Diagnostic& d) { diag::point_at_project(sources, last_resort, d); });
    diag::join_causes(sink);
}

// The ranges of checks/codes.hpp and checks/rollback_codes.hpp.
bool is_of_forward_run(int code) { return code >= 3100 && code < 5000; }
bool is_of_rollback(int code) { return code >= 5000 && code < 5100; }

// A step that cannot start, or violates a requirement, most likely has no correct undo either. Its rollback findings
// are reported when the other errors have been repaired.
void put_rollback_off(Compilation& c) {
    std::set<std::pair<base::FileId, std::uint32_t>> wrong;
    bool cannot_start = false;
    for (const diag::Diagnostic& d : c.sink.all()) {
        if (d.severity != diag::Severity::error || !is_of_forward_run(d.code)) continue;
        wrong.emplace(d.span.file, d.span.begin);
        cannot_start = cannot_start || d.code == checks::precondition_fails.code;
    }
    const std::size_t found = c.sink.all().size();
    c.sink.erase_if([&](const diag::Diagnostic& d) {
        return is_of_rollback(d.code) && (cannot_start || wrong.contains({d.span.file, d.span.begin}));
    });
    if (c.sink.all().size() != found || cannot_start) c.rollback.reset();
}

// "farm: 3 servers, 1 console": what stands in place of a plan, in words.
std::string words_for(const syntax::Document& document, const Model& model) {
    std::string words;
    const auto add = [&](std::size_t count, const std::string& one, const std::string& many) {
        if (count > 0) base::append(words, ", ", std::to_string(count) + " " + (count == 1 ? one : many));
    };
    if (const auto* module = std::get_if<syntax::ModuleDocument>(&document)) {
        add(module->kinds.size(), "kind", "kinds");
        add(module->predicates.size(), "predicate", "predicates");
        add(module->actions.size(), "action", "actions");
        add(module->procedures.size(), "procedure", "procedures");
        return "module: " + words;
    }
    if (const auto* policy = std::get_if<syntax::PolicyDocument>(&document)) {
        add(policy->invariants.size(), "requirement", "requirements");
        return "policy: " + words;
    }
    for (const resolve::Kind& kind : model.kinds) add(kind.objects.size(), kind.name, kind.plural);
    return "farm: " + (words.empty() ? "no objects" : words);
}

// All stages, until one cannot go on. The documents are let go once the model stands by itself, before the plan is
// expanded and memory is short. What was observed goes in before the defaults, which may ask for it. Findings are moved
// and sorted last, when there are all of them.
std::shared_ptr<const Compilation> run(const resolve::Inputs& inputs, const std::shared_ptr<base::Sources>& sources,
                                       const Request& request, std::optional<std::size_t> only,
                                       const std::stop_token& stop) {
    auto c = std::make_shared<Compilation>(Compilation{.request = request, .sources = sources});
    resolve::Documents documents = resolve::load(
        inputs, {request.plan, request.farm, request.policies, request.parameters_file, request.takes}, c->sink);
    auto model = std::make_shared<Model>();
    if ((documents.plan || documents.alone) && !stop.stop_requested())
        resolve_into(inputs, documents, {request.parameters, request.secrets, request.wants_uses}, *model, c->sink);
    c->is_damaged = !documents.is_complete || !documents.lost.empty();
    c->model = model;
    c->files = documents.files;
    c->inputs = documents.inputs;
    c->requirements = model->requirements;
    c->requirement_places = model->requirement_places;
    if (documents.alone) {
        c->alone = words_for(*documents.alone, *model);
        if (documents.farm && !c->sink.has_errors()) graph::check_bodies(*model, {}, c->sink);
    }
    const bool is_plan = documents.plan != nullptr;
    documents.owned.clear();
    if (is_plan && !c->sink.has_errors()) {
        apply_observed(request, *model);
        fill_defaults(*model, c->sink);
    }
    note_open_parameters(*model, *c);
    if (is_plan && !c->sink.has_errors() && !stop.stop_requested()) {
        // From here on every name stands for something, and every expression has a type.
        check_resolved(*model);
        prove_all(*model, {model->requirement_places, only, stop, *sources}, *c);
    }
    place_and_merge(*sources, documents.plan_name, c->sink);
    c->sink.order_files(c->files);
    put_rollback_off(*c);
    return c;
}

// The workspace learns how much a plan takes. A compilation that was stopped tells it nothing, as it has not read all.
std::shared_ptr<const Compilation> run_in(Workspace& workspace, const base::Files& files, const Request& request,
                                          std::optional<std::size_t> only, const std::stop_token& stop) {
    const auto shared = workspace.current();
    auto c = run({files, *shared->sources, &shared->documents}, shared->sources, request, only, stop);
    workspace.compiled(*shared, stop.stop_requested() ? std::span<const base::FileId>() : c->files);
    return c;
}

}  // namespace

base::Result<std::shared_ptr<const Compilation>> compile(Workspace& workspace, const base::Files& files,
                                                         const Request& request, const std::stop_token& stop) {
    auto c = run_in(workspace, files, request, {}, stop);
    if (stop.stop_requested()) return base::Error{"the compilation was cancelled"};
    return c;
}

std::shared_ptr<const Compilation> compile(Workspace& workspace, const base::Files& files, const Request& request) {
    return run_in(workspace, files, request, {}, {});
}

std::shared_ptr<const Compilation> compile(const base::Files& files, const Request& request) {
    const auto sources = std::make_shared<base::Sources>();
    return run({files, *sources}, sources, request, {}, {});
}

std::shared_ptr<const Compilation> compile_for(Workspace& workspace, const base::Files& files, const Request& request,
                                               std::size_t requirement, const std::stop_token& stop) {
    return run_in(workspace, files, request, requirement, stop);
}

FarmCompilation compile_farm(const base::Files& files, const std::string& farm) {
    const auto sources = std::make_shared<base::Sources>();
    const resolve::Inputs inputs{files, *sources};
    FarmCompilation c{.sources = sources};
    resolve::Documents documents = resolve::load(inputs, {.farm = farm}, c.sink);
    Model model;
    resolve_into(inputs, documents, {}, model, c.sink);
    c.secrets = model.literal_secrets;
    if (!c.sink.has_errors()) graph::check_bodies(model, {}, c.sink);
    if (!c.sink.has_errors()) c.plan = assemble_farm(model, *sources);
    place_and_merge(*sources, model.farm.span, c.sink);
    c.sink.order_files(documents.files);
    return c;
}

diag::Texts texts_of(const FarmCompilation& compilation, std::string prefix) {
    return {*compilation.sources, compilation.secrets, std::move(prefix)};
}

}  // namespace pvsplan::compiler

// What is proved is what runs: of random plans and random points of failure, the rollback programs that the checks
// looked at are, byte for byte, those that the engine derives.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "compiler/link/rollback_source.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/plan_env.hpp"
#include "runtime/state/env.hpp"
#include "runtime/state/rollback_program.hpp"
#include "tests/unit/checks/draws.hpp"
#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;
using namespace pvsplan::test;
using graph::Index;
using program::Value;

namespace {

const char* const farm = R"(farm: toy
uses: [./toy.yaml]
nodes:
  - {name: n0, state: {a: x, b: x, n: 1}, peers: [n1, n2]}
  - {name: n1, state: {a: y, b: y, n: 2}, site: west, peers: [n0]}
  - {name: n2, state: {a: z, b: x, n: 3}}
)";

std::string draw_plan(Draws& draws) {
    static const std::map<std::string, std::string> arguments = {
        {"a", "v: y"},    {"b", "v: y"}, {"both", "v: x"}, {"other", "v: z, to: \"${nodes[2]}\""},
        {"roll", "v: y"}, {"east", ""},  {"peers", ""},    {"inc", ""},
        {"dec", ""}};
    std::string text = "plan: random\nuses: [./toy.yaml]\nfarm: ./farm.yaml\nsteps:\n";
    const auto call = [&](const std::string& indent, const std::string& id, const std::string& on) {
        auto of = arguments.begin();
        std::advance(of, draws.below(static_cast<std::uint32_t>(arguments.size())));
        text += indent + "- {id: " + id + ", do: toy." + of->first + ", on: \"" + on + "\"" +
                (of->second.empty() ? "" : ", with: {" + of->second + "}") + "}\n";
    };
    for (std::uint32_t i = 0; i < 3; ++i) {
        const std::string id = "s" + std::to_string(i);
        if (draws.chance(30)) {
            text += "  - id: " + id + "\n    for_each: n in nodes\n    at_most: 1\n    steps:\n";
            call("      ", "each", "n");
        } else if (draws.chance(30)) {
            text += "  - id: " + id + "\n    steps:\n";
            call("      ", "one", "nodes[0]");
            text += "    recover:\n";
            call("      ", "r", "nodes[0]");
            text +=
                "      - {id: q, do: toy.b, on: \"nodes[1]\", when: \"started(one) and nodes[1].a == x\", with: {v: "
                "x}}\n";
        } else {
            call("  ", id, "nodes[" + std::to_string(draws.below(3)) + "]");
        }
    }
    return text;
}

// The bytes of a rollback program.
std::string bytes_of(program::Plan plan, const program::RollbackProgram& of) {
    plan.graph = of.graph;
    plan.guards = of.guards;
    plan.instances.clear();
    plan.recoveries.clear();
    return program::encode(plan);
}

// The part of a program whose nodes begin with a prefix, by itself.
program::RollbackProgram part_of(const program::RollbackProgram& whole, const std::string& prefix) {
    program::RollbackProgram part;
    std::map<program::NodeId, program::NodeId> number;
    std::map<program::GuardId, program::GuardId> guard_number;
    for (std::size_t i = 0; i < whole.guards.size(); ++i) {
        program::Guard guard = whole.guards[i];
        if (!guard.step.starts_with(prefix + ".")) continue;
        guard_number[program::GuardId(i)] = program::GuardId(part.guards.size());
        if (guard.parent) guard.parent = guard_number.at(guard.parent);
        part.guards.push_back(std::move(guard));
    }
    for (std::size_t i = 0; i < whole.graph.nodes.size(); ++i) {
        program::Node node = whole.graph.nodes[i];
        if (node.id != prefix && !node.id.starts_with(prefix + ".")) continue;
        number[program::NodeId(i)] = program::NodeId(part.graph.nodes.size());
        if (node.guard) node.guard = guard_number.at(node.guard);
        part.graph.nodes.push_back(std::move(node));
    }
    for (program::Edge edge : whole.graph.edges)
        if (number.contains(edge.from) && number.contains(edge.to)) {
            edge.from = number.at(edge.from);
            edge.to = number.at(edge.to);
            part.graph.edges.push_back(edge);
        }
    return part;
}

// A program that the steps of an action share, for one of them; without what its nodes do and set, which follows.
program::RollbackProgram closed(const graph::Rollback& shared, const compiler::Compilation& c, Index node) {
    const graph::Facts& facts = c.facts();
    expand::Expansion scratch;
    scratch.unknowns = facts.unknowns;
    expand::CompileEnv env(*c.model, scratch);
    env.undone.push_back(facts.on[node] ? Value::object(facts.on[node]) : Value());
    const auto frame = facts.frames[facts.frame[node]];
    env.undone.insert(env.undone.end(), frame.begin(), frame.end());
    program::RollbackProgram program = shared.program;
    for (std::size_t i = 0; i < program.graph.nodes.size(); ++i) {
        program::Node& step = program.graph.nodes[i];
        if (shared.on[i]) step.on = *env.evaluate(shared.on[i]).as_object();
        for (program::ExprPtr& with : step.with) with = program::specialise(env.close(with), env);
    }
    return program;
}

program::RollbackProgram without_effects(program::RollbackProgram of) {
    for (program::Node& node : of.graph.nodes) {
        node.does.clear();
        node.sets.clear();
    }
    return of;
}

std::string with_path(std::string bytes, const std::string& path) {
    for (std::size_t at = bytes.find('*'); at != std::string::npos; at = bytes.find('*', at + path.size()))
        bytes.replace(at, 1, path);
    return bytes;
}

// The digest and the checksum of a plan are of the one text, which differs.
std::string text_of(const program::Plan& plan, const program::RollbackProgram& of) {
    program::Plan unsealed = plan;
    unsealed.digest.clear();
    unsealed.checksum.clear();
    return bytes_of(std::move(unsealed), of);
}

struct Looked {
    std::size_t shared = 0;
    std::size_t own = 0;
    std::size_t groups = 0;
    std::size_t conditions = 0;
};

// A run in which some steps are done, failed or in doubt, with what was before them.
void draw_course(Draws& draws, state::RunState& run) {
    std::uint64_t record = 1;
    for (std::size_t i = 0; i < run.forward.nodes.size(); ++i) {
        const program::Node& node = run.plan->graph.nodes[i];
        if (node.type == program::Node::Type::join || draws.chance(20)) continue;
        state::NodeState& at = run.forward.nodes[i];
        at.began = true;
        at.started_as = record++;
        at.phase = draws.of<state::Phase>(
            {state::Phase::finished, state::Phase::finished, state::Phase::failed, state::Phase::in_doubt});
        at.left_as = at.ended_as = record++;
        for (const auto& [name, value] : run.plan->objects[node.on.index()].state)
            if (draws.chance(70)) at.before[node.on][name] = value;
    }
}

void compare(Draws& draws, const compiler::Compilation& c, Looked& looked) {
    const program::Plan plan = compiler::program_of(c);
    const auto& stages = *c.stages;
    const link::Linker linker(*c.model, *c.sources);
    diag::Sink sink;
    const auto source =
        link::rollback_source({linker, *c.model, stages.expansion, stages.order.node, stages.facts, sink});
    state::RunState run(plan);
    draw_course(draws, run);
    state::RunEnv known(run);
    known.reads = state::RunEnv::Reads::no_state;
    const auto back = state::derive_rollback(run);
    std::set<Index> covered;
    for (std::size_t k = 0; k < source->recoveries(); ++k) {
        const std::vector<Index> group = source->covered_by(k);
        covered.insert(group.begin(), group.end());
        const graph::Rollback* const program = source->recovery(k);
        REQUIRE(program);
        const std::string prefix = "recover:" + source->group(k);
        const program::RollbackProgram runs = part_of(*back, prefix);
        if (runs.graph.nodes.empty()) continue;
        program::RollbackProgram proved = program->program;
        for (program::Guard& guard : proved.guards) guard.condition = program::specialise(guard.condition, known);
        for (program::Node& node : proved.graph.nodes) {
            for (program::ExprPtr& with : node.with) with = program::specialise(with, known);
            for (program::Setting& set : node.sets) set.value = program::specialise(set.value, known);
        }
        CHECK(text_of(plan, proved) == text_of(plan, runs));
        ++looked.groups;
    }
    for (Index i = 0; i < plan.graph.nodes.size(); ++i) {
        const program::Node& node = plan.graph.nodes[i];
        if (node.undo.type != program::Undo::Type::steps || covered.contains(i)) continue;
        INFO(node.id);
        const program::RollbackProgram runs = part_of(*back, "undo:" + node.id);
        const program::RollbackProgram should = program::rollback_of(node, known);
        if (!runs.graph.nodes.empty()) CHECK(text_of(plan, runs) == text_of(plan, should));
        looked.conditions += should.guards.size();
        // The same before anything is known of a run: that is what the checks look at.
        const program::PlanEnv nothing(plan);
        const program::RollbackProgram open = program::rollback_of(node, nothing);
        const graph::Rollback* const program = source->undo_of(i);
        REQUIRE(program);
        if (!program->on.empty()) {
            ++looked.shared;
            CHECK(with_path(text_of(plan, closed(*program, c, i)), node.id) == text_of(plan, without_effects(open)));
        }
        const graph::Rollback* const own = source->own_undo_of(i);
        REQUIRE(own);
        ++looked.own;
        CHECK(text_of(plan, own->program) == text_of(plan, open));
    }
    CHECK_FALSE(sink.has_errors());
}

}  // namespace

TEST_CASE("the rollback programs that are proved are those that run") {
    Looked looked;
    std::size_t plans = 0;
    for (std::uint32_t seed = 1; seed <= 150; ++seed) {
        Draws draws(seed);
        const std::string text = draw_plan(draws);
        const Project project({{"toy.yaml", undo_module}, {"farm.yaml", farm}, {"plan.yaml", text}});
        const auto c = compiled(project);
        INFO("seed " << seed << "\n" << text << text_of(*c));
        REQUIRE(c->has_graph);
        for (const diag::Diagnostic& d : c->sink.all())  // no undo is wrong in itself
            if (d.severity == diag::Severity::error) CHECK(d.code > 5000);
        ++plans;
        for (int courses = 0; courses < 3; ++courses) compare(draws, *c, looked);
    }
    CHECK(plans == 150);
    CHECK((looked.shared > 100 && looked.own > looked.shared && looked.groups > 30 && looked.conditions > 50));
}

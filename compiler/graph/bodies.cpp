#include "compiler/graph/bodies.hpp"

#include <algorithm>
#include <set>

#include "compiler/base/lists.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/expand/expand.hpp"
#include "compiler/resolve/codes.hpp"
#include "grammar/transports.hpp"

namespace pvsplan::graph {
namespace {

using expand::CompileEnv;
using expand::Expansion;
using program::Value;
using resolve::Model;
using BodyType = program::Body::Type;

// The key in `run`; empty where nothing runs.
std::string_view name_of(BodyType body) {
    switch (body) {
        case BodyType::none: return "";
        case BodyType::powershell: return "powershell";
        case BodyType::command: return "command";
        case BodyType::sql: return "sql";
        case BodyType::manual: return "manual";
        case BodyType::wait: return "wait";
    }
    return "";
}

// "`powershell` runs over `local`, `ssh`, …".
std::string where_it_runs(std::string_view body) {
    std::string names;
    for (const grammar::Transport& one : grammar::transports())
        if (one.runs(body)) base::append(names, ", ", "`" + std::string(one.name) + "`");
    return "`" + std::string(body) + "` runs over " + names;
}

class Checker {
  public:
    Checker(const Model& model, diag::Sink& sink) : model_(model), sink_(sink) {}

    // The first object that cannot be observed stands for all of its kind and transport.
    void check_observations() {
        for (const resolve::Kind& kind : model_.kinds) {
            if (kind.observe.type == BodyType::none) continue;
            for (const program::ObjectId id : kind.objects) {
                const resolve::Connect& connect = connect_of(id);
                const std::string_view body = name_of(kind.observe.type);
                if (!connect.transport || connect.transport->runs(body)) continue;
                if (!said_.emplace(&kind, connect.transport).second) continue;
                sink_.report(resolve::body_not_here, connect.span, diag::Name(body), diag::Words(over(connect)))
                    .label("`" + model_.farm.objects[id.index()].name + "` could not be observed")
                    .related(kind.span, "how every " + kind.name + " is observed")
                    .hint(where_it_runs(body));
            }
        }
    }

    // Checks the nodes of the plan with their undo, or the nodes of an undo or a recovery alone.
    enum class With : std::uint8_t { undo, nothing };
    // What runs where depends on the action and on the transports alone, so that a million nodes come down to a handful
    // of looks, each with the expansion of its undo. The recursion goes one level down: what undoes has no undo.
    void check_nodes(const Expansion& expansion, With with) {
        std::set<std::vector<const void*>>& looked = with == With::undo ? plan_ : rollback_;
        CompileEnv env(model_, expansion);
        for (const expand::Node& node : expansion.nodes) {
            if (node.type != program::Node::Type::action) continue;
            const resolve::Step& step = *expansion.scopes[node.scope].step;
            const resolve::Action& action = model_.actions[step.action.index()];
            const std::span<const Value> arguments = expansion.frames[node.content];
            if (!looked.insert(key(action, node.on, arguments)).second) continue;
            env.locals.assign(1, node.on ? Value::object(node.on) : Value());
            env.locals.insert(env.locals.end(), arguments.begin(), arguments.end());
            check_body(action, step, node.on, env);
            if (with == With::nothing || action.undo.type != program::Undo::Type::steps) continue;
            diag::Sink elsewhere;  // errors in the undo itself are reported by the rollback check
            check_nodes(expand::expand_undo(model_, expansion, node, "", elsewhere), With::nothing);
        }
        for (const expand::RecoverBlock& recovery : expansion.recoveries) {
            diag::Sink elsewhere;
            check_nodes(expand::expand_recovery(model_, expansion, recovery, elsewhere), With::nothing);
        }
    }

  private:
    // Objects that are reached alike share a connection.
    [[nodiscard]] const resolve::Connect& connect_of(program::ObjectId id) const {
        return model_.farm.connects[model_.farm.objects[id.index()].connect];
    }
    static std::string over(const resolve::Connect& connect) {
        return "over `" + std::string(connect.transport->name) + "`";
    }

    // What decides where an action and its undo run: the transports of all objects among its arguments.
    std::vector<const void*> key(const resolve::Action& action, program::ObjectId on,
                                 std::span<const Value> arguments) {
        std::vector<const void*> result = {&action};
        const auto add = [&](const program::ObjectId* id) {
            result.push_back(id && *id ? connect_of(*id).transport : nullptr);
        };
        add(&on);
        for (const Value& argument : arguments) add(argument.as_object());
        return result;
    }

    // Each pair of an action and a transport is told once, with the first step that shows it.
    void check_body(const resolve::Action& action, const resolve::Step& step, program::ObjectId on, CompileEnv& env) {
        const std::string_view body = name_of(action.compiled.run.type);
        if (body.empty()) return;
        program::ObjectId host = on;
        if (action.compiled.at) {
            const Value at = env.evaluate(action.compiled.at);
            if (!at.as_object()) return;  // not known yet
            host = *at.as_object();
        }
        if (!host) return check_here(action, step, body);
        const resolve::Connect& connect = connect_of(host);
        if (!connect.transport || connect.transport->runs(body)) return;
        if (!said_.emplace(&action, connect.transport).second) return;
        sink_.report(resolve::body_not_here, connect.span, diag::Name(body), diag::Words(over(connect)))
            .label("`" + model_.farm.objects[host.index()].name + "` is reached so")
            .related(step.head, "the step that runs on it")
            .related(action.span, "the action")
            .hint(where_it_runs(body) + "; `at:` in `run` names another object whose connection runs it");
    }

    // A step without an object runs on the machine on which pvsplan runs.
    void check_here(const resolve::Action& action, const resolve::Step& step, std::string_view body) {
        const grammar::Transport* local = grammar::transport("local");
        if (local->runs(body) || !said_.emplace(&action, local).second) return;
        sink_.report(resolve::body_not_here, step.head, diag::Name(body), diag::Words("on this machine"))
            .label("it works on no object")
            .related(action.span, "the action")
            .hint(where_it_runs(body) + "; `at:` in `run` names an object whose connection runs it");
    }

    const Model& model_;
    diag::Sink& sink_;
    std::set<std::vector<const void*>> plan_;      // checked as a step of the plan
    std::set<std::vector<const void*>> rollback_;  // checked as a step of an undo or a recovery
    std::set<std::pair<const void*, const grammar::Transport*>> said_;
};

}  // namespace

// A farm that is simulated as a whole runs nothing anywhere.
void check_bodies(const Model& model, const expand::Expansion& expansion, diag::Sink& sink) {
    const auto& connects = model.farm.connects;
    if (std::all_of(connects.begin(), connects.end(), [](const resolve::Connect& c) { return c.is_simulated(); }))
        return;
    Checker checker(model, sink);
    checker.check_observations();
    checker.check_nodes(expansion, Checker::With::undo);
}

}  // namespace pvsplan::graph

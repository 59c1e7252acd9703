#include "tests/unit/runs/random_project.hpp"

#include <vector>

#include "tests/unit/checks/draws.hpp"
#include "tests/unit/compiler/project.hpp"

namespace pvsplan::test {
namespace {

const char* const module = R"(module: toy
kinds:
  node:
    plural: nodes
    attributes: {site: {type: string, default: east}}
    state:
      stream: {type: [running, stopped]}
      level: {type: [low, high]}
      marked: {type: bool, default: false}
    observe: {command: [look]}
predicates:
  down(node n): n.stream == stopped
  up(node n): n.stream == running
  high(node n): n.level == high
actions:
  stop: {on: node, does: stop(on), sets: {on.stream: stopped}, run: {command: [stop]}, undo: {do: toy.put-stream, with: {v: "${before.stream}"}}}
  start: {on: node, does: start(on), sets: {on.stream: running}, run: {command: [start]}, undo: {do: toy.put-stream, with: {v: "${before.stream}"}}}
  put-stream: {on: node, parameters: {v: {type: [running, stopped]}}, sets: {on.stream: "${v}"}, run: {command: [put]}, repeatable: true, undo: {do: toy.put-stream, with: {v: "${before.stream}"}}}
  put-level: {on: node, parameters: {v: {type: [low, high]}}, sets: {on.level: "${v}"}, run: {command: [put]}, repeatable: true, undo: {do: toy.put-level, with: {v: "${before.level}"}}}
  raise: {on: node, does: raise(on), sets: {on.level: high}, run: {command: [raise]}, undo: {do: toy.put-level, with: {v: "${before.level}"}}}
  strict-raise: {on: node, requires: on.stream == stopped, does: raise(on), sets: {on.level: high}, run: {command: [raise]}, undo: {do: toy.put-level, with: {v: "${before.level}"}}}
  check: {on: node, does: check(on), run: {command: [check]}, repeatable: true, undo: {nothing: it only looks}}
  both: {on: node, does: [stop(on), raise(on)], sets: {on.stream: stopped, on.level: high}, run: {command: [both]}, undo: [{do: toy.put-level, with: {v: "${before.level}"}}, {do: toy.put-stream, with: {v: "${before.stream}"}}]}
  other: {on: node, parameters: {o: {type: node}}, does: raise(o), sets: {o.level: high}, run: {command: [other]}, undo: {do: toy.put-level, on: o, with: {v: low}}}
  pull: {on: node, parameters: {o: {type: node}}, requires: o.stream == running, does: stop(on), sets: {on.stream: stopped}, run: {command: [pull]}, undo: {do: toy.put-stream, with: {v: "${before.stream}"}}}
  note: {run: {command: [note]}, repeatable: true, undo: {nothing: it only writes}}
  ring: {run: {command: [ring]}, undo: {nothing: a bell that rang has rung}}
  brand: {on: node, does: raise(on), sets: {on.level: high}, run: {command: [brand]}, undo: {impossible: nobody lowers it again}}
  burn: {on: node, does: check(on), run: {command: [burn]}, repeatable: true, undo: {impossible: what is burnt is gone}}
  by-hand: {on: node, does: stop(on), sets: {on.stream: stopped}, run: {manual: Stop it.}, undo: {do: toy.put-stream, with: {v: "${before.stream}"}}}
  settle: {on: node, run: {wait: {until: on.stream == running, every: 5s, at_most: 1m}}, repeatable: true, undo: {nothing: it only waits}}
  mark: {on: node, parameters: {m: {type: bool}}, sets: {on.marked: "${m}"}, run: {command: [mark]}, undo: {do: toy.mark, with: {m: "${before.marked}"}}}
  tell: {on: node, parameters: {m: {type: bool}}, run: {command: [tell]}, repeatable: true, undo: {do: toy.tell, with: {m: "${m}"}}}
  look: {on: node, run: {command: [look]}, outputs: {old: "${exit == 3}", new: "${exit == 0}"}, repeatable: true, undo: {nothing: it only looks}}
procedures:
  roll: {on: node, steps: [{id: stop, do: toy.stop}, {id: raise, do: toy.strict-raise}, {id: start, do: toy.start}]}
)";

class Steps {
  public:
    Steps(Draws& draws, std::uint32_t nodes) : draws_(draws), nodes_(nodes) {}

    std::string write() {
        text_ = "steps:\n  - {id: first, do: toy.look, on: \"nodes[0]\"}\n";
        for (std::uint32_t i = 1 + draws_.below(3); i > 0; --i) step(2, 1);
        return text_;
    }

  private:
    void line(std::size_t indent, const std::string& what) { text_ += std::string(indent, ' ') + what + "\n"; }
    std::string new_id() { return "s" + std::to_string(next_id_++); }

    void step(std::size_t indent, std::uint32_t depth) {
        const std::uint32_t drawn = draws_.below(100);
        if (drawn < 60)
            loop(indent, depth);
        else if (drawn < 70)
            line(indent, "- {id: " + new_id() + ", approve: " + approval() + "}");
        else if (drawn < 85 && depth > 0)
            group(indent, depth);
        else
            call(indent, "nodes[" + std::to_string(draws_.below(nodes_)) + "]");
    }

    std::string approval() { return draws_.chance(20) ? "{text: Look at it., not: starter}" : "Look at it."; }

    // What comes after it in its block may depend on what it puts out.
    void look(std::size_t indent, const std::string& on) {
        const std::string id = new_id();
        line(indent, "- {id: " + id + ", do: toy.look, on: \"" + on + "\"" +
                         (draws_.chance(25) ? ", when: steps.first." + truth() : "") + "}");
        lookers_.push_back(id);
    }
    // Of a step that was skipped an output is none, which can only be compared.
    std::string condition() {
        static const std::vector<std::string> ways = {"", "", " == true", " == false", " != true", " == none"};
        return read() + draws_.of(ways);
    }
    std::string truth() { return draws_.chance(50) ? "old" : "new"; }
    std::string read() { return "steps." + draws_.of(lookers_) + "." + truth(); }

    void call(std::size_t indent, const std::string& on) {
        static const std::vector<std::string> all = {"stop", "start", "raise", "check", "check", "roll",
                                                     "both", "other", "pull",  "mark",  "tell"};
        static const std::vector<std::string> rare = {"brand", "burn", "by-hand", "by-hand", "settle"};
        static const std::vector<std::string> delays = {"2s", "30s", "90s"};
        std::string more;
        if (draws_.chance(15))
            more += ", retry: {times: " + std::to_string(1 + draws_.below(2)) + ", delay: " + draws_.of(delays) + "}";
        if (draws_.chance(10)) more += ", timeout: {after: 30s, then: kill}";
        if (draws_.chance(6))
            return line(indent,
                        "- {id: " + new_id() + ", do: toy." + (draws_.chance(50) ? "note" : "ring") + more + "}");
        if (draws_.chance(10)) more += ", on_failure: rollback";
        if (draws_.chance(4)) more += ", window: {from: \"01:00\", to: \"01:08\", zone: Europe/Berlin}";
        if (draws_.chance(20) && next_id_ > 1) more += ", after: [s" + std::to_string(draws_.below(next_id_ - 1)) + "]";
        if (draws_.chance(12))
            more += ", when: " + condition();
        else if (draws_.chance(6))
            more += ", when: nodes[0]." + std::string(draws_.chance(50) ? "stream == running" : "level == low");
        if (draws_.chance(5)) more += ", approve: " + approval();
        const std::string what = draws_.of(draws_.chance(6) ? rare : all);
        if (what == "mark" || what == "tell")
            more += ", with: {m: " + (draws_.chance(60) ? "\"${" + read() + "}\"" : "true") + "}";
        if (what == "other" || what == "pull")
            more += ", with: {o: \"nodes[" + std::to_string(draws_.below(nodes_)) + "]\"}";
        line(indent, "- {id: " + new_id() + ", do: toy." + what + ", on: \"" + on + "\"" + more + "}");
    }

    void group(std::size_t indent, std::uint32_t depth) {
        line(indent, "- id: " + new_id());
        if (draws_.chance(15)) line(indent + 2, "on_failure: rollback");
        if (draws_.chance(12)) line(indent + 2, "when: " + condition());
        if (draws_.chance(5)) line(indent + 2, "approve: " + approval());
        const bool recovers = draws_.chance(12);
        line(indent + 2, draws_.chance(60) ? "parallel:" : "steps:");
        const std::uint32_t first = next_id_;
        const std::size_t seen = lookers_.size();
        if (draws_.chance(15)) look(indent + 4, "nodes[0]");
        for (std::uint32_t i = 2 + draws_.below(2); i > 0; --i) step(indent + 4, depth - 1);
        if (recovers) recover(indent + 2, first);
        lookers_.resize(seen);
    }

    // Everything as it is in the farm file. `first`: the number of the first step that it undoes.
    void recover(std::size_t indent, std::uint32_t first) {
        static const std::vector<std::string> stands = {"started", "done", "failed", "not done"};
        line(indent, "recover:");
        for (std::uint32_t i = 0; i < nodes_; ++i) {
            const std::string on = ", on: \"nodes[" + std::to_string(i) + "]\", with: {";
            line(indent + 2, "- {do: toy.put-level" + on + "v: low}}");
            line(indent + 2, "- {do: toy.put-stream" + on + "v: running}}");
            if (draws_.chance(70)) line(indent + 2, "- {do: toy.mark" + on + "m: false}}");
        }
        if (draws_.chance(30)) line(indent + 2, "- {do: toy.tell, on: \"nodes[0]\", with: {m: \"${" + read() + "}\"}}");
        if (draws_.chance(30))
            line(indent + 2, "- {do: toy.put-level, on: \"nodes[0]\", with: {v: low}, when: " + draws_.of(stands) +
                                 "(s" + std::to_string(first + draws_.below(2)) + ")}");
    }

    void loop(std::size_t indent, std::uint32_t depth) {
        static const std::vector<std::string> widths = {"1", "1", "2", "2", "all", "1 per V.site", "2 per V.site"};
        static const std::vector<std::string> lists = {"nodes",
                                                       "nodes",
                                                       "nodes",
                                                       "rest(nodes)",
                                                       "[n in nodes where n.site == \"east\"]",
                                                       "[n in nodes where n.stream == running]"};
        const std::string variable = "x" + std::to_string(next_id_);
        line(indent, "- id: " + new_id());
        line(indent + 2, "for_each: " + variable + " in " + draws_.of(lists));
        std::string width = draws_.of(widths);
        if (const auto at = width.find("V."); at != std::string::npos) width.replace(at, 1, variable);
        line(indent + 2, "at_most: " + width);
        if (draws_.chance(4)) line(indent + 2, "approve: " + approval());
        if (draws_.chance(8)) line(indent + 2, "window: {from: \"00:02\", to: \"00:20\", zone: Europe/Berlin}");
        if (draws_.chance(8))
            line(indent + 2, "when: " + variable + (draws_.chance(50) ? ".stream == running" : ".level == low"));
        if (draws_.chance(60)) {
            line(indent + 2, "on_failure: continue");
            line(indent + 2, "max_failures: " + std::to_string(draws_.below(10) == 0 ? 0 : 1 + draws_.below(2)));
        } else if (draws_.chance(25)) {
            line(indent + 2, "on_failure: rollback");
        }
        body(indent + 2, variable, depth);
    }
    void body(std::size_t indent, const std::string& variable, std::uint32_t depth) {
        if (draws_.chance(40)) {
            line(indent, "do: toy.roll");
            line(indent, "on: " + variable);
            return;
        }
        line(indent, draws_.chance(15) ? "parallel:" : "steps:");
        const std::size_t seen = lookers_.size();
        if (draws_.chance(15)) look(indent + 2, variable);
        for (std::uint32_t i = 1 + draws_.below(3); i > 0; --i) {
            if (depth > 0 && draws_.chance(10))
                loop(indent + 2, 0);
            else if (draws_.chance(6))
                line(indent + 2, "- {id: " + new_id() + ", approve: " + approval() + "}");
            else
                call(indent + 2, variable);
        }
        lookers_.resize(seen);
    }

    Draws& draws_;
    std::uint32_t nodes_;
    std::string text_;
    std::uint32_t next_id_ = 0;
    std::vector<std::string> lookers_ = {"first"};  // steps of which an output can be read here
};

std::vector<std::string> asked(Draws& draws, std::uint32_t nodes) {
    std::vector<std::string> all;
    const auto number = [&] { return std::to_string(draws.below(nodes + 1)); };
    for (std::uint32_t n = 0; n < nodes; ++n) all.push_back("always at most " + std::to_string(n) + " down(node)");
    all.push_back("always at least " + number() + " up(node n) per n.site");
    all.push_back("always at most " + number() + " high(node)");
    for (const char* one : {"exactly 1 raise(node n) per n",
                            "at most 1 raise(node n) per n",
                            "at most 1 stop(node n) per n",
                            "every raise(node n) while every down(node n)",
                            "every raise(node) while every up(node)",
                            "every stop(node n) before every raise(node n)",
                            "every raise(node n) then some check(node n)",
                            "some raise(node) before every check(node)",
                            "every raise(node) before every check(node)",
                            "every stop(node n) then some start(node n)",
                            "finally every up(node)",
                            "finally every high(node)",
                            "never check(node n) where n.site == \"west\"",
                            "every stop(node n) before some raise(node)",
                            "every stop(node n) before some start(node n)",
                            "some stop(node) before some start(node)",
                            "exactly 1 raise(node n) per n where initially n.level == low",
                            "at least 1 raise(node n) per n where initially n.stream == running",
                            "every check(node n) while every up(node m) where m.site == \"east\"",
                            "every raise(node n) while every node m with m.level == low where m.site == \"west\"",
                            "finally every node n with n.stream == running where n.site == \"east\"",
                            "at least 2 check(node)",
                            "every raise(node) then some check(node)",
                            "always at least 1 node n with n.level == low per n.site",
                            "every stop(node n) per n.site before every start(node n) per n.site"})
        all.emplace_back(one);
    return all;
}

std::string with_invariants(const std::string& plan, const std::vector<std::string>& all) {
    std::string text = plan + (all.empty() ? "" : "invariants:\n");
    for (std::size_t i = 0; i < all.size(); ++i)
        text += "  - {name: r" + std::to_string(i) + ", require: '" + all[i] + "'}\n";
    return text;
}

}  // namespace

std::optional<RandomProject> draw_project(std::uint32_t seed) {
    Draws draws(seed);
    const std::uint32_t nodes = 1 + draws.below(5);
    RandomProject random;
    random.farm = "farm: toy\nuses: [./toy.yaml]\nnodes:\n";
    for (std::uint32_t i = 0; i < nodes; ++i)
        random.farm += "  - {name: n" + std::to_string(i) + ", site: " + (draws.chance(50) ? "east" : "west") +
                       ", state: {stream: " + (draws.chance(15) ? "stopped" : "running") + ", level: low}}\n";
    std::string plan = "plan: random\nuses: [./toy.yaml]\nfarm: ./farm.yaml\n";
    if (draws.chance(25)) plan += "on_failure: rollback\n";
    plan += Steps(draws, nodes).write();
    if (draws.chance(8)) {
        plan += "recover:\n";
        for (std::uint32_t i = 0; i < nodes; ++i)
            plan += "  - {do: toy.put-level, on: \"nodes[" + std::to_string(i) + "]\", with: {v: low}}\n";
    }
    // Only requirements that were proved stay in the plan.
    std::vector<std::string> proved = asked(draws, nodes);
    Project project({{"toy.yaml", module}, {"farm.yaml", random.farm}, {"plan.yaml", with_invariants(plan, proved)}});
    const Compiled first = compiled(project);
    if (!first->has_graph || first->decisions.size() != proved.size()) return std::nullopt;
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < proved.size(); ++i)
        if (first->decisions[i].verdict == checks::Verdict::holds) kept.push_back(proved[i]);
    random.text = with_invariants(plan, kept);
    project["plan.yaml"] = random.text;
    const Compiled second = compiled(project);
    if (!second->ok()) return std::nullopt;
    random.plan = compiler::program_of(*second);
    return random;
}

}  // namespace pvsplan::test

#include "tests/unit/compiler/project.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "compiler/diag/render.hpp"
#include "compiler/repair.hpp"

namespace pvsplan::test {
namespace {

std::string codes_of(const compiler::Compilation& compilation, auto&& wanted) {
    std::set<std::string> codes;
    for (const diag::Diagnostic& d : compilation.sink.all())
        if (wanted(d)) codes.insert(diag::code_text(d.code));
    std::string text;
    for (const std::string& code : codes) text += (text.empty() ? "" : " ") + code;
    return text;
}

}  // namespace

Compiled compiled(const Project& project, compiler::Request request) {
    if (request.plan.empty()) request.plan = "plan.yaml";
    return compiler::with_repairs(compiler::compile(project, request));
}

std::string errors_of(const compiler::Compilation& compilation) {
    return codes_of(compilation, [](const diag::Diagnostic& d) { return d.severity == diag::Severity::error; });
}

std::string findings_of(const compiler::Compilation& compilation) {
    return codes_of(compilation, [](const diag::Diagnostic&) { return true; });
}

std::string text_of(const compiler::Compilation& compilation) {
    std::string text;
    for (const diag::Diagnostic& d : compilation.sink.sorted())
        text += diag::render_text(compiler::texts_of(compilation), d, {.width = 120});
    return text;
}

std::string edges_of(const compiler::Compilation& compilation) {
    const graph::Facts& facts = compilation.facts();
    std::vector<std::string> lines;
    for (graph::Index node = 0; node < facts.size(); ++node)
        for (std::uint32_t edge = facts.predecessors.starts[node]; edge < facts.predecessors.starts[node + 1]; ++edge)
            lines.push_back(fmt::format("{} -> {} ({})\n", facts.path(facts.predecessors.items[edge]), facts.path(node),
                                        compiler::edge_text(compilation, edge)));
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
}

std::string nodes_of(const compiler::Compilation& compilation) {
    std::string text;
    for (graph::Index node = 0; node < compilation.facts().size(); ++node)
        text += (text.empty() ? "" : " ") + compilation.facts().path(node);
    return text;
}

const char* const shop = R"(module: shop
kinds:
  node:
    plural: nodes
    attributes: {site: {type: string, default: main}}
    state:
      version: {type: version, default: 2203}
      stream: {type: [running, stopped], default: running}
    observe: {command: [cat, state.json]}
  base:
    plural: bases
    state: {schema: {type: version, default: 1}}
    observe: {command: [cat, state.json]}
predicates:
  down(node n): n.stream == stopped
actions:
  stop:
    on: node
    requires: on.stream == running
    does: stop(on)
    sets: {on.stream: stopped}
    run: {command: ["stop", "${on.name}"]}
    undo: {do: shop.start}
  start:
    on: node
    requires: on.stream == stopped
    does: start(on)
    sets: {on.stream: running}
    run: {command: ["start", "${on.name}"]}
    undo: {do: shop.stop}
  install:
    on: node
    parameters: {version: {type: version}}
    requires: on.stream == stopped
    does: upgrade(on)
    sets: {on.version: "${version}"}
    run: {command: ["install", "${version}"], exit_codes: [0, 3010]}
    outputs: {restart: "${exit == 3010}", log: "${stdout}", code: "${exit}"}
    undo: {do: shop.install, with: {version: "${before.version}"}}
  migrate:
    on: base
    parameters: {schema: {type: version, default: 2}}
    does: upgrade(on)
    sets: {on.schema: "${schema}"}
    run: {command: ["migrate", "${schema}"]}
    undo: {do: shop.migrate, with: {schema: "${before.schema}"}}
  look:
    on: node
    parameters: {note: {type: string, default: none}}
    run: {command: ["look", "${note}"]}
    repeatable: true
    undo: {nothing: it only looks}
procedures:
  roll:
    on: node
    parameters: {version: {type: version}}
    steps:
      - {id: stop, do: shop.stop}
      - {id: install, do: shop.install, with: {version: "${version}"}}
      - {id: start, do: shop.start}
)";

const char* const undo_module = R"(module: toy
kinds:
  node:
    plural: nodes
    attributes: {site: {type: string, default: east}, peers: {type: list of node, default: []}}
    state: {a: {type: [x, y, z]}, b: {type: [x, y]}, n: {type: int}}
    observe: {command: [look]}
actions:
  a: {on: node, parameters: {v: [x, y, z]}, sets: {on.a: "${v}"}, run: {command: [a]}, repeatable: true,
      undo: {do: toy.a, with: {v: "${before.a}"}}}
  b: {on: node, parameters: {v: [x, y]}, sets: {on.b: "${v}"}, run: {command: [b]}, repeatable: true,
      undo: {do: toy.b, when: before.b != v, with: {v: "${before.b}"}}}
  both: {on: node, parameters: {v: [x, y]}, sets: {on.a: "${v}", on.b: "${v}"}, run: {command: [both]}, repeatable: true,
         undo: {parallel: [{do: toy.a, with: {v: "${before.a}"}}, {do: toy.b, with: {v: "${before.b}"}}]}}
  sometimes: {on: node, sets: {on.a: y}, run: {command: [a]}, repeatable: true,
              undo: {do: toy.a, when: before.a == x, with: {v: "${before.a}"}}}
  race: {on: node, sets: {on.a: y}, run: {command: [a]}, repeatable: true,
         undo: {parallel: [{do: toy.a, with: {v: z}}, {do: toy.a, with: {v: "${before.a}"}}]}}
  other: {on: node, parameters: {to: node, v: [x, y, z]}, sets: {to.a: "${v}"}, run: {command: [other]}, repeatable: true,
          undo: [{id: ask, do: toy.ask, on: to}, {do: toy.a, on: to, when: steps.ask.old, with: {v: x}}, {do: toy.log, with: {text: "${on.name} at ${to.site}"}}]}
  east: {on: node, sets: {on.b: y}, run: {command: [east]}, repeatable: true,
         undo: {do: toy.b, when: "on.site == 'east'", with: {v: "${before.b}"}}}
  peer: {on: node, sets: {on.a: y}, run: {command: [a]}, repeatable: true,
         undo: [{do: toy.a, with: {v: "${before.a}"}}, {do: toy.look, on: first(on.peers)}]}
  peers: {on: node, sets: {on.b: y}, run: {command: [peers]}, repeatable: true,
          undo: [{do: toy.b, with: {v: "${before.b}"}}, {for_each: p in on.peers, do: toy.log, with: {text: "${p.name}"}}]}
  inc: {on: node, sets: {on.n: "${before.n + 1}"}, run: {command: [inc]}, repeatable: true, undo: {do: toy.dec}}
  dec: {on: node, sets: {on.n: "${before.n - 1}"}, run: {command: [dec]}, repeatable: true, undo: {do: toy.inc}}
  grow: {on: node, sets: {on.n: "${before.n + 1}"}, run: {command: [a]}, repeatable: true, undo: {nothing: it stays}}
  need: {on: node, parameters: {v: int}, requires: on.n + 1 == v + 1, run: {command: [a]}, repeatable: true,
         undo: {nothing: it looks}}
  look: {on: node, run: {command: [look]}, repeatable: true, undo: {nothing: it looks}}
  ask: {on: node, run: {command: [ask]}, outputs: {old: "${exit == 3}"}, repeatable: true, undo: {nothing: it asks}}
  log: {parameters: {text: string}, run: {command: [log, "${text}"]}, repeatable: true, undo: {nothing: it logs}}
  roll: {on: node, parameters: {v: [x, y]}, sets: {on.a: "${v}"}, run: {command: [roll]}, repeatable: true,
         undo: {do: toy.back, with: {v: "${before.a}", w: "was ${v}"}}}
procedures:
  back: {on: node, parameters: {v: [x, y, z], w: string},
         steps: [{id: ask, do: toy.ask}, {do: toy.a, when: "not steps.ask.old", with: {v: "${v}"}}, {do: toy.log, with: {text: "${w}"}}]}
)";

const char* const shop_farm = R"(farm: shop
uses: [./shop.yaml]
nodes:
  - {name: n1, site: east}
  - {name: n2, site: west}
  - {name: n3, site: west}
bases:
  - {name: main}
)";

Project shop_plan(const std::string& body) {
    return Project({{"shop.yaml", shop},
                    {"farm.yaml", shop_farm},
                    {"plan.yaml", "plan: test\nuses: [./shop.yaml]\nfarm: ./farm.yaml\n" + body}});
}

}  // namespace pvsplan::test

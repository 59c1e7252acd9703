#include "grammar/examples.hpp"

namespace pvsplan::grammar {
namespace {

constexpr Example all_examples[] = {
    // ---- plans -------------------------------------------------------------------------------------------------
    {"plan.plan plan.summary plan.uses plan.farm plan.steps step.id step.summary step.do step.on", "plan",
     R"yaml(plan: restart-one
summary: Stop a server for a while.
uses: [pvs]
farm: ./farm.yaml
steps:
  - id: stopped
    summary: Its target devices go to the other server.
    do: pvs.stream.stop
    on: pvs01
)yaml"},
    {"plan.policies plan.waive waiver.requirement waiver.because", "plan", R"yaml(policies: [./policy.yaml]
waive:
  - requirement: Somebody looks first
    because: It is a farm for tests.
)yaml"},
    {"plan.parameters parameter.type parameter.default parameter.summary step.with", "plan", R"yaml(parameters:
  version: version
  from: {type: version, default: 2203, summary: The version that a failure goes back to}
  media: {type: path, summary: A share with a folder for each version}
steps:
  - do: pvs.server.look
    on: pvs01
    with: {version: "${version}", from: "${from}", media: "${media}"}
)yaml"},
    {"plan.recover plan.on_failure", "plan", R"yaml(on_failure: rollback
steps:
  - {id: stopped, do: pvs.stream.stop, on: pvs01}
recover:
  - when: servers["pvs01"].stream == stopped
    do: pvs.stream.start
    on: pvs01
)yaml"},
    {"step.steps step.recover step.parallel step.after", "plan", R"yaml(steps:
  - id: restarted
    steps:
      - {id: down, do: pvs.stream.stop, on: pvs01}
      - {id: up, do: pvs.stream.start, on: pvs01}
    recover:
      - when: servers["pvs01"].stream == stopped
        do: pvs.stream.start
        on: pvs01
  - parallel:
      - {id: one, do: pvs.database.look}
      - {id: other, do: pvs.database.look, after: one}
)yaml"},
    {"plan.window step.window window.from window.to window.zone window.days", "plan",
     R"yaml(window: {from: "22:00", to: "05:00", zone: Europe/Berlin, days: [fri, sat]}
steps:
  - do: pvs.stream.stop
    on: pvs01
    window: {from: "23:00", to: "04:00", zone: Europe/Berlin}
)yaml"},
    {"plan.approvers step.approve approval.text approval.by approval.not", "plan",
     R"yaml(approvers: [alice, 'CORP\pvs-leads']
steps:
  - approve: Is everybody told?
  - approve: {text: "Boot a target device, and see that it works.", by: alice, not: starter}
    on: pvs01
)yaml"},
    {"plan.notify notify.on notify.webhook notify.format notify.ca", "plan", R"yaml(notify:
  - on: [waiting, failed]
    webhook: https://chat.contoso.com/hooks/upgrades
    format: teams
    ca: /etc/pvsplan/chat.pem
)yaml"},
    {"notify.command", "plan", R"yaml(notify:
  - {on: [doubt], command: [/usr/local/bin/page, upgrade]}
)yaml"},
    {"notify.mail mail.to mail.from mail.smtp mail.user mail.password mail.ca farm.notify farm.secrets secret.env",
     "farm",
     R"yaml(secrets:
  smtp: {env: SMTP_PASSWORD}
notify:
  - on: [waiting, failed]
    mail:
      to: [pvs@contoso.com]
      from: pvsplan@contoso.com
      smtp: smtps://mail.contoso.com
      user: pvsplan
      password: "${secret.smtp}"
      ca: /etc/pvsplan/mail.pem
)yaml"},
    {"plan.invariants policy.invariants invariant.name invariant.require invariant.because", "plan", R"yaml(invariants:
  - name: One server at a time
    require: always at most 1 down(server)
    because: The other one serves the target devices.
)yaml"},
    {"step.for_each step.at_most step.when step.on_failure step.max_failures", "plan", R"yaml(steps:
  - id: stopped
    for_each: s in servers
    at_most: 1
    when: s.stream == running
    on_failure: continue
    max_failures: 1
    do: pvs.stream.stop
    on: s
)yaml"},
    {"step.timeout timeout.after timeout.then step.retry retry.times retry.delay", "plan", R"yaml(steps:
  - do: pvs.database.look
    timeout: {after: 10m, then: kill}
    retry: {times: 2, delay: 30s}
)yaml"},
    // ---- farms -------------------------------------------------------------------------------------------------
    {"farm.farm farm.uses farm.protected farm.store", "farm", R"yaml(farm: contoso
uses: [pvs]
protected: true
store: here
)yaml"},
    {"farm.defaults object-defaults.state object-defaults.connect object.name object.state object.connect secret.file "
     "secret.command",
     "farm", R"yaml(secrets:
  winrm: {file: /etc/pvsplan/winrm}
  sql: {command: [pass, show, sql]}
defaults:
  server:
    site: east
    state: {version: 2203, configured: 2203}
    connect: {over: winrm, user: 'CONTOSO\svc-pvs', password: "${secret.winrm}"}
servers:
  - {name: pvs01, address: pvs01.contoso.local}
  - name: pvs02
    address: pvs02.contoso.local
    state: {version: 2203, configured: 2203, stream: stopped}
    connect: {over: ssh, system: windows, user: svc-pvs}
)yaml"},
    {"objects-file.csv", "farm", R"yaml(servers: {csv: servers.csv}
)yaml"},
    // ---- modules -----------------------------------------------------------------------------------------------
    {"module.module module.summary module.uses module.actions action.summary action.does action.run body.command",
     "module",
     R"yaml(module: desk
summary: What the service desk is told.
uses: [pvs]
actions:
  told:
    summary: Write a line into the log.
    does: nothing
    run: {command: [logger, -t, pvsplan, An upgrade begins]}
)yaml"},
    {"module.kinds kind.plural kind.summary kind.attributes kind.state kind.identity kind.observe module.predicates",
     "module",
     R"yaml(kinds:
  rack:
    plural: racks
    summary: A rack of servers.
    attributes:
      room: {type: string, summary: Where it stands}
    state:
      power: [on, off]
    identity: room
    observe: {command: [read-power, "${on.room}"]}
predicates:
  dark(rack r): r.power == off
)yaml"},
    {"action.on action.parameters action.requires action.sets action.outputs action.repeatable action.undo "
     "action.takes "
     "action.timeout action.retry body.powershell body.at body.exit_codes",
     "module", R"yaml(uses: [pvs]
kinds:
  marker: {plural: markers, state: {text: {type: string, default: ""}}}
actions:
  marker.write:
    on: marker
    parameters: {text: string, server: server}
    requires: server.stream == running
    does: write(on)
    sets: {on.text: "${text}"}
    run:
      powershell: Set-Content C:\pvsplan.txt $With.text
      at: server
      exit_codes: [0, 3010]
    outputs: {restart: "${exit == 3010}"}
    repeatable: true
    takes: 5s
    timeout: 5m
    retry: {times: 1, delay: 10s}
    undo: {do: desk.marker.write, with: {text: "${before.text}", server: "${server}"}}
)yaml"},
    {"body.sql", "module", R"yaml(uses: [pvs]
actions:
  counted:
    on: database
    does: nothing
    run: {sql: SELECT COUNT(*) FROM dbo.Device}
)yaml"},
    {"body.manual nothing.nothing", "module", R"yaml(uses: [pvs]
actions:
  devices.booted:
    on: server
    does: boot(on)
    run: {manual: "Boot a target device from ${on.name}."}
    undo: {nothing: A device that runs is in nobody's way.}
)yaml"},
    {"body.wait wait.until wait.every wait.at_most impossible.impossible", "module", R"yaml(uses: [pvs]
actions:
  server.serving:
    on: server
    does: serve(on)
    run:
      wait: {until: on.stream == running, every: 30s, at_most: 20m}
    undo: {impossible: Time that has passed does not come back.}
)yaml"},
    {"script.file script.uses", "module", R"yaml(uses: [pvs]
actions:
  looked:
    on: server
    does: nothing
    run:
      powershell: {file: scripts/look.ps1, uses: windows/host}
)yaml"},
    {"module.procedures procedure.summary procedure.on procedure.parameters procedure.steps procedure.recover",
     "module",
     R"yaml(uses: [pvs]
procedures:
  server.paused:
    summary: Stop a server, and start it once somebody has looked.
    on: server
    parameters: {why: string}
    steps:
      - {id: stop, do: pvs.stream.stop}
      - {id: look, approve: "Go on with ${on.name}? It was stopped for this: ${why}"}
      - {id: start, do: pvs.stream.start}
    recover:
      - {when: on.stream == stopped, do: pvs.stream.start}
)yaml"},
    // ---- policies ----------------------------------------------------------------------------------------------
    {"policy.policy policy.summary policy.uses policy.parameters policy.waivable", "policy", R"yaml(policy: pilot-first
summary: One server is tried before the others.
uses: [pvs]
parameters:
  pilot: server
invariants:
  - name: The pilot stops first
    require: every stop(server p) where p == pilot before every stop(server s) where s != pilot
waivable: The pilot stops first
)yaml"},
};

// A key that a document cannot do without, and how it is added where an example lacks it.
struct Missing {
    std::string_view document;
    std::string_view key;
    std::string_view text;
};
constexpr Missing frame[] = {
    {"plan", "plan", "plan: example\n"},     {"plan", "uses", "uses: [pvs]\n"},
    {"plan", "farm", "farm: ./farm.yaml\n"}, {"plan", "steps", "steps:\n  - {do: pvs.stream.stop, on: pvs01}\n"},
    {"farm", "farm", "farm: example\n"},     {"farm", "uses", "uses: [pvs]\n"},
    {"module", "module", "module: desk\n"},  {"policy", "policy", "policy: example\n"},
    {"policy", "uses", "uses: [pvs]\n"},
};

// A whole word: "step.on" is no part of "step.on_failure".
bool has_word(std::string_view words, std::string_view wanted) {
    for (std::size_t at = words.find(wanted); at != std::string_view::npos; at = words.find(wanted, at + 1)) {
        const std::size_t end = at + wanted.size();
        if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
    }
    return false;
}

// At the begin of a line, where only keys of the document itself stand.
bool has_key(std::string_view text, std::string_view key) {
    const std::string begin = std::string(key) + ":";
    return text.starts_with(begin) || text.find("\n" + begin) != std::string_view::npos;
}

}  // namespace

std::span<const Example> examples() { return all_examples; }

const Example* example_of(std::string_view shape, std::string_view key) {
    const std::string wanted = std::string(shape) + "." + std::string(key);
    for (const Example& example : all_examples)
        if (has_word(example.keys, wanted)) return &example;
    return nullptr;
}

std::string document_of(const Example& example) {
    std::string text;
    for (const Missing& part : frame)
        if (part.document == example.document && !has_key(example.text, part.key)) text += part.text;
    // The first key says what a document is.
    return has_key(example.text, example.document) ? std::string(example.text) + text
                                                   : text + std::string(example.text);
}

}  // namespace pvsplan::grammar

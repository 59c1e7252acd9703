// The examples of the language's own description.
#include <catch2/catch.hpp>

#include "tests/unit/syntax/reading.hpp"

using namespace pvsplan;
using namespace pvsplan::syntax;
using tests::Parsed;

TEST_CASE("the plan of the language description") {
    const Parsed p(R"(plan: rolling-upgrade
summary: Upgrade one server at a time while its targets keep streaming.
uses: [pvs, ./modules/site.yaml]
policies: [pvs/farm-upgrade, pvs/rolling, ./policies/production.yaml]
farm: ./farms/contoso.yaml            # a default; --farm overrides it

parameters:
  version: {type: version, summary: The version to upgrade to}
  media:   {type: string, summary: The share that holds the installers}
  method:  {type: [wizard, script], default: wizard}

steps:
  - id: backup
    do: pvs.database.backup
    with: {directory: "\\\\nas01\\pvs-backup"}

  - id: consoles-closed
    for_each: c in consoles
    at_most: all
    do: pvs.console.close
    on: c

  - id: first
    do: pvs.server.rolling_upgrade
    on: first(servers)
    with: {version: "${version}", media: "${media}", upgrade_database: true}

  - id: first-checked
    approve: Boot a target device from the first server and check that it works.

  - id: rest
    for_each: s in rest(servers)
    at_most: 1
    do: pvs.server.rolling_upgrade
    on: s
    with: {version: "${version}", media: "${media}", upgrade_database: false}

invariants:
  - name: Consoles come after servers
    require: every upgrade(server) before every upgrade(console)
    because: The console is not backward compatible.
)");
    INFO(p.report());
    CHECK(p.found().empty());
    REQUIRE(p.document);
    const auto& plan = p.as<PlanDocument>();
    CHECK(plan.name.value == "rolling-upgrade");
    CHECK(plan.uses.size() == 2);
    CHECK(plan.policies[2].value == "./policies/production.yaml");
    CHECK(p.at(plan.policies[2].span) == "./policies/production.yaml");
    CHECK(plan.farm->value == "./farms/contoso.yaml");
    REQUIRE(plan.parameters.size() == 3);
    CHECK(plan.parameters[2].type.form == TypeName::Form::enumeration);
    CHECK(plan.parameters[2].type.enumerators[1].value == "script");
    REQUIRE(plan.steps.size() == 5);
    CHECK(plan.steps[0].type == Step::Type::call);
    CHECK(plan.steps[0].with[0].value.scalar->text() == R"(\\nas01\pvs-backup)");
    CHECK_FALSE(plan.steps[0].with[0].value.scalar->is_plain);
    CHECK(plan.steps[1].for_each->variable.value == "c");
    CHECK(p.at(plan.steps[1].for_each->list.span) == "consoles");
    CHECK(plan.steps[1].at_most->number.text() == "all");
    CHECK(plan.steps[2].on->form == Expression::Form::call);
    CHECK(plan.steps[2].on->text == "first");
    CHECK(p.at(plan.steps[2].on->args[0].span) == "servers");
    const Template& version = *plan.steps[2].with[0].value.scalar;
    REQUIRE(version.is_expression());
    CHECK(version.parts[0].expression->text == "version");
    CHECK(p.at(version.parts[0].expression->span) == "version");
    CHECK(plan.steps[2].with[2].value.scalar->is_plain);
    CHECK(plan.steps[3].type == Step::Type::approval);
    const RequirementText& require = plan.invariants[0].require;
    CHECK(require.form == RequirementText::Form::before);
    CHECK(require.left->verb.value == "upgrade");
    CHECK(require.right->kind.value == "console");
    CHECK(p.at(require.right->span) == "upgrade(console)");
}

TEST_CASE("the farm of the language description") {
    const Parsed p(R"(farm: contoso
uses: [pvs]
defaults:
  server: {connect: {over: winrm, user: CONTOSO\svc-pvs, password: "${secret.winrm}"}, state: {version: 2203}}
databases:
  - {name: ProvisioningDB, instance: sql01.contoso.local}
servers:
  - {name: pvs01, address: pvs01.contoso.local, site: east}
  - {name: pvs02, address: pvs02.contoso.local, site: west, state: {stream: stopped}}
consoles:
  - {name: admin-ws-01, address: admin-ws-01.contoso.local}
targets:
  csv: targets.csv
)");
    INFO(p.report());
    CHECK(p.found().empty());
    const auto& farm = p.as<FarmDocument>();
    REQUIRE(farm.lists.size() == 4);
    CHECK(farm.lists[0].plural.value == "databases");
    CHECK(farm.lists[1].objects[1].state[0].value.scalar->text() == "stopped");
    CHECK(farm.lists[1].objects[0].attributes.size() == 2);
    CHECK(farm.lists[3].csv->value == "targets.csv");
    REQUIRE(farm.defaults.size() == 1);
    CHECK(farm.defaults[0].connect[1].value.scalar->text() == "CONTOSO\\svc-pvs");
    CHECK(farm.defaults[0].connect[2].value.scalar->is_expression());
}

TEST_CASE("the module of the language description") {
    const Parsed p(R"(module: pvs
summary: Citrix Provisioning farms.

kinds:
  server:
    plural: servers
    attributes: {address: {type: string}, site: {type: string, default: default}}
    state:
      version: {type: version}
      stream:  {type: [running, stopped]}
    observe:                     # how the state is read off the real object
      powershell: |
        @{ version = 1; stream = 2 } | ConvertTo-Json

predicates:
  down(server s): s.stream == stopped
  streaming(server s): s.stream == running

actions:
  stream.stop:
    summary: Stop the Stream Service; its target devices fail over to other servers.
    on: server
    requires: on.stream == running
    does: stop(on)
    sets: {on.stream: stopped}
    run: {powershell: "Stop-Service StreamService"}
    timeout: 5m
    undo: {do: pvs.stream.start}

  server.install:
    on: server
    parameters: {version: {type: version}, media: {type: string}}
    requires: on.stream == stopped
    does: upgrade(on)
    sets: {on.version: "${version}"}
    run: {powershell: "Install", exit_codes: [0, 3010]}
    outputs: {restart: "${exit == 3010}"}
    undo: {do: pvs.server.reinstall, with: {version: "${before.version}"}}

procedures:
  server.rolling_upgrade:
    on: server
    parameters: {version: {type: version}, media: {type: string}, upgrade_database: {type: bool, default: false}}
    steps:
      - {id: stop, do: pvs.stream.stop, on: on}
      - {id: install, do: pvs.server.install, on: on, with: {version: "${version}", media: "${media}"}}
)");
    INFO(p.report());
    CHECK(p.found().empty());
    const auto& module = p.as<ModuleDocument>();
    REQUIRE(module.kinds.size() == 1);
    CHECK(module.kinds[0].observe->type == BodyText::Type::powershell);
    CHECK(module.kinds[0].observe->script.value == "@{ version = 1; stream = 2 } | ConvertTo-Json\n");
    REQUIRE(module.predicates.size() == 2);
    CHECK(module.predicates[0].variable.value == "s");
    CHECK(p.at(module.predicates[0].condition.args[1].span) == "stopped");
    REQUIRE(module.actions.size() == 2);
    CHECK(module.actions[0].sets[0].attribute.value == "stream");
    CHECK(module.actions[0].sets[0].object.text == "on");
    CHECK(module.actions[1].run->exit_codes.size() == 2);
    CHECK(module.actions[1].undo->steps[0].with[0].value.scalar->parts[0].expression->form == Expression::Form::member);
    CHECK(module.actions[1].outputs[0].value.is_expression());
    CHECK(module.procedures[0].steps.size() == 2);
}

TEST_CASE("the policy of the language description") {
    const Parsed p(R"(policy: rolling
uses: [pvs]
invariants:
  - name: One server at a time
    require: always at most 1 down(server)
    because: A server that is being upgraded serves no target device.
  - name: Every site keeps streaming
    require: always at least 1 streaming(server s) per s.site
)");
    INFO(p.report());
    CHECK(p.found().empty());
    const auto& policy = p.as<PolicyDocument>();
    REQUIRE(policy.invariants.size() == 2);
    CHECK(policy.invariants[0].require.bound == Demand::Bound::at_most);
    CHECK(p.at(policy.invariants[1].require.per->span) == "s.site");
    CHECK(policy.invariants[1].require.state->variable->value == "s");
}

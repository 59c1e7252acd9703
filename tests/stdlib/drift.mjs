// Every action of the standard library next to its script: what the one promises and the other does.
//
//     node drift.mjs          prints what is not so, one line each; ends with 1 where there is any
import fs from "node:fs";
import path from "node:path";
import {fileURLToPath} from "node:url";
import {parse as parseYaml} from "yaml";
import * as known from "./known.mjs";
import {argumentsOf, bare, nameOf, nodes, parse, place} from "./powershell.mjs";
import {statementFaults} from "./tsql.mjs";

const library = fileURLToPath(new URL("../../stdlib", import.meta.url));
let faults = [];
const fault = (where, what) => faults.push(`${where}: ${what}`);
let changed = {};  // by the name of a file: what is read in place of its text
const read = (name) => (changed[name] ?? ((text) => text))(fs.readFileSync(path.join(library, name), "utf8"));
const once = (make, known = new Map()) => (text) => {
  if (!known.has(text)) known.set(text, make(text));
  return known.get(text);
};
const parsed = once(parse);
const statementsOf = once((text) => statementFaults(parsed(text)));
const syntaxOf = once((text) => syntaxFaults(parsed(text)));
const same = (a, b) => [...new Set(a)].sort().join() === [...new Set(b)].sort().join();

// ---- files ----------------------------------------------------------------------------------------------------------
class Script {
  constructor(file) {
    this.name = path.relative(library, file);
    this.text = read(this.name);
    this.root = parsed(this.text);
    this.functions = new Map();
    for (const one of nodes(this.root, "function_statement")) this.functions.set(one.namedChildren.find((c) => c.type === "function_name").text, one);
  }
}

export function syntaxFaults(root) {
  const found = [];
  for (const node of nodes(root)) {
    if (node.isError || node.isMissing) found.push(`${place(node)} is no PowerShell: ${node.text.slice(0, 40)}`);
    const isToken = node.childCount === 0 && !["string_literal", "expandable_string_literal", "comment"].includes(node.parent?.type);
    if (isToken && known.laterTokens.has(node.text)) found.push(`${place(node)} \`${node.text}\` came after 5.1`);
    if (node.type === "ternary_expression" && node.namedChildCount > 1) found.push(`${place(node)} ?: came after 5.1`);
    if (node.type === "command_parameter" && known.laterParameters.has(node.text)) found.push(`${place(node)} ${node.text} came after 5.1`);
    // "$On.name" is the whole object and then ".name".
    if (node.type === "expandable_string_literal" && /(^|[^`$])\$(?!PID\b)\w+\.[a-z]/i.test(node.text.replace(/\$\([^)]*\)/g, ""))) found.push(`${place(node)} a member in a text wants $(…)`);
  }
  return found;
}

const isWithin = (node, outer) => {
  for (let at = node; at; at = at.parent) if (at.id === outer.id) return true;
  return false;
};
const functionAround = (node) => {
  for (let at = node; at; at = at.parent) if (at.type === "function_statement") return at;
  return null;
};

// ---- what a script reaches ------------------------------------------------------------------------------------------
class Reach {
  constructor(script, uses) {
    this.files = [...uses, script];
    this.functions = new Map(this.files.flatMap((file) => [...file.functions].map(([name, node]) => [name, {file, node}])));
    this.used = new Set();
    this.called = new Set();
    this.changes = [];
    this.exits = [];
    this.marksRead = new Set();
    this.walk(script.root, new Map(), script, []);
  }

  // Texts of arguments with the parameters of the function around replaced by what it was given.
  bound(text, given) {
    const whole = text.replace(/^\((.*)\)$/s, "$1").trim();
    const joined = whole.match(/^(\$\w+) \+ '(\w+)'$/);
    if (joined && given.has(joined[1])) return given.get(joined[1]) + joined[2];
    return (given.get(text) ?? text).replace(/^'([^']*)'$/, "$1");
  }

  walk(node, given, file, stack) {
    if (node.type === "function_statement" && node.id !== stack.at(-1)) return;
    if (node.type === "flow_control_statement" && /^exit\b/i.test(node.text)) this.exits.push(node.text.replace(/^exit\s*/i, "").trim());
    if (node.type === "command") this.command(node, given, file, stack);
    for (const child of node.children) this.walk(child, given, file, stack);
  }

  command(node, given, file, stack) {
    const name = nameOf(node);
    if (!name) return;
    this.called.add(name);
    const values = argumentsOf(node).map((text) => this.bound(text, given));
    if (name === "Get-Mark") this.marksRead.add(values[0]);
    const change = known.changeOf(name, values);
    if (change) this.changes.push(change);
    const found = this.functions.get(name);
    if (!found || stack.includes(found.node.id)) return;
    this.used.add(found.file);
    const parameters = [...nodes(found.node, "script_parameter")].map((one) => one.namedChildren.find((c) => c.type === "variable").text);
    this.walk(found.node, new Map(parameters.map((parameter, i) => [parameter, values[i] ?? "$null"])), found.file, [...stack, found.node.id]);
  }
}

// ---- a body next to what it belongs to ------------------------------------------------------------------------------
const scripts = new Map();
function scriptAt(file) {
  if (!scripts.has(file)) scripts.set(file, new Script(file));
  return scripts.get(file);
}

function reachOf(module, body) {
  const file = path.join(library, module, body.powershell.file);
  const uses = [body.powershell.uses ?? []].flat().map((name) => scriptAt(path.join(library, `${name}.ps1`)));
  return {script: scriptAt(file), uses, reach: new Reach(scriptAt(file), uses)};
}

function membersRead(script, root) {
  const read = new Set();
  for (const member of nodes(script.root, "member_access"))
    if (bare(member.namedChildren[0]).toLowerCase() === root.toLowerCase()) read.add(member.namedChildren.at(-1).text);
  return read;
}

function holdCommands(where, {script, uses, reach}) {
  for (const name of reach.called)
    if (!name.startsWith("(") && !reach.functions.has(name) && !known.commands.has(name) && !known.sdk.has(name) && !known.programs.has(name)) fault(where, `nobody knows the command ${name}`);
  const variables = new Map(uses.map((file) => [file, file.root.namedChildren.flatMap((list) => [...nodes(list, "assignment_expression")]).filter((one) => !functionAround(one)).map((one) => bare([...nodes(one, "variable")][0]).toLowerCase())]));
  const readIn = (file) => [...nodes(file.root, "variable")].map((one) => bare(one).toLowerCase());
  for (const file of uses) {
    const isRead = [script, ...reach.used].some((other) => other !== file && readIn(other).some((name) => variables.get(file).includes(name)));
    if (!reach.used.has(file) && !isRead) fault(where, `uses ${file.name}, and calls nothing of it`);
  }
}

function holdVariables(where, {script, uses}, {parameters, attributes, states, alsoRead}) {
  const read = membersRead(script, "With");
  for (const name of read) if (!(name in parameters)) fault(where, `reads $With.${name}, which is no parameter`);
  for (const name of Object.keys(parameters))
    if (!read.has(name) && !new RegExp(`\\b${name}\\b`).test(alsoRead)) fault(where, `has the parameter ${name}, which nothing reads`);
  for (const name of membersRead(script, "On")) if (name !== "name" && !(name in attributes)) fault(where, `reads $On.${name}, which is no attribute`);
  for (const name of membersRead(script, "Before")) if (!(name in states)) fault(where, `reads $Before.${name}, which is no state`);
  if (membersRead(script, "Secret").size) fault(where, "reads a secret, of which there is none");
  for (const file of uses)
    for (const root of ["With", "On", "Before", "Secret"])
      if ([...nodes(file.root, "variable")].some((one) => bare(one) === root)) fault(file.name, `reads $${root}: a function is given what it needs`);
}

// Members of the one object that a script writes.
function membersWritten(script) {
  const keys = new Set();
  for (const chain of nodes(script.root, "pipeline_chain")) {
    if (!/\|\s*ConvertTo-Json\b/.test(chain.text)) continue;
    const subject = chain.namedChildren[0];
    for (const key of nodes(subject, "key_expression")) keys.add(key.text);
    const variable = subject.text.match(/^\$(\w+)$/)?.[1];
    if (!variable) continue;
    for (const assignment of nodes(script.root, "assignment_expression")) {
      const left = assignment.namedChildren[0].text;
      if (left === `$${variable}`) for (const key of nodes(assignment, "key_expression")) keys.add(key.text);
      if (left.startsWith(`$${variable}.`)) keys.add(left.split(".")[1]);
    }
  }
  return keys;
}

function holdExits(where, reach, codes) {
  for (const exit of reach.exits)
    if (/^\d+$/.test(exit) && exit !== "0" && exit !== "1" && !codes.includes(Number(exit))) fault(where, `ends with ${exit}, which is no success of it`);
  for (const code of codes) if (code !== 0 && !reach.exits.includes(String(code))) fault(where, `takes ${code} for success, and never ends with it`);
}

// `${version}` is what the script has as $With.version.
function isSame(promised, done) {
  const parameter = String(promised).match(/^\$\{(\w+)\}$/)?.[1];
  if (parameter) return done === `$With.${parameter}`;
  return done === String(promised);
}

function holdEffects(where, reach, promised, kinds) {
  const brought = new Map();
  for (const {key, value} of reach.changes) {
    const states = kinds.flatMap(([role, kind]) => Object.entries(known.states[kind] ?? {}).filter(([, state]) => state.by.test(key)).map(([name]) => `${role}.${name}`));
    const meant = states.filter((state) => state in promised);
    for (const state of meant) brought.set(state, [...(brought.get(state) ?? []), value]);
    if (!meant.length && !known.besides.some(([pattern]) => pattern.test(key))) fault(where, `changes ${key}, and sets nothing of it`);
  }
  for (const [state, value] of Object.entries(promised)) {
    const values = brought.get(state);
    if (!values) fault(where, `sets ${state}, and its script does nothing about it`);
    // A computed value, or a product's, is what is looked at afterwards.
    else if (!values.some((done) => isSame(value, done) || /^(due|done|allowed|closed)$/.test(value) || /^\(|installed/.test(done) || (done === "set" && /startup$/.test(state)) || done === "restarted"))
      fault(where, `sets ${state} to ${value}, and its script leaves ${values.join(" or ")}`);
  }
}

// ---- modules --------------------------------------------------------------------------------------------------------
function kindOf(documents, name) {
  for (const [module, document] of documents) if (document.kinds?.[name]) return {full: `${module}.${name}`, ...document.kinds[name]};
  return null;
}

function holdKind(module, name, kind, everyReach) {
  if (!kind.observe) return;
  const where = `${module}.${name}`;
  const found = reachOf(module, kind.observe);
  everyReach.push(found);
  holdCommands(where, found);
  holdVariables(where, found, {parameters: {}, attributes: kind.attributes ?? {}, states: {}, alsoRead: ""});
  holdExits(where, found.reach, [0]);
  if (!same(membersWritten(found.script), Object.keys(kind.state))) fault(where, `its observation writes ${[...membersWritten(found.script)]}, its states are ${Object.keys(kind.state)}`);
  if (!same(Object.keys(known.states[where] ?? {}), Object.keys(kind.state))) fault(where, "has states that known.mjs does not have, or the other way round");
  for (const [state, {seen}] of Object.entries(known.states[where] ?? {}))
    for (const one of seen)
      if (!found.reach.called.has(one) && !found.reach.marksRead.has(one.replace(/^mark /, ""))) fault(where, `does not look at ${one}, which tells ${state}`);
  for (const {key} of found.reach.changes) fault(where, `changes ${key} while it only observes`);
}

function holdAction(documents, module, name, action, everyReach) {
  const where = `${module}.${name}`;
  if (!action.run.powershell?.file) {
    fault(where, "has a script that is in no file");
    return;
  }
  for (const key of ["summary", "on", "does", "takes", "timeout", "undo"]) if (!(key in action)) fault(where, `says no \`${key}\``);
  const found = reachOf(module, action.run);
  everyReach.push(found);
  const kind = kindOf(documents, action.on);
  const parameters = action.parameters ?? {};
  holdCommands(where, found);
  holdVariables(where, found, {parameters, attributes: kind.attributes ?? {}, states: kind.state ?? {},
    alsoRead: JSON.stringify([action.requires, action.sets, action.undo, action.run.at])});
  holdExits(where, found.reach, action.run.exit_codes ?? [0]);
  const outputs = JSON.stringify(action.outputs ?? {});
  if (!same(membersWritten(found.script), [...outputs.matchAll(/json\.(\w+)/g)].map((match) => match[1]))) fault(where, `writes ${[...membersWritten(found.script)]}, its outputs are ${outputs}`);
  const roles = [["on", kind.full], ...Object.entries(parameters).filter(([, one]) => kindOf(documents, one.type)).map(([role, one]) => [role, kindOf(documents, one.type).full])];
  holdEffects(where, found.reach, action.sets ?? {}, roles);
}

// ---- all files ------------------------------------------------------------------------------------------------------
function holdFile(script, everyReach, named, lines) {
  for (const found of syntaxOf(script.text)) fault(script.name, found);
  if (!named.has(script)) fault(script.name, "no action uses it");
  for (const [name] of script.functions) if (!everyReach.some(({reach}) => reach.called.has(name))) fault(script.name, `nobody calls ${name}`);
  for (const command of nodes(script.root, "command")) {
    const around = functionAround(command)?.namedChildren.find((one) => one.type === "function_name").text;
    const allowed = known.onlyIn[nameOf(command)];
    if (allowed && !allowed.includes(around)) fault(script.name, `${place(command)} ${nameOf(command)} changes something past the functions that do`);
  }
  // Names are bound: a slip is a variable that nobody sets.
  const here = [script, ...everyReach.filter((one) => one.script === script || one.uses.includes(script)).flatMap(({uses}) => uses)];
  const assigned = (root) => [...nodes(root, "assignment_expression")].map((one) => [...nodes(one, "variable")][0])
    .concat([...nodes(root, "script_parameter")].map((one) => one.namedChildren.find((c) => c.type === "variable")), [...nodes(root, "foreach_statement")].map((one) => one.namedChildren.find((c) => c.type === "variable")))
    .filter(Boolean).map((one) => bare(one).toLowerCase());
  const set = new Set(here.flatMap((file) => assigned(file.root)));
  for (const variable of nodes(script.root, "variable")) {
    const name = bare(variable);
    if (/^env:/i.test(name) || known.automatic.has(name) || ["With", "On", "Before", "Secret"].includes(name)) continue;
    if (!set.has(name.toLowerCase())) fault(script.name, `${place(variable)} nobody sets $${name}`);
  }
  // A script that is one call of a function says nothing twice.
  const text = script.text.trim().split("\n").map((one) => one.trim());
  for (const line of new Set(text.length > 1 ? text : [])) {
    if (line.length < 60 || line.startsWith("#")) continue;
    if (lines.has(line)) fault(script.name, `stands in ${lines.get(line)} too: ${line}`);
    lines.set(line, script.name);
  }
  for (const found of statementsOf(script.text)) fault(script.name, found);
}

function holdFiles(everyReach) {
  const folders = ["windows", "sqlserver", "pvs"].flatMap((module) => [module, `${module}/scripts`]);
  const all = folders.flatMap((folder) => fs.readdirSync(path.join(library, folder)).filter((name) => name.endsWith(".ps1")).map((name) => scriptAt(path.join(library, folder, name))));
  const named = new Set(everyReach.flatMap(({script, uses}) => [script, ...uses]));
  const lines = new Map();
  for (const script of all) holdFile(script, everyReach, named, lines);
  return all.length;
}

// facts.md names functions and actions.
function holdFacts(documents, everyReach) {
  const names = [...read("pvs/facts.md").matchAll(/`([A-Za-z][\w.-]*)`/g)].map((match) => match[1]);
  const actions = new Set([...documents].flatMap(([module, document]) => Object.keys(document.actions).flatMap((name) => [name, `${module}.${name}`])));
  for (const name of names) {
    if (/^[A-Z][a-z]+-[A-Z]\w+$/.test(name) && !everyReach.some(({reach}) => reach.functions.has(name))) fault("pvs/facts.md", `names the function ${name}`);
    if (/^[a-z]+\.[a-z_]+$/.test(name) && !/\.(md|exe|ps1)$/.test(name) && !actions.has(name)) fault("pvs/facts.md", `names the action ${name}`);
  }
}

// What is not as promised, with some files as `changes` makes them.
function examine(changes) {
  faults = [];
  changed = changes;
  scripts.clear();
  const documents = new Map(["windows", "sqlserver", "pvs"].map((module) => [module, parseYaml(read(`${module}/module.yaml`))]));
  const everyReach = [];
  for (const [module, document] of documents) {
    for (const [name, kind] of Object.entries(document.kinds)) holdKind(module, name, kind, everyReach);
    for (const [name, action] of Object.entries(document.actions)) holdAction(documents, module, name, action, everyReach);
  }
  const files = holdFiles(everyReach);
  holdFacts(documents, everyReach);
  return {faults, walked: everyReach.length, files};
}

const found = examine({});

// ---- the test itself: each of these is wrong, and is found ----------------------------------------------------------
const missed = [];
for (const wrong of ["$a = $b ? 1 : 2", "$a ?? 1", "Get-Item a && Get-Item b", "1..3 | ForEach-Object -Parallel { $_ }", "if ($a) { 1 ", "\"x $On.name\"", "$x | ConvertFrom-Json -AsHashtable"])
  if (!syntaxFaults(parse(wrong)).length) missed.push(`takes \`${wrong}\` for Windows PowerShell 5.1`);
for (const wrong of ["Invoke-Statement $m 'BACKUP DATABSE x TO DISK = @file'", "Read-Statement $m 'SELECT FROM WHERE'", "Invoke-Statement $m 'RESTORE DATABASE [x] FORM DISK = @file'"])
  if (!statementFaults(parse(wrong)).length) missed.push(`takes \`${wrong}\` for T-SQL`);
const drifts = [
  ["a mark that the model does not have", "pvs/scripts/server-withdraw.ps1", "Configured", "Configuration"],
  ["a mark that nobody leaves", "pvs/scripts/observe-server.ps1", "Get-Mark Ready", "Get-Mark IsReady"],
  ["another value than it sets", "pvs/scripts/server-forget-check.ps1", "$With.version", "'0'"],
  ["an output that it does not write", "sqlserver/scripts/backup.ps1", "@{ file =", "@{ path ="],
  ["a status that is no success", "pvs/scripts/console-install.ps1", "3010", "3011"],
  ["a service that it does not set", "pvs/scripts/stream-stop.ps1", "StreamService", "soapserver"],
  ["a parameter that there is not", "pvs/scripts/server-check.ps1", "$With.media", "$With.share"],
  ["a change past the functions", "pvs/scripts/console-look.ps1", "'no console is open'", "Stop-Process -Name mmc"],
  ["an observation that changes", "pvs/scripts/observe-console.ps1", "$open =", "Set-Mark Console 1; $open ="],
  ["a state that is not observed", "windows/scripts/observe-service.ps1", "startup =", "start ="],
  ["a command of nobody", "windows/scripts/host-check.ps1", "Write-Verdict", "Write-Verdicts"],
  ["a variable that nobody sets", "pvs/install.ps1", "[version]$installed", "[version]$instaled"],
  ["a promise that no script keeps", "pvs/module.yaml", "does: verify(on)", "does: verify(on)\n    sets: {on.ready: 0}"],
  ["a promise of another value", "pvs/module.yaml", "sets: {on.version: 0, on.configured: 0", "sets: {on.version: 0, on.configured: 1"],
  ["a parameter that nobody reads", "windows/module.yaml", "gigabytes: {", "megabytes: {type: int}\n      gigabytes: {"],
  ["no estimate", "sqlserver/module.yaml", "    takes: 5s\n", ""],
  ["a fact that nothing keeps", "pvs/facts.md", "`Test-Backup`", "`Test-Backups`"],
];
for (const [what, file, from, to] of drifts) {
  const isThere = fs.readFileSync(path.join(library, file), "utf8").includes(from);
  if (!isThere || !examine({[file]: (text) => text.replaceAll(from, () => to)}).faults.length) missed.push(`does not find ${what} in ${file}`);
}

for (const one of found.faults) console.log(one);
for (const one of missed) console.log(`the test ${one}`);
console.log(`${found.walked} actions and observations, ${found.files} scripts, ${found.faults.length} not as promised`);
process.exit(found.faults.length || missed.length || found.walked < 50 ? 1 : 0);

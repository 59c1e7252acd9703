// The extension for VS Code: the .vsix holds what it should, its colours are right by the grammars that VS Code has, and
// it begins in a stand-in for the module `vscode`, with the real server. A real VS Code cannot be had here.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import Module, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, end, pvsplan, root, shipped } from "./shipped.mjs";

const require = createRequire(import.meta.url);
const extension = join(root, "runtime", "lsp", "editors", "vscode");
const of_extension = createRequire(join(extension, "package.json"));
const folder = mkdtempSync(join(tmpdir(), "pvsplan-vscode-"));
const source = (path) => readFileSync(join(root, path), "utf8");

// By name, what a .vsix holds.
async function unpacked(path) {
  const zip = await new Promise((done, failed) => of_extension("yauzl").open(path, { lazyEntries: true }, (why, opened) => (why ? failed(why) : done(opened))));
  const files = new Map();
  const read = (entry) => new Promise((done, failed) => zip.openReadStream(entry, (why, stream) => {
    if (why) return failed(why);
    const parts = [];
    stream.on("data", (part) => parts.push(part)).on("end", () => done(Buffer.concat(parts).toString("utf8"))).on("error", failed);
  }));
  await new Promise((done, failed) => {
    zip.on("entry", (entry) => read(entry).then((text) => (files.set(entry.fileName, text), zip.readEntry()), failed)).on("end", done);
    zip.readEntry();
  });
  return files;
}

async function packaged() {
  const target = join(folder, "pvsplan.vsix");
  const made = spawnSync(process.execPath, [join(extension, "package.mjs"), target], { encoding: "utf8" });
  check(made.status === 0, () => `no .vsix: ${made.stderr}`);
  const files = await unpacked(target);
  const wanted = ["[Content_Types].xml", "extension.vsixmanifest", "extension/LICENSE.txt", "extension/dist/extension.js", "extension/language-configuration.json", "extension/package.json", "extension/readme.md", "extension/syntaxes/pvsplan.tmLanguage.json"];
  check(JSON.stringify([...files.keys()].sort()) === JSON.stringify(wanted.sort()), () => `it holds ${[...files.keys()]}`);
  return files;
}

// ---- colours ----

const builtin = (name, file) => readFileSync(require.resolve(`@codingame/monaco-vscode-${name}-default-extension/package.json`).replace("package.json", join("resources", file)), "utf8");

async function grammar_of(text) {
  const { OnigScanner, OnigString, loadWASM } = require("vscode-oniguruma");
  const { Registry, parseRawGrammar } = require("vscode-textmate");
  await loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
  const files = { "source.pvsplan": text, "source.powershell": builtin("powershell", "powershell.tmLanguage.json"), "source.sql": builtin("sql", "sql.tmLanguage.json"), "source.yaml": builtin("yaml", "yaml.tmLanguage.json") };
  for (const version of ["1.0", "1.1", "1.2", "1.3"]) files[`source.yaml.${version}`] = builtin("yaml", `yaml-${version}.tmLanguage.json`);
  files["source.yaml.embedded"] = builtin("yaml", "yaml-embedded.tmLanguage.json");
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner: (patterns) => new OnigScanner(patterns), createOnigString: (line) => new OnigString(line) }),
    loadGrammar: async (scope) => (files[scope] ? parseRawGrammar(files[scope], `${scope}.json`) : null),
  });
  const { INITIAL } = require("vscode-textmate");
  const grammar = await registry.loadGrammar("source.pvsplan");
  // [{line, text, scopes}] of a whole document
  return (document) => {
    let stack = INITIAL;
    return document.split("\n").flatMap((line, at) => {
      const told = grammar.tokenizeLine(line, stack);
      stack = told.ruleStack;
      return told.tokens.map((token) => ({ line: at, whole: line, text: line.slice(token.startIndex, token.endIndex), scopes: token.scopes.join(" ") }));
    });
  };
}

const scripts = `module: x
actions:
  one:
    on: server
    requires: on.stream == running and on.site in ["east", "west"]
    does: stop(on)
    sets: {on.version: "\${before.version}"}
    run:
      powershell: |
        # a comment
        if ($On.name -eq "x") {

          Stop-Service -Name StreamService
        }
      exit_codes: [0, 3010]
    undo: {nothing: "costs $\${5}"}
  two:
    run: {sql: "SELECT name FROM servers", at: on}
    takes: 5m
  three:
    run:
      sql: |
        UPDATE dbo.Site SET name = :With.name
        WHERE id = 1
predicates:
  down(server s): s.stream == stopped
`;

function colours(tokens_of) {
  const scripted = tokens_of(scripts);
  const at = (tokens, text, scope, line = "") =>
    check(tokens.some((token) => token.text.trim() === text && token.whole.includes(line) && token.scopes.includes(scope)),
      () => `\`${text}\` is no ${scope} in \`${line}\`: ${tokens.filter((token) => token.text.includes(text) && token.whole.includes(line)).map((token) => token.scopes).slice(0, 3).join(" | ")}`);
  at(scripted, "requires", "entity.name.tag");
  at(scripted, "and", "keyword.operator.word.pvsplan", "requires:");
  at(scripted, "in", "keyword.operator.word.pvsplan", "requires:");
  at(scripted, "stop", "entity.name.function.pvsplan", "does:");
  at(scripted, "before", "variable.other.readwrite.pvsplan", "sets:");
  at(scripted, "$${", "constant.character.escape.pvsplan", "undo:");
  at(scripted, "if", "meta.embedded.block.powershell", "$On.name");
  at(scripted, "# a comment".slice(2), "comment.line.powershell", "# a comment");
  at(scripted, "exit_codes", "entity.name.tag");
  at(scripted, "SELECT", "meta.embedded.block.sql", "SELECT");
  at(scripted, "at", "entity.name.tag", "SELECT");
  at(scripted, "WHERE", "meta.embedded.block.sql", "WHERE");
  at(scripted, "down", "entity.name.function.predicate.pvsplan");
  at(scripted, "==", "keyword.operator.pvsplan", "down(server s)");
  const lines = scripts.split("\n");
  for (const [language, first, last] of [["powershell", 9, 13], ["sql", 22, 23]])
    for (let line = first; line <= last; line += 1)
      check(lines[line] === "" || scripted.some((token) => token.line === line && token.scopes.includes(`meta.embedded.block.${language}`)), () => `line ${line + 1} is no ${language}: ${lines[line]}`);
  for (const key of ["takes", "undo", "predicates"]) at(scripted, key, "entity.name.tag");

  const rolling = tokens_of(source("plans/rolling-upgrade.plan.yaml"));
  at(rolling, "where", "keyword.operator.word.pvsplan", "for_each: s in");
  at(rolling, "first", "support.function.pvsplan", "default:");
  at(rolling, "1", "constant.numeric.pvsplan", "at_most: 1");
  at(rolling, "all", "constant.language.pvsplan", "at_most: all");
  at(rolling, "id", "entity.name.tag", "- id: backup");
  at(rolling, "backup", "string.unquoted.plain", "- id: backup");
  at(rolling, "steps", "variable.other.readwrite.pvsplan", "steps.backup.file");
  const policy = tokens_of(source("stdlib/pvs/rolling.policy.yaml"));
  at(policy, "always", "keyword.control.requirement.pvsplan", "require:");
  at(policy, "most", "keyword.control.requirement.pvsplan", "at most 1");

  for (const { name, text } of shipped)
    for (const token of tokens_of(text))
      check(!token.scopes.includes("invalid."), () => `${name}:${token.line + 1}: \`${token.text}\` is ${token.scopes}`);
}

// The grammar for editors knows each word that ours knows.
function words(text) {
  const keys = [...source("grammar/shapes.cpp").matchAll(/\{"(\w+)",\s*\w+,\s*(?:expression|loop|requirement|event),/g)].map((found) => found[1]).filter((key) => key !== "predicates");
  check(keys.length > 5, () => "no key of an expression is found");
  const listed = JSON.parse(text).repository["key-in-block"].begin;
  for (const key of keys) check(new RegExp(`[(|]${key}[|)]`).test(listed), () => `\`${key}\` holds an expression`);
  const known = JSON.stringify(JSON.parse(text).repository.expression);
  const keywords = ["names", "requirement"].flatMap((file) => [...source(`grammar/${file}.hpp`).matchAll(/Keyword<([^>]+)>/g)]).map((found) => found[1].replace(/[^a-z]/g, "")).filter((word) => word && !["list", "of", "cs"].includes(word) && word !== "s");
  const functions = [...source("compiler/resolve/functions.cpp").matchAll(/\{"(\w+)", Op::/g)].map((found) => found[1]);
  check(keywords.length > 15 && functions.length > 5, () => "no words are found");
  for (const word of [...keywords, ...functions]) check(new RegExp(`[(|:]${word}[|)]`).test(known), () => `\`${word}\` has no colour`);
}

// ---- beginning ----

// All that is asked of it is there, and does nothing.
function anything(known = {}) {
  const made = new Map();
  const target = function () {};
  return new Proxy(target, {
    get(_, name) {
      if (name in known) return known[name];
      if (name === "then" || name === Symbol.toPrimitive || name === Symbol.iterator) return undefined;
      if (name === "prototype") return target.prototype;
      if (!made.has(name)) made.set(name, anything());
      return made.get(name);
    },
    apply: () => anything({ dispose() {} }),
    construct: () => anything({ dispose() {}, fire() {}, event: () => ({ dispose() {} }) }),
  });
}

async function begins(files) {
  const commands = new Map();
  const schemes = [];
  const tasks = [];
  const shown = [];
  const panels = [];
  const told = (name) => (message) => (shown.push(`${name}: ${message}`), Promise.resolve(undefined));
  const settings = { path: pvsplan, parameters: { version: "2402" }, codeLenses: true, inlayHints: {} };
  const disposable = { dispose() {} };
  const plan = { languageId: "pvsplan", isDirty: false, uri: { scheme: "file", fsPath: join(root, "plans", "rolling-upgrade.plan.yaml") } };
  const on = () => disposable;
  const vscode = anything({
    version: "1.91.0",
    workspace: anything({
      getConfiguration: () => ({ get: (key) => settings[key], has: () => false, inspect: () => undefined }),
      registerTextDocumentContentProvider: (scheme) => (schemes.push(scheme), disposable),
      workspaceFolders: [{ uri: { scheme: "file", fsPath: root, toString: () => `file://${root}` }, name: "project", index: 0 }],
      getWorkspaceFolder: () => ({ uri: { fsPath: root }, name: "project", index: 0 }),
      textDocuments: [],
      notebookDocuments: [],
      onDidChangeConfiguration: on, onDidOpenTextDocument: on, onDidCloseTextDocument: on, onDidChangeTextDocument: on, onDidSaveTextDocument: on, onDidChangeWorkspaceFolders: on,
    }),
    commands: { registerCommand: (name, call) => (commands.set(name, call), disposable), executeCommand: async () => undefined },
    tasks: { executeTask: async (task) => tasks.push(task) },
    window: anything({ createWebviewPanel: (...all) => (panels.push({ all, webview: {} }), panels.at(-1)), activeTextEditor: { document: plan }, visibleTextEditors: [], tabGroups: anything({ all: [], onDidChangeTabs: on }), showErrorMessage: told("error"), showWarningMessage: told("warning"), showInformationMessage: told("information") }),
    languages: anything({ match: () => 0 }),
    env: anything({ appName: "a test", language: "en", uiKind: 1 }),
    Task: class { constructor(...all) { this.execution = all[4]; } },
    ProcessExecution: class { constructor(program, args) { Object.assign(this, { program, args }); } },
  });
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
  const bundle = join(folder, "extension.cjs");
  writeFileSync(bundle, files.get("extension/dist/extension.js"));
  const begun = require(bundle);
  await begun.activate({ subscriptions: [] });
  check(shown.length === 0, () => `it says ${shown}`);

  const told_of = JSON.parse(files.get("extension/package.json"));
  for (const { command } of told_of.contributes.commands) check(commands.has(command), () => `\`${command}\` is not there`);
  const own = [...commands.keys()].filter((name) => name !== "pvsplan.verdict").sort();
  check(JSON.stringify(own) === JSON.stringify(told_of.contributes.commands.map(({ command }) => command).sort()), () => `commands that nobody is told of: ${own}`);
  check(commands.has("pvsplan.verdict"), () => "the server has not begun: its command is not there");
  check(schemes.includes("pvsplan"), () => "files of the standard library cannot be opened");
  for (const name of ["validate", "show", "rehearse"]) await commands.get(`pvsplan.${name}`)();
  check(tasks.length === 3 && tasks.every(({ execution }) => execution.program === pvsplan), () => `tasks: ${JSON.stringify(tasks)}`);
  for (const { execution } of tasks) {
    const ran = spawnSync(execution.program, [execution.args[0], ...execution.args.slice(1), "--set", "media=x"], { encoding: "utf8" });
    check(ran.status === 0, () => `${execution.args}: ${ran.status} ${ran.stderr}`);
  }
  settings.parameters.media = "\\\\nas01\\media";
  await commands.get("pvsplan.report")();
  check(panels.length === 1 && /<svg|<table/.test(panels[0].webview.html), () => `no report: ${panels[0]?.webview.html} ${shown}`);
  check(panels[0].webview.html.includes("default-src 'none'"), () => "a script that is not its own would run in it");
  const restricted = told_of.capabilities.untrustedWorkspaces.restrictedConfigurations;
  const of_machine = Object.entries(told_of.contributes.configuration.properties).filter(([, of]) => of.scope === "machine-overridable").map(([name]) => name);
  check(JSON.stringify(restricted) === JSON.stringify(of_machine) && restricted.includes("pvsplan.path"), () => `restricted: ${restricted}`);
  await begun.deactivate();
  Module._load = load;
}

try {
  const files = await packaged();
  const grammar = files.get("extension/syntaxes/pvsplan.tmLanguage.json");
  words(grammar);
  colours(await grammar_of(grammar));
  await begins(files);
  check(source("CMakeLists.txt").includes(`VERSION ${JSON.parse(files.get("extension/package.json")).version} `), () => "its version is not that of the project");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
end("the extension for VS Code");

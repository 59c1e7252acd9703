// yaml-language-server 1.25, which most editors have for YAML: it finds the schema by the line in the file, is silent on
// what is shipped, marks what `validate` marks, and shows the sentence of a key.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { check, end, run, samples, shipped } from "./shipped.mjs";

const require = createRequire(import.meta.url);
const rpc = require("vscode-jsonrpc/node");
const server_file = require.resolve("yaml-language-server/bin/yaml-language-server");

const folder = mkdtempSync(join(tmpdir(), "pvsplan-editor-"));
run(["schema", "--write", ".schema"], { cwd: folder });

const server = spawn(process.execPath, [server_file, "--stdio"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
const yaml = { validate: true, hover: true, completion: true, schemaStore: { enable: false, url: "" }, schemas: {}, customTags: [] };
connection.onRequest("workspace/configuration", ({ items }) => items.map(({ section }) => (section === "yaml" ? yaml : {})));
connection.onRequest("client/registerCapability", () => null);
const waiting = new Map();
connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => waiting.get(uri)?.(diagnostics));
connection.listen();

// Nobody waits for ever.
setTimeout(() => {
  check(false, () => "the server has not answered within twenty minutes");
  finish();
}, 1_200_000).unref();

function finish() {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
  end(`yaml-language-server on ${shipped.length} shipped files and ${samples.length} samples`);
}

// What the server marks in a file with the line that names its schema.
async function open(name, text, document) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const line = `# yaml-language-server: $schema=${relative(dirname(path), join(folder, ".schema", `${document}.json`))}\n`;
  writeFileSync(path, line + text);
  const uri = pathToFileURL(path).href;
  const told = new Promise((done) => waiting.set(uri, done));
  connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text: line + text } });
  return { uri, diagnostics: await told };
}

async function hover(uri, line, character) {
  const answer = await connection.sendRequest("textDocument/hover", { textDocument: { uri }, position: { line, character } });
  return JSON.stringify(answer?.contents ?? "");
}

async function offered(uri, line, character) {
  const answer = await connection.sendRequest("textDocument/completion", { textDocument: { uri }, position: { line, character } });
  return (answer.items ?? answer).map((item) => item.label);
}

await connection.sendRequest("initialize", {
  processId: process.pid,
  rootUri: pathToFileURL(folder).href,
  workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "project" }],
  capabilities: { workspace: { configuration: true }, textDocument: { hover: { contentFormat: ["markdown"] }, completion: { completionItem: { snippetSupport: true } } } },
});
connection.sendNotification("initialized", {});

for (const { name, text, document } of [...shipped, ...samples]) {
  const { diagnostics } = await open(name, text, document);
  check(diagnostics.length === 0, () => `${name}: ${JSON.stringify(diagnostics[0])}`);
}

const wrong = {
  "a misspelt key": ["plan: x\nsteps:\n  - {id: a, approve: yes, retrys: {times: 1}}\n", "plan", "retrys"],
  "a key that is missing": ["policy: x\n", "policy", "invariants"],
  "another form": ["plan: x\nsteps:\n  id: a\n", "plan", "array"],
  "no choice": ["plan: x\nsteps: []\non_failure: retry\n", "plan", "rollback"],
  "a key that does nothing": ["plan: x\nsteps:\n  - {id: a, steps: [], on: b}\n", "plan", "does not go with"],
  "a name that is none": ["plan: Not A Name\nsteps: []\n", "plan", "lower-case"],
  "an option of another transport": ["farm: x\nservers:\n  - {name: a, connect: {over: ssh, certificate: x}}\n", "farm", "known_hosts"],
};
for (const [what, [text, document, word]] of Object.entries(wrong)) {
  const { diagnostics } = await open(`wrong/${what}.yaml`, text, document);
  check(diagnostics.length > 0 && JSON.stringify(diagnostics).includes(word), () => `${what}: ${JSON.stringify(diagnostics)}`);
}

const plan = await open("hover.yaml", "plan: x\nsteps:\n  - id: a\n    at_most: 2\n    \n", "plan");
check((await hover(plan.uri, 4, 6)).includes("how many iterations may be under way at once"), () => "a key has no sentence");
const keys = await offered(plan.uri, 5, 4);
for (const key of ["do", "for_each", "when", "approve"]) check(keys.includes(key), () => `\`${key}\` is not offered for a step: ${keys}`);
check(!keys.includes("id") && !keys.includes("invariants"), () => `what is no key of a step, or is there, is offered: ${keys}`);
const values = await open("values.yaml", "farm: x\nservers:\n  - name: a\n    connect:\n      over: \n", "farm");
const transports = await offered(values.uri, 5, 12);
for (const transport of ["simulated", "winrm", "ssh"]) check(transports.some((label) => label.includes(transport)), () => `\`${transport}\` is not offered: ${transports}`);
finish();

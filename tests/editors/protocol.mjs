// The server, asked by the client library of the protocol's authors; each answer is what the types of the protocol say.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { check, end, pvsplan, root } from "./shipped.mjs";

const lsp = createRequire(import.meta.url)("vscode-languageserver-protocol/node");
const folder = pathToFileURL(join(root, "plans")).href;
const uri = `${folder}/rolling-upgrade.plan.yaml`;
const text = readFileSync(join(root, "plans", "rolling-upgrade.plan.yaml"), "utf8");
const textDocument = { uri };

// Nobody waits for ever.
setTimeout(() => {
  console.error("the server has not answered within twenty minutes");
  process.exit(1);
}, 1_200_000).unref();

function place(words, behind = 0) {
  const before = text.slice(0, text.indexOf(words) + behind);
  return { line: before.split("\n").length - 1, character: before.length - before.lastIndexOf("\n") - 1 };
}

const is = (type, value, what) => check(type.is(value), () => `${what}: ${JSON.stringify(value)}`);
// Of these the library has no test of its own.
const CompletionItem = { is: ({ label, kind, textEdit, additionalTextEdits }) => typeof label === "string" && Number.isInteger(kind ?? 1) && (kind ?? 1) >= 1 && (kind ?? 1) <= 25 && (textEdit === undefined || lsp.TextEdit.is(textEdit) || lsp.InsertReplaceEdit.is(textEdit)) && (additionalTextEdits ?? []).every((edit) => lsp.TextEdit.is(edit)) };
const DocumentHighlight = { is: ({ range, kind }) => lsp.Range.is(range) && [undefined, 1, 2, 3].includes(kind) };

function all(type, values, what) {
  check(Array.isArray(values) && values.length > 0, () => `${what}: none`);
  for (const value of values ?? []) is(type, value, what);
  return values ?? [];
}

async function session(capabilities, go) {
  const server = spawn(pvsplan, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  const connection = lsp.createProtocolConnection(new lsp.StreamMessageReader(server.stdout), new lsp.StreamMessageWriter(server.stdin));
  connection.onError(([error]) => check(false, () => `the connection: ${error}`));
  connection.onUnhandledNotification((told) => check(false, () => `nobody has asked for ${told.method}`));
  const published = [];
  const waiting = [];
  connection.onNotification(lsp.PublishDiagnosticsNotification.type, (told) => {
    is(lsp.DocumentUri, told.uri, "the document that findings are of");
    published.push(told);
    waiting.splice(0).forEach((look) => look());
  });
  connection.onNotification(lsp.ShowMessageNotification.type, () => {});
  connection.listen();
  const started = await connection.sendRequest(lsp.InitializeRequest.type, { processId: process.pid, rootUri: folder, workspaceFolders: [{ uri: folder, name: "plans" }], capabilities });
  await connection.sendNotification(lsp.InitializedNotification.type, {});
  await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "pvsplan", version: 1, text } });
  // What was published of a version.
  const findings = async (version) => {
    for (;;) {
      const told = published.find((one) => one.uri === uri && one.version === version);
      if (told) return told.diagnostics;
      await new Promise((done) => waiting.push(done));
    }
  };
  await go({ connection, capabilities: started.capabilities, published, findings });
  await connection.sendRequest(lsp.ShutdownRequest.type);
  const over = new Promise((done) => server.on("exit", done));
  await connection.sendNotification(lsp.ExitNotification.type);
  check((await over) === 0, () => "it does not end as it should");
  connection.dispose();
}

const errors = (found) => found.filter(({ severity }) => severity === lsp.DiagnosticSeverity.Error);
const twice = { range: { start: place("at_most: 1", 9), end: place("at_most: 1", 10) }, text: "2" };

await session({}, async ({ connection: c, capabilities, findings }) => {
  const ask = (type, more = {}) => c.sendRequest(type, { textDocument, ...more });
  all(lsp.Diagnostic, await findings(1), "a finding");

  const offered = await ask(lsp.CompletionRequest.type, { position: place("do: sqlserver.backup", 4) });
  all(CompletionItem, offered.items ?? offered, "an item of completion");
  is(lsp.Hover, await ask(lsp.HoverRequest.type, { position: place("do: sqlserver.backup", 6) }), "hover");
  is(lsp.Location, await ask(lsp.DefinitionRequest.type, { position: place("${steps.backup.file}", 10) }), "definition");
  all(lsp.Location, await ask(lsp.ReferencesRequest.type, { position: place("- id: backup", 6), context: { includeDeclaration: true } }), "a reference");
  all(DocumentHighlight, await ask(lsp.DocumentHighlightRequest.type, { position: place("- id: backup", 6) }), "a highlight");
  all(lsp.DocumentSymbol, await ask(lsp.DocumentSymbolRequest.type), "a symbol");
  all(lsp.FoldingRange, await ask(lsp.FoldingRangeRequest.type), "a fold");
  all(lsp.SelectionRange, await ask(lsp.SelectionRangeRequest.type, { positions: [place("- id: backup", 6)] }), "a selection");
  for (const lens of all(lsp.CodeLens, await ask(lsp.CodeLensRequest.type), "a lens"))
    check(lsp.Command.is(lens.command) && capabilities.executeCommandProvider.commands.includes(lens.command.command), () => `a lens without a command: ${JSON.stringify(lens)}`);
  all(lsp.InlayHint, await ask(lsp.InlayHintRequest.type, { range: { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } } }), "a hint");
  const renamed = await ask(lsp.RenameRequest.type, { position: place("- id: backup", 6), newName: "saved" });
  is(lsp.WorkspaceEdit, renamed, "a rename");
  check(JSON.stringify(renamed).includes("saved"), () => "it renames nothing");
  const tokens = await ask(lsp.SemanticTokensRequest.type);
  is(lsp.SemanticTokens, tokens, "tokens");
  const types = capabilities.semanticTokensProvider.legend.tokenTypes.length;
  check(tokens.data.length % 5 === 0 && tokens.data.every((number, at) => Number.isInteger(number) && number >= 0 && (at % 5 !== 3 || number < types)), () => "tokens that the legend does not know");
  const layout = await ask(lsp.DocumentFormattingRequest.type, { options: { tabSize: 2, insertSpaces: true } });
  check(Array.isArray(layout) && layout.every((edit) => lsp.TextEdit.is(edit)), () => "formatting gives no edits");

  await c.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument: { uri, version: 2 }, contentChanges: [twice] });
  const wrong = errors(await findings(2));
  all(lsp.Diagnostic, wrong, "a finding");
  for (const related of all(lsp.DiagnosticRelatedInformation, wrong[0].relatedInformation, "what it is about")) check(related.message.length > 0, () => "no words");
  const mending = await ask(lsp.CodeActionRequest.type, { range: wrong[0].range, context: { diagnostics: wrong } });
  for (const action of all(lsp.CodeAction, mending, "an action")) is(lsp.WorkspaceEdit, action.edit, "its edit");
  check(typeof (await c.sendRequest(lsp.ExecuteCommandRequest.type, { command: "pvsplan.verdict", arguments: [uri, "One server at a time"] })) === "string", () => "no verdict");
});

// Who can ask for findings is told of them until it asks.
await session({ textDocument: { diagnostic: {} } }, async ({ connection: c, published, findings }) => {
  all(lsp.Diagnostic, await findings(1), "a finding");
  const report = await c.sendRequest(lsp.DocumentDiagnosticRequest.type, { textDocument });
  check(report.kind === lsp.DocumentDiagnosticReportKind.Full, () => "no full report");
  all(lsp.Diagnostic, report.items, "a finding");
  await c.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument: { uri, version: 2 }, contentChanges: [twice] });
  const then = await c.sendRequest(lsp.DocumentDiagnosticRequest.type, { textDocument });
  check(errors(then.items).length > 0, () => "it asks and does not hear");
  check(published.at(-1).diagnostics.length === 0, () => "each finding is shown twice");
});
end("the client library of the protocol");

// The language server in VS Code, and the commands that are worth a key.
const { execFile } = require("node:child_process");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const verdicts_scheme = "pvsplan-verdicts";

let client;

const settings = (of) => vscode.workspace.getConfiguration("pvsplan", of);

// A verdict is several lines: a document beside the plan shows them, a message would not.
class Verdicts {
  #texts = new Map();
  #changed = new vscode.EventEmitter();
  onDidChange = this.#changed.event;

  provideTextDocumentContent(uri) {
    return this.#texts.get(uri.toString()) ?? "";
  }

  async show(title, text) {
    const uri = vscode.Uri.from({ scheme: verdicts_scheme, path: `/${title.replace(/\//g, "-")}.md` });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: true });
  }
}

function new_client(verdicts) {
  const server = { command: settings().get("path"), args: ["lsp"] };
  return new LanguageClient("pvsplan", "pvsplan", server, {
    documentSelector: [
      { scheme: "file", language: "pvsplan" },
      { scheme: "untitled", language: "pvsplan" },
    ],
    initializationOptions: {
      advice: settings().get("advice"),
      codeLenses: settings().get("codeLenses"),
      inlayHints: settings().get("inlayHints"),
      showsVerdicts: true,
    },
    synchronize: {
      configurationSection: "pvsplan",
      fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{yaml,csv,ps1,sql}"),
    },
    middleware: {
      async executeCommand(command, parameters, next) {
        const answer = await next(command, parameters);
        if (command === "pvsplan.verdict" && typeof answer === "string") await verdicts.show(parameters[1] ?? "verdicts", answer);
        return answer;
      },
    },
  });
}

async function start(verdicts) {
  await client?.dispose();
  client = new_client(verdicts);
  try {
    await client.start();
  } catch (failed) {
    client = undefined;
    const chosen = await vscode.window.showErrorMessage(
      `\`${settings().get("path")} lsp\` does not start: ${failed.message}. Install pvsplan, or say in \`pvsplan.path\` where it is.`,
      "Open the setting",
    );
    if (chosen) await vscode.commands.executeCommand("workbench.action.openSettings", "pvsplan.path");
  }
}

// What the program is asked about the file in front; null if there is none. No shell reads the arguments.
async function asked_of_file(command) {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "pvsplan" || document.uri.scheme !== "file") {
    vscode.window.showInformationMessage("Open a plan on disk first.");
    return null;
  }
  if (document.isDirty && !(await document.save())) return null;
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  const values = Object.entries(settings(document.uri).get("parameters")).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const root = folder ? ["--root", folder.uri.fsPath] : [];
  return { folder, file: document.uri.fsPath, args: [command, ...root, ...values, document.uri.fsPath] };
}

async function run(command) {
  const asked = await asked_of_file(command);
  if (!asked) return;
  const execution = new vscode.ProcessExecution(settings().get("path"), asked.args);
  const scope = asked.folder ?? vscode.TaskScope.Workspace;
  const task = new vscode.Task({ type: "process" }, scope, command, "pvsplan", execution, []);
  task.presentationOptions = { clear: true, reveal: vscode.TaskRevealKind.Always };
  await vscode.tasks.executeTask(task);
}

// The plan as a page, whose own policy lets no script run but its own.
async function report() {
  const asked = await asked_of_file("show");
  if (!asked) return;
  const { failed, page, why } = await new Promise((done) => {
    execFile(settings().get("path"), [...asked.args, "--format", "html"], { maxBuffer: 1 << 28 }, (failed, page, why) => done({ failed, page, why }));
  });
  if (failed) return void vscode.window.showErrorMessage(why || failed.message);
  const panel = vscode.window.createWebviewPanel("pvsplan.report", asked.file.replace(/.*[\\/]/, ""), vscode.ViewColumn.Beside, { enableScripts: true });
  panel.webview.html = page;
}

exports.activate = async (context) => {
  const verdicts = new Verdicts();
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(verdicts_scheme, verdicts),
    ...["validate", "show", "rehearse"].map((name) => vscode.commands.registerCommand(`pvsplan.${name}`, () => run(name))),
    vscode.commands.registerCommand("pvsplan.report", report),
    vscode.commands.registerCommand("pvsplan.restart", () => start(verdicts)),
    vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration("pvsplan.path") && start(verdicts)),
    // What is opened from the standard library is named `module.yaml`, which elsewhere is anybody's.
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (document.uri.scheme === "pvsplan" && document.uri.path.endsWith(".yaml")) vscode.languages.setTextDocumentLanguage(document, "pvsplan");
    }),
  );
  await start(verdicts);
};

exports.deactivate = () => client?.dispose();

// An editor in a browser: CodeMirror with `@codemirror/lsp-client` in Chromium asks the server over a websocket. The
// finding at `at_most: 2` is drawn, and tells what it is. `PVSPLAN_SCREENSHOT=FILE.png` keeps what is seen.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { WebSocketServer } from "ws";
import { check, end, pvsplan, root } from "./shipped.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const browser_path = "/usr/bin/chromium";
const plan = join(root, "plans", "rolling-upgrade.plan.yaml");
const profile = mkdtempSync(join(tmpdir(), "pvsplan-chromium-"));

// Nobody waits for ever.
setTimeout(() => {
  console.error("the editor shows nothing within twenty minutes");
  process.exit(1);
}, 1_200_000).unref();

// One message of the websocket is one of the server.
function bridge(socket) {
  const server = spawn(pvsplan, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  socket.on("message", (message) => server.stdin.write(`Content-Length: ${message.length}\r\n\r\n${message}`));
  socket.on("close", () => server.stdin.end());
  let come = Buffer.alloc(0);
  server.stdout.on("data", (bytes) => {
    come = Buffer.concat([come, bytes]);
    for (;;) {
      const head = come.indexOf("\r\n\r\n");
      if (head < 0) return;
      const size = Number(/Content-Length: (\d+)/i.exec(come.subarray(0, head).toString())[1]);
      if (come.length < head + 4 + size) return;
      socket.send(come.subarray(head + 4, head + 4 + size).toString());
      come = come.subarray(head + 4 + size);
    }
  });
}

const bundle = await build({ entryPoints: [join(here, "browser", "editor.js")], bundle: true, write: false, format: "iife" });
const page_text = `<!doctype html><meta charset="utf-8"><title>pvsplan</title><style>
  body {margin: 0; background: #fff}
  .cm-editor {height: 100vh; font-size: 15px}
  .cm-scroller {font-family: "DejaVu Sans Mono", monospace}
  .cm-tooltip-section {overflow: auto; max-height: 15em}
  .cm-tooltip {font-family: "DejaVu Sans", sans-serif; font-size: 14px; max-width: 46em}
  .cm-diagnosticText {white-space: pre-wrap}
</style><body><script>${bundle.outputFiles[0].text.replace(/<\/script/g, "<\\/script")}</script>`;
const http = createServer((_, answer) => answer.setHeader("Content-Type", "text/html; charset=utf-8").end(page_text));
const sockets = new WebSocketServer({ server: http });
sockets.on("connection", bridge);
await new Promise((done) => http.listen(0, "127.0.0.1", done));
const port = http.address().port;

const context = await chromium.launchPersistentContext(profile, {
  executablePath: browser_path,
  headless: true,
  timeout: 180_000,
  viewport: { width: 1200, height: 620 },
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  page.on("pageerror", (error) => check(false, () => `the page: ${error}`));
  await page.goto(`http://127.0.0.1:${port}/`);
  const text = readFileSync(plan, "utf8");
  await page.evaluate((opened) => window.open_plan(opened), { text, uri: pathToFileURL(plan).href, root: pathToFileURL(root + "/plans").href, socket: `ws://127.0.0.1:${port}` });
  const errors = page.locator(".cm-lintRange-error");
  await page.waitForTimeout(500);
  check((await errors.count()) === 0, () => "the plan as it ships has errors");

  await page.evaluate(() => window.change("at_most: 1", "at_most: 2"));
  await errors.first().waitFor({ timeout: 120_000 });
  check((await errors.first().textContent()) === "2", async () => "it marks something else");
  // What is published in the meantime takes away what is shown: then the pointer goes there once more.
  const told = page.locator(".cm-tooltip .cm-diagnosticText");
  let words = "";
  while (words === "") {
    await page.mouse.move(1, 1);
    await errors.first().hover();
    await told.first().waitFor({ timeout: 5_000 }).catch(() => {});
    words = (await told.allTextContents()).join("\n");
  }
  check(words.includes("`One server at a time` is violated: 2 down(server) are possible at once, at most 1 is allowed"), () => `it says: ${words}`);
  if (process.env.PVSPLAN_SCREENSHOT) await page.screenshot({ path: process.env.PVSPLAN_SCREENSHOT });

  await page.evaluate(() => window.change("at_most: 2", "at_most: 1"));
  await errors.first().waitFor({ state: "detached", timeout: 120_000 });
} finally {
  await context.close();
  sockets.clients.forEach((socket) => socket.terminate());
  http.close();
  rmSync(profile, { recursive: true, force: true });
}
end("CodeMirror in Chromium");

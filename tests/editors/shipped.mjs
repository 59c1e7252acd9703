// What is shipped, and the program.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const pvsplan = process.argv[2];
export const documents = ["plan", "farm", "module", "policy"];

export function run(args, options = {}) {
  try {
    return execFileSync(pvsplan, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"], ...options });
  } catch (failed) {
    if (typeof failed.status !== "number") throw failed;
    return failed.stdout;
  }
}

function* files_below(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files_below(path);
    else if (entry.name.endsWith(".yaml")) yield path;
  }
}

// {path, name, text, document}
const read = (folders) => folders.flatMap((folder) => [...files_below(join(root, folder))]).sort().map((path) => {
  const text = readFileSync(path, "utf8");
  return { path, name: relative(root, path), text, document: /^(plan|farm|module|policy):/m.exec(text)[1] };
});

export const shipped = read(["plans", "stdlib"]);
// With every key that there is.
export const samples = read(["tests/editors/samples"]);

let faults = 0;
export function check(is_fine, words) {
  if (is_fine) return;
  faults += 1;
  if (faults <= 40) console.log(words().slice(0, 400));
}
export function end(words) {
  console.log(faults === 0 ? `ok: ${words}` : `${faults} faults: ${words}`);
  process.exit(faults === 0 ? 0 : 1);
}

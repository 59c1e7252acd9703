// Bundles the extension and makes a .vsix of it, without a network: `node package.mjs [FILE.vsix]`.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const { createVSIX } = createRequire(import.meta.url)("@vscode/vsce");
const target = resolve(process.argv[2] ?? join(here, "pvsplan.vsix"));

const stage = mkdtempSync(join(tmpdir(), "pvsplan-vsix-"));
try {
  mkdirSync(dirname(target), { recursive: true });
  for (const part of ["package.json", "README.md", "language-configuration.json", "syntaxes"]) cpSync(join(here, part), join(stage, part), { recursive: true });
  copyFileSync(join(here, "..", "..", "..", "..", "LICENSE"), join(stage, "LICENSE"));
  await build({
    entryPoints: [join(here, "src", "extension.js")],
    outfile: join(stage, "dist", "extension.js"),
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
  });
  await createVSIX({ cwd: stage, packagePath: target, dependencies: false, allowMissingRepository: true });
} finally {
  rmSync(stage, { recursive: true, force: true });
}

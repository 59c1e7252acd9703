// The PowerShell that pvsplan runs on Windows hosts, as an independent parser sees it, for none of those is here: each file is
// a whole script, and of the functions of a question each is defined once and used.
import {readdirSync, readFileSync} from "node:fs";
import {nodes, parse, place} from "./powershell.mjs";

const folder = new URL("../../runtime/transport/scripts/windows/", import.meta.url);
const faults = [];
const scripts = new Map(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
const trees = new Map([...scripts].map(([name, text]) => [name, parse(text)]));
const wrongIn = (tree) => nodes(tree).filter((node) => node.isError || node.isMissing);
for (const [name, tree] of trees)
  for (const node of wrongIn(tree)) faults.push(`${name}:${place(node)}: ${node.text.slice(0, 80)}`);

// A line `. ./FILE` stands for that file.
const parts = ["ask.ps1", ...[...scripts.get("ask.ps1").matchAll(/^\. \.\/(.*)$/gm)].map((found) => found[1])];
const question = parts.map((name) => trees.get(name));
const defined = question.flatMap((tree) => nodes(tree, "function_name").map((node) => node.text));
const called = new Set(question.flatMap((tree) => nodes(tree, "command_name").map((node) => node.text)));
// Of PowerShell itself.
const known = new Set(["ConvertFrom-Json", "ConvertTo-Json", "ForEach-Object", "Get-Acl", "Get-CimInstance", "Get-ItemProperty", "Get-Process",
  "Invoke-CimMethod", "Join-Path", "New-Object", "Remove-Item", "Split-Path", "Start-Sleep", "Stop-Process", "Where-Object"]);
for (const name of new Set(defined)) {
  if (defined.filter((one) => one === name).length > 1) faults.push(`${name} is defined twice`);
  if (!called.has(name)) faults.push(`${name} is used by nobody`);
}
for (const name of called)
  if (!defined.includes(name) && !known.has(name) && !name.startsWith("./")) faults.push(`${name} is no function`);
for (const name of scripts.keys())
  if (!parts.includes(name) && !["loader.ps1", "runner.ps1"].includes(name)) faults.push(`${name} is part of no script`);

if (wrongIn(parse(scripts.get("reply.ps1").slice(0, 200))).length === 0) faults.push("the parser takes half a script for a whole one");
if (defined.length < 20) faults.push(`only ${defined.length} functions are seen`);
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);

// The completion for PowerShell, as an independent parser sees it: `node completion.mjs PVSPLAN`.
import {execFileSync} from "node:child_process";
import {nodes, parse} from "./powershell.mjs";

const faultsOf = (script) => nodes(parse(script)).filter((node) => node.isError || node.isMissing);
const script = execFileSync(process.argv[2], ["completion", "powershell"], {encoding: "utf8"});
const faults = faultsOf(script);
for (const fault of faults) console.log(`line ${fault.startPosition.row + 1}: ${fault.text.slice(0, 80)}`);
const isBlind = faultsOf(script.slice(0, script.length / 2)).length === 0;  // half of it is no script
if (isBlind) console.log("the parser takes half a script for a whole one");
process.exit(faults.length > 0 || isBlind || !script.includes("Register-ArgumentCompleter") ? 1 : 0);

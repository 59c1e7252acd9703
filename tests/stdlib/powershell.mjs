// PowerShell as an independent parser sees it.
import {Language, Parser} from "web-tree-sitter";
import {createRequire} from "node:module";

await Parser.init();
const grammar = createRequire(import.meta.url).resolve("tree-sitter-powershell/tree-sitter-powershell.wasm");
const parser = new Parser();
parser.setLanguage(await Language.load(grammar));

// The tree as plain objects: to ask the parser for each child anew takes half a minute.
export const parse = (text) => plain(parser.parse(text).rootNode, text, null);

let count = 0;
function plain(node, text, parent) {
  const one = {id: count++, parent, type: node.type, text: text.slice(node.startIndex, node.endIndex), isNamed: node.isNamed, isError: node.isError,
    isMissing: node.isMissing, startPosition: node.startPosition};
  one.children = node.children.map((child) => plain(child, text, one));
  one.namedChildren = one.children.filter((child) => child.isNamed);
  one.childCount = one.children.length;
  one.namedChildCount = one.namedChildren.length;
  return one;
}

// All below a node and itself, or those of a type, as they stand in the text.
export function nodes(node, type) {
  if (node.parent || !type) return walked(node, type);
  node.byType ??= grouped(walked(node));
  return node.byType.get(type) ?? [];
}

function grouped(all) {
  const found = new Map();
  for (const one of all) {
    if (!found.has(one.type)) found.set(one.type, []);
    found.get(one.type).push(one);
  }
  return found;
}

function walked(node, type) {
  const found = [];
  const left = [node];
  while (left.length) {
    const one = left.pop();
    if (!type || one.type === type) found.push(one);
    for (let i = one.children.length - 1; i >= 0; i--) left.push(one.children[i]);
  }
  return found;
}

export const place = (node) => `${node.startPosition.row + 1}:${node.startPosition.column + 1}`;
export const bare = (variable) => variable.text.replace(/^[$@]\{?/, "").replace(/\}$/, "").replace(/^(global|script|local):/i, "");

// What a command is given without a name, one text each. `-Name value` is left out: functions of the library are called by place.
export function argumentsOf(command) {
  const found = [];
  let named = false;
  for (const child of command.namedChildren.find((one) => one.type === "command_elements")?.namedChildren ?? []) {
    if (child.type === "redirection") continue;
    if (child.type === "command_parameter") {
      named = true;
      continue;
    }
    const value = child.type === "command_argument_sep" ? child.namedChildren.map((one) => one.text).join("") : child.text;
    if (!value.trim()) continue;
    if (!named) found.push(value);
    named = false;
  }
  return found;
}

// The name of a command; null where it is computed (`& $program`).
export const nameOf = (command) => command.namedChildren.find((one) => one.type === "command_name")?.text ?? null;

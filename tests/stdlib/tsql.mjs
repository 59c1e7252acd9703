// T-SQL in the scripts, as an independent parser sees it.
import {createRequire} from "node:module";
import {argumentsOf, nameOf, nodes, place} from "./powershell.mjs";

const require = createRequire(import.meta.url);
const {ANTLRInputStream, CommonTokenStream} = require("antlr4ts");
const {CaseChangingStream} = require("antlr4ts-sql/dist/src/models/CaseChangingStream");
const {TSqlLexer} = require("antlr4ts-sql/dist/src/grammar-output/tsql/TSqlLexer");
const {TSqlParser} = require("antlr4ts-sql/dist/src/grammar-output/tsql/TSqlParser");

// Its grammar has no RESTORE: those few forms are compared with what SQL Server's pages say.
const restores = [
  /^RESTORE (VERIFYONLY|HEADERONLY) FROM DISK = @\w+( WITH CHECKSUM)?$/,
  /^RESTORE DATABASE \[\w+\] FROM DISK = @\w+ WITH REPLACE, RECOVERY, CHECKSUM$/,
];

function isStatement(text) {
  if (/^RESTORE\b/i.test(text)) return restores.some((form) => form.test(text));
  // It wants a literal where SQL Server takes a variable as well.
  const lexer = new TSqlLexer(new CaseChangingStream(new ANTLRInputStream(text.replace("DISK = @file", "DISK = 'x.bak'")), true));
  const parser = new TSqlParser(new CommonTokenStream(lexer));
  lexer.removeErrorListeners();
  parser.removeErrorListeners();
  parser.tsql_file();
  return parser.numberOfSyntaxErrors === 0;
}

export function statementFaults(root) {
  const found = [];
  for (const command of nodes(root, "command")) {
    if (!["Invoke-Statement", "Read-Statement"].includes(nameOf(command))) continue;
    const literal = argumentsOf(command)[1];
    const text = literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : literal.slice(1, -1).replaceAll("$name", "[PVS]");
    if (!isStatement(text)) found.push(`${place(command)} is no T-SQL: ${text}`);
  }
  return found;
}

// `ajv` and `validate` say the same of the shape of a document: both take what is shipped, and both refuse what has
// another shape, 500 times.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import YAML from "yaml";
import { check, documents, end, pvsplan, root, run, samples, shipped } from "./shipped.mjs";

const count = 500;
const first = Number(process.env.PVSPLAN_FIRST ?? 1);

// What `validate` finds wrong with the shape of a document, and with `connect`, which only a farm as a whole shows.
// Not 1113 (which key is first) and not the texts of scripts and times, of which a schema knows nothing.
const structural = [1101, 1102, 1103, 1104, 1105, 1106, 1107, 1108, 1109, 1110, 1112, 1114, 1115, 1116];
// Where a schema may well say so as well: what stands in a text, the keys of a transport, what there is to kill.
const close = [2015, 2021, 2030, 2035, 2046, 2080, 2101, 2102, 2103];

function readers() {
  const all = {};
  for (const document of [...documents, ""]) {
    const schema = JSON.parse(run(document ? ["schema", document] : ["schema"]));
    for (const [name, shape] of Object.entries({ [document]: schema, ...schema.$defs }))
      for (const [key, of] of Object.entries(shape.properties ?? {})) check(of.description?.endsWith(".") || of.description?.includes("`"), () => `${name}: \`${key}\` has no sentence`);
    const words = ["errorMessage", "markdownDescription"];
    const now = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false, vocabulary: undefined });
    words.forEach((word) => now.addKeyword(word));
    const { $schema, ...older } = schema;
    const draft7 = new Ajv({ allErrors: true, strict: false });
    check($schema === "https://json-schema.org/draft/2020-12/schema", () => `${document}: the schema does not say which draft it is of`);
    all[document] = [now.compile(schema), draft7.compile(older)];
  }
  return all;
}

// xorshift, so that a seed gives the same everywhere
function random_of(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const keys = [...new Set(documents.flatMap((document) => [...JSON.stringify(JSON.parse(run(["schema", document]))).matchAll(/"([a-z_]+)":\{"(?:description|allOf|anyOf|enum)/g)].map((found) => found[1])))].filter((key) => !["properties", "then", "if", "not"].includes(key));

// Changes one key of one mapping, or the form of what it holds. Returns what was done.
function mutate(document, random) {
  const maps = [];
  YAML.visit(document, { Map: (_, map, path) => void maps.push({ map, path }) });
  const { map } = maps[random(maps.length)];
  if (map.items.length === 0) return null;
  const pair = map.items[random(map.items.length)];
  const name = String(pair.key.value);
  const other = keys[random(keys.length)];
  if (map.has(other)) return null;
  switch (random(8)) {
    case 0:
      map.delete(name);
      return `${name} is left out`;
    case 1:
      pair.key = document.createNode(name + "x");
      return `${name} is called ${name}x`;
    case 2:
      pair.key = document.createNode(other);
      return `${name} is called ${other}`;
    case 3:
      map.add(document.createPair(other, "x"));
      return `${other} is added`;
    case 4:
      map.add(document.createPair(other, { [keys[random(keys.length)]]: "x" }));
      return `${other} is added, a mapping`;
    case 5:
      pair.value = document.createNode(null);
      return `${name} has no value`;
    case 6:
      pair.value = document.createNode([[], [["x"]], ["x"], [{ name: "x" }]][random(4)]);
      return `${name} is ${JSON.stringify(pair.value.toJSON())}`;
    default:
      pair.value = document.createNode([{}, { x: "y" }, "x", "Not A Name", true, 7][random(6)]);
      return `${name} is ${JSON.stringify(pair.value.toJSON())}`;
  }
}

function mutants(folder) {
  const all = [];
  for (let seed = first; all.length < count; seed += 1) {
    const random = random_of(seed);
    for (let i = 0; i < 20; i += 1) random(2);
    const from = random(2) ? samples[random(samples.length)] : shipped[random(shipped.length)];
    const document = YAML.parseDocument(from.text);
    const what = mutate(document, random);
    if (what === null) continue;
    const text = document.toString({ lineWidth: 0 });
    const again = YAML.parseDocument(text);
    if (again.errors.length > 0) continue;
    const path = join(folder, dirname(from.name), `mutant-${seed}.yaml`);
    writeFileSync(path, text);
    all.push({ seed, path, from, what, value: again.toJSON(), text });
  }
  return all;
}

// The codes that `validate` gives to each of them.
function verdicts(all, folder) {
  const codes = new Map();
  for (let i = 0; i < all.length; i += 50) {
    const some = all.slice(i, i + 50).map((mutant) => mutant.path);
    const told = JSON.parse(run(["validate", "--root", folder, "--format", "json", ...some], { cwd: folder }));
    const plans = told.plans ?? [told];
    check(plans.length === some.length, () => "validate has not told of every file");
    plans.forEach((plan, at) => {
      const own = plan.diagnostics.filter((one) => some[at].endsWith(one.file ?? one.span?.file ?? ""));
      codes.set(some[at], own.map((one) => ({ code: Number(String(one.code).replace("PV", "")), message: one.message })));
    });
  }
  return codes;
}

const all = readers();
for (const { name, text, document } of [...shipped, ...samples]) {
  const value = YAML.parse(text);
  for (const reader of [...all[document], ...all[""]])
    check(reader(value), () => `${name}: ${JSON.stringify(reader.errors?.slice(0, 3))}`);
  for (const other of documents)
    if (other !== document) check(!all[other][0](value), () => `${name}: it is no ${other}, and the schema takes it`);
}

const folder = mkdtempSync(join(tmpdir(), "pvsplan-schema-"));
let refused = 0;
try {
  for (const part of ["plans", "stdlib", "tests/editors/samples"]) cpSync(join(root, part), join(folder, part), { recursive: true });
  const changed = mutants(folder);
  const whole = samples.map((sample) => ({ path: join(folder, sample.name) }));
  const codes = verdicts([...changed, ...whole], folder);
  for (const { path } of whole) {
    const said = codes.get(path).filter(({ code }) => structural.includes(code));
    check(said.length === 0, () => `${path}: ${JSON.stringify(said)}`);
  }
  for (const { seed, path, from, what, value, text } of changed) {
    const [now, draft7] = all[from.document];
    const said = codes.get(path);
    const is_refused = said.some(({ code, message }) => structural.includes(code) && !message.includes("the call of a procedure"));
    const may_be = is_refused || said.some(({ code }) => close.includes(code) || (code >= 1200 && code < 1300));
    const takes = now(value);
    const where = `mutant ${seed} of ${from.name}: ${what}`;
    check(draft7(value) === takes, () => `${where}: draft 7 and 2020-12 differ`);
    check(!(takes && is_refused), () => `${where}: validate refuses it (${said.find((one) => structural.includes(one.code)).message}), the schema takes it`);
    check(takes || may_be, () => `${where}: the schema refuses it (${JSON.stringify(now.errors?.[0])}), validate says ${JSON.stringify(said.slice(0, 2))}`);
    check(all[""][0](value) === takes || !/^(plan|farm|module|policy):/m.test(text), () => `${where}: the schema of any document differs`);
    refused += takes ? 0 : 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
check(refused > count / 3 && refused < count, () => `${refused} of ${count} mutants were refused`);
end(`${shipped.length} shipped files, ${count} mutants, of which ${refused} have another shape`);

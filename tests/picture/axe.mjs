// The rules of accessibility, asked of a page as it is now.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Each rule that is broken: its name, how much that matters, and where.
export const violations = async (page) => {
  // The page allows no script but its own; a tester goes around that.
  const found = await page.evaluate(axe + '; axe.run(document)');
  return found.violations.map(({ id, impact, nodes }) => ({
    impact,
    text: id + ', ' + nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join('; '),
  }));
};

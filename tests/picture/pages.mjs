// Opens each page in Chromium and holds what README.md says against it.
import { chromium } from 'playwright-core';
import { violations } from './axe.mjs';

const asked = JSON.parse(process.argv[2]);
const MOST_MS = 1500 * (process.env.CI ? 3 : 1);
let failures = 0;
const check = (holds, what) => {
  if (holds) return;
  console.error('not so: ' + what);
  ++failures;
};

const browser = await chromium.launch({ executablePath: asked.chromium, args: ['--no-sandbox'] });

// A page, with all that it said and asked for.
const open = async (name, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const url = 'file://' + asked.pages + '/' + name + '.html';
  page.on('request', (request) => check(request.url() === url, name + ' asks for ' + request.url()));
  page.on('console', (message) => check(false, name + ' says ' + message.text()));
  page.on('pageerror', (error) => check(false, name + ' fails: ' + error));
  const since = Date.now();
  await page.goto(url);
  if (options.javaScriptEnabled !== false) await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return { page, context, ms: Date.now() - since };
};
const keep = async (page, name) => {
  if (asked.keep) await page.screenshot({ path: asked.pages + '/' + name + '.png', fullPage: true });
};
// No two texts of the chart lie over each other.
const overlapping = (page) =>
  page.evaluate(() => {
    const boxes = [...document.querySelectorAll('.chart text:not(.l):not(.sign)')]
      .filter((text) => text.checkVisibility())
      .map((text) => [text.textContent, text.getBoundingClientRect()]);
    const found = [];
    boxes.forEach(([a, one], i) => {
      for (const [b, other] of boxes.slice(i + 1))
        if (one.left < other.right && other.left < one.right && one.top + 2 < other.bottom && other.top + 2 < one.bottom)
          found.push(a + ' and ' + b);
    });
    return found;
  });

const accessible = async (page, name) => {
  for (const { impact, text } of await violations(page))
    if (['serious', 'critical'].includes(impact)) check(false, name + ': ' + text);
};

for (const name of ['rolling', 'violated', 'fifty', 'many', 'failed', 'undone']) {
  const { page, context, ms } = await open(name);
  if (name === 'many') {
    console.log('many: usable after ' + ms + ' ms');
    check(ms <= MOST_MS, 'many is usable within ' + MOST_MS + ' ms, it took ' + ms);
  } else {
    await accessible(page, name);
  }
  check((await overlapping(page)).length === 0, name + ': texts overlap: ' + (await overlapping(page)).join('; '));
  check((await page.locator('.strip .c1').count()) > 0, name + ' counts what is down');
  check((await page.locator('.lane .b1').count()) > 0, name + ' shows states');
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  check(beyond <= 0, name + ' is wider than the window by ' + beyond);
  await keep(page, name);
  await context.close();
}

{ // Two steps chosen by mouse: before, because; or may overlap.
  const { page, context } = await open('violated');
  const step = (path) => page.locator('.s', { has: page.locator('title', { hasText: path + ':' }) });
  const answer = async (a, b) => {
    await page.keyboard.press('Escape');
    await step(a).click();
    await step(b).click();
    return page.locator('#asked').innerText();
  };
  const before = await answer('rest[pvs02].start', 'rest[pvs02].stop');
  check(before.startsWith('rest[pvs02].stop before rest[pvs02].start, because'), 'an order is told, not: ' + before);
  check(before.includes('they stand one after the other (stdlib/pvs/module.yaml:'), 'with its reason: ' + before);
  const overlap = await answer('rest[pvs03].install', 'rest[pvs02].install');
  check(overlap.startsWith('rest[pvs02].install and rest[pvs03].install may overlap'), 'an overlap is told: ' + overlap);
  await keep(page, 'asked');
  await context.close();
}

{ // The same from the keyboard alone.
  const { page, context } = await open('rolling');
  await page.locator('.s[tabindex="0"]').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const told = await page.locator('#asked').innerText();
  check(/ before .*, because/.test(told), 'the keyboard chooses two steps: ' + told);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const other = await page.locator('#asked').innerText();
  check(other !== told && other.includes('[pvs02]'), 'and goes to another lane: ' + other);
  await page.keyboard.press('Escape');
  check(!(await page.locator('#asked').isVisible()), 'Escape takes it back');
  await context.close();
}

{ // Without a script the picture is there, and folds.
  const { page, context } = await open('fifty', { javaScriptEnabled: false });
  check(await page.locator('.strip svg').isVisible(), 'there is a picture without a script');
  const folded = page.locator('details:not([open])').first();
  await folded.locator('summary').click();
  check((await page.locator('details').first().locator('.lane svg').count()) > 8, 'a group has its lanes');
  check(await page.locator('details .lane svg').first().isVisible(), 'and unfolds');
  await context.close();
}

{ // In the dark, and on paper.
  const { page, context } = await open('rolling', { colorScheme: 'dark' });
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  check(ground === 'rgb(20, 24, 29)', 'it is dark in the dark: ' + ground);
  await accessible(page, 'rolling, dark');
  await keep(page, 'dark');
  const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  check(paper.subarray(0, 5).toString() === '%PDF-' && paper.length > 10000, 'it prints');
  await context.close();
}

await browser.close();
process.exit(failures > 0 ? 1 : 0);

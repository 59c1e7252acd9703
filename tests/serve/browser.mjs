// Opens the pages of `serve` in Chromium: no rule of accessibility is broken, nothing is wider than the window, nothing
// is asked of elsewhere; and a person approves from the keyboard alone.
import { createRequire } from 'node:module';
import { violations } from '../picture/axe.mjs';

const { chromium } = createRequire(new URL('../picture/package.json', import.meta.url))('playwright-core');
const asked = JSON.parse(process.argv[2]);
let failures = 0;
const check = (holds, what) => {
  if (holds) return;
  console.error('not so: ' + what);
  ++failures;
};

const browser = await chromium.launch({ executablePath: asked.chromium, args: ['--no-sandbox'], timeout: 180_000 });
const keep = async (page, name) => {
  if (asked.keep) await page.screenshot({ path: asked.keep + '/' + name + '.png', fullPage: true });
};

// A window of its own, in which nothing may be asked of elsewhere, and nothing is said on the console.
const open = async (name, url, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const origin = new URL(url).origin;
  page.on('request', (request) => check(/^data:/.test(request.url()) || new URL(request.url()).origin === origin, name + ' asks for ' + request.url()));
  page.on('console', (message) => check(false, name + ' says ' + message.text()));
  page.on('pageerror', (error) => check(false, name + ' fails: ' + error));
  return { page, context };
};

const holds = async (page, name) => {
  for (const { text } of await violations(page)) check(false, name + ': ' + text);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  check(beyond <= 0, name + ' is wider than the window by ' + beyond);
  const cut = await page.evaluate(() => [...document.querySelectorAll('.wide')].filter((table) => table.scrollWidth > table.clientWidth + 1 && innerWidth < 700).length);
  check(cut === 0, name + ' has ' + cut + ' tables that are cut off');
  await keep(page, name);
};

const SIZES = {
  wide: {},
  small: { viewport: { width: 320, height: 640 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
};
for (const { name, size, url, runs } of asked.stores) {
  const { page, context } = await open(name, url, SIZES[size]);
  const visit = async (path, what) => {
    await page.goto(url + path);
    await holds(page, [name, size, what].join('-'));
  };
  await visit('', 'all');
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  check(ground === (size === 'small' ? 'rgb(20, 24, 29)' : 'rgb(255, 255, 255)'), 'it is dark in the dark alone: ' + ground);
  for (const [plan, run] of Object.entries(runs)) await visit('runs/' + run, plan);
  await visit('runs/' + runs.failed + '/journal', 'journal');
  await visit('runs/' + runs.failed + '/lanes', 'lanes');
  check(await page.locator('.s.f3').first().isVisible(), name + ' shows the step that failed');
  await context.close();
}

{ // On paper it is light whatever the screen is, and nothing is cut off or waits for a click.
  const { url, runs } = asked.stores[0];
  const { page, context } = await open('paper', url, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  for (const path of ['', 'runs/' + runs.failed, 'runs/' + runs.failed + '/journal']) {
    await page.goto(url + path);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    check(ground === 'rgb(255, 255, 255)', 'paper is light: ' + ground);
    const cut = await page.evaluate(() => [...document.querySelectorAll('.wide, pre')].filter((one) => getComputedStyle(one).overflowY !== 'visible').length);
    check(cut === 0, cut + ' parts of a printed page are cut off');
    const shown = await page.evaluate(() => [...document.querySelectorAll('nav, form, #pause')].filter((one) => one.checkVisibility()).length);
    check(shown === 0, 'paper has ' + shown + ' parts to click at');
    await keep(page, 'paper-' + (path.split('/')[2] || path.split('/')[0] || 'all'));
  }
  await context.close();
}

{ // Where jobs wait and no worker was seen lately, the first page says so.
  const { page, context } = await open('sites', asked.stores[1].url);
  await page.goto(asked.stores[1].url);
  await page.locator('.note', { hasText: '1 job waits for the site hamburg, and no worker of it was seen lately' }).waitFor();
  const late = (count) => page.waitForFunction((n) => [...document.querySelectorAll('td.bad')].filter((cell) => cell.textContent.includes('it is late')).length === n, count);
  await late(1); // the worker that was killed, and not the other
  await keep(page, 'sites');
  await context.close();
}

{ // From the keyboard alone: to the run that waits, to its form, and to what came of it.
  const { url, run } = asked.named;
  const { page, context } = await open('named', url, { httpCredentials: { username: 'berta', password: 'secret' } });
  await page.goto(url);
  const tab_to = async (what, is_it) => {
    for (let i = 0; i < 60; ++i) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(is_it)) {
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        return check(outline !== 'none', what + ' shows that it is where one is');
      }
    }
    check(false, 'Tab comes to ' + what);
  };
  await tab_to('the run', `document.activeElement.getAttribute('href') === '/runs/${run}'`);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/runs/' + run);
  await holds(page, 'named-wide');
  await tab_to('the reason', `document.activeElement.name === 'because'`);
  await page.keyboard.type('seen on the monitor');
  await page.waitForTimeout(6000); // whoever types is not disturbed by what is new
  check((await page.locator('input[name=because]').inputValue()) === 'seen on the monitor', 'what was typed stays');
  await tab_to('the button', `document.activeElement.textContent === 'Approve checked as berta'`);
  await page.keyboard.press('Enter');
  await page.locator('h1', { hasText: 'done' }).waitFor(); // the server goes on with it, the page looks again
  await page.getByText('this server took it up at').waitFor();
  check(page.url() === url + 'runs/' + run, 'it comes back to the run, not ' + page.url());
  check((await page.getByRole('button', { name: /^Approve/ }).count()) === 0, 'nothing is left to approve');
  await holds(page, 'approved');
  await context.close();
}

{ // Nobody without a password, and nobody whom the web server does not name, comes to the pages.
  const { url } = asked.named;
  const nameless = await fetch(url);
  check(nameless.status === 401, 'the web server asks who is there: ' + nameless.status);
  const wrong = await fetch(url, { headers: { 'X-Remote-User': 'anna', Authorization: 'Basic ' + btoa('berta:secret') } });
  check((await wrong.text()).includes('you are berta'), 'who is there is said by the web server alone');
}

await browser.close();
process.exit(failures > 0 ? 1 : 0);

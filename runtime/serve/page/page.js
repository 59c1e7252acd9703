// Looks again every few seconds and shows what has changed. Without this the page is the same; one loads it again.
'use strict';
const EVERY_MS = 5000;
const pause = document.getElementById('pause');
let isPaused = false;
pause.hidden = false;
pause.addEventListener('click', () => {
  isPaused = !isPaused;
  pause.setAttribute('aria-pressed', String(isPaused));
});

// Whoever types, has selected something or has unfolded something is not disturbed.
const isInUse = (main) =>
  main.contains(document.activeElement) && document.activeElement.matches('input, button, summary') ||
  !getSelection().isCollapsed || main.querySelector('details[open]') !== null ||
  [...main.querySelectorAll('input')].some((input) => input.value !== input.defaultValue);

const look = async () => {
  const main = document.querySelector('main');
  if (isPaused || document.hidden || isInUse(main)) return;
  const answer = await fetch(location.href, { redirect: 'error' });
  if (!answer.ok) throw new Error(answer.status);
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
  if (next.innerHTML === main.innerHTML || isInUse(main)) return;
  const focused = main.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  main.replaceWith(document.adoptNode(next));
  if (focused) document.querySelector('main a[href="' + CSS.escape(focused) + '"]')?.focus();
};
const again = () => look().then(
  () => { document.title = document.title.replace(/^\(old\) /, ''); },
  () => { document.title = '(old) ' + document.title.replace(/^\(old\) /, ''); },
).finally(() => setTimeout(again, EVERY_MS));
// A page that answers a form is not asked for again.
if (!document.querySelector("[data-once]")) setTimeout(again, EVERY_MS);

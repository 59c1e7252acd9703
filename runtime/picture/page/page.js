'use strict';
// What the picture answers: which of two steps comes first, and why. The order is in the page; nothing is asked of anybody.
(() => {
  const order = JSON.parse(document.getElementById('order').textContent);
  const steps = [...document.querySelectorAll('.lane .s')];
  const asked = document.getElementById('asked');
  if (steps.length === 0) return;
  const number = (step) => Number(step.id.slice(1));
  const title = (step) => step.querySelector('title').textContent;
  const name = (node) => {
    if (order.joins[node]) return order.joins[node];
    const step = document.getElementById('s' + node);
    return step ? title(step).split(': ')[0] : '';
  };

  // From `first` to `last` along the order: a shortest chain of [node, reason], or null. Nodes are numbered along the order.
  const chain = (first, last) => {
    const next = new Map([[last, null]]);
    const open = [last];
    for (let at = 0; at < open.length && !next.has(first); ++at) {
      const waits = order.waits[open[at]];
      for (let i = 0; i < waits.length; i += 2) {
        const from = open[at] - waits[i];
        if (from < first || next.has(from)) continue;
        next.set(from, [open[at], waits[i + 1]]);
        open.push(from);
      }
    }
    if (!next.has(first)) return null;
    const links = [];
    for (let at = first; next.get(at); at = next.get(at)[0]) links.push(next.get(at));
    return links;
  };

  const element = (tag, text, parent) => {
    const made = document.createElement(tag);
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const reason = (index) => {
    const [words, place] = order.reasons[index];
    return 'because ' + words + (place ? ' (' + place + ')' : '');
  };

  let chosen = [];
  const show = () => {
    for (const step of document.querySelectorAll('.chosen, .between')) step.classList.remove('chosen', 'between');
    for (const step of chosen) step.classList.add('chosen');
    asked.replaceChildren();
    asked.hidden = chosen.length === 0;
    if (chosen.length === 1) element('p', title(chosen[0]), asked);
    if (chosen.length < 2) return;
    const [a, b] = chosen.map(number).sort((x, y) => x - y);
    if (b >= order.waits.length) {
      for (const step of chosen) element('p', title(step), asked);
      return;
    }
    const links = chain(a, b);
    if (links === null) {
      element('strong', name(a) + ' and ' + name(b) + ' may overlap', asked);
      element('p', 'Neither waits for the other.', asked);
      return;
    }
    element('strong', name(a) + ' before ' + name(b) + ', because', asked);
    const list = element('ol', '', asked);
    const most = 8;
    links.forEach(([node, why], i) => {
      const step = document.getElementById('s' + node);
      if (step && i + 1 < links.length) step.classList.add('between');
      if (links.length <= most || i < most / 2 || i >= links.length - most / 2)
        element('li', 'before ' + name(node) + ', ' + reason(why), list);
      else if (i === most / 2) element('li', '… ' + (links.length - most) + ' more …', list);
    });
  };
  const choose = (step) => {
    chosen = chosen.includes(step) ? chosen.filter((other) => other !== step) : [...chosen, step].slice(-2);
    show();
  };

  const middle = (step) => Number.parseFloat(step.getAttribute('x')) + Number.parseFloat(step.getAttribute('width')) / 2;
  const lanes = [...document.querySelectorAll('.lane')]
    .map((lane) => [...lane.querySelectorAll('.s')])
    .filter((lane) => lane.length > 0);
  const lane_of = new Map(lanes.flatMap((lane, i) => lane.map((step) => [step, i])));
  const go_to = (from, to) => {
    if (!to) return;
    from.setAttribute('tabindex', '-1');
    to.setAttribute('tabindex', '0');
    to.closest('details').open = true;
    to.focus();
  };
  const move = (step, key) => {
    const at = lane_of.get(step);
    const lane = lanes[at];
    if (key === 'ArrowLeft') return go_to(step, lane[lane.indexOf(step) - 1]);
    if (key === 'ArrowRight') return go_to(step, lane[lane.indexOf(step) + 1]);
    const other = lanes[at + (key === 'ArrowDown' ? 1 : -1)] || [];
    const near = (a, b) => (Math.abs(middle(a) - middle(step)) <= Math.abs(middle(b) - middle(step)) ? a : b);
    return go_to(step, other.length > 0 ? other.reduce(near) : null);
  };

  for (const drawing of document.querySelectorAll('.lane svg')) drawing.setAttribute('role', 'group');
  for (const step of steps) {
    step.setAttribute('role', 'button');
    step.setAttribute('tabindex', '-1');
    step.setAttribute('aria-label', title(step));
  }
  lanes[0][0].setAttribute('tabindex', '0');
  document.body.classList.add('asks');
  document.addEventListener('click', (event) => {
    const step = event.target.closest('.lane .s');
    if (step) choose(step);
  });
  document.addEventListener('keydown', (event) => {
    const step = event.target.closest('.lane .s');
    if (event.key === 'Escape') {
      chosen = [];
      show();
    } else if (step && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      choose(step);
    } else if (step && event.key.startsWith('Arrow')) {
      event.preventDefault();
      move(step, event.key);
    }
  });
})();

/**
 * Runs in the browser: replaces each piece of the page by the markup that the server sends, and highlights what is new.
 * All rendering is done by the server.
 */
export const SCRIPT = String.raw`
'use strict';
const byId = (id) => document.getElementById(id);
const input = document.querySelector('#search input');

function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const flag of document.querySelectorAll('.flag')) {
    flag.hidden = !words.every((word) => flag.dataset.text.includes(word));
    if (!flag.hidden) shown += 1;
  }
  byId('none').hidden = shown > 0 || words.length === 0;
}

function put(id, markup) {
  const before = byId(id);
  if (!before) return;
  const known = new Set([...before.querySelectorAll('.context')].map((one) => one.textContent));
  before.outerHTML = markup;
  const after = byId(id);
  if (!after || !after.classList.contains('flag')) return;
  after.classList.add('changed');
  for (const context of after.querySelectorAll('.context')) {
    if (!known.has(context.textContent)) context.classList.add('new');
  }
}

function listen() {
  const source = new EventSource('/page/events' + location.search);
  const live = byId('live');
  source.addEventListener('open', () => {
    live.textContent = 'live';
    live.className = 'on';
  });
  source.addEventListener('error', () => {
    live.textContent = 'not connected';
    live.className = 'off';
  });
  source.addEventListener('pieces', (event) => {
    for (const [id, markup] of JSON.parse(event.data)) put(id, markup);
    filter();
  });
}

input.addEventListener('input', filter);
listen();
`;

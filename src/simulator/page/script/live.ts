/**
 * Runs in the browser: replaces each piece of the page by the markup that the server sends, and highlights what is new.
 * All rendering is done by the server.
 */
export const LIVE_SCRIPT = String.raw`
/** How to find an element again after it was replaced. */
function nameOf(element) {
  const { kind, key } = element.dataset;
  return JSON.stringify([element.tagName, kind, key ?? element.getAttribute('aria-label') ?? element.textContent]);
}

function put(id, markup) {
  const before = byId(id);
  if (!before) return;
  const known = new Set([...before.querySelectorAll('.context')].map((one) => one.textContent));
  const open = new Set([...before.querySelectorAll('details[open]')].map((one) => one.dataset.key));
  const scrolled = before.querySelector('.scroll')?.scrollTop ?? 0;
  const focused = before.contains(document.activeElement) ? nameOf(document.activeElement) : undefined;
  before.outerHTML = markup;
  const after = byId(id);
  if (!after) return;
  for (const one of after.querySelectorAll('details')) one.open = open.has(one.dataset.key);
  if (scrolled > 0) after.querySelector('.scroll').scrollTop = scrolled;
  if (focused !== undefined) {
    const same = [...after.querySelectorAll('a, button, summary, [tabindex]')].find((one) => nameOf(one) === focused);
    (same ?? after.querySelector('.add'))?.focus({ preventScroll: true });
  }
  if (!after.classList.contains('flag')) return;
  after.classList.add('changed');
  for (const context of after.querySelectorAll('.context')) {
    if (!known.has(context.textContent)) context.classList.add('new');
  }
}

function listen() {
  const { revision } = document.body.dataset;
  const query = new URLSearchParams(location.search);
  query.set('revision', revision);
  const source = new EventSource('/page/events?' + query);
  const live = byId('live');
  live.textContent = 'connecting';
  source.addEventListener('open', () => {
    live.textContent = 'live';
    live.className = 'on';
  });
  source.addEventListener('error', () => {
    live.textContent = 'not connected';
    live.className = 'off';
  });
  // Another process serves the page now, which does not accept changes by this one.
  source.addEventListener('start', ({ data }) => {
    if (!revision.startsWith(data + '/') && !document.querySelector('dialog[open]')) location.reload();
  });
  source.addEventListener('pieces', (event) => {
    const pieces = JSON.parse(event.data);
    for (const [id, markup] of pieces) put(id, markup);
    if (pieces.some(([id]) => id.startsWith('flag'))) search();
  });
}

listen();
`;

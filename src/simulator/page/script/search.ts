/**
 * Runs in the browser: shows only the flags and contexts that match the search, and highlights the matches. The words of a
 * search may match the flag or its contexts. If contexts are needed for a match, only those that match are shown.
 */
export const SEARCH_SCRIPT = String.raw`
const byId = (id) => document.getElementById(id);
const input = document.querySelector('#search input');
const MOST_HIGHLIGHTS = 2000;
const texts = new WeakMap();

/** What can be found of a flag, in lower case. An article is replaced when its flag changes. */
function textsOf(article) {
  let found = texts.get(article);
  if (!found) {
    const own = [...article.querySelectorAll('h3, .name, .tag, .badge, .variation')];
    found = {
      own: own.map((one) => one.textContent).join('\n').toLowerCase(),
      contexts: [...article.querySelectorAll('.context')].map((one) => [one, one.textContent.toLowerCase()]),
    };
    texts.set(article, found);
  }
  return found;
}

const wordsOf = () => input.value.toLowerCase().split(/\s+/).filter(Boolean);

/** Searches what the page shows, and asks the server for matches among the contexts that it does not show. */
function search() {
  searchShown();
  clearTimeout(asking);
  asking = setTimeout(searchBeyond, 150);
}

let asking;
let asked = '';

async function searchBeyond() {
  const places = document.querySelectorAll('.beyond');
  const words = wordsOf().join(' ');
  asked = words;
  if (places.length === 0) return;
  const query = new URLSearchParams(location.search);
  query.set('find', words);
  const response = words === '' ? undefined : await fetch('/page/find?' + query).catch(() => undefined);
  const found = response?.ok ? await response.json() : [];
  // Meanwhile something else may be searched for.
  if (asked !== words) return;
  for (const place of places) {
    if (place.childElementCount === 0 && found.length === 0) continue;
    place.replaceChildren();
    texts.delete(place.closest('.flag'));
  }
  for (const [id, variation, kind, markup] of found) {
    const group = byId(id)?.querySelector('[data-variation="' + variation + '"]');
    const place = group && [...group.querySelectorAll('.beyond')].find((one) => one.dataset.kind === kind);
    if (place) place.innerHTML = markup;
  }
  searchShown();
}

function searchShown() {
  const words = wordsOf();
  document.documentElement.classList.toggle('searching', words.length > 0);
  const articles = document.querySelectorAll('.flag');
  const shown = [];
  for (const article of articles) {
    const { own, contexts } = textsOf(article);
    const others = words.filter((word) => !own.includes(word));
    const matching = (text) => others.some((word) => text.includes(word));
    article.hidden = !others.every((word) => contexts.some(([, text]) => text.includes(word)));
    if (article.hidden) continue;
    shown.push(article);
    for (const [one, text] of contexts) one.hidden = others.length > 0 && !matching(text);
    for (const group of article.querySelectorAll('.groups > li')) {
      group.hidden = others.length > 0 && !group.querySelector('.context:not([hidden])');
    }
  }
  highlight(words, shown);
  const count = shown.length === 1 ? '1 flag' : shown.length + ' flags';
  byId('found').textContent =
    words.length === 0 ? '' : shown.length === 0 ? 'No flag matches.' : count + ' of ' + articles.length;
}

/** Marks the words without changing the document, so that it costs little. */
function highlight(words, articles) {
  if (!window.Highlight || !CSS.highlights) return;
  const marks = new Highlight();
  CSS.highlights.set('found', marks);
  if (words.length === 0) return;
  for (const article of articles) {
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.parentElement.closest('h3, .name, .tag, .badge, .variation, .context:not([hidden])')) continue;
      const text = node.data.toLowerCase();
      for (const word of words) {
        for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
          if (marks.size >= MOST_HIGHLIGHTS) return;
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, Math.min(node.length, at + word.length));
          marks.add(range);
        }
      }
    }
  }
}

input.addEventListener('input', () => {
  // The address is that of another search now.
  if (location.hash.startsWith('#find=')) history.replaceState(null, '', location.pathname + location.search);
  search();
});
input.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || input.value === '') return;
  event.preventDefault();
  input.value = '';
  input.dispatchEvent(new Event('input'));
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select, dialog')) return;
  event.preventDefault();
  input.focus();
});
// The other environments show the same search.
document.addEventListener('click', (event) => {
  const link = event.target.closest('nav a[href^="/"]');
  if (link) link.hash = input.value === '' ? '' : 'find=' + encodeURIComponent(input.value);
});
const searched = /^#find=(.*)$/.exec(location.hash);
try {
  if (searched) input.value = decodeURIComponent(searched[1]);
} catch {
  // The address was typed by hand and is not encoded correctly.
}
document.documentElement.classList.add('js');
search();
`;

import type { Results } from './results.js';
import type { Row } from './row.js';

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 570;

const STYLE = `
    text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 14px; }
    .small { font-size: 12px; fill: #59636e; }
    .end { text-anchor: end; }
    .middle { text-anchor: middle; }
    .taken, .dot-0, .dot-1, .dot-2 { fill: #0969da; }
    .refused { fill: #d1242f; }
    .line { fill: none; stroke-width: 2; stroke: #0969da; }
    .line-1 { stroke: #1a7f37; } .dot-1 { fill: #1a7f37; }
    .line-2 { stroke: #9a6700; } .dot-2 { fill: #9a6700; }
    .grid { stroke: #d1d9e0; stroke-width: 1; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .small { fill: #9198a1; }
      .taken, .dot-0 { fill: #4493f8; } .line { stroke: #4493f8; }
      .refused { fill: #f85149; }
      .line-1 { stroke: #3fb950; } .dot-1 { fill: #3fb950; }
      .line-2 { stroke: #d29922; } .dot-2 { fill: #d29922; }
      .grid { stroke: #3d444d; }
    }
  `;

/** Draws the requests for 10,000 changes and the growth of time, as SVG for light and dark mode. */
export function chart(results: Results): string {
  const bars = barsOf(results['pace']?.rows ?? []);
  const lines = linesOf(results['growth']?.rows ?? []);
  const above = 64 + bars.length * 30;
  const height = above + 290;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
  <title>${escape(titleOf(bars, lines))}</title>
  <style>${STYLE}</style>
${drawBars(bars, 24)}
${drawLines(lines, above + 24)}
</svg>
`;
}

interface Bar {
  readonly name: string;
  readonly sent: number;
  readonly refused: number;
  readonly seconds: number;
}

/** The race with the most changes, at the higher of the two limits. */
function barsOf(rows: readonly Row[]): Bar[] {
  return rows
    .filter(({ data }) => data?.['changes'] === 10_000 && data['limit'] === 100)
    .map(({ data = {} }) => ({
      name: String(data['contender']),
      sent: Number(data['sent']),
      refused: Number(data['refused']),
      seconds: Number(data['seconds']),
    }));
}

interface Line {
  readonly name: string;
  readonly exponent: number;
  readonly points: readonly { readonly n: number; readonly ms: number }[];
}

function linesOf(rows: readonly Row[]): Line[] {
  return rows
    .filter(({ data }) => data?.['command'] !== undefined)
    .map(({ data = {} }) => ({
      name: String(data['command']),
      exponent: Number(data['exponent']),
      points: Object.entries(data).flatMap(([name, value]) =>
        name.startsWith('at ') ? { n: Number(name.slice(3)), ms: Number(value) } : [],
      ),
    }));
}

function titleOf(bars: readonly Bar[], lines: readonly Line[]): string {
  const requests = bars.map(({ name, sent, refused }) => `${name} ${sent} (${refused} refused)`);
  const growth = lines.map(({ name, exponent }) => `${name} n^${exponent.toFixed(2)}`);
  return `Requests for 10,000 changes: ${requests.join(', ')}. Growth of time: ${growth.join(', ')}.`;
}

function drawBars(bars: readonly Bar[], top: number): string {
  const most = Math.max(1, ...bars.map(({ sent }) => sent));
  const scale = (count: number): number => round((count / most) * (RIGHT - LEFT));
  const drawn = bars.map(({ name, sent, refused, seconds }, index) => {
    const y = top + 20 + index * 30;
    const taken = Math.max(1, scale(sent - refused));
    const what = `${number(sent)} in ${duration(seconds)}`;
    return [
      text(LEFT - 10, y + 14, name, 'end'),
      `  <rect class="taken" x="${LEFT}" y="${y}" width="${taken}" height="18" rx="2"/>`,
      ...(refused === 0
        ? []
        : [
            `  <rect class="refused" x="${round(LEFT + taken)}" y="${y}" width="${scale(refused)}" height="18" rx="2"/>`,
          ]),
      text(round(LEFT + taken + scale(refused) + 8), y + 14, what, 'small'),
    ].join('\n');
  });
  const y = top + 20 + bars.length * 30 + 10;
  return [
    text(0, top, 'Requests for 10,000 changes of 50 flags, at 100 requests per 10 s', 'title'),
    ...drawn,
    `  <rect class="taken" x="${LEFT}" y="${y - 9}" width="10" height="10"/>`,
    text(LEFT + 16, y, 'accepted', 'small'),
    `  <rect class="refused" x="${LEFT + 86}" y="${y - 9}" width="10" height="10"/>`,
    text(LEFT + 102, y, 'refused (429)', 'small'),
  ].join('\n');
}

/** Both axes are logarithmic: a power law is a straight line, and its slope is the exponent. */
function drawLines(lines: readonly Line[], top: number): string {
  const all = lines.flatMap(({ points }) => points);
  const low = Math.floor(Math.log10(Math.min(...all.map(({ ms }) => ms), 100)));
  const high = Math.ceil(Math.log10(Math.max(...all.map(({ ms }) => ms), 1000)));
  const [bottom, ceiling] = [top + 220, top + 24];
  const y = (ms: number): number =>
    round(bottom - ((Math.log10(ms) - low) / (high - low)) * (bottom - ceiling));
  const x = (n: number): number => round(LEFT + ((Math.log10(n) - 3) / 2) * (RIGHT - LEFT));
  const grid = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)).flatMap((ms) => [
    `  <line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y(ms)}" y2="${y(ms)}"/>`,
    text(LEFT - 10, y(ms) + 4, duration(ms / 1000), 'small end'),
  ]);
  const sizes = [1000, 10_000, 100_000].map((n) => text(x(n), bottom + 20, number(n), 'small middle'));
  const ends = spread(
    lines.map(({ points }) => y(points.at(-1)?.ms ?? 1)),
    18,
  );
  const drawn = lines.flatMap(({ name, exponent, points }, index) => [
    `  <polyline class="line line-${index}" points="${points.map(({ n, ms }) => `${x(n)},${y(ms)}`).join(' ')}"/>`,
    ...points.map(({ n, ms }) => `  <circle class="dot-${index}" cx="${x(n)}" cy="${y(ms)}" r="3.5"/>`),
    text(RIGHT + 12, (ends[index] ?? 0) + 4, `${name} (n^${exponent.toFixed(2)})`),
  ]);
  return [
    text(0, top, 'Time by number of overrides, without startup', 'title'),
    ...grid,
    ...sizes,
    ...drawn,
  ].join('\n');
}

/** Moves labels down until they are at least `gap` apart. */
function spread(places: readonly number[], gap: number): number[] {
  const moved = [...places];
  const order = places.map((_, index) => index).toSorted((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  let last = Number.NEGATIVE_INFINITY;
  for (const index of order) {
    last = Math.max(moved[index] ?? 0, last + gap);
    moved[index] = last;
  }
  return moved;
}

function text(x: number, y: number, words: string, style?: string): string {
  return `  <text x="${x}" y="${y}"${style === undefined ? '' : ` class="${style}"`}>${escape(words)}</text>`;
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 120 ? `${Number(seconds.toPrecision(2))} s` : `${Math.round(seconds / 60)} min`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

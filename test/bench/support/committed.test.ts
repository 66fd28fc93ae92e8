import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chart } from './chart.js';
import type { Results } from './results.js';

const BENCH = join(import.meta.dirname, '..');
const results = JSON.parse(readFileSync(join(BENCH, 'results.json'), 'utf8')) as Results;
const guide = readFileSync(join(BENCH, '../../docs/rate-limits.md'), 'utf8');

const rows = Object.values(results).flatMap((part) => part.rows);

describe('the committed results', () => {
  test('the committed chart shows the committed results', () => {
    expect(readFileSync(join(BENCH, 'results.svg'), 'utf8')).toBe(chart(results));
  });

  test('the guide to rate limits quotes the committed results', () => {
    const table = guide.slice(guide.indexOf('test/bench/results.svg'));
    const longest = rows.filter(({ data }) => data?.['changes'] === 10_000 && data['limit'] === 100);
    expect(longest).toHaveLength(4);
    for (const { data } of longest) {
      for (const name of ['sent', 'refused']) {
        expect(table).toContain(` ${Number(data?.[name]).toLocaleString('en-US')} |`);
      }
    }
  });
});

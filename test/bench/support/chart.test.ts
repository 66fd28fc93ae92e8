import { describe, expect, test } from 'vitest';
import { chart } from './chart.js';
import { exponent } from './exponent.js';
import { mergeResults, type Results } from './results.js';
import type { Row } from './row.js';

function race(contender: string, sent: number, refused: number): Row {
  const data = { changes: 10_000, limit: 100, contender, sent, refused, seconds: sent / 10, ratio: 1 };
  return { name: contender, value: '', data };
}

function growth(command: string, ...times: readonly number[]): Row {
  const points = Object.fromEntries(times.map((ms, index) => [`at ${1000 * 10 ** index}`, ms]));
  return { name: command, value: '', data: { command, exponent: 1.04, ...points } };
}

const when = { node: '24.0.0', date: '2030-01-01' };
const RESULTS: Results = {
  pace: { ...when, rows: [race('ours', 50, 0), race('<theirs>', 16_000, 6000)] },
  growth: { ...when, rows: [growth('validate', 20, 200, 2000), growth('plan', 30, 310, 3000)] },
};

const widths = (svg: string, name: string): number[] =>
  [
    ...svg.matchAll(new RegExp(`class="${name}" x="[\\d.]+" y="[\\d.]+" width="([\\d.]+)" height="18"`, 'g')),
  ].map((match) => Number(match[1]));

describe('the chart', () => {
  test('the chart draws a bar for accepted and for refused requests, each in proportion to their number', () => {
    const svg = chart(RESULTS);
    const [ours = 0, theirs = 0] = widths(svg, 'taken');
    const [refused = 0] = widths(svg, 'refused');
    expect(theirs / ours).toBeCloseTo(200, -2);
    expect(theirs / refused).toBeCloseTo(10_000 / 6000, 2);
    expect(widths(svg, 'refused')).toHaveLength(1);
  });

  test('the chart draws a power law as a straight line', () => {
    const [line = ''] = chart(RESULTS).match(/(?<=line-0" points=")[^"]+/) ?? [];
    const [low, middle, high] = line.split(' ').map((point) => point.split(',').map(Number));
    expect((low?.[1] ?? 0) - (middle?.[1] ?? 0)).toBeCloseTo((middle?.[1] ?? 0) - (high?.[1] ?? 0), 0);
    expect((middle?.[0] ?? 0) - (low?.[0] ?? 0)).toBeCloseTo((high?.[0] ?? 0) - (middle?.[0] ?? 0), 0);
  });

  test('the chart escapes names, supports dark mode and loads nothing from other hosts', () => {
    const svg = chart(RESULTS);
    expect(svg).toContain('&lt;theirs&gt;');
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(/);
  });

  test('the chart can be drawn without results', () => {
    expect(chart({})).not.toContain('NaN');
  });
});

test('the exponent of growth is computed from the last decade of sizes', () => {
  const points = [1000, 10_000, 100_000].map((n) => ({ n, ms: 3 * n ** 1.5 }));
  expect(exponent(points)).toBeCloseTo(1.5);
  expect(exponent([{ n: 1000, ms: 1e9 }, ...points.slice(1)])).toBeCloseTo(1.5);
});

test('merged results keep parts that were not measured again and drop parts that no longer exist', () => {
  const known: Results = {
    start: { ...when, rows: [] },
    pace: { ...when, rows: [] },
    gone: { ...when, rows: [] },
  };
  const rows: Row[] = [{ name: 'a', value: '1', data: { ratio: 1.234_567 } }];
  const later = { node: '25.0.0', date: '2031-01-01' };
  const merged = mergeResults(known, new Map([['pace', rows]]), later, new Set(['pace', 'start']));
  expect(Object.keys(merged)).toEqual(['pace', 'start']);
  expect(merged['pace']).toEqual({ ...later, rows: [{ name: 'a', value: '1', data: { ratio: 1.235 } }] });
  expect(merged['start']).toEqual({ ...when, rows: [] });
});

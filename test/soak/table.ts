import { DISAGREEMENTS } from '../model/support/disagreement.js';
import { FAULTS, PLACES } from '../model/support/faults.js';
import type { Statistics } from '../model/support/statistics.js';
import { INPUTS } from './bad-inputs.js';
import { SIGNALS } from './kills.js';

interface TableOptions {
  readonly seconds: number;
  readonly seeds: readonly number[];
  /** How many processes failed. */
  readonly crashed: number;
  /** Whether the soak was ended early. */
  readonly stopped: boolean;
}

/** The result of a soak as text. */
export function table(
  counts: Statistics['counts'],
  { seconds, seeds, crashed, stopped }: TableOptions,
): string {
  const count = (name: string): number => counts[name] ?? 0;
  const rows: [string, number | string][] = [
    [seeds.length === 1 ? 'seed' : 'seeds', `${seeds.join(', ')}${stopped ? ' (stopped early)' : ''}`],
    ['minutes', (seconds / 60).toFixed(1)],
    ['histories', count('histories')],
    ['  applies', count('applies')],
    ['  applies that wrote', count('applies that wrote')],
    ['  applies that a guard refused', count('applies refused')],
    ['  plans', count('plans')],
    ['  interrupted', count('interrupted in process')],
    ['  killed', count('killed in process')],
    ['  overtaken by a newer apply', count('overtaken')],
    ['kills of a process', count('kills')],
    ...SIGNALS.map((signal): [string, string] => [
      `  ${signal}`,
      `${count(`kill with ${signal}`)} (${count(`kill with ${signal} while writing`)} while writing)`,
    ]),
    ['bad inputs', INPUTS.reduce((sum, input) => sum + count(`bad input: ${input}`), 0)],
    ...INPUTS.map((input): [string, number] => [`  ${input}`, count(`bad input: ${input}`)]),
    ...[0, 1, 2, 4].map((code): [string, number] => [
      `  that ended with ${code}`,
      count(`bad input ended with ${code}`),
    ]),
    ['overrides lost', count('disagreement override lost')],
    ['untrue outcomes', count('disagreement untrue outcome')],
    ...DISAGREEMENTS.filter((kind) => kind !== 'override lost' && kind !== 'untrue outcome').map(
      (kind): [string, number] => [`other disagreements: ${kind}`, count(`disagreement ${kind}`)],
    ),
    ['kills with a wrong end', count('kills with a wrong end')],
    ['bad inputs not refused clearly', count('bad inputs not refused clearly')],
    ['processes that failed', crashed],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const first = Math.max(...FAULTS.map((kind) => kind.length));
  const grid = [
    ['fault'.padEnd(first), ...PLACES].join('  '),
    ...FAULTS.map((kind) =>
      [
        kind.padEnd(first),
        ...PLACES.map((place) => String(count(`fault ${kind} @ ${place}`)).padStart(place.length)),
      ].join('  '),
    ),
  ];
  return `\n${[...lines, '', ...grid].join('\n')}\n`;
}

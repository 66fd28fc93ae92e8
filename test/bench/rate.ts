import { applyChanges } from '../../src/apply/apply.js';
import { systemClock } from '../../src/launchdarkly/clock.js';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import { WINDOW } from '../../src/launchdarkly/pacer.js';
import type { Change } from '../../src/reconcile/plan.js';
import type { Seed } from '../../src/simulator/seed.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { play } from '../launchdarkly/play.js';
import { slidingWindow } from '../launchdarkly/rate-models.js';

/** One line of the table; `limit` is what the value must keep to. */
export interface Row {
  readonly name: string;
  readonly value: string;
  readonly limit?: string;
}

const PROJECT = 'storefront';
const ENVIRONMENT = 'production';

/** How much of what LaunchDarkly allows an apply makes use of: in real time over HTTP, and played. */
export async function benchRate(): Promise<Row[]> {
  return [...(await applyInRealTime(1000, 20, 100)), ...slowPace(), ...manyProcesses()];
}

async function applyInRealTime(count: number, flags: number, allowed: number): Promise<Row[]> {
  const simulator = new Simulator({ seed: seedOf(flags), limits: { route: allowed } });
  const { url } = await simulator.start();
  try {
    const writer = connectWriter({
      baseUrl: url,
      token: 'api-writer',
      api: 'users',
      rate: { concurrency: 4, writesPerSecond: null, reserve: 0 },
      timeouts: { attempt: 30_000, run: 3_600_000 },
      clock: systemClock,
      version: 'bench',
    });
    const start = Date.now();
    const outcomes = await applyChanges(changesOver(count, flags), {
      writer,
      clock: systemClock,
      concurrency: 4,
      writes: { mode: 'put', values: 500 },
      ignoreConflicts: false,
      dryRun: false,
      commentOf: () => 'bench',
      strict: false,
    });
    const elapsed = Date.now() - start;
    const applied = outcomes.filter(({ status }) => status === 'applied').length;
    const late = simulator.requests.filter(({ status, at }) => status === 429 && at > start + WINDOW).length;
    const share = (applied / allowed) * (WINDOW / elapsed);
    const name = `${count} PUTs over ${flags} flags at ${allowed} per 10 s`;
    return [
      { name: `${name}: applied`, value: String(applied), limit: `= ${count}` },
      { name: `${name}: share of the allowed rate`, value: percent(share), limit: '>= 95%' },
      { name: `${name}: 429s after the first window`, value: String(late), limit: '= 0' },
      { name: `${name}: seconds`, value: (elapsed / 1000).toFixed(1) },
    ];
  } finally {
    await simulator.stop();
  }
}

/** The pace to plan for, which nobody wants to wait for. */
function slowPace(): Row[] {
  const { elapsed, refused } = play({ model: slidingWindow(5), requests: 1000, latency: () => [60, 60] });
  const share = (1000 / 5) * (WINDOW / elapsed);
  const name = '1000 PUTs at 5 per 10 s (played)';
  return [
    { name: `${name}: share of the allowed rate`, value: percent(share), limit: '>= 95%' },
    { name: `${name}: 429s`, value: String(refused.length), limit: '= 0' },
    { name: `${name}: minutes`, value: (elapsed / 60_000).toFixed(1) },
  ];
}

/** Eight processes that share one account and know nothing of each other. */
function manyProcesses(): Row[] {
  return [0, 0.1].flatMap((reserve) => {
    const played = play({
      model: slidingWindow(100),
      requests: 4000,
      clients: 8,
      latency: () => [30 + Math.random() * 70, 30 + Math.random() * 70],
      pacer: { reserve, random: Math.random },
    });
    const share = (4000 / (100 * (1 - reserve))) * (WINDOW / played.elapsed);
    const name = `8 processes, 4000 PUTs at 100 per 10 s, reserve ${percent(reserve)} (played)`;
    return [
      { name: `${name}: share of the allowed rate`, value: percent(share), limit: '>= 90%' },
      {
        name: `${name}: 429s`,
        value: percent(played.refused.length / 4000),
        limit: reserve === 0 ? '<= 6%' : '<= 1%',
      },
    ];
  });
}

function seedOf(flags: number): Seed {
  return {
    tokens: [{ token: 'api-writer', role: 'writer' }],
    projects: {
      [PROJECT]: {
        environments: { [ENVIRONMENT]: {} },
        flags: Object.fromEntries(Array.from({ length: flags }, (_, index) => [`flag-${index}`, {}])),
      },
    },
  };
}

function changesOver(count: number, flags: number): Change[] {
  return Array.from({ length: count }, (_, index) => ({
    project: PROJECT,
    environment: ENVIRONMENT,
    flag: `flag-${index % flags}`,
    kind: 'user',
    key: `user-${index}`,
    action: 'add',
    before: null,
    after: { variation: 1, value: false },
    at: undefined,
    provenance: { type: 'unknown' },
    mark: 'pending',
    liveMoved: false,
    warnings: [],
    withheld: undefined,
  }));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

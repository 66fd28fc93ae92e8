import { WINDOW } from '../../src/launchdarkly/pacing/pacer.js';
import type { RateLimits } from '../../src/simulator/server/rate-limits.js';
import { runFleet } from '../support/fleet.js';
import { info, type Row } from './support/row.js';

const PROCESSES = 8;
const CHANGES = 800;
const ALLOWED = 100;

/** Eight real processes on one account, in real time over HTTP: how much of the budget they use, and how many 429s they get. */
export async function benchProcesses(): Promise<Row[]> {
  return [
    ...(await fleet('one route', { route: ALLOWED }, 0)),
    ...(await fleet('one route', { route: ALLOWED }, 0.1)),
    ...(await fleet('global only', { global: ALLOWED }, 0)),
  ];
}

async function fleet(what: string, limits: RateLimits, reserve: number): Promise<Row[]> {
  const run = await runFleet({
    processes: PROCESSES,
    changes: CHANGES,
    flags: 100,
    limits,
    reserve: `${reserve * 100}%`,
  });
  const ends = [...run.shards, run.last];
  const failed = ends.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Error(`a process ended with ${failed.code}:\n${failed.output}`);
  const usable = ALLOWED * (1 - reserve);
  const used = (run.written / usable) * (WINDOW / run.elapsed);
  const refused = run.refused / run.requests;
  const done = run.live === CHANGES && run.late === 0 && run.recorded === run.head;
  const name = `${PROCESSES} processes, ${CHANGES} PUTs at ${ALLOWED} per 10 s (${what}), reserve ${reserve * 100}%`;
  return [
    {
      name: `${name}: live, and recorded by the last apply`,
      value: `${run.live}, ${run.recorded === run.head ? 'yes' : 'no'}`,
      limit: `= ${CHANGES}, yes`,
      ok: done,
    },
    {
      name: `${name}: share used of the ${usable} available`,
      value: percent(used),
      limit: '>= 90%',
      ok: used >= 0.9,
    },
    {
      name: `${name}: share of requests answered with 429`,
      value: percent(refused),
      limit: '< 1%',
      ok: refused < 0.01,
    },
    info(`${name}: seconds from the first write to the last`, (run.elapsed / 1000).toFixed(1)),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { CLI, median } from './support/measure.js';
import { info, type Row } from './support/row.js';

const HEADERS = { authorization: 'api-writer', 'content-type': 'application/json' };
const LIST = '/api/v2/flags/storefront?env=production&limit=20&summary=0';
const SECONDS = 0.7;
const ROUNDS = 7;
const CONNECTIONS = 64;

const children: ChildProcess[] = [];

/** A server that uses only the framework: it has the two routes and returns fixed bytes. */
const BARE = `
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { readFileSync } from 'node:fs';
const list = readFileSync(process.argv[1], 'utf8');
const app = new Hono();
app.put('/api/v2/users/:project/:environment/:user/flags/:flag', async (c) => {
  await c.req.json();
  return c.body(null, 204);
});
app.get('/api/v2/flags/:project', (c) => c.body(list, 200, { 'content-type': 'application/json' }));
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log('http://127.0.0.1:' + port));
`;

/**
 * The simulator: requests per second compared with the bare framework, time from start to first response, and memory for
 * a large project.
 */
export async function benchSimulator(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
  try {
    return [...(await throughput(folder)), ...(await firstAnswer()), await memory(folder)];
  } finally {
    for (const child of children.splice(0)) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function throughput(folder: string): Promise<Row[]> {
  const limits = ['--rate-limit', '1000000', '--global-limit', '1000000'];
  const seed = join(folder, 'seed.json');
  const flags = Object.fromEntries(
    Array.from({ length: CONNECTIONS / 2 }, (_, flag) => [`flag-${flag}`, {}]),
  );
  const environments = { production: {}, staging: {} };
  writeFileSync(seed, JSON.stringify({ projects: { storefront: { environments, flags } } }));
  const simulator = await started([CLI, 'simulate', '--port', '0', '--seed', seed, ...limits]);
  const listFile = join(folder, 'list.json');
  writeFileSync(listFile, await (await fetch(`${simulator.url}${LIST}`, { headers: HEADERS })).text());
  const bare = await started(['--input-type=module', '-e', BARE, listFile]);
  const rows: Row[] = [];
  for (const [name, request] of [
    // The list first: the PUTs add so many targets that it would be larger after them.
    ['flag list', list],
    ['PUT', put],
  ] as const) {
    await requestsPerSecond(bare.url, request, 1);
    await requestsPerSecond(simulator.url, request, 1);
    const rounds: { readonly alone: number; readonly ours: number }[] = [];
    // In turns, so that other load on the machine affects both alike.
    for (let round = 0; round < ROUNDS; round += 1) {
      const alone = await requestsPerSecond(bare.url, request, SECONDS);
      rounds.push({ alone, ours: await requestsPerSecond(simulator.url, request, SECONDS) });
    }
    const ratio = median(rounds.map(({ alone, ours }) => ours / alone));
    rows.push(
      {
        name: `simulator, ${name}, compared with the bare framework`,
        value: `${ratio.toFixed(2)} x`,
        limit: 'at least 0.5 x',
        ok: ratio >= 0.5,
      },
      info('  simulator', `${median(rounds.map(({ ours }) => ours)).toFixed(0)} requests/s`),
      info('  framework', `${median(rounds.map(({ alone }) => alone)).toFixed(0)} requests/s`),
    );
  }
  return rows;
}

/** Each request is for another user. Each connection has its own flag and environment, so that none conflict. */
function put(index: number, connection: number): Request {
  const environment = connection % 2 === 0 ? 'production' : 'staging';
  return {
    method: 'PUT',
    path: `/api/v2/users/storefront/${environment}/user-${index}/flags/flag-${connection >> 1}`,
    body: '{"setting":true,"comment":"why"}',
  };
}

function list(): Request {
  return { method: 'GET', path: LIST };
}

async function firstAnswer(): Promise<Row[]> {
  const node = median(await times(7, async () => void spawnSync(process.execPath, ['-e', '0'])));
  const answer = median(
    await times(7, async () => {
      const { child, url } = await started([CLI, 'simulate', '--port', '0']);
      await fetch(`${url}/api/v2/caller-identity`, { headers: HEADERS });
      child.kill();
    }),
  );
  const above = answer - node;
  return [
    {
      name: 'simulator, start to first response, above node -e 0',
      value: `${above.toFixed(0)} ms`,
      limit: 'under 300 ms',
      ok: above < 300,
    },
    info('  start to first response', `${answer.toFixed(0)} ms`),
  ];
}

function users(flag: number): string[] {
  return Array.from({ length: 10_000 }, (_, index) => `user-${flag}-${index}`);
}

async function memory(folder: string): Promise<Row> {
  const seed = join(folder, 'large.json');
  const flags = Array.from({ length: 200 }, (_, flag) => [
    `flag-${flag}`,
    { environments: { production: { targets: [{ variation: 0, values: users(flag) }] } } },
  ]);
  const project = { environments: { production: {} }, flags: Object.fromEntries(flags) };
  writeFileSync(seed, JSON.stringify({ projects: { storefront: project } }));
  const { child, url } = await started([CLI, 'simulate', '--port', '0', '--seed', seed]);
  let next: string | undefined = '/api/v2/flags/storefront?env=production&summary=0&limit=100';
  let listed = 0;
  while (next !== undefined) {
    const answer = await fetch(`${url}${next}`, { headers: HEADERS });
    const page: { items: unknown[]; _links: Record<string, { href: string } | undefined> } = JSON.parse(
      await answer.text(),
    );
    listed += page.items.length;
    next = page._links['next']?.href;
  }
  const peak =
    Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  child.kill();
  return {
    name: 'simulator, 200 flags of 10,000 targets listed',
    value: `peak ${peak.toFixed(0)} MiB`,
    limit: 'under 500 MiB',
    ok: listed === 200 && peak < 500,
  };
}

interface Request {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly body?: string;
}

async function requestsPerSecond(
  url: string,
  request: (index: number, connection: number) => Request,
  seconds: number,
): Promise<number> {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const begin = performance.now();
  let sent = 0;
  const worker = async (connection: number): Promise<void> => {
    while (performance.now() - begin < seconds * 1000) {
      const { method, path, body } = request(sent, connection);
      sent += 1;
      const answer = await pool.request({ method, path, headers: HEADERS, body: body ?? null });
      await answer.body.dump();
      if (answer.statusCode >= 300) throw new Error(`${method} ${path} was answered ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => worker(connection)));
  const elapsed = performance.now() - begin;
  await pool.close();
  return (sent * 1000) / elapsed;
}

async function started(
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  const [url]: string[] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, url: url ?? '' };
}

async function times(count: number, run: () => Promise<void>): Promise<number[]> {
  const measured: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const begin = performance.now();
    await run();
    measured.push(performance.now() - begin);
  }
  return measured;
}

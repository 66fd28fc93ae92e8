import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { simulate, type SimulateOptions } from '../../src/commands/simulate.js';
import { terminalIo } from '../../src/terminal/terminal.js';
import { startCli } from '../support/cli.js';
import { call } from './support/call.js';

const hasFullDevice = existsSync('/dev/full');
if (!hasFullDevice) console.warn('skipped: there is no /dev/full, which simulates a full disk');

let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flagops-simulate-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Session {
  readonly url: string;
  readonly stderr: () => string;
  readonly stop: () => Promise<number>;
}

/** Runs the command in this process until `stop` is called. */
async function run(options: SimulateOptions = {}): Promise<Session> {
  const abort = new AbortController();
  let stderr = '';
  let stdout = '';
  let code: Promise<number> | undefined;
  await new Promise<void>((resolve, reject) => {
    code = simulate(
      { port: 0, ...options },
      {
        stdout: (text) => {
          stdout += text;
        },
        stderr: (text) => {
          stderr += text;
          resolve();
        },
        publicStderr: (text) => {
          stderr += text;
        },
        signal: abort.signal,
      },
    );
    code.catch(reject);
  });
  return {
    url: stdout.split('\n')[0] ?? '',
    stderr: () => stderr,
    stop: async () => {
      abort.abort();
      return (await code) ?? -1;
    },
  };
}

/** Runs the command in a separate process, which can be killed. */
async function spawned(state: string): Promise<{ child: ChildProcess; url: string }> {
  const { child } = startCli(['simulate', '--port', '0', '--state', state], { cwd: folder });
  children.push(child);
  if (!child.stdout) throw new Error('the child has no output');
  const [url]: string[] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, url: url ?? '' };
}

const theme = (key: string): string => `/api/v2/users/storefront/production/${key}/flags/theme`;
const dark = { body: { setting: 'dark', comment: 'why' } };

test('simulate prints its URL first, and usage hints on stderr', async () => {
  const session = await run();
  expect(session.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(session.stderr()).toContain('api-writer (writer)');
  expect(session.stderr()).toContain(session.url);
  expect((await call(session.url, 'GET', '/api/v2/caller-identity')).status).toBe(200);
  expect(await session.stop()).toBe(0);
  await expect(call(session.url, 'GET', '/api/v2/caller-identity')).rejects.toThrow(
    /ECONNREFUSED|socket hang up/,
  );
});

test('simulate shows its own tokens even if one is in the environment, and masks it elsewhere', async () => {
  const abort = new AbortController();
  abort.abort();
  let shown = '';
  const write = (text: string): void => void (shown += text);
  const { stdin, stdout, stderr } = process;
  const standIn = {
    stdin,
    stdout,
    stderr,
    env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer' },
    cwd: () => folder,
  };
  const io = terminalIo(
    standIn,
    { stdout: write, stderr: write, settle: async () => undefined },
    abort.signal,
  );
  expect(await simulate({ port: 0, state: join(folder, 'api-writer.json') }, io)).toBe(0);
  expect(shown).toContain('api-writer (writer), api-reader (reader)');
  expect(shown).toContain('[token].json');
});

test('simulate limits writes to --rate-limit', async () => {
  const session = await run({ rateLimit: 1 });
  const statuses = [
    await call(session.url, 'PUT', theme('a'), dark),
    await call(session.url, 'PUT', theme('b'), dark),
  ].map(({ status }) => status);
  await session.stop();
  expect(statuses).toEqual([204, 429]);
});

test('simulate does not serve the user routes with --no-user-routes', async () => {
  const session = await run({ userRoutes: false });
  const { status } = await call(session.url, 'PUT', theme('a'), dark);
  await session.stop();
  expect(status).toBe(404);
});

test('simulate requires approvals with --require-approval, also on a state that it resumes', async () => {
  const state = join(folder, 'approvals.json');
  const first = await run({ state });
  const before = await call(first.url, 'PUT', theme('a'), dark);
  await first.stop();
  const session = await run({ state, requireApproval: ['storefront/production'] });
  const after = await call(session.url, 'PUT', theme('a'), dark);
  await session.stop();
  expect([before.status, after.status]).toEqual([204, 405]);
});

test('simulate injects faults, serves the control API and records requests', async () => {
  const record = join(folder, 'requests.jsonl');
  const session = await run({ fault: ['status=503,once'], controlPort: 0, record });
  const statuses = [
    await call(session.url, 'PUT', theme('a'), dark),
    await call(session.url, 'PUT', theme('b'), dark),
  ].map(({ status }) => status);
  const [control = ''] = /http:\/\/\S+(?=\/faults)/.exec(session.stderr()) ?? [];
  expect((await call(control, 'GET', '/requests')).body).toMatchObject({
    requests: [{ status: 503 }, { status: 204 }],
  });
  await session.stop();
  expect(statuses).toEqual([503, 204]);
  const text = await readFile(record, 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): object => JSON.parse(line));
  expect(lines).toMatchObject([
    { method: 'PUT', path: theme('a'), status: 503 },
    { method: 'PUT', path: theme('b'), status: 204, body: dark.body, headers: { authorization: 'writer' } },
  ]);
  expect(text).not.toContain('api-writer');
});

test.each([
  [{ fault: ['explode'] }, 'bad-fault'],
  [{ requireApproval: ['nowhere'] }, 'bad-approvals'],
  [{ record: '/nowhere/at/all.jsonl' }, 'record-unwritable'],
])('simulate refuses the options %j in one line', async (options, code) => {
  await expect(run(options)).rejects.toMatchObject({ name: 'OperatorError', code });
});

test.each([
  ['record', 'record-unwritable'],
  ['state', 'simulator-state'],
] as const)('simulate does not write --%s through a link', async (option, code) => {
  await writeFile(join(folder, 'mine'), '');
  for (const target of ['mine', 'none']) {
    await symlink(join(folder, target), join(folder, `to-${target}`));
    await expect(run({ [option]: join(folder, `to-${target}`) })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/it is a symbolic link$/),
    });
  }
  expect((await readdir(folder)).toSorted()).toEqual(['mine', 'to-mine', 'to-none']);
  expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('');
});

test.skipIf(!hasFullDevice)(
  'simulate reports once that the record cannot be written, and keeps running',
  async () => {
    const session = await run({ record: '/dev/full' });
    for (const key of ['a', 'b']) expect((await call(session.url, 'PUT', theme(key), dark)).status).toBe(204);
    expect(await session.stop()).toBe(1);
    const lines = session
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('error: '));
    expect(lines).toEqual([
      'error: cannot write to /dev/full: ENOSPC; requests are no longer recorded (name another file with --record)',
    ]);
  },
);

describe('--seed', () => {
  const seed = [
    'tokens: [{ token: my-own-secret, role: writer, name: Mine }]',
    'projects:',
    '  shop:',
    '    environments: { test: {} }',
    '    flags:',
    '      color:',
    '        variations: [{ value: red }, { value: blue }]',
    '        environments: { test: { targets: [{ variation: 1, values: [alice] }] } }',
  ];

  const formats = ['yaml', 'json', 'json with tabs', 'json with 250,000 keys'];

  test.each(formats)('simulate reads a seed from %s', async (format) => {
    const file = join(folder, `seed.${format.slice(0, 4)}`);
    const others = format.endsWith('keys') ? Array.from({ length: 250_000 }, (_, n) => `k${n}`) : [];
    const json = {
      tokens: [{ token: 'my-own-secret', role: 'writer', name: 'Mine' }],
      projects: {
        shop: {
          environments: { test: {} },
          flags: {
            color: {
              variations: [{ value: 'red' }, { value: 'blue' }],
              environments: { test: { targets: [{ variation: 1, values: ['alice', ...others] }] } },
            },
          },
        },
      },
    };
    const indent = format.endsWith('tabs') ? '\t' : format.endsWith('keys') ? undefined : 2;
    await writeFile(file, format === 'yaml' ? seed.join('\n') : JSON.stringify(json, undefined, indent));
    const session = await run({ seed: file });
    const reply = await call(session.url, 'GET', '/api/v2/users/shop/test/alice/flags/color', {
      token: 'my-own-secret',
    });
    await session.stop();
    expect(reply).toMatchObject({ status: 200, body: { setting: 'blue' } });
    expect(session.stderr()).toContain('Mine (writer)');
    expect(session.stderr()).not.toContain('my-own-secret');
  });

  test('simulate reports every error of a seed with its position', async () => {
    const file = join(folder, 'seed.yaml');
    const stderr: string[] = [];
    const io = {
      stdout: () => undefined,
      stderr: (text: string) => {
        if (!/^ *\d* \|/.test(text)) stderr.push(text.replace(folder, '').trim());
      },
      publicStderr: () => undefined,
      signal: new AbortController().signal,
    };
    await writeFile(file, `${seed.join('\n')}\n        stat: live\n        temporary: maybe\n`);
    expect(await simulate({ seed: file }, io)).toBe(1);
    expect(stderr.splice(0)).toEqual([
      expect.stringMatching(/^\/seed\.yaml:9:9 unknown-key unknown key "stat"/),
      expect.stringMatching(/^\/seed\.yaml:10:20 wrong-type/),
    ]);
    const wrong = seed
      .join('\n')
      .replace('variation: 1', 'variation: 2')
      .replace('test: { targets', 'tset: { targets');
    await writeFile(file, wrong);
    expect(await simulate({ seed: file }, io)).toBe(1);
    expect(stderr).toEqual([
      '/seed.yaml:8:31 seed-reference the project has no environment tset',
      '/seed.yaml:8:56 seed-reference 2 is not a variation; the last one is 1',
    ]);
  });

  test('simulate reports a missing seed in one line', async () => {
    await expect(run({ seed: join(folder, 'none.yaml') })).rejects.toMatchObject({
      name: 'OperatorError',
      code: 'seed-unreadable',
    });
  });
});

describe('--state', () => {
  test('simulate resumes from the state file, including versions and audit log', async () => {
    const state = join(folder, 'state.json');
    const first = await run({ state });
    await call(first.url, 'PUT', theme('alice'), dark);
    const before = (await call(first.url, 'GET', '/api/v2/flags/storefront/theme')).body;
    await first.stop();
    expect((await stat(state)).mode & 0o777).toBe(0o600);
    const second = await run({ state });
    expect(second.stderr()).toContain('Resumed from');
    expect((await call(second.url, 'GET', '/api/v2/flags/storefront/theme')).body).toEqual(before);
    expect((await call(second.url, 'GET', '/api/v2/auditlog')).body).toMatchObject({
      items: [{ comment: 'why' }],
    });
    await second.stop();
  });

  test('no answered write is lost if the process is killed at any time', async () => {
    const state = join(folder, 'state.json');
    const answered: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const { child, url } = await spawned(state);
      const put = async (flag: string, writer: number): Promise<void> => {
        for (let index = 0; ; index += 1) {
          const key = `r${round}-w${writer}-${index}`;
          const path = `/api/v2/users/storefront/production/${key}/flags/${flag}`;
          if ((await call(url, 'PUT', path, { body: { setting: true } })).status === 204) answered.push(key);
          if (answered.length === (round + 1) * 20) child.kill('SIGKILL');
        }
      };
      const gone = once(child, 'exit');
      await Promise.allSettled([put('checkout-v2', 1), put('kill-switch-payments', 2)]);
      await gone;
    }
    expect(answered.length).toBeGreaterThanOrEqual(60);
    const kept = await readFile(state, 'utf8');
    expect(answered.filter((key) => !kept.includes(`"${key}"`))).toEqual([]);
    const last = await run({ state });
    await last.stop();
    expect(last.stderr()).toContain('Resumed from');
  });

  test.each([
    ['half of its text', '{"half":', 'is not JSON'],
    ['another version', '{"version": 99}', 'was not written by this version'],
    ['lists without end', '['.repeat(100_000), 'has more than 200 lists'],
  ])('a state file with %s is refused in one line and not changed', async (_, content, message) => {
    const state = join(folder, 'state.json');
    await writeFile(state, content);
    await expect(run({ state })).rejects.toMatchObject({
      code: 'simulator-state',
      message: expect.stringContaining(message),
    });
    expect(await readFile(state, 'utf8')).toBe(content);
  });

  test('a state file in a missing folder is refused at the start', async () => {
    await expect(run({ state: join(folder, 'none', 'state.json') })).rejects.toMatchObject({
      code: 'simulator-state',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

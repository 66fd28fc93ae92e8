import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Io, plan } from '../../src/index.js';
import { FORMATS } from '../../src/report/formats.js';
import type { Run } from '../support/cli.js';
import { changeSeed, storefrontSeed } from '../support/seeds.js';
import { startServer } from '../support/server.js';
import { echoesOf, expectNoTrace } from '../support/secret-traces.js';
import { config, overrides, startWorld, type World, type WorldOptions } from '../support/world.js';

const TOKEN = 'api-0f8fad5b-d9cb-469f-a165-70867728950e';
/** A second token with write permission, for a run that must show what TOKEN would mask. */
const OTHER = 'api-11111111-2222-3333-4444-555555555555';
const FILE = 'overrides/storefront.yaml';

const HALF_AT_THE_END = `${'x'.repeat(50)} ${TOKEN}`;
const values = [TOKEN, { nested: [HALF_AT_THE_END], [TOKEN]: true }, HALF_AT_THE_END, 'nothing'];

const seed = changeSeed(
  storefrontSeed({
    flags: { secretive: { variations: values.map((value) => ({ value, name: `Named ${TOKEN}` })) } },
  }),
  {
    tokens: [
      { token: TOKEN, role: 'writer' },
      { token: OTHER, role: 'writer' },
    ],
  },
);

const withToken = (url: string, token = TOKEN): { env: Record<string, string> } => ({
  env: { LAUNCHDARKLY_ACCESS_TOKEN: token, LAUNCHDARKLY_BASE_URL: url },
});

function start(options: WorldOptions = {}): Promise<World> {
  return startWorld({ simulator: { seed }, ...options });
}

function expectNone(run: Run, ...files: readonly string[]): void {
  expectNoTrace(TOKEN, {
    stdout: run.stdout,
    stderr: run.stderr,
    ...Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')])),
  });
}

it.concurrent('a token in declarations, values and commits is sent as it is and never shown', async () => {
  const world = await start();
  const users = Object.fromEntries(
    values
      .slice(0, 3)
      .map((value, index) => [index === 0 ? TOKEN : `${TOKEN}-${index}`, { secretive: value }]),
  );
  world.repo.commit(`Use ${TOKEN} for ${HALF_AT_THE_END}`, {
    [`overrides/${TOKEN}.yaml`]: overrides(users, { owner: HALF_AT_THE_END, reason: `because ${TOKEN}` }),
    'flagops.yaml': config({}, { paused: undefined, protect: { contexts: [`user:${TOKEN}-x`] } }),
  });
  const shown = await world.run(['plan', '--format', 'json'], withToken(world.url, OTHER));
  expect(shown.stdout).toContain(TOKEN);
  for (const format of Object.keys(FORMATS)) {
    const out = join(world.repo.path, `plan.${format}`);
    const run = await world.run(['plan', '--format', format, '--out', out], withToken(world.url));
    expect([run.code, run.stdout]).toEqual([0, '']);
    expectNone(run, out);
  }
  const { fingerprint } = JSON.parse(shown.stdout) as { fingerprint: string };
  const masked = readFileSync(join(world.repo.path, 'plan.json'), 'utf8');
  expect(JSON.parse(masked)).toMatchObject({ fingerprint });

  const args = ['apply', '--yes', '--expect', fingerprint, '--format', 'json', '--out', 'result.json'];
  const applied = await world.run(args, withToken(world.url));
  expect(applied.code).toBe(0);
  expectNone(applied, join(world.repo.path, 'result.json'));
  expect(world.live('secretive', TOKEN)).toBe(TOKEN);
  expect(world.live('secretive', `${TOKEN}-1`)).toEqual(values[1]);
  for (const comment of world.comments) expect(comment).toContain(`Use ${TOKEN} for ${HALF_AT_THE_END}`);

  world.touch('secretive', TOKEN, 'nothing');
  const drift = await world.run(['drift'], withToken(world.url));
  expect(drift.code).toBe(2);
  expectNone(drift);
});

it.concurrent('a token in a file with errors is not shown in the findings, as text or as JSON', async () => {
  const world = await start();
  world.repo.commit('Wrong', {
    'flagops.yaml': `version: 1\nscopes: [{ project: '${TOKEN}', environment: x, '${TOKEN}': 1 }]\n`,
    [FILE]: `project: storefront\n${TOKEN}: ${TOKEN}\nusers:\n  "api-\\x30f8fad5b-d9cb-469f-a165-70867728950e": [${TOKEN}]\n`,
    'overrides/b.yaml': `"${'y'.repeat(30)}${TOKEN}": ${TOKEN}\n${TOKEN}`,
  });
  const configuration = await world.run(['plan', '--debug'], withToken(world.url));
  expect(configuration.stderr).toContain('[token]');
  expectNone(configuration);
  world.repo.write({ 'flagops.yaml': null });
  for (const format of ['text', 'json']) {
    const out = join(world.repo.path, `findings.${format}`);
    const run = await world.run(['validate', '--format', format, '--out', out], withToken(world.url));
    expect(run.code).toBe(1);
    expect(readFileSync(out, 'utf8')).toContain('[token]');
    expectNone(run, out);
  }
});

/** Forwards reads to a world's simulator, and answers writes itself. */
function echoing(
  world: World,
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<string> {
  const handOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const got = await fetch(`${world.url}${request.url ?? ''}`, { headers: { authorization: TOKEN } });
    response.writeHead(got.status, { 'content-type': 'application/json' }).end(await got.text());
  };
  return startServer((request, response) => {
    if (request.method === 'GET') void handOn(request, response);
    else request.resume().once('end', () => answer(response, request));
  });
}

it.concurrent('a token in the answer to a write is not shown in the result, in any format', async () => {
  const world = await start();
  const echoes = echoesOf(TOKEN);
  const keys = echoes.map((_, index) => `u${index}`);
  world.repo.commit('Start', {
    [FILE]: overrides(Object.fromEntries(keys.map((key) => [key, { theme: 'dark' }]))),
  });
  const url = await echoing(world, (response, request) => {
    const index = Number(/\/u(\d+)\//.exec(request.url ?? '')?.[1]);
    response.writeHead(400, { 'content-type': 'application/json' }).end(echoes[index]);
  });
  for (const format of Object.keys(FORMATS)) {
    const run = await world.run(['apply', '--yes', '--format', format, '--debug'], withToken(url));
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/\[token\]|&#91;token&#93;/);
    expectNone(run);
  }
});

it.concurrent('a token in the answer to a read is not shown in the error or its stack trace', async () => {
  const world = await start({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
  const [refused = '', ...others] = echoesOf(TOKEN);
  const answers: readonly ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(400).end(refused),
    (response) => response.writeHead(403).end(others.at(-1)),
    (response) => response.writeHead(302, { location: `https://${TOKEN}.example/x` }).end(),
    (response) => response.writeHead(200).end(JSON.stringify({ items: [{ key: TOKEN, variations: [{}] }] })),
  ];
  for (const answer of answers) {
    const url = await startServer((_, response) => answer(response));
    const run = await world.run(['plan', '--debug'], withToken(url));
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^error: /m);
    expectNone(run);
  }
});

it.concurrent('a token in the message of a git remote is not shown in the warning', async () => {
  const world = await start({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
  world.repo.addRemote();
  const says = join(world.repo.path, '.git/says.sh');
  world.repo.write({
    '.git/says.sh': `echo "fatal: no entry for ${TOKEN}, ${TOKEN.replaceAll('-', '%2D')}" >&2\nexit 1\n`,
  });
  // Not in the repository's own configuration, of which git runs no program.
  const { env } = withToken(world.url);
  const user = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'remote.origin.uploadpack',
    GIT_CONFIG_VALUE_0: `sh ${says}`,
  };
  const run = await world.run(['plan'], { env: { ...env, ...user } });
  expect(run.stdout + run.stderr).toContain('no entry for [token]');
  expectNone(run);
});

it.concurrent('a token on the command line is not shown in the error', async () => {
  const world = await start({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
  for (const args of [
    ['plan', `--${TOKEN}`],
    ['plan', '--config', TOKEN],
    ['plan', '--out', `${TOKEN}/x`],
  ]) {
    const run = await world.run(args, withToken(world.url));
    expect(run.code).toBe(1);
    expectNone(run);
  }
});

it.concurrent('a token that is too short to be masked is not used', async () => {
  const world = await start({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
  const run = await world.run(['plan'], withToken(world.url, 'a-token'));
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(
    /error: the access token has fewer than 8 characters .*LAUNCHDARKLY_ACCESS_TOKEN/,
  );
  expect(world.simulator.requests).toEqual([]);
});

it('a token is masked for a program that calls a command itself', async () => {
  const world = await start();
  world.repo.commit(`Use ${TOKEN}`, { [FILE]: overrides({ [TOKEN]: { theme: 'dark' } }) });
  let shown = '';
  const write = (text: string): void => void (shown += text);
  const options = {
    token: TOKEN,
    baseUrl: world.url,
    config: undefined,
    format: 'text',
    selection: { projects: [], environments: [] },
    filter: { flags: [], contexts: [] },
    noRemovals: false,
    force: false,
    allowLoosened: false,
    allowRewind: false,
    allowEmpty: false,
    offline: false,
    detailedExitcode: false,
  } as const;
  const io: Io = {
    cwd: world.repo.path,
    stdout: write,
    stderr: write,
    color: { stdout: false, stderr: false },
    columns: { stdout: undefined, stderr: undefined },
    interactive: false,
    progress: undefined,
    now: Date.now,
    signal: new AbortController().signal,
    ask: async () => '',
  };
  expect(await plan(options, io)).toBe(0);
  expect(shown).toContain('theme  user [token]');
  expectNoTrace(TOKEN, { shown });
});

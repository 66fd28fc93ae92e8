import { expect, it } from 'vitest';
import type { CliOptions, Run } from '../support/cli.js';
import { startServer } from '../support/server.js';
import { config, overrides, startWorld, type World } from '../support/world.js';

const FILES = { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) };

/** The only error line on standard error, with its hint in brackets; the exit code must be 1. */
function errorOf(run: Run): string {
  const errors = run.stderr.split('\n').filter((line) => line.startsWith('error:'));
  const [error = ''] = errors;
  if (run.code !== 1 || run.stdout !== '' || errors.length !== 1 || !/ \(.+\)$/.test(error)) {
    throw new Error(`not one clear error: ${JSON.stringify(run)}`);
  }
  return error;
}

async function plan(world: World, env: NonNullable<CliOptions['env']>, ...args: string[]): Promise<Run> {
  return world.run(['plan', ...args], { env });
}

it.concurrent.each([
  ['no token', undefined, /LAUNCHDARKLY_ACCESS_TOKEN is not set/],
  ['a blank token', '  ', /LAUNCHDARKLY_ACCESS_TOKEN is not set/],
  [
    'a token after a scheme',
    'Bearer api-1234567890',
    /the access token contains spaces.*without quotes, Bearer/,
  ],
  ['a wrong token', 'api-1234567890-wrong', /LaunchDarkly rejects the access token \(401\)/],
])('%s is reported in one line that names the problem', async (_, token, message) => {
  const world = await startWorld({ files: FILES });
  const run = await plan(world, { LAUNCHDARKLY_ACCESS_TOKEN: token });
  expect(errorOf(run)).toMatch(message);
  expect(`${run.stdout}${run.stderr}`).not.toContain('1234567890');
});

it.concurrent(
  'with a reader token plan works, and apply fails each change, names the missing permission and exits with 1',
  async () => {
    const world = await startWorld({ files: FILES });
    const env = { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' };
    expect((await plan(world, env)).code).toBe(0);
    const run = await world.run(['apply', '--yes'], { env });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(
      /^failed {2}theme in storefront\/production: 1 change denied .*updateTargets/m,
    );
    expect(run.stdout).toContain('Applied 0 of 1 change, 1 failed.');
    expect(world.live('theme', 'alice')).toBeUndefined();
    expect(world.ref()).toBeUndefined();
  },
);

it.concurrent('an unsupported glob in a filter is refused before anything is read', async () => {
  const world = await startWorld({ files: { 'overrides/a.yaml': 'broken: [' } });
  expect(errorOf(await plan(world, {}, '--flag', '+(a|a*)b'))).toMatch(
    /the glob \+\(a\|a\*\)b: extended globs.*\{a,b\}/,
  );
});

it.concurrent.each([
  ['http', 'http://launchdarkly.example', /the base URL is not https: http:\/\/launchdarkly\.example/],
  ['with a password', 'https://me:hunter2@launchdarkly.example', /contains a user name or password/],
  [
    'with a path',
    'https://launchdarkly.example/api/v2',
    /contains more than a host.*write only https:\/\/launchdarkly\.example/,
  ],
  ['that is not a URL', 'launchdarkly', /the base URL is not a valid http or https URL/],
])('a base URL %s is refused before anything is sent', async (_, url, message) => {
  const world = await startWorld({ files: FILES });
  const run = await plan(world, { LAUNCHDARKLY_BASE_URL: url });
  expect(errorOf(run)).toMatch(message);
  expect(run.stderr).not.toContain('hunter2');
});

it.concurrent(
  'a host that is only named in flagops.yaml is never contacted, loopback included, until it is also named outside the file',
  async () => {
    const world = await startWorld({ files: FILES });
    const { port } = new URL(world.url);
    for (const host of ['evil.example', `127.0.0.1:${port}`, `0x7f.1:${port}`, `localhost:${port}`]) {
      const baseUrl = `${host.startsWith('evil') ? 'https' : 'http'}://${host}`;
      world.repo.write({ 'flagops.yaml': config({ baseUrl }) });
      const run = await plan(world, { LAUNCHDARKLY_BASE_URL: undefined });
      expect(errorOf(run)).toMatch(
        /baseUrl in flagops\.yaml:2:10 is not one of LaunchDarkly's hosts: (?:evil\.example|127\.0\.0\.1|localhost).*LAUNCHDARKLY_BASE_URL/,
      );
    }
    expect(world.simulator.requests).toEqual([]);
    expect((await plan(world, {})).code).toBe(0);
    expect((await plan(world, { LAUNCHDARKLY_BASE_URL: `http://0x7f.1:${port}` })).code).toBe(0);
  },
);

it.concurrent('the error names a host that does not answer or does not exist', async () => {
  const world = await startWorld({ files: FILES });
  expect(errorOf(await plan(world, { LAUNCHDARKLY_BASE_URL: 'http://127.0.0.1:9' }))).toMatch(
    /cannot reach 127\.0\.0\.1:9 \(ECONNREFUSED\)/,
  );
  const debug = await plan(world, { LAUNCHDARKLY_BASE_URL: 'http://127.0.0.1:9' }, '--debug');
  expect(debug.stderr).toMatch(/^\s+at /m);
});

it.concurrent('a redirect is not followed, so the other host never sees the token', async () => {
  const world = await startWorld({ files: FILES });
  let asked = 0;
  const elsewhere = await startServer((_, response) => {
    asked += 1;
    response.end('{}');
  });
  const url = await startServer((request, response) => {
    response.writeHead(302, { location: `${elsewhere}${request.url ?? ''}` }).end();
  });
  expect(errorOf(await plan(world, { LAUNCHDARKLY_BASE_URL: url }))).toMatch(
    /redirects GET .* flagops does not follow redirects with the token/,
  );
  expect(asked).toBe(0);
});

it.concurrent.each([
  [
    'not JSON',
    200,
    '<html>Please log in</html>',
    /is not JSON \(status 200, application\/json, \d+ characters\)/,
  ],
  ['JSON of another shape', 200, '[]', /the response to GET/],
  ['a flag without variations', 200, '{"items":[{"key":"theme"}]}', /theme/],
  [
    'a flag without environments',
    200,
    '{"key":"theme","items":[{"key":"theme","variations":[{"value":"dark"}]}],"variations":[{"value":"dark"}]}',
    /environments?/,
  ],
  [
    'a refusal that repeats the token',
    400,
    '{"code":"invalid_request","message":"bad token api-writer"}',
    /LaunchDarkly answered 400/,
  ],
])('an answer that is %s is an error, never "no overrides"', async (_, status, body, message) => {
  const world = await startWorld({ files: FILES });
  const url = await startServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  expect(errorOf(await plan(world, { LAUNCHDARKLY_BASE_URL: url }))).toMatch(message);
});

it.concurrent('a request that a server keeps failing is retried, and then reported', async () => {
  const world = await startWorld({ files: FILES });
  let asked = 0;
  const url = await startServer((_, response) => {
    asked += 1;
    response.writeHead(503).end('upstream');
  });
  expect(errorOf(await plan(world, { LAUNCHDARKLY_BASE_URL: url }))).toMatch(
    /LaunchDarkly answered 503.*status\.launchdarkly\.com/,
  );
  expect(asked).toBeGreaterThan(1);
});

it.concurrent.each([
  [
    { project: 'storefrnt' },
    /there is no project storefrnt, or the token cannot see it \(did you mean storefront\?\)/,
  ],
  [
    { environment: 'prodction' },
    /project storefront has no environment prodction \(did you mean production\?\)/,
  ],
])('an unknown project or environment is an error with the nearest name: %j', async (more, message) => {
  const world = await startWorld({
    files: { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }, more) },
  });
  expect(errorOf(await world.flagops('plan'))).toMatch(message);
});

it.concurrent(
  'all declarations that contradict the live flags are reported in one run, with position and nearest name',
  async () => {
    const world = await startWorld({
      files: {
        'overrides/a.yaml': overrides(
          {
            alice: {
              'chekout-v2': true,
              theme: 'drak',
              'search-limit': '25',
              'checkout-v2': 'yes',
              'summer-sale': true,
            },
            bob: { 'recommendation-model': 'bestsellers', banner: { show: true } },
          },
          { contexts: { organisation: { acme: { theme: 'dark' } } } },
        ),
      },
    });
    const run = await world.flagops('plan');
    expect(run).toMatchObject({ code: 1, stdout: '' });
    const lines = run.stderr.match(/^(?:overrides|error).*$/gm) ?? [];
    for (const [index, part] of [
      /^overrides\/a\.yaml:5:5 flag-unknown the project storefront has no flag chekout-v2 \(did you mean checkout-v2\?\)/,
      /^overrides\/a\.yaml:6:5 variation-unknown "drak" is not a variation of theme, which has "light" \(Light\), "dark" \(Dark\), .* \(did you mean dark\?\)/,
      /^overrides\/a\.yaml:7:5 variation-unknown "25" is not a variation of search-limit.*\(write 25 without quotes\)/,
      /^overrides\/a\.yaml:8:5 variation-unknown "yes" is not a variation of checkout-v2.*\(write true/,
      /^overrides\/a\.yaml:9:5 flag-archived the flag summer-sale is archived/,
      /^overrides\/a\.yaml:11:5 variation-ambiguous .* 1, 2 \(select one with/,
      /^overrides\/a\.yaml:12:5 variation-unknown \{"show":true\} is not a variation of banner/,
      /kind-unknown the project storefront has no context kind organisation \(did you mean organization\?\)/,
      /^error: /,
    ].entries()) {
      expect(lines[index]).toMatch(part);
    }
    expect(run.stderr).toContain('\n  6 |     theme: drak\n    |     ^\n');
    expect(world.writes).toEqual([]);
  },
);

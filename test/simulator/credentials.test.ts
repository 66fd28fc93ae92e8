import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startControl } from '../../src/simulator/control.js';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { changeSeed } from '../support/seeds.js';
import { Credentials } from '../../src/simulator/server/credentials.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { readState } from '../../src/simulator/state-file.js';
import type { WorldSnapshot } from '../../src/simulator/world/snapshot.js';
import { call } from './support/call.js';
import { simulators } from './support/running.js';

const start = simulators();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flagops-credentials-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const WRITER = 'a&b-"writer"/<token>';
const SDK_KEY = 'sdk-0f8fad5b-d9cb';
const seed = changeSeed(defaultSeed, {
  tokens: [
    { token: WRITER, role: 'writer', name: 'Mine' },
    { token: 'the-reader-token', role: 'reader' },
  ],
  projects: { storefront: { environments: { production: { sdkKey: SDK_KEY } } } },
});

const theme = '/api/v2/users/storefront/production/alice/flags/theme';
const SECRETS = [WRITER, 'the-reader-token', SDK_KEY, 'somebody-elses-secret'];

/** Expects that a text contains no credential, in plain text or as escaped in JSON, a URL or HTML. */
function expectNone(text: string): void {
  for (const secret of SECRETS) {
    const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    for (const spelling of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), html]) {
      expect(text).not.toContain(spelling);
    }
  }
}

describe('the record of requests', () => {
  test('recorded requests contain no token and no SDK key, wherever they were sent', async () => {
    const file: string[] = [];
    const {
      simulator,
      url,
      call: ask,
    } = await start({
      seed,
      onAnswered: (request) => file.push(JSON.stringify(request)),
    });
    const control = await startControl(simulator, 0);
    const put = {
      token: WRITER,
      headers: { 'x-api-key': 'somebody-elses-secret', cookie: 'a=somebody-elses-secret' },
    };
    await ask('PUT', `${theme}?token=somebody-elses-secret&x=1`, {
      ...put,
      body: { setting: 'dark', comment: `by ${WRITER}` },
    });
    await ask('GET', `${theme}?access_token=&api-key=somebody-elses-secret`, {
      token: 'somebody-elses-secret',
    });
    for (const secret of [WRITER, 'the-reader-token', SDK_KEY]) {
      const encoded = encodeURIComponent(secret);
      const escaped = secret
        .replaceAll(/[a-z]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
        .replaceAll('"', '%22');
      for (const spelling of [encoded, escaped.replaceAll(/[<>&/]/g, encodeURIComponent)]) {
        await call(url, 'GET', `/api/v2/users/storefront/production/${spelling}/flags?q=${spelling}`, {
          token: `Bearer ${secret}`,
          headers: { 'user-agent': `agent ${secret}`, 'proxy-authorization': `Basic ${secret}` },
        });
      }
      await call(url, 'PATCH', '/api/v2/flags/storefront/theme', {
        token: WRITER,
        body: { comment: secret, instructions: [{ [secret]: [`x${secret}y`] }] },
      });
      await call(url, 'POST', '/bulk', { token: SDK_KEY, body: [secret] });
    }
    const log = await call(control.url, 'GET', '/requests');
    await control.stop();
    expect(simulator.requests).toHaveLength(14);
    for (const text of [JSON.stringify(log.body), JSON.stringify(simulator.requests), file.join('\n')]) {
      expectNone(text);
    }
    expect(simulator.requests[0]).toMatchObject({
      path: `${theme}?token=[hidden]&x=1`,
      headers: { authorization: 'writer', 'x-api-key': '[hidden]', cookie: '[hidden]' },
      body: { setting: 'dark', comment: 'by [token Mine]' },
      status: 204,
    });
    expect(simulator.requests[1]).toMatchObject({
      path: `${theme}?access_token=&api-key=[hidden]`,
      headers: { authorization: 'unknown' },
    });
    expect(simulator.auditLog()[0]?.comment).toBe(`by ${WRITER}`);
  });

  test('recorded requests contain no token in base64, and none that is percent-encoded in a header', async () => {
    const { simulator, url } = await start({ seed });
    const basic = ['', 'user:', 'me:'].map((user) => Buffer.from(`${user}${WRITER}`));
    for (const bytes of basic) {
      await call(url, 'GET', `${theme}?q=${bytes.toString('base64url')}`, {
        token: WRITER,
        headers: {
          'x-note': `Basic ${bytes.toString('base64')}`,
          referer: `http://127.0.0.1/?q=%61${encodeURIComponent(WRITER.slice(1))}`,
        },
        body: { comment: bytes.toString('base64') },
      });
    }
    expect(simulator.requests).toHaveLength(3);
    const recorded = JSON.stringify(simulator.requests);
    expectNone(decodeURIComponent(recorded));
    for (const [word] of recorded.matchAll(/[\w+/=-]{8,}/g)) {
      expectNone(Buffer.from(word, 'base64').toString());
    }
  });

  test.each(['x-original-authorization', 'x-sdk-key', 'access_key', 'x-auth-token'])(
    'the record does not contain the value of the header %s',
    (name) => {
      expect(new Credentials().header(name, 'somebody-elses-secret')).toBe('[hidden]');
    },
  );

  test('a very short token does not hide other text in base64', () => {
    expect(new Credentials([['a', 'token Mine']]).text('YWJj YQ== bGJs')).toBe('YWJj YQ== bGJs');
  });

  test('a recorded body that is not JSON contains no credentials', async () => {
    const { simulator, url } = await start({ seed });
    const body = `setting=${encodeURIComponent(WRITER)}&again=${WRITER}`;
    const reply = await fetch(`${url}${theme}`, { method: 'PUT', headers: { authorization: WRITER }, body });
    expect(reply.status).toBe(400);
    expect(simulator.requests[0]?.body).toBe('setting=[token Mine]&again=[token Mine]');
  });

  test('everything else is recorded unchanged, and a large body is not copied', () => {
    const credentials = new Credentials([[WRITER, 'token Mine']]);
    const body = { setting: ['a', { key: 'token' }] };
    expect(credentials.body(JSON.stringify(body), body)).toBe(body);
    const target = '/api/v2/flags/p%2Fq?filter=key:a&limit=1&env=x%20y&keys=1&key=2&author=z';
    expect(credentials.target(target)).toBe(target);
    expect(credentials.target('/%zz?%zz=1')).toBe('/%zz?%zz=1');
    expect(credentials.header('user-agent', 'token/1')).toBe('token/1');
    expect(new Credentials().text('anything')).toBe('anything');
  });
});

test('the page and its updates show no token and no SDK key', async () => {
  const { simulator, url } = await start({ seed });
  const alice = { kind: 'user', key: WRITER, variation: 1 };
  simulator.setTarget('storefront', 'production', 'theme', alice, `because ${WRITER} and ${SDK_KEY}`);
  const page = await (await fetch(url)).text();
  expect(page).toContain('because [token Mine] and [SDK key storefront/production]');
  expectNone(page);
  const feed = await fetch(`${url}/page/events`);
  let shown = '';
  for await (const part of feed.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    shown += part;
    if (shown.includes('[token Mine]') && shown.includes('because')) break;
  }
  expectNone(shown);
});

describe('the state file', () => {
  async function kept(file: string): Promise<WorldSnapshot> {
    const snapshot = await readState(file);
    if (snapshot === undefined) throw new TypeError('no state');
    return snapshot;
  }

  test('a state file contains no token, and the tokens still work after a restart from it', async () => {
    const stateFile = join(folder, 'state.json');
    const first = new Simulator({ seed, stateFile });
    await first.start();
    await first.stop();
    const text = await readFile(stateFile, 'utf8');
    for (const secret of [WRITER, 'the-reader-token']) {
      expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
    const { simulator, call: ask } = await start({ seed: await kept(stateFile) });
    expect((await ask('GET', theme, { token: 'the-reader-token' })).status).toBe(200);
    expect((await ask('PUT', theme, { token: 'the-reader-token', body: {} })).status).toBe(403);
    const put = { token: WRITER, body: { setting: 'dark', comment: WRITER } };
    expect((await ask('PUT', theme, put)).status).toBe(204);
    expect((await ask('GET', theme, { token: 'nobody-at-all' })).status).toBe(401);
    expectNone(JSON.stringify(simulator.requests));
    expect(simulator.auditLog()).toMatchObject([{ tokenName: 'Mine' }]);
  });

  test('a state file with tokens, from an earlier version, is read and saved without them', async () => {
    const stateFile = join(folder, 'state.json');
    const snapshot = new Simulator({ seed }).world.snapshot();
    const tokens = snapshot.tokens.map((token, index) => ({ ...token, token: SECRETS[index] }));
    await writeFile(stateFile, JSON.stringify({ ...snapshot, tokens }));
    const { call: ask } = await start({ seed: await kept(stateFile), stateFile });
    expect((await ask('GET', theme, { token: 'the-reader-token' })).status).toBe(200);
    expect(await readFile(stateFile, 'utf8')).not.toContain('the-reader-token');
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OutputMask } from '../../src/action/step-context.js';
import { markdown } from '../../src/report/escape.js';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { pullRequest, startJob } from '../support/action.js';
import { changeSeed } from '../support/seeds.js';
import { startServer } from '../support/server.js';
import { echoesOf, expectNoTrace } from '../support/secret-traces.js';
import { copied } from '../support/markdown.js';
import { config, overrides } from '../support/world.js';

const SALT = 'a-salt-of-thirty-two-characters!';
const HIDE = { 'redact-keys': 'true', 'redact-salt': SALT };
const TOKEN = 'api-0f8fad5b-d9cb-469f-a165-70867728950e';
const KEYS = ['alice@example.com', 'customer-4711', 'bob'];

/** What is in a log besides the commands that have the runner mask something. */
const withoutMasks = (log: string): string => log.replaceAll(/^::add-mask::.*$/gm, '');

describe('hidden context keys', () => {
  it('stand nowhere: comment, summary, annotations, log, outputs and plan file', async () => {
    const job = await startJob({ git: true });
    job.world.repo.commit('Let alice@example.com and customer-4711 in', {
      'flagops.yaml': config({}, { protect: { contexts: ['user:bob'] } }),
      'overrides/production.yaml': overrides(
        Object.fromEntries(KEYS.map((key) => [key, { 'checkout-v2': true }])),
        { reason: 'for customer-4711' },
      ),
    });
    const run = await job.run({
      event: 'pull_request',
      payload: pullRequest(7),
      ref: 'refs/pull/7/merge',
      inputs: HIDE,
    });
    expect(run.code).toBe(4);
    const planFile = readFileSync(run.outputs['plan-file'] ?? '', 'utf8');
    const comment = job.github.comments.get(7)?.[0]?.body ?? '';
    const everything = JSON.stringify([run, planFile, comment]);
    for (const key of KEYS) expect(everything).not.toContain(key);
    for (const text of [run.log, run.summary, planFile, comment]) expect(text).toMatch(/hmac:[0-9a-f]{12}/);
    expect((JSON.parse(planFile) as { changes: unknown[] }).changes).toHaveLength(3);
  });

  it('stand nowhere in an apply and in declarations that are not valid', async () => {
    const job = await startJob({
      files: { 'overrides/production.yaml': overrides({ 'alice@example.com': { 'checkout-v2': true } }) },
    });
    const applied = await job.run({ event: 'push', inputs: HIDE });
    expect(applied.outputs['applied']).toBe('1');
    expect(job.world.live('checkout-v2', 'alice@example.com')).toBe(true);
    job.world.repo.commit('Wrong', {
      'overrides/production.yaml': overrides({
        'customer-4711': { 'checkout-v2': 'perhaps', 'no-such-flag': true },
      }),
      'overrides/other.yaml': 'project: storefront\nenvironment: production\nusers:\n  bob: [1]\n',
    });
    const wrong = await job.run({ event: 'workflow_dispatch', inputs: HIDE });
    expect(wrong.code).toBe(1);
    for (const key of KEYS) expect(JSON.stringify([applied, wrong])).not.toContain(key);
  });

  it('stand nowhere in an issue about drift', async () => {
    const users = Object.fromEntries(KEYS.map((key) => [key, { 'checkout-v2': true }]));
    const job = await startJob({ files: { 'overrides/production.yaml': overrides(users) } });
    job.world.applied(users);
    for (const key of KEYS) job.world.touch('checkout-v2', key, false);
    const run = await job.run({ event: 'schedule', inputs: HIDE });
    expect(run.outputs).toMatchObject({ updates: '3', 'exit-code': '2' });
    const planFile = readFileSync(run.outputs['plan-file'] ?? '', 'utf8');
    const [issue] = job.github.issues;
    for (const key of KEYS) expect(JSON.stringify([run, planFile, issue])).not.toContain(key);
    expect(issue?.body.match(/hmac:[0-9a-f]{12}/g)).toHaveLength(3);
  });

  it('stand nowhere where a run ends before they are known', async () => {
    const job = await startJob({
      files: {
        'overrides/alice@example.com.yaml': overrides({ 'alice@example.com': { 'checkout-v2': true } }),
      },
    });
    job.world.repo.git('update-index', '--skip-worktree', 'overrides/alice@example.com.yaml');
    job.world.repo.write({ 'overrides/alice@example.com.yaml': null, 'overrides/b.yaml': overrides({}) });
    const run = await job.run({ event: 'workflow_dispatch', inputs: HIDE });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('is in HEAD, but not on disk');
    expect(JSON.stringify(run)).not.toContain('alice');
  });

  it('leave links, the marker and the line to accept a plan as they are, whatever they are called', async () => {
    const keys = ['flagops', 'plan', 'acme', 'accept', 'github'];
    const job = await startJob({
      files: {
        'flagops.yaml': config({}, { limits: { changes: 1 } }),
        'overrides/production.yaml': overrides(
          Object.fromEntries(keys.map((key) => [key, { 'checkout-v2': true }])),
        ),
      },
    });
    const review = { event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge', inputs: HIDE };
    await job.run(review);
    const run = await job.run(review);
    const comments = job.github.comments.get(7) ?? [];
    expect(comments).toHaveLength(1);
    const [{ body } = { body: '' }] = comments;
    expect(body.match(/hmac:/g)).toHaveLength(keys.length);
    expect(body).toContain(`accept: ["${run.outputs['fingerprint']}"]`);
    expect(body).toContain('](https://github.com/acme/flags/blob/');
  });

  it('stand nowhere where not even the configuration is found', async () => {
    const job = await startJob({ files: {} });
    const inputs = { ...HIDE, config: 'teams/alice@example.com/flagops.yaml' };
    const run = await job.run({ event: 'push', inputs });
    expect(run.code).toBe(1);
    expect(run.summary).toContain('does not exist');
    expect(JSON.stringify(run)).not.toContain('alice');
  });

  it('need a salt', async () => {
    const job = await startJob({ files: {} });
    const run = await job.run({ event: 'push', inputs: { 'redact-keys': 'true' } });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('redact-keys needs redact-salt');
  });
});

describe('text from files and commits', () => {
  it('formats, mentions, closes and commands nothing', async () => {
    const evil = '::error::<!-- --> @acme/all | `x` ![i](http://evil.example/x) #1\n';
    const job = await startJob();
    job.world.repo.commit(evil, {
      'overrides/::error::x.yaml': overrides(
        { '@acme/all | <b>x</b> `y` <!--': { 'checkout-v2': true } },
        { owner: '@acme/all</details>', reason: '-->' },
      ),
      'overrides/hidden.yaml': overrides({ 'ali\u200b\u202e\u001bce': { 'checkout-v2': true } }),
    });
    const run = await job.run({ event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' });
    const body = (job.github.comments.get(7)?.[0]?.body ?? '').split('\n').slice(1).join('\n');

    expect(run.code).toBe(0);
    expect(run.annotations).toEqual([
      expect.stringMatching(
        /^warning file=overrides\/hidden\.yaml,.*"ali\\u200b\\u202e\\u001bce".*: U\+200B, U\+202E, U\+001B /,
      ),
    ]);
    expect(run.log + body).not.toMatch(/[\u200b\u202e\u001b]/);
    expect(copied(body)).toContain('@acme/all | <b>x</b> `y` <!--');
    expect(body).toContain('acme/all');
    expect(body).not.toMatch(/@|<!--|-->|<b>|<\/details>|http:\/\/evil|#1\b/);
    expect(body.match(/^\| ➕.*$/m)?.[0].split(' | ')).toHaveLength(8);
  });
});

describe('tokens', () => {
  const FILES = { 'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true } }) };

  it.each([
    { DEBUG: '*' },
    { GIT_TRACE: '1', GIT_TRACE_CURL: '1', GIT_CURL_VERBOSE: '1', GIT_TRACE_SETUP: '1' },
    { ACTIONS_STEP_DEBUG: 'true', RUNNER_DEBUG: '1' },
  ])('are in no log with %j', async (env) => {
    const job = await startJob({ files: FILES });
    job.world.repo.git('remote', 'add', 'origin', 'https://127.0.0.1:1/acme/flags');
    const run = await job.run({ event: 'push', inputs: { command: 'plan' }, env });
    expect(run.outputs['adds']).toBe('1');
    expect(run.log).not.toMatch(/basic|extraheader/i);
  });

  it('are masked line by line, and what is no token is said without showing it', async () => {
    const job = await startJob({ files: FILES });
    const broken = { 'access-token': 'api-writer-one\nsecond-line-of-it' };
    const run = await job.run({ event: 'push', inputs: broken });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('the access token holds blanks');
    const other = await job.run({ event: 'push', inputs: { 'github-token': 'ghs_oneoneone\ntwotwotwo' } });
    expect(other.code).toBe(1);
    const around = await job.run({
      event: 'push',
      inputs: { 'access-token': undefined },
      env: { LAUNCHDARKLY_ACCESS_TOKEN: ' api-writer\n' },
    });
    expect(around.outputs['applied']).toBe('1');
  });

  it.each([{}, HIDE])('that files, commits and answers repeat are shown nowhere, with %j', async (inputs) => {
    const job = await startJob({
      git: true,
      simulator: { seed: changeSeed(defaultSeed, { tokens: [{ token: TOKEN, role: 'reader' }] }) },
    });
    const review = { event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' };
    job.world.repo.commit(`Let ${TOKEN} in, ${'x'.repeat(40)} ${TOKEN}`, {
      'overrides/production.yaml': overrides(
        // A key within the token, which is hidden with a hash.
        { [`key ${TOKEN}`]: { theme: 'dark' }, d9cb: { theme: 'dark' } },
        { owner: `${'y'.repeat(40)}${TOKEN}`, reason: `for ${TOKEN}` },
      ),
    });
    const run = await job.run({
      ...review,
      inputs: { ...inputs, 'access-token': TOKEN },
      tokenInFiles: true,
    });
    expect(run.code).toBe(0);
    const [comment] = job.github.comments.get(7) ?? [];
    expectNoTrace(TOKEN, {
      log: withoutMasks(run.log),
      annotations: run.annotations.join('\n'),
      summary: run.summary,
      outputs: JSON.stringify(run.outputs),
      comment: comment?.body ?? '',
      plan: readFileSync(run.outputs['plan-file'] ?? '', 'utf8'),
    });
    expect(comment?.body).toMatch(/token(?:\]|&#93;)/);

    job.world.repo.commit('Break it', { 'overrides/b.yaml': `${TOKEN}: "${TOKEN}"\nusers: ${TOKEN}\n` });
    const wrong = await job.run({
      ...review,
      inputs: { ...inputs, 'access-token': TOKEN },
      tokenInFiles: true,
    });
    expect(wrong.annotations.join()).toContain('[token]');
    expectNoTrace(TOKEN, {
      log: withoutMasks(wrong.log),
      summary: wrong.summary,
      comment: job.github.comments.get(7)?.[0]?.body ?? '',
    });

    const url = await startServer((_, response) => response.writeHead(403).end(echoesOf(TOKEN)[0]));
    const refused = await job.run({
      event: 'workflow_dispatch',
      inputs: { ...inputs, 'access-token': TOKEN, 'base-url': url },
      tokenInFiles: true,
    });
    expect(refused.code).toBe(1);
    expectNoTrace(TOKEN, { log: withoutMasks(refused.log), summary: refused.summary });
  });

  it('are taken out of pages in the spelling of Markdown too', () => {
    const hiding = new OutputMask();
    hiding.addSecret('ghs_one_secret\nand_another');
    for (const secret of ['ghs_one_secret', 'and_another']) {
      expect(hiding.clean(`x ${secret} y`)).toBe('x [token] y');
      expect(hiding.withoutTokens(`x ${markdown(secret)} y`)).toBe('x [token] y');
    }
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OutputMask } from '../../src/action/output-mask.js';
import { escapeMarkdown } from '../../src/report/escape.js';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { NODE_24, pullRequest, startJob } from '../support/action.js';
import { changeSeed } from '../support/seeds.js';
import { startServer } from '../support/server.js';
import { echoesOf, expectNoTrace } from '../support/secret-traces.js';
import { copied } from '../support/markdown.js';
import { config, overrides } from '../support/world.js';

const SALT = 'a-salt-of-thirty-two-characters!';
const REDACT = { 'redact-keys': 'true', 'redact-salt': SALT };
const TOKEN = 'api-0f8fad5b-d9cb-469f-a165-70867728950e';
const KEYS = ['alice@example.com', 'customer-4711', 'bob'];

/** A log without the commands that have the runner mask something. */
const withoutMasks = (log: string): string => log.replaceAll(/^::add-mask::.*$/gm, '');

describe('redacted context keys', () => {
  it('redacted keys are in no comment, summary, annotation, log, output or plan file', async () => {
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
      inputs: REDACT,
    });
    expect(run.code).toBe(4);
    const planFile = readFileSync(run.outputs['plan-file'] ?? '', 'utf8');
    const comment = job.github.comments.get(7)?.[0]?.body ?? '';
    const everything = JSON.stringify([run, planFile, comment]);
    for (const key of KEYS) expect(everything).not.toContain(key);
    for (const text of [run.log, run.summary, planFile, comment]) expect(text).toMatch(/hmac:[0-9a-f]{12}/);
    expect((JSON.parse(planFile) as { changes: unknown[] }).changes).toHaveLength(3);
  });

  it('redacted keys are in no output of an apply or of invalid declarations', async () => {
    const job = await startJob({
      files: { 'overrides/production.yaml': overrides({ 'alice@example.com': { 'checkout-v2': true } }) },
    });
    const applied = await job.run({ event: 'push', inputs: REDACT });
    expect(applied.outputs['applied']).toBe('1');
    expect(job.world.live('checkout-v2', 'alice@example.com')).toBe(true);
    job.world.repo.commit('Wrong', {
      'overrides/production.yaml': overrides({
        'customer-4711': { 'checkout-v2': 'perhaps', 'no-such-flag': true },
      }),
      'overrides/other.yaml': 'project: storefront\nenvironment: production\nusers:\n  bob: [1]\n',
    });
    const wrong = await job.run({ event: 'workflow_dispatch', inputs: REDACT });
    expect(wrong.code).toBe(1);
    for (const key of KEYS) expect(JSON.stringify([applied, wrong])).not.toContain(key);
  });

  it('redacted keys are not in the issue about drift', async () => {
    const users = Object.fromEntries(KEYS.map((key) => [key, { 'checkout-v2': true }]));
    const job = await startJob({ files: { 'overrides/production.yaml': overrides(users) } });
    job.world.applied(users);
    for (const key of KEYS) job.world.touch('checkout-v2', key, false);
    const run = await job.run({ event: 'schedule', inputs: REDACT });
    expect(run.outputs).toMatchObject({ updates: '3', 'exit-code': '2' });
    const planFile = readFileSync(run.outputs['plan-file'] ?? '', 'utf8');
    const [issue] = job.github.issues;
    for (const key of KEYS) expect(JSON.stringify([run, planFile, issue])).not.toContain(key);
    expect(issue?.body.match(/hmac:[0-9a-f]{12}/g)).toHaveLength(3);
  });

  it('email addresses are redacted in a run that ends before the keys are known', async () => {
    const job = await startJob({
      files: {
        'overrides/alice@example.com.yaml': overrides({ 'alice@example.com': { 'checkout-v2': true } }),
      },
    });
    job.world.repo.git('update-index', '--skip-worktree', 'overrides/alice@example.com.yaml');
    job.world.repo.write({ 'overrides/alice@example.com.yaml': null, 'overrides/b.yaml': overrides({}) });
    const run = await job.run({ event: 'workflow_dispatch', inputs: REDACT });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('is in HEAD, but not on disk');
    expect(JSON.stringify(run)).not.toContain('alice');
  });

  it('redaction does not change links, the marker or the line that accepts a plan', async () => {
    const keys = ['flagops', 'plan', 'acme', 'accept', 'github'];
    const job = await startJob({
      files: {
        'flagops.yaml': config({}, { limits: { changes: 1 } }),
        'overrides/production.yaml': overrides(
          Object.fromEntries(keys.map((key) => [key, { 'checkout-v2': true }])),
        ),
      },
    });
    const review = {
      event: 'pull_request',
      payload: pullRequest(7),
      ref: 'refs/pull/7/merge',
      inputs: REDACT,
    };
    await job.run(review);
    const run = await job.run(review);
    const comments = job.github.comments.get(7) ?? [];
    expect(comments).toHaveLength(1);
    const [{ body } = { body: '' }] = comments;
    expect(body.match(/hmac:/g)).toHaveLength(keys.length);
    expect(body).toContain(`accept: ["${run.outputs['fingerprint']}"]`);
    expect(body).toContain('](https://github.com/acme/flags/blob/');
  });

  it('email addresses are redacted if the configuration is not found', async () => {
    const job = await startJob({ files: {} });
    const inputs = { ...REDACT, config: 'teams/alice@example.com/flagops.yaml' };
    const run = await job.run({ event: 'push', inputs });
    expect(run.code).toBe(1);
    expect(run.summary).toContain('does not exist');
    expect(JSON.stringify(run)).not.toContain('alice');
  });

  it('redact-keys needs a salt', async () => {
    const job = await startJob({ files: {} });
    const run = await job.run({ event: 'push', inputs: { 'redact-keys': 'true' } });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('redact-keys needs redact-salt');
  });
});

describe('text from files and commits', () => {
  it('text from files and commits cannot format, mention, close or run commands', async () => {
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
    expect(body).not.toMatch(/@|<!--|-->|<b>|http:\/\/evil|#1\b/);
    // The only one is that of the details.
    expect(body.match(/<\/details>/g)).toHaveLength(1);
    expect(body.match(/^\| ➕.*$/m)?.[0].split(' | ')).toHaveLength(5);
  });
});

describe('tokens', () => {
  const FILES = { 'overrides/production.yaml': overrides({ alice: { 'checkout-v2': true } }) };

  it.for<Record<string, string>>([
    { DEBUG: '*' },
    { GIT_TRACE: '1', GIT_TRACE_CURL: '1', GIT_CURL_VERBOSE: '1', GIT_TRACE_SETUP: '1' },
    { ACTIONS_STEP_DEBUG: 'true', RUNNER_DEBUG: '1' },
  ])('no token is in the log with %j', async (env, { skip }) => {
    skip('DEBUG' in env && NODE_24 === undefined);
    const job = await startJob({ files: FILES });
    job.world.repo.git('remote', 'add', 'origin', 'https://127.0.0.1:1/acme/flags');
    const run = await job.run({ event: 'push', inputs: { command: 'plan' }, env });
    expect(run.outputs['adds']).toBe('1');
    expect(run.log).not.toMatch(/basic|extraheader/i);
  });

  it('tokens are masked line by line, and a malformed token is reported without showing it', async () => {
    const job = await startJob({ files: FILES });
    const broken = { 'access-token': 'api-writer-one\nsecond-line-of-it' };
    const run = await job.run({ event: 'push', inputs: broken });
    expect(run.code).toBe(1);
    expect(run.annotations.join()).toContain('the access token contains spaces');
    const other = await job.run({ event: 'push', inputs: { 'github-token': 'ghs_oneoneone\ntwotwotwo' } });
    expect(other.code).toBe(1);
    const around = await job.run({
      event: 'push',
      inputs: { 'access-token': undefined },
      env: { LAUNCHDARKLY_ACCESS_TOKEN: ' api-writer\n' },
    });
    expect(around.outputs['applied']).toBe('1');
  });

  it.each([{}, REDACT])(
    'tokens that files, commits and responses repeat are not shown, with %j',
    async (inputs) => {
      const job = await startJob({
        git: true,
        simulator: { seed: changeSeed(defaultSeed, { tokens: [{ token: TOKEN, role: 'reader' }] }) },
      });
      const review = { event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' };
      job.world.repo.commit(`Let ${TOKEN} in, ${'x'.repeat(40)} ${TOKEN}`, {
        'overrides/production.yaml': overrides(
          // A key that is part of the token.
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
    },
  );

  it('tokens are masked in pages, also in their Markdown spelling', () => {
    const mask = new OutputMask();
    mask.addSecret('ghs_one_secret\nand_another');
    for (const secret of ['ghs_one_secret', 'and_another']) {
      expect(mask.clean(`x ${secret} y`)).toBe('x [token] y');
      expect(mask.withoutTokens(`x ${escapeMarkdown(secret)} y`)).toBe('x [token] y');
    }
  });
});

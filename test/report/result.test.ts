import { describe, expect, it } from 'vitest';
import { contentAnnotations } from '../../src/action/annotations.js';
import type { Outcome } from '../../src/apply/outcome.js';
import type { ApplyReport } from '../../src/apply/report.js';
import { NO_LINKS, prose } from '../../src/report/page/text.js';
import { renderPage } from '../../src/report/page/page.js';
import { resultJson } from '../../src/report/result-json.js';
import { resultText } from '../../src/report/result-text.js';
import { planned } from '../reconcile/world.js';

/** What switches a colour on or off. */
const COLOR = new RegExp(String.raw`${'\u001b'}\[\d+m`, 'g');

const PLAN = planned({
  desired: { 'f user alice': true, 'f user bob': true, 'f user carl': true, 'f user dora': true },
});
const ENDS = [
  { status: 'applied', reason: 'written', message: '' },
  { status: 'failed', reason: 'refused', message: 'LaunchDarkly said no' },
  { status: 'skipped', reason: 'live-moved', message: 'live moved' },
  { status: 'approval-required', reason: 'approval-required', message: 'requires approval' },
] as const;

const OUTCOMES: Outcome[] = PLAN.changes.map((change, index) => ({ change, ...(ENDS[index] ?? ENDS[0]) }));

const REPORT: ApplyReport = {
  plan: PLAN,
  outcomes: OUTCOMES,
  dates: [],
  verification: {
    checked: 1,
    mismatches: OUTCOMES.slice(0, 1).map(({ change }) => ({ change, live: undefined })),
    dateMismatches: [],
    failure: undefined,
  },
  interrupted: false,
  recorded: [],
  unrecorded: [],
  notices: ['the ref was not pushed'],
};

const AGAIN =
  'Next: when the cause is fixed, run flagops apply again; it makes only the changes that are left.\n';

it('the result on a terminal lists the changes that were not applied or are not live', () => {
  expect(resultText(REPORT, { color: false }))
    .toBe(`failed  shop/production  f for user "bob": LaunchDarkly said no
skipped  shop/production  f for user "carl": live moved
approval-required  shop/production  f for user "dora": requires approval
not live  shop/production  f for user "alice"
warning: the ref was not pushed
Applied 1 of 4 changes, 1 failed, 1 skipped, 1 approval required.
Read back 1 change: 1 not live.
${AGAIN}`);
});

it('the result on a terminal is wrapped to its width', () => {
  const narrow = resultText(REPORT, { color: false, columns: 40 });
  expect(narrow.split(/\s+/)).toEqual(resultText(REPORT, { color: false }).split(/\s+/));
  expect(narrow).toContain(`failed  shop/production  f for user
  "bob": LaunchDarkly said no
`);
  for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  const colored = resultText(REPORT, { color: true, columns: 40 });
  expect(colored.replaceAll(COLOR, '')).toBe(narrow);
});

it('the result on a terminal names up to three scopes that were recorded, and counts more', () => {
  const scopes = ['a', 'b', 'c', 'd'].map((project) => ({ project, environment: 'production' }));
  const head = { id: 'e'.repeat(40), subject: 'Start', author: 'Ada', date: 0 };
  const done = { ...REPORT, plan: { ...PLAN, head }, outcomes: [], verification: undefined, notices: [] };
  const recorded = (count: number): string[] =>
    resultText({ ...done, recorded: scopes.slice(0, count) }, { color: false })
      .split('\n')
      .filter((line) => line.startsWith('Last applied'));
  expect(recorded(3)).toEqual(
    ['a', 'b', 'c'].map((project) => `Last applied to ${project}/production: eeeeeeeeeeee`),
  );
  expect(recorded(4)).toEqual(['Last applied to 4 scopes: eeeeeeeeeeee']);
});

it('the result on a terminal says what to do about approvals, and nothing if all is done', () => {
  const text = (ends: readonly Outcome[]): string =>
    resultText({ ...REPORT, outcomes: ends, verification: undefined }, { color: false });
  expect(text(OUTCOMES.slice(3))).toMatch(/\nNext: once they are approved in LaunchDarkly, run flagops plan/);
  expect(text(OUTCOMES.slice(0, 1))).not.toContain('Next: ');
});

it('the result in Markdown lists the changes that were not applied or are not live', () => {
  const limit = { size: 10_000, in: 'characters' } as const;
  const content = { type: 'applied', report: REPORT } as const;
  const markdown = renderPage(content, { limit, links: NO_LINKS, configPath: 'flagops.yaml' });
  expect(markdown).toContain(
    '- failed: shop/production <code>f for user "bob"</code>: LaunchDarkly said no\n',
  );
  expect(markdown).toContain('- not live: shop/production <code>f for user "alice"</code>\n');
  expect(markdown).toContain('> the ref was not pushed\n');
});

it('the result as JSON has the exit code, each outcome, and null for what is not live', () => {
  expect(JSON.parse(resultJson(REPORT))).toMatchObject({
    format: 'flagops-result/1',
    exitCode: 3,
    outcomes: ENDS,
    verification: {
      checked: 1,
      mismatches: [{ change: { key: 'alice' }, live: null }],
      dateMismatches: [],
      failure: null,
    },
  });
});

it('the result says whether an apply was interrupted while writing or while reading back', () => {
  const interrupted: ApplyReport = { ...REPORT, interrupted: true, verification: undefined };
  expect(resultText(interrupted, { color: false })).toContain(
    '\nInterrupted: run it again to complete the work.\n',
  );
  const verification = {
    checked: 1200,
    mismatches: [],
    dateMismatches: [],
    failure: { type: 'interrupted' } as const,
  };
  const text = resultText({ ...interrupted, verification }, { color: false });
  expect(text).toContain(
    '\nInterrupted while reading back 1,200 changes: run it again to check and record them.\n',
  );
  expect(text).not.toContain('Could not');
  expect(JSON.parse(resultJson({ ...interrupted, verification }))).toMatchObject({ exitCode: 130 });
  const annotated = (report: ApplyReport): string[] =>
    contentAnnotations({ type: 'applied', report }).map(({ message }) => message);
  const reading = { ...interrupted, outcomes: OUTCOMES.slice(0, 1), notices: [] };
  expect(annotated({ ...reading, verification })).toEqual([
    'Interrupted while reading back 1,200 changes: run it again to check and record them.',
  ]);
  expect(annotated(reading)).toEqual(['Interrupted: run it again to complete the work.']);
  const left = OUTCOMES.slice(0, 2).map(({ change }): Outcome => ({
    change,
    status: 'skipped',
    reason: 'interrupted',
    message: 'interrupted',
  }));
  expect(annotated({ ...reading, outcomes: left })).toEqual(['2 changes left: interrupted']);
});

describe('changes that were not started', () => {
  const MESSAGE = 'not started: LaunchDarkly rejects the access token (401)';
  const outcomes = PLAN.changes.map((change, index): Outcome => {
    if (index === 0) return { change, status: 'failed', reason: 'token-rejected', message: 'rejected' };
    return { change, status: 'skipped', reason: 'stopped', message: MESSAGE };
  });
  const report: ApplyReport = { ...REPORT, outcomes, verification: undefined, notices: [] };

  it('changes that were not started share one line on a terminal', () => {
    expect(resultText(report, { color: false })).toBe(`failed  shop/production  f for user "alice": rejected
skipped  3 changes: ${MESSAGE}
Applied 0 of 4 changes, 1 failed, 3 skipped.
${AGAIN}`);
  });

  it('changes that were not started share one line in Markdown', () => {
    const limit = { size: 60_000, in: 'characters' } as const;
    const content = { type: 'applied', report } as const;
    const markdown = renderPage(content, { limit, links: NO_LINKS, configPath: 'flagops.yaml' });
    expect(markdown.split('\n').filter((line) => line.startsWith('- skipped:'))).toEqual([
      `- skipped: 3 changes: ${prose(MESSAGE)}`,
    ]);
  });
});

describe('changes that were denied', () => {
  const MESSAGE =
    'denied (403 forbidden: Not yours): the token needs updateTargets on proj/shop:env/production:flag/';
  const users = Array.from({ length: 1200 }, (_, index) => `u${index}`);
  const denied = planned({
    desired: Object.fromEntries([
      ...users.map((user) => [`f user ${user}`, true]),
      ['theme user alice', 'light'],
      ['theme user bob', 'dark'],
    ]),
  });
  const outcomes = denied.changes.map((change): Outcome => {
    if (change.key === 'bob') return { change, status: 'failed', reason: 'refused', message: 'said no' };
    return { change, status: 'failed', reason: 'missing-permission', message: `${MESSAGE}${change.flag}` };
  });
  const report: ApplyReport = { ...REPORT, plan: denied, outcomes, verification: undefined, notices: [] };

  it('denied changes share one line for each flag on a terminal', () => {
    expect(resultText(report, { color: false })).toBe(`failed  f in shop/production: 1,200 changes ${MESSAGE}f
failed  theme in shop/production: 1 change ${MESSAGE}theme
failed  shop/production  theme for user "bob": said no
Applied 0 of 1,202 changes, 1,202 failed.
${AGAIN}`);
  });

  it('denied changes share one line for each flag in Markdown', () => {
    const limit = { size: 60_000, in: 'characters' } as const;
    const content = { type: 'applied', report } as const;
    const markdown = renderPage(content, { limit, links: NO_LINKS, configPath: 'flagops.yaml' });
    expect(markdown.split('\n').filter((line) => line.startsWith('- failed:'))).toEqual([
      `- failed: <code>f</code> in shop/production: 1,200 changes ${prose(MESSAGE)}f`,
      `- failed: <code>theme</code> in shop/production: 1 change ${prose(MESSAGE)}theme`,
      '- failed: shop/production <code>theme for user "bob"</code>: said no',
    ]);
  });

  it('denied changes share one annotation for each flag', () => {
    expect(contentAnnotations({ type: 'applied', report }).map(({ message }) => message)).toEqual([
      `failed: f in shop/production: 1,200 changes ${MESSAGE}f`,
      `failed: theme in shop/production: 1 change ${MESSAGE}theme`,
      'failed: theme for user "bob": said no',
    ]);
  });

  it('denied changes in lines that are left out are counted one by one', () => {
    const flags = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`f${at + 10}`, { values: [true] }]),
    );
    const names = Object.keys(flags).flatMap((flag) => [`${flag} user a`, `${flag} user b`]);
    const plan = planned({ flags, desired: Object.fromEntries(names.map((name) => [name, true])) });
    const all = plan.changes.map((change): Outcome => ({
      change,
      status: 'failed',
      reason: 'missing-permission',
      message: MESSAGE,
    }));
    const markdown = renderPage(
      { type: 'applied', report: { ...report, plan, outcomes: all } },
      { limit: { size: 1e6, in: 'characters' }, links: NO_LINKS, configPath: 'flagops.yaml' },
    );
    expect(markdown).toContain('\nand 20 more changes that were not applied\n');
  });

  it('denied changes have one outcome each in JSON', () => {
    const { outcomes: all, exitCode } = JSON.parse(resultJson(report)) as {
      outcomes: readonly { message: string }[];
      exitCode: number;
    };
    expect(all).toHaveLength(1202);
    expect(all[1199]?.message).toBe(`${MESSAGE}f`);
    expect(exitCode).toBe(1);
  });

  it('denied changes lead to exit code 3 if another change was applied', () => {
    const written = outcomes.map((outcome, index): Outcome => {
      return index === 0 ? { ...outcome, status: 'applied', reason: 'written', message: '' } : outcome;
    });
    expect(JSON.parse(resultJson({ ...report, outcomes: written }))).toMatchObject({ exitCode: 3 });
  });
});

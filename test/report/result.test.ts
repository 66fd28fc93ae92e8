import { expect, it } from 'vitest';
import type { Outcome, OutcomeStatus } from '../../src/apply/outcome.js';
import type { ApplyReport } from '../../src/apply/report.js';
import { NO_LINKS } from '../../src/report/comment-text.js';
import { page } from '../../src/report/comment.js';
import { resultJson } from '../../src/report/result-json.js';
import { resultText } from '../../src/report/result-text.js';
import { planned } from '../reconcile/world.js';

const PLAN = planned({
  desired: { 'f user alice': true, 'f user bob': true, 'f user carl': true, 'f user dora': true },
});
const ENDS = [
  ['applied', 'written', ''],
  ['failed', 'refused', 'LaunchDarkly said no'],
  ['skipped', 'live-moved', 'live moved'],
  ['approval-required', 'approval-required', 'needs an approval'],
] as const satisfies readonly (readonly [OutcomeStatus, Outcome['reason'], string])[];

const OUTCOMES: Outcome[] = PLAN.changes.map((change, index) => {
  const [status, reason, message] = ENDS[index] ?? ENDS[0];
  return { change, status, reason, message };
});

const REPORT: ApplyReport = {
  plan: PLAN,
  outcomes: OUTCOMES,
  verification: {
    checked: 1,
    mismatches: OUTCOMES.slice(0, 1).map(({ change }) => ({ change, live: undefined })),
    failure: undefined,
  },
  interrupted: false,
  recorded: [],
  notices: ['the ref was not pushed'],
};

it('names on a terminal each change that did not go through, and what is not live', () => {
  expect(resultText(REPORT, { color: false }))
    .toBe(`failed  shop/production  f for user "bob": LaunchDarkly said no
skipped  shop/production  f for user "carl": live moved
approval-required  shop/production  f for user "dora": needs an approval
not live  shop/production  f for user "alice"
warning: the ref was not pushed
Applied 1 of 4 changes, 1 failed, 1 skipped, 1 approval required.
Read back 1 change: 1 not live.
`);
});

it('names the same in Markdown', () => {
  const limit = { size: 10_000, in: 'characters' } as const;
  const told = { type: 'applied', report: REPORT } as const;
  const markdown = page(told, { limit, links: NO_LINKS, now: 0, configPath: 'flagops.yaml' });
  expect(markdown).toContain(
    '- failed: shop/production <code>f for user "bob"</code>: LaunchDarkly said no\n',
  );
  expect(markdown).toContain('- not live: shop/production <code>f for user "alice"</code>\n');
  expect(markdown).toContain('> the ref was not pushed\n');
});

it('gives machines the exit code, each outcome, and null where nothing is live', () => {
  expect(JSON.parse(resultJson(REPORT))).toMatchObject({
    format: 'flagops-result/1',
    exitCode: 3,
    outcomes: ENDS.map(([status, reason, message]) => ({ status, reason, message })),
    verification: { checked: 1, mismatches: [{ change: { key: 'alice' }, live: null }], failure: null },
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuardRefusal } from '../../../src/reconcile/guards/refusal.js';
import { GUARDS, type GuardCode } from '../../../src/reconcile/guards/table.js';
import type { Change, Plan } from '../../../src/reconcile/plan.js';
import { linksTo } from '../../../src/github/links.js';
import { type PageContent, type PageOptions, renderPage } from '../../../src/report/page/page.js';
import { expiryChange } from '../../support/dates.js';
import { copied } from '../../support/markdown.js';
import { planned, SHOP } from '../../reconcile/world.js';

const links = linksTo(
  { serverUrl: 'https://github.com', repository: 'acme/flags', runUrl: undefined },
  'e'.repeat(40),
);
const commits = ['First', 'Second', 'Third'].map((subject, index) => ({
  id: String(index + 1).repeat(40),
  subject,
  author: 'Dana',
  date: 0,
}));

/** A plan whose changes are made by these commits, in the order of the plan. */
function planBy(desired: Record<string, boolean | string | null>, by: readonly number[], live = {}): Plan {
  const plan = planned({ desired, live, applied: {} });
  const changes = plan.changes.map((change, index): Change => {
    const commit = commits[by[index] ?? 0];
    return {
      ...change,
      mark: 'pending',
      provenance: commit === undefined ? { type: 'none' } : { type: 'commit', commit },
    };
  });
  return { ...plan, changes };
}

function page(content: PageContent | Plan, options: Partial<PageOptions> = {}): string {
  return renderPage('type' in content ? content : { type: 'plan', plan: content }, {
    limit: { size: 60_000, in: 'characters' },
    links,
    configPath: 'flagops.yaml',
    appliedBy: 'merge',
    inAction: true,
    ...options,
  });
}

const refusal = (code: GuardCode, more: Partial<GuardRefusal> = {}): GuardRefusal => ({
  code,
  message: `${code} refuses`,
  remedy: GUARDS[code].remedy,
  lifted: false,
  ...more,
});

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
const rowsIn = (text: string): string[] => text.match(/^\| (?:➕|✏️|➖|📅).*$/gmu) ?? [];
const columnsIn = (text: string): string[] => text.match(/^\| Change .*$/gm) ?? [];

const ONE = planBy({ 'f user alice': true }, [0]);

describe('the first line of a page', () => {
  it.each<[string, Plan, string]>([
    ['one override', ONE, 'flagops: merging will change 1 override for 1 user in shop/production'],
    [
      'overrides of several kinds of contexts',
      planBy({ 'f user alice': true, 'theme user alice': 'dark', 'f device kiosk': true }, [0, 0, 0]),
      'flagops: merging will change 3 overrides for 2 contexts in shop/production',
    ],
    [
      'an override and its date, which count once',
      { ...ONE, dates: ONE.changes.map((change) => expiryChange(change, 0, 86_400_000)) },
      'flagops: merging will change 1 override for 1 user in shop/production',
    ],
    [
      'only dates',
      { ...ONE, changes: [], dates: ONE.changes.map((change) => expiryChange(change, 0, 86_400_000)) },
      'flagops: merging will change 1 expiry date for 1 user in shop/production',
    ],
    [
      'two scopes',
      {
        ...ONE,
        changes: [...ONE.changes, ...ONE.changes.map((change) => ({ ...change, environment: 'staging' }))],
      },
      'flagops: merging will change 2 overrides for 1 user in shop/production and shop/staging',
    ],
    [
      'changes that are not applied',
      { ...ONE, changes: ONE.changes.map((change) => ({ ...change, withheld: 'paused' as const })) },
      'flagops: merging will change nothing, 1 change is not applied',
    ],
    [
      'nothing',
      planBy({ 'f user alice': true }, [], { 'f user alice': 0 }),
      'flagops: merging will change nothing, LaunchDarkly already matches',
    ],
    [
      'a refused plan',
      { ...ONE, guards: [refusal('changes')] },
      '🛑 flagops: refused, merging will change nothing',
    ],
  ])('says what merging will do: %s', (_, plan, expected) => {
    expect(firstLine(page(plan))).toBe(`### ${expected}`);
  });

  it('names an apply if no merge applies the plan', () => {
    expect(firstLine(page(ONE, { appliedBy: 'apply' }))).toBe(
      '### flagops: an apply will change 1 override for 1 user in shop/production',
    );
  });

  it('says after an error that what merging will do is not known', () => {
    expect(page({ type: 'error', message: 'no token', hint: 'create one' })).toMatch(
      /^### 🛑 flagops: failed, what merging will change is not known\n\n> \[!CAUTION\]\n> no token\n>\n> create one\n/,
    );
  });

  it('is followed by counts without zeros', () => {
    const plan = planBy({ 'f user alice': true, 'f user bob': null }, [0, 0], { 'f user bob': 0 });
    expect(page(plan)).toContain('\n\n➕ 1 to add · ➖ 1 to remove\n\n');
    expect(page(plan)).not.toMatch(/\b0\b/);
  });
});

describe('the tables of changes', () => {
  it('changes that differ only in the key of their context share a row, with all of their lines', () => {
    const plan = planBy({ 'f user alice': true, 'f user bob': true, 'f user carl': false }, [0, 0, 0]);
    const rows = rowsIn(page(plan));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain('| user `alice`, `bob` | none → <code>true</code> |');
    expect(rows[0]).toMatch(/\[lines&nbsp;1–2\]\(https:.*\/a\.yaml\?plain=1#L1-L2\)/);
    expect(rows[1]).toMatch(/user `carl`.*\[line&nbsp;3\]\(.*#L3\)/);
  });

  it('a commit with several rows is named once, above its own table', () => {
    const plan = planBy(
      { 'f user a': true, 'f user b': false, 'theme user a': 'dark', 'theme user b': 'light' },
      [0, 1, 0, 1],
    );
    const text = page(plan);
    expect(columnsIn(text)).toHaveLength(2);
    for (const [index, { subject, id }] of commits.slice(0, 2).entries()) {
      expect(text.split(`/commit/${id}`)).toHaveLength(2);
      const [table = ''] = text.split(`<strong>${subject}</strong>`)[1]?.split('\n\n<') ?? [];
      expect(rowsIn(table).filter((row) => row.includes(`user \`${'ab'[index]}\``))).toHaveLength(2);
    }
  });

  it('commits with a row each share one table, and a commit is linked once', () => {
    const plan = planBy(
      { 'f user a': true, 'f user b': false, 'theme user a': 'dark', 'theme user b': 'light' },
      [0, 1, 2, 0],
    );
    const text = page(plan);
    expect(columnsIn(text)).toEqual(['| Change | Context | Before → after | Where |']);
    for (const { id } of commits) expect(text.split(`/commit/${id}`)).toHaveLength(2);
    expect(rowsIn(text)[3]).toContain(`<br><code>${'1'.repeat(12)}</code> |`);
  });

  it('what all rows share is said once above them, and an empty column is left out', () => {
    const plan = planBy({ 'f user a': true, 'theme user b': 'dark' }, [0, 0]);
    const shared = { owner: 'team-shop', reason: 'Beta' };
    const same = page({ ...plan, changes: plan.changes.map((change) => ({ ...change, ...shared })) });
    expect(columnsIn(same)).toEqual(['| Change | Context | Before → after | Where |']);
    expect(same).toContain(
      'by Dana) · declared in <code>a.yaml</code>, owner <code>team-shop</code>, Beta\n\n| Change |',
    );
    const [first, second] = plan.changes;
    const other = page({ ...plan, changes: [{ ...first, ...shared } as Change, second as Change] });
    expect(columnsIn(other)).toEqual(['| Change | Context | Before → after | Why | Where |']);
    expect(rowsIn(other)[0]).toMatch(/\| Beta \| \[line&nbsp;1\].*<br>owner <code>team-shop<\/code> \|$/);
  });

  it('why lists the reason, marks other than pending, warnings, and why a change is not applied', () => {
    const [change] = ONE.changes;
    const marked = {
      ...change,
      mark: 'drift',
      warnings: ['flag-off'],
      withheld: 'no-removals',
      reason: 'Beta',
    };
    const text = page({ ...ONE, changes: [marked as Change, { ...change, key: 'bob' } as Change] });
    expect(rowsIn(text)[0]).toContain(
      '| Beta<br>drift: live was changed elsewhere<br>⚠️ the flag is off: its overrides have no effect until it is on<br>**not applied: the input no-removals** |',
    );
    expect(rowsIn(text)[1]).not.toContain('pending');
    expect(page({ ...ONE, changes: [marked as Change] }, { inAction: false })).toContain(
      '**not applied: --no-removals**',
    );
  });

  it('a scope without changes has no table, and is only counted in the details', () => {
    const [scope] = ONE.scopes;
    const same = { ...scope, lastApplied: commits[0], counts: { add: 0, update: 0, remove: 0 } };
    const others = Array.from({ length: 300 }, (_, index) => ({ ...same, environment: `env-${index}` }));
    const text = page({ ...ONE, scopes: [...ONE.scopes, ...others] as Plan['scopes'] });
    expect(text).not.toContain('env-');
    expect(text).toContain('\n300 scopes without changes\n');
    expect(text.length).toBeLessThan(1500);
  });

  it('every change is in exactly one row, and each commit is linked once', () => {
    const users = ['ada', 'ben', 'cleo', 'dora', 'emil'];
    const override = fc.tuple(fc.constantFrom('f', 'theme'), fc.constantFrom(...users), fc.boolean());
    fc.assert(
      fc.property(
        fc.uniqueArray(override, { minLength: 1, selector: ([flag, user]) => `${flag} ${user}` }),
        fc.array(fc.nat(2), { minLength: 10, maxLength: 10 }),
        (overrides, by) => {
          const desired = Object.fromEntries(
            overrides.map(([flag, user, on]) => [
              `${flag} user ${user}`,
              flag === 'f' ? on : on ? 'dark' : 'light',
            ]),
          );
          const plan = planBy(desired, by);
          const text = page(plan);
          const shown = rowsIn(text).flatMap((row) => {
            const [flag, contexts = '', value] = row
              .split(' | ')
              .map((cell) => /<code>(.*)<\/code>$/.exec(cell)?.[1] ?? cell);
            return [...contexts.matchAll(/`(\w+)`/g)].map(([, user]) => `${flag} ${user} ${value}`);
          });
          expect(shown.toSorted()).toEqual(
            plan.changes
              .map(({ flag, key, after }) => `${flag} ${key} ${JSON.stringify(after?.value)}`)
              .toSorted(),
          );
          const linked = [...text.matchAll(/\/commit\/(\d+)/g)].map(([, id]) => id);
          expect(linked).toHaveLength(new Set(linked).size);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('a thousand changes fit in a comment if they are alike, and are counted if not', () => {
    const users = Array.from({ length: 1000 }, (_, index) => `user-${1000 + index}@example.com`);
    const alike = page(planBy(Object.fromEntries(users.map((user) => [`f user ${user}`, true])), []));
    expect(alike.match(/`user-\d+@example\.com`/g)).toHaveLength(1000);
    expect(alike).not.toContain('Not shown here');

    const plan = planBy(Object.fromEntries(users.map((user) => [`f user ${user}`, true])), []);
    const changes = plan.changes.map((change, index) => ({ ...change, reason: `reason ${index}` }));
    const text = page({ ...plan, changes }, { longer: 'https://github.com/run' });
    const shown = rowsIn(text).length;
    expect(shown).toBeGreaterThan(200);
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toContain(
      `**Not shown here: ${1000 - shown} changes.** See the [summary of the run](https://github.com/run).`,
    );
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  });
});

describe('what lifts a refusal', () => {
  const ACCEPT = `accept: ["${ONE.fingerprint}"]`;

  it.each<[string, GuardRefusal[], boolean]>([
    ['is offered for limits', [refusal('changes'), refusal('none-left')], true],
    ['is not offered if something else refuses too', [refusal('changes'), refusal('protected')], false],
    ['is not offered if all of it is lifted', [refusal('changes', { lifted: true })], false],
    ['is offered if the rest is lifted', [refusal('changes'), refusal('protected', { lifted: true })], true],
    ['is not offered without a refusal', [], false],
  ])('the accept line %s', (_, guards, offered) => {
    expect(page({ ...ONE, guards }).includes(ACCEPT)).toBe(offered);
  });

  it.each(Object.keys(GUARDS) as GuardCode[])(
    'the Action names no option of the command line: %s',
    (code) => {
      const plan = { ...ONE, guards: [refusal(code), refusal(code, { lifted: true, liftedBy: '--force' })] };
      expect(page(plan)).toMatch(/^> Refused: .*\. Lifted by .*\.$/m);
      expect(copied(page(plan))).toContain('(the input force)');
      expect(copied(page(plan))).not.toMatch(/--[a-z]/);
    },
  );

  it('the command line names its options', () => {
    expect(copied(page({ ...ONE, guards: [refusal('changes')] }, { inAction: false }))).toContain(
      'Lifted by --force, or limits.changes in the configuration.',
    );
  });
});

it('scopes that are paused, adopt or release overrides are named, with or without changes', () => {
  const [scope] = ONE.scopes;
  const plan = { ...ONE, scopes: [{ ...scope, ...SHOP, adopts: 2, released: 1, paused: 'freeze' }] };
  expect(page(plan as Plan)).toContain(
    '- <code>shop/production</code> paused: freeze; adopts 2 overrides that are live as declared; releases 1 override that the configuration excludes\n',
  );
});

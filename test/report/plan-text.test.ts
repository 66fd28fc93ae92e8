import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, Mark, Plan, Provenance, Withheld } from '../../src/reconcile/plan.js';
import { text } from '../../src/report/formats/text.js';
import { planText } from '../../src/report/plan-text.js';
import { expiryChange } from '../support/dates.js';
import { planned } from '../reconcile/world.js';

/** What switches a colour on or off. */
const COLOR = new RegExp(String.raw`${'\u001b'}\[\d+m`, 'g');

const NOW = Date.UTC(2026, 0, 2);
const LIVE = { 'theme user bob': 0, 'f user carl': 1, 'f user zoe': 0 };
const DESIRED = { 'f user alice@example.com': true, 'theme user bob': 'dark', 'f user carl': null };

const PLAN: Plan = { ...planned({ desired: DESIRED, live: LIVE }), fingerprint: 'f'.repeat(64) };

function commit(id: string, subject: string, author: string): Provenance {
  return { type: 'commit', commit: { id: id.repeat(40), subject, author, date: NOW } };
}

/** A plan whose changes are changed in the order of the plan. */
function withChanges(plan: Plan, ...more: readonly Partial<Change>[]): Plan {
  return { ...plan, changes: plan.changes.map((change, index) => ({ ...change, ...more[index] })) };
}

/** As `flagops plan` prints it. */
function shown(plan: Plan, columns?: number): string {
  return text.plan(plan, { color: false, columns, now: NOW, configPath: 'flagops.yaml' });
}

/** A plan of many scopes, of which the first `changing` have one change each. */
function manyScopes(count: number, changing: number): Plan {
  const [change] = PLAN.changes;
  const [summary] = PLAN.scopes;
  if (change === undefined || summary === undefined) throw new TypeError('the plan is empty');
  const ids = Array.from({ length: count }, (_, index) => ({
    project: `shop-${String(index).padStart(4, '0')}`,
    environment: 'production',
  }));
  return {
    ...PLAN,
    scopes: ids.map((id) => ({ ...summary, ...id, unchanged: 4, adopts: 1, unmanaged: {} })),
    changes: ids.slice(0, changing).map((id) => ({ ...change, ...id })),
    counts: { add: changing, update: 0, remove: 0 },
  };
}

describe('a plan as text', () => {
  it('plan text shows each change on one line, and a summary', () => {
    expect(shown(PLAN))
      .toBe(`shop/production (no apply recorded: drift unknown, only the current limits count)
  commit unknown
    + f  user alice@example.com  true  a.yaml:1
    - f  user carl  was false  a.yaml:3
    ~ theme  user bob  "light" -> "dark"  a.yaml:2
  1 unmanaged (left alone)

Plan: 1 to add, 1 to update, 1 to remove.
3 requests, at most about 1 s at 5 writes per 10 s (assumed).
Fingerprint: ${'f'.repeat(64)}
Next: open a pull request, or run flagops apply.
`);
  });

  it('changes are grouped by commit, in the order in which their first changes are planned', () => {
    const dark = commit('a', 'Dark for Bob', 'Dana');
    const beta = commit('b', 'Open the beta', 'Kim');
    const plan = withChanges(
      PLAN,
      { provenance: beta, owner: 'team-a' },
      { provenance: dark, at: undefined },
      { provenance: beta, owner: 'team-b' },
    );
    const dates = plan.changes.slice(1, 2).map((change) => expiryChange(change, null, 86_400_000));
    expect(shown({ ...plan, dates })).toContain(`
  Open the beta (bbbbbbbbbbbb by Kim) · owner team-a, team-b
    + f  user alice@example.com  true  a.yaml:1
    ~ theme  user bob  "light" -> "dark"  a.yaml:2
  Dark for Bob (aaaaaaaaaaaa by Dana)
    - f  user carl  was false  no longer declared
    @ f  user carl  expires 1970-01-01  a.yaml:1
`);
  });

  it('marks, protection, warnings and what is not applied are tags on the line, each explained once', () => {
    const plan = withChanges(
      PLAN,
      { mark: 'drift', protected: true, warnings: ['flag-off'] },
      { mark: 'pending', liveMoved: true, withheld: 'paused' },
      { mark: 'drift', warnings: ['flag-off'] },
    );
    const lines = shown(plan).split('\n');
    expect(lines).toContain('    + f  user alice@example.com  true  [protected, drift, flag off]  a.yaml:1');
    expect(lines).toContain('    - f  user carl  was false  [live moved too, paused]  a.yaml:3');
    expect(lines).toContain('    ~ theme  user bob  "light" -> "dark"  [drift, flag off]  a.yaml:2');
    expect(lines.filter((line) => line.startsWith('['))).toEqual([
      '[protected] protect in the configuration lists it',
      '[drift] live was changed elsewhere',
      '[flag off] the flag is off: its overrides have no effect until it is on',
      '[live moved too] the declaration changed, and live was changed elsewhere',
      '[paused] not applied: the scope is paused',
    ]);
    expect(lines).toContain('Plan: 1 to add, 1 to update, 1 to remove (1 not applied).');
    expect(shown({ ...plan, filtered: 2 })).toContain(
      ' to remove (2 changes filtered out, 1 not applied).\n',
    );
  });

  it('an update to what the default rule serves is not called a change without effect', () => {
    const none: Partial<Change> = { warnings: ['no-effect'] };
    const lines = shown(withChanges(PLAN, none, {}, none)).split('\n');
    expect(lines).toContain('    + f  user alice@example.com  true  [no effect]  a.yaml:1');
    expect(lines).toContain('    ~ theme  user bob  "light" -> "dark"  [will have no effect]  a.yaml:2');
    expect(lines.filter((line) => line.startsWith('['))).toEqual([
      '[no effect] the default rule of the flag serves the same variation',
      '[will have no effect] the default rule of the flag serves the declared variation',
    ]);
  });

  it.each<[Mark, string]>([
    ['pending', ''],
    ['unknown', ''],
    ['expired', '  [expired]'],
    ['unmanaged', '  [unmanaged]'],
  ])('a change with the mark %s has the tag "%s"', (mark, tag) => {
    expect(shown(withChanges(PLAN, { mark }))).toContain(
      `    + f  user alice@example.com  true${tag}  a.yaml:1\n`,
    );
  });

  it('plan text says that there is no difference, and what an apply would adopt', () => {
    const plan = planned({ desired: { 'f user a': true }, live: { 'f user a': 0 } });
    expect(shown(plan)).toBe(`No changes in shop/production: 1 unchanged, adopts 1.

No difference: live matches the declarations.
Next: run flagops apply, so that this repository manages what it adopts.
`);
    expect(shown({ ...plan, scopes: [] })).toBe('No difference: live matches the declarations.\n');
  });

  it('of 300 scopes only the two that change are shown', () => {
    expect(shown(manyScopes(300, 2)))
      .toBe(`shop-0000/production (no apply recorded: drift unknown, only the current limits count)
  commit unknown
    + f  user alice@example.com  true  a.yaml:1
  4 unchanged, adopts 1

shop-0001/production (no apply recorded: drift unknown, only the current limits count)
  commit unknown
    + f  user alice@example.com  true  a.yaml:1
  4 unchanged, adopts 1

No changes in 298 scopes: 1,192 unchanged, adopts 298.

Plan: 2 to add.
3 requests, at most about 1 s at 5 writes per 10 s (assumed).
Fingerprint: ${'f'.repeat(64)}
Next: open a pull request, or run flagops apply.
`);
  });

  it('a scope without changes is shown if its unmanaged overrides are to be named', () => {
    const plan = planned({ live: { 'f user zoe': 0 } });
    const options = { color: false, now: NOW };
    expect(planText(plan, options)).not.toContain('zoe');
    expect(planText(plan, { ...options, unmanaged: true })).toContain(
      '\n    ? f  user zoe  true  unmanaged\n  1 unmanaged (left alone)\n',
    );
  });

  it('unmanaged overrides with long values fit a terminal', () => {
    const plan = planned({ live: { 'f user zoe': 0 } });
    const value = { text: 'x'.repeat(100) };
    const scopes = plan.scopes.map((scope) => ({
      ...scope,
      unmanagedOverrides: scope.unmanagedOverrides.map((one) => ({ ...one, live: { ...one.live, value } })),
    }));
    const narrow = planText({ ...plan, scopes }, { color: false, now: NOW, unmanaged: true, columns: 40 });
    expect(narrow).toContain('{"text":"xxx');
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('plan text is wrapped to the width of a terminal between words', () => {
    const narrow = shown(PLAN, 40);
    expect(narrow).toContain(`shop/production
  (no apply recorded: drift unknown,
  only the current limits count)
  commit unknown
    + f  user alice@example.com  true
        a.yaml:1
`);
    const words = (all: string): string[] => all.split(/\s+/);
    expect(words(narrow)).toEqual(words(shown(PLAN)));
  });

  it('a file is named without its directory if the change then fits on one line', () => {
    const at = { file: 'overrides/production/checkout/beta.yaml', line: 12, col: 5 };
    const plan = withChanges(PLAN, { at });
    expect(shown(plan, 100)).toContain(`  true  ${at.file}:12\n`);
    expect(shown(plan, 60)).toContain('  true  .../beta.yaml:12\n');
    // On a line of its own it is named in full, if that fits.
    expect(shown(withChanges(PLAN, { at: { ...at, file: `o/${'x'.repeat(25)}` } }), 50)).toContain(
      `\n        o/${'x'.repeat(25)}:12\n`,
    );
    expect(shown(plan, 40)).toContain('  true\n        .../beta.yaml:12\n');
  });

  it('values are shortened to a narrow terminal, and put on two lines if they do not fit on one', () => {
    const value = (letter: string) => ({ variation: 0, value: letter.repeat(50) });
    const plan = withChanges(PLAN, {}, {}, { before: value('a'), after: value('b') });
    expect(shown(plan, 40)).toContain(`\n        "${'a'.repeat(25)}... ->\n        "${'b'.repeat(28)}...\n`);
    expect(shown(plan, 80)).toContain(
      `  user bob  "${'a'.repeat(50)}" ->\n        "${'b'.repeat(50)}"  a.yaml:2\n`,
    );
    expect(shown(plan, 128)).toContain(`\n        "${'a'.repeat(50)}" -> "${'b'.repeat(50)}"  a.yaml:2\n`);
  });

  it('no line is wider than the terminal unless a single word is, and the colours do not count', () => {
    const names = fc.string({ unit: fc.constantFrom('a', 'b', '-', '/'), minLength: 1, maxLength: 30 });
    const commits = names.map((name) => commit('c', `Some ${name} words`, name));
    const item = fc.record({ flag: names, key: names, provenance: commits, owner: names });
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 20, max: 120 }),
        (items, columns) => {
          const plan = withChanges(PLAN, ...items.map((more) => ({ ...more, mark: 'drift' as const })));
          const view = { columns, now: NOW, configPath: 'flagops.yaml' };
          const plain = text.plan(plan, { ...view, color: false });
          for (const line of plain.split('\n')) {
            const isWord =
              line
                .trim()
                .replace(/^[-+~] /, '')
                .split(/ {2}/).length === 1;
            expect(line.length <= columns || isWord).toBe(true);
          }
          const colored = text.plan(plan, { ...view, color: true });
          expect(colored).not.toBe(plain);
          expect(colored.replaceAll(COLOR, '')).toBe(plain);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the next step after a plan', () => {
  const next = (plan: Plan): string | undefined => /^Next: (.*)\.$/m.exec(shown(plan))?.[1];
  const refusal = (
    code: 'updates' | 'protected' | 'dirty' | 'rewind' | 'expect' | 'configuration-moved',
  ) => ({
    code,
    message: 'no',
    remedy: 'yes',
    lifted: false,
  });

  it('uncommitted edits are to be committed first', () => {
    const plan = withChanges(PLAN, { provenance: { type: 'uncommitted' } });
    expect(next(plan)).toBe('commit your edits, then open a pull request, or run flagops apply');
  });

  it('a filtered plan is applied with the same filters', () => {
    expect(next({ ...PLAN, filtered: 1 })).toBe(
      'open a pull request, or run flagops apply with the same filters',
    );
  });

  it('nothing is next if nothing would be applied', () => {
    const withheld: Withheld = 'paused';
    expect(next(withChanges(PLAN, { withheld }, { withheld }, { withheld }))).toBeUndefined();
    expect(next({ ...PLAN, changes: [] })).toBeUndefined();
    expect(next({ ...PLAN, changes: [], filtered: 3 })).toBeUndefined();
  });

  it.each([
    ['updates', /under accept in flagops\.yaml, or run flagops apply --force$/],
    ['protected', /change protect in flagops\.yaml first$/],
    ['dirty', /^commit your edits/],
    ['rewind', /--allow-rewind/],
    ['expect', /^run flagops plan again$/],
    ['configuration-moved', /--allow-loosened$/],
  ] as const)('the guard %s has its own next step if it refuses', (code, step) => {
    expect(next({ ...PLAN, guards: [refusal(code)] })).toMatch(step);
    expect(next({ ...PLAN, guards: [{ ...refusal(code), lifted: true }] })).toMatch(/^open a pull request/);
  });

  it('several kinds of refusals have no common step', () => {
    expect(next({ ...PLAN, guards: [refusal('updates'), refusal('protected')] })).toMatch(/^deal with each/);
  });
});

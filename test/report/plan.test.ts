import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/plan.schema.json' with { type: 'json' };
import type { Plan } from '../../src/reconcile/plan.js';
import { NO_LINKS } from '../../src/report/page/text.js';
import { renderPage } from '../../src/report/page/page.js';
import { planJson } from '../../src/report/plan-json.js';
import { planText } from '../../src/report/plan-text.js';
import { planned } from '../reconcile/world.js';
import { copied } from '../support/markdown.js';

const NOW = Date.UTC(2026, 0, 2);
const LIVE = { 'theme user bob': 0, 'f user carl': 1, 'f user zoe': 0 };
const DESIRED = { 'f user alice@example.com': true, 'theme user bob': 'dark', 'f user carl': null };

/** A plan whose every free text is this one. */
function planOf(text: string): Plan {
  const plan = planned({ desired: { ...DESIRED, [`f user ${text}x`]: true }, live: LIVE });
  const commit = { id: 'a'.repeat(40), subject: text, author: text, date: NOW };
  const at = { file: text, line: 1, col: 1 };
  return {
    ...plan,
    changes: plan.changes.map((change) => ({
      ...change,
      at,
      provenance: {
        type: 'commit' as const,
        commit,
      },
      owner: text,
      reason: text,
      ...(change.after === null
        ? {}
        : {
            after: {
              ...change.after,
              value: text,
            },
          }),
    })),
    scopes: plan.scopes.map((scope) => ({ ...scope, paused: text })),
    guards: [{ code: 'protected', message: text, remedy: text, lifted: false }],
    warnings: [text],
  };
}

function planPage(plan: Plan): string {
  const limit = { size: Number.POSITIVE_INFINITY, in: 'characters' } as const;
  return renderPage({ type: 'plan', plan }, { limit, links: NO_LINKS, now: NOW, configPath: 'flagops.yaml' });
}

/** What a terminal obeys. */
const OBEYED = ['\u001b', '\u202e', '\u009b', '\r'];

const hostile = fc
  .array(
    fc.constantFrom(
      '|',
      '`',
      '@team',
      '<!--',
      '\n',
      '\r',
      '\u001b[2J',
      '\u202e',
      '\u009b',
      'a',
      '\\',
      '> ',
      '<b>',
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));

describe('a plan as JSON', () => {
  it('is what the schema says, whatever texts it holds', () => {
    const validate = new Ajv2020({ strict: false }).compile(schema);
    fc.assert(
      fc.property(hostile, (text) => {
        const value: unknown = JSON.parse(planJson(planOf(text)));
        validate(value);
        expect(validate.errors ?? []).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('hostile texts in a plan', () => {
  it('change neither the rows nor the cells of its tables, and start no HTML and no mention', () => {
    const lines = planPage(planOf('a')).split('\n').length;
    fc.assert(
      fc.property(hostile, (text) => {
        const markdown = planPage(planOf(text));
        expect(markdown.split('\n')).toHaveLength(lines);
        const rows = markdown.split('\n').filter((line) => /^\| (➕|✏️|➖)/u.test(line));
        expect(rows).toHaveLength(4);
        for (const row of rows) expect(row.split('|')).toHaveLength(10);
        const foreign = markdown.replaceAll(/<\/?(?:code|span)>|<br>/g, '');
        for (const sign of ['<', '@', ...OBEYED]) expect(foreign).not.toContain(sign);
      }),
      { numRuns: 50 },
    );
  });

  it('are copied from the page as the keys, flags and values that they are', () => {
    const plan = planOf('a@b #1 | `x` www.x.org');
    const markdown = planPage(plan);
    for (const { key, flag, after } of plan.changes)
      for (const text of [key, flag, ...(after === null ? [] : [JSON.stringify(after.value)])])
        expect(copied(markdown)).toContain(text);
  });

  it('keep to their line of a terminal', () => {
    const lines = planText(planOf('a'), { color: false, now: NOW }).split('\n').length;
    fc.assert(
      fc.property(hostile, (text) => {
        const plain = planText(planOf(text), { color: false, now: NOW });
        expect(plain.split('\n')).toHaveLength(lines);
        for (const sign of OBEYED) expect(plain).not.toContain(sign);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a plan as text', () => {
  it('says what happens, why and what it comes to', () => {
    const plan = planned({ desired: DESIRED, live: LIVE });
    expect(planText({ ...plan, fingerprint: 'f'.repeat(64) }, { color: false, now: NOW }))
      .toBe(`shop/production (prune owned, never applied from here: what is drift is not known)
  + f  user alice@example.com  true
      a.yaml:1:1 · the commit is not known here
  - f  user carl  was false
      a.yaml:3:1 · the commit is not known here
  ~ theme  user bob  "light" -> "dark"
      a.yaml:2:1 · the commit is not known here
  0 unchanged, 1 unmanaged (left alone)

Plan: 1 to add, 1 to update, 1 to remove.
3 requests, at most about 6 s at 5 writes per 10 s (assumed).
Fingerprint: ${'f'.repeat(64)}
`);
  });

  it('says so where there is no difference', () => {
    const text = planText(planned({ desired: { 'f user a': true }, live: { 'f user a': 0 } }), {
      color: false,
      now: NOW,
    });
    expect(text).toContain('No difference: live matches the declarations.');
    expect(text).toContain('1 unchanged, adopts 1');
  });

  it('keeps to the width of a terminal, and breaks no word', () => {
    const plan = planned({ desired: DESIRED, live: LIVE });
    const wide = planText(plan, { color: false, now: NOW });
    const narrow = planText(plan, { color: false, columns: 40, now: NOW });
    expect(narrow).toContain(`shop/production
  (prune owned, never applied from here:
  what is drift is not known)
  + f  user alice@example.com  true
      a.yaml:1:1 · the commit is not
      known here
`);
    const words = (text: string): string[] => text.split(/\s+/);
    expect(words(narrow)).toEqual(words(wide));
  });

  it('is coloured only where it is told to be', () => {
    const plan = planned({ desired: DESIRED, live: LIVE });
    expect(planText(plan, { color: true, now: NOW })).toContain('\u001b[32m+');
  });
});

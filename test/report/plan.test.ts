import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/plan.schema.json' with { type: 'json' };
import type { Plan } from '../../src/reconcile/plan.js';
import { FORMATS } from '../../src/report/formats.js';
import { NO_LINKS } from '../../src/report/page/text.js';
import { renderPage } from '../../src/report/page/page.js';
import { planJson } from '../../src/report/plan-json.js';
import { expiryChange } from '../support/dates.js';
import { planned } from '../reconcile/world.js';
import { copied } from '../support/markdown.js';

const NOW = Date.UTC(2026, 0, 2);
const LIVE = { 'theme user bob': 0, 'f user carl': 1, 'f user zoe': 0 };
const DESIRED = { 'f user alice@example.com': true, 'theme user bob': 'dark', 'f user carl': null };

/** A plan in which every free text is the given one. */
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
    dates: plan.changes.map((change) =>
      expiryChange(change, 0, 86_400_000, {
        expires: text,
        at,
        provenance: { type: 'commit', commit },
        owner: text,
        reason: text,
      }),
    ),
    scopes: plan.scopes.map((scope) => ({ ...scope, paused: text })),
    guards: [{ code: 'protected', message: text, remedy: text, lifted: false }],
    warnings: [text],
  };
}

function planPage(plan: Plan): string {
  const limit = { size: Number.POSITIVE_INFINITY, in: 'characters' } as const;
  return renderPage({ type: 'plan', plan }, { limit, links: NO_LINKS, configPath: 'flagops.yaml' });
}

const REFUSED = { status: 'failed', reason: 'refused' } as const;
const UNVERIFIED = {
  dates: [],
  verification: undefined,
  interrupted: false,
  recorded: [],
  unrecorded: [],
} as const;

function countLines(text: string): number {
  return text.split('\n').length;
}

/** Control characters that a terminal acts on. */
const CONTROLS = ['\u001b', '\u202e', '\u009b', '\r'];

/** What the page itself adds. */
const OUR_TAGS = /<\/?(?:code|span|strong|details|summary)>|<br>/g;

/** Code in which nothing can be a mention. */
const PLAIN_CODE = /`[a-z0-9](?:[\w.+:/-]|(?<=\w)@(?=[a-z0-9]))*`/gi;

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
  it('plan JSON matches the schema, whatever texts it contains', () => {
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

describe('hostile text in a plan', () => {
  it('hostile text does not change the rows and cells of Markdown tables, and adds no HTML or mention', () => {
    const lines = planPage(planOf('a')).split('\n').length;
    fc.assert(
      fc.property(hostile, (text) => {
        const markdown = planPage(planOf(text));
        expect(markdown.split('\n')).toHaveLength(lines);
        const rows = markdown.split('\n').filter((line) => /^\| (➕|✏️|➖)/u.test(line));
        expect(rows).toHaveLength(3);
        for (const row of rows) expect(row.split('|')).toHaveLength(6);
        const foreign = markdown.replaceAll(OUR_TAGS, '').replaceAll(PLAIN_CODE, '');
        for (const sign of ['<', '@', ...CONTROLS]) expect(foreign).not.toContain(sign);
      }),
      { numRuns: 50 },
    );
  });

  it('keys, flags and values can be copied from the page unchanged', () => {
    const plan = planOf('a@b #1 | `x` www.x.org');
    const markdown = planPage(plan);
    for (const { key, flag, after } of plan.changes)
      for (const text of [key, flag, ...(after === null ? [] : [JSON.stringify(after.value)])])
        expect(copied(markdown)).toContain(text);
  });

  it.each(Object.entries(FORMATS))(
    'hostile text adds no lines and no control characters in the format %s',
    async (_, load) => {
      const renderer = await load();
      const shown = (text: string): string[] => {
        const plan = planOf(text);
        const outcomes = plan.changes.map((change) => ({ change, ...REFUSED, message: text }));
        const view = { color: false, now: NOW, configPath: 'flagops.yaml' };
        return [
          renderer.plan(plan, view),
          renderer.drift(plan, view),
          renderer.result({ ...UNVERIFIED, plan, outcomes, unrecorded: [text], notices: [text] }, view),
        ];
      };
      const lines = shown('a').map(countLines);
      fc.assert(
        fc.property(hostile, (text) => {
          const texts = shown(text);
          expect(texts.map(countLines)).toEqual(lines);
          for (const sign of CONTROLS) expect(texts.join('')).not.toContain(sign);
        }),
        { numRuns: 50 },
      );
    },
  );
});

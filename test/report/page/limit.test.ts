import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Plan } from '../../../src/reconcile/plan.js';
import { NO_LINKS } from '../../../src/report/page/text.js';
import { renderPage } from '../../../src/report/page/page.js';
import { planned } from '../../reconcile/world.js';

/** Each of the changes has its own row. */
const PLAN = planned({ desired: { 'f user alice': true, 'f user bob': false, 'theme user carl': 'dark' } });
const MARKER = '<!-- marker -->';

function pageOf(plan: Plan, size: number, unit: 'characters' | 'bytes'): string {
  const limit = { size, in: unit } as const;
  return renderPage({ type: 'plan', plan }, { limit, marker: MARKER, links: NO_LINKS, configPath: 'f.yaml' });
}

const refusal = (message: string): Plan['guards'][number] => ({
  code: 'protected',
  message,
  remedy: 'nothing',
  lifted: false,
});

it('a page never exceeds its limit, and counts what it leaves out', () => {
  const text = fc.string({ unit: fc.constantFrom('x', '|', '💥', 'é'), maxLength: 2000 });
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 40 }),
      fc.integer({ min: 3000, max: 20_000 }),
      fc.constantFrom('characters', 'bytes'),
      (texts, size, unit) => {
        const plan = { ...PLAN, guards: texts.map(refusal), warnings: texts };
        const markdown = pageOf(plan, size, unit);
        const length = unit === 'bytes' ? Buffer.byteLength(markdown) : markdown.length;
        expect(length).toBeLessThanOrEqual(size);
        expect(markdown.startsWith(`${MARKER}\n### `)).toBe(true);
        const shown = markdown.match(/^> Refused: /gm)?.length ?? 0;
        const hidden = /^> \[!CAUTION\]\n(?:>.*\n)*> and (\d+) more$/m.exec(markdown)?.[1] ?? '0';
        expect(shown + Number(hidden)).toBe(texts.length);
        const rows = markdown.match(/^\| ➕/gm)?.length ?? 0;
        const left = /Not shown here: (\d+) changes?\.\*\*/.exec(markdown)?.[1] ?? '0';
        expect(rows + Number(left)).toBe(3);
      },
    ),
    { numRuns: 60 },
  );
});

it('a text is never cut in the middle of a character', () => {
  for (const length of [590, 591, 596, 597, 598]) {
    const markdown = pageOf({ ...PLAN, warnings: [`${'x'.repeat(length)}💥💥💥💥💥`] }, 10_000, 'characters');
    expect(markdown).not.toContain('ud83d');
  }
});

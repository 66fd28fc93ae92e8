import { describe, expect, it } from 'vitest';
import type { ListedOverride } from '../../src/reconcile/list.js';
import { LIST_FORMATS, type ListFormat } from '../../src/report/list/list.js';

const OVERRIDE: ListedOverride = {
  project: 'shop',
  environment: 'production',
  flag: 'theme',
  kind: 'user',
  key: 'alice',
  live: { variation: 0, value: 'dark' },
  provenance: { type: 'none' },
  mark: 'unmanaged',
};

async function render(
  format: ListFormat,
  override: Partial<ListedOverride>,
  { columns, warnings = [] }: { columns?: number; warnings?: readonly string[] } = {},
): Promise<string> {
  const overrides = [{ ...OVERRIDE, ...override }];
  const list = { baseUrl: 'https://app.launchdarkly.com', head: undefined, overrides, warnings };
  return (await LIST_FORMATS[format]())(list, { color: false, now: 0, columns });
}

/** The cell for the context's key. */
async function csvKey(key: string): Promise<string | undefined> {
  const [, line = ''] = (await render('csv', { key })).split('\r\n');
  return /^shop,production,theme,user,(.*),"""dark""",/.exec(line)?.[1];
}

describe('a list as CSV', () => {
  it.each([
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    [' a', '" a"'],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['+1(2)', "'+1(2)"],
    ['-1.5e3', '-1.5e3'],
    ['-x', "'-x"],
    ['@a', "'@a"],
    [' =1', `" '=1"`],
    ['＝1', "'＝1"],
    // Where a comma is the decimal sign, a spreadsheet splits cells at semicolons, whatever the quotes.
    ['a;=1', "a;'=1"],
    ['a; "@b', `"a; ""'@b"`],
    ['a;b-c', 'a;b-c'],
    ['"=1"', '"""=1"""'],
    ['a\r\nb', String.raw`a\u000d\u000ab`],
  ])('quotes %j, and no spreadsheet takes it for a formula', async (key, cell) => {
    expect(await csvKey(key)).toBe(cell);
  });
});

it.each(Object.keys(LIST_FORMATS) as ListFormat[])(
  'a list as %s contains no control characters',
  async (format) => {
    const odd = 'a\u001b[31m\u202eb';
    const text = await render(format, { key: odd, owner: odd, reason: odd, flag: odd, kind: odd });
    expect(text).not.toMatch(/[\u001b\u202e]/);
    expect(text).toContain('u001b');
  },
);

it.each([80, 60, 40])('a list as text fits %i columns', async (columns) => {
  const long = (variation: number) => ({ variation, value: { text: 'x'.repeat(100), variation } });
  const shown = await render(
    'text',
    { live: long(0), declared: long(1), reason: 'a few words '.repeat(10), noEffect: 'fallthrough' },
    { columns, warnings: ['A warning that has quite a few words. '.repeat(4)] },
  );
  for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
});

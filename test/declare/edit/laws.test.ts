import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { removeOverrides } from '../../../src/declare/edit/remove-overrides.js';
import { setOverride } from '../../../src/declare/edit/set-override.js';
import { NONE, settingKey } from '../../../src/reconcile/setting.js';
import { overrideKey, type OverrideId, type Setting } from '../../../src/reconcile/state.js';
import { SourceText } from '../../../src/yaml/source.js';
import { parse } from '../declared.js';

const FLAGS = ['f', 'g', 'checkout-v2', 'null'];
const KEYS = ['al', 'bo@x.y', "o'k", 'a: b', '1.0', '<', '# no', 'ü'];
const VALUES = [
  'true',
  '1',
  'dark',
  '"a, b"',
  "'it''s'",
  '{a: [1, {b: c}]}',
  '{ $value: 2 }',
  '{$variation: "A"}',
];

const pick = <T>(items: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...items);
const quoted = (key: string): string => (/^[a-z@.]+$/.test(key) ? key : `"${key}"`);

const layout = fc.record({
  flow: fc.boolean(),
  padding: fc.boolean(),
  trailing: fc.constantFrom('', ' # why', '   #'),
  above: fc.constantFrom('', '', '# about it', '# two\n# lines'),
  below: fc.constantFrom('', '', '# off: true'),
  blank: fc.boolean(),
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;
type Settings = readonly (readonly [flag: string, value: string])[];

const settings = fc
  .uniqueArray(fc.tuple(pick(FLAGS), pick(VALUES)), { selector: ([flag]) => flag, minLength: 1 })
  .map((all): Settings => all);

/** The lines of an entry with settings, without indentation. */
function lines(
  key: string,
  all: Settings,
  { flow, padding, trailing, above, below, blank }: Layout,
): string[] {
  const pad = padding ? ' ' : '';
  const shown = all.map(([flag, value]) => `${quoted(flag)}: ${value}`);
  return [
    ...(blank ? [''] : []),
    ...(above === '' ? [] : above.split('\n')),
    ...(flow
      ? [`${key}: {${pad}${shown.join(`,${pad}`)}${pad}}${trailing}`]
      : [`${key}:${trailing}`, ...shown.map((line, at) => `  ${line}${at % 2 === 0 ? trailing : ''}`)]),
    ...(below === '' || flow ? [] : [`  ${below}`]),
  ];
}

const indented = (all: readonly string[], by: string): string[] =>
  all.map((line) => (line === '' ? '' : by + line));

const contexts = (keys: readonly string[]): fc.Arbitrary<string[]> =>
  fc
    .uniqueArray(fc.tuple(pick(keys), settings, layout), {
      selector: ([key]) => key,
      minLength: 1,
      maxLength: 4,
    })
    .map((all) => all.flatMap(([key, some, style]) => lines(quoted(key), some, style)));

/** Members of a group have no overrides elsewhere, so that nothing is declared twice. */
const MEMBERS = ['m1', 'm2', 'm 3'];

const group = fc
  .tuple(fc.subarray(MEMBERS, { minLength: 1 }), settings, layout, fc.boolean(), fc.boolean())
  .map(([members, some, style, isList, expires]) => [
    '- name: g',
    ...(isList
      ? ['  users:', ...members.map((member) => `    - ${quoted(member)}${style.trailing}`)]
      : [`  users: [${members.map(quoted).join(', ')}]`]),
    ...indented(lines('flags', some, { ...style, blank: false }), '  '),
    ...(expires ? ['  expires: "2030-01-01"'] : []),
  ]);

const file = fc
  .record({
    users: fc.option(contexts(KEYS)),
    devices: fc.option(contexts(['kiosk', '7'])),
    group: fc.option(group),
    top: fc.constantFrom('', '# top\n\n'),
    step: fc.constantFrom('  ', '   '),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.constantFrom('', '\n', '\n\n# end\n'),
  })
  .map(({ users, devices, group: members, top, step, eol, end }) =>
    [
      `${top}project: shop`,
      'environment: production # here',
      ...(users === null ? [] : ['users:', ...indented(users, step)]),
      ...(devices === null ? [] : ['contexts:', `${step}device:`, ...indented(devices, step + step)]),
      ...(members === null ? [] : ['', 'groups:', ...indented(members, step)]),
    ]
      .join('\n')
      .concat(end)
      .replaceAll('\n', eol),
  );

const override = fc
  .record({ flag: pick(FLAGS), key: pick([...KEYS, ...MEMBERS]) })
  .map(({ flag, key }): OverrideId => ({
    flag,
    kind: 'user',
    key,
  }));
const other = fc.record({ flag: pick(FLAGS), kind: pick(['device', 'org']), key: pick(['kiosk', '7']) });

/** Whether a declaration can hold a value: whole numbers that are not exact are errors. */
const isExact = (value: unknown): boolean => {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
};

const setting = fc.oneof(
  fc.constant(NONE),
  fc.constantFrom<Setting>({ type: 'variation', variation: 'A' }, { type: 'variation', variation: 1 }),
  fc
    .jsonValue({ maxDepth: 2 })
    .filter(isExact)
    .map((value): Setting => ({ type: 'value', value: value as never })),
  fc
    .constantFrom('yes', 'a: b', '# x', ' a ', '"', 'a\nb', '2030-01-01')
    .map((value): Setting => ({ type: 'value', value })),
);

/** What a text declares, by override. */
function meaning(text: string): Map<string, string> {
  const parsed = parse(text);
  if (!('declaration' in parsed) || parsed.declaration === undefined)
    throw new Error(`${JSON.stringify(parsed.diagnostics)}\n${text}`);
  return new Map(
    parsed.declaration.overrides.map((one) => [
      overrideKey(one),
      `${settingKey(one.setting)} ${one.expires?.text} ${one.reason}`,
    ]),
  );
}

const comments = (text: string): string[] =>
  text.match(/# (?:here|top|why|about it|two|lines|off|end)/g) ?? [];

/** How many lines of a text are not in a reference, in the order of both. */
function lost(text: string, reference: string): number {
  const [a, b] = [text.split('\n'), reference.split('\n')];
  let common = b.map(() => 0);
  for (const line of a) {
    const next: number[] = [];
    for (const [at, candidate] of b.entries())
      next.push(
        line === candidate ? 1 + (common[at - 1] ?? 0) : Math.max(common[at] ?? 0, next[at - 1] ?? 0),
      );
    common = next;
  }
  return a.length - (common.at(-1) ?? 0);
}

it('setting an override changes nothing else, and no other line', () => {
  fc.assert(
    fc.property(
      file,
      fc.oneof(override, other),
      setting,
      fc.option(pick(['2031-01-01', '2032-01-01'])),
      (text, id, wanted, expires) => {
        const before = meaning(text);
        const withDate = expires !== null && wanted.type !== 'none';
        let after: string;
        try {
          after = setOverride(new SourceText('x.yaml', text), id, {
            setting: wanted,
            keys: withDate ? { expires } : {},
          });
        } catch (error) {
          // Only null in the long form is refused.
          expect(String(error)).toMatch(/null, for no override, cannot have/);
          expect(wanted).toEqual(NONE);
          return;
        }
        const now = meaning(after);
        expect(now.get(overrideKey(id))).toContain(settingKey(wanted));
        if (withDate) expect(now.get(overrideKey(id))).toContain(expires);
        before.delete(overrideKey(id));
        now.delete(overrideKey(id));
        expect(now).toEqual(before);
        // One line changes. The last line may get a line break, and a member leaves one or all lines of a group.
        if (!MEMBERS.includes(id.key)) expect(lost(text, after)).toBeLessThanOrEqual(1);
        if (!MEMBERS.includes(id.key)) expect(comments(after)).toEqual(comments(text));
        expect(after.includes('\r\n')).toBe(text.includes('\r\n'));
        expect(/(?<!\r)\n/.test(after)).toBe(/(?<!\r)\n/.test(text));
      },
    ),
    { numRuns: 150 },
  );
});

it('setting the same again changes no byte', () => {
  fc.assert(
    fc.property(file, override, setting, (text, id, wanted) => {
      fc.pre(!MEMBERS.includes(id.key));
      const source = (content: string): SourceText => new SourceText('x.yaml', content);
      let once: string;
      try {
        once = setOverride(source(text), id, { setting: wanted });
      } catch {
        return;
      }
      expect(setOverride(source(once), id, { setting: wanted })).toBe(once);
    }),
    { numRuns: 100 },
  );
});

it('removing overrides changes nothing else, and adds no line unless a member leaves a group', () => {
  fc.assert(
    fc.property(file, fc.array(fc.oneof(override, other), { minLength: 1, maxLength: 12 }), (text, ids) => {
      const before = meaning(text);
      const after = removeOverrides(new SourceText('x.yaml', text), ids);
      for (const id of ids) before.delete(overrideKey(id));
      expect(meaning(after)).toEqual(before);
      if (ids.some(({ key }) => MEMBERS.includes(key))) return;
      // A context in one line that loses one of its flags is the only line that changes.
      expect(lost(after, text)).toBeLessThanOrEqual(
        new Set(ids.map(({ kind, key }) => `${kind} ${key}`)).size,
      );
      if (ids.every((id) => !meaning(text).has(overrideKey(id)))) expect(after).toBe(text);
    }),
    { numRuns: 150 },
  );
});

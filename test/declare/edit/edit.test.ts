import { describe, expect, it } from 'vitest';
import { removeOverrides } from '../../../src/declare/edit/remove-overrides.js';
import { setOverride } from '../../../src/declare/edit/set-override.js';
import type { WantedOverride } from '../../../src/declare/edit/wanted.js';
import type { Json } from '../../../src/json/json.js';
import { NONE } from '../../../src/reconcile/setting.js';
import type { OverrideId, Setting } from '../../../src/reconcile/state.js';
import { SourceText } from '../../../src/yaml/source.js';

/** `kind:key flag`; the kind is `user` if it is left out. */
function id(text: string): OverrideId {
  const [context = '', flag = ''] = text.split(' ');
  const at = context.indexOf(':');
  return at === -1
    ? { kind: 'user', key: context, flag }
    : { kind: context.slice(0, at), key: context.slice(at + 1), flag };
}

/** Null is no override. */
function set(text: string, override: string, value: Json, keys: WantedOverride['keys'] = {}): string {
  const setting: Setting = value === null ? NONE : { type: 'value', value };
  return setOverride(new SourceText('x.yaml', text), id(override), { setting, keys });
}

function unset(text: string, ...overrides: string[]): string {
  return removeOverrides(new SourceText('x.yaml', text), overrides.map(id));
}

const TOP = 'project: shop\nenvironment: production\n';

const FILE = `# yaml-language-server: $schema=x
project: shop
environment: production   # the shop
reason: 'Beta'

# Testers of the beta.
users:
  # VIP, see TICKET-1
  alice: { checkout: true,   theme: "dark" }   # asked by Bob
  bob:
    checkout: false # for now

    theme: light
    # banner: true

  # Carol has the
  # old theme.
  carol: {theme: light}

contexts:
  organization:
    acme: { checkout: true }

groups:
  - name: qa
    users: [dave, erin]
    flags: { checkout: true, theme: light }
    expires: "2030-01-01"
`;

/** The lines that differ, as a diff shows them. */
function diff(before: string, after: string): string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return [
    ...a.slice(start, a.length - end).map((line) => `-${line}`),
    ...b.slice(start, b.length - end).map((line) => `+${line}`),
  ];
}

describe('an override that is set', () => {
  it.each<
    readonly [what: string, override: string, value: Json, keys: WantedOverride['keys'], lines: string[]]
  >([
    [
      'changes in the line of its context',
      'alice theme',
      'light',
      {},
      [
        '-  alice: { checkout: true,   theme: "dark" }   # asked by Bob',
        '+  alice: { checkout: true,   theme: "light" }   # asked by Bob',
      ],
    ],
    [
      'changes in its own line, and keeps the comment',
      'bob checkout',
      true,
      {},
      ['-    checkout: false # for now', '+    checkout: true # for now'],
    ],
    [
      'gets an expiry date in the long form',
      'bob checkout',
      false,
      { expires: '2030-02-01' },
      ['-    checkout: false # for now', "+    checkout: { $value: false, expires: '2030-02-01' } # for now"],
    ],
    [
      'is added to its context in one line',
      'alice banner',
      null,
      {},
      [
        '-  alice: { checkout: true,   theme: "dark" }   # asked by Bob',
        '+  alice: { banner: null, checkout: true,   theme: "dark" }   # asked by Bob',
      ],
    ],
    ['is added to its context in lines, in the order of keys', 'bob size', 3, {}, ['+    size: 3', '+']],
    [
      'is added to a line without blanks',
      'carol a',
      { $x: 1 },
      {},
      ['-  carol: {theme: light}', '+  carol: {theme: light, a: {$value: {$x: 1}}}'],
    ],
    ['is added with its context', 'zoe theme', 'dark', {}, ['+  zoe: { theme: dark }']],
    [
      'is added with its kind',
      'device:kiosk-1 theme',
      'no',
      {},
      ['+  device:', "+    kiosk-1: { theme: 'no' }"],
    ],
  ])('%s', (_, override, value, keys, lines) => {
    expect(diff(FILE, set(FILE, override, value, keys))).toEqual(lines);
  });

  it('leaves a group that has other members, and keeps what the group gave it', () => {
    const after = set(FILE, 'dave checkout', false);
    expect(after).toContain('    users: [erin]\n');
    expect(after).toContain(
      "  dave: { checkout: { $value: false, expires: '2030-01-01' }, theme: { $value: light, expires: '2030-01-01' } }\n",
    );
  });
});

describe('an override that is removed', () => {
  it.each<readonly [what: string, overrides: string[], lines: string[]]>([
    [
      'leaves the others of its context in their line',
      ['alice theme'],
      [
        '-  alice: { checkout: true,   theme: "dark" }   # asked by Bob',
        '+  alice: { checkout: true }   # asked by Bob',
      ],
    ],
    [
      'takes its context and the comment above along if nothing else is left',
      ['carol theme'],
      ['-  # Carol has the', '-  # old theme.', '-  carol: {theme: light}', '-'],
    ],
    [
      'takes comments along that are indented below its context',
      ['bob checkout', 'bob theme'],
      ['-  bob:', '-    checkout: false # for now', '-', '-    theme: light', '-    # banner: true'],
    ],
    [
      'takes its kind along',
      ['organization:acme checkout'],
      ['-contexts:', '-  organization:', '-    acme: { checkout: true }', '-'],
    ],
    [
      'of all members takes the flag out of a group',
      ['dave theme', 'erin theme'],
      ['-    flags: { checkout: true, theme: light }', '+    flags: { checkout: true }'],
    ],
    [
      'with all flags of a member takes the member out of a group',
      ['dave theme', 'dave checkout'],
      ['-    users: [dave, erin]', '+    users: [erin]'],
    ],
    [
      'with everything in a group takes the group along',
      ['dave theme', 'dave checkout', 'erin theme', 'erin checkout'],
      [
        '-groups:',
        '-  - name: qa',
        '-    users: [dave, erin]',
        '-    flags: { checkout: true, theme: light }',
        '-    expires: "2030-01-01"',
        '-',
      ],
    ],
  ])('%s', (_, overrides, lines) => {
    expect(diff(FILE, unset(FILE, ...overrides))).toEqual(lines);
  });

  it('keeps the comment above the first context, which may be about all of them', () => {
    const text = `${TOP}users:\n  # Testers\n  a: { f: 1 }\n  b: { f: 1 }\n`;
    expect(unset(text, 'a f')).toBe(`${TOP}users:\n  # Testers\n  b: { f: 1 }\n`);
  });

  it('leaves only the top of a file if it was the last one', () => {
    expect(unset(`${TOP}users:\n  a: { f: 1 }\n`, 'a f')).toBe(TOP);
  });

  it('leaves a map of several lines with and without a comma at its end as it is', () => {
    const lines = (comma: string, middle = '    g: 2,\n'): string =>
      `${TOP}users:\n  a: {\n    f: 1, # one\n${middle}    h: 3${comma}\n  }\n`;
    expect(unset(lines(''), 'a g')).toBe(lines('', ''));
    expect(unset(lines(','), 'a h')).toBe(`${TOP}users:\n  a: {\n    f: 1, # one\n    g: 2,\n  }\n`);
    expect(unset(lines(''), 'a h')).toBe(`${TOP}users:\n  a: {\n    f: 1, # one\n    g: 2\n  }\n`);
  });
});

describe('unusual layouts', () => {
  it.each<readonly [what: string, before: string, override: string, after: string]>([
    [
      'a document with its markers',
      `---\n${TOP}users:\n  a: {f: true}\n...\n`,
      'b f',
      `---\n${TOP}users:\n  a: {f: true}\n  b: {f: 1}\n...\n`,
    ],
    [
      'JSON',
      '{"project": "p", "environment": "e", "users": {"a": {"f": true}}}\n',
      'org:b f',
      '{"project": "p", "environment": "e", "users": {"a": {"f": true}}, contexts: {org: {b: {f: 1}}}}\n',
    ],
    [
      'explicit keys',
      `${TOP}users:\n  ? a\n  : f: true\n    g: 2\n`,
      'a f',
      `${TOP}users:\n  ? a\n  : f: 1\n    g: 2\n`,
    ],
    [
      'a value in several lines',
      `${TOP}users: # all\n    "a": # one\n        f: |-\n          hello\n          world\n        g: 2\n`,
      'a f',
      `${TOP}users: # all\n    "a": # one\n        f: 1\n        g: 2\n`,
    ],
    [
      'a group with its dash in a line and no end of the last line',
      `${TOP}groups:\n-\n  name: x\n  users:\n  - a # A\n  - b\n  flags: {f: true, g: [1,\n    2]}`,
      'a f',
      `${TOP}users:\n  a:\n    f: 1\n    g: [1, 2]\ngroups:\n-\n  name: x\n  users:\n  - b\n  flags: {f: true, g: [1,\n    2]}`,
    ],
  ])('an override can be set in %s', (_, before, override, after) => {
    expect(set(before, override, 1)).toBe(after);
  });
});

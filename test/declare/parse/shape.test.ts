import { describe, expect, it } from 'vitest';
import { line, parse, wrong } from '../declared.js';

const DATE =
  'a date such as "2026-12-31" (expires at the end of that day, UTC) or a date-time with its zone such as "2026-12-31T18:00:00+01:00"';

function wrongAlone(text: string): string[] {
  return parse(text).diagnostics.map(line);
}

describe('the top of a declaration', () => {
  it('a flag without a space after its colon is named', () => {
    expect(wrongAlone('project: shop\nenvironment: x\nusers:\n  a: {f:true}\n')).toEqual([
      '4:7 bad-value "f:true" is read as a key without a value (write a space after the colon: f: true)',
    ]);
  });

  it('a declaration is a map', () => {
    const hint = 'expected a declaration: which contexts get which variations of which flags, in one project';
    expect(wrongAlone('- a\n')).toEqual([`1:1 wrong-type the file must be a map, found a list (${hint})`]);
    expect(wrongAlone('null\n')).toEqual([`1:1 wrong-type the file must be a map, found null (${hint})`]);
  });

  it('a declaration names a project', () => {
    expect(wrongAlone('environment: production\n')).toEqual(['1:1 missing-key the key project is missing']);
  });

  it('a declaration names an environment or environments', () => {
    expect(wrongAlone('project: shop\n')).toEqual([
      '1:1 key-choice one of the keys environment, environments is missing',
    ]);
  });

  it('a declaration cannot name both environment and environments', () => {
    expect(wrong('environments: [staging]\n')).toEqual([
      '3:1 key-choice environment and environments are mutually exclusive (keep one of them)',
    ]);
  });

  it.each([
    ['project: my shop\nenvironment: x\n', "1:10 bad-value my shop is not a project's key"],
    ['project: shop\nenvironment: ../x\n', "2:14 bad-value ../x is not an environment's key"],
  ])('project and environment have the keys that LaunchDarkly allows: %j', (text, message) => {
    expect(wrongAlone(text)).toEqual([`${message} (letters, digits, dots, dashes and underscores)`]);
  });

  it.each([
    [
      'project: 12\nenvironment: x\n',
      '1:10 wrong-type 12 is read as a number, but must be text (quote it: "12")',
    ],
    ['project: a\nenvironment: on\n', undefined],
    [
      'project: a\nenvironment: true\n',
      '2:14 wrong-type true is read as a boolean, but must be text (quote it: "true")',
    ],
  ])('the keys of project and environment must be text: %j', (text, message) => {
    expect(wrongAlone(text)).toEqual(message === undefined ? [] : [message]);
  });

  it.each([
    [
      '[]',
      '2:15 empty-value environments is an empty list (expected a list of environments that all get these overrides)',
    ],
    ['[a, b, a]', '2:22 repeated-item a appears twice in environments'],
    [
      'a',
      '2:15 wrong-type environments must be a list, found text (expected a list of environments that all get these overrides)',
    ],
  ])('the list of environments is checked: %s', (list, message) => {
    expect(wrongAlone(`project: shop\nenvironments: ${list}\n`)).toEqual([message]);
  });

  it.each([
    ['user', 'did you mean users?'],
    ['enviroments', 'did you mean environments?'],
    ['Groups', 'did you mean groups?'],
    [
      'flags',
      'known keys are project, environment, environments, owner, reason, expires, manage, users, contexts, groups',
    ],
  ])('the key %s is unknown, and the hint lists or suggests known ones', (key, hint) => {
    expect(wrong(`${key}: {}\n`)).toEqual([`3:1 unknown-key unknown key "${key}" (${hint})`]);
  });

  it('all errors are reported, each at its position', () => {
    expect(wrong('owner: ""\nreason:\nusers:\n  a: true\n  b: [x]\n').toSorted()).toEqual([
      '3:8 empty-value owner is empty (expected the team or person responsible for these overrides; shown in plans)',
      '4:1 wrong-type reason must be text, found nothing (expected the reason for these overrides; part of the audit comment of each change)',
      '6:6 wrong-type a must be a map, found a boolean (expected flags, each with its setting)',
      '7:6 wrong-type b must be a map, found a list (expected flags, each with its setting)',
    ]);
  });

  it('the error about a text that is too long is short', () => {
    expect(wrong(`reason: ${'x'.repeat(501)}\n`)).toEqual([
      '3:9 too-long reason has more than 500 characters (expected the reason for these overrides; part of the audit comment of each change)',
    ]);
  });

  it('50 violations are listed, and the others are counted', () => {
    const found = wrong(
      `users:\n${Array.from({ length: 2000 }, (_, i) => `  u${i}: {f: {$x: 1}}\n`).join('')}`,
    );
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toBe('53:13 more-violations 1950 more violations in this file');
  });
});

describe('users, contexts and groups', () => {
  it.each([
    ['contexts:\n  user:\n    a: {f: true}\n', '4:3'],
    ['groups:\n  - name: g\n    contexts: {user: [a]}\n    flags: {f: true}\n', '5:16'],
  ])('the kind user belongs under users: %j', (text, place) => {
    expect(wrong(text)).toEqual([
      `${place} not-allowed "user" is not allowed here (write users: instead of contexts: user:)`,
    ]);
  });

  it('context kinds are those that LaunchDarkly allows', () => {
    expect(wrong('contexts:\n  kind: {}\n  multi: {}\n  a b: {}\n  Org.1_x-y: {}\n')).toEqual([
      '4:3 not-allowed "kind" is not allowed here (a context kind other than kind and multi, which LaunchDarkly reserves)',
      '5:3 not-allowed "multi" is not allowed here (a context kind other than kind and multi, which LaunchDarkly reserves)',
      '6:3 bad-value "a b" is not a context kind (letters, digits, dots, dashes and underscores)',
    ]);
  });

  it('flag keys are those that LaunchDarkly allows, and any context key that is not empty is accepted', () => {
    expect(wrong('users:\n  " a/b: c ":\n    my flag: true\n  "":\n    ok: true\n')).toEqual([
      "6:3 empty-value a key is empty (expected a context's key: any text that is not empty)",
      '5:5 bad-value "my flag" is not a flag\'s key (letters, digits, dots, dashes and underscores)',
    ]);
  });

  it.each([
    ['0123', 'a number'],
    ['1e3', 'a number'],
    ['1.5', 'a number'],
    ['true', 'a boolean'],
    ['null', 'null'],
    ['~', 'null'],
  ])('the key %s in a list is shown as written, with the hint to quote it', (key, kind) => {
    expect(wrong(`groups:\n  - name: g\n    users:\n      - a\n      - ${key}\n    flags: {f: 1}\n`)).toEqual(
      [`7:9 wrong-type ${key} is read as ${kind}, but must be text (quote it: "${key}")`],
    );
  });

  it.each([
    ['-', '7:8 wrong-type an item of users must be text, found nothing'],
    ['- {b: c}', '7:9 wrong-type an item of users must be text, found a map'],
    ['- [b]', '7:9 wrong-type an item of users must be text, found a list'],
  ])('lists of keys must contain text: %j', (item, message) => {
    const text = `groups:\n  - name: g\n    users:\n      - a\n      ${item}\n    flags: {f: 1}\n`;
    expect(wrong(text)).toEqual([`${message} (expected a context's key: any text that is not empty)`]);
  });

  it('a missing space after a colon is recognised', () => {
    expect(wrong('users:\n  a:\n    flag:true\n')).toEqual([
      '5:5 wrong-type flag:true is read as text (write a space after the colon)',
    ]);
  });

  it.each([
    [
      'users:\n  a:\n',
      '4:3 wrong-type a must be a map, found nothing (expected flags, each with its setting)',
    ],
    [
      'users:\n',
      '3:1 wrong-type users must be a map, found nothing (expected context keys, each with its flags)',
    ],
    [
      'groups: {qa: {}}\n',
      '3:9 wrong-type groups must be a list, found a map (expected a list of groups; each gives many contexts the same settings)',
    ],
    [
      'groups: [qa]\n',
      '3:10 wrong-type an item of groups must be a map, found text (expected a map with name, users or contexts, and flags)',
    ],
  ])('an error names the expected type: %j', (text, message) => {
    expect(wrong(text)).toEqual([message]);
  });

  it('a group needs a name, members and flags', () => {
    expect(wrong('groups:\n  - nam: g\n    flag: {f: true}\n').toSorted()).toEqual([
      '4:5 key-choice one of the keys users, contexts is missing in an item of groups',
      '4:5 missing-key the key flags is missing in an item of groups',
      '4:5 missing-key the key name is missing in an item of groups',
      '4:5 unknown-key unknown key "nam" in an item of groups (did you mean name?)',
      '5:5 unknown-key unknown key "flag" in an item of groups (did you mean flags?)',
    ]);
  });
});

describe('expires', () => {
  it.each([
    '2026-02-30',
    '31.12.2026',
    '"2026-12-31T18:00:00"',
    '"2026-12-31T24:00:00Z"',
    'soon',
    '"2026-13-01"',
  ])('expires must be an existing date, or a date-time with its zone, not %s', (text) => {
    expect(wrong(`expires: ${text}\n`)).toEqual([
      `3:10 bad-value ${text.replaceAll('"', '')} is not a date (write ${DATE})`,
    ]);
  });

  it('a wrong expires in a group is reported in the same way', () => {
    expect(
      wrong('groups:\n  - name: g\n    users: [a]\n    flags: {f: 1}\n    expires: 2026-06-31\n'),
    ).toEqual([`7:14 bad-value 2026-06-31 is not a date (write ${DATE})`]);
  });

  it('expires must be text', () => {
    expect(wrong('expires: 20261231\n')).toEqual([
      `3:10 wrong-type 20261231 is read as a number, but must be text (expected ${DATE})`,
    ]);
    expect(wrong('expires:\n')).toEqual([
      `3:1 wrong-type expires must be text, found nothing (expected ${DATE})`,
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { parseExpiry } from '../../../src/declare/parse/expiry.js';
import { declared, line, parse, SCOPE } from '../declared.js';

describe('a declaration', () => {
  it('a declaration yields its overrides with the position of each flag', () => {
    const { overrides, scopes, at } = declared(`# top
project: shop
environments: [staging, production]
owner: team
reason: beta
users:
  0123: {f: true, "g": null}
contexts:
  organization:
    acme: { f: 1 }
groups:
  - name: qa
    users: [b, "2"]
    contexts: { device: [k] }
    flags:
      f: dark
`);
    expect(scopes).toEqual([
      { project: 'shop', environment: 'staging', at: { file: 'x.yaml', line: 3, col: 16 } },
      { project: 'shop', environment: 'production', at: { file: 'x.yaml', line: 3, col: 25 } },
    ]);
    expect(at).toEqual({ file: 'x.yaml', line: 2, col: 1 });
    expect(
      overrides.map(({ kind, key, flag, at: place }) => `${kind} ${key} ${flag} ${place.line}:${place.col}`),
    ).toEqual([
      'user 0123 f 7:10',
      'user 0123 g 7:19',
      'organization acme f 10:13',
      'user b f 16:7',
      'user 2 f 16:7',
      'device k f 16:7',
    ]);
    for (const override of overrides) expect(override).toMatchObject({ owner: 'team', reason: 'beta' });
  });

  it('a declaration may be empty, so that a scope can be emptied on purpose', () => {
    expect(declared(`${SCOPE}users: {}\n`).overrides).toEqual([]);
    expect(declared(SCOPE).overrides).toEqual([]);
  });

  it('names of object members are ordinary keys', () => {
    const { overrides } = declared(
      `${SCOPE}users:\n  __proto__: {constructor: 1}\n  toString: {__proto__: 2}\n`,
    );
    expect(overrides.map(({ key, flag }) => `${key} ${flag}`)).toEqual([
      '__proto__ constructor',
      'toString __proto__',
    ]);
  });

  it('a declaration has an expiry, and a group can have its own', () => {
    const { overrides } = declared(`${SCOPE}expires: "2026-12-31"
users: {a: {f: 1}}
groups:
  - {name: g, users: [b], flags: {f: 1}, expires: "2026-11-30"}
  - {name: h, users: [c], flags: {f: 1}}
`);
    expect(overrides.map(({ key, expires }) => `${key} ${expires?.text}`)).toEqual([
      'a 2026-12-31',
      'b 2026-11-30',
      'c 2026-12-31',
    ]);
  });

  it('an override can have its own expiry and reason, which count before those of its group and its file', () => {
    const { overrides } = declared(`${SCOPE}expires: 2026-12-31
reason: file
users:
  a:
    own: {$value: true, expires: 2026-11-30, reason: override}
    by-name: {reason: override, $variation: dark}
    plain: true
groups:
  - name: g
    users: [b, c]
    expires: 2026-10-31
    flags:
      own: {$variation: 1, expires: "2026-09-30T12:00:00Z"}
      plain: 1
`);
    expect(
      overrides.map(({ key, flag, expires, reason }) => `${key} ${flag}: ${expires?.text} ${reason}`),
    ).toEqual([
      'a own: 2026-11-30 override',
      'a by-name: 2026-12-31 override',
      'a plain: 2026-12-31 file',
      'b own: 2026-09-30T12:00:00Z file',
      'c own: 2026-09-30T12:00:00Z file',
      'b plain: 2026-10-31 file',
      'c plain: 2026-10-31 file',
    ]);
    expect(overrides.map(({ expires }) => `${expires?.line}:${expires?.col}`)).toEqual([
      '7:34',
      '3:10',
      '3:10',
      '15:37',
      '15:37',
      '13:14',
      '13:14',
    ]);
  });

  it('a key that is twice in a group is a warning at the second place, and counts once', () => {
    const text = `${SCOPE}groups:\n  - name: g\n    users: [a, b, a]\n    contexts: {device: [a]}\n    flags: {f: 1}\n`;
    const { declaration, diagnostics } = parse(text);
    expect(diagnostics.map(line)).toEqual([
      '5:19 declared-twice user "a" appears twice in this list (keep one of them)',
    ]);
    expect(diagnostics[0]?.severity).toBe('warning');
    expect(declaration?.overrides.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'user a',
      'user b',
      'device a',
    ]);
  });

  it('a declaration has at most 500,000 overrides', () => {
    const keys = Array.from({ length: 5000 }, (_, i) => `k${i}`).join(',');
    const flags = Array.from({ length: 101 }, (_, i) => `    f${i}: 1\n`).join('');
    const text = `${SCOPE}groups:\n- name: g\n  users: [${keys}]\n  flags:\n${flags}`;
    expect(parse(text).diagnostics.map(line)).toEqual([
      '107:5 too-many-overrides the file declares more than 500000 overrides (use a targeting rule or a segment for that many contexts)',
    ]);
  });
});

describe('an expiry', () => {
  it.each([
    ['2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['2024-02-29', '2024-03-01T00:00:00.000Z'],
    ['2026-12-31T18:00:00Z', '2026-12-31T18:00:00.000Z'],
    ['2026-12-31T18:00:00+01:00', '2026-12-31T17:00:00.000Z'],
    ['2026-12-31T18:00:00.25-05:30', '2026-12-31T23:30:00.250Z'],
    ['2026-12-31t18:00:00z', '2026-12-31T18:00:00.000Z'],
    ['2026-12-31 18:00:00Z', '2026-12-31T18:00:00.000Z'],
    ['2026-12-31T18:00:00+0100', '2026-12-31T17:00:00.000Z'],
    ['2026-12-31T18:00:00+01', '2026-12-31T17:00:00.000Z'],
    ['2026-12-31T23:59:60Z', '2027-01-01T00:00:00.000Z'],
    ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00.000Z'],
  ])('the expiry %s is the instant %s', (text, instant) => {
    expect(new Date(parseExpiry(text)).toISOString()).toBe(instant);
    expect(declared(`${SCOPE}expires: "${text}"\n`).overrides).toEqual([]);
  });
});

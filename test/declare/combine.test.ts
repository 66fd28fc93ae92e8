import { describe, expect, it } from 'vitest';
import { type Config, DEFAULT_CONFIG, DEFAULT_POLICY } from '../../src/config/config.js';
import { combine } from '../../src/declare/combine.js';
import { declared, SCOPE } from './declared.js';

/** Combines files by path; those that do not name a project get the usual scope. */
function combined(
  files: Readonly<Record<string, string>>,
  config: Config = DEFAULT_CONFIG,
  links: ReadonlyMap<string, string> = new Map(),
): ReturnType<typeof combine> {
  const declarations = Object.entries(files).map(([path, text]) =>
    declared(text.startsWith('project:') ? text : SCOPE + text, path),
  );
  return combine(declarations, config, { configPath: 'flagops.yaml', folder: '.', links });
}

function reported(result: ReturnType<typeof combine>): string[] {
  return result.diagnostics.map(
    ({ at, severity, code, message }) => `${at.file}:${at.line}:${at.col} ${severity} ${code} ${message}`,
  );
}

function withScopes(...environments: string[]): Config {
  return {
    ...DEFAULT_CONFIG,
    scopes: environments.map((environment) => ({ project: 'shop', environment, policy: DEFAULT_POLICY })),
  };
}

function expiring(expires: string | undefined): string {
  return `${expires === undefined ? '' : `expires: "${expires}"\n`}users: {a: {f: 1}}\n`;
}

describe('declarations of several files', () => {
  it('declarations are merged separately for each scope', () => {
    const { desired, diagnostics } = combined({
      'a.yaml': 'users: {a: {f: 1}}\n',
      'b.yaml': 'project: shop\nenvironments: [staging, production]\nusers: {b: {f: 1}}\n',
      'c.yaml': 'project: other\nenvironment: production\n',
    });
    expect(diagnostics).toEqual([]);
    expect([...desired].map(([key, { overrides }]) => [key, overrides.size])).toEqual([
      ['shop/production', 2],
      ['shop/staging', 1],
      ['other/production', 0],
    ]);
  });

  it('the same key of different kinds, and different flags of one key, do not conflict', () => {
    const { desired, diagnostics } = combined({
      'a.yaml': 'users: {a: {f: 1, g: 1}}\ncontexts: {device: {a: {f: 2}}}\n',
    });
    expect(diagnostics).toEqual([]);
    expect(desired.get('shop/production')?.overrides.size).toBe(3);
  });
});

describe('an override that is declared twice', () => {
  it('an override declared twice with the same setting is a warning that names the first place', () => {
    const result = combined({
      'a.yaml': 'users: {a: {f: {x: 1, y: 2}}}\n',
      'b.yaml': 'users: {a: {f: {y: 2, x: 1}}}\n',
    });
    expect(reported(result)).toEqual([
      'b.yaml:3:13 warning declared-twice f for user "a" is declared twice, first at a.yaml:3:13',
    ]);
  });

  it('an override declared with different settings is an error that names both places', () => {
    const result = combined({ 'a.yaml': 'users: {a: {f: dark}}\n', 'b.yaml': 'users: {a: {f: null}}\n' });
    expect(reported(result)).toEqual([
      'b.yaml:3:13 error declared-differently f for user "a" is null here and "dark" at a.yaml:3:13',
    ]);
  });

  it('an override declared by a value and by a name is an error: they cannot be compared offline', () => {
    const result = combined({
      'a.yaml': 'users: {a: {f: {$variation: 0}}}\n',
      'b.yaml': 'users: {a: {f: true}}\n',
    });
    expect(reported(result)).toEqual([
      'b.yaml:3:13 error declared-differently f for user "a" is true here and {$variation: 0} at a.yaml:3:13',
    ]);
  });

  it('an override declared directly and by a group of the same file is found, too', () => {
    const text = 'users: {a: {f: 1}}\ngroups:\n  - {name: g, users: [b, a], flags: {f: 2}}\n';
    expect(reported(combined({ 'a.yaml': text }))).toEqual([
      'a.yaml:5:38 error declared-differently f for user "a" is 2 here and 1 at a.yaml:3:13',
    ]);
  });

  it('a conflict in two environments of one file is reported once', () => {
    const both = 'project: shop\nenvironments: [x, y]\nusers: {a: {f: 1}}\n';
    expect(reported(combined({ 'a.yaml': both, 'b.yaml': both }))).toHaveLength(1);
  });

  it('conflicts beyond the limit are only counted, and no error is lost', () => {
    const users = Array.from({ length: 1100 }, (_, n) => `  k${n}: {f: 1}\n`).join('');
    const { diagnostics } = combined({
      'a.yaml': `users:\n${users}  z: {f: 1}\n`,
      'b.yaml': `users:\n${users}  z: {f: 2}\n`,
    });
    expect(diagnostics).toHaveLength(1002);
    expect(diagnostics.at(-2)).toMatchObject({ code: 'declared-differently', at: { line: 1104 } });
    expect(diagnostics.at(-1)).toMatchObject({
      severity: 'warning',
      code: 'more-warnings',
      message: '100 more warnings from here on',
      at: { file: 'b.yaml', line: 1004 },
    });
  });

  it('the same override in different environments is not a conflict', () => {
    const result = combined({
      'a.yaml': 'users: {a: {f: 1}}\n',
      'b.yaml': 'project: shop\nenvironment: staging\nusers: {a: {f: 2}}\n',
    });
    expect(reported(result)).toEqual([]);
  });

  it.each([
    ['2026-01-01', '2027-01-01', '2027-01-01'],
    ['2027-01-01', '2026-01-01', '2027-01-01'],
    ['2026-01-01', undefined, undefined],
    [undefined, '2026-01-01', undefined],
  ])('an override declared until %s and until %s lasts until %s', (first, second, until) => {
    const { desired } = combined({ 'a.yaml': expiring(first), 'b.yaml': expiring(second) });
    const [override] = desired.get('shop/production')?.overrides.values() ?? [];
    expect(override?.expires?.text).toBe(until);
  });

  it('different settings are an error even if one of them has expired', () => {
    const result = combined({
      'a.yaml': 'expires: "2001-01-01"\nusers: {a: {f: 1}}\n',
      'b.yaml': 'users: {a: {f: 2}}\n',
    });
    expect(reported(result)).toHaveLength(1);
  });
});

describe('the scopes of the configuration', () => {
  it('a declaration for a scope that is not listed is an error', () => {
    const result = combined({ 'a.yaml': 'users: {a: {f: 1}}\n' }, withScopes('staging', 'prodction'));
    expect(result.diagnostics).toEqual([
      {
        severity: 'error',
        code: 'scope-not-listed',
        message: 'the scope shop/production is not listed in the configuration',
        hint: 'did you mean shop/prodction?',
        at: { file: 'a.yaml', line: 1, col: 1 },
      },
    ]);
    expect(result.desired.size).toBe(0);
  });

  it('the hint lists the scopes if none is close', () => {
    const [first] = combined({ 'a.yaml': '' }, withScopes('staging', 'test')).diagnostics;
    expect(first?.hint).toBe(
      'add it to scopes in the configuration, which lists shop/staging, shop/test, or correct it here',
    );
    const [none] = combined({ 'a.yaml': '' }, withScopes()).diagnostics;
    expect(none?.hint).toBe('add it to scopes in the configuration, which lists none, or correct it here');
  });

  it('an excluded flag is reported once per file, with the number of overrides', () => {
    const policy = { ...DEFAULT_POLICY, flags: { include: ['app-*', 'ops-ok'], exclude: ['*-old'] } };
    const config = { ...DEFAULT_CONFIG, scopes: [{ project: 'shop', environment: 'production', policy }] };
    const users = ['a', 'b', 'c']
      .map((key) => `  ${key}: {ops-x: 1, app-1: 1, app-old: 1, ops-ok: 1}\n`)
      .join('');
    expect(reported(combined({ 'a.yaml': `users:\n${users}` }, config))).toEqual([
      'a.yaml:4:7 error flag-excluded the configuration excludes ops-x from shop/production (and 2 more)',
      'a.yaml:4:27 error flag-excluded the configuration excludes app-old from shop/production (and 2 more)',
    ]);
  });
});

describe('the files of a scope', () => {
  /** A configuration of shop/production and shop/staging, with globs for the files of each. */
  const withFiles = (production: readonly string[], staging?: readonly string[]): Config => ({
    ...DEFAULT_CONFIG,
    scopes: [
      { project: 'shop', environment: 'production', policy: { ...DEFAULT_POLICY, files: production } },
      { project: 'shop', environment: 'staging', policy: { ...DEFAULT_POLICY, files: staging } },
    ],
  });
  const both = 'project: shop\nenvironments: [staging, production]\nusers: {a: {f: 1}}\n';
  const refused =
    'error file-not-allowed this file may not declare for shop/production, only files that match';

  it('a declaration in another file than those of its scope is an error at the name of the environment', () => {
    const result = combined({ 'staging/a.yaml': 'users: {}\n' }, withFiles(['production/**']));
    expect(result.diagnostics).toEqual([
      {
        severity: 'error',
        code: 'file-not-allowed',
        message: 'this file may not declare for shop/production, only files that match production/**',
        hint: 'move the declaration to one of those, or add this file to files of that scope in flagops.yaml',
        at: { file: 'staging/a.yaml', line: 2, col: 14 },
      },
    ]);
  });

  it('a scope without files accepts every file, and files apply to their own scope only', () => {
    const files = { 'production/a.yaml': 'users: {a: {f: 1}}\n', 'b.yaml': both.replace(', production', '') };
    expect(reported(combined(files, withFiles(['production/**'])))).toEqual([]);
  });

  it('a file for several environments must be among the files of each', () => {
    const config = withFiles(['production/**', 'shared/*'], ['staging/**', 'shared/*']);
    expect(reported(combined({ 'shared/a.yaml': both }, config))).toEqual([]);
    expect(reported(combined({ 'staging/a.yaml': both }, config))).toEqual([
      `staging/a.yaml:2:25 ${refused} production/**, shared/*`,
    ]);
    expect(combined({ 'other/a.yaml': both }, config).diagnostics.map(({ at }) => at.col)).toEqual([16, 25]);
  });

  it.each([
    'Production/a.yaml',
    'PRODUCTION/a.yaml',
    'productio\u0301n/a.yaml',
    'production.yaml',
    'production-old/a.yaml',
    'x/production/a.yaml',
    'production/.draft/a.yaml',
  ])('the path %j is not among the files production/** without production/.draft/**', (path) => {
    const config = withFiles(['production/**', '!production/.draft/**']);
    expect(reported(combined({ [path]: 'users: {}\n' }, config))).toEqual([
      `${path}:2:14 ${refused} production/**, !production/.draft/**`,
    ]);
  });

  it.each(['production/a.yaml', 'production/x/y/a.yaml', 'production/..yaml', 'production/.../a.yaml'])(
    'the path %j is among the files production/**',
    (path) => {
      expect(reported(combined({ [path]: 'users: {}\n' }, withFiles(['production/**'])))).toEqual([]);
    },
  );

  it('the globs start from the folder of the configuration', () => {
    const place = { configPath: 'team/flagops.yaml', folder: 'team', links: new Map<string, string>() };
    const config = withFiles(['production/*']);
    const declarations = ['team/production/a.yaml', 'production/a.yaml'].map((path) =>
      declared(`${SCOPE}users: {}\n`, path),
    );
    const { diagnostics } = combine(declarations, config, place);
    expect(reported({ desired: new Map(), diagnostics })).toEqual([
      `production/a.yaml:2:14 ${refused} production/* in team`,
    ]);
    expect(diagnostics[0]?.hint).toContain('in team/flagops.yaml');
  });

  it('a symbolic link is refused, even between files of the scope', () => {
    const links = new Map([['production/a.yaml', 'production/b.yaml']]);
    const files = { 'production/a.yaml': 'users: {}\n', 'production/b.yaml': 'users: {}\n' };
    const { diagnostics } = combined(files, withFiles(['production/**']), links);
    expect(diagnostics).toEqual([
      {
        severity: 'error',
        code: 'file-not-allowed',
        message:
          'this symbolic link may not declare for shop/production, only regular files that match production/**',
        hint: 'replace the link with a copy of production/b.yaml',
        at: { file: 'production/a.yaml', line: 2, col: 14 },
      },
    ]);
    expect(combined(files, withScopes('production'), links).diagnostics).toEqual([]);
  });
});

it('more than 500,000 overrides in all, counted in each environment, are an error', () => {
  const keys = Array.from({ length: 500 }, (_, index) => `k${index}`).join(',');
  const flags = Array.from({ length: 10 }, (_, index) => `f${index}: 1`).join(',');
  const environments = Array.from({ length: 101 }, (_, index) => `e${index}`).join(',');
  const text = (name: string): string =>
    `project: ${name}\nenvironments: [${environments}]\ngroups: [{name: g, users: [${keys}], flags: {${flags}}}]\n`;
  expect(reported(combined({ 'a.yaml': text('a') }))).toEqual([
    'a.yaml:1:1 error too-many-overrides the declarations up to this file have more than 500000 overrides',
  ]);
});

import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, DEFAULT_POLICY, policyOf } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/parse.js';
import { parseDuration, parsePercent } from '../../src/config/units.js';
import { SourceText } from '../../src/yaml/source.js';

function parse(text: string): ReturnType<typeof parseConfig> {
  return parseConfig(new SourceText('flagops.yaml', text));
}

function wrong(text: string): string[] {
  return parse(`version: 1\n${text}`).diagnostics.map(
    ({ at, message, hint }) => `${at.line}:${at.col} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

describe('a configuration', () => {
  it('a configuration without a key has its default', () => {
    expect(parse('version: 1\n')).toEqual({ config: DEFAULT_CONFIG, diagnostics: [] });
    const { config } = parse('version: 1\nscopes:\n  - {project: shop, environment: production}\n');
    expect(config?.scopes).toEqual([{ project: 'shop', environment: 'production', policy: DEFAULT_POLICY }]);
  });

  it('each default can be overridden separately', () => {
    const { config, diagnostics } = parse(`version: 1
name: shop
declarations: ["flags/*.yaml", "!flags/draft-*"]
baseUrl: https://app.eu.launchdarkly.com
api: contexts
comment: { maxLength: 200 }
rate: { writesPerSecond: 2.5, reserve: 0% }
timeouts: { run: 2h }
scopes:
  - project: shop
    environment: production
    files: ["flags/production/**", "!flags/production/old/*"]
    prune: contexts
    drift: report
    approvals: request
    notify: { teams: [release] }
    expiry: launchdarkly
    paused: freeze
    flags: { exclude: ["ops-*"] }
    protect: { contexts: ["user:ceo@*"] }
    limits: { updates: 12.5%, changes: 0 }
    policies: { require: [owner], maxLifetime: 90d, maxPerFlag: 500 }
    manage: keep
`);
    expect(diagnostics).toEqual([]);
    expect(config).toMatchObject({
      name: 'shop',
      declarations: ['flags/*.yaml', '!flags/draft-*'],
      baseUrl: {
        value: 'https://app.eu.launchdarkly.com',
        at: { file: 'flagops.yaml', line: 4, col: 10 },
      },
      api: 'contexts',
      comment: { template: DEFAULT_CONFIG.comment.template, maxLength: 200 },
      rate: { concurrency: 4, writesPerSecond: 2.5, reserve: 0 },
      timeouts: { attempt: 30_000, run: 7_200_000 },
    });
    expect(config?.scopes?.[0]?.policy).toEqual({
      files: ['flags/production/**', '!flags/production/old/*'],
      prune: 'contexts',
      drift: 'report',
      approvals: 'request',
      notify: { members: [], teams: ['release'] },
      expiry: 'launchdarkly',
      paused: 'freeze',
      flags: { include: ['*'], exclude: ['ops-*'] },
      protect: { flags: [], contexts: ['user:ceo@*'] },
      limits: { updates: 0.125, removals: 0.3, floor: 10, changes: 0 },
      policies: { require: ['owner'], maxLifetime: 90, maxPerContext: null, maxPerFlag: 500 },
      manage: 'keep',
    });
  });

  it('an approval request notifies at most ten members and teams', () => {
    const notify = (teams: number): string =>
      `version: 1\nscopes:\n  - project: shop\n    environment: production\n    notify: { members: [m1, m2], teams: ${JSON.stringify(Array.from({ length: teams }, (_, index) => `t${index}`))} }\n`;
    expect(parse(notify(8)).diagnostics).toEqual([]);
    expect(parse(notify(9)).diagnostics).toMatchObject([
      { severity: 'error', code: 'too-many-reviewers', at: { line: 5, col: 13 } },
    ]);
  });

  it('a configuration needs a version', () => {
    expect(parse('name: x\n').diagnostics[0]?.message).toBe('the key version is missing');
    expect(parse('version: 2\n').diagnostics[0]).toMatchObject({
      message: 'version is 2, but must be 1',
      at: { line: 1, col: 10 },
    });
  });

  it.each([
    ['nam: x\n', '2:1 unknown key "nam" (did you mean name?)'],
    ['api: user\n', '2:6 user is not one of auto, users, contexts (did you mean users?)'],
    ['rate: { reserve: 10 }\n', '2:18 10 is read as a number, but must be text (write 10%)'],
    ['rate: { reserve: "10" }\n', '2:18 10 is not a percentage such as 30%'],
    ['rate: { reserve: 101% }\n', '2:18 101% is not a percentage such as 30%'],
    [
      'rate: { concurrency: 0 }\n',
      '2:22 0 is less than 1 (expected the maximum number of concurrent requests)',
    ],
    [
      'rate: { concurrency: 65 }\n',
      '2:22 65 is more than 64 (expected the maximum number of concurrent requests)',
    ],
    [
      'rate: { writesPerSecond: 0 }\n',
      "2:26 0 is not more than 0 (expected a limit on writes per second in addition to LaunchDarkly's own; null for none)",
    ],
    ['timeouts: { attempt: 30 s }\n', '2:22 30 s is not a duration such as 500ms, 30s, 60m or 2h'],
    ['timeouts: { attempt: 0s }\n', '2:22 0s is not a duration such as 500ms, 30s, 60m or 2h'],
    [
      'comment: { template: "{subject} {who}" }\n',
      '2:22 {subject} {who} is not text with any of the placeholders {subject} {sha} {author} {date} {reason}',
    ],
    [
      'declarations: ["../x/*.yaml"]\n',
      '2:16 ../x/*.yaml is not a glob inside the folder of this file, with / between folders',
    ],
    [
      'declarations: ["/x/*.yaml"]\n',
      '2:16 /x/*.yaml is not a glob inside the folder of this file, with / between folders',
    ],
    [
      'scopes:\n  - project: a\n    environment: b\n    files: [overrides/production/../staging/**]\n',
      '5:13 overrides/production/../staging/** is not a glob inside the folder of this file, with / between folders',
    ],
    [
      'scopes:\n  - project: a\n    environment: b\n    files: []\n',
      '5:12 files is an empty list (expected globs for the only files that may declare overrides for this scope, relative to this file; a glob that starts with ! excludes files; if absent, any declaration may)',
    ],
    [
      'declarations: overrides/*.yaml\n',
      '2:15 declarations must be a list, found text (expected globs for the declarations, relative to this file; a glob that starts with ! excludes files)',
    ],
    [
      'scopes:\n  - project: a\n    environment: b\n    protect: { contexts: [ceo] }\n',
      '5:27 ceo is not a glob such as user:ceo@*; the first colon separates kind and key',
    ],
    ['scopes:\n  - project: a\n', '3:5 the key environment is missing in an item of scopes'],
  ])('an error describes what is wrong with %j', (text, message) => {
    expect(wrong(text)).toEqual([message]);
  });

  it.each([
    [
      "declarations: ['overrides/+(a|a*)b']\n",
      '2:16 the glob overrides/+(a|a*)b: extended globs such as +(...) are not supported (write {a,b} for alternatives, or [(] for the character)',
    ],
    [
      "declarations: ['a/*.yaml', '!a/**.draft']\n",
      '2:28 the glob a/**.draft: ** is not the whole name of a folder (write **/* to reach into all folders below, or * to stay in one)',
    ],
    [
      "scopes:\n  - project: a\n    environment: b\n    files: ['a/./b']\n",
      '5:13 the glob a/./b: a folder or a file in it has no name (write one / between names, no ./ and none at the end: folder/** is everything in a folder)',
    ],
    [
      "scopes:\n  - project: a\n    environment: b\n    flags: { include: ['*'], exclude: ['ops-*', '[x'] }\n",
      '5:49 the glob [x: a [ is not closed (close it with ], or write [[] for the character)',
    ],
    [
      "scopes:\n  - project: a\n    environment: b\n    flags: { include: ['!ops-*'] }\n",
      '5:24 the glob !ops-*: a ! excludes nothing here (list what to leave out under exclude, if there is one, or write [!] for the character)',
    ],
    [
      "scopes:\n  - project: a\n    environment: b\n    protect: { flags: ['{1..9}'], contexts: ['user:(ceo|cfo)@*'] }\n",
      '5:24 the glob {1..9}: ranges such as {1..3} are not supported (write each of them: {1,2,3})',
      '5:46 the glob (ceo|cfo)@*: groups such as (a|b) are not supported (write {a,b} for alternatives, or [(] for the character)',
    ],
  ])('a bad glob is refused in %j', (text, ...messages) => {
    expect(wrong(text)).toEqual(messages);
  });

  it('a glob with characters that are hard to see is read, with a warning at its position', () => {
    const text =
      'version: 1\nscopes:\n  - project: a\n    environment: b\n    flags: { exclude: ["ops-*\\u200b"] }\n' +
      '    protect: { contexts: ["user:ce\\u200bo", "user: x", "user:a b*"] }\n';
    const { config, diagnostics } = parse(text);
    expect(config?.scopes?.[0]?.policy.protect.contexts).toEqual(['user:ce\u200bo', 'user: x', 'user:a b*']);
    expect(diagnostics.map(({ severity, code, at }) => [severity, code, at.line, at.col])).toEqual([
      ['warning', 'suspicious-key', 5, 24],
      ['warning', 'suspicious-key', 6, 27],
      ['warning', 'suspicious-key', 6, 45],
    ]);
    expect(diagnostics[1]?.message).toBe(
      'the glob "user:ce\u200bo" contains a character that is hard to see: U+200B',
    );
  });

  it('a scope that is listed twice is an error', () => {
    const text =
      'scopes:\n  - {project: a, environment: b}\n  - {project: a, environment: c}\n  - {project: a, environment: b}\n';
    expect(wrong(text)).toEqual([
      '5:5 the scope a/b is listed twice, first at line 3 (merge the two entries)',
    ]);
  });

  it('a configuration is read with the same YAML rules as a declaration', () => {
    expect(wrong('name: !!str x\n')).toEqual([
      '2:7 the tag !!str is not supported (delete it; quote what must be text)',
    ]);
  });
});

describe('the policy of a scope', () => {
  const shop = { project: 'shop', environment: 'production' };

  it('a scope has the default policy if the configuration lists no scopes', () => {
    expect(policyOf(DEFAULT_CONFIG, shop)).toBe(DEFAULT_POLICY);
  });

  it('a scope has the policy of the entry with its project and environment', () => {
    const { config } = parse(`version: 1
scopes:
  - {project: shop, environment: staging, prune: never}
  - {project: shop, environment: production, prune: contexts}
  - {project: other, environment: production, prune: environment}
`);
    expect(config && policyOf(config, shop)?.prune).toBe('contexts');
    expect(config && policyOf(config, { ...shop, environment: 'test' })).toBeUndefined();
  });

  it('a scope has no policy if the list of scopes is empty', () => {
    const { config } = parse('version: 1\nscopes: []\n');
    expect(config && policyOf(config, shop)).toBeUndefined();
  });
});

describe('units', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['60m', 3_600_000],
    ['2h', 7_200_000],
  ])('the duration %s is %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    ['0%', 0],
    ['30%', 0.3],
    ['12.5%', 0.125],
    ['100%', 1],
  ])('the percentage %s is %d', (text, fraction) => {
    expect(parsePercent(text)).toBe(fraction);
  });
});

import { describe, expect, it } from 'vitest';
import { importsOf, packagesBehind, read, sourceFiles } from './source.js';

const files = sourceFiles();
const imports = files.flatMap(importsOf);

/** `src/reconcile/plan.ts` lies in `reconcile`; the shells at the top lie in `cli` and so on. */
function room(path: string): string {
  const [, first = ''] = path.split('/');
  return first.replace(/\.ts$/, '');
}

/** Which rooms a room may know of, types included. The core knows nobody but the words for diagnostics. */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  text: [],
  diagnostics: ['text'],
  'exit-codes': [],
  files: [],
  json: [],
  security: [],
  glob: ['diagnostics'],
  reconcile: ['diagnostics', 'glob', 'json'],
  yaml: ['diagnostics', 'json'],
  config: ['diagnostics', 'glob', 'reconcile', 'yaml'],
  declare: ['diagnostics', 'files', 'json', 'reconcile', 'yaml', 'config', 'text', 'version'],
  history: ['diagnostics', 'reconcile', 'config', 'security'],
  http: ['diagnostics', 'security'],
  launchdarkly: ['diagnostics', 'http', 'json', 'reconcile', 'security', 'text'],
  apply: ['diagnostics', 'exit-codes', 'reconcile', 'launchdarkly', 'text'],
  report: ['diagnostics', 'json', 'reconcile', 'apply', 'text'],
  terminal: ['apply', 'diagnostics', 'files', 'report', 'security'],
  planning: [
    'config',
    'declare',
    'diagnostics',
    'files',
    'history',
    'json',
    'launchdarkly',
    'reconcile',
    'report',
    'version',
    'yaml',
  ],
  scaffold: [],
  github: [
    'diagnostics',
    'files',
    'history',
    'http',
    'launchdarkly',
    'reconcile',
    'report',
    'security',
    'version',
  ],
  // The simulator shares with the product only what a client would see, so that a misreading of the API cannot hide in
  // code that both use. It reads files, reports errors and recognises loopback addresses as every command does.
  simulator: ['diagnostics', 'files', 'glob', 'json', 'security', 'yaml'],
  version: [],
};

/** Who alone may import a package. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  undici: ['http', 'github'],
  'simple-git': ['history'],
  'node:child_process': ['history'],
  hono: ['simulator'],
  '@hono/node-server': ['simulator'],
  'node:http': ['simulator'],
  yaml: ['yaml', 'declare'],
  'cli-progress': ['terminal'],
  commander: ['cli'],
};

describe('the direction of imports', () => {
  it('sees the imports that are there', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports).toContainEqual({
      from: 'src/http/dispatcher.ts',
      to: 'undici',
      typeOnly: false,
      deferred: false,
    });
    expect(
      imports.some(({ from, to }) => from === 'src/cli/program.ts' && to === 'src/commands/plan.ts'),
    ).toBe(true);
  });

  it.each(Object.entries(MAY_KNOW))('%s knows only %j', (name, known) => {
    const strangers = imports.filter(
      ({ from, to }) => room(from) === name && to.startsWith('src/') && ![name, ...known].includes(room(to)),
    );
    expect(strangers).toEqual([]);
  });

  it('has a rule for every room', () => {
    const rooms = new Set(files.map(room));
    const shells = new Set(['action', 'cli', 'commands', 'index']);
    expect([...rooms].filter((name) => !(name in MAY_KNOW) && !shells.has(name))).toEqual([]);
  });

  it.each(Object.entries(ONLY_IN))('%s is imported in %j alone', (name, rooms) => {
    const users = imports.filter(({ to }) => to === name).map(({ from }) => room(from));
    expect(users.filter((user) => !rooms.includes(user))).toEqual([]);
    expect(users.length).toBeGreaterThan(0);
  });

  const PURE = ['canonicalize', 'fastest-levenshtein', 'node:crypto'];

  it.each([
    ['reconcile', PURE],
    ['report', [...PURE, 'picocolors']],
  ])('%s runs without input and output', (name, allowed) => {
    const loaded = new Set(
      files.filter((path) => room(path) === name).flatMap((path) => [...packagesBehind(path)]),
    );
    expect([...loaded].filter((pack) => !allowed.includes(pack))).toEqual([]);
  });

  it('loads no package for --version, and only what reads the command line before a command', () => {
    expect([...packagesBehind('src/cli.ts')]).toEqual([]);
    const loaded = packagesBehind('src/cli/main.ts');
    expect([...loaded].filter((name) => !name.startsWith('node:'))).toEqual(['commander']);
  });
});

describe('the file system', () => {
  /** What of `node:fs` and `node:fs/promises` cannot write: opening a file, for example, is not among it. */
  const READS = new Set(
    'Dirent Stats existsSync fstatSync lstat readFile readFileSync readSync readdir readlink realpath stat statSync'.split(
      ' ',
    ),
  );
  const NAMED = /^import (?:type )?\{(?<names>[^}]*)\} from '(?:node:)?fs(?:\/promises)?';$/gm;
  const outside = files.filter((path) => room(path) !== 'files');

  /** The functions of `node:fs` that a source file imports. */
  function functionsOf(path: string): string[] {
    const lists = [...read(path).matchAll(NAMED)].map(({ groups }) => groups?.['names'] ?? '');
    return lists.flatMap((list) =>
      list
        .split(',')
        .map((name) => name.replace(/^\s*(?:type\s)?|\sas\s.*$/g, '').trim())
        .filter((name) => name !== ''),
    );
  }

  it('is written to in files alone', () => {
    const writing = outside.flatMap((path) =>
      functionsOf(path)
        .filter((name) => !READS.has(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(writing).toEqual([]);
    expect(functionsOf('src/files/draft.ts')).toContain('renameSync');
    expect(functionsOf('src/declare/discover.ts')).toContain('lstat');
  });

  it('is imported in no way that would hide what is used', () => {
    const hidden = files.flatMap((path) =>
      [
        ...withoutComments(read(path)).matchAll(
          /^.*['"](?:node:)?(?:fs|fs\/promises|module|process)['"].*$/gm,
        ),
      ]
        .map(([line]) => line)
        .filter((line) => !/^(?:import (?:type )?\{[^}]*|)\} from 'node:fs(?:\/promises)?';$/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(hidden).toEqual([]);
    expect(files.filter((path) => /\bprocess\.(?:binding|getBuiltinModule)\b/.test(read(path)))).toEqual([]);
  });
});

describe('what a process has', () => {
  /** git is started with the environment of whoever runs flagops, less what would change its answers. */
  const HANDS_ON = ['src/history/git/git.ts'];
  /** A part of the Action's shell, which must come before everything that is imported. */
  const COMES_FIRST = ['src/action/unset-debug.ts'];
  const SHELLS = [
    'src/cli.ts',
    'src/cli/main.ts',
    'src/action.ts',
    'src/index.ts',
    'src/terminal/terminal.ts',
  ];

  it.each([
    ['argv and exit codes', /\bprocess\.(?:argv|exit|exitCode|stdin|stdout|stderr|cwd)\b/, SHELLS],
    ['the environment', /\bprocess\.env\b/, [...SHELLS, ...HANDS_ON, ...COMES_FIRST]],
    ['the clock', /\bDate\.now\(|\bnew Date\(\)/, [...SHELLS, 'src/launchdarkly/clock.ts']],
    ['chance', /\bMath\.random\(/, ['src/launchdarkly/clock.ts']],
    ['the console', /\bconsole\./, []],
  ] as const)('%s: only the shells touch it', (_, pattern, allowed) => {
    const users = files.filter((path) => pattern.test(withoutComments(read(path))));
    expect(users.filter((path) => !(allowed as readonly string[]).includes(path))).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
}

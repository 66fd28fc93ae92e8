import { describe, expect, it } from 'vitest';
import { importsOf, packagesBehind, read, sourceFiles, testFiles } from './source.js';

const files = sourceFiles();
const imports = files.flatMap(importsOf);

/** The directory of a file below `src`, for example `reconcile`. `src/cli.ts` counts as `cli`. */
function directoryOf(path: string): string {
  const [, first = ''] = path.split('/');
  return first.replace(/\.ts$/, '');
}

/** The other directories that a directory may import from, types included. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  text: [],
  diagnostics: ['text'],
  'exit-codes': [],
  files: [],
  json: [],
  security: [],
  glob: ['diagnostics'],
  reconcile: ['diagnostics', 'glob', 'json'],
  yaml: ['diagnostics', 'json'],
  config: ['diagnostics', 'glob', 'reconcile', 'text', 'yaml'],
  declare: ['diagnostics', 'files', 'json', 'reconcile', 'yaml', 'config', 'text', 'version'],
  history: ['diagnostics', 'reconcile', 'config', 'security'],
  http: ['diagnostics', 'security'],
  launchdarkly: ['diagnostics', 'http', 'json', 'reconcile', 'security', 'text'],
  apply: ['diagnostics', 'exit-codes', 'reconcile', 'launchdarkly', 'text'],
  report: ['diagnostics', 'exit-codes', 'json', 'reconcile', 'apply', 'text'],
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
    'text',
    'version',
    'yaml',
  ],
  recording: ['apply', 'diagnostics', 'history', 'planning', 'reconcile'],
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

/** The only directories that may import a package. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  undici: ['http', 'github'],
  'simple-git': ['history'],
  'node:child_process': ['history'],
  hono: ['simulator'],
  '@hono/node-server': ['simulator'],
  'node:http': ['simulator'],
  yaml: ['yaml', 'declare'],
  commander: ['cli'],
};

describe('the direction of imports', () => {
  it('the import rules see the imports of the source files', () => {
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

  it.each(Object.entries(MAY_IMPORT))('src/%s imports only from %j', (name, allowed) => {
    const forbidden = imports.filter(
      ({ from, to }) =>
        directoryOf(from) === name && to.startsWith('src/') && ![name, ...allowed].includes(directoryOf(to)),
    );
    expect(forbidden).toEqual([]);
  });

  it('every directory of src has an import rule', () => {
    const directories = new Set(files.map(directoryOf));
    const shells = new Set(['action', 'cli', 'commands', 'index']);
    expect([...directories].filter((name) => !(name in MAY_IMPORT) && !shells.has(name))).toEqual([]);
  });

  it.each(Object.entries(ONLY_IN))('%s is imported only in %j', (name, directories) => {
    const users = imports.filter(({ to }) => to === name).map(({ from }) => directoryOf(from));
    expect(users.filter((user) => !directories.includes(user))).toEqual([]);
    expect(users.length).toBeGreaterThan(0);
  });

  const PURE = ['canonicalize', 'fastest-levenshtein', 'node:crypto'];

  it.each([
    ['reconcile', PURE],
    ['report', [...PURE, 'picocolors']],
  ])('src/%s does no input or output', (name, allowed) => {
    const loaded = new Set(
      files.filter((path) => directoryOf(path) === name).flatMap((path) => [...packagesBehind(path)]),
    );
    expect([...loaded].filter((pack) => !allowed.includes(pack))).toEqual([]);
  });

  it('--version loads no package, and a command loads only commander before it starts', () => {
    expect([...packagesBehind('src/cli.ts')]).toEqual([]);
    const loaded = packagesBehind('src/cli/main.ts');
    expect([...loaded].filter((name) => !name.startsWith('node:'))).toEqual(['commander']);
  });
});

it('the model of the promises shares nothing with the code that keeps them', () => {
  const model = testFiles('model');
  const product = model
    .flatMap(importsOf)
    .filter(({ to }) => to.startsWith('src/'))
    .map(({ to }) => directoryOf(to));
  // It runs the command line on the simulator; it decides nothing with their code.
  expect([...new Set(product)].toSorted()).toEqual(['cli', 'launchdarkly', 'simulator', 'terminal']);
  expect(importsOf('test/model/support/model.ts').filter(({ to }) => !to.startsWith('test/model/'))).toEqual(
    [],
  );
});

describe('the file system', () => {
  /** The functions of `node:fs` and `node:fs/promises` that cannot write. Those that open files can. */
  const READS = new Set(
    'Dirent Stats existsSync fstatSync lstat readFile readFileSync readSync readdir readlink realpath realpathSync stat statSync'.split(
      ' ',
    ),
  );
  const NAMED = /^import (?:type )?\{(?<names>[^}]*)\} from '(?:node:)?fs(?:\/promises)?';$/gm;
  const outside = files.filter((path) => directoryOf(path) !== 'files');

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

  it('only src/files writes to the file system', () => {
    const writing = outside.flatMap((path) =>
      functionsOf(path)
        .filter((name) => !READS.has(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(writing).toEqual([]);
    expect(functionsOf('src/files/draft.ts')).toContain('renameSync');
    expect(functionsOf('src/declare/discover.ts')).toContain('lstat');
  });

  it('node:fs is only imported by name, so that this test sees which functions are used', () => {
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

describe('the state of the process', () => {
  /** git inherits the environment, without the variables that would change its output. */
  const PASSES_ENV_ON = ['src/history/git/git.ts'];
  /** A part of the Action's shell that must run before all other imports. */
  const RUNS_FIRST = ['src/action/unset-debug.ts'];
  const SHELLS = [
    'src/cli.ts',
    'src/cli/main.ts',
    'src/action.ts',
    'src/index.ts',
    'src/terminal/terminal.ts',
  ];

  it.each([
    ['argv and exit codes', /\bprocess\.(?:argv|exit|exitCode|stdin|stdout|stderr|cwd)\b/, SHELLS],
    ['the environment', /\bprocess\.env\b/, [...SHELLS, ...PASSES_ENV_ON, ...RUNS_FIRST]],
    ['the clock', /\bDate\.now\(|\bnew Date\(\)/, [...SHELLS, 'src/launchdarkly/clock.ts']],
    ['randomness', /\bMath\.random\(/, ['src/launchdarkly/clock.ts']],
    ['the console', /\bconsole\./, []],
  ] as const)('only the shells use %s', (_, pattern, allowed) => {
    const users = files.filter((path) => pattern.test(withoutComments(read(path))));
    expect(users.filter((path) => !(allowed as readonly string[]).includes(path))).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
}

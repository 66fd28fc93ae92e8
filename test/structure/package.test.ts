import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isolated } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';
import { read, ROOT } from './source.js';

/** The inputs of `npm pack`. It runs in a copy, since it empties `dist`, which other tests use. */
const INPUTS = [
  '.npmrc',
  'package.json',
  'build.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'LICENSE',
  'src',
  'schemas',
];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

function pack(): { readonly file: string; readonly packed: Packed } {
  const folder = temporaryFolder();
  for (const input of INPUTS) cpSync(join(ROOT, input), join(folder, input), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const npm = (...args: string[]): string =>
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  // As pre-commit does it, with a build by prepack, of which nothing may be in the output.
  const [packed] = JSON.parse(npm('pack', '--json')) as [Packed];
  return { file: join(folder, basename(packed.filename)), packed };
}

/** The files of a folder, relative to it. */
function filesBelow(folder: string): string[] {
  const root = join(ROOT, folder);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).split(sep).join('/'));
}

/** The chunks that some built files load, at once or on demand. */
function chunksBehind(dist: string, files: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = files.map((file) => join(dist, file));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/"\.\/(?:chunks\/)?([\w-]+-\w+\.js)"/g)) {
      if (found.has(name)) continue;
      found.add(name);
      queue.push(join(dist, 'chunks', name));
    }
  }
  return found;
}

describe('the package', () => {
  let built: ReturnType<typeof pack>;
  let folder: string;
  let failure: string | undefined;

  beforeAll(() => {
    built = pack();
    folder = temporaryFolder();
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const install = spawnSync(
      'npm',
      ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', built.file],
      { cwd: folder, encoding: 'utf8' },
    );
    if (install.status === 0) return;
    // Without a network, dependencies may be missing from npm's cache, which is not a defect of the package.
    const isOffline = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.test(install.stderr);
    if (!isOffline) throw new Error(install.stderr);
    failure = 'the dependencies are not in npm’s cache, and there is no network';
  }, 240_000);

  const installed = (args: readonly string[]): string =>
    execFileSync('npx', ['--no-install', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: isolated(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  it('the package contains exactly the build with its types, the schemas, README and LICENSE', () => {
    const paths = built.packed.files.map(({ path }) => path);
    const chunks = chunksBehind(join(dirname(built.file), 'dist'), ['cli.js', 'index.js']);
    expect(chunks.size).toBeGreaterThan(5);
    const expected = [
      'LICENSE',
      'README.md',
      'package.json',
      'dist/cli.js',
      'dist/index.js',
      'dist/licenses.txt',
      ...[...chunks].map((chunk) => `dist/chunks/${chunk}`),
      ...filesBelow('src')
        .filter((file) => file.endsWith('.ts'))
        .map((file) => `dist/types/${file.replace(/\.ts$/, '.d.ts')}`),
      ...filesBelow('schemas')
        .filter((file) => file.endsWith('.schema.json'))
        .map((file) => `schemas/${file}`),
    ];
    expect(paths.toSorted()).toEqual(expected.toSorted());
  });

  it('only the command can be executed, and installing the package runs and installs nothing else', () => {
    const executable = built.packed.files.filter(({ mode }) => (mode & 0o111) !== 0);
    expect(executable.map(({ path }) => path)).toEqual(['dist/cli.js']);
    const manifest = JSON.parse(
      execFileSync('tar', ['-xzOf', built.file, 'package/package.json'], { encoding: 'utf8' }),
    ) as { scripts: Readonly<Record<string, string>>; [key: string]: unknown };
    for (const name of ['dependencies', 'optionalDependencies', 'bundleDependencies', 'peerDependencies'])
      expect(manifest[name]).toBeUndefined();
    const scripts = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare'];
    expect(scripts.filter((name) => name in manifest.scripts)).toEqual([]);
  });

  it('npx flagops --version works in an empty folder with the package installed', ({ skip }) => {
    if (failure !== undefined) return skip(failure);
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(installed(['flagops', '--version'])).toBe(`${version}\n`);
  });

  it('the installed package validates declarations', ({ skip }) => {
    if (failure !== undefined) return skip(failure);
    cpSync(join(ROOT, 'examples/storefront'), folder, { recursive: true });
    expect(installed(['flagops', 'validate'])).toMatch(/^valid: \d+ overrides in 3 files\n$/);
  });

  it('the installed package can be imported, with types', ({ skip }) => {
    if (failure !== undefined) return skip(failure);
    mkdirSync(join(folder, 'library'), { recursive: true });
    writeFileSync(
      join(folder, 'library/use.ts'),
      `import { Simulator, type Plan, version } from 'flagops';
       const plan: Pick<Plan, 'fingerprint'> | undefined = undefined;
       const simulator = new Simulator({ port: 0 });
       const { url } = await simulator.start();
       const answer = await fetch(url + '/api/v2/flags/storefront', { headers: { authorization: 'api-reader' } });
       await simulator.stop();
       console.log(version.length > 0, plan, answer.status);`,
    );
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const options = '--strict --module nodenext --target es2023 --types node'.split(' ');
    options.push('--typeRoots', join(ROOT, 'node_modules/@types'));
    execFileSync(tsc, [...options, 'library/use.ts'], { cwd: folder, stdio: 'inherit' });
    expect(execFileSync(process.execPath, ['library/use.js'], { cwd: folder, encoding: 'utf8' })).toBe(
      'true undefined 200\n',
    );
  });
});

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

// Bundles src/ into dist/, with all dependencies: the package installs nothing else, and a command that reads its modules
// from a few files starts in 0.7 of the time (`npm run bench -- start`).
//   npm run build:js   builds the JavaScript
//   npm run build      empties dist, and builds the JavaScript and the types

const root = import.meta.dirname;

/**
 * Bundles only the parts of undici that are imported. Its index runs all of its modules (mocks, caches, interceptors,
 * WebSocket), and its client loads HTTP/2, which it does not use unless asked to. Both together take 30 ms of each command
 * that connects. Importing any other export fails the build.
 */
const partOfUndici: Plugin = {
  name: 'part-of-undici',
  setup: (bundling) => {
    bundling.onLoad({ filter: /[\\/]undici[\\/]index\.js$/ }, ({ path }) => ({
      resolveDir: dirname(path),
      contents: `
        import api from './lib/api/index.js';
        import Dispatcher from './lib/dispatcher/dispatcher.js';
        // The index adds these methods, too.
        Object.assign(Dispatcher.prototype, api);
        export { default as Agent } from './lib/dispatcher/agent.js';
        export { default as EnvHttpProxyAgent } from './lib/dispatcher/env-http-proxy-agent.js';
        export { default as Pool } from './lib/dispatcher/pool.js';`,
    }));
    bundling.onLoad({ filter: /[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/ }, () => ({
      contents: `module.exports = () => { throw new Error('HTTP/2 is not in this bundle'); };`,
    }));
  },
};

/**
 * Modules that are loaded on demand, in groups of those that are needed together. Without groups, esbuild would put the
 * code that they share into thirty small files, and Node takes nearly a millisecond to load each.
 */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  connecting: [
    'src/cli/web-assembly.ts',
    'src/commands/plan.ts',
    'src/commands/apply.ts',
    'src/commands/drift.ts',
    'src/commands/matrix.ts',
    'src/commands/init.ts',
    'src/commands/list.ts',
    'src/commands/import.ts',
    'src/report/formats/text.ts',
    'src/report/formats/json.ts',
    'src/report/formats/markdown.ts',
  ],
  parsers: ['src/config/parse.ts', 'src/declare/parse/parse.ts'],
};

const grouped: Plugin = {
  name: 'grouped',
  setup: (bundling) => {
    bundling.onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
      const file = relative(root, join(resolveDir, path)).split(sep).join('/').replace(/js$/, 'ts');
      const [name] = Object.entries(GROUPS).find(([, files]) => files.includes(file)) ?? [];
      return kind === 'dynamic-import' && name !== undefined ? { path: name, namespace: 'group' } : undefined;
    });
    bundling.onLoad({ filter: /^/, namespace: 'group' }, ({ path }) => ({
      resolveDir: root,
      contents: (GROUPS[path] ?? []).map((file) => `export * from './${file}';`).join('\n'),
    }));
  },
};

/** Builds the command line and the library into `dist`. */
export async function buildPackage(): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts', 'src/index.ts'],
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    // Some dependencies are CommonJS, which loads Node's own modules with `require`.
    banner: {
      js: "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);",
    },
    logLevel: 'warning',
    metafile: true,
    plugins: [partOfUndici, grouped],
  });
  writeFileSync(join(root, 'dist/licenses.txt'), licensesOf(root, Object.keys(metafile.inputs)));
}

/**
 * The licenses of the packages that bundled files belong to, by name.
 * @param base absolute path of this repository
 * @param files paths below `base`, as esbuild's metafile lists them
 */
export function licensesOf(base: string, files: readonly string[]): string {
  const folders = new Set(
    files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  const texts = [...folders].map((folder) => {
    const manifest = JSON.parse(readFileSync(join(base, folder, 'package.json'), 'utf8')) as {
      readonly name: string;
      readonly version: string;
      readonly license?: string;
    };
    const file = readdirSync(join(base, folder)).find((name) => /^licen[cs]e/i.test(name));
    const text =
      file === undefined ? (manifest.license ?? '') : readFileSync(join(base, folder, file), 'utf8');
    return `${manifest.name} ${manifest.version}\n\n${text.replaceAll('\r', '').trim()}\n`;
  });
  return texts.toSorted().join(`\n${'-'.repeat(72)}\n\n`);
}

/** Empties `dist`, except for the Action, which is checked in. */
function clean(): void {
  const dist = join(root, 'dist');
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist)) {
    if (name !== 'action') rmSync(join(dist, name), { recursive: true });
  }
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  if (process.argv.includes('--clean')) clean();
  await buildPackage();
}

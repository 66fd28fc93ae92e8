import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { licensesOf } from './build.js';

// GitHub runs the Action from this file, which is checked in. It contains all dependencies, and the build is reproducible
// byte for byte on every machine.
//   npm run bundle              builds it into dist/action
//   npm run bundle -- --check   builds it elsewhere, and fails if dist/action differs

const root = import.meta.dirname;
const CHECKED_IN = join(root, 'dist/action');

/** Bundles only the version from package.json, so that a new script or keyword does not change the Action. */
const onlyVersion: Plugin = {
  name: 'only-version',
  setup: (bundling) => {
    bundling.onLoad({ filter: /[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
      return { loader: 'json', contents: JSON.stringify({ version }) };
    });
  },
};

/** Builds the Action into a folder: `index.js`, and the licenses of the packages in it. */
export async function bundle(folder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/action.ts'],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'warning',
    metafile: true,
    plugins: [onlyVersion],
    // Some packages still load Node's modules with `require`.
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
  });
  writeFileSync(join(folder, 'licenses.txt'), licensesOf(root, Object.keys(metafile.inputs)));
}

/** The files of the checked-in bundle that differ from what the sources produce. */
export async function staleFiles(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'flagops-bundle-'));
  try {
    await bundle(folder);
    return readdirSync(folder).filter((name) => {
      const fresh = readFileSync(join(folder, name));
      try {
        return !fresh.equals(readFileSync(join(CHECKED_IN, name)));
      } catch {
        return true;
      }
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  if (process.argv.includes('--check')) {
    const stale = await staleFiles();
    for (const name of stale) console.error(`dist/action/${name} is out of date: run npm run bundle`);
    if (stale.length > 0) process.exitCode = 1;
  } else {
    await bundle(CHECKED_IN);
    const { size } = statSync(join(CHECKED_IN, 'index.js'));
    console.log(`dist/action/index.js: ${(size / 1e6).toFixed(2)} MB`);
  }
}

import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import manifest from './package.json' with { type: 'json' };

// Bundles src/ into dist/. Dependencies are not bundled, but installed with the package. The exception is commander,
// which every start loads: reading it from one file takes half the time (`npm run bench -- start`). npm run build:js
// builds the JavaScript npm run build      empties dist, and builds the JavaScript and the types

const root = import.meta.dirname;
const BUNDLED = ['commander'];

/** Builds the command line and the library into `dist`. */
export async function buildPackage(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts', 'src/index.ts'],
    bundle: true,
    splitting: true,
    external: Object.keys(manifest.dependencies).flatMap((name) => [name, `${name}/*`]),
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    // A bundled package may be CommonJS, which loads Node's own modules with `require`.
    banner: {
      js: "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);",
    },
    logLevel: 'warning',
  });
  for (const name of BUNDLED)
    copyFileSync(join(root, 'node_modules', name, 'LICENSE'), join(root, 'dist', `${name}.LICENSE`));
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

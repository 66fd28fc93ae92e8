// Bundles src/ into dist/. Dependencies stay outside and are installed with the package, except for those that
// every start loads: reading them from one file takes half the time (`npm run bench -- start`).
import { copyFileSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';

const BUNDLED = ['commander'];
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

await build({
  entryPoints: ['src/cli.ts', 'src/index.ts'],
  bundle: true,
  splitting: true,
  external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  // What is bundled may be CommonJS, which asks for Node's own modules with `require`.
  banner: {
    js: "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);",
  },
  logLevel: 'warning',
});
for (const name of BUNDLED) copyFileSync(`node_modules/${name}/LICENSE`, `dist/${name}.LICENSE`);

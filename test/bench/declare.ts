import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, measure, words } from './support/measure.js';
import { info, ratioRow, type Row } from './support/row.js';

const USERS = 20_000;
const FLAGS = ['checkout-v2', 'gift-wrapping', 'new-search', 'one-click-checkout', 'quick-view'];
const RUNS = 5;

/** `flagops validate` of 100,000 overrides, end to end, against the YAML library alone on the same bytes. */
export async function benchDeclare(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const files of [1, 1000]) {
    const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
    try {
      writeDeclarations(folder, files);
      rows.push(
        ...(await compare(folder, files === 1 ? 'one file' : `${files.toLocaleString('en-US')} files`)),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return rows;
}

async function compare(folder: string, what: string): Promise<Row[]> {
  const validate = { args: [CLI, 'validate'], cwd: folder };
  const parse = { args: [join(import.meta.dirname, 'support/parse-only.js'), join(folder, 'overrides')] };
  const { flagops, yaml } = await measure({ flagops: validate, yaml: parse }, RUNS);
  const name = `validate 100,000 overrides in ${what}`;
  const rows = [
    ratioRow(`${name}, against yaml's parseDocument`, flagops.wall / yaml.wall, 1.5),
    info('  flagops validate', words(flagops)),
    info('  parseDocument alone', words(yaml)),
  ];
  // In a repository what was parsed once is remembered.
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  const { again } = await measure({ again: validate }, RUNS);
  return [...rows, info('  flagops validate again, in a repository', words(again))];
}

function writeDeclarations(folder: string, files: number): void {
  mkdirSync(join(folder, 'overrides'));
  const perFile = USERS / files;
  for (let file = 0; file < files; file += 1) {
    const lines = ['project: storefront', 'environment: production', 'users:'];
    for (let user = file * perFile; user < (file + 1) * perFile; user += 1) {
      lines.push(`  user-${String(user).padStart(5, '0')}@example.com:`);
      for (const [index, flag] of FLAGS.entries()) lines.push(`    ${flag}: ${(user + index) % 2 === 0}`);
    }
    writeFileSync(
      join(folder, 'overrides', `${String(file).padStart(4, '0')}.yaml`),
      `${lines.join('\n')}\n`,
    );
  }
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDeclarations } from './support/declarations.js';
import { CLI, measure, summary } from './support/measure.js';
import { info, ratioRow, type Row } from './support/row.js';

const USERS = 20_000;
const RUNS = 3;

/** `flagops validate` of 100,000 overrides, end to end, compared with only parsing the same bytes as YAML. */
export async function benchDeclare(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const files of [1, 1000]) {
    const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
    try {
      writeDeclarations(folder, USERS, files);
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
    ratioRow(`${name}, compared with yaml's parseDocument`, flagops.wall / yaml.wall, 1.5),
    info('  flagops validate', summary(flagops)),
    info('  parseDocument alone', summary(yaml)),
  ];
  // In a repository, parsed files are cached.
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  const { again } = await measure({ again: validate }, RUNS);
  return [...rows, info('  flagops validate again, in a repository', summary(again))];
}

import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { historyFormat } from '../../../src/planning/history-format.js';
import { findWorkspace } from '../../../src/config/find.js';
import { openCache } from '../../../src/declare/cache/cache.js';
import { loadDeclarations } from '../../../src/declare/load.js';
import { openHistory } from '../../../src/history/history.js';
import { overrideKey, type Setting } from '../../../src/reconcile/state.js';
import { opened } from '../../support/history.js';
import { createRepository, TestRepository, temporaryFolder } from '../../support/repository.js';

const FILE = 'overrides/a.yaml';
const SCOPE = { project: 'shop', environment: 'production' };

/** A declaration that is large enough to be cached, with one user that tests ask about. */
function declaration(value: string, more = ''): string {
  const others = Array.from({ length: 300 }, (_, index) => `  user-${index}: { theme: light }\n`);
  return `project: shop\nenvironment: production\nusers:\n  alice: { theme: ${value} }\n${others.join('')}${more}`;
}

interface Reading {
  readonly parsed: number;
  readonly subject: string;
  readonly warnings: readonly string[];
}

/** Asks for the commit that Alice's theme comes from, as a separate run does. */
async function read(repository: TestRepository, value: string): Promise<Reading> {
  const cache = openCache(repository.path);
  const { byBlob } = await loadDeclarations(repository.path, [FILE], cache);
  const format = historyFormat(findWorkspace(repository.path), { byBlob, cache });
  const id = { flag: 'theme', kind: 'user', key: 'alice' };
  const setting: Setting = { type: 'value', value };
  const { answers, statistics, warnings } = await openHistory(await opened(repository), format).answer({
    questions: [{ scope: SCOPE, id }],
    desired: new Map([['shop/production', new Map([[overrideKey(id), setting]])]]),
    lastApplied: new Map(),
  });
  cache?.save();
  const [answer] = answers.values();
  const subject = answer?.provenance.type === 'commit' ? answer.provenance.commit.subject : '';
  return { parsed: statistics.blobsParsed, subject, warnings };
}

function edited(repository: TestRepository): TestRepository {
  repository.commit('dark', { [FILE]: declaration('dark') });
  for (const comment of ['one', 'two', 'three'])
    repository.commit(comment, { [FILE]: declaration('dark', `# ${comment}\n`) });
  return repository;
}

describe('files in history', () => {
  test('a file in history is parsed once for any number of runs', async () => {
    const repository = edited(createRepository());
    expect(await read(repository, 'dark')).toEqual({ parsed: 3, subject: 'dark', warnings: [] });
    expect(await read(repository, 'dark')).toEqual({ parsed: 0, subject: 'dark', warnings: [] });
    repository.commit('four', { [FILE]: declaration('dark', '# four\n') });
    expect(await read(repository, 'dark')).toEqual({ parsed: 0, subject: 'dark', warnings: [] });
    rmSync(join(repository.path, '.git/flagops'), { recursive: true });
    expect(await read(repository, 'dark')).toEqual({ parsed: 4, subject: 'dark', warnings: [] });
  });

  test('a file in history that does not parse is cached too, and still reported in every run', async () => {
    const repository = createRepository();
    repository.commit('dark', { [FILE]: declaration('dark') });
    repository.commit('broken', { [FILE]: declaration('dark', 'oops: true\n') });
    repository.commit('fixed', { [FILE]: declaration('dark', '# fixed\n') });
    const first = await read(repository, 'dark');
    expect(first).toMatchObject({ parsed: 2, subject: 'dark' });
    expect(first.warnings).toEqual([
      expect.stringMatching(/^in commit [\da-f]{12} overrides\/a\.yaml does not parse/),
    ]);
    expect(await read(repository, 'dark')).toEqual({ ...first, parsed: 0 });
  });

  test('files in history are decoded like files on disk: a byte order mark is allowed, other encodings are not', async () => {
    const repository = createRepository();
    repository.commit('dark', { [FILE]: `\ufeff${declaration('dark')}` });
    repository.commit('comment', { [FILE]: declaration('dark') });
    expect(await read(repository, 'dark')).toEqual({ parsed: 1, subject: 'dark', warnings: [] });
    writeFileSync(join(repository.path, FILE), Buffer.from(`${declaration('light')}# \xe9\n`, 'latin1'));
    repository.commit('light, but not in UTF-8');
    repository.commit('light', { [FILE]: declaration('light') });
    for (let run = 0; run < 2; run += 1) {
      const { subject, warnings } = await read(repository, 'light');
      // A file that does not parse is assumed to declare the same as in the nearest newer commit.
      expect(subject).toBe('light, but not in UTF-8');
      expect(warnings).toHaveLength(1);
    }
  });

  test('files in history are cached in a repository that uses SHA-256 too', async () => {
    const folder = temporaryFolder();
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', '--object-format=sha256'], {
      cwd: folder,
    });
    const repository = new TestRepository(folder);
    for (const [name, value] of Object.entries({ 'user.name': 'Cy', 'user.email': 'cy@example.com' }))
      repository.git('config', name, value);
    edited(repository);
    // The file on disk was cached by its SHA-1, so it is parsed once more.
    expect(await read(repository, 'dark')).toEqual({ parsed: 4, subject: 'dark', warnings: [] });
    expect(await read(repository, 'dark')).toEqual({ parsed: 0, subject: 'dark', warnings: [] });
  });
});

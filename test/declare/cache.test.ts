import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blobId, openCache, type ParsedCache } from '../../src/declare/cache.js';
import { decodeDeclaration, encodeDeclaration } from '../../src/declare/encode.js';
import { loadDeclarations } from '../../src/declare/load.js';
import { type Declaration, parseDeclaration } from '../../src/declare/parse.js';
import { SourceText } from '../../src/yaml/source.js';

const EVERYTHING = `project: storefront
environments: [staging, production]
owner: team-checkout
reason: Checkout v2 beta
expires: 2026-12-31
users:
  alice@example.com: { checkout-v2: true, theme: null }
  "line\\nbreak": { banner: { $value: { $x: [1, "two", null] } } }
contexts:
  organization: { acme: { checkout-v2: { $variation: 0 } } }
groups:
  - { name: qa, users: [carol, dave], flags: { theme: light }, expires: "2026-11-30T12:00:00Z" }
`;

function parse(text: string, path = 'overrides/a.yaml'): Declaration {
  const { declaration } = parseDeclaration(new SourceText(path, text));
  if (declaration === undefined) throw new Error('the test file does not parse');
  return declaration;
}

test('what is written down is read back as it was, at another path as well', () => {
  const encoded = encodeDeclaration(parse(EVERYTHING));
  expect(decodeDeclaration(encoded, 'moved/b.yml', EVERYTHING)).toEqual(parse(EVERYTHING, 'moved/b.yml'));
});

test('ids are those that git gives', () => {
  expect(blobId(Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
});

describe('the cache of a repository', () => {
  let root: string;
  let cache: ParsedCache;
  const large = `${EVERYTHING}${'# a comment that makes the file worth keeping\n'.repeat(400)}`;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'flagops-cache-'));
    await mkdir(join(root, '.git'));
    await writeFile(join(root, 'large.yaml'), large);
    const opened = openCache(root);
    if (opened === undefined) throw new Error('a repository has a cache');
    cache = opened;
  });
  afterEach(() => rm(root, { recursive: true }));

  const load = (): ReturnType<typeof loadDeclarations> => loadDeclarations(root, ['large.yaml'], cache);
  const stored = async (): Promise<string> => {
    const files = await readdir(join(root, '.git/flagops/parsed'), { recursive: true, withFileTypes: true });
    const [file, ...others] = files.filter((item) => item.isFile());
    if (file === undefined || others.length > 0) throw new Error(`${others.length} files too many, or none`);
    return join(file.parentPath, file.name);
  };

  test('gives the second run what the first one parsed', async () => {
    const first = await load();
    const other = 'project: other\nenvironment: production\nusers: { bob: { theme: dark } }\n';
    await cache.put(blobId(Buffer.from(large)), encodeDeclaration(parse(other)));
    const [believed] = (await load()).declarations;
    expect(believed?.scopes).toEqual([{ project: 'other', environment: 'production' }]);
    await rm(join(root, '.git/flagops'), { recursive: true });
    expect(await load()).toEqual(first);
  });

  test('does not believe a file that was cut off', async () => {
    const first = await load();
    const path = await stored();
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, -20));
    expect(await load()).toEqual(first);
  });

  test('throws away what another version wrote', async () => {
    await mkdir(join(root, '.git/flagops/parsed/0.0.0-0/ab'), { recursive: true });
    await load();
    expect(await readdir(join(root, '.git/flagops/parsed'))).not.toContain('0.0.0-0');
  });

  test('keeps nothing of a file with a diagnostic', async () => {
    await writeFile(join(root, 'large.yaml'), `${large}oops: true\n`);
    expect((await load()).diagnostics).toHaveLength(1);
    await expect(readdir(join(root, '.git/flagops/parsed'))).rejects.toThrow('ENOENT');
  });

  test('is found from a worktree, and does not exist outside git', async () => {
    const worktree = join(root, 'worktree');
    await mkdir(worktree);
    expect(openCache(worktree)).toBeUndefined();
    await writeFile(join(worktree, '.git'), `gitdir: ${join(root, '.git')}\n`);
    await cache.put('ab12', 'x');
    expect(await openCache(worktree)?.get('ab12')).toBe('x');
  });
});

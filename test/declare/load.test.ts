import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_BYTES, MAX_DIAGNOSTICS } from '../../src/declare/parse/limits.js';
import { loadDeclarations } from '../../src/declare/load.js';
import { LIMITS } from '../../src/yaml/limits.js';
import { temporaryFolder } from '../support/repository.js';

/** Loads files of a folder; a number as content is the size in bytes. */
async function load(files: Readonly<Record<string, string | number>>): ReturnType<typeof loadDeclarations> {
  const root = temporaryFolder();
  mkdirSync(root, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(root, name), typeof content === 'string' ? content : '');
    if (typeof content === 'number') truncateSync(join(root, name), content);
  }
  return loadDeclarations(root, Object.keys(files), undefined);
}

const SCOPE = 'project: shop\nenvironment: production\n';

describe('declarations that are too large', () => {
  it('a declaration that is too large is refused without being read', async () => {
    // A file with a hole: it has 16 GiB, which no reading would survive.
    const { diagnostics } = await load({ 'a.yaml': 2 ** 34, 'b.yaml': LIMITS.bytes });
    expect(diagnostics.map(({ code, message, at }) => `${at.file} ${code} ${message}`)).toEqual([
      'a.yaml file-too-large the file has 17179869184 bytes; the limit is 4194304 (4 MiB)',
      'b.yaml not-text the file is binary',
    ]);
  });

  it('declarations that are too large together are refused', async () => {
    const count = MAX_BYTES / LIMITS.bytes + 2;
    const files = Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}.yaml`, LIMITS.bytes]));
    const { diagnostics } = await load(files);
    expect(diagnostics.at(-1)).toMatchObject({
      code: 'too-many-bytes',
      message: 'the declarations up to this file have more than 64 MiB',
      at: { file: `${count - 2}.yaml` },
    });
  });

  it('declarations whose groups expand to too many overrides are refused, even if each file is allowed', async () => {
    const list = (letter: string, length: number): string =>
      Array.from({ length }, (_, n) => `${letter}${n}`).join(', ');
    const flags = list('f', 400).replaceAll(/f\d+/g, '$&: 1');
    const group = `${SCOPE}groups: [{ name: g, users: [${list('u', 1000)}], flags: { ${flags} } }]\n`;
    const { diagnostics, declarations } = await load({ 'a.yaml': group, 'b.yaml': group, 'c.yaml': group });
    expect(declarations).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ code: 'too-many-overrides', at: { file: 'b.yaml' } }]);
  });
});

describe('declarations with too many errors', () => {
  it('after too many errors, no more files are read', async () => {
    const wrong = `${SCOPE}${Array.from({ length: 60 }, (_, n) => `k${n}: 1\n`).join('')}`;
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`${n}.yaml`, wrong]));
    const { diagnostics } = await load(files);
    expect(diagnostics).toHaveLength(MAX_DIAGNOSTICS + 2);
    expect(diagnostics.at(-1)).toMatchObject({
      severity: 'error',
      code: 'too-many-errors',
      message: '10 more files were not read after 1000 errors',
      hint: 'fix the errors above',
      at: { file: '19.yaml' },
    });
  });
});

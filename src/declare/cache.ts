import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { version } from '../version.js';
import { ENCODING } from './encode.js';

/** Parsed files from earlier runs, by the id that git gives to a file's content. Losing it costs only time. */
export interface ParsedCache {
  /** What was put there under an id, or undefined. */
  readonly get: (id: string) => Promise<string | undefined>;
  readonly put: (id: string, encoded: string) => Promise<void>;
  /** Deletes what was used longest ago, where there is too much. */
  readonly trim: () => Promise<void>;
}

/** Bytes that are kept. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Below this, parsing is as fast as looking. */
export const WORTH_CACHING = 16 * 1024;

/** The id that git gives to a file's content: the SHA-1 of a header and the bytes ("Git Objects" in git's book). */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/**
 * Opens the cache of a repository, under its git directory, where git does not look and nothing is checked in.
 * Another version of flagops, or of the encoding, has a folder of its own: what it wrote is never trusted.
 * @returns undefined outside git
 */
export function openCache(root: string): ParsedCache | undefined {
  const gitFolder = findGitFolder(root);
  if (gitFolder === undefined) return undefined;
  const parent = join(gitFolder, 'flagops', 'parsed');
  const folder = join(parent, `${version}-${ENCODING}`);
  const pathOf = (id: string): string => join(folder, id.slice(0, 2), id.slice(2));
  let hasWritten = false;
  return {
    get: async (id) => {
      const path = pathOf(id);
      const content = await readFile(path, 'utf8').catch(() => undefined);
      const encoded = content === undefined ? undefined : unseal(content);
      if (encoded !== undefined) await touch(path);
      return encoded;
    },
    put: async (id, encoded) => {
      const path = pathOf(id);
      const temporary = `${path}.${randomUUID()}`;
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(temporary, seal(encoded));
        await rename(temporary, path);
        hasWritten = true;
      } catch {
        // A full disk or a read-only checkout: the work is done again next time.
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
    trim: async () => {
      if (hasWritten) await trim(parent, folder).catch(() => undefined);
    },
  };
}

/** The first line is a checksum of the rest, so that a file that was cut off or edited is not believed. */
function seal(encoded: string): string {
  return `${checksum(encoded)}\n${encoded}`;
}

function unseal(content: string): string | undefined {
  const end = content.indexOf('\n');
  const encoded = content.slice(end + 1);
  return content.slice(0, end) === checksum(encoded) ? encoded : undefined;
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Marks a file as used, for `trim`; once a day is enough. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  const { mtimeMs } = await stat(path);
  if (now.getTime() - mtimeMs > 86_400_000) await utimes(path, now, now).catch(() => undefined);
}

async function trim(parent: string, folder: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (join(parent, name) !== folder) await rm(join(parent, name), { recursive: true, force: true });
  }
  const paths = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name));
  const files = await Promise.all(paths.map(async (path) => ({ path, ...(await sizeAndAge(path)) })));
  let bytes = files.reduce((sum, file) => sum + file.size, 0);
  for (const file of files.toSorted((a, b) => a.age - b.age)) {
    if (bytes <= MOST_BYTES) return;
    await rm(file.path, { force: true });
    bytes -= file.size;
  }
}

async function sizeAndAge(path: string): Promise<{ readonly size: number; readonly age: number }> {
  const { size, mtimeMs } = await stat(path);
  return { size, age: mtimeMs };
}

/** `.git` of a repository: a folder, or in worktrees and submodules a file that names one. */
function findGitFolder(root: string): string | undefined {
  const path = join(root, '.git');
  if (!existsSync(path)) return undefined;
  if (statSync(path).isDirectory()) return path;
  const target = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
  return target === undefined ? undefined : resolve(root, target);
}

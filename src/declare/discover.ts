import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { DeclarationGlobs } from '../config/globs.js';
import type { ErrorCode } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { DiagnosticList } from '../diagnostics/list.js';
import { MAX_DIAGNOSTICS } from './parse/limits.js';

const NOT_SEARCHED = new Set(['.git', 'node_modules']);

/** How many items behind a link are searched; a folder with more is assumed to contain declarations. */
const MOST_SEARCHED = 10_000;

/** The declarations of a working tree: sorted paths relative to its root, with `/`. */
export interface Discovery {
  /** Relative to the root, with `/`, sorted. */
  readonly paths: readonly string[];
  /** The targets of those paths that are symbolic links; relative to the root, with `/`. */
  readonly links: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds the files that match the globs. Symbolic links to files inside the repository are followed. Links that leave the
 * repository, links that lead nowhere, and links to folders (which git does not follow) are errors: if a declaration were
 * silently skipped, its overrides would be removed.
 */
export async function discover(root: string, globs: DeclarationGlobs): Promise<Discovery> {
  const search = new Search(root, await realpath(root), globs);
  for (const base of outermost(globs.bases)) await search.visitBase(base);
  return {
    paths: [...search.paths].toSorted(),
    links: search.links,
    diagnostics: search.diagnostics.all(),
  };
}

class Search {
  readonly paths = new Set<string>();
  readonly links = new Map<string, string>();
  readonly diagnostics = new DiagnosticList(MAX_DIAGNOSTICS);
  readonly #root: string;
  readonly #realRoot: string;
  readonly #globs: DeclarationGlobs;

  constructor(root: string, realRoot: string, globs: DeclarationGlobs) {
    this.#root = root;
    this.#realRoot = realRoot;
    this.#globs = globs;
  }

  /** Searches a folder or file that globs start with. */
  async visitBase(base: string): Promise<void> {
    const link = await this.#linkAbove(base);
    if (link !== undefined) return this.#visitLink(link);
    const kind = await lstat(join(this.#root, base)).catch(() => undefined);
    if (kind?.isDirectory() === true) await this.#visit(base);
    else if (kind !== undefined) await this.#visitItem(base, kind);
  }

  async #visit(folder: string): Promise<void> {
    for (const item of await this.#list(folder)) {
      const path = folder === '.' ? item.name : `${folder}/${item.name}`;
      if (item.isDirectory()) {
        if (!NOT_SEARCHED.has(item.name)) await this.#visit(path);
      } else await this.#visitItem(path, item);
    }
  }

  async #visitItem(path: string, item: Dirent | Stats): Promise<void> {
    if (item.isSymbolicLink()) await this.#visitLink(path);
    else if (!this.#globs.matches(path)) return;
    else if (item.isFile()) this.paths.add(path);
    else this.#fail(path, 'not-a-file', 'this is not a regular file', 'delete it, or narrow the globs');
  }

  async #visitLink(path: string): Promise<void> {
    const target = await realpath(join(this.#root, path)).catch(() => undefined);
    if (target === undefined) {
      // The link may have led to a folder, so it is an error at the base of a glob, too.
      if (this.#globs.matches(path) || this.#globs.bases.includes(path)) {
        this.#fail(path, 'link-broken', 'the symbolic link leads nowhere', 'delete or fix the link');
      }
    } else if ((await stat(target)).isDirectory()) {
      if (!(await this.#mayContain(path, target))) return;
      const hint = 'add that folder to the globs instead';
      this.#fail(path, 'link-to-folder', 'the symbolic link leads to a folder', hint);
    } else if (this.#globs.matches(path)) {
      const place = relative(this.#realRoot, target).split(sep);
      const hint = 'copy the file into the repository';
      if (place.includes('..')) {
        this.#fail(path, 'link-outside', 'the symbolic link leads to a file outside the repository', hint);
      } else {
        this.paths.add(path);
        this.links.set(path, place.join('/'));
      }
    }
  }

  /** Whether a folder behind a link contains a file that would match the globs if the link were a folder. */
  async #mayContain(path: string, target: string): Promise<boolean> {
    const queue = [{ path, target }];
    let left = MOST_SEARCHED;
    for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
      const items = await readdir(folder.target, { withFileTypes: true }).catch(() => []);
      for (const item of items) {
        left -= 1;
        const inside = `${folder.path}/${item.name}`;
        if (left < 0 || (!item.isDirectory() && this.#globs.matches(inside))) return true;
        if (item.isDirectory()) queue.push({ path: inside, target: join(folder.target, item.name) });
      }
    }
    return false;
  }

  /** The first symbolic link in the path of a base, if there is one; git does not follow it. */
  async #linkAbove(base: string): Promise<string | undefined> {
    if (base === '.') return undefined;
    const above = await this.#linkAbove(dirname(base));
    if (above !== undefined) return above;
    const kind = await lstat(join(this.#root, base)).catch(() => undefined);
    return kind?.isSymbolicLink() === true ? base : undefined;
  }

  async #list(folder: string): Promise<Dirent[]> {
    try {
      return await readdir(join(this.#root, folder), { withFileTypes: true });
    } catch (error) {
      const message = `the folder cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
      this.#fail(folder, 'folder-unreadable', message, 'make the folder readable');
      return [];
    }
  }

  #fail(path: string, code: ErrorCode, message: string, hint: string): void {
    this.diagnostics.add({ severity: 'error', code, message, hint, at: { file: path, line: 1, col: 1 } });
  }
}

/** Removes folders that are inside another folder of the list. */
function outermost(folders: readonly string[]): string[] {
  return folders.filter(
    (folder) =>
      !folders.some((other) => other !== folder && (other === '.' || folder.startsWith(`${other}/`))),
  );
}

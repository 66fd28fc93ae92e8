import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';

/**
 * A real repository, written without starting git: objects, index and refs as git would write them. Thousands of histories
 * would otherwise spend most of their time in git processes.
 */
export class PlainRepository {
  readonly path: string;
  readonly #git: string;
  #commits = 0;
  #written: readonly string[] = [];

  /** @param path an empty folder */
  constructor(path: string) {
    this.path = path;
    this.#git = join(path, '.git');
    for (const name of ['hooks', 'info', 'objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
      mkdirSync(join(this.#git, name), { recursive: true });
    writeFileSync(join(this.#git, 'HEAD'), 'ref: refs/heads/main\n');
    writeFileSync(
      join(this.#git, 'config'),
      '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n' +
        '[user]\n\tname = Cy Committer\n\temail = cy@example.com\n',
    );
  }

  /** Writes a commit, without moving a branch. Returns its id. */
  commit(files: Readonly<Record<string, string>>, parents: readonly string[], message: string): string {
    const tree = this.#tree(Object.entries(files).map(([path, text]) => [path, this.#object('blob', text)]));
    this.#commits += 1;
    const who = `Ada Author <ada@example.com> ${1_767_225_600 + 60 * this.#commits} +0000`;
    const lines = [
      `tree ${tree}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author ${who}`,
      `committer ${who}`,
      '',
      message,
      '',
    ];
    return this.#object('commit', lines.join('\n'));
  }

  /** Moves the branch, the index and the files on disk to a commit, as `git reset --hard` does. */
  checkOut(commit: string, files: Readonly<Record<string, string>>): void {
    writeFileSync(join(this.#git, 'refs/heads/main'), `${commit}\n`);
    for (const path of this.#written) if (!(path in files)) rmSync(join(this.path, path), { force: true });
    const paths = Object.keys(files).toSorted();
    for (const path of paths) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), files[path] ?? '');
    }
    this.#written = paths;
    writeFileSync(join(this.#git, 'index'), indexOf(paths.map((path) => [path, blobId(files[path] ?? '')])));
  }

  /** The content of a ref; undefined without the ref. */
  ref(name: string): string | undefined {
    const file = join(this.#git, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  /** The names of all loose refs below a prefix. */
  refs(prefix: string): string[] {
    const folder = join(this.#git, prefix);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.#git.length + 1));
  }

  /** Puts a file into the git directory, or removes it. */
  place(name: string, text: string | undefined): void {
    const file = join(this.#git, name);
    if (text === undefined) rmSync(file, { force: true });
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  /** Adds or removes a remote that does not exist. */
  breakRemote(broken: boolean): void {
    const file = join(this.#git, 'config');
    const text = readFileSync(file, 'utf8').replace(/\[remote[^]*$/, '');
    writeFileSync(file, broken ? `${text}[remote "origin"]\n\turl = /nonexistent/flagops.git\n` : text);
  }

  #tree(entries: readonly (readonly [path: string, id: string])[]): string {
    const folders = new Map<string, [string, string][]>();
    const children: { name: string; mode: string; id: string }[] = [];
    for (const [path, id] of entries) {
      const slash = path.indexOf('/');
      if (slash < 0) children.push({ name: path, mode: '100644', id });
      else {
        const folder = path.slice(0, slash);
        folders.set(folder, [...(folders.get(folder) ?? []), [path.slice(slash + 1), id]]);
      }
    }
    for (const [name, below] of folders) children.push({ name, mode: '40000', id: this.#tree(below) });
    const key = ({ name, mode }: { name: string; mode: string }): string =>
      mode === '40000' ? `${name}/` : name;
    const sorted = children.toSorted((a, b) => Number(key(a) > key(b)) - Number(key(a) < key(b)));
    return this.#object(
      'tree',
      Buffer.concat(
        sorted.flatMap(({ name, mode, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
      ),
    );
  }

  #object(type: 'blob' | 'commit' | 'tree', content: string | Buffer): string {
    const bytes = withHeader(type, content);
    const id = createHash('sha1').update(bytes).digest('hex');
    const file = join(this.#git, 'objects', id.slice(0, 2), id.slice(2));
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, deflateSync(bytes, { level: 1 }));
    }
    return id;
  }
}

function withHeader(type: string, content: string | Buffer): Buffer {
  const body = Buffer.from(content);
  return Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
}

function blobId(text: string): string {
  return createHash('sha1').update(withHeader('blob', text)).digest('hex');
}

/** An index of version 2 without stat data, so that git compares contents. */
function indexOf(entries: readonly (readonly [path: string, id: string])[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('DIRC');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(entries.length, 8);
  const body = entries.map(([path, id]) => {
    const name = Buffer.from(path);
    const entry = Buffer.alloc(Math.floor((62 + name.length) / 8) * 8 + 8);
    entry.writeUInt32BE(0o100_644, 24);
    Buffer.from(id, 'hex').copy(entry, 40);
    entry.writeUInt16BE(Math.min(name.length, 0xf_ff), 60);
    name.copy(entry, 62);
    return entry;
  });
  const bytes = Buffer.concat([header, ...body]);
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()]);
}

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { type Git, gitFailed, GitFailure } from './git.js';
import { interruption, wasInterrupted } from './interruption.js';

const LINE_BREAK = 0x0a;

/** A larger blob is not a declaration, whatever its name. It is skipped without being kept in memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** An object of git's. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  /** Undefined if it is larger than any declaration or commit. */
  readonly content: Buffer | undefined;
}

const readers = new WeakMap<Git, ObjectReader>();

/**
 * The reader of a repository, which everything that reads objects with the same `Git` shares: to start a process takes
 * longer than to read many objects.
 */
export function objectsOf(git: Git): ObjectReader {
  const reader = readers.get(git) ?? new ObjectReader(git);
  readers.set(git, reader);
  return reader;
}

/**
 * Reads objects one after the other through a single `git cat-file --batch`, which starts with the first read and ends
 * when the last user releases the reader.
 */
export class ObjectReader {
  readonly #git: Git;
  #process: ChildProcessWithoutNullStreams | undefined;
  #chunks: AsyncIterator<Buffer> | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #stderr = '';
  #queue: Promise<unknown> = Promise.resolve();
  #users = 0;

  constructor(git: Git) {
    this.#git = git;
  }

  /** Keeps the process running until the function that this returns is called. Without it, each read starts one. */
  hold(): () => void {
    this.#users += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#users -= 1;
      if (this.#users === 0) this.#close();
    };
  }

  /** The bytes of a blob; undefined if it is too large to be a declaration. */
  async blob(id: string): Promise<Buffer | undefined> {
    const object = await this.object(id);
    if (object?.type === 'blob') return object.content;
    throw new OperatorError('git-object-missing', `git has no blob ${id}, which a commit refers to`, {
      hint: 'run git fsck, or clone again',
    });
  }

  /**
   * Reads an object by any name that git understands and that contains no line break.
   * @returns undefined if git has no such object
   */
  object(name: string): Promise<GitObject | undefined> {
    const release = this.hold();
    const object = this.#queue.then(() => this.#read(name)).finally(release);
    this.#queue = object.catch(() => {});
    return object;
  }

  /** Ends the process. The next read starts a new one. */
  #close(): void {
    this.#process?.stdin.end();
    this.#process?.kill();
    this.#process = undefined;
    this.#chunks = undefined;
    this.#rest = Buffer.alloc(0);
  }

  async #read(name: string): Promise<GitObject | undefined> {
    this.#started().stdin.write(`${name}\n`);
    // Anything else, such as `missing`, has no content.
    const [, id, type, bytes] = HEADER.exec(await this.#readLine()) ?? [];
    if (id === undefined || type === undefined) return undefined;
    const size = Number(bytes);
    const content = await this.#readBytes(size, size <= MAX_BYTES);
    await this.#readBytes(1, false);
    return { id, type, content };
  }

  #started(): ChildProcessWithoutNullStreams {
    if (this.#process !== undefined) return this.#process;
    const child = this.#git.start(['cat-file', '--batch']);
    this.#process = child;
    this.#stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString('utf8')));
    // The reason for a failure is reported when the output ends.
    child.stdin.on('error', () => {});
    child.on('error', (error) => (this.#stderr += error.message));
    this.#chunks = child.stdout[Symbol.asyncIterator]();
    return child;
  }

  async #nextChunk(): Promise<Buffer> {
    const next = await this.#chunks?.next();
    if (next === undefined || next.done === true) throw await this.#failure();
    return next.value;
  }

  /** The error to throw because the output ended too early. */
  async #failure(): Promise<OperatorError> {
    const child = this.#process;
    if (child?.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once('close', resolve));
    }
    const failure = new GitFailure(child?.exitCode ?? Number.NaN, this.#stderr);
    this.#close();
    if (await wasInterrupted(this.#git.signal, failure.killed))
      return interruption(failure, this.#git.signal);
    return gitFailed('git cat-file failed', failure);
  }

  async #readLine(): Promise<string> {
    let end = this.#rest.indexOf(LINE_BREAK);
    while (end < 0) {
      this.#rest = Buffer.concat([this.#rest, await this.#nextChunk()]);
      end = this.#rest.indexOf(LINE_BREAK);
    }
    const line = this.#rest.subarray(0, end).toString('latin1');
    this.#rest = this.#rest.subarray(end + 1);
    return line;
  }

  async #readBytes(size: number, keep: boolean): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#nextChunk();
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      if (keep) parts.push(part);
    }
    return keep ? Buffer.concat(parts) : undefined;
  }
}

const HEADER = /^([0-9a-f]+) (commit|tag|tree|blob) (\d+)$/;

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { type Git, GitFailure, gitMessage } from './git.js';
import { interruption, wasInterrupted } from './interruption.js';

const LINE_BREAK = 0x0a;

/** A larger blob is not a declaration, whatever its name. It is skipped without being kept in memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Reads blobs one after the other through a single `git cat-file --batch`, which starts with the first read. */
export class BlobReader {
  readonly #git: Git;
  #process: ChildProcessWithoutNullStreams | undefined;
  #chunks: AsyncIterator<Buffer> | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #stderr = '';
  #queue: Promise<unknown> = Promise.resolve();

  constructor(git: Git) {
    this.#git = git;
  }

  /** The bytes of a blob; undefined if it is too large to be a declaration. */
  read(id: string): Promise<Buffer | undefined> {
    const content = this.#queue.then(() => this.#read(id));
    this.#queue = content.catch(() => {});
    return content;
  }

  /** Ends the process. The reader can be used again and starts a new one. */
  close(): void {
    this.#process?.stdin.end();
    this.#process?.kill();
    this.#process = undefined;
    this.#chunks = undefined;
    this.#rest = Buffer.alloc(0);
  }

  async #read(id: string): Promise<Buffer | undefined> {
    this.#started().stdin.write(`${id}\n`);
    const header = (await this.#readLine()).split(' ');
    const size = Number(header[2]);
    if (header[1] !== 'blob' || !Number.isSafeInteger(size)) {
      throw new OperatorError('git-object-missing', `git has no blob ${id}, which a commit refers to`, {
        hint: 'run git fsck, or clone again',
      });
    }
    const content = await this.#readBytes(size, size <= MAX_BYTES);
    await this.#readBytes(1, false);
    return content;
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
    if (await wasInterrupted(this.#git.signal, failure.killed))
      return interruption(failure, this.#git.signal);
    return new OperatorError('git-failed', `git cat-file failed: ${gitMessage(failure)}`, { cause: failure });
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

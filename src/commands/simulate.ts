import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { OperatorErrorCode } from '../diagnostics/codes.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import type { Sink } from '../files/sink.js';
import { reasonOf } from '../files/unsafe-path.js';
import { openToAppend } from '../files/user-file.js';
import { diagnosticLines } from '../report/diagnostics.js';
import { startControl } from '../simulator/control.js';
import { defaultSeed } from '../simulator/seed/default-seed.js';
import { parseFault } from '../simulator/faults/parse.js';
import { banner } from '../simulator/banner.js';
import { readLargeSeed, readSeed } from '../simulator/seed/read-seed.js';
import type { Seed } from '../simulator/seed/seed.js';
import type { RateLimits } from '../simulator/server/rate-limits.js';
import { Simulator } from '../simulator/simulator.js';
import { readState } from '../simulator/state-file.js';
import { tlsFrom } from './simulate-tls.js';
import { decode } from '../yaml/decode.js';
import { LIMITS } from '../yaml/limits.js';
import { SourceText } from '../yaml/source.js';

/** Options of `flagops simulate`. Limits are requests per ten seconds. */
export interface SimulateOptions {
  /** `--port`: on 127.0.0.1; 0 takes a free one. Default 4010. */
  readonly port?: number | undefined;
  /** `--host`, repeatable: a host name that it answers to in addition to loopback names. */
  readonly host?: readonly string[] | undefined;
  /** `--tls`: serves https with a certificate that is made at start. */
  readonly tls?: boolean | undefined;
  /** `--tls-save`: a file to which the made certificate is written. */
  readonly tlsSave?: string | undefined;
  /** `--tls-cert` and `--tls-key`: files with a certificate to use and its key. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** `--seed`: a YAML or JSON file to start from (`schemas/simulator-seed.schema.json`). */
  readonly seed?: string | undefined;
  /** `--state`: a file that keeps the state between runs. If it exists, the seed is not read. */
  readonly state?: string | undefined;
  /** `--rate-limit`: for each route that writes. */
  readonly rateLimit?: number | undefined;
  /** `--read-limit`: for each route that only reads. */
  readonly readLimit?: number | undefined;
  /** `--global-limit`: for everything together. */
  readonly globalLimit?: number | undefined;
  /** `--token-limit`: for each token. */
  readonly tokenLimit?: number | undefined;
  /** `--fault`, repeatable: what goes wrong, for example `status=503,every=10,method=PUT`. */
  readonly fault?: readonly string[] | undefined;
  /** `--require-approval`, repeatable: `ENVIRONMENT` or `PROJECT/ENVIRONMENT`, in which changes need an approval. */
  readonly requireApproval?: readonly string[] | undefined;
  /** `--no-user-routes`: false answers `/api/v2/users/...` as an unknown path, as if LaunchDarkly had removed it. */
  readonly userRoutes?: boolean | undefined;
  /** `--random-seed`: seed of the random numbers for faults with a probability. */
  readonly randomSeed?: number | undefined;
  /** `--control-port`: serves an API for faults, limits, the clock, approvals and the request log on this port; 0 takes a free one. */
  readonly controlPort?: number | undefined;
  /** `--record`: a file to which every request is appended as a line of JSON. */
  readonly record?: string | undefined;
}

export interface SimulateIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Like `stderr`, for text that must not be masked. */
  readonly publicStderr: (text: string) => void;
  /** Stops the simulator. */
  readonly signal: AbortSignal;
}

/**
 * Runs the simulator until the signal. The first line on stdout is its URL.
 * @returns the exit code: 0 after the signal, 1 if the seed has errors or some requests could not be recorded
 * @throws OperatorError if an option or a file is invalid or a port is not available
 */
export async function simulate(options: SimulateOptions, io: SimulateIo): Promise<number> {
  const record = options.record === undefined ? undefined : openRecord(options.record, io);
  const made = await makeSimulator(options, io, record);
  if (made === undefined) return EXIT.failed;
  const { simulator, resumed } = made;
  const { url } = await simulator.start();
  const control =
    options.controlPort === undefined ? undefined : await startControl(simulator, options.controlPort);
  io.stdout(`${url}\n`);
  const parts = banner(simulator, url, {
    stateFile: options.state,
    resumed,
    isDefault: !resumed && options.seed === undefined,
    controlUrl: control?.url,
    trust: trustOf(options),
  });
  for (const { text, isPublic } of parts) (isPublic ? io.publicStderr : io.stderr)(text);
  if (!io.signal.aborted) await once(io.signal, 'abort');
  await control?.stop();
  await simulator.stop();
  return record?.close() === false ? EXIT.failed : EXIT.done;
}

/** Undefined if the seed has errors, which are then reported. */
async function makeSimulator(
  options: SimulateOptions,
  io: SimulateIo,
  record: RecordFile | undefined,
): Promise<{ readonly simulator: Simulator; readonly resumed: boolean } | undefined> {
  const tls = await tlsFrom(options);
  const faults = (options.fault ?? []).map((text) => parseFault(text));
  const stateFile = options.state === undefined ? undefined : resolve(options.state);
  const kept = stateFile === undefined ? undefined : await readState(stateFile);
  const seed = kept ?? (await seedFrom(options.seed, io));
  if (seed === undefined) return undefined;
  const simulator = new Simulator({
    seed,
    faults,
    stateFile,
    port: options.port ?? 4010,
    tls,
    hosts: options.host,
    limits: limitsFrom(options),
    randomSeed: options.randomSeed,
    requireApprovals: options.requireApproval,
    userRoutes: options.userRoutes,
    keepRequests: 10_000,
    onAnswered: record && ((request) => record.add(`${JSON.stringify(request)}\n`)),
  });
  return { simulator, resumed: kept !== undefined };
}

/** The file of a certificate that clients have to trust; empty if it was not saved. */
function trustOf({ tls, tlsSave, tlsCert }: SimulateOptions): string | undefined {
  return tls || tlsSave !== undefined ? (tlsSave ?? '') : tlsCert;
}

/** The seed, or undefined if it has errors, which are then reported. */
async function seedFrom(file: string | undefined, io: SimulateIo): Promise<Seed | undefined> {
  if (file === undefined) return defaultSeed;
  const source = await readSeedFile(file);
  if (!(source instanceof SourceText)) return readLargeSeed(file, source.text);
  const { seed, diagnostics } = readSeed(source);
  const isTooMuch = diagnostics.some(({ code }) => code === 'yaml-too-much');
  if (isTooMuch && file.endsWith('.json')) return readLargeSeed(file, source.text);
  const shown = diagnosticLines(diagnostics, { color: false, lines: ({ line }) => source.lineAt(line) });
  for (const line of shown) io.stderr(`${line}\n`);
  return seed;
}

function limitsFrom({ rateLimit, readLimit, globalLimit, tokenLimit }: SimulateOptions): RateLimits {
  return {
    ...(rateLimit === undefined ? {} : { route: rateLimit }),
    ...(readLimit === undefined ? {} : { reads: readLimit }),
    ...(globalLimit === undefined ? {} : { global: globalLimit }),
    ...(tokenLimit === undefined ? {} : { token: tokenLimit }),
  };
}

/** The file in which every request is recorded. */
interface RecordFile {
  readonly add: (line: string) => void;
  /** Returns whether every line was written. */
  readonly close: () => boolean;
}

function openRecord(path: string, io: SimulateIo): RecordFile {
  const explain = (cause: unknown): OperatorError =>
    new OperatorError('record-unwritable', `cannot write to ${path}: ${reasonOf(cause)}`, {
      hint: 'name another file with --record',
      cause,
    });
  let file: Sink | undefined;
  try {
    file = openToAppend(resolve(), path, 0o600);
  } catch (cause) {
    throw explain(cause);
  }
  return {
    add: (line) => {
      try {
        file?.add(line);
      } catch (cause) {
        // The request is answered regardless; the error is reported once.
        file?.close();
        file = undefined;
        const { message, hint } = explain(cause);
        io.stderr(`error: ${message}; requests are no longer recorded (${hint})\n`);
      }
    },
    close: () => {
      file?.close();
      return file !== undefined;
    },
  };
}

/** Reads a seed file. JSON that is too large to be read with positions is returned as plain text. */
async function readSeedFile(file: string): Promise<SourceText | { readonly text: string }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const hint = 'name a YAML or JSON file with --seed';
    throw unreadable('seed-unreadable', `cannot read the seed ${file}`, hint, cause);
  }
  if (bytes.length > LIMITS.bytes && file.endsWith('.json')) return { text: bytes.toString() };
  const decoded = decode(bytes);
  if (!decoded.ok)
    throw new OperatorError(decoded.code, `${file}: ${decoded.message}`, { hint: decoded.hint });
  return new SourceText(file, decoded.text);
}

function unreadable(code: OperatorErrorCode, message: string, hint: string, cause: unknown): OperatorError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  return new OperatorError(code, `${message}: ${reason}`, { hint, cause });
}

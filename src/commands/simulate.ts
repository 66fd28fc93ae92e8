import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { readSeed } from '../simulator/read-seed.js';
import type { Seed } from '../simulator/seed.js';
import { Simulator } from '../simulator/simulator.js';
import { readState } from '../simulator/state-file.js';
import { decode } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';
import { defaultSeed } from '../simulator/default-seed.js';

export interface SimulateOptions {
  /** Port on 127.0.0.1; 0 takes a free one. Without it: 4010. */
  readonly port?: number | undefined;
  /** A YAML or JSON file to start from (`schemas/simulator-seed.schema.json`). */
  readonly seed?: string | undefined;
  /** Requests per ten seconds to each route that writes. */
  readonly rateLimit?: number | undefined;
  /** A file that keeps everything between runs. Where it exists it is taken up, and the seed is not read. */
  readonly state?: string | undefined;
}

export interface SimulateIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Stops the simulator. */
  readonly signal: AbortSignal;
}

/**
 * Runs the embedded LaunchDarkly until the signal. The first line on stdout is its address.
 * @returns the exit code: 0 when it was stopped, 1 where the seed has errors
 * @throws OperatorError where a file cannot be used or the port cannot be had
 */
export async function simulate(options: SimulateOptions, io: SimulateIo): Promise<number> {
  const stateFile = options.state === undefined ? undefined : resolve(options.state);
  const kept = stateFile === undefined ? undefined : await readState(stateFile);
  let seed: Seed = defaultSeed;
  if (kept === undefined && options.seed !== undefined) {
    const reading = readSeed(await readSource(options.seed));
    if (reading.seed === undefined) {
      for (const diagnostic of reading.diagnostics) io.stderr(`${oneLine(diagnostic)}\n`);
      return 1;
    }
    seed = reading.seed;
  }
  const simulator = new Simulator({
    seed: kept ?? seed,
    port: options.port ?? 4010,
    rateLimit: options.rateLimit,
    stateFile,
    keepRequests: 10_000,
  });
  const { url } = await simulator.start();
  io.stdout(`${url}\n`);
  const isDefault = kept === undefined && options.seed === undefined;
  io.stderr(greeting(simulator, url, { stateFile: options.state, resumed: kept !== undefined, isDefault }));
  await aborted(io.signal);
  await simulator.stop();
  return 0;
}

async function readSource(file: string): Promise<SourceText> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new OperatorError('seed-unreadable', `cannot read the seed ${file}: ${reason}`, {
      hint: 'name a YAML or JSON file with --seed',
      cause,
    });
  }
  const decoded = decode(bytes);
  if (!decoded.ok)
    throw new OperatorError(decoded.code, `${file}: ${decoded.message}`, { hint: decoded.hint });
  return new SourceText(file, decoded.text);
}

function oneLine({ at, code, message, hint }: Diagnostic): string {
  const text = `${at.file}:${at.line}:${at.col}  ${code}  ${message}`;
  return hint === undefined ? text : `${text}  (${hint})`;
}

interface Circumstances {
  readonly stateFile: string | undefined;
  readonly resumed: boolean;
  readonly isDefault: boolean;
}

/** How to use it. The tokens of somebody's own seed are not shown: they know them. */
function greeting(simulator: Simulator, url: string, circumstances: Circumstances): string {
  const { stateFile, resumed, isDefault } = circumstances;
  const { world } = simulator;
  const tokens = [...world.tokens].map(({ token, role, name }) => `${isDefault ? token : name} (${role})`);
  const environments = [...world.projects.values()].flatMap((project) =>
    [...project.environments.values()].map(({ key, sdkKey }) =>
      isDefault ? `${project.key}/${key} (SDK key ${sdkKey})` : `${project.key}/${key}`,
    ),
  );
  const keeping =
    stateFile === undefined
      ? 'Everything is forgotten when it stops; --state FILE keeps it.'
      : `${resumed ? 'Goes on from' : 'Keeps everything in'} ${stateFile}.`;
  return [
    'A simulated LaunchDarkly, for this machine only.',
    `  environments  ${environments.join(', ')}`,
    `  tokens        ${tokens.join(', ')}`,
    `  to use it     set baseUrl: ${url} in flagops.yaml`,
    `                and LAUNCHDARKLY_ACCESS_TOKEN to a token`,
    `${keeping} Stop it with Ctrl-C.`,
    '',
  ].join('\n');
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((settle) => {
    signal.addEventListener('abort', () => settle(), { once: true });
  });
}

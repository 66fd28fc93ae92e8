import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installClock, JumpingClock, type ProgramRun } from '../model/support/program.js';
import { Statistics } from '../model/support/statistics.js';
import { edited, EMPTY_TREE, filesOf, type Edit } from '../model/support/tree.js';
import { CONTEXTS, ENVIRONMENTS, FLAG_NAMES } from '../model/support/universe.js';
import { RealWorld, START } from '../model/support/world.js';
import { randomFrom, type Random } from './random.js';

/** What can be wrong. */
export const INPUTS = ['declaration', 'configuration', 'plan file', 'arguments'] as const;

/** How a text is spoiled. */
const SPOILS: Readonly<Record<string, (text: string, random: Random) => string | Buffer>> = {
  'cut off': (text, random) => text.slice(0, random.below(text.length)),
  garbage: (_, random) => Buffer.from(Array.from({ length: 1 + random.below(200) }, () => random.below(256))),
  'changed characters': (text, random) =>
    times(1 + random.below(4), text, (one) => {
      const at = random.below(one.length);
      return one.slice(0, at) + random.pick(CHARACTERS) + one.slice(at + 1);
    }),
  'added text': (text, random) => {
    const at = random.below(text.length);
    return text.slice(0, at) + random.pick(FRAGMENTS) + text.slice(at);
  },
  'swapped lines': (text, random) => {
    const lines = text.split('\n');
    const [a, b] = [random.below(lines.length), random.below(lines.length)];
    return lines.map((line, at) => (at === a ? lines[b] : at === b ? lines[a] : line)).join('\n');
  },
  'repeated part': (text, random) => {
    const at = random.below(text.length);
    return text + text.slice(at).repeat(1 + random.below(3));
  },
  'other values': (text, random) =>
    text.replaceAll(/: (?=\S)[^\n]+/g, (all) => (random.below(3) > 0 ? all : `: ${random.pick(FRAGMENTS)}`)),
};

const CHARACTERS = Array.from('{}[]:,&*!|>%@`"\'#?-\n\t\0\\ é\u200b\ud800💥');
const FRAGMENTS = [
  '&a *a',
  '<<: *x',
  '!!js/function "x"',
  '{',
  '}',
  '[[[[[[[[',
  '---\n',
  '...\n',
  '\0',
  '"\\u0000"',
  '$variation',
  '{ $variation: 99 }',
  '{ $value: 1, $variation: 2 }',
  '__proto__',
  'constructor',
  '1e999',
  '.nan',
  '-.inf',
  '0x1F',
  '2026-02-30',
  'null',
  '~',
  '[]',
  '{}',
  '"\u202eabc"',
  '*',
  '**/**',
  '+(a|b)',
  '!(a)',
  '[z-a]',
  '150%',
  '-1',
  '99999999999999999999',
  'a'.repeat(3000),
];

const NAMES = [
  'validate',
  'plan',
  'apply',
  'drift',
  'matrix',
  '--format',
  '--flag',
  '--context',
  '--environment',
  '--project',
  '--shard',
  '--expect',
  '--plan',
  '--config',
  '--base-url',
  '--force',
  '--yes',
  '--shards',
  '--no-removals',
  '--detailed-exitcode',
];
const WORDS = [
  '',
  ' ',
  '--',
  '-',
  '-x',
  '--nope',
  '0/0',
  '1/0',
  '9/3',
  '-1/2',
  'a/b',
  '1e3',
  '../../../../etc/passwd',
  'no/such/file',
  '.',
  '\0',
  'ä'.repeat(500),
  '+(a)',
  '[',
  '{a,',
  'user:',
  ':x',
  'json',
  'xml',
  'deadbeef',
  'ftp://x',
  'http://',
  'https://user:pass@h',
  '__proto__',
];

function times<T>(count: number, first: T, change: (one: T) => T): T {
  let result = first;
  for (let index = 0; index < count; index += 1) result = change(result);
  return result;
}

export interface BadInputsResult {
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

/**
 * Gives the program input that is spoiled in some way. It must end with 1 and a clear line; or, if the input still makes
 * sense, with 4, since what is not committed is not applied. Nothing may be written.
 */
export async function soakBadInputs(
  { seed, count }: { readonly seed: number; readonly count: number },
  onFailure: (text: string) => void,
): Promise<BadInputsResult> {
  const statistics = new Statistics();
  const failures: string[] = [];
  const clock = new JumpingClock(START);
  const restore = installClock(clock);
  const world = await RealWorld.open(clock);
  try {
    const random = randomFrom(seed);
    const files = start(world);
    const planFile = (await world.run(['plan', '--format', 'json'], world.nextToken())).stdout;
    const before = JSON.stringify([...world.live()]);
    const token = world.nextToken();
    for (let index = 0; index < count; index += 1) {
      const input = INPUTS[index % INPUTS.length] ?? 'arguments';
      const spoil = random.pick(Object.keys(SPOILS));
      const args = spoiled(world, files, planFile, { input, spoil, random });
      let problem: string | undefined;
      try {
        const run = await world.run(args, token);
        problem = problemOf(run, input);
        statistics.count(`bad input ended with ${run.code}`);
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
      }
      if (JSON.stringify([...world.live()]) !== before) problem = 'something was written';
      if (world.repository.refs('refs/flagops').length > 0) problem = 'a ref was written';
      statistics.count(`bad input: ${input}`);
      if (problem === undefined) continue;
      statistics.count('bad inputs not refused clearly');
      const text = `bad input ${index} of seed ${seed} (${input}, ${spoil}): ${problem}\n  arguments: ${JSON.stringify(args)}`;
      failures.push(text);
      onFailure(text);
    }
  } finally {
    await world.close();
    restore();
  }
  return { counts: statistics.counts, failures };
}

/** A commit with a change to apply, and something uncommitted, so that no input can lead to a write. */
function start(world: RealWorld): Readonly<Record<string, string>> {
  const edits = ENVIRONMENTS.flatMap((environment) =>
    FLAG_NAMES.slice(0, 3).flatMap((flag, index) =>
      CONTEXTS.map((context): Edit => ({
        type: 'declare',
        id: `${environment} ${flag} ${context}`,
        setting: index % 2,
        file: index % 2,
        expires: index === 2 ? 24 * 365 : undefined,
      })),
    ),
  );
  const files = filesOf(edited(EMPTY_TREE, edits), START);
  const commit = world.repository.commit(files, [], 'Start');
  world.repository.checkOut(commit, files);
  return files;
}

function spoiled(
  world: RealWorld,
  files: Readonly<Record<string, string>>,
  planFile: string,
  {
    input,
    spoil,
    random,
  }: { readonly input: (typeof INPUTS)[number]; readonly spoil: string; readonly random: Random },
): string[] {
  const write = (path: string, content: string | Buffer): void => {
    const file = join(world.repository.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const change = SPOILS[spoil] ?? ((text: string) => text);
  // Uncommitted, so that an input that still makes sense is refused too.
  const first = Object.keys(files).find((path) => path !== 'flagops.yaml') ?? '';
  write(first, `${files[first] ?? ''}# Not committed.\n`);
  switch (input) {
    case 'declaration': {
      const path = random.pick(Object.keys(files).filter((name) => name !== 'flagops.yaml'));
      write(path, change(files[path] ?? '', random));
      if (path !== first) return ['apply', '--yes'];
      const [, second = ''] = Object.keys(files).filter((name) => name !== 'flagops.yaml');
      write(second, `${files[second] ?? ''}# Not committed.\n`);
      return ['apply', '--yes'];
    }
    case 'configuration':
      write('flagops.yaml', change(files['flagops.yaml'] ?? '', random));
      return ['apply', '--yes'];
    case 'plan file':
      write('plan.json', change(planFile, random));
      return ['apply', '--yes', '--plan', 'plan.json'];
    case 'arguments': {
      const command =
        random.below(6) === 0 ? [] : [random.pick(['validate', 'plan', 'apply', 'drift', 'matrix'])];
      const rest = Array.from({ length: 1 + random.below(4) }, () =>
        random.below(2) === 0 ? random.pick(NAMES) : random.pick(WORDS),
      );
      return [...command, ...rest];
    }
  }
}

/** What is wrong with the end of a run; undefined if nothing. */
function problemOf({ code, stdout, stderr }: ProgramRun, input: (typeof INPUTS)[number]): string | undefined {
  const shown = `code ${code}\n${stdout.slice(0, 300)}\n${stderr.slice(0, 1500)}`;
  // Arguments may happen to make sense; `plan` shows differences, `drift` and --detailed-exitcode answer with 2.
  const codes = input === 'arguments' ? [0, 1, 2, 4] : [1, 4];
  if (!codes.includes(code)) return `an unexpected exit code: ${shown}`;
  if (code !== 1) return undefined;
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
  if (errors.length !== 1) return `${errors.length} lines start with error: ${shown}`;
  if (/this is a bug in flagops|undefined|\[object|NaN|TypeError/.test(stderr))
    return `an unclear error: ${shown}`;
  return undefined;
}

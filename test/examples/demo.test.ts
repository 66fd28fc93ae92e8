import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, Screen } from '../../examples/demo/screen.js';
import { hasTerminal, isolated } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';

const ROOT = join(import.meta.dirname, '../..');
const DEMO = [process.execPath, join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(ROOT, 'examples/demo.ts')];
const PROMPT = 'Enter: go on, q: quit';

if (!hasTerminal)
  console.log('tests of the demo on a terminal are skipped: there is no `script` of util-linux here');

interface DemoRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it left in the temporary folder. */
  readonly leftovers: readonly string[];
}

/** Runs the demo. `keys` has one key for each prompt; the last one is repeated. */
async function runDemo(command: readonly string[], keys: readonly string[] = []): Promise<DemoRun> {
  const temporary = temporaryFolder();
  const [program = '', ...args] = command;
  const env = isolated({ TMPDIR: temporary, TERM: 'xterm' });
  const child = spawn(program, args, { cwd: ROOT, env });
  let [stdout, stderr, answered] = ['', '', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const prompts = stdout.split(PROMPT).length - 1; answered < prompts; answered += 1)
      child.stdin.write(keys[Math.min(answered, keys.length - 1)] ?? '');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const leftovers = readdirSync(temporary).filter((name) => name.startsWith('flagops-'));
  return { code, stdout, stderr, leftovers };
}

/** Runs the demo on a new terminal. */
function onTerminal(rows: number, columns: number, keys: readonly string[]): Promise<DemoRun> {
  const command = `stty rows ${rows} cols ${columns} && exec ${DEMO.map((word) => `'${word}'`).join(' ')}`;
  return runDemo(['script', '-qec', command, '/dev/null'], keys);
}

/** What is on the screen at each pause and at the end, without colours. */
function pagesOf(output: string): string[][] {
  const pages = stripVTControlCharacters(output).replaceAll('\r', '').split(PROMPT);
  return pages.map((page) => page.replace(/\n$/, '').split('\n'));
}

it.concurrent(
  'in a pipe the demo runs from the declarations to the audit log and the next steps',
  async () => {
    const { code, stdout, stderr, leftovers } = await runDemo(DEMO);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const commands = stdout.split('\n').filter((line) => line.startsWith('$ flagops '));
    expect(commands).toEqual([
      '$ flagops simulate --port 0',
      '$ flagops validate',
      '$ flagops plan --detailed-exitcode',
      '$ flagops apply --yes',
      '$ flagops plan --detailed-exitcode',
      '$ flagops apply --yes',
      '$ flagops plan --detailed-exitcode',
      '$ flagops drift',
      '$ flagops apply --yes',
      '$ flagops drift',
    ]);
    expect(stdout).toContain('Plan: 1 to add, 1 to update, 1 to remove.');
    expect(stdout).toContain('No difference: live matches the declarations.');
    expect(stdout).toMatch(/\n {4}! theme {2}user alice@example\.com {2}declared "dark" {2}live "light" /);
    expect(stdout).toContain('Drift: 1 override changed elsewhere.');
    expect(stdout).toContain('No drift: live matches what was last applied.');
    expect(stdout).toMatch(
      /\nBeta: Dana joins.* \(#21\) \([0-9a-f]{12} by Dana\)\n {2}production checkout-v2: Removed/,
    );
    expect(stdout).toMatch(
      /\nby hand, .*\n {2}production theme: Targeted alice@example\.com to Light\n\nContrast .* by Kim\)\n {2}production theme: Targeted alice@example\.com to Dark\n/,
    );
    expect(stdout).not.toContain('\u001B');
    expect(stdout).not.toContain(PROMPT);
    expect(leftovers).toEqual([]);

    const next = stdout.slice(stdout.indexOf('# Where to go next'));
    const pages = next.match(/docs\/[\w/-]+\.md/g) ?? [];
    expect(pages).toContain('docs/getting-started.md');
    expect(pages.filter((page) => !existsSync(join(ROOT, page)))).toEqual([]);
    const reference = readFileSync(join(ROOT, 'docs/reference/commands.md'), 'utf8');
    const first = [...next.matchAll(/^ {2}(flagops \w+) /gm)].map(([, command = '']) => command);
    expect(first).toContain('flagops init');
    expect(first.filter((command) => !reference.includes(`## ${command}\n`))).toEqual([]);
  },
);

describe.runIf(hasTerminal)('on a terminal', () => {
  it.concurrent('the demo waits after each screenful, and q leads to the next steps', async () => {
    const { code, stdout, leftovers } = await onTerminal(24, 80, ['\r', '\r', '\r', 'q']);
    expect(code).toBe(0);
    const pages = pagesOf(stdout);
    // The first steps, two full pages of the plan, a third, and the next steps.
    expect(pages).toHaveLength(5);
    expect(pages[1]).toHaveLength(23);
    for (const page of pages) {
      expect(page.length).toBeLessThan(24);
      for (const line of page) expect(line.length).toBeLessThanOrEqual(80);
    }
    expect(stdout).toContain('\u001B[32m+');
    expect(pages.at(-1)?.join('\n')).toContain('# Where to go next');
    expect(leftovers).toEqual([]);
  });

  it.concurrent('Ctrl-C ends the demo with 130 and leaves nothing behind', async () => {
    const { code, stdout, leftovers } = await onTerminal(24, 60, ['\u0003']);
    expect(code).toBe(130);
    expect(stdout).not.toContain('Where to go next');
    expect(stdout).not.toContain('failed');
    expect(leftovers).toEqual([]);
  });
});

describe('the screen', () => {
  const text = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n'), maxLength: 60 }))
    .map((parts) => parts.join(''));

  it('breaks lines at spaces, and changes nothing else', () => {
    const line = text.map((value) => value.replaceAll('\n', ' '));
    fc.assert(
      fc.property(line, fc.integer({ min: 10, max: 80 }), (value, columns) => {
        const words = (part: string): string[] => part.split(' ').filter((word) => word !== '');
        const rows = fit(value, columns);
        expect(words(rows.join(' '))).toEqual(words(value));
        for (const row of rows) expect(row.length <= columns || words(row).length <= 1).toBe(true);
      }),
    );
  });

  it('shows no more than fits between two pauses, and all of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.integer({ min: 10, max: 80 }),
        fc.integer({ min: 9, max: 30 }),
        async (value, columns, rows) => {
          let written = '';
          const write = (part: string): void => void (written += part);
          await new Screen({ columns, rows, write, key: async () => undefined }).show(value);
          const pages = pagesOf(written).map((page) =>
            page.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0),
          );
          expect(Math.max(...pages)).toBeLessThan(rows);
          expect(stripVTControlCharacters(written).replaceAll(PROMPT, '').replace(/\s/g, '')).toBe(
            value.replace(/\s/g, ''),
          );
        },
      ),
    );
  });

  it('counts colours as nothing', () => {
    expect(fit('\u001B[31mred\u001B[39m \u001B[1mbold\u001B[22m', 8)).toHaveLength(1);
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describedProgram } from '../../docs/generate/commands.js';
import { completionTree } from '../../src/cli/completion/tree.js';
import { CLI, isolated, runCli } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';

const folder = temporaryFolder();
for (const file of ['two words.yaml', 'two.yaml']) writeFileSync(join(folder, file), '');

function start(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
    env: isolated({ TERM: 'xterm', HOME: folder }),
  });
  if (status !== 0 || stderr !== '') throw new Error(`${command} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** The path of the completion script for a shell. */
async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(['completion', shell], { cwd: folder });
  if (code !== 0 || stderr !== '') throw new Error(stderr);
  const path = join(folder, `flagops.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

/** What a shell offers at the end of each line. */
type Offers = (script: string, lines: readonly string[]) => readonly string[][];

const LISTED = /(?<=^OFFERED )[^\n]*(?=$)/gm;

const SHELLS: Readonly<Record<string, Offers>> = {
  // Bash calls the function with the words of the line, and splits at equals signs too.
  bash: (script, lines) => {
    const tries = lines.map((line) => {
      const words = line.replaceAll('=', ' = ').split(' ');
      const typed = line.endsWith('=') ? words.slice(0, -1) : words;
      const list = typed.map((word) => `'${word}'`).join(' ');
      return `COMP_WORDS=(${list}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); "$function"
        printf 'LINE\\n'; ((\${#COMPREPLY[@]})) && printf 'OFFERED %s\\n' "\${COMPREPLY[@]}"`;
    });
    const setup = `source '${script}'; function=$(complete -p flagops); function=\${function#*-F }; function=\${function% *}`;
    return offered(start('bash', '--norc', '-c', [setup, ...tries, 'true'].join('\n')));
  },
  zsh: (script, lines) => {
    const capture = join(import.meta.dirname, 'capture-completion.zsh');
    // Words are offered as they would be inserted.
    return offered(start('zsh', '-f', capture, script, ...lines)).map((words) =>
      words.map((word) => word.replaceAll('\\', '')),
    );
  },
  fish: (script, lines) => {
    const tries = lines.map((line) => `echo LINE; complete -C '${line}' | string replace -r '^' 'OFFERED '`);
    return offered(
      start('fish', '--no-config', '-c', [`source '${script}'`, ...tries, 'true'].join('\n')),
    ).map((words) =>
      words.map((word) =>
        word
          .replace(/\t.*$/, '')
          .replace(/^--\w+=/, '')
          .replaceAll('\\', ''),
      ),
    );
  },
};

function offered(output: string): string[][] {
  return output
    .split('LINE\n')
    .slice(1)
    .map((part) => part.match(LISTED) ?? []);
}

const CASES: readonly (readonly [line: string, expected: readonly string[]])[] = [
  ['flagops pl', ['plan']],
  ['flagops --debug pl', ['plan']],
  ['flagops plan --fo', ['--force', '--format']],
  ['flagops plan --format ', ['json', 'markdown', 'text']],
  ['flagops plan --format=', ['json', 'markdown', 'text']],
  ['flagops plan --format=te', ['text']],
  ['flagops validate -f ', ['json', 'text']],
  ['flagops validate -c t', ['two words.yaml', 'two.yaml']],
  ['flagops plan --project t', []],
  ['flagops plan --off', []],
  ['flagops completion ', ['bash', 'fish', 'zsh']],
  ['flagops help va', ['validate']],
];

/** What a shell has to know before it can run the lines of the documentation. */
const PRELUDES: Readonly<Record<string, string>> = {
  bash: `flagops() { '${process.execPath}' '${CLI}' "$@"; }`,
  zsh: `flagops() { '${process.execPath}' '${CLI}' "$@" }; autoload -Uz compinit && compinit -u -D`,
  fish: `function flagops; '${process.execPath}' '${CLI}' $argv; end; mkdir -p ~/.config/fish/completions`,
};

describe.each(Object.entries(SHELLS))('completion in %s', (shell, offers) => {
  const isInstalled = spawnSync(shell, ['-c', 'true']).status === 0;
  if (!isInstalled) console.warn(`skipped: ${shell} is not installed here to try its completion`);

  it.skipIf(!isInstalled)('offers commands, options, values and files where each can be typed', async () => {
    const found = offers(
      await scriptFor(shell),
      CASES.map(([line]) => line),
    );
    expect(CASES.map(([line], index) => [line, found[index]?.toSorted()])).toEqual(CASES);
  });

  it.skipIf(!isInstalled)('is set up by the line in docs/command-line.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8');
    const [, line = ''] = new RegExp(`\`\`\`${shell}\n(.*?)\n\`\`\``, 's').exec(page) ?? [];
    expect(line).toContain(`flagops completion ${shell}`);
    start(shell, '-c', `${PRELUDES[shell]}\n${line}`);
  });

  it.skipIf(!isInstalled)('offers every command, and every long option of each', async () => {
    const { commands } = completionTree(describedProgram());
    const script = await scriptFor(shell);
    const [names = [], ...options] = offers(script, [
      'flagops ',
      ...commands.map(({ name }) => `flagops ${name} --`),
    ]);
    expect(names).toEqual(expect.arrayContaining(commands.map(({ name }) => name)));
    expect(options.map((list) => list.toSorted())).toEqual(
      commands.map((command) => command.options.map(({ long }) => long).toSorted()),
    );
  });
});

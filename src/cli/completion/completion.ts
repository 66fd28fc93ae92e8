import type { Command } from 'commander';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { completionTree, type CompletionTree } from './tree.js';
import { zshCompletion } from './zsh.js';

const SCRIPTS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const satisfies Record<string, (tree: CompletionTree) => string>;

export type Shell = keyof typeof SCRIPTS;

/** The script that completes the commands and options of a program in one shell. */
export function completionScript(program: Command, shell: Shell): string {
  return SCRIPTS[shell](completionTree(program));
}

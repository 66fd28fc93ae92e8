import type { Argument, Command, Option } from 'commander';

/** What can be typed as a value: one of these words, the path of a file, or text that no shell can guess. */
export type CompletedValue = readonly string[] | 'file' | 'text';

export interface CompletedOption {
  /** `-f`; undefined if there is no short form. */
  readonly short: string | undefined;
  /** `--format`. */
  readonly long: string;
  readonly description: string;
  /** Undefined if the option takes no value. */
  readonly value: CompletedValue | undefined;
  readonly repeatable: boolean;
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly arguments: readonly { readonly name: string; readonly value: CompletedValue }[];
}

/** What the completion scripts are generated from. */
export interface CompletionTree {
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

/** The commands and options that help shows. Hidden ones are not completed either. */
export function completionTree(program: Command): CompletionTree {
  const help = program.createHelp();
  const optionsOf = (command: Command): CompletedOption[] =>
    help.visibleOptions(command).flatMap((option) => completedOption(option));
  const commands = help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    options: optionsOf(command),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      value: completedValue(argument, argument.name()),
    })),
  }));
  return { options: optionsOf(program), commands };
}

function completedOption(option: Option): CompletedOption[] {
  const { short, long, description, required, optional, flags, variadic, defaultValue } = option;
  if (long === undefined || long === null) return [];
  const [, placeholder = ''] = /[<[]([^>\]]*)/.exec(flags) ?? [];
  return [
    {
      short: short ?? undefined,
      long,
      description,
      value: required || optional ? completedValue(option, placeholder) : undefined,
      repeatable: variadic || Array.isArray(defaultValue),
    },
  ];
}

/** @param placeholder the name of the value in the help: `<file>` takes the path of a file */
function completedValue({ argChoices }: Option | Argument, placeholder: string): CompletedValue {
  return argChoices ?? (/\b(?:file|folder|path)\b/.test(placeholder) ? 'file' : 'text');
}

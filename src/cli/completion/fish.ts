import type { CompletedOption, CompletedValue, CompletionTree } from './tree.js';

/** A completion script for fish 3.0 or newer. */
export function fishCompletion({ options, commands }: CompletionTree): string {
  const lines = [
    '# fish completion for flagops, written by: flagops completion fish',
    '',
    // By default fish completes files everywhere.
    'complete -c flagops -f',
    ...options.map((option) => optionLine('__fish_use_subcommand', option)),
  ];
  for (const { name, description } of commands)
    lines.push(`complete -c flagops -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`);
  for (const command of commands) {
    const here = `'__fish_seen_subcommand_from ${command.name}'`;
    lines.push('', ...command.options.map((option) => optionLine(here, option)));
    for (const { value } of command.arguments) {
      if (value !== 'text') lines.push(`complete -c flagops -n ${here}${valueWords(value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function optionLine(condition: string, { short, long, description, value }: CompletedOption): string {
  const forms = `${short === undefined ? '' : ` -s ${short.slice(1)}`} -l ${long.slice(2)}`;
  const takes = value === undefined ? '' : ` ${value === 'file' ? '-r' : '-x'}${valueWords(value)}`;
  return `complete -c flagops -n ${condition}${forms}${takes} -d ${quoted(description)}`;
}

function valueWords(value: CompletedValue): string {
  if (value === 'text') return '';
  return value === 'file' ? ' -F' : ` -a ${quoted(value.join(' '))}`;
}

/** Text in single quotes. In fish, unlike other shells, a backslash escapes there. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

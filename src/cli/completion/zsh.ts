import type { CompletedCommand, CompletedOption, CompletedValue, CompletionTree } from './tree.js';
import { formsOf, quoted } from './words.js';

/** A completion script for zsh, for `source` and for a folder in `$fpath`. */
export function zshCompletion({ options, commands }: CompletionTree): string {
  return `#compdef flagops
# zsh completion for flagops, written by: flagops completion zsh

_flagops() {
  local curcontext=$curcontext state line
  local -a commands
  typeset -A opt_args
  _arguments -C -S \\
${specs(options)}    '1:command:->command' \\
    '*::argument:->argument' && return
  case $state in
    command)
      commands=(
${commands.map(({ name, description }) => `        ${quoted(`${name}:${description.replaceAll(':', String.raw`\:`)}`)}`).join('\n')}
      )
      _describe -t commands command commands
      ;;
    argument)
      case $line[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _flagops ]]; then
  _flagops "$@"
else
  compdef _flagops flagops
fi
`;
}

function commandCase({ name, options, arguments: positional }: CompletedCommand): string {
  const places = positional.map((argument, index) =>
    quoted(`${index + 1}:${argument.name}:${action(argument.value)}`),
  );
  const all = [...options.flatMap(optionSpecs), ...places];
  return `        ${name})
          _arguments -S \\
            ${all.join(' \\\n            ')}
          ;;`;
}

function specs(options: readonly CompletedOption[]): string {
  return options
    .flatMap(optionSpecs)
    .map((spec) => `    ${spec} \\\n`)
    .join('');
}

/** A specification of `_arguments` for each form of an option; each form excludes the other unless it can be repeated. */
function optionSpecs(option: CompletedOption): string[] {
  const forms = formsOf(option);
  const { repeatable, value, description } = option;
  const others = repeatable ? '*' : forms.length > 1 ? `(${forms.join(' ')})` : '';
  const about = `[${description.replaceAll(/[\\[\]:]/g, String.raw`\$&`)}]`;
  return forms.map((form) => {
    if (value === undefined) return quoted(`${others}${form}${about}`);
    // The value may be the next word, or follow in the same word.
    const ending = form.startsWith('--') ? '=' : '+';
    return quoted(`${others}${form}${ending}${about}:${option.long.slice(2)}:${action(value)}`);
  });
}

function action(value: CompletedValue): string {
  if (value === 'text') return ' ';
  return value === 'file' ? '_files' : `(${value.join(' ')})`;
}

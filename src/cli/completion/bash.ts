import type { CompletedCommand, CompletedOption, CompletedValue, CompletionTree } from './tree.js';
import { formsOf, quoted } from './words.js';

/** A completion script for bash 3.2 or newer. It needs no other script, and starts no program while completing. */
export function bashCompletion({ options, commands }: CompletionTree): string {
  const names = commands.map(({ name }) => name);
  const global = options.flatMap(formsOf);
  return `# bash completion for flagops, written by: flagops completion bash

_flagops_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$1" -- "$2"))
}

_flagops_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}

_flagops() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' index
  COMPREPLY=()
  # Bash splits --option=value into three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${names.join('|')})
        command=\${COMP_WORDS[index]}
        break
        ;;
    esac
  done
  case $command in
${commands.map(commandCase).join('\n')}
    *) _flagops_words ${quoted([...names, ...global].join(' '))} "$current" ;;
  esac
}

complete -F _flagops flagops
`;
}

function commandCase({ name, options, arguments: [first] }: CompletedCommand): string {
  const values = options.flatMap((option) =>
    option.value === undefined ? [] : [valueCase(formsOf(option), option.value)],
  );
  // Only the first argument: behind it, a word may be the value of an option.
  const argument = first === undefined || first.value === 'text' ? [] : [argumentCase(name, first.value)];
  return `    ${name})
      case $previous in
${[...argument, ...values].map((line) => `        ${line}`).join('\n')}
      esac
      _flagops_words ${quoted(options.flatMap(formsOf).join(' '))} "$current"
      ;;`;
}

function argumentCase(command: string, value: CompletedValue): string {
  return `${command}) [[ $current == -* ]] || { ${completing(value)}return; } ;;`;
}

function valueCase(words: readonly CompletedOption['long'][], value: CompletedValue): string {
  return `${words.join('|')}) ${completing(value)}return ;;`;
}

function completing(value: CompletedValue): string {
  if (value === 'text') return '';
  if (value === 'file') return '_flagops_files "$current"; ';
  return `_flagops_words ${quoted(value.join(' '))} "$current"; `;
}

import { type Command, Help, type Option } from 'commander';
import { EXIT_MEANINGS } from '../exit-codes.js';

/** The first line of `--help`. */
export const ABOUT =
  "GitOps for LaunchDarkly's individual targeting: YAML files declare which users and contexts get which flag variation.";

/** A text in lines of at most 80 characters; all but the first are indented. */
function wrapped(text: string, indent: number): string {
  return new Help().boxWrap(text, 80 - indent).replaceAll('\n', `\n${' '.repeat(indent)}`);
}

/** Printed below the list of commands. */
export const FOOTER = `
Environment:
  LAUNCHDARKLY_ACCESS_TOKEN  an API access token; apply needs one that can write
  LAUNCHDARKLY_BASE_URL      the URL of LaunchDarkly, unless --base-url is given
  NO_COLOR, FORCE_COLOR=0    turn colours off
  CI                         apply does not ask for confirmation

Exit codes:
${Object.entries(EXIT_MEANINGS)
  .map(([code, meaning]) => `  ${code.padEnd(5)}${wrapped(meaning, 7)}`)
  .join('\n')}

To get started, run flagops init. To try flagops without an account, run
flagops simulate.`;

/** A command and its arguments. That there are options need not be said for each command. */
export function commandTerm(command: Command): string {
  const args = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [command.name(), ...args].join(' ');
}

/** The description of an option, without the default of switches (off) and lists (empty). */
export function describeOption(option: Option): string {
  return new Help().optionDescription(option).replace(/ ?\(default: (?:false|\[\])\)$/, '');
}

/** Printed below the help of `validate`. */
export const VALIDATE_EXAMPLE = `
Example:
  flagops validate --format json`;

/** Printed below the help of `plan`. */
export const PLAN_EXAMPLE = `
Example:
  flagops plan --environment production --format markdown`;

/** Printed below the help of `apply`. */
export const APPLY_EXAMPLE = `
Example:
  flagops plan --format json --out plan.json
  flagops apply --plan plan.json`;

/** Printed below the help of `matrix`. */
export const MATRIX_EXAMPLE = `
Example:
  flagops matrix --shards 4`;

/** Printed below the help of `simulate`. */
export const SIMULATE_EXAMPLE = `
Example:
  flagops simulate --port 4010 --rate-limit 20`;

/** Printed below the help of `completion`. */
export const COMPLETION_EXAMPLE = `
Example:
  source <(flagops completion bash)

Put that line into ~/.bashrc. For zsh, write zsh in place of bash, and put it
into ~/.zshrc below compinit. For fish:
  flagops completion fish > ~/.config/fish/completions/flagops.fish`;

/** Printed below the help of `help`. */
export const HELP_EXAMPLE = `
Example:
  flagops help plan`;

/** Printed below the help of `init`. */
export const INIT_EXAMPLE = `
Example:
  flagops init --project storefront --environment production`;

/** Printed below the help of `drift`. */
export const DRIFT_EXAMPLE = `
Example:
  flagops drift --environment production
  flagops apply --only drift --environment production`;

/** Printed below the help of `list`. */
export const LIST_EXAMPLE = `
Example:
  flagops list --owner team-checkout --expiring 14d`;

/** Printed below the help of `explain`. */
export const EXPLAIN_EXAMPLE = `
Example:
  flagops explain alice@example.com checkout-v2`;

/** Printed below the help of `set`. */
export const SET_EXAMPLE = `
VALUE is JSON, or otherwise text. null declares that there must be no override;
to remove a declaration instead, use flagops unset.

If the context has the override from a group, it leaves the group, and keeps its
other settings. If it is the only member, the group changes.

Example:
  flagops set me@example.com checkout-v2 true --expires 7d --commit`;

/** Printed below the help of `unset`. */
export const UNSET_EXAMPLE = `
The next apply removes the overrides from LaunchDarkly if flagops manages them;
to keep what is live, use flagops release first.
To declare that there must be no override, regardless of who sets it, use null:
flagops set CONTEXT FLAG null.

Example:
  flagops unset me@example.com checkout-v2 --commit`;

/** Printed below the help of `tidy`. */
export const TIDY_EXAMPLE = `
Without one of these options, tidy looks for all three. With --commit, it makes
a commit for each. Only --expired works without LAUNCHDARKLY_ACCESS_TOKEN.

Example:
  flagops tidy --commit`;

/** Printed below the help of `release`. */
export const RELEASE_EXAMPLE = `
Writes manage: keep (or none, if it was create) beside each setting. Apply that
first, then delete the declaration with flagops unset. What is live stays as it
is.

Example:
  flagops release me@example.com checkout-v2 --commit`;

/** Printed below the help of `import`. */
export const IMPORT_EXAMPLE = `
Example:
  flagops import --project storefront --environment production
  flagops plan`;

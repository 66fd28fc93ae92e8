import { Help, type Option } from 'commander';
import { EXIT_MEANINGS } from '../exit-codes.js';

/** What flagops is, in a sentence. */
export const ABOUT =
  "GitOps for LaunchDarkly's individual targeting: YAML files declare who gets which variation of a flag.";

/** What stands below the list of commands. */
export const SURROUNDINGS = `
Environment:
  LAUNCHDARKLY_ACCESS_TOKEN  an API access token; for plan a reader token is enough
  LAUNCHDARKLY_BASE_URL      where the API is, as --base-url
  NO_COLOR                   no colours; CI: apply does not ask

Exit codes:
${Object.entries(EXIT_MEANINGS)
  .map(([code, meaning]) => `  ${code.padEnd(5)}${meaning}`)
  .join('\n')}

Begin with: flagops init; flagops simulate is a LaunchDarkly to try it on.`;

/** An option's line. That a switch is off where nobody sets it goes without saying. */
export function describe(option: Option): string {
  return new Help().optionDescription(option).replace(/ ?\(default: (?:false|\[\])\)$/, '');
}

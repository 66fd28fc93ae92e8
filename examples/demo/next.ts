const PAGES = [
  ['docs/getting-started.md', 'the same by hand, step by step'],
  ['docs/concepts.md', 'what flagops owns and refuses'],
  ['docs/import.md', 'from live overrides to files'],
  ['docs/github.md', 'pull requests and merges'],
  ['docs/other-ci.md', 'GitLab, Jenkins, a git hook'],
] as const;

const COMMANDS = [
  ['flagops simulate', 'a simulator to try things with'],
  ['flagops init', 'writes the first files'],
  ['flagops validate', 'checks files, without network'],
  ['flagops plan', 'shows what would change'],
  ['flagops apply', 'asks, then makes the changes'],
] as const;

/**
 * Where to go after the demo.
 * @param cli path of the built `cli.js`
 */
export function nextSteps(cli: string, strong: (text: string) => string): string {
  const rows = (table: readonly (readonly [string, string])[]): string =>
    table.map(([name, about]) => `  ${strong(name)}${' '.repeat(24 - name.length)} ${about}\n`).join('');
  return (
    `\nTo read, in this clone:\n${rows(PAGES)}` +
    `\nTo run, in a git repository for your overrides:\n  ${strong(`alias flagops="node '${cli}'"`)}\n${rows(COMMANDS)}` +
    '\nplan and apply need LAUNCHDARKLY_ACCESS_TOKEN; with the simulator, LAUNCHDARKLY_BASE_URL too.\n'
  );
}

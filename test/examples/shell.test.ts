import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describedProgram } from '../../docs/generate/commands.js';
import { completionTree } from '../../src/cli/completion/tree.js';
import type { Files } from '../support/repository.js';
import { config, overrides, type Settings, startWorld, type World } from '../support/world.js';
import { type Block, blocksOf, PAGES } from './support/pages.js';
import { isInstalled, paste, type Pasted, SHELLS } from './support/paste.js';

// Every shell block of the README and of docs/ is pasted into real shells, page by page, unless it is listed here.

const ROOT = join(import.meta.dirname, '../..');

/** Blocks that are not run, by page and first line, with the reason. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'README.md: npm ci && npm run demo':
    'would replace the dependencies of this run; demo.test.ts runs the demo',
  'README.md: npm ci && npm run build':
    'as above; the build before all tests is the same, and each walk simulates',
  'docs/getting-started.md: npm ci && npm run build': 'as in the README',
  'docs/command-line.md: source <(flagops completion bash)': 'completion.test.ts runs it',
  'docs/command-line.md: source <(flagops completion zsh)': 'completion.test.ts runs it',
  'docs/command-line.md: flagops completion fish > ~/.config/fish/completions/flagops.fish':
    'completion.test.ts loads this script into fish',
  'docs/other-ci.md: git clone https://github.com/flagops/flagops /opt/flagops':
    'nothing is published yet; the build before all tests is the same',
  'docs/other-ci.md: npm ci && npm pack && docker build --tag images.example.com/flagops:0.1.0 .':
    'needs Docker; a job of CI builds the image and runs it',
  'docs/simulator.md: flagops simulate --tls-save simulator.pem':
    'runs until it is stopped; tls.test.ts starts it',
  'docs/simulator.md: export SSL_CERT_FILE="$PWD/simulator.pem"':
    "needs LaunchDarkly's ldcli; go-tools.test.ts sends its requests",
  'docs/simulator.md: SSL_CERT_FILE=$PWD/simulator.pem terraform apply':
    "needs Terraform and LaunchDarkly's provider; go-tools.test.ts sends its requests",
};

/** An attempt that docs/refs.md deletes. */
const REF = 'refs/flagops/attempts/app.launchdarkly.com/default/storefront/production/0123';

/** How the blocks of one page are run. Without an entry, all succeed in `storefront`. */
interface Session {
  /** The place that the page describes; by default `storefront`. */
  readonly prepare?: () => Promise<World>;
  /** Whether the blocks start in a clone of flagops, without a command `flagops` and without a token. */
  readonly inClone?: boolean;
  /** What stands for something else on the page: each is replaced in the blocks. */
  readonly replace?: (world: World) => Readonly<Record<string, string>>;
  /** Lines that are run before the block with this index, or after the last one: what the page describes in words. */
  readonly hidden?: Readonly<Record<number, string>>;
  /** Exit codes other than 0, in order. */
  readonly failures?: readonly number[];
  /** Parts of the output. */
  readonly shows: readonly string[];
}

const SESSIONS: Readonly<Record<string, Session>> = {
  'docs/getting-started.md': {
    inClone: true,
    failures: [2, 4],
    shows: [
      'valid: 2 overrides in 1 file\n',
      'Applied 2 of 2 changes.\n',
      'No difference: live matches the declarations.',
      'declared "contrast"  live "light"',
      'changed by the token Writer, ',
      'Applied 1 of 1 change.\n',
      'refused: ',
      'written  overrides/production/imported.yaml (1 override of storefront/production)\n',
      'adopts 1',
    ],
  },
  'docs/editing.md': {
    // Where docs/getting-started.md ends.
    prepare: async () => {
      const world = await startWorld({
        files: {
          'flagops.yaml': config({}, { limits: { changes: 1 } }),
          'overrides/production/first.yaml': overrides({
            'alice@example.com': { 'checkout-v2': true, theme: 'dark', 'search-limit': 100 },
          }),
          'overrides/production/imported.yaml': overrides({ 'bob@example.com': { theme: 'dark' } }),
        },
      });
      await world.apply('--force');
      return world;
    },
    shows: [
      ' Set checkout-v2 to true for me@example.com\n',
      ' Extend checkout-v2 for me@example.com until ',
      ' Remove checkout-v2 for me@example.com\n',
      ' Remove 1 override without effect\n',
    ],
  },
  'docs/import.md': {
    prepare: async () => {
      const world = await storefront();
      world.touch('theme', 'zoe', 'dark');
      return world;
    },
    shows: ['written  overrides/production/imported.yaml (1 override', 'adopts 1', 'No difference'],
  },
  'docs/listing.md': { shows: ['user alice@example.com'] },
  'docs/other-ci.md': {
    replace: () => ({ '/opt/flagops': ROOT }),
    hidden: {
      1: [
        'git commit --allow-empty -m "Valid"',
        "echo 'users: {}' >> overrides/production/look.yaml",
        'git commit -am "Not valid"',
        '',
      ].join('\n'),
    },
    failures: [1],
    shows: ['] Valid\n', 'valid: ', 'overrides/production/look.yaml:', 'yaml-duplicate-key'],
  },
  'docs/refs.md': {
    prepare: async () => {
      const world = await storefront();
      world.repo.addRemote();
      world.repo.git('push', '--quiet', 'origin', `HEAD:${REF}`);
      return world;
    },
    replace: ({ repo }) => ({ REF, COMMIT: repo.head }),
    shows: [`* [new ref]         ${REF}`, `[deleted]         ${REF}`, `[new reference]   `],
  },
  'docs/rollback.md': {
    prepare: async () => {
      const scope = { limits: { updates: '10%', removals: '10%' } };
      const file = 'overrides/a.yaml';
      const world = await startWorld({
        files: { [file]: overrides(themes('dark')), 'flagops.yaml': config({}, scope) },
      });
      world.applied(themes('dark'));
      world.repo.commit('Open the checkout beta', { [file]: overrides(themes('light')) });
      await world.apply('--force');
      return world;
    },
    replace: ({ repo }) => ({ '2043715920fe': repo.head.slice(0, 12) }),
    hidden: { 1: `echo "accept: [$(flagops plan | sed -n 's/^Fingerprint: //p')]" >> flagops.yaml` },
    failures: [4],
    shows: ['refused: ', '\nlifted: ', '(accepted in flagops.yaml)'],
  },
};

/** `theme` for ten users. */
function themes(theme: string): Settings {
  return Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`u${index}`, { theme }]));
}

/** A clone of examples/storefront in which everything is applied. */
async function storefront(): Promise<World> {
  const folder = join(ROOT, 'examples/storefront');
  const files: Files = Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
  const world = await startWorld({ files });
  await world.apply();
  return world;
}

const LANGUAGES = new Set(['sh', 'bash', 'zsh', 'fish', 'shell', 'console', 'sh-session']);
const OTHER_LANGUAGES = new Set(['yaml', 'json', 'text', 'hcl', 'groovy', 'ts']);

const blocks = PAGES.flatMap((page) => blocksOf(page));
const shellBlocks = blocks.filter(({ language }) => LANGUAGES.has(language));
const nameOf = ({ page, text }: Block): string => `${page}: ${text.split('\n')[0]}`;
const isRun = (block: Block): boolean => NOT_RUN[nameOf(block)] === undefined;
/** By page, the blocks that are run. The README has the first part of another page. */
const pages = new Map(
  PAGES.filter((page) => page !== 'README.md').flatMap((page) => {
    const found = shellBlocks.filter((block) => block.page === page && isRun(block));
    return found.length === 0 ? [] : [[page, found]];
  }),
);

async function run(shell: string, page: string, texts: readonly string[]): Promise<Pasted> {
  const { prepare, inClone = false, replace, hidden = {} } = SESSIONS[page] ?? {};
  const world = await (prepare ?? (inClone ? startWorld : storefront))();
  const own = { LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer', LAUNCHDARKLY_BASE_URL: world.url };
  let text = [...texts, ''].map((block, index) => `${hidden[index] ?? ''}\n${block}`).join('');
  const replacements = { 'http://127.0.0.1:4010': world.url, ...replace?.(world) };
  for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
  return paste(shell, text, { cwd: inClone ? ROOT : world.repo.path, env: inClone ? {} : own });
}

describe.each(Object.keys(SHELLS))('the blocks of every page in %s', { concurrent: true }, (shell) => {
  const installed = isInstalled(shell);
  if (!installed)
    console.warn(`skipped: ${shell} is not installed here to run the blocks of the documentation`);

  it.skipIf(!installed).each([...pages])('%s', async (page, found) => {
    const { output, failures } = await run(
      shell,
      page,
      found.map(({ text }) => text),
    );
    const { failures: expected = [], shows = [] } = SESSIONS[page] ?? {};
    expect(failures, output).toEqual(expected);
    for (const part of shows) expect(output).toContain(part);
  });
});

describe('blocks of code', () => {
  it('say what language they are in', () => {
    const unknown = blocks.filter(
      ({ language }) => !LANGUAGES.has(language) && !OTHER_LANGUAGES.has(language),
    );
    expect(unknown).toEqual([]);
  });

  it('in the README are the first ones of docs/getting-started.md, unless they are not run', () => {
    const ofReadme = shellBlocks.filter((block) => isRun(block) && block.page === 'README.md');
    const [first] = pages.get('docs/getting-started.md') ?? [];
    expect(ofReadme.map(({ text }) => text)).toEqual([first?.text]);
  });

  it('that are not run, and pages with a session, exist', () => {
    const names = new Set(shellBlocks.map((block) => nameOf(block)));
    expect(Object.keys(NOT_RUN).filter((name) => !names.has(name))).toEqual([]);
    expect(Object.keys(SESSIONS).filter((page) => !pages.has(page))).toEqual([]);
  });

  it('have no comments, which zsh takes for arguments', () => {
    const commented = shellBlocks.filter(({ text }) =>
      /(?:^|\s)#/.test(text.replaceAll(/<<'(\w+)'\n[^]*?^\1$/gm, '')),
    );
    expect(commented.map((block) => nameOf(block))).toEqual([]);
  });

  it('end with `flagops apply`, which would read the next line as the answer to its question', () => {
    const asking = /^flagops apply(?!.*--yes).*\n./m;
    expect(shellBlocks.filter(({ text }) => asking.test(text)).map((block) => nameOf(block))).toEqual([]);
  });

  it('name scripts of package.json, and commands and options that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const commands = new Map(
      completionTree(describedProgram()).commands.map(({ name, options }) => [
        name,
        new Set(options.map(({ long }) => long)),
      ]),
    );
    for (const { text } of shellBlocks) {
      for (const [, name = ''] of text.matchAll(/npm run ([\w:-]+)/g))
        expect(Object.keys(scripts)).toContain(name);
      for (const [line, name = ''] of text.matchAll(/(?:flagops|cli\.js) ([a-z]+)(?: [^\n|)]*)?/g)) {
        expect([...commands.keys()]).toContain(name);
        for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(commands.get(name)).toContain(option);
      }
    }
  });
});

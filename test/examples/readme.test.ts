import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../../examples/demo/simulator.js';
import { commitEdit, storefrontRepository } from '../../examples/demo/story.js';
import { parse } from 'yaml';
import { DEFAULT_CONFIG, DEFAULT_POLICY } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/parse.js';
import { parseDeclaration } from '../../src/declare/parse/parse.js';
import { SourceText } from '../../src/yaml/source.js';
import { CLI, startCli } from '../support/cli.js';

const ROOT = join(import.meta.dirname, '../..');
const FILE = join(ROOT, 'README.md');
const readme = readFileSync(FILE, 'utf8');
const page = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

/** The code blocks of a language. */
function blocks(opening: string, text = readme): string[] {
  return text
    .split(`\n\`\`\`${opening}\n`)
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf('```')));
}

/** Starts the simulator in a separate process. */
async function simulate(): Promise<string> {
  const { url, stop } = await startSimulator(CLI);
  onTestFinished(stop);
  return url;
}

describe('the README and the guides', () => {
  it('the README shows the output of flagops plan (UPDATE_README=1 updates it)', async () => {
    const repository = storefrontRepository(join(ROOT, 'examples'));
    onTestFinished(() => repository.remove());
    const env = { LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer', LAUNCHDARKLY_BASE_URL: await simulate() };
    const flagops = (...args: string[]) => startCli(args, { cwd: repository.path, env }).done;
    expect(await flagops('apply', '--yes')).toMatchObject({ code: 0 });
    commitEdit(repository);
    const { stdout } = await flagops('plan');
    const [shown = ''] = blocks('text flagops plan');
    if (process.env['UPDATE_README'] === '1') {
      const opening = '```text flagops plan\n';
      writeFileSync(
        FILE,
        readme.replace(`${opening}${shown}\`\`\``, () => `${opening}${stdout}\`\`\``),
      );
      return;
    }
    expect(withoutIds(shown)).toBe(withoutIds(stdout));
  });

  it('docs/github.md names the secrets and the environment of the workflow, and the outputs of the Action', () => {
    const section = page('github.md');
    const workflow = readFileSync(
      join(ROOT, 'examples/storefront/.github/workflows/flag-overrides.yml'),
      'utf8',
    );
    const secrets = [...workflow.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name);
    const environments = [...workflow.matchAll(/^ {4}environment: (.+)$/gm)].map(([, name]) => name);
    const { outputs } = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as { outputs: object };
    expect(secrets.length * environments.length).toBeGreaterThan(0);
    for (const name of [...secrets, ...environments, ...Object.keys(outputs)])
      expect(section).toContain(`\`${name}\``);
  });

  it.each([
    ['README.md', readme],
    ['docs/files.md', page('files.md')],
    ['docs/manage.md', page('manage.md')],
  ])('the declarations in %s are valid', (name, text) => {
    const declarations = blocks('yaml', text).filter((block) => block.includes('users:'));
    expect(declarations).toHaveLength(1);
    for (const declaration of declarations)
      expect(parseDeclaration(new SourceText(name, declaration)).diagnostics).toEqual([]);
  });

  it('the example in docs/simulator.md is a test that runs here', () => {
    const test = readFileSync(join(import.meta.dirname, 'in-your-own-tests.test.ts'), 'utf8');
    expect(blocks('ts', page('simulator.md'))).toEqual([test.replace("'../../src/index.js'", "'flagops'")]);
  });

  it('docs/files.md shows the defaults of the configuration', () => {
    const text = blocks('yaml', page('files.md')).find((block) => block.includes('version: 1')) ?? '';
    const { config, diagnostics } = parseConfig(new SourceText('files.md', text));
    expect(diagnostics).toEqual([]);
    expect(config).toMatchObject({
      ...DEFAULT_CONFIG,
      baseUrl: { value: 'https://app.launchdarkly.com' },
      scopes: [
        {
          policy: {
            ...DEFAULT_POLICY,
            files: ['overrides/production/**'],
            flags: { include: ['*'], exclude: ['ops-*'] },
            protect: { flags: ['kill-switch-*'], contexts: ['user:ceo@*'] },
          },
        },
      ],
    });
  });
});

/** Replaces commit ids, fingerprints, ages and hosts, which differ in every run. */
function withoutIds(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'FINGERPRINT')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'COMMIT')
    .replaceAll(/\b\d+ (?:s|min|h|days?) ago\b/g, 'AGE ago')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST');
}

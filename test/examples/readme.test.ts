import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../../examples/demo/simulator.js';
import { commitEdit, storefrontRepository } from '../../examples/demo/story.js';
import { parse } from 'yaml';
import { DEFAULT_CONFIG, DEFAULT_POLICY } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/parse.js';
import { parseDeclaration } from '../../src/declare/parse/parse.js';
import { SourceText } from '../../src/yaml/source.js';
import { CLI, isolated, startCli } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';

const ROOT = join(import.meta.dirname, '../..');
const FILE = join(ROOT, 'README.md');
const readme = readFileSync(FILE, 'utf8');

/** The code blocks of a language. */
function blocks(opening: string): string[] {
  return readme
    .split(`\n\`\`\`${opening}\n`)
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf('```')));
}

/** Starts the simulator in a separate process, since `execFileSync` blocks this one. */
async function simulate(): Promise<string> {
  const { url, stop } = await startSimulator(CLI);
  onTestFinished(stop);
  return url;
}

describe('the README', () => {
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

  it('the commands in the README lead to the first applied override', async () => {
    const url = await simulate();
    const [walk = ''] = blocks('sh walk');
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'flagops'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
    chmodSync(join(folder, 'flagops'), 0o755);
    const script = walk
      .replaceAll('http://127.0.0.1:4010', url)
      // There is no terminal to ask on.
      .replace('flagops apply', 'flagops apply --yes');
    const environment = isolated();
    const output = execFileSync('sh', ['-eu', '-c', script], {
      cwd: temporaryFolder(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...environment,
        PATH: [folder, environment['PATH']].join(delimiter),
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.com',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.com',
      },
    });
    expect(output).toContain('valid: 2 overrides in 1 file\n');
    expect(output).toContain('Applied 2 of 2 changes.\n');
    expect(output.trimEnd().endsWith('No difference: live matches the declarations.')).toBe(true);
  });

  it('the README names the secrets and the environment of the workflow, and the outputs of the Action', () => {
    const start = readme.indexOf('\n## On GitHub\n');
    const section = readme.slice(start, readme.indexOf('\n## ', start + 1));
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

  it('the declarations in the README are valid', () => {
    const declarations = blocks('yaml').filter((text) => text.includes('users:'));
    expect(declarations).toHaveLength(2);
    for (const text of declarations) {
      expect(parseDeclaration(new SourceText('README.md', text)).diagnostics).toEqual([]);
    }
  });

  it('the README shows the defaults of the configuration', () => {
    const text = blocks('yaml').find((block) => block.includes('version: 1')) ?? '';
    const { config, diagnostics } = parseConfig(new SourceText('README.md', text));
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
    .replaceAll(/\b\d+ (?:s|min|h|days?) old\b/g, 'AGE old')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST');
}

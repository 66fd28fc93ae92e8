import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CLI, isolated } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The instructions of a Dockerfile, each in one line, without comments. */
function instructionsOf(text: string): readonly (readonly [name: string, rest: string])[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      expect(name, line).not.toBe('');
      return [name, rest] as const;
    });
}

describe('the image', () => {
  const instructions = instructionsOf(read('Dockerfile'));
  const all = (wanted: string): string[] =>
    instructions.flatMap(([name, rest]) => (name === wanted ? rest : []));
  const { name, version } = JSON.parse(read('package.json')) as { name: string; version: string };

  it('the image contains the packed package and nothing else of this repository', () => {
    expect(all('ADD')).toEqual([`${name}-${version}.tgz /opt/`]);
    expect(all('COPY')).toEqual([]);
    const context = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(context).toEqual(['*', `!${name}-*.tgz`]);
  });

  it('the image starts from an exact Node, and installs only git and certificates', () => {
    expect(all('FROM')).toEqual([expect.stringMatching(/^node:24\.\d+\.\d+-slim@sha256:[0-9a-f]{64}$/)]);
    const [run = '', ...others] = all('RUN');
    expect(others).toEqual([]);
    const [, installed] = /apt-get install --yes --no-install-recommends (.+?) &&/.exec(run) ?? [];
    expect(installed).toBe('ca-certificates git');
    expect(run).toContain('rm -rf /var/lib/apt/lists/*');
    expect(run).not.toMatch(/\b(?:curl|wget|npm|chmod|sudo)\b/);
  });

  it('the image runs as an unprivileged user, and writes only to the volume of the Kubernetes manifests', () => {
    expect(all('USER')).toEqual(['1000:1000']);
    const after = instructions
      .slice(instructions.findIndex(([one]) => one === 'USER') + 1)
      .map(([one]) => one);
    expect(after).toEqual(['ENTRYPOINT', 'CMD']);
    for (const manifest of ['shards', 'record', 'repair']) {
      const text = read(`examples/scale/kubernetes/${manifest}.yaml`);
      const [, mount] = /mountPath: (\S+) \}/.exec(text) ?? [];
      expect(all('WORKDIR')).toEqual([mount]);
      expect(all('ENV')).toEqual([`HOME=${mount} TMPDIR=${mount}`]);
      expect(text).toContain(`image: images.example.com/${name}:${version} `);
      expect(text).toContain('runAsUser: 1000\n');
    }
  });

  it('flagops starts through the link that the image has', () => {
    const [, target] =
      /ln -s \/opt\/package\/(\S+) \/usr\/local\/bin\/flagops /.exec(all('RUN')[0] ?? '') ?? [];
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(target).toBe(bin['flagops']);
    expect(all('ENTRYPOINT')).toEqual(['["flagops"]']);
    const folder = temporaryFolder();
    symlinkSync(CLI, join(folder, 'flagops'));
    const env = isolated({ HOME: folder, TMPDIR: folder });
    expect(execFileSync(join(folder, 'flagops'), ['--version'], { cwd: folder, encoding: 'utf8', env })).toBe(
      `${version}\n`,
    );
  });

  it('CI lints the Dockerfile, builds the image from the packed package and runs it without privileges', () => {
    const { jobs } = parse(read('.github/workflows/ci.yml')) as {
      jobs: Record<string, { steps: readonly { uses?: string; run?: string; with?: object }[] }>;
    };
    const steps = jobs['image']?.steps ?? [];
    const lint = steps.find(({ uses }) => uses?.startsWith('hadolint/hadolint-action@'));
    expect(lint?.with).toEqual({ dockerfile: 'Dockerfile' });
    expect(steps.flatMap(({ run }) => run?.split(' ').slice(0, 2).join(' ') ?? [])).toEqual([
      'npm ci',
      'npm run',
      'npm pack',
      'docker build',
      'docker run',
    ]);
    expect(steps.at(-1)?.run).toContain('--read-only --network none --cap-drop ALL');
  });
});

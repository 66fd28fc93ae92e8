import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLI, type Run } from '../support/cli.js';
import { config, overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const ALICE = { alice: { theme: 'dark' } };
/** Enough changes for a report of more than 4 KiB. */
const MANY = Object.fromEntries(
  Array.from({ length: 60 }, (_, index) => [`user-${index}-${'x'.repeat(60)}`, { theme: 'dark' }]),
);

const hasFullDevice = existsSync('/dev/full');
if (!hasFullDevice) console.warn('skipped: there is no /dev/full here to stand for a full disk');
const mayMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
if (!mayMount) console.warn('skipped: unshare may not mount a small disk here');

/** Runs flagops in bash, with redirections. The lines that the script prints show flagops' exit code. */
async function shell(world: World, line: string, command = 'bash'): Promise<Run & { ended: number }> {
  const flagops = `"${process.execPath}" "${CLI}"`;
  const before = command === 'bash' ? [] : ['-rm', 'bash'];
  const script = line.replace('flagops', flagops);
  const run = await world.run([...before, '-c', script], { command });
  return { ...run, ended: Number(/^ended (\d+)$/m.exec(run.stdout + run.stderr)?.[1] ?? run.code) };
}

describe.skipIf(!hasFullDevice)('a full disk behind standard output', () => {
  it.concurrent(
    'a full disk behind standard output moves the report of an apply to standard error and keeps its exit code',
    async () => {
      const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
      const run = await shell(world, 'flagops apply --yes > /dev/full');
      expect(run.code).toBe(0);
      expect(run.stderr).toMatch(
        /\nerror: cannot write to standard output: ENOSPC \(its text follows here\)\n(?:.*\n)*Applied 1 of 1 change\./,
      );
      expect(world.writes).toHaveLength(1);
      expect(world.ref()).toBe(world.repo.head);
    },
  );

  it.concurrent('a full disk behind standard output moves every other result to standard error', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    for (const [command, code, result] of [
      ['plan --detailed-exitcode', 2, /\+ theme {2}user alice/],
      ['plan --format json', 0, /"fingerprint":/],
      ['drift', 0, /drift/],
      ['validate', 0, /^valid: 1 override in 1 file$/m],
      ['matrix', 0, /"shard":"1\/1"/],
      ['--help', 0, /^Usage: flagops/m],
      ['--version', 0, /^\d+\.\d+\.\d+$/m],
      ['plan --no-such-option', 1, /unknown option/],
    ] as const) {
      const run = await shell(world, `flagops ${command} > /dev/full`);
      expect([command, run.code]).toEqual([command, code]);
      expect(run.stderr).toMatch(result);
    }
  });

  it.concurrent('a full disk behind both streams does not change the exit code', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE), 'flagops.yaml': config({}) } });
    for (const [command, code] of [
      ['plan --detailed-exitcode > /dev/full 2> /dev/full', 2],
      ['plan --detailed-exitcode >&- 2>&-', 2],
      ['validate --config none.yaml > /dev/full 2>&-', 1],
      ['--version > /dev/full 2> /dev/full', 0],
    ] as const) {
      expect([command, (await shell(world, `flagops ${command}`)).code]).toEqual([command, code]);
    }
    expect((await shell(world, 'flagops apply --yes > /dev/full 2> /dev/full')).code).toBe(0);
    expect(world.writes).toHaveLength(1);
    const run = await shell(world, 'flagops apply --yes 2> /dev/full');
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to apply') as string });
  });
});

it.concurrent('a disk that fills up half-way moves the whole report to standard error', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(MANY) } });
  // The unit is KiB. The files that git writes are smaller.
  const run = await shell(world, 'ulimit -f 2; flagops apply --yes --format json > report.json');
  expect(run.code).toBe(0);
  expect(readFileSync(join(world.repo.path, 'report.json'))).toHaveLength(2048);
  expect(run.stderr).toContain('cannot write to standard output: EFBIG');
  const report = JSON.parse(run.stderr.slice(run.stderr.lastIndexOf('\n{') + 1)) as { outcomes: unknown[] };
  expect(report.outcomes).toHaveLength(60);
});

describe('a closed pipe', () => {
  it.concurrent(
    'a closed pipe moves the report of an apply to standard error, since it cannot be produced again',
    async () => {
      const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
      const run = await shell(world, '{ flagops apply --yes; echo "ended $?" >&2; } | true');
      expect(run.ended).toBe(0);
      expect(run.stderr).toContain('cannot write to standard output: EPIPE');
      expect(run.stderr).toContain('Applied 1 of 1 change.');
      expect(world.writes).toHaveLength(1);
      expect(world.ref()).toBe(world.repo.head);
    },
  );

  it.concurrent('a closed pipe is not an error for results that can be produced again', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(MANY) } });
    for (const [command, code] of [
      ['plan --detailed-exitcode', 2],
      ['validate', 0],
      ['--help', 0],
      ['--version', 0],
    ] as const) {
      const run = await shell(world, `{ flagops ${command}; echo "ended $?" >&2; } | true`);
      expect([command, run.ended]).toEqual([command, code]);
      expect(run.stderr.replace(/^no flagops\.yaml .*\n/, '')).toBe(`ended ${code}\n`);
    }
  });

  it.concurrent('a pipe that was never open does not change the exit code', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    const run = await shell(world, 'flagops apply --yes >&-');
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(world.writes).toHaveLength(1);
    expect((await shell(world, 'flagops validate 2>&-')).code).toBe(0);
  });
});

describe('--out that cannot be written when the work is done', () => {
  it.skipIf(!hasFullDevice).concurrent(
    'an apply that has written exits with 3 and shows its report if --out fails at the end',
    async () => {
      const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
      const run = await world.flagops('apply', '--yes', '--out', '/dev/full');
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toMatch(
        /\nApplied 1 of 1 change\.(?:.*\n)*error: cannot write \/dev\/full: ENOSPC \(name another file with --out; the result is above\)\n$/,
      );
      expect(world.writes).toHaveLength(1);
      expect(world.ref()).toBe(world.repo.head);

      // This run has nothing to write.
      const again = await world.flagops('apply', '--yes', '--out', '/dev/full');
      expect(again.code).toBe(1);
      expect(again.stderr).toContain('Nothing to apply');
    },
  );

  it.skipIf(!hasFullDevice).concurrent(
    'all other commands exit with 1 and show their result if --out fails at the end',
    async () => {
      const world = await startWorld({
        files: { [FILE]: overrides(ALICE), 'flagops.yaml': config({}, { limits: { changes: 0 } }) },
      });
      for (const [command, result] of [
        [['plan', '--detailed-exitcode'], /\+ theme {2}user alice/],
        [['apply', '--yes'], /refused/],
        [['validate'], /^valid: 1 override/m],
        [['matrix'], /"shard":"1\/1"/],
      ] as const) {
        const run = await world.flagops(...command, '--out', '/dev/full');
        expect(run).toMatchObject({ code: 1, stdout: '' });
        expect(run.stderr).toMatch(result);
        expect(run.stderr).toMatch(/\nerror: cannot write \/dev\/full: ENOSPC \(.*\)\n$/);
      }
      expect(world.writes).toEqual([]);
    },
  );

  it.skipIf(!mayMount).concurrent(
    'a failed --out keeps the old content of the file and leaves no temporary file',
    async () => {
      const world = await startWorld({ files: { [FILE]: overrides(MANY), 'disk/.keep': '' } });
      const lines = [
        'mount -t tmpfs -o size=16k none disk && cd disk',
        'echo before > report.json && head -c 8192 /dev/zero > filler',
        'flagops apply --yes --format json --out report.json; echo "ended $?"',
        'cat report.json; ls -A',
      ];
      const run = await shell(world, lines.join('\n'), 'unshare');
      expect(run.stdout).toBe('ended 3\nbefore\nfiller\nreport.json\n');
      expect(run.stderr).toMatch(/\nerror: cannot write report\.json: ENOSPC \(.*\)\n$/);
      expect(run.stderr).toContain('"outcomes":');
      expect(world.writes).toHaveLength(60);
    },
  );

  it.skipIf(!mayMount).concurrent('--out writes in place to a file that cannot be replaced', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    const lines = [
      'echo before and more than that > mounted; : > report.txt',
      'mount --bind mounted report.txt',
      'flagops validate --out report.txt; echo "ended $?"',
      'cat mounted',
    ];
    const run = await shell(world, lines.join('\n'), 'unshare');
    expect(run).toMatchObject({ stdout: 'ended 0\nvalid: 1 override in 1 file\n', stderr: '' });
  });
});

import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { behindProxy, hasOpenssl } from '../support/proxy.js';
import { Planted } from '../support/planted.js';
import { createRepository, type TestRepository } from '../support/repository.js';
import { overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const ALICE = { alice: { theme: 'dark' } };
const BOTH = { ...ALICE, bob: { theme: 'dark' } };
const REF = 'refs/flagops/applied/app.launchdarkly.com/default/storefront/production';

const HOOKS = [
  'pre-push',
  'reference-transaction',
  'post-index-change',
  'fsmonitor-watchman',
  'pre-auto-gc',
  'pre-commit',
  'prepare-commit-msg',
  'commit-msg',
  'post-commit',
];

/** A file that is not a declaration. git runs its filter to find out whether it changed. */
const NOTES = 'overrides/notes.txt';

/** Everything in `.git` that makes git run a program, with a remote in a local folder. */
function plantEverything(repo: TestRepository): Planted {
  const planted = new Planted(repo);
  planted.hooks('hooks', HOOKS);
  planted.hooks('other-hooks', HOOKS);
  repo.git('config', 'core.hooksPath', join(repo.path, '.git/other-hooks'));
  for (const name of [
    'core.fsmonitor',
    'core.sshCommand',
    'core.gitProxy',
    'core.askPass',
    'core.alternateRefsCommand',
    'core.pager',
    'core.editor',
    'sequence.editor',
    'pager.log',
    'diff.external',
    'diff.planted.command',
    'diff.planted.textconv',
    'merge.planted.driver',
    'gpg.program',
    'gpg.ssh.program',
    'interactive.diffFilter',
    'trailer.planted.command',
    'trailer.planted.cmd',
    'uploadpack.packObjectsHook',
    'gc.recentObjectsHook',
    'remote.origin.uploadpack',
    'remote.origin.receivepack',
    'tar.planted.command',
    'hook.planted.command',
    'core.virtualFilesystem',
  ])
    planted.config(name);
  for (const name of ['filter.planted.clean', 'filter.planted.smudge'])
    planted.config(name, { after: 'exec cat' });
  planted.config('filter.planted.process');
  for (const prefix of ['', '!']) planted.config('credential.helper', { prefix });
  for (const name of ['log', 'status', 'fetch', 'push', 'config', 'rev-parse'])
    planted.config(`alias.${name}`, { prefix: '!' });
  planted.config('submodule.planted.update', { prefix: '!' });
  for (const event of HOOKS) repo.git('config', '--add', 'hook.planted.event', event);
  const settings = {
    'log.showSignature': 'true',
    'diff.trustExitCode': 'true',
    'filter.planted.required': 'true',
    'protocol.ext.allow': 'always',
    'protocol.allow': 'always',
    'submodule.recurse': 'true',
    'fetch.recurseSubmodules': 'true',
    'push.recurseSubmodules': 'on-demand',
    'maintenance.auto': 'true',
    'gc.auto': '1',
    'gc.autoDetach': 'false',
    'push.gpgSign': 'if-asked',
    'commit.gpgSign': 'true',
  };
  for (const [name, value] of Object.entries(settings)) repo.git('config', name, value);
  // Settings in an included file count as the repository's, too.
  planted.append(
    'included',
    `[core]\n\tfsmonitor = ${planted.program('included.fsmonitor')}\n[credential "https://github.com"]\n\thelper = ${planted.program('included.helper')}\n`,
  );
  repo.git('config', 'include.path', 'included');
  planted.append('info/attributes', '* diff=planted merge=planted\n*.txt filter=planted\n');
  // Alternates, for the command that lists their refs.
  const alternate = createRepository();
  alternate.commit('borrowed', { a: 'x' });
  planted.append('objects/info/alternates', `${join(alternate.path, '.git/objects')}\n`);
  return planted;
}

/** A world whose LaunchDarkly is not on a loopback host, so that refs are pushed; and its environment. */
async function hosted(files = { [FILE]: overrides(ALICE), [NOTES]: 'notes\n' }): Promise<{
  world: World;
  env: Record<string, string | undefined>;
}> {
  const world = await startWorld({ files, simulator: { hosts: ['app.launchdarkly.com'] } });
  const env = await behindProxy({ 'app.launchdarkly.com': world.url });
  return { world, env: { ...env, LAUNCHDARKLY_BASE_URL: undefined } };
}

/** Signs the last commit, so that git would run `gpg.program` to check it. */
function sign(repo: TestRepository): void {
  const [fields = '', ...message] = repo.git('cat-file', 'commit', 'HEAD').split('\n\n');
  const signature = '-----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----';
  const file = 'signed-commit';
  repo.write({ [`.git/${file}`]: `${fields}\ngpgsig ${signature}\n\n${message.join('\n\n')}\n` });
  const id = repo.git('hash-object', '-t', 'commit', '-w', `.git/${file}`);
  repo.git('update-ref', 'HEAD', id);
}

describe.skipIf(!hasOpenssl)("programs that a repository's own .git names", () => {
  it("no command runs a program that the repository's own .git names", async () => {
    const { world, env } = await hosted();
    const { repo } = world;
    sign(repo);
    const remote = repo.addRemote();
    // git reads the refs of alternates only if there is something to fetch.
    const other = remote.clone();
    other.commit('Elsewhere');
    other.git('push', '--quiet', 'origin', 'HEAD:refs/flagops/applied/x/y/z/production');
    const planted = plantEverything(repo);
    // git has to read this file again to find out whether it changed.
    utimesSync(join(repo.path, NOTES), new Date(1), new Date(1));
    repo.write({ [FILE]: overrides(BOTH) });
    expect(planted.ran).toEqual([]);

    for (const args of [['validate'], ['plan'], ['drift'], ['matrix'], ['plan', '--local-refs']]) {
      const run = await world.start(args, { env }).done;
      expect(run.code, `${args.join(' ')}: ${run.stderr}`).toBeLessThan(3);
      expect(run.code, `${args.join(' ')}: ${run.stderr}`).not.toBe(1);
    }
    repo.write({ [FILE]: overrides(ALICE) });
    const applied = await world.start(['apply', '--yes'], { env }).done;
    expect(applied.stderr).not.toContain('could not be');
    expect(applied.code, applied.stderr).toBe(0);
    expect(remote.git('rev-parse', REF)).toBe(repo.head);
    expect((await world.start(['init'], { env }).done).code).toBe(0);
    const set = await world.start(['set', 'bob', 'theme', 'dark', '--commit'], { env }).done;
    expect(set.code, set.stderr).toBe(0);
    expect(set.stdout).toContain('\ncommitted ');
    expect(planted.ran).toEqual([]);
  });
});

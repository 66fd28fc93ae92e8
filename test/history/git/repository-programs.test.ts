import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, test } from 'vitest';
import { fetchRefs } from '../../../src/history/refs/fetch-refs.js';
import { openHistory } from '../../../src/history/history.js';
import { withoutRepositoryPrograms } from '../../../src/history/git/repository-programs.js';
import { openRepository } from '../../../src/history/git/repository.js';
import { startGitServer } from '../../support/git-server.js';
import { REPOSITORY } from '../../support/github.js';
import { opened } from '../../support/history.js';
import { PRODUCTION, recordHead } from '../../support/refs.js';
import { Planted } from '../../support/planted.js';
import { createRepository, temporaryFolder, TestRepository } from '../../support/repository.js';
import { ToyFormat } from '../../support/toy-format.js';

const AMBIENT = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in AMBIENT)) delete process.env[name];
  Object.assign(process.env, AMBIENT);
});

/** Creates the user's git configuration. */
function userConfig(text: string): void {
  const file = join(temporaryFolder(), 'gitconfig');
  writeFileSync(file, text);
  process.env['GIT_CONFIG_GLOBAL'] = file;
}

/** A repository with one commit whose settings name programs for git to run. */
function started(...settings: readonly string[]): { repository: TestRepository; planted: Planted } {
  const repository = createRepository();
  repository.commit('start', { 'overrides/a.txt': 'x' });
  const planted = new Planted(repository);
  for (const name of settings) planted.config(name);
  return { repository, planted };
}

async function fetchFailure(repository: TestRepository): Promise<string> {
  const failure = await fetchRefs(await opened(repository));
  return `${failure?.message} (${failure?.hint})`;
}

describe("programs in the repository's own configuration", () => {
  it.each([
    ['ssh://127.0.0.1:1/x.git', 'core.sshCommand'],
    ['git://127.0.0.1:1/x.git', 'core.gitProxy'],
  ])('a program in the repository configuration is not run to reach %s: %s', async (url, setting) => {
    const { repository, planted } = started(setting);
    repository.git('remote', 'add', 'origin', url);
    const failure = await fetchFailure(repository);
    expect(planted.ran).toEqual([]);
    expect(failure).toContain('the last-applied refs could not be fetched (remote origin): ');
    expect(failure).toContain(
      `flagops ignores ${setting.toLowerCase()} in the repository's own configuration`,
    );
  });

  it("a program in the repository configuration does not replace the user's ssh command", async () => {
    const { repository, planted } = started('core.sshCommand');
    repository.git('remote', 'add', 'origin', 'ssh://nowhere.example/x.git');
    const marker = join(temporaryFolder(), "the user's ssh");
    writeFileSync(`${marker}.sh`, `#!/bin/sh\n: > "${marker}"\nexit 1\n`, { mode: 0o755 });
    process.env['GIT_SSH'] = `${marker}.sh`;
    await fetchFailure(repository);
    expect(planted.ran).toEqual([]);
    expect(readFileSync(marker, 'utf8')).toBe('');
    rmSync(marker);
    delete process.env['GIT_SSH'];
    userConfig(`[core]\n\tsshCommand = "'${marker.replaceAll("'", `'\\\\''`)}.sh'"\n`);
    await fetchFailure(repository);
    expect(planted.ran).toEqual([]);
    expect(readFileSync(marker, 'utf8')).toBe('');
  });

  it.each([
    ['a remote', ['remote.origin.url', 'ext::PROGRAM']],
    [
      'a rewritten address',
      ['remote.origin.url', 'https://x.example/'],
      ['url.ext::PROGRAM.insteadOf', 'https://x.example/'],
    ],
    ['a foreign remote', ['remote.origin.url', 'PROGRAM'], ['remote.origin.vcs', 'ext']],
  ])('a program in the repository configuration is not run through ext:: in %s', async (_, ...settings) => {
    const { repository, planted } = started();
    const program = planted.program('ext');
    repository.git('config', 'protocol.ext.allow', 'always');
    for (const [name, value] of settings) {
      repository.git(
        'config',
        name?.replace('PROGRAM', program) ?? '',
        value?.replace('PROGRAM', program) ?? '',
      );
    }
    expect(await fetchFailure(repository)).toContain("transport 'ext' not allowed");
    expect(planted.ran).toEqual([]);
  });

  it('programs in the repository configuration are not run for a remote in a local folder, and refs are still fetched and pushed', async () => {
    const { repository, planted } = started('remote.origin.uploadpack', 'remote.origin.receivepack');
    // Not with `addRemote`, which would run them.
    const remote = new TestRepository(temporaryFolder());
    remote.git('init', '--quiet', '--bare');
    repository.git('config', 'remote.origin.url', pathToFileURL(remote.path).href);
    const repo = await opened(repository);
    expect(await fetchRefs(repo)).toBeUndefined();
    expect(await recordHead(repository)).toEqual({ moved: [PRODUCTION], failures: [] });
    expect(planted.ran).toEqual([]);
  });

  it('programs of another repository are not run if core.worktree points into it', async () => {
    const { repository } = started();
    const other = started();
    const { path } = other.repository.addRemote();
    other.planted.config('remote.origin.uploadpack');
    repository.git('remote', 'add', 'origin', path);
    repository.git('config', 'core.worktree', other.repository.path);
    await expect(fetchFailure(repository)).rejects.toMatchObject({
      code: 'git-refused',
      message: `git uses ${other.repository.path} as the working tree of the repository in ${repository.path}`,
    });
    expect(other.planted.ran).toEqual([]);
  });

  it('a program in the repository configuration is not run to list the refs of alternates', async () => {
    const { repository, planted } = started('core.alternateRefsCommand');
    const remote = repository.addRemote();
    const other = remote.clone();
    other.commit('elsewhere', { a: 'x' });
    other.git('push', '--quiet', 'origin', 'HEAD:refs/flagops/applied/x/y/shop/production');
    const alternate = createRepository();
    alternate.commit('borrowed', { a: 'z' });
    planted.append('objects/info/alternates', `${join(alternate.path, '.git/objects')}\n`);
    expect(await fetchRefs(await opened(repository))).toBeUndefined();
    expect(repository.git('rev-parse', 'refs/flagops/applied/x/y/shop/production')).toBe(other.head);
    expect(planted.ran).toEqual([]);
  });

  it('programs in the repository configuration are not asked for credentials', async () => {
    const server = await startGitServer('token');
    const { repository, planted } = started(
      'core.askPass',
      'credential.helper',
      'credential.http://127.0.0.1.helper',
    );
    repository.git('remote', 'add', 'origin', `${server.url}/${REPOSITORY}`);
    const failure = await fetchFailure(repository);
    expect(planted.ran).toEqual([]);
    expect(failure).toMatch(/could not read Username.*terminal prompts disabled/);
    expect(failure).toContain(
      "flagops ignores core.askpass, credential.helper, credential.http://127.0.0.1.helper in the repository's own configuration",
    );
  });

  it("credentials come from the user's helpers, not from programs in the repository configuration", async () => {
    const server = await startGitServer('token');
    const { repository, planted } = started('core.askPass', 'credential.helper');
    repository.git('remote', 'add', 'origin', `${server.url}/${REPOSITORY}`);
    const helper = '!f() { echo username=x-access-token; echo password=token; }; f';
    userConfig(`[credential "${server.url}"]\n\thelper =\n\thelper = "${helper}"\n`);
    const repo = await opened(repository);
    expect(await fetchRefs(repo)).toBeUndefined();
    expect(await recordHead(repository)).toEqual({ moved: [PRODUCTION], failures: [] });
    expect(Object.values(server.applied)).toEqual([repository.head]);
    expect(planted.ran).toEqual([]);
  });
});

describe('a partial clone', () => {
  /** A clone that lacks the blob of the first commit. */
  function partial(): { clone: TestRepository; first: string } {
    const repository = createRepository();
    const first = repository.commit('first', { 'overrides/a.txt': 'shop/production beta user alice true\n' });
    repository.commit('second', { 'overrides/a.txt': 'shop/production beta user alice false\n' });
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const folder = temporaryFolder();
    repository.git('clone', '--quiet', '--filter=blob:none', `file://${repository.path}`, folder);
    return { clone: new TestRepository(folder), first };
  }

  it('a partial clone fetches missing objects', async () => {
    const { clone, first } = partial();
    const { declared } = await openHistory(await opened(clone), new ToyFormat()).declaredAt(first);
    expect([...(declared.get('shop/production')?.values() ?? [])]).toEqual([{ type: 'value', value: true }]);
  });

  it('a partial clone is refused if its own configuration names a program for fetching missing objects', async () => {
    const { clone } = partial();
    const planted = new Planted(clone);
    planted.config('remote.origin.uploadpack');
    await expect(openRepository(clone.path)).rejects.toMatchObject({
      code: 'git-program',
      message:
        "the repository's own configuration sets remote.origin.uploadpack, a program that git would run",
      hint: expect.stringContaining('git config --unset-all remote.origin.uploadpack'),
    });
    expect(planted.ran).toEqual([]);
  });
});

describe('withoutRepositoryPrograms', () => {
  const entry = (scope: string, name: string, value: string) => ({ scope, name, value });

  test('withoutRepositoryPrograms disables all hooks in the configuration, including those of the user', () => {
    const { settings } = withoutRepositoryPrograms(
      [
        entry('local', 'hook.a.b.command', 'x'),
        entry('local', 'hook.a.b.event', 'pre-push'),
        entry('global', 'hook.c.event', 'reference-transaction'),
      ],
      {},
    );
    expect(settings).toEqual([
      ['hook.a.b.enabled', 'false'],
      ['hook.c.enabled', 'false'],
    ]);
  });

  test("withoutRepositoryPrograms replaces an OpenSSL engine that the repository's own configuration chooses", () => {
    const { settings } = withoutRepositoryPrograms(
      [
        entry('global', 'http.https://a.example.sslkeytype', 'ENG'),
        entry('local', 'http.https://a.example.sslkeytype', 'P12'),
        entry('worktree', 'http.sslcerttype', 'ENG'),
      ],
      {},
    );
    expect(settings).toEqual([
      ['http.https://a.example.sslkeytype', 'ENG'],
      ['http.sslcerttype', 'PEM'],
    ]);
  });

  test("withoutRepositoryPrograms leaves the user's settings alone if the repository sets none", () => {
    const entries = [
      entry('system', 'credential.helper', 'manager'),
      entry('global', 'core.askpass', 'ask'),
      entry('command', 'core.gitproxy', 'proxy'),
      entry('local', 'http.https://github.com/.extraheader', 'AUTHORIZATION: basic eA=='),
    ];
    expect(withoutRepositoryPrograms(entries, { GIT_SSH: 'plink' })).toEqual({
      settings: [],
      environment: {},
    });
    expect(withoutRepositoryPrograms(entries, {})).toEqual({
      settings: [],
      environment: { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' },
    });
  });

  test("withoutRepositoryPrograms restores the user's credential helpers in their order, and the user's askPass", () => {
    const entries = [
      entry('system', 'credential.helper', 'system'),
      entry('global', 'credential.helper', ''),
      entry('global', 'credential.https://a.example.helper', '!global'),
      entry('local', 'credential.helper', '!evil'),
      entry('local', 'core.askpass', 'evil'),
      entry('command', 'credential.helper', 'command'),
    ];
    const helpers = [
      ['credential.helper', ''],
      ['credential.helper', 'system'],
      ['credential.helper', ''],
      ['credential.https://a.example.helper', '!global'],
      ['credential.helper', 'command'],
    ];
    expect(withoutRepositoryPrograms(entries, { SSH_ASKPASS: 'ask' }).settings).toEqual([
      ...helpers,
      ['core.askPass', 'ask'],
    ]);
    const withOwn = [entry('global', 'core.askpass', 'own'), ...entries];
    expect(withoutRepositoryPrograms(withOwn, { SSH_ASKPASS: 'ask' }).settings).toEqual([
      ...helpers,
      ['core.askPass', 'own'],
    ]);
  });
});

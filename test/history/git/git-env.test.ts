import { afterEach, expect, test } from 'vitest';
import { gitEnvironment } from '../../../src/history/git/git-env.js';
import { gitIn } from '../../../src/history/git/git.js';
import { createRepository } from '../../support/repository.js';

const AMBIENT = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in AMBIENT)) delete process.env[name];
  Object.assign(process.env, AMBIENT);
});

/** As GitHub's runner passes them to an Action, and as a user's shell may spell them. */
const SECRETS = {
  LAUNCHDARKLY_ACCESS_TOKEN: 'secret-1',
  launchdarkly_access_token: 'secret-2',
  'INPUT_ACCESS-TOKEN': 'secret-3',
  'INPUT_GITHUB-TOKEN': 'secret-4',
  'INPUT_REDACT-SALT': 'secret-5',
  'Input_Access-Token': 'secret-6',
  ACTIONS_RUNTIME_TOKEN: 'secret-7',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret-8',
};

/** Makes git print the environment of a program that it starts. */
const SHOW = ['-c', 'alias.show-environment=!env', 'show-environment'];

test('programs that git starts see neither tokens of the run nor inputs of the Action', async () => {
  const { path } = createRepository();
  Object.assign(process.env, SECRETS, { FLAGOPS_TEST_SEEN: 'seen' });
  const git = gitIn(path);
  const ran = (await git.run(SHOW)).toString();
  const child = git.start(SHOW);
  child.stdin.end();
  let started = '';
  for await (const chunk of child.stdout) started += String(chunk);

  for (const shown of [ran, started]) {
    expect(shown).toContain('FLAGOPS_TEST_SEEN=seen');
    expect(shown).not.toContain('secret-');
    expect(shown).not.toMatch(/^input_/im);
  }
});

test('variables for reaching remotes are passed through, and those that a hook sets are not', () => {
  const passedThrough = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.https://github.com/.extraheader',
    GIT_CONFIG_VALUE_0: 'AUTHORIZATION: basic eA==',
    GIT_SSH_COMMAND: 'ssh -i key',
    GIT_ASKPASS: '/bin/askpass',
    SSH_AUTH_SOCK: '/tmp/agent',
    HTTPS_PROXY: 'http://proxy:3128',
  };
  const dropped = { GIT_DIR: '/elsewhere', GIT_INDEX_FILE: '/elsewhere/index', GIT_TRACE: '1', EDITOR: 'vi' };
  const environment = gitEnvironment({ ...passedThrough, ...dropped, ...SECRETS });
  expect(environment).toMatchObject({ ...passedThrough, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' });
  for (const name of [...Object.keys(dropped), ...Object.keys(SECRETS)])
    expect(environment).not.toHaveProperty(name);
});

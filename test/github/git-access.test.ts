import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { grantGit } from '../../src/github/git-access.js';
import { gitIn } from '../../src/history/git/git.js';
import { createRepository } from '../support/repository.js';

it('git sends one token, even if the checkout left another one, and nothing is written to disk', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const repo = createRepository();
  repo.git('config', `http.${url}/.extraheader`, 'AUTHORIZATION: basic bGVmdDpiZWhpbmQ=');
  const before = readFileSync(`${repo.path}/.git/config`, 'utf8');
  const env: NodeJS.ProcessEnv = {};
  const credential = grantGit(env, url, 'ghs_secret');

  await gitIn(repo.path)
    .run(['ls-remote', `${url}/acme/flags`], { environment: env as Record<string, string> })
    .catch(() => undefined);

  expect(seen[0]).toBe(`basic ${credential}`);
  expect(Buffer.from(credential, 'base64').toString()).toBe('x-access-token:ghs_secret');
  expect(readFileSync(`${repo.path}/.git/config`, 'utf8')).toBe(before);
  expect(execFileSync('git', ['config', '--list'], { cwd: repo.path, encoding: 'utf8' })).not.toContain(
    credential,
  );
});

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitEnvironment } from '../../examples/demo/repository.js';
import { startSimulator } from '../../examples/demo/simulator.js';
import { commitEdit, storefrontRepository } from '../../examples/demo/story.js';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const TOKEN = 'api-writer';
const REPOSITORY = 'acme/flags';

/**
 * Makes the comment that the Action writes on a pull request with the edit of the storefront example.
 * @param cli path of the built `cli.js`
 * @param action arguments with which Node runs the Action
 * @returns Markdown
 * @throws if a command fails, or if the Action writes no comment
 */
export async function exampleComment(cli: string, action: readonly string[]): Promise<string> {
  const repository = storefrontRepository(EXAMPLES);
  const temporary = mkdtempSync(join(tmpdir(), 'flagops-picture-'));
  const simulator = await startSimulator(cli);
  const github = await startGitHub();
  try {
    const launchDarkly = { LAUNCHDARKLY_ACCESS_TOKEN: TOKEN, LAUNCHDARKLY_BASE_URL: simulator.url };
    await run([cli, 'apply', '--yes'], repository.path, launchDarkly);
    commitEdit(repository);
    const event = join(temporary, 'event.json');
    writeFileSync(event, JSON.stringify(EVENT));
    await run(action, repository.path, {
      ...launchDarkly,
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: event,
      GITHUB_REF: 'refs/pull/21/merge',
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_API_URL: github.url,
      GITHUB_RUN_ID: '42',
      GITHUB_WORKSPACE: repository.path,
      RUNNER_TEMP: temporary,
      'INPUT_GITHUB-TOKEN': 'a token that nothing checks',
    });
    const [comment] = github.comments;
    if (comment === undefined) throw new Error('the Action wrote no comment');
    return comment;
  } finally {
    github.server.close();
    await simulator.stop();
    repository.remove();
    rmSync(temporary, { recursive: true });
  }
}

const EVENT = {
  repository: { full_name: REPOSITORY, default_branch: 'main' },
  pull_request: { number: 21, head: { repo: { full_name: REPOSITORY } }, base: { ref: 'main' } },
};

/** A GitHub without comments that keeps those it is given. */
async function startGitHub(): Promise<{ url: string; comments: string[]; server: Server }> {
  const comments: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      if (request.method === 'POST') comments.push((JSON.parse(text) as { body: string }).body);
      response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' });
      response.end(request.method === 'POST' ? '{}' : '[]');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, comments, server };
}

/** Runs Node. Throws with its output if it fails. */
async function run(args: readonly string[], cwd: string, env: Record<string, string>): Promise<void> {
  const child = spawn(process.execPath, args, { cwd, env: { ...gitEnvironment, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}:\n${output}`);
}

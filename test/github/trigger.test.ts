import { expect, it } from 'vitest';
import { commandFor, decide } from '../../src/github/decide.js';
import { readRunner } from '../../src/github/runner.js';
import { readTrigger, type Trigger } from '../../src/github/trigger.js';

function triggerOf(event: string, payload: object, ref = 'refs/heads/main'): Trigger {
  const runner = readRunner({
    GITHUB_EVENT_NAME: event,
    GITHUB_REPOSITORY: 'Acme/Flags',
    GITHUB_WORKSPACE: '/w',
  });
  return readTrigger({ ...runner, ref, payload: payload as Record<string, unknown> });
}

const from = (repo: unknown): object => ({ pull_request: { number: 7, head: { repo } } });

it.each([
  ['the repository itself, in any spelling', from({ full_name: 'acme/flags' }), false],
  ['another repository', from({ full_name: 'mallory/flags' }), true],
  ['a deleted repository', from(null), true],
  ['an unnamed repository', { pull_request: { number: 7 } }, true],
])('a pull request from %s is recognized as from a fork or not', (_, payload, fork) => {
  expect(triggerOf('pull_request', payload).pullRequest).toEqual({ number: 7, fork });
});

it('the payload of other events has no pull request', () => {
  for (const payload of [{}, { pull_request: {} }, { pull_request: { number: '7' } }, { pull_request: null }])
    expect(triggerOf('push', payload).pullRequest).toBeUndefined();
});

it.each([
  ['push', 'refs/heads/main', 'apply'],
  ['push', 'refs/heads/other', 'plan'],
  ['push', 'refs/tags/main', 'plan'],
  ['pull_request', 'refs/pull/7/merge', 'plan'],
  ['pull_request_target', 'refs/heads/main', 'plan'],
  ['merge_group', 'refs/heads/gh-readonly-queue/main/pr-7', 'plan'],
  ['schedule', 'refs/heads/main', 'drift'],
  ['workflow_dispatch', 'refs/heads/main', 'plan'],
  ['repository_dispatch', 'refs/heads/main', 'plan'],
  ['issue_comment', 'refs/heads/main', 'plan'],
  ['release', 'refs/tags/v1', 'plan'],
])('the command for %s on %s is %s', (event, ref, command) => {
  expect(commandFor(triggerOf(event, {}, ref), 'main')).toBe(command);
});

it('a push is not applied if the default branch is unknown', () => {
  expect(commandFor(triggerOf('push', {}), undefined)).toBe('plan');
  expect(() => decide({ command: 'apply', writes: true }, triggerOf('push', {}), undefined, true)).toThrow(
    'which GitHub did not name',
  );
});

it('a pull request from a fork is planned if there is a token', () => {
  const fork = triggerOf('pull_request', from({ full_name: 'mallory/flags' }));
  expect(decide({ command: 'plan', writes: false }, fork, 'main', true)).toEqual({ command: 'plan' });
  expect(decide({ command: 'plan', writes: false }, fork, 'main', false)).toMatchObject({
    command: 'validate',
  });
});

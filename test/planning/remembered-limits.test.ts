import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openLimits } from '../../src/planning/remembered-limits.js';
import { temporaryFolder } from '../support/repository.js';

const HOST = 'app.launchdarkly.com';

describe('remembered limits', () => {
  let root: string;
  let file: string;
  beforeEach(() => {
    root = temporaryFolder();
    mkdirSync(join(root, '.git'));
    file = join(root, '.git/flagops/limits.json');
  });

  test('only limits of writes are remembered, for each host', () => {
    openLimits(root, HOST).note({ users: 20, all: 90 });
    openLimits(root, HOST).note({ patches: 7 });
    openLimits(root, 'other.example').note({ users: 3 });
    expect(openLimits(root, HOST).seen()).toEqual({ users: 20, patches: 7 });
    expect(openLimits(root, 'other.example').seen()).toEqual({ users: 3 });
    expect(openLimits(root, 'third.example').seen()).toEqual({});
  });

  test('limits seen in this run replace remembered ones', () => {
    openLimits(root, HOST).note({ users: 20, contexts: 9 });
    const limits = openLimits(root, HOST);
    limits.note({ users: 5, all: 50 });
    expect(limits.seen()).toEqual({ users: 5, contexts: 9, all: 50 });
    expect(openLimits(root, HOST).seen()).toEqual({ users: 5, contexts: 9 });
  });

  test('limits and the state of the user route are remembered side by side', () => {
    const one = openLimits(root, HOST);
    const other = openLimits(root, HOST);
    one.note({ contexts: 20 });
    other.userRoute.remember(1_767_312_000_000.75);
    expect(one.userRoute.goneAt()).toBe(1_767_312_000_000);
    one.note({ contexts: 20, patches: 7 });
    const next = openLimits(root, HOST);
    expect(next.userRoute.goneAt()).toBe(1_767_312_000_000);
    expect(next.seen()).toEqual({ contexts: 20, patches: 7 });
    expect(openLimits(root, 'other.example').userRoute.goneAt()).toBeUndefined();
  });

  test('nothing is remembered if only limits of reads were seen', () => {
    openLimits(root, HOST).note({ all: 50 });
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });

  test.each([
    ['invalid JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['null hosts', '{"hosts":null}'],
    ['a host without limits', `{"hosts":{"${HOST}":null}}`],
    ['impossible limits', `{"hosts":{"${HOST}":{"users":0,"contexts":"7","patches":1e300}}}`],
    ['an invalid time', `{"hosts":{"${HOST}":{"userRouteGoneAt":"now"}}}`],
    ['half a request', `{"hosts":{"${HOST}":{"users":1.5,"__proto__":{"contexts":4}}}}`],
  ])('a file with %s is ignored and overwritten', (_, text) => {
    openLimits(root, HOST).note({ users: 1 });
    writeFileSync(file, text);
    const limits = openLimits(root, HOST);
    expect(limits.seen()).toEqual({});
    expect(limits.userRoute.goneAt()).toBeUndefined();
    limits.note({ users: 8 });
    expect(openLimits(root, HOST).seen()).toEqual({ users: 8 });
  });

  test('only the hosts that were seen last are remembered', () => {
    for (let port = 1; port <= 30; port += 1) openLimits(root, `127.0.0.1:${port}`).note({ users: port });
    expect(openLimits(root, '127.0.0.1:10').seen()).toEqual({});
    expect(openLimits(root, '127.0.0.1:11').seen()).toEqual({ users: 11 });
    expect(openLimits(root, '127.0.0.1:30').seen()).toEqual({ users: 30 });
  });

  test('nothing is remembered outside git or if the folder is not writable', () => {
    writeFileSync(join(root, '.git/flagops'), 'a file where the folder would be');
    for (const folder of [root, temporaryFolder()]) {
      const limits = openLimits(folder, HOST);
      limits.note({ users: 8 });
      limits.userRoute.remember(1);
      expect(limits.seen()).toEqual({ users: 8 });
      expect(limits.userRoute.goneAt()).toBe(1);
      expect(openLimits(folder, HOST).seen()).toEqual({});
    }
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approvalDescription,
  approvalGroups,
  approvalMarker,
  coveringRequests,
  type OpenApprovalRequest,
  plannedApprovals,
} from '../../src/reconcile/approvals.js';
import type { Change, OverrideValue } from '../../src/reconcile/plan.js';

const PLACE = { project: 'shop', environment: 'production', flag: 'theme' };
const X = 'a'.repeat(40);
const Y = 'b'.repeat(40);

const value = (variation: number): OverrideValue => ({ variation, value: variation, id: `id-${variation}` });

function change(
  key: string,
  after: number | null,
  more: Partial<Change> & { readonly commit?: string } = {},
): Change {
  const { commit = X, ...rest } = more;
  return {
    ...PLACE,
    kind: 'user',
    key,
    action: after === null ? 'remove' : 'add',
    before: null,
    after: after === null ? null : value(after),
    at: undefined,
    provenance: { type: 'commit', commit: { id: commit, subject: 'Start', author: 'Ada', date: 0 } },
    mark: 'pending',
    liveMoved: false,
    warnings: [],
    withheld: undefined,
    ...rest,
  };
}

/** The requests that flagops creates for changes. */
function requestsFor(
  changes: readonly Change[],
  more: Partial<OpenApprovalRequest> = {},
): OpenApprovalRequest[] {
  return approvalGroups(changes, 1000).map((group, index) => ({
    id: `request-${index}`,
    url: `https://example.com/${index}`,
    description: approvalDescription(group, 'default', 'Start'),
    status: 'pending',
    instructions: JSON.parse(JSON.stringify(group.instructions)),
    ...more,
  }));
}

const wanted = (changes: readonly Change[], more: object = {}): Parameters<typeof coveringRequests>[0] => ({
  changes,
  all: changes,
  isPartial: false,
  name: 'default',
  ...more,
});

const covered = (changes: readonly Change[], requests: readonly OpenApprovalRequest[]): string[] =>
  [...coveringRequests(wanted(changes), requests).keys()].map(({ key }) => key);

describe('the groups of changes', () => {
  it('have one commit each, whatever the reason', () => {
    const groups = approvalGroups(
      [change('alice', 1), change('bob', 1, { commit: Y }), change('carol', 2, { reason: 'Demo' })],
      1000,
    );
    expect(groups.map(({ changes }) => changes.map(({ key }) => key))).toEqual([['alice', 'carol'], ['bob']]);
  });

  it('remove before they add, and hold at most as many values as a patch', () => {
    const [first, second] = approvalGroups(
      [change('alice', 1, { before: value(0) }), change('bob', null, { before: value(0) })],
      2,
    );
    expect(first?.instructions.map(({ kind, values }) => `${kind} ${values.join()}`)).toEqual([
      'removeTargets alice',
      'addTargets alice',
    ]);
    expect(second?.instructions.map(({ kind }) => kind)).toEqual(['removeTargets']);
  });
});

describe('the description', () => {
  const describeAlice = (name: string, comment: string): string => {
    const [group] = approvalGroups([change('alice', 1)], 1000);
    if (group === undefined) throw new Error('no group');
    return approvalDescription(group, name, comment);
  };

  it('ends with the marker, and has at most 5,000 characters', () => {
    const description = describeAlice('default', 'x'.repeat(10_000));
    expect(description.length).toBeLessThanOrEqual(5000);
    expect(approvalMarker(description)).toMatchObject({ name: 'default', commit: X });
  });

  it('is recognised after its spaces were changed', () => {
    const description = describeAlice('default', 'Start').replaceAll(/\s+/g, ' ');
    expect(approvalMarker(`${description}\n`)).toMatchObject({ name: 'default', commit: X });
  });

  it('is not changed by a commit whose subject looks like a marker', () => {
    const forged = describeAlice('other', 'Start');
    expect(approvalMarker(describeAlice('default', forged))?.name).toBe('default');
  });

  it('has the comment, what is changed, and the marker of the instructions', () => {
    const lines = (comment: string): string[] => describeAlice('a.b-c_1', comment).split('\n\n');
    const marker = lines('Start').at(-1) ?? '';
    expect(lines('Start')).toEqual(['Start', 'Overrides of theme in production: 1', marker]);
    expect(marker).toMatch(
      new RegExp(`^flagops-request/1 name=a\\.b-c_1 commit=${X} instructions=[0-9a-f]{64}$`),
    );
    const [other] = approvalGroups([change('bob', 1)], 1000);
    expect(other && approvalDescription(other, 'a.b-c_1', 'Start')).not.toContain(marker);
    expect(lines('😀'.repeat(4000))[0]).toBe('😀'.repeat(4000));
    expect(lines('😀'.repeat(4001))[0]).toBe(`${'😀'.repeat(3999)}…`);
  });

  it('names no commit if there is none', () => {
    const [unknown] = approvalGroups([change('alice', 1, { provenance: { type: 'unknown' } })], 1000);
    const description = unknown && approvalDescription(unknown, 'default', 'Start');
    expect(description).toContain(' commit=none ');
    expect(approvalMarker(description ?? '')).toEqual({
      name: 'default',
      commit: undefined,
      instructions: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  const MARKER = `flagops-request/1 name=default commit=${X} instructions=${'0'.repeat(64)}`;

  it.each([MARKER, `Start\n${MARKER}`, `${MARKER} \n`, MARKER.replace(X, 'c'.repeat(64))])(
    'has a marker: %j',
    (text) => {
      expect(approvalMarker(text)).toMatchObject({ name: 'default', instructions: '0'.repeat(64) });
    },
  );

  it.each([
    '',
    'Start',
    'flagops-request/1',
    MARKER.replace('/1', '/2'),
    `x${MARKER}`,
    `${MARKER}0`,
    `${MARKER} x`,
    MARKER.replace(X, 'a'.repeat(39)),
    MARKER.replace(X, 'a'.repeat(65)),
    MARKER.replace(X, 'g'.repeat(40)),
    MARKER.replace('default', ''),
    MARKER.replace('default', 'a b'),
    MARKER.replace('default', 'a'.repeat(101)),
    MARKER.replace('000', 'xyz'),
  ])('has no marker: %j', (text) => {
    expect(approvalMarker(text)).toBeUndefined();
  });
});

describe('an open request', () => {
  it('covers the changes that it asks for, however the server orders and groups them', () => {
    const changes = [change('alice', 1, { before: value(0) }), change('bob', 1)];
    const [request] = requestsFor(changes);
    if (request === undefined) throw new Error('no request');
    const instructions = [
      { kind: 'addTargets', variationId: 'id-1', values: ['bob'], _id: 'x' },
      { kind: 'addTargets', contextKind: 'user', variationId: 'id-1', values: ['alice'] },
      { kind: 'removeTargets', contextKind: 'user', variationId: 'id-0', values: ['alice'] },
    ];
    expect(covered(changes, [{ ...request, instructions }])).toEqual(['alice', 'bob']);
  });

  it('covers nothing if it asks for anything else', () => {
    const [request] = requestsFor([change('alice', 1), change('bob', 1)]);
    if (request === undefined) throw new Error('no request');
    expect(covered([change('alice', 1)], [request])).toEqual([]);
    expect(covered([change('alice', 1), change('bob', 2)], [request])).toEqual([]);
    const more = [...request.instructions, { kind: 'turnFlagOn' }];
    expect(covered([change('alice', 1), change('bob', 1)], [{ ...request, instructions: more }])).toEqual([]);
  });

  it.each([
    null,
    'addTargets',
    { kind: 'addTargets' },
    { kind: 'addTargets', values: 'alice' },
    { kind: 'turnFlagOn', values: [] },
  ])('covers nothing if it has the instruction %j, even if a filter selects a part', (instruction) => {
    const changes = [change('alice', 1)];
    const [request] = requestsFor(changes);
    if (request === undefined) throw new Error('no request');
    const open = [{ ...request, instructions: [...request.instructions, instruction] }];
    expect([...coveringRequests(wanted(changes, { isPartial: true }), open).keys()]).toEqual([]);
  });

  it('covers a part of what it asks for if a filter selects that part, and it has a marker', () => {
    const [alice, bob] = [change('alice', 1), change('bob', 1)];
    const find = (open: readonly OpenApprovalRequest[]): Change[] => [
      ...coveringRequests(wanted([alice], { isPartial: true }), open).keys(),
    ];
    expect(find(requestsFor([alice, bob]))).toEqual([alice]);
    expect(find(requestsFor([alice, bob], { description: 'Dark theme' }))).toEqual([]);
    expect(find(requestsFor([alice], { description: 'Dark theme' }))).toEqual([alice]);
  });

  it('is recognised by its marker in whatever order the server returns the instructions', () => {
    const changes = [change('alice', 1, { before: value(0) }), change('bob', 1)];
    const declined = requestsFor(changes, { status: 'declined' }).map((request) => ({
      ...request,
      instructions: request.instructions.toReversed(),
    }));
    expect(covered(changes, declined)).toEqual(['alice', 'bob']);
    expect([...coveringRequests(wanted(changes, { name: 'other' }), declined).keys()]).toEqual([]);
  });

  it('covers exactly the changes of one commit, among those of several', () => {
    const [alice, bob] = [change('alice', 1), change('bob', 1, { commit: Y })];
    for (const one of [alice, bob])
      expect(covered([alice, bob], requestsFor([one], { description: 'Dark theme' }))).toEqual([one.key]);
    const [both] = requestsFor([alice, change('bob', 1)], { description: 'Dark theme' });
    expect(covered([alice, bob], both === undefined ? [] : [both])).toEqual([]);
  });

  it('covers no change whose variation has no id', () => {
    const [alice, bob] = [change('alice', 1), change('bob', 1)];
    const unnamed = { ...bob, after: { variation: 1, value: 1 } };
    expect(approvalGroups([unnamed], 1000)).toEqual([]);
    expect(covered([alice, unnamed], requestsFor([alice]))).toEqual(['alice']);
  });

  it('covers changes of another commit with the same instructions', () => {
    expect(covered([change('alice', 1, { commit: Y })], requestsFor([change('alice', 1)]))).toEqual([
      'alice',
    ]);
  });

  it('covers changes if its description was edited, unless it was declined', () => {
    const changes = [change('alice', 1)];
    expect(covered(changes, requestsFor(changes, { description: 'Dark theme' }))).toEqual(['alice']);
    const declined = { description: 'Dark theme', status: 'declined' } as const;
    expect(covered(changes, requestsFor(changes, declined))).toEqual([]);
    expect(covered(changes, requestsFor(changes, { status: 'declined' }))).toEqual(['alice']);
  });

  it('does not replace another one that is not declined', () => {
    const changes = [change('alice', 1)];
    const requests = [
      ...requestsFor(changes, { status: 'declined' }),
      ...requestsFor(changes, { id: 'open' }),
    ];
    expect([...coveringRequests(wanted(changes), requests).values()].map(({ id }) => id)).toEqual(['open']);
  });

  it('covers exactly the changes that it was created for, whatever else is wanted', () => {
    const keys = fc.uniqueArray(fc.stringMatching(/^[a-e]{1,2}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(keys, fc.nat(), (names, cut) => {
        const changes = names.map((key, index) => change(key, index % 3, { before: value(3) }));
        const part = changes.slice(0, 1 + (cut % changes.length));
        const found = coveringRequests(wanted(changes), requestsFor(part));
        expect([...found.keys()]).toEqual(part);
      }),
    );
  });
});

describe('the requests that a plan shows', () => {
  const shown = (
    changes: readonly Change[],
    requests: readonly OpenApprovalRequest[],
    more: object = {},
  ): boolean[] =>
    plannedApprovals(PLACE, wanted(changes, more), requests, (id) => id === X).map(({ current }) => current);
  const old = (): OpenApprovalRequest[] => requestsFor([change('alice', 2)]);

  it('are those that it wants, and those of ours that it does not want', () => {
    const changes = [change('alice', 1)];
    expect(plannedApprovals(PLACE, wanted(changes), requestsFor(changes), () => false)).toEqual([
      { ...PLACE, id: 'request-0', url: 'https://example.com/0', status: 'pending', current: true },
    ]);
    const uncommitted = change('alice', 2, { provenance: { type: 'uncommitted' } });
    expect(plannedApprovals(PLACE, wanted(changes), requestsFor([uncommitted]), () => false)).toMatchObject([
      { current: false },
    ]);
    expect(shown(changes, requestsFor(changes))).toEqual([true]);
    expect(shown(changes, old())).toEqual([false]);
    expect(shown([], old())).toEqual([false]);
  });

  it('are not those of other configurations, repositories and people', () => {
    const changes = [change('alice', 1)];
    expect(shown(changes, old(), { name: 'other' })).toEqual([]);
    expect(shown(changes, requestsFor([change('alice', 2, { commit: Y })]))).toEqual([]);
    expect(shown(changes, requestsFor([change('alice', 2)], { description: 'By hand' }))).toEqual([]);
  });

  it('are not those to which a marker was copied', () => {
    const [ours] = old();
    const copied = requestsFor([change('bob', 2)], { description: ours?.description ?? '' });
    expect(shown([change('alice', 1)], copied)).toEqual([]);
    const other = copied.map((request) => ({ ...request, instructions: [{ kind: 'turnFlagOn' }] }));
    expect(shown([change('alice', 1)], other)).toEqual([]);
  });

  it('are only those that it wants if filters left out changes', () => {
    const both = requestsFor([change('alice', 1), change('bob', 1)]);
    expect(shown([change('alice', 1)], [...both, ...old()], { isPartial: true })).toEqual([true]);
  });

  it('are wanted if they ask for changes that are withheld', () => {
    const withheld = change('alice', 1, { withheld: 'drift-report' });
    expect(shown([], requestsFor([withheld]), { all: [withheld] })).toEqual([true]);
  });
});

import { describe, expect, it } from 'vitest';
import { countHandedOver, type HandedOver } from '../../src/reconcile/managed-then.js';
import { type DeclaredSetting, overrideKey } from '../../src/reconcile/state.js';
import { compared, COMMIT, idOf, liveEnvironment, liveProject, overridesOf, type World } from './world.js';

const LEFT_ALONE: DeclaredSetting = { type: 'value', value: true, manage: 'none' };

/** What is handed over of one override that is now left alone, by what it was when the scope was last applied. */
function handedOver(then: DeclaredSetting, world: World = {}, name = 'f user a'): HandedOver {
  const given: World = { live: { [name]: 0 }, desired: { [name]: LEFT_ALONE }, ...world };
  const history = {
    lastApplied: COMMIT,
    declaredThen: new Map([[overrideKey(idOf(name)), then]]),
    datesThen: new Map<string, number>(),
    attempts: [],
  };
  return countHandedOver(compared(given), overridesOf(given), [], liveProject(given), history);
}

describe('an override that is now left alone', () => {
  const NONE = { leftAlone: 0, others: 0 };
  const ONE = { leftAlone: 1, others: 0 };
  const declared: DeclaredSetting = { type: 'value', value: true };

  it('is handed over if it was declared and is live', () => {
    expect(handedOver(declared)).toEqual(ONE);
  });

  it('is not handed over if it is not live', () => {
    expect(handedOver(declared, { live: {} })).toEqual(NONE);
    const flags = { f: { environments: new Map([['staging', liveEnvironment()]]) } };
    expect(handedOver(declared, { flags })).toEqual(NONE);
  });

  it('is not handed over if its flag does not exist', () => {
    expect(handedOver(declared, {}, 'gone user a')).toEqual(NONE);
  });

  it('is not handed over if it was to be removed', () => {
    expect(handedOver({ type: 'none' })).toEqual(NONE);
  });

  it('is handed over if it was only created, and is still live with that value', () => {
    const created: DeclaredSetting = { ...declared, manage: 'create' };
    expect(handedOver(created)).toEqual(ONE);
    expect(handedOver(created, { live: { 'f user a': 1 } })).toEqual(NONE);
  });
});

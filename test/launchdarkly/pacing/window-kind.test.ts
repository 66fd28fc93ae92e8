import { describe, expect, test } from 'vitest';
import { WindowKind } from '../../../src/launchdarkly/pacing/window-kind.js';

const WINDOW = 10_000;

describe('how a server counts', () => {
  test('is not known from one answer', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(5000, 1, 1);
    expect(kind.kind).toBeUndefined();
  });

  test('is not known from resets a window apart, or none', () => {
    const kind = new WindowKind(WINDOW);
    for (const reset of [5000, 5000, 15_000, undefined, 25_000]) kind.observe(reset, 3, 1);
    expect(kind.kind).toBeUndefined();
  });

  test('slides where the reset moves by less than a window', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(5000, 3, 1);
    kind.observe(5300, 3, 1);
    expect(kind.kind).toBe('sliding');
  });

  test('is fixed where fewer are taken than we made within a window', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(15_000, 3, 4);
    expect(kind.kind).toBe('fixed');
  });

  test('goes by what was shown last', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(15_000, 3, 4);
    kind.observe(15_200, 3, 1);
    expect(kind.kind).toBe('sliding');
  });
});

import { describe, expect, test } from 'vitest';
import { WindowKind } from '../../../src/launchdarkly/pacing/server-window.js';

const WINDOW = 10_000;

describe('the kind of window', () => {
  test('the kind of window is unknown after one response', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(5000, 1, 1);
    expect(kind.kind).toBeUndefined();
  });

  test('the kind of window is unknown after resets a window apart, or none', () => {
    const kind = new WindowKind(WINDOW);
    for (const reset of [5000, 5000, 15_000, undefined, 25_000]) kind.observe(reset, 3, 1);
    expect(kind.kind).toBeUndefined();
  });

  test('the window is sliding if the reset moves by less than a window', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(5000, 3, 1);
    kind.observe(5300, 3, 1);
    expect(kind.kind).toBe('sliding');
  });

  test('the window is sliding even if the reset moves by most of a window', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(5000, 3, 1);
    kind.observe(13_000, 3, 1);
    expect(kind.kind).toBe('sliding');
  });

  test('the window is fixed if the server reports fewer requests than we made within one window', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(15_000, 3, 4);
    expect(kind.kind).toBe('fixed');
  });

  test('the kind of window follows the latest response that shows it', () => {
    const kind = new WindowKind(WINDOW);
    kind.observe(15_000, 3, 4);
    kind.observe(15_200, 3, 1);
    expect(kind.kind).toBe('sliding');
  });
});

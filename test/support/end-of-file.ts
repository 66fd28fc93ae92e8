import { afterAll } from 'vitest';

const steps: (() => unknown)[] = [];

/**
 * Runs `step` after the last test of the current test file. Test files share imported modules, so an `afterAll` in one of
 * those would only be registered for the first file.
 */
export function atEndOfFile(step: () => unknown): void {
  steps.push(step);
}

/** Returns a function that creates a value on first use, once for each test file. */
export function oncePerFile<T>(make: () => T): () => T {
  let created: { readonly value: T } | undefined;
  return () => {
    if (created === undefined) {
      created = { value: make() };
      atEndOfFile(() => (created = undefined));
    }
    return created.value;
  };
}

/** Called once for each test file, by its setup. */
export function registerEndOfFile(): void {
  afterAll(async () => {
    for (const step of steps.splice(0).toReversed()) await step();
  });
}

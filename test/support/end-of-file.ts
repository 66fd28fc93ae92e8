import { afterAll } from 'vitest';

const steps: (() => unknown)[] = [];

/**
 * Does something after the last test of the test file that is running. Test files share the modules that they import,
 * so a hook in one of these would only be there for the first file.
 */
export function atEndOfFile(step: () => unknown): void {
  steps.push(step);
}

/** Makes something when it is first needed, and again for the next test file. */
export function oncePerFile<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    if (made === undefined) {
      made = { value: make() };
      atEndOfFile(() => (made = undefined));
    }
    return made.value;
  };
}

/** For the setup of each test file alone. */
export function registerEndOfFile(): void {
  afterAll(async () => {
    for (const step of steps.splice(0).toReversed()) await step();
  });
}

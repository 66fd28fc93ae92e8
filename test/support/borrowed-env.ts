/** The environment that runs in this process have in common at the moment, and how many they are. */
let current: { readonly key: string; readonly own: NodeJS.ProcessEnv; runs: number } | undefined;
const waiting: (() => void)[] = [];

/**
 * Runs something as if this process had been started with other environment variables: git, which inherits them, and
 * the HTTP client see nothing else. Runs with the same variables may overlap; others wait for each other.
 */
export async function withEnvironment<T>(
  env: Readonly<Record<string, string>>,
  run: () => Promise<T>,
): Promise<T> {
  const names = Object.keys(env).toSorted((a, b) => a.localeCompare(b));
  const key = JSON.stringify(names.map((name) => [name, env[name]]));
  while (isTaken(key)) await new Promise<void>((resolve) => waiting.push(resolve));
  const mine = current ?? { key, own: { ...process.env }, runs: 0 };
  if (current === undefined) replaceEnvironment(env);
  current = mine;
  mine.runs += 1;
  try {
    return await run();
  } finally {
    mine.runs -= 1;
    if (mine.runs === 0) {
      current = undefined;
      replaceEnvironment(mine.own);
      for (const goOn of waiting.splice(0)) goOn();
    }
  }
}

function isTaken(key: string): boolean {
  return current !== undefined && current.key !== key;
}

function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
}

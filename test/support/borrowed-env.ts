/** The environment that the runs in this process share at the moment, and how many of them there are. */
interface Lease {
  readonly key: string;
  readonly own: NodeJS.ProcessEnv;
  runs: number;
}

const shared: { lease: Lease | undefined } = { lease: undefined };
const waiting: (() => void)[] = [];

/**
 * Runs something as if this process had been started with other environment variables, which git inherits and the HTTP
 * client reads. Runs with the same variables may overlap; others wait for each other.
 */
export async function withEnvironment<T>(
  env: Readonly<Record<string, string>>,
  run: () => Promise<T>,
): Promise<T> {
  const lease = await borrow(env);
  try {
    return await run();
  } finally {
    lease.runs -= 1;
    if (lease.runs === 0) {
      shared.lease = undefined;
      replaceEnvironment(lease.own);
      for (const wake of waiting.splice(0)) wake();
    }
  }
}

async function borrow(env: Readonly<Record<string, string>>): Promise<Lease> {
  const sorted = Object.entries(env).toSorted(([a], [b]) => Number(a > b) - Number(a < b));
  const key = JSON.stringify(sorted);
  while (shared.lease !== undefined && shared.lease.key !== key) {
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  if (shared.lease === undefined) {
    shared.lease = { key, own: { ...process.env }, runs: 0 };
    replaceEnvironment(env);
  }
  shared.lease.runs += 1;
  return shared.lease;
}

function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
}

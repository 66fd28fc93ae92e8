import { createHash } from 'node:crypto';

const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** An id in the format of LaunchDarkly's object ids. The same parts give the same id in every run. */
export function objectId(...parts: readonly string[]): string {
  return digest(...parts).slice(0, 24);
}

/** The salt of a flag in one environment, by which rollouts distribute contexts. */
export function saltOf(
  project: { readonly key: string },
  flag: { readonly key: string },
  environment: string,
): string {
  return uuid('salt', project.key, flag.key, environment).replaceAll('-', '');
}

/** An id in the format of a UUID. The same parts give the same id in every run. */
export function uuid(...parts: readonly string[]): string {
  const hex = digest(...parts);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

import { wildcard } from '../wildcard.js';

/**
 * Returns whether a resource matches a specifier: one or more of `proj/P:env/E:flag/F`, separated by commas. `*`
 * matches any characters, tags after a semicolon are ignored, and an empty specifier matches everything.
 */
export function resourceMatcher(specifier: string): (resource: string) => boolean {
  if (specifier.trim() === '') return () => true;
  const patterns = specifier
    .split(',')
    .map((one) => one.trim())
    .map((one) => one.split(':').map((part) => part.replace(/;.*$/s, '')));
  return (resource) => {
    const parts = resource.split(':');
    return patterns.some(
      (pattern) =>
        pattern.length === parts.length &&
        pattern.every((part, index) => partMatches(part, parts[index] ?? '')),
    );
  };
}

function partMatches(pattern: string, part: string): boolean {
  // A change of all environments matches every environment.
  if (part === 'env/*' && pattern.startsWith('env/')) return true;
  return wildcard(pattern)(part);
}

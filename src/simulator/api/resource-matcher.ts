import { wildcard } from '../wildcard.js';

/**
 * Whether a resource is one that a specifier means. A specifier is one or more of `proj/P:env/E:flag/F`,
 * separated by commas, where `*` stands for any characters; tags after a semicolon are not looked at.
 * An empty one means everything.
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
  // A change in all environments is in whichever environment is asked for.
  if (part === 'env/*' && pattern.startsWith('env/')) return true;
  return wildcard(pattern)(part);
}

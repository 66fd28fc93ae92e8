/** All that flagops writes into a repository lies under here. */
export const REFS = 'refs/flagops';

const APPLIED = `${REFS}/applied`;

/**
 * A text as one part of a ref's name, as `git check-ref-format` wants it: everything but lower-case letters, digits,
 * `_`, `-` and dots between those is percent-encoded. Upper case is too, since on some disks `A` and `a` are one file.
 */
export function encodeRefPart(text: string): string {
  // A percent sign alone stands for the empty text; no encoded text has one without two digits.
  if (text === '') return '%';
  const encoded = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[^a-z0-9_.-]/g, percent)
    .replace(/(?<![a-z0-9_-])\.|\.(?![a-z0-9_-])/g, percent);
  // `.lock` at the end is git's own.
  return encoded.replace(/\.(?=lock$)/, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The text that `encodeRefPart` made a part from. */
export function decodeRefPart(part: string): string {
  if (part === '%') return '';
  const bytes = part.replace(/%([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Where the last-applied refs of one configuration at one LaunchDarkly lie, with a slash at the end. */
export function lastAppliedPrefix(host: string, name: string): string {
  return `${APPLIED}/${encodeRefPart(host)}/${encodeRefPart(name)}/`;
}

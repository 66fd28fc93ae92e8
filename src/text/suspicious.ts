/**
 * Describes what the author of a key may not see or may not have meant: invisible characters, blanks other than a space,
 * blanks at either end, and letters in a Unicode form that keyboards do not produce. Such a key is not the key that it
 * looks like.
 * @returns undefined for all other keys
 */
export function suspicionOf(key: string): string | undefined {
  if (ORDINARY.test(key)) return undefined;
  const hidden = [...new Set(key.match(HIDDEN) ?? [])];
  if (hidden.length > 0) {
    const names = hidden.slice(0, SHOWN).map(codePoint).join(', ');
    const more = hidden.length > SHOWN ? ` and ${hidden.length - SHOWN} more` : '';
    return `contains ${hidden.length === 1 ? 'a character that is' : 'characters that are'} hard to see: ${names}${more}`;
  }
  if (key.startsWith(' ')) return `starts with a space (${codePoint(' ')})`;
  if (key.endsWith(' ')) return `ends with a space (${codePoint(' ')})`;
  const composed = key.normalize('NFC');
  if (composed === key) return undefined;
  const [here, usual] = difference(key, composed);
  return `is not in the usual Unicode form (NFC): it has ${here} instead of ${usual}`;
}

const SHOWN = 3;

/** Matches nearly every key; checked first because there can be half a million. */
const ORDINARY = /^[!-~](?:[ -~]*[!-~])?$/;

/** Control and format characters, characters that are not displayed, separators, and blanks other than the space. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The code points of two texts between their common beginning and their common end. */
function difference(a: string, b: string): [string, string] {
  const [left, right] = [Array.from(a), Array.from(b)];
  const start = left.findIndex((character, index) => character !== right[index]);
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && left.at(-1 - end) === right.at(-1 - end))
    end += 1;
  const names = (characters: readonly string[]): string =>
    characters
      .slice(start, Math.min(characters.length - end, start + SHOWN))
      .map(codePoint)
      .join(' ');
  return [names(left), names(right)];
}

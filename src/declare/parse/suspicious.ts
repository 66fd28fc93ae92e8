/**
 * Says what in a key its author may not see or may not have meant: characters that are not shown, blanks other than a
 * space, blanks at its ends, and letters in another spelling than keyboards give them. Such a key is another key than
 * the one that it looks like. Undefined for all others.
 */
export function suspicionOf(key: string): string | undefined {
  if (ORDINARY.test(key)) return undefined;
  const hidden = [...new Set(key.match(HIDDEN) ?? [])];
  if (hidden.length > 0) {
    const names = hidden.slice(0, SHOWN).map(codePoint).join(', ');
    const more = hidden.length > SHOWN ? ` and ${hidden.length - SHOWN} more` : '';
    return `holds ${hidden.length === 1 ? 'a character that is' : 'characters that are'} hard to see: ${names}${more}`;
  }
  if (key.startsWith(' ')) return `starts with a space (${codePoint(' ')})`;
  if (key.endsWith(' ')) return `ends with a space (${codePoint(' ')})`;
  const composed = key.normalize('NFC');
  if (composed === key) return undefined;
  const [here, usual] = difference(key, composed);
  return `is not in the usual Unicode form (NFC): it has ${here} in the place of ${usual}`;
}

const SHOWN = 3;

/** Nearly every key: looked at first, since there can be half a million. */
const ORDINARY = /^[!-~](?:[ -~]*[!-~])?$/;

/** Control and format characters, what is ignored when text is shown, separators, and blanks but the space. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The first characters in which two texts differ, up to where they are the same again. */
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

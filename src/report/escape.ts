/**
 * Text from files, commits and the API made safe for a terminal: control characters, the marks that turn the
 * direction of writing and other characters that nobody sees are shown as escapes instead of being obeyed. Joiners
 * stay: emoji and several scripts need them.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
  });
}

const UNPRINTABLE =
  // oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}\u{e0000}-\u{e007f}]/gu;

/** The line breaks between the parts are left alone: a large plan has millions of them. */
const UNPRINTABLE_IN_JSON = new RegExp(`(?!\\n)${UNPRINTABLE.source}`, UNPRINTABLE.flags);

/** A value as JSON text that a terminal shows as it is: what `printable` escapes is escaped as JSON has it. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  const escaped = text.replaceAll(UNPRINTABLE_IN_JSON, (character) =>
    Array.from({ length: character.length }, (_, index) => unit(character.charCodeAt(index))).join(''),
  );
  return `${escaped}\n`;
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * Text made safe inside a Markdown table on GitHub: nothing in it formats, mentions, links or closes anything. GitHub
 * looks for mentions and issues after it has read the entities, so a character without width goes between the sign
 * and the name.
 */
export function markdown(text: string): string {
  return printable(text)
    .replaceAll(/[\\`*_{}[\]()#+!|~<>&$]/g, (character) => `&#${character.codePointAt(0)};`)
    .replaceAll('&#35;', '&#35;&#8203;')
    .replaceAll(/GH-(?=\d)/gi, (word) => `${word}&#8203;`)
    .replaceAll('@', '&#64;&#8203;')
    .replaceAll('://', ':&#47;&#47;')
    .replaceAll(/www\./gi, (word) => `${word.slice(0, -1)}&#46;`);
}

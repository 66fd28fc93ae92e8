/**
 * Makes text from files, commits and the API safe for one line of a terminal or a log: control characters,
 * bidirectional marks and invisible characters become visible, escaped as in a double-quoted YAML string (`\u200b`).
 * Invisible characters that emoji and several scripts need are kept.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, visible);
}

/** The same for text of several lines: line feeds stay. */
export function printableLines(text: string): string {
  return text.replaceAll(UNPRINTABLE_BUT_LINES, visible);
}

/** Scripts in which a joiner (U+200C, U+200D) changes the shape of letters. */
const JOINING =
  'Arabic Syriac Mongolian Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Tibetan Myanmar Khmer'
    .split(' ')
    .map((script) => String.raw`\p{Script=${script}}`)
    .join('');

/** An invisible character after what it visibly changes. */
const SHAPING = [
  String.raw`[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]\u200d(?=\p{Extended_Pictographic})`,
  String.raw`\p{Extended_Pictographic}[\ufe0e\ufe0f]`,
  String.raw`[0-9#*]\ufe0f(?=\u20e3)`,
  String.raw`\p{Script=Han}[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]`,
  `[${JOINING}][\\u200c\\u200d]`,
].join('|');

const HIDDEN = String.raw`[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]`;

const UNPRINTABLE = new RegExp(`${HIDDEN}(?<!${SHAPING})`, 'gu');

/** Skips line feeds in the pattern instead of splitting: a large plan has millions of them. */
const UNPRINTABLE_BUT_LINES = new RegExp(`(?!\\n)${UNPRINTABLE.source}`, 'gu');

function visible(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}

/** A value as indented JSON in which the characters that `printable` escapes are escaped too. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  const escaped = text.replaceAll(UNPRINTABLE_BUT_LINES, (character) =>
    Array.from({ length: character.length }, (_, index) => visible(character.charAt(index))).join(''),
  );
  return `${escaped}\n`;
}

/**
 * Makes text safe for GitHub-flavoured Markdown, including in a table: nothing in it formats, mentions, links or closes
 * anything. Text copied from the rendered page is exactly `printable(text)`.
 *
 * Entities protect against Markdown. GitHub looks for mentions, issues and emoji afterwards, with the entities decoded,
 * in each stretch of text between two tags; therefore a tag separates the sign from the name. Unlike a zero-width
 * character, a tag is not copied.
 */
export function escapeMarkdown(text: string): string {
  return printable(text).replaceAll(ACTIVE, (sign) => {
    const entities = Array.from(sign, (character) => `&#${character.codePointAt(0)};`).join('');
    return NEEDS_TAG.test(sign) ? `<span>${entities}</span>` : entities;
  });
}

/** Signs that have a meaning together with the name or number after them. */
const NEEDS_TAG = /^(?:[@#:]|-)$/;

const ACTIVE = new RegExp(
  [
    // Formatting, HTML, links, tables, mathematics.
    String.raw`[\\` + '`' + String.raw`*_{}[\]()#+!|~<>&$@]`,
    // GH-12, :tada:, and addresses, which need no brackets to be links.
    String.raw`(?<=GH)-(?=\d)`,
    String.raw`:(?=[\w+-]+:)`,
    String.raw`(?<=:)//`,
    String.raw`(?<=www)\.`,
    // Lists, rules, headings, code, and spaces that would be dropped.
    String.raw`^[-=]|(?<=^\d+)\.|^ | $`,
  ].join('|'),
  'giu',
);

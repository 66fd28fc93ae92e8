/**
 * Text from files, commits and the API made safe for a line on a terminal or in a log: control characters, the marks
 * that turn the direction of writing and other characters that cannot be seen are shown as YAML writes them between double
 * quotes (`\u200b`), instead of being obeyed. What emoji and several scripts need in order to be shown stays.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, visible);
}

/** The same for a text of several lines. */
export function printableLines(text: string): string {
  return text.replaceAll(UNPRINTABLE_BUT_LINES, visible);
}

/** Scripts whose letters take another shape beside a joiner (U+200C, U+200D). */
const JOINING =
  'Arabic Syriac Mongolian Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Tibetan Myanmar Khmer'
    .split(' ')
    .map((script) => String.raw`\p{Script=${script}}`)
    .join('');

/** What can be seen by its effect on the characters around it. */
const SHAPING = [
  String.raw`[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]\u200d(?=\p{Extended_Pictographic})`,
  String.raw`\p{Extended_Pictographic}[\ufe0e\ufe0f]`,
  String.raw`[0-9#*]\ufe0f(?=\u20e3)`,
  String.raw`\p{Script=Han}[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]`,
  `[${JOINING}][\\u200c\\u200d]`,
].join('|');

const HIDDEN = String.raw`[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]`;

const UNPRINTABLE = new RegExp(`${HIDDEN}(?<!${SHAPING})`, 'gu');

/** The line breaks between the parts are left alone: a large plan has millions of them. */
const UNPRINTABLE_BUT_LINES = new RegExp(`(?!\\n)${UNPRINTABLE.source}`, 'gu');

function visible(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}

/** A value as JSON text that a terminal shows as it is: what `printable` escapes is escaped as JSON has it. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  const escaped = text.replaceAll(UNPRINTABLE_BUT_LINES, (character) =>
    Array.from({ length: character.length }, (_, index) => visible(character.charAt(index))).join(''),
  );
  return `${escaped}\n`;
}

/**
 * Text made safe inside a Markdown table on GitHub: nothing in it formats, mentions, links or closes anything, and what
 * is copied from the page is the text that `printable` makes of it, to the letter.
 *
 * Entities are enough against Markdown. GitHub looks for mentions, issues and emoji later, in what the entities stand
 * for, in each stretch of text between two tags: so a tag goes between the sign and the name. It is not copied, as a
 * character without width would be.
 */
export function markdown(text: string): string {
  return printable(text).replaceAll(ACTIVE, (sign) => {
    const entities = Array.from(sign, (character) => `&#${character.codePointAt(0)};`).join('');
    return ALONE.test(sign) ? `<span>${entities}</span>` : entities;
  });
}

/** Signs that a name or a number gives a meaning. */
const ALONE = /^(?:[@#:]|-)$/;

const ACTIVE = new RegExp(
  [
    // Formatting, HTML, links, tables, mathematics.
    String.raw`[\\` + '`' + String.raw`*_{}[\]()#+!|~<>&$@]`,
    // GH-12, :tada:, and addresses, which need no brackets to be links.
    String.raw`(?<=GH)-(?=\d)`,
    String.raw`:(?=[\w+-]+:)`,
    String.raw`(?<=:)//`,
    String.raw`(?<=www)\.`,
    // Lists, rules, headings, code, and blanks that would be dropped.
    String.raw`^[-=]|(?<=^\d+)\.|^ | $`,
  ].join('|'),
  'giu',
);

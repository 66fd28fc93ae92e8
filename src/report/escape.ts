/**
 * Text from files, commits and the API made safe for a terminal: control characters and the marks that turn the
 * direction of writing are shown as escapes instead of being obeyed.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text made safe inside a Markdown table on GitHub: nothing in it formats, mentions, links or closes anything. */
export function markdown(text: string): string {
  return printable(text)
    .replaceAll(/[\\`*_{}[\]()#+!|~<>&]/g, (character) => `&#${character.codePointAt(0)};`)
    .replaceAll('@', '&#64;')
    .replaceAll('://', ':&#47;&#47;');
}

import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { graphemes, graphemeWidth } from '../text/width.js';
import { printable } from './escape.js';

/** The line that a diagnostic is about, and a line that points to its position, without colours. */
export interface Excerpt {
  /** `  12 | ` before the line of the file; as many columns, ending with `| `, before the caret. */
  readonly gutters: readonly [line: string, caret: string];
  /** The line of the file, escaped, and only the part around the position if it is long. */
  readonly line: string;
  /** `^`, below the character at the position. */
  readonly caret: string;
}

/**
 * Shows where in a file a diagnostic is.
 * @param line the line at the diagnostic's position, without line feed; undefined if it is not known
 * @param columns the width that the excerpt has to fit into
 * @returns undefined if there is nothing to point at: the diagnostic is about a whole file, or the line is blank
 */
export function excerptOf(
  { at, code }: Pick<Diagnostic, 'at' | 'code'>,
  line: string | undefined,
  columns: number,
): Excerpt | undefined {
  if (line === undefined || line.trim() === '' || WITHOUT_PLACE.has(code)) return undefined;
  const number = `  ${at.line} | `;
  const room = Math.max(columns - number.length, LEAST_ROOM);
  const text = hideSecrets(line.trimEnd());
  // What is further away than this does not fit in any case, and a line can have a mebibyte.
  const before = charactersOf(text.slice(Math.max(0, at.col - 1 - room), at.col - 1));
  const after = charactersOf(text.slice(at.col - 1, at.col - 1 + room));
  const isCut = { left: at.col - 1 > room, right: text.length > at.col - 1 + room };
  const left = fit(before, Math.max(Math.floor(room / 2), room - widthOf(after)), isCut.left, 'end');
  const right = fit(after, room - widthOf(left), isCut.right, 'start');
  return {
    gutters: [number, `${' '.repeat(number.length - 2)}| `],
    line: [...left, ...right].map(({ shown }) => shown).join(''),
    caret: `${' '.repeat(widthOf(left))}^`,
  };
}

/** However narrow the terminal is. */
const LEAST_ROOM = 20;

/** Codes of diagnostics that are about a whole file, or that count what is not listed. */
const WITHOUT_PLACE: ReadonlySet<DiagnosticCode> = new Set([
  'content-filter',
  'file-too-large',
  'file-unreadable',
  'folder-unreadable',
  'link-broken',
  'link-outside',
  'link-to-folder',
  'more-errors',
  'more-violations',
  'more-warnings',
  'not-a-file',
  'not-text',
  'too-many-bytes',
  'too-many-errors',
  'too-many-overrides',
  'yaml-empty',
  'yaml-more',
]);

/** A key of LaunchDarkly, or a password in a URL. Such a key may be in a file because its author tried to configure it. */
const SECRET = /\b(?:api|sdk|mob)-[\da-f]{8}-[\da-f-]{8,}|(?<=:\/\/)[^\s/@]+(?=@)/gi;

/** Replaces secrets by text of the same length, so that columns still count from the same place. */
function hideSecrets(text: string): string {
  return text.replaceAll(SECRET, (secret) => '*'.repeat(secret.length));
}

/** A character as a reader counts them, escaped if it is invisible, and the columns that it takes. */
interface Character {
  readonly shown: string;
  readonly width: number;
}

function charactersOf(text: string): Character[] {
  return Array.from(graphemes(printable(text)), (shown) => ({ shown, width: graphemeWidth(shown) }));
}

function widthOf(characters: readonly Character[]): number {
  return characters.reduce((sum, { width }) => sum + width, 0);
}

const GAP: readonly Character[] = Array.from('...', (shown) => ({ shown, width: 1 }));

/**
 * As many characters as fit.
 * @param isCut whether the text already lacks something at the side that may be left out
 * @param keep the side that stays
 */
function fit(
  characters: readonly Character[],
  room: number,
  isCut: boolean,
  keep: 'start' | 'end',
): readonly Character[] {
  if (!isCut && widthOf(characters) <= room) return characters;
  const kept: Character[] = [];
  let left = room - GAP.length;
  for (const character of keep === 'start' ? characters : characters.toReversed()) {
    left -= character.width;
    if (left < 0) break;
    kept.push(character);
  }
  return keep === 'start' ? [...kept, ...GAP] : [...GAP, ...kept.toReversed()];
}

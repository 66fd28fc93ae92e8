import { html } from 'hono/html';
import type { Json } from '../../json/json.js';
import type { Flag } from '../world/model.js';
import type { Html } from './html.js';

/** How many colours there are besides those of `true` and `false`. */
const COLOURS = 6;

/** A variation with its name and value. The colour only repeats what the text says. */
export function renderVariation(flag: Flag, index: number): Html {
  const found = flag.variations[index];
  const value = short(found?.value ?? null);
  return html`<span class="variation ${colourOf(flag, index)}" title="${value}"
    >${found?.name === undefined ? '' : html`<b>${found.name}</b>`}<code>${value}</code></span
  >`;
}

/**
 * The class with the colour: the same for the same value of a boolean and for the same name, in all flags. If two names of
 * one flag would have the same colour, the second gets the next one.
 */
function colourOf(flag: Flag, index: number): string {
  const value = flag.variations[index]?.value;
  if (typeof value === 'boolean') return `is-${String(value)}`;
  const taken = new Set<number>();
  let colour = 0;
  for (const variation of flag.variations.slice(0, index + 1)) {
    if (typeof variation.value === 'boolean') continue;
    colour = hash(variation.name ?? JSON.stringify(variation.value)) % COLOURS;
    while (taken.has(colour) && taken.size < COLOURS) colour = (colour + 1) % COLOURS;
    taken.add(colour);
  }
  return `c${colour}`;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let hashed = 0x81_1c_9d_c5;
  for (const character of text.toLowerCase()) {
    hashed = Math.imul(hashed ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93) >>> 0;
  }
  return hashed;
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}

import type { Flag, Project } from '../world/model.js';
import { representFlag, type FlagView } from './represent-flag.js';

/** Longer texts are made anew each time: a project of such flags would fill the memory twice. */
const LONGEST = 64 * 1024;
/** Ways to look at one flag that are kept. */
const VIEWS = 8;

interface Kept {
  readonly version: number;
  readonly texts: Map<string, string>;
}

const kept = new WeakMap<Flag, Kept>();

/** A flag as JSON. Most of what is listed has not changed since it was listed last. */
export function flagText(project: Project, flag: Flag, view: FlagView): string {
  let known = kept.get(flag);
  if (known?.version !== flag.version) {
    known = { version: flag.version, texts: new Map() };
    kept.set(flag, known);
  }
  const name = JSON.stringify([view.environments, view.detailed]);
  const found = known.texts.get(name);
  if (found !== undefined) return found;
  const text = JSON.stringify(representFlag(project, flag, view));
  if (text.length <= LONGEST) {
    if (known.texts.size >= VIEWS) known.texts.clear();
    known.texts.set(name, text);
  }
  return text;
}

import type { Project } from '../world/model.js';

/** Lists that are kept of one project, and how long each may be. */
const KEPT = 32;
const LONGEST = 256 * 1024;

interface Kept {
  readonly revision: number;
  readonly texts: Map<string, string>;
}

const kept = new WeakMap<Project, Kept>();

/** A list of a project as it was made before, for as long as nothing in the project changed. */
export function keptText(project: Project, name: string, make: () => string): string {
  let known = kept.get(project);
  if (known?.revision !== project.revision) {
    known = { revision: project.revision, texts: new Map() };
    kept.set(project, known);
  }
  const found = known.texts.get(name);
  if (found !== undefined) return found;
  const text = make();
  if (text.length <= LONGEST) {
    if (known.texts.size >= KEPT) known.texts.clear();
    known.texts.set(name, text);
  }
  return text;
}

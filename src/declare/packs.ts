import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Entry, EXTENSION, openPack, type Pack, writePack } from './pack.js';

/** Bytes that are kept. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What is left of them when there were too many: so much room that it takes a while until there are again. */
const FEWER_BYTES = (MOST_BYTES / 4) * 3;

/** Packs that are kept apart: each one is opened by every run. */
const MOST_PACKS = 16;

/** What is no whole pack after this time, in milliseconds, is nothing that another run is still writing. */
const ABANDONED = 3_600_000;

/** The packs of a folder, the oldest first. What is no pack, or not a whole one, is left out. */
export function openPacks(folder: string): Pack[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(EXTENSION))
    .flatMap((name) => openPack(join(folder, name)) ?? [])
    .toSorted((a, b) => a.written - b.written);
}

/**
 * Adds a pack to a folder, and makes one of many where there are too many or they are too large: then what was used in
 * this run is kept first, and after it what was written last.
 * @throws where the folder cannot be written to
 */
export function addPack(folder: string, entries: readonly Entry[], used: ReadonlySet<string>): Pack[] {
  mkdirSync(folder, { recursive: true });
  writePack(folder, entries);
  const packs = openPacks(folder);
  clean(folder, packs);
  const bytes = packs.reduce((sum, pack) => sum + pack.bytes, 0);
  if (packs.length <= MOST_PACKS && bytes <= MOST_BYTES) return packs;
  writePack(folder, worthKeeping(packs, used, bytes <= MOST_BYTES ? MOST_BYTES : FEWER_BYTES));
  for (const { path } of packs) rmSync(path, { force: true });
  return openPacks(folder);
}

function worthKeeping(packs: readonly Pack[], used: ReadonlySet<string>, most: number): Entry[] {
  const entries = new Map<string, Entry>();
  for (const pack of packs.toReversed())
    for (const entry of pack.entries) if (!entries.has(entry.id)) entries.set(entry.id, entry);
  const kept: Entry[] = [];
  let bytes = 0;
  for (const first of [true, false]) {
    for (const entry of entries.values()) {
      if (used.has(entry.id) !== first || bytes + entry.length > most) continue;
      bytes += entry.length;
      kept.push(entry);
    }
  }
  return kept;
}

/** Deletes what other versions wrote beside this folder, and in it what is no whole pack. */
function clean(folder: string, packs: readonly Pack[]): void {
  const parent = dirname(folder);
  for (const name of readdirSync(parent))
    if (name !== basename(folder)) rmSync(join(parent, name), { recursive: true, force: true });
  const whole = new Set(packs.map(({ path }) => basename(path)));
  const now = packs.at(-1)?.written ?? 0;
  for (const name of readdirSync(folder)) {
    if (whole.has(name)) continue;
    const path = join(folder, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    // What another run is writing, or has written since we looked, is younger than all that we saw.
    if (written !== undefined && now - written > ABANDONED) rmSync(path, { recursive: true, force: true });
  }
}

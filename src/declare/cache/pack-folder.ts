import type { StateFolder } from '../../files/state-folder.js';
import { type Entry, isOwnName, isPackName, openPack, type Pack, writePack } from './pack-file.js';

/** Bytes that are kept. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What is left of them when there were too many: so much room that it takes a while until there are again. */
const FEWER_BYTES = (MOST_BYTES / 4) * 3;

/** Packs that are kept apart: each one is opened by every run. */
const MOST_PACKS = 16;

/** What is no whole pack after this time, in milliseconds, is nothing that another run is still writing. */
const ABANDONED = 3_600_000;

/** What the folder of a version of flagops and its encoding is called, for example `0.1.0-3`. */
const VERSION = /^\d+\.\d+\.\d+(?:-[\da-z.-]+)?-\d+$/i;

/** The packs of a folder, the oldest first. What is no pack, or not a whole one, is left out. */
export function openPacks(folder: StateFolder): Pack[] {
  return folder
    .names()
    .filter(isPackName)
    .flatMap((name) => openPack(folder, name) ?? [])
    .toSorted((a, b) => a.written - b.written);
}

/**
 * Adds a pack to a folder, and makes one of many where there are too many or they are too large: then what was used in
 * this run is kept first, and after it what was written last.
 * @throws where the folder cannot be written to
 */
export function addPack(folder: StateFolder, entries: readonly Entry[], used: ReadonlySet<string>): Pack[] {
  writePack(folder, entries);
  const packs = openPacks(folder);
  removeAbandoned(folder, packs);
  const bytes = packs.reduce((sum, pack) => sum + pack.bytes, 0);
  if (packs.length <= MOST_PACKS && bytes <= MOST_BYTES) return packs;
  writePack(folder, worthKeeping(packs, used, bytes <= MOST_BYTES ? MOST_BYTES : FEWER_BYTES));
  for (const { name } of packs) folder.remove(name);
  return openPacks(folder);
}

/**
 * Deletes what other versions wrote, and nothing else: only folders that are named like a version, in them only files
 * that are named like ours, and a folder only if nothing else is in it.
 * @param versions the folder that holds one folder for each version
 * @param current the name of this version's
 */
export function removeOtherVersions(versions: StateFolder, current: string): void {
  for (const name of versions.names()) {
    if (name === current || !VERSION.test(name)) continue;
    const folder = versions.child(name);
    for (const file of folder.names()) if (isOwnName(file)) folder.remove(file);
    versions.removeEmpty(name);
  }
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

/** Deletes files of ours that are no whole packs and that no run is still writing. */
function removeAbandoned(folder: StateFolder, packs: readonly Pack[]): void {
  const whole = new Set(packs.map(({ name }) => name));
  const now = packs.at(-1)?.written ?? 0;
  for (const name of folder.names()) {
    if (whole.has(name) || !isOwnName(name)) continue;
    const written = folder.stats(name)?.mtimeMs;
    // What another run is writing, or has written since we looked, is younger than all that we saw.
    if (written !== undefined && now - written > ABANDONED) folder.remove(name);
  }
}

import type { StateFolder } from '../../files/state-folder.js';
import { type Entry, isOwnName, isPackName, openPack, type Pack, writePack } from './pack-file.js';

/** Bytes of all packs together that are kept. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Bytes that are kept after cleaning up, so that the next cleanup is not needed soon. */
const FEWER_BYTES = (MOST_BYTES / 4) * 3;

/** Number of packs above which they are merged: every run opens all of them. */
const MOST_PACKS = 16;

/** Milliseconds after which an incomplete pack is not one that another run is still writing. */
const ABANDONED = 3_600_000;

/** The folder name of a version of flagops and its encoding, for example `0.1.0-3`. */
const VERSION = /^\d+\.\d+\.\d+(?:-[\da-z.-]+)?-\d+$/i;

/** The complete packs of a folder, the oldest first. */
export function openPacks(folder: StateFolder): Pack[] {
  return folder
    .names()
    .filter(isPackName)
    .flatMap((name) => openPack(folder, name) ?? [])
    .toSorted((a, b) => a.written - b.written);
}

/**
 * Adds a pack to a folder. If there are too many packs or they are too large, they are merged into one, which keeps
 * entries that this run used first, and then the newest ones.
 * @param used ids of the entries that this run used
 * @throws if the folder cannot be written to
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
 * Deletes what other versions wrote, and nothing else: in folders that are named like a version, the files that are named
 * like ours; then the folder, if it is empty.
 * @param versions the folder that contains one folder for each version
 * @param current the name of this version's folder
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

/** Deletes incomplete packs that no run is still writing. */
function removeAbandoned(folder: StateFolder, packs: readonly Pack[]): void {
  const whole = new Set(packs.map(({ name }) => name));
  const now = packs.at(-1)?.written ?? 0;
  for (const name of folder.names()) {
    if (whole.has(name) || !isOwnName(name)) continue;
    const written = folder.stats(name)?.mtimeMs;
    // A pack that another run is writing, or has written since `packs` was read, is newer than all of `packs`.
    if (written !== undefined && now - written > ABANDONED) folder.remove(name);
  }
}

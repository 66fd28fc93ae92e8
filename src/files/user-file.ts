import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  ftruncateSync,
  lstatSync,
  openSync,
  type Stats,
  writeFile,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openDraft, removeAbandoned } from './draft.js';
import { locate } from './locate.js';
import { openDescriptor, openDevice, type Sink } from './sink.js';
import { codeOf, UnsafePath } from './unsafe-path.js';
import { writeAll } from './write-all.js';

/** Without O_NONBLOCK, opening a named pipe that has just replaced the file would wait for a reader. */
const TO_WRITE = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Codes of a rename that fails although the file itself is writable: its folder is read-only, or it is a mount. */
const IRREPLACEABLE = new Set(['EACCES', 'EBUSY', 'EPERM', 'EROFS']);

/**
 * Opens a file that a user named, to replace its content. An existing file keeps its content until the first `add`, and
 * keeps its permissions. Devices and pipes are written to directly.
 * @param cwd the folder that a relative path starts from
 * @throws UnsafePath or a system error if the file cannot be written at this time
 */
export function openReplacement(cwd: string, path: string): Sink {
  const absolute = fileAt(cwd, path);
  const stream = openDescriptor(absolute) ?? openDevice(locate(absolute).file);
  if (stream !== undefined) return stream;
  checkReplaceable(absolute);
  let content = '';
  return {
    add: (text) => {
      content += text;
      replace(absolute, content);
    },
    close: () => undefined,
  };
}

/**
 * Opens a file that a user named, to append to it.
 * @param mode the permissions of a new file, before the umask
 * @throws UnsafePath or a system error
 */
export function openToAppend(cwd: string, path: string, mode = 0o666): Sink {
  const absolute = fileAt(cwd, path);
  const descriptor = openDescriptor(absolute);
  if (descriptor !== undefined) return descriptor;
  const { file, checkFolder } = locate(absolute);
  const device = openDevice(file);
  if (device !== undefined) return device;
  const fd = openSync(file, TO_WRITE | constants.O_APPEND | constants.O_CREAT, mode);
  try {
    checkFolder();
    checkSame(fstatSync(fd), lstatSync(file));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { add: (text) => writeAll(fd, text), close: () => closeSync(fd) };
}

/**
 * Replaces a file that a user named with one that only they may read. Resolves when it is on the disk.
 * @param isFirst whether to delete what earlier runs left if they were killed while writing
 * @throws UnsafePath or a system error; then the file is unchanged
 */
export async function replacePrivately(path: string, text: string, isFirst: boolean): Promise<void> {
  const { file, checkFolder } = locate(path);
  checkIsFile(file);
  const draft = openDraft(file, 0o600, checkFolder);
  try {
    await promisify(writeFile)(draft.fd, text);
    await promisify(fsync)(draft.fd);
    draft.replace();
  } catch (error) {
    draft.discard();
    throw error;
  }
  await syncFolder(dirname(file));
  if (isFirst) removeAbandoned(file);
}

/** The rename is durable only once the folder is on the disk, too. Some systems do not allow opening a folder. */
async function syncFolder(folder: string): Promise<void> {
  let fd: number;
  try {
    fd = openSync(folder, constants.O_RDONLY);
  } catch {
    return;
  }
  await promisify(fsync)(fd).catch(() => undefined);
  closeSync(fd);
}

function fileAt(cwd: string, path: string): string {
  if (path === '' || path.endsWith('/')) throw new UnsafePath('it does not name a file');
  return resolve(cwd, path);
}

function checkReplaceable(path: string): void {
  const { file } = locate(path);
  const isThere = lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  if (isThere) closeSync(openSync(file, TO_WRITE));
  else accessSync(dirname(file), constants.W_OK | constants.X_OK);
}

function replace(path: string, content: string): void {
  const { file, checkFolder } = locate(path);
  const before = checkIsFile(file);
  try {
    const draft = openDraft(file, 0o666, checkFolder);
    try {
      if (before !== undefined) keepPermissions(draft.fd, before);
      writeAll(draft.fd, content);
      draft.replace();
    } catch (error) {
      draft.discard();
      throw error;
    }
  } catch (error) {
    if (before === undefined || !IRREPLACEABLE.has(codeOf(error) ?? '')) throw error;
    overwrite(file, before, content);
  }
}

/** The stats of a file that may be replaced; undefined if it does not exist. A rename would replace a device, too. */
function checkIsFile(file: string): Stats | undefined {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() === false) throw new UnsafePath('it is not a regular file');
  return stats;
}

function keepPermissions(fd: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(fd, uid, gid);
  } catch {
    // Only root may change the owner; otherwise the file is ours from now on.
  }
  fchmodSync(fd, mode & 0o777);
}

/** Writes to the existing file, which cannot be replaced. Links are still refused, but a full disk truncates it. */
function overwrite(file: string, before: Stats, content: string): void {
  const fd = openSync(file, TO_WRITE);
  try {
    checkSame(fstatSync(fd), before);
    ftruncateSync(fd);
    writeAll(fd, content);
  } finally {
    closeSync(fd);
  }
}

function checkSame(opened: Stats, seen: Stats): void {
  const isSame = opened.ino === seen.ino && opened.dev === seen.dev;
  if (!isSame || !opened.isFile()) throw new UnsafePath('it was replaced in the meantime');
}

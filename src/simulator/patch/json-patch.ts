import { canonical, flawIn, type Json } from '../../json/json.js';
import { isObject } from '../../json/object.js';
import { parsePointer } from './json-pointer.js';

/** A patch that is not one, or that cannot be applied to its document. */
export class JsonPatchError extends Error {
  override readonly name: string = 'JsonPatchError';
}

/** A `test` operation that failed: the document is not what the author of the patch expected. */
export class PatchTestFailed extends JsonPatchError {
  override readonly name = 'PatchTestFailed';
}

type Pointer = readonly string[];

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Pointer; readonly value: Json }
  | { readonly op: 'remove'; readonly path: Pointer }
  | { readonly op: 'move' | 'copy'; readonly path: Pointer; readonly from: Pointer };

type JsonMap = { readonly [key: string]: Json };

/**
 * Parses a JSON Patch. Members of an operation that its kind does not define are ignored, as RFC 6902 requires.
 * @throws JsonPatchError
 */
export function parseJsonPatch(patch: unknown): readonly PatchOperation[] {
  if (!Array.isArray(patch)) throw new JsonPatchError('a JSON patch must be a list of operations');
  return patch.map((operation: unknown, index) => inOperation(index, () => parseOperation(operation)));
}

/**
 * Applies all operations of a patch, in order, or none.
 * @returns the new document; the given one is not changed
 * @throws JsonPatchError at the first operation that is not possible
 */
export function applyJsonPatch(document: Json, operations: readonly PatchOperation[]): Json {
  let patched = document;
  for (const [index, operation] of operations.entries()) {
    patched = inOperation(index, () => applyOperation(patched, operation));
  }
  return patched;
}

/** Adds to an error which operation it is about. */
function inOperation<T>(index: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    const message = `operation ${index} of the patch: ${error.message}`;
    throw error instanceof PatchTestFailed ? new PatchTestFailed(message) : new JsonPatchError(message);
  }
}

function parseOperation(operation: unknown): PatchOperation {
  if (!isObject(operation)) throw new JsonPatchError('an operation must be an object');
  const { op } = operation;
  const path = pointerIn(operation, 'path');
  switch (op) {
    case 'add':
    case 'replace':
    case 'test': {
      const { value } = operation;
      if (!isJson(value)) throw new JsonPatchError(`${op} needs a value`);
      const flaw = flawIn(value);
      if (flaw !== undefined) throw new JsonPatchError(`the value ${flaw}`);
      return { op, path, value };
    }
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from: pointerIn(operation, 'from') };
    default:
      throw new JsonPatchError(`${JSON.stringify(op) ?? 'nothing'} is not an operation`);
  }
}

/** A patch is parsed from JSON, so a value that is present is JSON. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}

function pointerIn(operation: Readonly<Record<string, unknown>>, name: 'path' | 'from'): Pointer {
  const text = operation[name];
  const pointer = typeof text === 'string' ? parsePointer(text) : undefined;
  if (!pointer) throw new JsonPatchError(`${name} must be a JSON pointer, such as /tags/0`);
  return pointer;
}

function applyOperation(document: Json, operation: PatchOperation): Json {
  const { path } = operation;
  switch (operation.op) {
    case 'add':
      return add(document, path, operation.value);
    case 'remove':
      return remove(document, path);
    case 'replace':
      return replace(document, path, operation.value);
    case 'move': {
      const { from } = operation;
      const isInside = path.length > from.length && from.every((token, index) => token === path[index]);
      if (isInside) throw new JsonPatchError(`${written(from)} cannot be moved into itself`);
      const value = valueAt(document, from);
      // RFC 6902: "move" is "remove" followed by "add". The whole document is in no container, so it stays.
      return from.length === 0 ? document : add(remove(document, from), path, value);
    }
    case 'copy':
      return add(document, path, valueAt(document, operation.from));
    case 'test': {
      const found = valueAt(document, path);
      if (canonical(found) === canonical(operation.value)) return document;
      throw new PatchTestFailed(
        `the test failed: ${written(path)} is ${short(found)}, not ${short(operation.value)}`,
      );
    }
  }
}

/** The value that a pointer refers to. */
function valueAt(document: Json, path: Pointer): Json {
  let found = document;
  for (const [depth, token] of path.entries()) found = childOf(found, token, path.slice(0, depth + 1));
  return found;
}

function add(document: Json, path: Pointer, value: Json): Json {
  return change(document, path, value, (parent, token) => {
    if (!isList(parent)) return { ...mapAt(parent, path), [token]: value };
    const index = token === '-' ? parent.length : indexOf(parent, token, path, parent.length);
    return parent.toSpliced(index, 0, value);
  });
}

function replace(document: Json, path: Pointer, value: Json): Json {
  return change(document, path, value, (parent, token) => {
    childOf(parent, token, path);
    if (!isList(parent)) return { ...mapAt(parent, path), [token]: value };
    return parent.with(indexOf(parent, token, path, parent.length - 1), value);
  });
}

function remove(document: Json, path: Pointer): Json {
  if (path.length === 0) throw new JsonPatchError('the whole document cannot be removed');
  return change(document, path, null, (parent, token) => {
    childOf(parent, token, path);
    if (isList(parent)) return parent.toSpliced(indexOf(parent, token, path, parent.length - 1), 1);
    return Object.fromEntries(Object.entries(mapAt(parent, path)).filter(([name]) => name !== token));
  });
}

/**
 * A copy of a document in which the container of one value is changed.
 * @param whole the new document if the path is that of the document itself
 */
function change(
  document: Json,
  path: Pointer,
  whole: Json,
  inParent: (parent: Json, token: string) => Json,
): Json {
  const last = path.at(-1);
  if (last === undefined) return whole;
  const within = (value: Json, depth: number): Json => {
    const token = path[depth];
    if (token === undefined || depth === path.length - 1) return inParent(value, last);
    const changed = within(childOf(value, token, path.slice(0, depth + 1)), depth + 1);
    if (isList(value)) return value.with(Number(token), changed);
    return { ...mapAt(value, path), [token]: changed };
  };
  return within(document, 0);
}

/** @param path of the child, for errors */
function childOf(parent: Json, token: string, path: Pointer): Json {
  if (isList(parent)) {
    const found = parent[indexOf(parent, token, path, parent.length - 1)];
    if (found !== undefined) return found;
  } else if (typeof parent === 'object' && parent !== null && Object.hasOwn(parent, token)) {
    const found = mapAt(parent, path)[token];
    if (found !== undefined) return found;
  }
  throw new JsonPatchError(`there is nothing at ${written(path)}`);
}

/** Parses a token as an index: digits without leading zeros, at most `last`. */
function indexOf(list: readonly Json[], token: string, path: Pointer, last: number): number {
  const index = Number(token);
  if (/^(?:0|[1-9]\d*)$/.test(token) && index <= last) return index;
  throw new JsonPatchError(`there is nothing at ${written(path)}: the list has ${list.length} items`);
}

function mapAt(value: Json, path: Pointer): JsonMap {
  if (typeof value === 'object' && value !== null && !isList(value)) return value;
  throw new JsonPatchError(`there is nothing at ${written(path)}`);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function written(path: Pointer): string {
  return JSON.stringify(
    path.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  );
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

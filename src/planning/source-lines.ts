import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { SourceLines } from '../diagnostics/findings.js';
import { decode, sizeFault } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';

/**
 * Reads the lines that diagnostics are about, each file once and only when it is asked for: most runs have no
 * diagnostics. A file that cannot be read, or that a link places outside the root, has no lines.
 * @param root absolute path that positions are relative to
 */
export function sourceLines(root: string): SourceLines {
  const sources = new Map<string, SourceText | undefined>();
  return ({ file, line }) => {
    if (!sources.has(file)) sources.set(file, read(root, file));
    return sources.get(file)?.lineAt(line);
  };
}

function read(root: string, file: string): SourceText | undefined {
  try {
    const path = realpathSync(join(root, file));
    const stats = statSync(path);
    if (!path.startsWith(`${realpathSync(root)}${sep}`) || !stats.isFile()) return undefined;
    if (sizeFault(stats.size) !== undefined) return undefined;
    const decoded = decode(readFileSync(path));
    return decoded.ok ? new SourceText(file, decoded.text) : undefined;
  } catch {
    return undefined;
  }
}

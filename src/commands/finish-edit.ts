import { join } from 'node:path';
import { fileIds } from '../declare/cache/blob-id.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { draftNewFile, draftReplacement } from '../files/new-file.js';
import { reasonOf, UnsafePath } from '../files/unsafe-path.js';
import {
  type CommittedFile,
  isMerging,
  moveToCommits,
  prepareCommit,
  type PreparedCommit,
} from '../history/git/commit-edit.js';
import { openFound, type Repository } from '../history/git/repository.js';
import { pathBytes, readTree } from '../history/git/tree.js';
import { compareWorkingTree } from '../history/git/working-tree.js';
import type { Declared } from '../planning/read-declarations.js';
import { readText } from '../planning/edit/file-text.js';
import type { EditedText } from '../planning/edit/prepared.js';
import type { MadeCommit } from '../report/edit-text.js';

/** Files to commit together. */
export interface EditStep {
  readonly files: readonly EditedText[];
  /** The message of the commit. */
  readonly message: string;
}

/**
 * Writes the edits of one or several steps, and commits each step if that was asked for. All commits are made before the
 * first file is written, so that nothing is written if one of them fails.
 * @param steps a later one starts from the texts of the earlier ones
 * @throws OperatorError `edit-uncommitted`, `edit-unwritable`, `commit-failed`
 */
export async function writeEdits(
  declared: Declared,
  steps: readonly EditStep[],
  commit: boolean,
): Promise<readonly MadeCommit[]> {
  const repository = commit ? await openToCommit(declared, steps) : undefined;
  const prepared = repository === undefined ? [] : await commitsOf(repository, steps);
  const { root } = declared.workspace;
  const edited = lastTexts(steps);
  for (const file of edited) refuseChanged(root, file);
  writeAll(root, edited);
  if (repository !== undefined) {
    await moveToCommits(
      repository,
      prepared.map(({ made }) => made),
    );
  }
  return prepared.map(({ made: { id, files }, message }) => ({
    id,
    subject: message.split('\n', 1)[0] ?? '',
    files: files.map(({ path }) => path),
  }));
}

/** What each file finally contains, compared with what is on disk. */
function lastTexts(steps: readonly EditStep[]): readonly EditedText[] {
  const files = new Map<string, EditedText>();
  for (const file of steps.flatMap((step) => step.files)) {
    const first = files.get(file.path) ?? file;
    files.set(file.path, { ...file, before: first.before, bytesBefore: first.bytesBefore });
  }
  return [...files.values()];
}

async function openToCommit({ repository }: Declared, steps: readonly EditStep[]): Promise<Repository> {
  if (repository === undefined) {
    throw new OperatorError('commit-failed', 'there is no git repository to commit to', {
      hint: 'leave out --commit',
    });
  }
  const opened = await openFound(repository);
  if (await isMerging(opened)) {
    throw new OperatorError('edit-uncommitted', 'a merge is in progress', {
      hint: 'conclude it with git commit',
    });
  }
  const files = lastTexts(steps);
  const paths = new Set(files.map(({ path }) => path));
  const identify = (bytes: Uint8Array): ReturnType<typeof fileIds> => fileIds(bytes, opened.objectFormat);
  const { dirty, missing } = await compareWorkingTree(opened, {
    matches: (path) => paths.has(path),
    bases: [...paths],
    files: new Map(
      files.flatMap(({ path, bytesBefore }) =>
        bytesBefore === undefined ? [] : [[path, identify(bytesBefore)] as const],
      ),
    ),
    identify,
    name: 'flagops.yaml',
  });
  const [first] = [...dirty, ...missing];
  if (first === undefined) return opened;
  throw new OperatorError(
    'edit-uncommitted',
    `${first} has uncommitted edits, which --commit would include`,
    {
      hint: 'commit or undo them first, or leave out --commit',
    },
  );
}

async function commitsOf(
  repository: Repository,
  steps: readonly EditStep[],
): Promise<{ readonly made: PreparedCommit; readonly message: string }[]> {
  const prepared: { made: PreparedCommit; message: string }[] = [];
  let parent = repository.head?.id;
  for (const { files, message } of steps) {
    const contents: CommittedFile[] = [];
    for (const file of files) contents.push(await asCommitted(repository, file));
    const made = await prepareCommit(repository, parent, contents, message);
    prepared.push({ made, message });
    parent = made.id;
  }
  return prepared;
}

/** A file as git has it: if it converted the line endings when it checked the file out, they are converted back. */
async function asCommitted(
  { git, head, objectFormat }: Repository,
  { path, bytes, bytesBefore }: EditedText,
): Promise<CommittedFile> {
  if (head === undefined || bytesBefore === undefined) return { path, bytes };
  const { withLf } = fileIds(bytesBefore, objectFormat);
  if (withLf === undefined) return { path, bytes };
  const entry = (await readTree(git, head.id, [path])).get(pathBytes(path));
  if (entry?.blob !== withLf) return { path, bytes };
  return { path, bytes: Buffer.from(Buffer.from(bytes).toString('utf8').replaceAll('\r\n', '\n')) };
}

/** Planning takes a while, in which an editor may have saved the file. */
function refuseChanged(root: string, { path, bytesBefore }: EditedText): void {
  if (bytesBefore === undefined || Buffer.compare(readText(root, path).bytes, bytesBefore) === 0) return;
  throw new OperatorError('edit-unwritable', `${path} was changed in the meantime; nothing was written`, {
    hint: 'run the command again',
  });
}

/** A file that has a temporary name until all of them are complete. */
interface PendingFile {
  readonly finish: () => void;
  readonly discard: () => void;
}

/** Writes all files, or none of them. */
function writeAll(root: string, files: readonly EditedText[]): void {
  const pending: { readonly path: string; readonly draft: PendingFile }[] = [];
  try {
    for (const file of files) {
      const { path } = file;
      pending.push({ path, draft: reported(join(root, path), () => draftOf(root, file)) });
    }
  } catch (error) {
    for (const { draft } of pending) draft.discard();
    throw error;
  }
  for (const { path, draft } of pending) reported(join(root, path), draft.finish);
}

function draftOf(root: string, { path, before, bytes }: EditedText): PendingFile {
  const text = Buffer.from(bytes).toString('utf8');
  if (before !== undefined) {
    const { replace, discard } = draftReplacement(root, path, text);
    return { finish: replace, discard };
  }
  const draft = draftNewFile(root, path, text);
  if (draft === undefined) throw new UnsafePath('it exists, or is a symbolic link');
  return { finish: draft.create, discard: draft.discard };
}

function reported<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new OperatorError('edit-unwritable', `cannot write ${file}: ${reasonOf(cause)}`, {
      hint:
        cause instanceof UnsafePath
          ? 'replace links on the path with folders and files'
          : 'make the folder writable',
      cause,
    });
  }
}

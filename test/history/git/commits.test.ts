import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { asCommit, findCommit, readCommit } from '../../../src/history/git/commits.js';
import { readFolders } from '../../../src/history/git/tree.js';
import { opened } from '../../support/history.js';
import { createRepository, type TestRepository } from '../../support/repository.js';

const PERSON = 'Ada <ada@example.com> 1700000000 +0100';
const SIGNATURE = 'gpgsig -----BEGIN-----\n author Eve <e@x> 1 +0000\n encoding ISO-8859-1\n -----END-----';

/** Stores a commit of the empty tree with any header and message, which `git commit` would correct. */
function store(repository: TestRepository, header: readonly string[], message: string): string {
  const tree = repository.git('hash-object', '-w', '-t', 'tree', '/dev/null');
  const input = Buffer.from([`tree ${tree}`, ...header, '', message].join('\n'), 'latin1');
  const args = ['hash-object', '-w', '-t', 'commit', '--literally', '--stdin'];
  return execFileSync('git', args, { cwd: repository.path, input, encoding: 'utf8' }).trim();
}

const people = [`author ${PERSON}`, `committer ${PERSON}`];

describe('a commit read from its object', () => {
  it.each([
    ['with a usual message', people, 'Subject\n\nBody\n'],
    ['with a subject of several lines', people, 'One\n two \t\nthree\n \nBody'],
    ['with empty lines before the subject', people, '\n \t\n\nSubject  \nmore\r\n\r\nBody\n'],
    ['without a message', people, ''],
    ['with a message of spaces', people, ' \n\t\n'],
    ['in UTF-8', ['author Gr\xc3\xbc <g@x> 1 +0000', `committer ${PERSON}`], 'Gr\xc3\xbc\xc3\x9fe\n'],
    ['in another encoding', [...people, 'encoding ISO-8859-1'], 'Gr\xfc\xdfe\n'],
    ['with bytes that are not UTF-8', people, 'Gr\xfc\xdfe\n'],
    ['with a signature', [...people, SIGNATURE], 'Signed\n'],
    ['with an empty name', ['author  <a@x> 1 +0000', 'committer <c@x> 2 -0130'], 'x'],
    ['without a space before the address', ['author A<a@x> 1 +0000', `committer ${PERSON}`], 'x'],
    ['with spaces around the name', ['author  A  B  <a@x> 1 +0000', `committer ${PERSON}`], 'x'],
    ['with odd dates', ['author A <a@x> now', 'committer C <c@x> -5 +0000'], 'x'],
    ['without people', [], 'x'],
  ])('%s is the same as git log prints it', async (_, header, message) => {
    const repository = createRepository();
    const id = store(repository, header, message);
    const { git } = await opened(repository);
    expect(await findCommit(git, id)).toEqual(asCommit(await readCommit(git, id)));
  });

  it('is missing if there is no such commit', async () => {
    const repository = createRepository();
    repository.commit('Start', { a: 'x' });
    const { git } = await opened(repository);
    expect(await findCommit(git, '1'.repeat(40))).toBeUndefined();
    expect(await findCommit(git, repository.git('rev-parse', 'HEAD:a'))).toBeUndefined();
    expect(await findCommit(git, 'HEAD')).toMatchObject({ subject: 'Start' });
  });
});

describe('the folders of a commit', () => {
  it('have the same entries as git lists, whatever their names', async () => {
    const repository = createRepository();
    repository.commit('Start', { 'a.yaml': 'a', 'd/b': 'b', 'd/e/c': 'c', 'line\nbreak/ü': 'd', x: 'e' });
    const { git } = await opened(repository);
    const names = async (...paths: string[]): Promise<string[]> => [
      ...(await readFolders(git, repository.head, paths)).keys(),
    ];
    expect(await names('a.yaml', 'other')).toEqual(['a.yaml', 'x']);
    expect(await names('d/e/c', 'd/none')).toEqual(['d/e/c', 'd/b']);
    expect(await names('line\nbreak/ü')).toEqual([Buffer.from('line\nbreak/ü').toString('latin1')]);
    expect(await names('x/y', 'none/z')).toEqual([]);
    const tree = await readFolders(git, repository.head, ['d/e/c']);
    expect(tree.get('d/e/c')).toEqual({ link: false, blob: repository.git('rev-parse', 'HEAD:d/e/c') });
  });

  it('are an error if the commit does not exist', async () => {
    const repository = createRepository();
    repository.commit('Start', { a: 'x' });
    const { git } = await opened(repository);
    await expect(readFolders(git, '1'.repeat(40), ['a'])).rejects.toMatchObject({
      code: 'git-object-missing',
    });
  });
});

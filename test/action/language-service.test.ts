import { describe, expect, it } from 'vitest';
import { WORKFLOW, WORKFLOW_PATH } from '../../src/scaffold/files.js';
import { diagnose, EXAMPLE, read, WORKFLOWS } from '../support/workflows.js';

describe("GitHub's own language service", () => {
  it.each([...WORKFLOWS, 'action.yml'])("GitHub's language service finds nothing in %s", async (path) => {
    expect(await diagnose(path, read(path))).toEqual([]);
  });

  it("GitHub's language service finds nothing in the workflow that init writes", async () => {
    expect(await diagnose(WORKFLOW_PATH, WORKFLOW)).toEqual([]);
  });

  it("GitHub's language service would find unknown keys, events, expressions and inputs", async () => {
    const broken = (from: string, to: string): Promise<string[]> => {
      const text = read(EXAMPLE);
      expect(text).toContain(from);
      return diagnose(EXAMPLE, text.replace(from, to));
    };
    expect(await broken('permissions: {}', 'permisions: {}')).toEqual([
      expect.stringContaining("Unexpected value 'permisions'"),
    ]);
    expect(await broken('merge_group:', 'merge_groups:')).toEqual([
      expect.stringContaining("Unexpected value 'merge_groups'"),
    ]);
    expect(await broken('github.event.pull_request.number', 'github.event.pull_request.numer')).not.toEqual(
      [],
    );
    expect(await broken('access-token:', 'acces-token:')).toEqual([
      expect.stringContaining("Invalid action input 'acces-token'"),
    ]);
  });

  it("GitHub's language service would find an invalid action.yml", async () => {
    const text = read('action.yml');
    expect(await diagnose('action.yml', text.replace('using: node24', 'using: node99'))).not.toEqual([]);
    expect(await diagnose('action.yml', text.replace('  main: dist/action/index.js\n', ''))).not.toEqual([]);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPlanFile } from '../../src/planning/plan-file.js';
import { temporaryFolder } from '../support/repository.js';

const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

describe('an invalid plan file', () => {
  test.each([
    [
      'a file with 100,000 levels of nesting',
      nested,
      /is not a plan: it has more than 200 lists and objects/,
    ],
    [
      'a file with a part of 100,000 levels',
      `{"changes": ${nested}}`,
      /is not a plan: it has more than 200 lists/,
    ],
    [
      'a number that is not finite',
      '{"changes": [{"value": -1e999}]}',
      /is not a plan: it holds a number that is/,
    ],
    [
      'half of a surrogate pair in a text',
      '{"changes": [{"key": "\\ud800"}]}',
      /is not a plan: it holds half of a surrogate/,
    ],
    ['half of a surrogate pair in a name', '{"\\udc00": 1}', /is not a plan: it holds half of a surrogate/],
  ])('a plan file is refused in one line: %s', async (_, text, message) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'plan.json'), text);
    await expect(readPlanFile('plan.json', folder)).rejects.toMatchObject({
      name: 'OperatorError',
      code: 'plan-file',
      message: expect.stringMatching(message) as string,
    });
  });
});

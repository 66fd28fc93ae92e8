import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPlanFile } from '../../src/planning/plan-file.js';
import { temporaryFolder } from '../support/repository.js';

const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

describe('a plan file that no plan can be', () => {
  test.each([
    ['because it is nested 100,000 deep', nested, /is no plan: it has more than 200 lists and objects/],
    ['because a part of it is', `{"changes": ${nested}}`, /is no plan: it has more than 200 lists/],
    ['because of a number', '{"changes": [{"value": -1e999}]}', /is no plan: it holds a number that is/],
    ['because of a text', '{"changes": [{"key": "\\ud800"}]}', /is no plan: it holds half of a surrogate/],
    ['because of a name', '{"\\udc00": 1}', /is no plan: it holds half of a surrogate/],
  ])('is refused in one line, %s', async (_, text, message) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'plan.json'), text);
    await expect(readPlanFile('plan.json', folder)).rejects.toMatchObject({
      name: 'OperatorError',
      code: 'plan-file',
      message: expect.stringMatching(message) as string,
    });
  });
});

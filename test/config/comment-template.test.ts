import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse.js';
import { SourceText } from '../../src/yaml/source.js';

function check(template: string): readonly string[] {
  const text = `version: 1\ncomment: { template: ${JSON.stringify(template)} }\n`;
  return parseConfig(new SourceText('flagops.yaml', text)).diagnostics.map(
    ({ at }) => `${at.line}:${at.col}`,
  );
}

test('a comment template accepts the known placeholders, and no others', () => {
  expect(check('{subject} ({sha} by {author}, {date}){reason}')).toEqual([]);
  expect(check('flagops')).toEqual([]);
  for (const template of ['{subject} {body}', '{}', '{subject', 'a } b', ''])
    expect(check(template)).toEqual(['2:22']);
});

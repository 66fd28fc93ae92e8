import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/parse.js';
import { parseDeclaration } from '../../src/declare/parse/parse.js';
import { SourceText } from '../../src/yaml/source.js';
import { blocksOf, PAGES } from './support/pages.js';

const blocks = PAGES.flatMap((page) => blocksOf(page));
const yaml = blocks.filter(({ language }) => language === 'yaml');

it.each([
  ['configuration', /^version: 1$/m, parseConfig],
  ['declaration', /^project: /m, parseDeclaration],
] as const)('every %s in the documentation is valid', (_, mark, read) => {
  const found = yaml.filter(({ text }) => mark.test(text));
  expect(found.length).toBeGreaterThan(1);
  const problems = found.flatMap(({ page, text }) => [...read(new SourceText(page, text)).diagnostics]);
  expect(problems).toEqual([]);
});

it('every other block of YAML or JSON in the documentation can be parsed', () => {
  for (const { text } of yaml) expect(parse(text)).toBeInstanceOf(Object);
  const json = blocks.filter(({ language }) => language === 'json');
  expect(json.length).toBeGreaterThan(1);
  for (const { text } of json) expect(JSON.parse(text)).toBeInstanceOf(Object);
});

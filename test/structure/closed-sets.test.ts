import { expect, it } from 'vitest';
import configuration from '../../schemas/flagops.schema.json' with { type: 'json' };
import editSchema from '../../schemas/edit.schema.json' with { type: 'json' };
import importSchema from '../../schemas/import.schema.json' with { type: 'json' };
import listSchema from '../../schemas/list.schema.json' with { type: 'json' };
import overridesSchema from '../../schemas/overrides.schema.json' with { type: 'json' };
import planSchema from '../../schemas/plan.schema.json' with { type: 'json' };
import { MANAGE_MODES } from '../../src/reconcile/manage.js';
import { PRUNE_MODES } from '../../src/reconcile/prune.js';
import { TIDY_REASONS } from '../../src/reconcile/tidy-reasons.js';
import { FORMATS } from '../../src/report/formats.js';
import { LEFT_OUT_WORDS } from '../../src/report/import-text.js';
import { LIST_FORMATS } from '../../src/report/list/list.js';
import { read } from './source.js';

// Where a list in a schema or a page of the documentation repeats a closed set of the code, and no type connects them.

const { prune, limits, manage } = configuration.$defs.scope.properties;
const MODES = Object.keys(PRUNE_MODES);
const README = read('README.md');
const CONCEPTS = read('docs/concepts.md');
const FILES = read('docs/files.md');

it('the schemas list exactly the prune modes', () => {
  expect(prune.enum).toEqual(MODES);
  expect(planSchema.$defs.scope.properties.prune.enum).toEqual(MODES);
});

it.each(MODES)('the schema and docs/concepts.md explain prune: %s', (mode) => {
  expect(prune.description).toContain(`${mode} (`);
  expect(CONCEPTS).toMatch(new RegExp(String.raw`^\| \`${mode}\` +\| `, 'm'));
});

it('the schemas list exactly the values of manage', () => {
  const modes = Object.keys(MANAGE_MODES);
  expect(manage.enum.toSorted()).toEqual(modes.toSorted());
  expect(overridesSchema.$defs.manage.enum).toEqual(manage.enum);
  const { manage: listed } = listSchema.$defs.override.properties;
  expect(['full', ...listed.enum]).toEqual(manage.enum);
});

it.each(Object.keys(MANAGE_MODES))('the schemas and docs/manage.md explain manage: %s', (mode) => {
  for (const { description } of [manage, overridesSchema.$defs.manage])
    expect(description).toContain(`${mode} (`);
  expect(read('docs/manage.md')).toMatch(new RegExp(String.raw`^\| \`${mode}\` +\| `, 'm'));
});

it.each(Object.keys(FORMATS).filter((format) => format !== 'text'))(
  'the README names --format %s',
  (format) => {
    expect(README).toContain(`\`--format ${format}\``);
  },
);

it.each(Object.keys(LIST_FORMATS))('docs/listing.md names --format %s', (format) => {
  expect(read('docs/listing.md')).toMatch(new RegExp(String.raw`^\| \`${format}\` +\| `, 'm'));
});

it('the schema of a list has the marks of a plan', () => {
  const { mark } = listSchema.$defs.override.properties;
  expect(mark.enum).toEqual(planSchema.$defs.mark.enum);
});

it('the schema of an edit and docs/editing.md list exactly the reasons of tidy', () => {
  const { reason } = editSchema.properties.overrides.items.properties;
  expect(reason.enum).toEqual(TIDY_REASONS);
  for (const name of TIDY_REASONS)
    expect(read('docs/editing.md')).toMatch(new RegExp(String.raw`^\| \`--${name}\` +\| `, 'm'));
});

it('the schema of an import lists exactly the reasons why an override is left out', () => {
  const { reason } = importSchema.properties.leftOut.items.properties;
  expect(reason.enum).toEqual(Object.keys(LEFT_OUT_WORDS));
});

it.each(Object.keys(limits.properties))('docs/files.md shows the default of limits.%s', (name) => {
  expect(FILES).toMatch(new RegExp(`^ +limits: \\{.*\\b${name}: `, 'm'));
});

it.each(Object.keys(limits.properties).filter((name) => name !== 'floor'))(
  'docs/concepts.md says what limits.%s refuses',
  (name) => {
    expect(CONCEPTS).toContain(`\`limits.${name}\``);
  },
);

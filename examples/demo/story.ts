import { join } from 'node:path';
import { ExampleRepository, type Step } from './repository.js';

/** How the example's repository came about. */
const STEPS: readonly Step[] = [
  {
    message: 'Open the checkout beta (#12)',
    author: 'Dana',
    files: ['flagops.yaml', 'overrides/production/checkout-beta.yaml'],
  },
  {
    message: 'Contrast for the panel, the sale on the kiosks (#14)',
    author: 'Kim',
    files: ['overrides/production/look.yaml'],
  },
  { message: 'Staging as QA needs it (#17)', author: 'Quinn', files: ['overrides/staging/qa.yaml'] },
];

const EDITED = 'overrides/production/checkout-beta.yaml';

/** The example as a repository with a history of three commits. */
export function storefrontRepository(examples: string): ExampleRepository {
  const repository = new ExampleRepository(join(examples, 'storefront'));
  for (const step of STEPS) repository.take(step);
  return repository;
}

/** One commit that adds an override, updates one and removes one. */
export function commitEdit(repository: ExampleRepository): void {
  repository.edit(EDITED, [
    ['  mallory@example.com:\n', '  dana@example.com:\n    checkout-v2: true\n  mallory@example.com:\n'],
    ['[card, transfer, invoice] # a list is one of the flag', '[card] # a list is one of the flag'],
    ['contexts: # every kind but user\n  organization:\n    acme: { checkout-v2: true }\n', ''],
  ]);
  repository.commit('Beta: Dana joins, Bob pays by card, Acme leaves (#21)', 'Dana');
}

import { join } from 'node:path';
import type { HandChange } from './simulator.js';
import { ExampleRepository, type Step } from './repository.js';

/** The commits of the example's repository. */
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

/** Creates a temporary repository from the storefront example, with a history of three commits. */
export function storefrontRepository(examples: string): ExampleRepository {
  const repository = new ExampleRepository(join(examples, 'storefront'));
  for (const step of STEPS) repository.add(step);
  return repository;
}

/** Changes one of the overrides that the example declares in production. */
export const BY_HAND: HandChange = {
  project: 'storefront',
  environment: 'production',
  flag: 'theme',
  user: 'alice@example.com',
  value: 'light',
};

/** Makes one commit that adds, updates and removes one override each. */
export function commitEdit(repository: ExampleRepository): void {
  repository.edit(EDITED, [
    ['  mallory@example.com:\n', '  dana@example.com:\n    checkout-v2: true\n  mallory@example.com:\n'],
    ['[card, transfer, invoice] # the value of a variation', '[card] # the value of a variation'],
    ['contexts: # all other context kinds\n  organization:\n    acme: { checkout-v2: true }\n', ''],
  ]);
  repository.commit('Beta: Dana joins, Bob pays by card, Acme leaves (#21)', 'Dana');
}

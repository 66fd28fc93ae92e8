import type { Seed } from './seed.js';

const named = (pairs: Readonly<Record<string, string | number>>) =>
  Object.entries(pairs).map(([name, value]) => ({ name, value }));

/** The seed that the simulator uses by default: a shop with flags of every type. */
export const defaultSeed: Seed = {
  tokens: [
    { token: 'api-writer', role: 'writer', name: 'Writer' },
    { token: 'api-reader', role: 'reader', name: 'Reader' },
  ],
  projects: {
    storefront: {
      name: 'Storefront',
      contextKinds: ['organization', 'device'],
      environments: {
        production: { name: 'Production', sdkKey: 'sdk-production' },
        staging: { name: 'Staging', sdkKey: 'sdk-staging' },
      },
      flags: {
        'checkout-v2': {
          name: 'Checkout v2',
          tags: ['checkout', 'beta'],
          temporary: true,
          environments: { production: { fallthrough: 1 }, staging: { fallthrough: 1 } },
        },
        theme: {
          name: 'Theme',
          variations: named({ Light: 'light', Dark: 'dark', 'High contrast': 'contrast' }),
          defaults: { onVariation: 0, offVariation: 0 },
        },
        'search-limit': {
          name: 'Results per page of the search',
          tags: ['search'],
          variations: named({ Few: 10, Some: 25, Many: 100 }),
          defaults: { onVariation: 1, offVariation: 0 },
        },
        banner: {
          name: 'Banner',
          variations: [
            { name: 'None', value: { show: false } },
            { name: 'Sale', value: { show: true, text: 'Sale: 20% off', colors: ['#b00020', '#ffffff'] } },
            {
              name: 'Maintenance',
              value: { show: true, text: 'Back soon', until: { hour: 6, zone: 'UTC' } },
            },
          ],
          defaults: { onVariation: 0, offVariation: 0 },
        },
        'payment-methods': {
          name: 'Payment methods, in order',
          tags: ['checkout'],
          variations: [
            { name: 'Cards', value: ['card'] },
            { name: 'All', value: ['card', 'transfer', 'invoice'] },
            { name: 'Cards and transfers', value: ['card', 'transfer'] },
          ],
          defaults: { onVariation: 2, offVariation: 0 },
        },
        'kill-switch-payments': { name: 'Take payments', tags: ['kill-switch'] },
        'ops-log-level': {
          name: 'Log level',
          tags: ['ops'],
          variations: named({ Debug: 'debug', Info: 'info', Warnings: 'warn' }),
          defaults: { onVariation: 1, offVariation: 1 },
        },
        'recommendation-model': {
          name: 'Recommendation model',
          description: 'Two variations share a value while the second model is being trained.',
          variations: [
            { name: 'No recommendations', value: null },
            { name: 'Model A', value: 'bestsellers' },
            { name: 'Model B', value: 'bestsellers' },
            { name: 'Model C', value: 'personal' },
          ],
          defaults: { onVariation: 1, offVariation: 0 },
        },
        'one-click-checkout': {
          name: 'One-click checkout',
          tags: ['checkout'],
          environments: {
            production: { fallthrough: 1, prerequisites: [{ key: 'checkout-v2', variation: 0 }] },
            staging: { prerequisites: [{ key: 'checkout-v2', variation: 0 }] },
          },
        },
        'gift-wrapping': {
          name: 'Gift wrapping',
          environments: { production: { on: false }, staging: { on: false } },
        },
        'old-navigation': { name: 'Old navigation', state: 'deprecated' },
        'summer-sale': { name: 'Summer sale', state: 'archived' },
      },
    },
  },
};

import type { Validate } from '../../yaml/schema.js';

export const validate: Validate;

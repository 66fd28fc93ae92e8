import { buildPackage } from '../../build.js';
import { bundle } from '../../bundle.js';
import { ACTION } from './built.js';

/** Before the first test: what the tests start is what the sources make. No tracked file is written. */
export async function setup(): Promise<void> {
  await Promise.all([buildPackage(), bundle(ACTION)]);
}

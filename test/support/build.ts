import { buildPackage } from '../../build.js';
import { bundle } from '../../bundle.js';
import { ACTION } from './built.js';

/** Builds the CLI and the Action before the first test, so that tests run the current sources. Writes no tracked file. */
export async function setup(): Promise<void> {
  await Promise.all([buildPackage(), bundle(ACTION)]);
}

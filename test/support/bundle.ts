import { fileURLToPath } from 'node:url';
import { bundle } from '../../bundle.js';

/** Tests start the Action as GitHub's runner does, so the bundle must be what stands in `src/`. */
export async function setup(): Promise<void> {
  await bundle(fileURLToPath(new URL('../../dist/action', import.meta.url)));
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Frees memory of earlier measurements, so that they do not slow down the next one. */
export function collectGarbage(): void {
  collect();
}

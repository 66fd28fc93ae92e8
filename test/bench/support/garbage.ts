import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Each measurement begins with the same memory, whatever the one before has left. */
export function collectGarbage(): void {
  collect();
}

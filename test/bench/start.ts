import { CLI, measure, words } from './support/measure.js';
import { info, ratioRow, type Row } from './support/row.js';

const RUNS = 40;

/** How long `flagops --version` takes, against Node alone. */
export async function benchStart(): Promise<Row[]> {
  const { flagops, node } = await measure(
    { flagops: { args: [CLI, '--version'] }, node: { args: ['-e', '0'] } },
    RUNS,
  );
  return [
    ratioRow('flagops --version, against node -e 0', flagops.wall / node.wall, 1.6),
    info('  flagops --version', words(flagops)),
    info('  node -e 0', words(node)),
  ];
}

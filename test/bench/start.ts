import { CLI, measure, summary } from './support/measure.js';
import { info, ratioRow, type Row } from './support/row.js';

const RUNS = 40;

/** The time of `flagops --version` compared with `node -e 0`. */
export async function benchStart(): Promise<Row[]> {
  const { flagops, node } = await measure(
    { flagops: { args: [CLI, '--version'] }, node: { args: ['-e', '0'] } },
    RUNS,
  );
  return [
    ratioRow('flagops --version, compared with node -e 0', flagops.wall / node.wall, 1.6),
    info('  flagops --version', summary(flagops)),
    info('  node -e 0', summary(node)),
  ];
}

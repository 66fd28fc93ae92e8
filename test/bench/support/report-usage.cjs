// Preloaded into measured processes: writes what they used, when they end, into the file that BENCH_USAGE names.
const { writeFileSync } = require('node:fs');
process.once('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(process.env.BENCH_USAGE, JSON.stringify({ maxRSS, cpu: userCPUTime + systemCPUTime }));
});

// Preloaded into measured processes: writes what they used, when they end, into the file that BENCH_USAGE names.
const { readFileSync, writeFileSync } = require('node:fs');

// In KiB. What Linux reports as maxRSS never is less than what the process that started this one had.
function peak() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

process.once('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(process.env.BENCH_USAGE, JSON.stringify({ peak: peak(), cpu: userCPUTime + systemCPUTime }));
});

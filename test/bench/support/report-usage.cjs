// Preloaded into measured processes: at exit, writes their CPU time and peak memory to the file in BENCH_USAGE.
const { readFileSync, writeFileSync } = require('node:fs');

// In KiB. On Linux maxRSS is never less than the memory of the parent process, so VmHWM is preferred.
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

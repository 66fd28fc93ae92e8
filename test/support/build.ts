import { execFileSync } from 'node:child_process';

/** Tests run the CLI as a user does, so what they run must be what stands in `src/`. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build:js'], { stdio: 'inherit' });
}

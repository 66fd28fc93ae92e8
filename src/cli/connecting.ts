/** Loads a command that connects to LaunchDarkly. */
export async function connecting<T>(command: Promise<T>): Promise<T> {
  const { leaveWebAssembly } = await import('./web-assembly.js');
  leaveWebAssembly();
  return command;
}

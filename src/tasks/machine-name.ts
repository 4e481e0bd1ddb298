/** What makes a recorded machine another one; free space on its disk does not. */
export function machineName(machine: unknown): string {
  const { cpuModel, cores, memoryBytes, architecture } = (machine ?? {}) as Record<string, unknown>
  return JSON.stringify([cpuModel, cores, memoryBytes, architecture])
}

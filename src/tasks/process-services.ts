import { join } from 'node:path'
import { runEngineOnly } from '../experiment/cluster/engine-only-process.ts'
import { openNodeProbe } from '../experiment/cluster/grpc-node-probe.ts'
import { startCluster } from '../experiment/cluster/start-cluster.ts'
import { generatorCommand, startGenerator } from '../experiment/load/generator-process.ts'
import { wallClock } from '../os/clock.ts'
import type { Guard } from '../os/guard.ts'
import { packageRoot } from '../os/package-root.ts'
import { onCores } from './cpu-layout.ts'
import type { RunServices } from './run-cluster.ts'
import type { EngineOnlyServices } from './run-engine-only.ts'

/** Real processes, none of which outlives `guard`. */
export function processServices(guard: Guard): RunServices {
  return {
    startCluster: (options) => startCluster({ ...options, guard, openProbe: openNodeProbe }),
    startGenerator: (plan, { stderrFile, cores }) =>
      startGenerator(plan, {
        guard,
        stderrFile,
        ...(cores === undefined ? {} : { argv: onCores(cores, generatorCommand) }),
      }),
    clock: wallClock,
  }
}

export function engineOnlyServices(guard: Guard, signal: AbortSignal): EngineOnlyServices {
  const program = join(packageRoot, 'dist', 'engine-only.js')
  return {
    run: (plan, at) => runEngineOnly(plan, { ...at, guard, program, signal }),
    clock: wallClock,
  }
}

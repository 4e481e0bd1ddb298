import { measureCore } from './calibrate.ts'
import { type MachineProbe, quantilesOf } from './calibration.ts'
import { SMALLEST_SYNC_BYTES, sampleSyncs } from './sync.ts'

/** Short enough to be done in every round: a sixth of a second. */
const SYNC_MS = 100
const CORE_MS = 60

/** What this machine can do at this moment, while none of our nodes runs: others show alone. */
export async function probeMachine(directory: string): Promise<MachineProbe> {
  const samples = await sampleSyncs(directory, { bytes: SMALLEST_SYNC_BYTES, forMs: SYNC_MS })
  const { runDelayRatio } = measureCore(CORE_MS)
  return { syncMs: quantilesOf(samples), runDelayRatio }
}

import { crc32c } from '../../base/crc32c.ts'
import { prngFromSeed } from '../../base/prng.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { disk } from '../../os/disk.ts'
import { createPumpedClock } from '../../os/pumped-clock.ts'
import { designNamed } from '../../replica/engine/designs.ts'
import { memoryAdapter } from '../../replica/store/memory-store.ts'
import { openStore } from '../../replica/store/open-store.ts'
import { type EngineOnlyResult, measureEngineOnly } from './engine-only.ts'
import type { EngineOnlyPlan } from './engine-only-process.ts'
import { startInProcessCluster } from './in-process-cluster.ts'

/** Operations of the pilot that finds out how many fill the wished time. */
const PILOT_OPERATIONS_MIN = 20_000
/** Pilots: the first ones are slow because nothing is compiled yet. */
const PILOTS = 3
const BATCH_BYTES_MAX = 1 << 20

/** One measurement in a process of its own: `node engine-only.js PLAN`, a line of JSON out. */
const plan: EngineOnlyPlan = JSON.parse(process.argv[2] ?? '')
process.stdout.write(`${JSON.stringify(await warmAndMeasure(plan))}\n`)
// Ticks of the replicas would keep the process alive.
process.exit(0)

async function warmAndMeasure({ clients, seconds }: EngineOnlyPlan): Promise<EngineOnlyResult> {
  let operations = Math.max(PILOT_OPERATIONS_MIN, clients * 8)
  let perSecond = 0
  for (let pilot = 0; pilot < PILOTS; pilot += 1) {
    perSecond = (await measure(operations)).operationsPerSecond
    operations = Math.max(operations, Math.round(perSecond / 2))
  }
  return measure(Math.max(clients, Math.round(perSecond * seconds)))
}

/** On a fresh cluster: nothing that an earlier measurement left behind is in this one. */
async function measure(operations: number): Promise<EngineOnlyResult> {
  const clock = createPumpedClock()
  const cluster = startInProcessCluster({
    nodes: plan.nodes,
    design: designNamed(plan.design),
    openStore: (node, group) =>
      openStore(memoryAdapter, {
        directory: '',
        node,
        group,
        durability: 'D0',
        disk,
        clock,
        crc32c,
        syncDelayNs: 0,
      }),
    clock,
    prng: prngFromSeed(plan.seed),
    batchBytesMax: BATCH_BYTES_MAX,
  })
  const batch = new BatchEncoder(crc32c).encode({
    records: [{ value: new Uint8Array(0) }],
    timestampMs: 0,
  })
  const { clients } = plan
  try {
    return await measureEngineOnly({
      replicas: cluster.replicas,
      clients,
      operations,
      clock,
      batch,
    })
  } finally {
    cluster.close()
  }
}

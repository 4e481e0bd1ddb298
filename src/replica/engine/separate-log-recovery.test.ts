import { expect, test } from 'vitest'
import { createMachine, type Machine } from '../../../test/support/store-script.ts'
import { crc32c } from '../../base/crc32c.ts'
import { prngFromSeed } from '../../base/prng.ts'
import type { ProduceResult } from '../../contract/log-client.ts'
import { decodeBatch } from '../../contract/record-batch-decode.ts'
import { BatchEncoder } from '../../contract/record-batch-encode.ts'
import { GroupId, NodeId, Offset } from '../../contract/types.ts'
import { openStore } from '../store/open-store.ts'
import type { Loss } from '../store/virtual-file.ts'
import { walAdapter } from '../store/wal/wal-store.ts'
import { designNamed } from './designs.ts'
import { createEngine } from './engine.ts'
import type { Replica } from './replica.ts'
import { openLog } from './separate-log.ts'

const encoder = new BatchEncoder(crc32c)
const group = GroupId(0)
const node = NodeId(1)
const MS = 1e6
const BATCHES = 15
/** A segment holds a few batches, so the Raft log is compacted again and again. */
const adapter = walAdapter({ segmentBytesMax: 700, preallocatedBytes: 0, recentBytesMax: 200 })

class PowerCut extends Error {}

/** A partition with one voter on the disk of `machine`, with both of its logs. */
function start({ clock, disk }: Machine, life: number): Replica {
  const log = openLog('separate-log', (folder) =>
    openStore(adapter, {
      directory: `/node/${folder}/0`,
      node,
      group,
      durability: 'D2',
      disk,
      clock,
      crc32c,
      syncDelayNs: 0,
    }),
  )
  const replica = createEngine({
    group,
    node,
    voters: [node],
    design: designNamed('event@separate-log'),
    ...log,
    transport: { send: () => {}, receive: () => {}, close: () => {} },
    clock,
    prng: prngFromSeed(life),
    batchBytesMax: 4_096,
  })
  replica.campaign()
  return replica
}

const batchOf = (sequence: number): Uint8Array =>
  encoder.encode({
    records: [{ value: new Uint8Array(60).fill(sequence) }],
    timestampMs: 0,
    producer: { id: 7, epoch: 0, baseSequence: sequence },
  })

function produce(replica: Replica, machine: Machine, sequence: number): ProduceResult | undefined {
  let answer: ProduceResult | undefined
  const request = { partition: group, acks: 'quorum', timeoutMs: 60_000 } as const
  replica.produce({ ...request, batch: batchOf(sequence) }, (result) => {
    answer = result
  })
  machine.clock.advanceTo(machine.clock.nowNs() + MS)
  return answer
}

/** The sequences that were written, in the order of their offsets. */
function readAll(replica: Replica, machine: Machine): number[] {
  const found: number[] = []
  for (;;) {
    const offset = found.length
    replica.fetch(
      {
        partition: group,
        offset: Offset(offset),
        consistency: 'committed',
        bytesMax: 500,
        waitMsMax: 0,
      },
      ({ batches }) => {
        for (const batch of batches) {
          const decoded = decodeBatch(batch, crc32c)
          if ('fault' in decoded) throw new Error(decoded.fault)
          for (const { value } of decoded.records) found.push(value?.[0] ?? -1)
        }
      },
    )
    machine.clock.settle()
    if (found.length === offset) return found
  }
}

/** Produces until the power fails before operation `cutAt`; how many were acknowledged. */
function liveUntilCut(seed: number, cutAt: number) {
  let operations = 0
  let isCut = false
  let isOver = false
  const machine = createMachine(seed, () => {
    operations += 1
    if (isCut || isOver || operations !== cutAt) return
    isCut = true
    throw new PowerCut()
  })
  let acknowledged = 0
  let replica: Replica | undefined
  try {
    replica = start(machine, 1)
    machine.clock.advanceTo(MS)
    while (acknowledged < BATCHES && produce(replica, machine, acknowledged)?.code === 'OK') {
      if (isCut) break
      acknowledged += 1
    }
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  isOver = true
  return { machine, replica, acknowledged, isCut }
}

test.each<[Loss, number]>([
  ['all', 1],
  ['none', 1],
  ['some', 2],
])(
  'after a power cut that loses %s both logs give the records, offsets and producers',
  (loss, seeds) => {
    let compacted = 0
    for (let seed = 1; seed <= seeds; seed += 1) {
      for (let cutAt = 1; ; cutAt += 1) {
        const { machine, replica, acknowledged, isCut } = liveUntilCut(seed, cutAt)
        machine.disk.cutPower(loss)
        // What is left of the dead process does nothing more.
        replica?.close(() => {})
        const first = machine.disk.paths().find((path) => path.startsWith('/node/groups/'))
        if (first !== undefined && !first.includes('0000000001')) compacted += 1

        holdsAll(machine, acknowledged, `seed ${seed}, cut before ${cutAt}`)
        if (!isCut) break
      }
    }
    expect(compacted).toBeGreaterThan(20)
  },
)

function holdsAll(machine: Machine, acknowledged: number, where: string): void {
  const again = start(machine, 2)
  machine.clock.advanceTo(machine.clock.nowNs() + 5 * MS)
  const written = readAll(again, machine)
  expect(written, where).toEqual(written.map((_, at) => at))
  expect(written.length, where).toBeGreaterThanOrEqual(acknowledged)

  const next = written.length
  const code = (sequence: number) => produce(again, machine, sequence)
  if (next > 0) expect(code(next - 1), where).toMatchObject({ code: 'OK', baseOffset: next - 1 })
  expect(code(next + 1)?.code, where).toBe('OUT_OF_ORDER_SEQUENCE')
  expect(code(next), where).toMatchObject({ code: 'OK', baseOffset: next })
  machine.disk.killProcesses()
  again.close(() => {})
}

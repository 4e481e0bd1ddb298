import {
  closeSync,
  fdatasync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { GroupId, LogIndex, NodeId, Term } from '../src/contract/types.ts'
import { medianOf } from '../src/judgement/stats/quantile.ts'
import { systemClock } from '../src/os/clock.ts'
import { crc32c } from '../src/os/crc32c.ts'
import { disk } from '../src/os/disk.ts'
import type { Entry } from '../src/replica/consensus/message.ts'
import { openStore } from '../src/replica/store/open-store.ts'
import type { Store } from '../src/replica/store/store.ts'
import { FRAME_HEADER_BYTES, ROW_BYTES } from '../src/replica/store/wal/frame.ts'
import { walAdapter } from '../src/replica/store/wal/wal-store.ts'

/**
 * What the log costs beyond the disk. Each ratio is the log against a bare loop over the same
 * bytes. The two take turns every few milliseconds within one run, and which one goes first
 * changes, so that a slow moment of the machine hits both; the claim is about the median ratio.
 */
const IN_FLIGHT = 64
const KIB = 1024
const MIB = KIB * KIB
const GROUPED = { turns: 30, syncsPerTurn: 40 }
const LARGE = { turns: 120, syncsPerTurn: 1 }
const RECOVERY_TURNS = 15
const RECOVERED_BYTES = 256 * MIB
const ENTRIES_PER_FRAME = 10

const directory = mkdtempSync(join(process.argv[2] ?? process.cwd(), '.bench-wal-'))
try {
  const small = await appends(GROUPED, IN_FLIGHT, 100)
  const medium = await appends(GROUPED, IN_FLIGHT, KIB)
  const large = await appends(LARGE, 1, MIB)
  const recovery = await recoveries()
  const claims = [
    atLeast('group-synced 100-byte appends, ratio to a bare write + fdatasync', small.ratio, 0.9),
    atLeast('group-synced 1 KiB appends, ratio to a bare write + fdatasync', medium.ratio, 0.9),
    atLeast('1 MiB appends, ratio to the loop without framing', large.ratio, 0.8),
    atLeast('recovery, ratio to reading and checksumming', recovery.ratio, 0.6),
  ]
  const figures = { small, medium, large, recovery }
  console.log(JSON.stringify({ bench: 'wal', figures, claims }))
  process.exitCode = claims.every(({ held }) => held) ? 0 : 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

type Turn = () => Promise<number>

/** Bytes a second of both, in turns; the first two turns only warm up. */
async function inTurns(turns: number, wal: Turn, bare: Turn) {
  const pairs: { readonly wal: number; readonly bare: number }[] = []
  for (let turn = -2; turn < turns; turn += 1) {
    const bareFirst = turn % 2 === 0 ? await bare() : undefined
    const pair = { wal: await wal(), bare: bareFirst ?? (await bare()) }
    if (turn >= 0) pairs.push(pair)
  }
  return {
    ratio: medianOf(pairs.map(({ wal, bare }) => wal / bare)),
    walMibPerSecond: medianOf(pairs.map(({ wal }) => wal)) / MIB,
    bareMibPerSecond: medianOf(pairs.map(({ bare }) => bare)) / MIB,
  }
}

async function appends(
  { turns, syncsPerTurn }: typeof GROUPED,
  inFlight: number,
  payloadBytes: number,
) {
  const path = join(directory, 'wal')
  const store = open(path)
  // What the loop without framing leaves out; where syncs are shared, both write the same bytes.
  const overheadBytes = inFlight === 1 ? 0 : FRAME_HEADER_BYTES + ROW_BYTES
  const file = openSync(join(directory, 'bare'), 'wx')
  const block = new Uint8Array(inFlight * (payloadBytes + overheadBytes)).fill(7)
  const payload = block.subarray(0, payloadBytes)
  const bytes = syncsPerTurn * block.length
  const bareTurn = bareLoop(file, block, syncsPerTurn)
  const walTurn = walLoop(store, payload, { writes: syncsPerTurn * inFlight, inFlight })
  const figures = await inTurns(
    turns,
    async () => bytes / (await walTurn()),
    async () => bytes / (await bareTurn()),
  )
  await closed(store)
  closeSync(file)
  rmSync(path, { recursive: true })
  rmSync(join(directory, 'bare'))
  return figures
}

/** Seconds for the writes; each that ends starts the next, as clients in a closed loop do. */
function walLoop(
  store: Store,
  payload: Uint8Array,
  { writes, inFlight }: { readonly writes: number; readonly inFlight: number },
): Turn {
  let index = 0
  return async () => {
    const startNs = process.hrtime.bigint()
    await new Promise<void>((resolve, reject) => {
      let begun = 0
      let ended = 0
      const begin = (): void => {
        begun += 1
        index += 1
        store.persist(append([entry(index, payload)], index), (error) => {
          ended += 1
          if (error !== undefined) reject(error)
          else if (ended === writes) resolve()
          else if (begun < writes) begin()
        })
      }
      for (let at = 0; at < inFlight; at += 1) begin()
    })
    return secondsSince(startNs)
  }
}

/** Seconds for as many bytes: one write, one fdatasync on a thread of the pool, as the store's. */
function bareLoop(file: number, block: Uint8Array, syncs: number): Turn {
  let at = 0
  return async () => {
    const startNs = process.hrtime.bigint()
    for (let sync = 0; sync < syncs; sync += 1) {
      writeSync(file, block, 0, block.length, at)
      at += block.length
      await new Promise<void>((resolve, reject) => {
        fdatasync(file, (error) => (error === null ? resolve() : reject(error)))
      })
    }
    return secondsSince(startNs)
  }
}

/** From the page cache, so that the log's own work shows and not the disk's. */
async function recoveries() {
  const path = join(directory, 'recovery')
  const store = open(path)
  const payload = new Uint8Array(KIB).fill(7)
  const frames = RECOVERED_BYTES / KIB / ENTRIES_PER_FRAME
  for (let frame = 0; frame < frames; frame += 1) {
    const first = frame * ENTRIES_PER_FRAME + 1
    const entries = Array.from({ length: ENTRIES_PER_FRAME }, (_, at) => entry(first + at, payload))
    store.persist(append(entries, frame + 1), () => {})
  }
  await closed(store)
  const files = disk.list(path).filter((name) => name.endsWith('.wal'))
  const paths = files.map((name) => join(path, name))
  return inTurns(
    RECOVERY_TURNS,
    () => recoveryRate(path),
    async () => checksumRate(paths),
  )
}

async function recoveryRate(path: string): Promise<number> {
  const startNs = process.hrtime.bigint()
  const store = open(path)
  const seconds = secondsSince(startNs)
  if (store.restored.lastIndex < RECOVERED_BYTES / KIB - ENTRIES_PER_FRAME) {
    throw new Error('not all entries were recovered')
  }
  await closed(store)
  return RECOVERED_BYTES / seconds
}

function checksumRate(paths: readonly string[]): number {
  const chunk = new Uint8Array(MIB)
  const startNs = process.hrtime.bigint()
  let bytes = 0
  let crc = 0
  for (const path of paths) {
    const file = openSync(path, 'r')
    const { size } = statSync(path)
    for (let at = 0; at < size; at += MIB) {
      const filled = readSync(file, chunk, 0, MIB, at)
      crc = crc32c(chunk.subarray(0, filled), crc)
      bytes += filled
    }
    closeSync(file)
  }
  const seconds = secondsSince(startNs)
  if (crc === 0 || bytes < RECOVERED_BYTES) throw new Error('not all bytes were read')
  return RECOVERED_BYTES / seconds
}

function open(path: string): Store {
  return openStore(walAdapter(), {
    directory: path,
    node: NodeId(1),
    group: GroupId(0),
    durability: 'D2',
    disk,
    clock: systemClock,
    crc32c,
    syncDelayNs: 0,
  })
}

function entry(index: number, payload: Uint8Array): Entry {
  return { term: Term(1), index: LogIndex(index), kind: 'records', payload }
}

function append(entries: readonly Entry[], id: number) {
  return { id, hardState: undefined, truncateFrom: undefined, entries }
}

function closed(store: Store): Promise<void> {
  return new Promise((resolve, reject) => {
    store.close((error) => (error === undefined ? resolve() : reject(error)))
  })
}

function secondsSince(startNs: bigint): number {
  return Number(process.hrtime.bigint() - startNs) / 1e9
}

function atLeast(claim: string, value: number, limit: number) {
  return { claim, value, limit, held: value >= limit }
}

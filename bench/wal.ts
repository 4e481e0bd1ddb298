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
import { crc32c } from '../src/os/crc32c.ts'
import { disk } from '../src/os/disk.ts'
import { FRAME_HEADER_BYTES, ROW_BYTES } from '../src/replica/store/wal/frame.ts'
import { walAdapter } from '../src/replica/store/wal/wal-store.ts'
import {
  appendLoop,
  appendOf,
  atLeast,
  closed,
  entryOf,
  inTurns,
  openAt,
  secondsSince,
  type Turn,
} from './store/append-loop.ts'

/**
 * What the log costs beyond the disk. Each ratio is the log against a bare loop over the same
 * bytes. The two take turns every few milliseconds within one run, and which one goes first
 * changes, so that a slow moment of the machine hits both; the claim is about the median ratio.
 */
const IN_FLIGHT = 64
const KIB = 1024
const MIB = KIB * KIB
const GROUPED = { turns: 16, syncsPerTurn: 120 }
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

async function appends(
  { turns, syncsPerTurn }: typeof GROUPED,
  inFlight: number,
  payloadBytes: number,
) {
  const path = join(directory, 'wal')
  const store = openAt(walAdapter(), path)
  // What the loop without framing leaves out; where syncs are shared, both write the same bytes.
  const overheadBytes = inFlight === 1 ? 0 : FRAME_HEADER_BYTES + ROW_BYTES
  const file = openSync(join(directory, 'bare'), 'wx')
  const block = new Uint8Array(inFlight * (payloadBytes + overheadBytes)).fill(7)
  const payload = block.subarray(0, payloadBytes)
  const bytes = syncsPerTurn * block.length
  const bareTurn = bareLoop(file, block, syncsPerTurn)
  const walTurn = appendLoop(store, payload, { writes: syncsPerTurn * inFlight, inFlight })
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
  const store = openAt(walAdapter(), path)
  const payload = new Uint8Array(KIB).fill(7)
  const frames = RECOVERED_BYTES / KIB / ENTRIES_PER_FRAME
  for (let frame = 0; frame < frames; frame += 1) {
    const first = frame * ENTRIES_PER_FRAME + 1
    const entries = Array.from({ length: ENTRIES_PER_FRAME }, (_, at) =>
      entryOf(first + at, payload),
    )
    store.persist(appendOf(entries, frame + 1), () => {})
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
  const store = openAt(walAdapter(), path)
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

import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { adapter as leveldb } from '../adapters/store/leveldb/index.ts'
import { adapter as lmdb } from '../adapters/store/lmdb/index.ts'
import { adapter as sqlite } from '../adapters/store/sqlite/index.ts'
import { systemClock } from '../src/os/clock.ts'
import { disk } from '../src/os/disk.ts'
import { faultyDisk, noFaults } from '../src/replica/store/faulty-disk.ts'
import { FaultyStore } from '../src/replica/store/faulty-store.ts'
import type { Store } from '../src/replica/store/store.ts'
import { walAdapter } from '../src/replica/store/wal/wal-store.ts'
import { appendLoop, atLeast, closed, inTurns, openAt } from './store/append-loop.ts'

/**
 * The log against the databases, and against itself in wrappers that are off: 100-byte appends,
 * 64 in flight, group-synced, in turns within one run; the claims are about the median ratio.
 */
const PAYLOAD_BYTES = 100
const LOOP = { writes: 64 * 20, inFlight: 64 }
const TURNS = 25

const directory = mkdtempSync(join(process.argv[2] ?? process.cwd(), '.bench-stores-'))
let opened = 0
try {
  const figures = {
    sqlite: await walAgainst(openAt(sqlite, freshPath())),
    leveldb: await walAgainst(openAt(leveldb, freshPath())),
    lmdb: await walAgainst(openAt(lmdb, freshPath())),
    wrapped: await walAgainst(wrapped()),
  }
  const claims = [
    atLeast('wal, ratio to sqlite', figures.sqlite.ratio, 1),
    atLeast('wal, ratio to leveldb', figures.leveldb.ratio, 1),
    atLeast('wal, ratio to lmdb', figures.lmdb.ratio, 1),
    atLeast('wal in wrappers that are off, ratio to wal', 1 / figures.wrapped.ratio, 0.95),
  ]
  console.log(JSON.stringify({ bench: 'stores', figures, claims }))
  process.exitCode = claims.every(({ held }) => held) ? 0 : 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function walAgainst(other: Store) {
  const wal = openAt(walAdapter(), freshPath())
  const payload = new Uint8Array(PAYLOAD_BYTES).fill(7)
  const bytes = LOOP.writes * PAYLOAD_BYTES
  const walTurn = appendLoop(wal, payload, LOOP)
  const otherTurn = appendLoop(other, payload, LOOP)
  const figures = await inTurns(
    TURNS,
    async () => bytes / (await walTurn()),
    async () => bytes / (await otherTurn()),
  )
  await closed(wal)
  await closed(other)
  return figures
}

function wrapped(): Store {
  const faults = noFaults()
  return new FaultyStore(
    openAt(walAdapter(), freshPath(), faultyDisk(disk, faults, systemClock)),
    faults,
  )
}

function freshPath(): string {
  opened += 1
  return join(directory, String(opened))
}

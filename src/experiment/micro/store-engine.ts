import { join } from 'node:path'
import { GroupId, LogIndex, NodeId, Term } from '../../contract/types.ts'
import { systemClock } from '../../os/clock.ts'
import { crc32c } from '../../os/crc32c.ts'
import { disk } from '../../os/disk.ts'
import { openStore } from '../../replica/store/open-store.ts'
import type { Store, StoreAdapter } from '../../replica/store/store.ts'
import type { MicroEngine, MicroTask } from './micro-task.ts'

const PAYLOAD_BYTES = 100
const IN_FLIGHT = 64
const READ_ENTRIES = 64
const READ_BYTES_MAX = 1024 * 1024
/** What `recover` opens. */
const RECOVERED_ENTRIES = 20_000
const WRITE_ENTRIES = 100
const NS_PER_MS = 1e6

/** One store in `directory`, at the durability that it has when nobody asks for one. */
export async function storeEngine(adapter: StoreAdapter, directory: string): Promise<MicroEngine> {
  const durability = adapter.durabilities[0] ?? 'D0'
  const open = (name: string): Store =>
    openStore(adapter, {
      directory: join(directory, name),
      node: NodeId(1),
      group: GroupId(0),
      durability,
      disk,
      clock: systemClock,
      crc32c,
      syncDelayNs: 0,
    })
  const written = new Log(open('written'))
  const tasks = [
    appending(written, 1, durability),
    appending(written, IN_FLIGHT, durability),
    reading(written),
  ]
  if (durability !== 'D0') tasks.push(await recovering(open))
  return { tasks, close: () => written.close() }
}

function appending(log: Log, inFlight: number, durability: string): MicroTask {
  return {
    name: `append ${PAYLOAD_BYTES} B at ${durability}, ${inFlight} in flight`,
    operations: inFlight,
    run: () => log.append(inFlight, 1),
  }
}

/** The newest entries, as a leader reads them for a follower that is a little behind. */
const reading = (log: Log): MicroTask => ({
  name: `read an entry of ${PAYLOAD_BYTES} B, ${READ_ENTRIES} at once`,
  operations: READ_ENTRIES,
  run: () => log.readLast(READ_ENTRIES),
})

/** From the files as an orderly close left them; the system's cache holds them. */
async function recovering(open: (name: string) => Store): Promise<MicroTask> {
  const log = new Log(open('recovered'))
  for (let count = 0; count < RECOVERED_ENTRIES; count += WRITE_ENTRIES) {
    await log.append(1, WRITE_ENTRIES)
  }
  await log.close()
  return {
    name: `recover ${RECOVERED_ENTRIES} × ${PAYLOAD_BYTES} B`,
    operations: 1,
    run: async () => {
      const startNs = systemClock.nowNs()
      const opened = open('recovered')
      const overriddenDuration = (systemClock.nowNs() - startNs) / NS_PER_MS
      await closed(opened)
      return { overriddenDuration }
    },
  }
}

/** A log that grows. */
class Log {
  readonly #store: Store
  readonly #payload = new Uint8Array(PAYLOAD_BYTES).fill(7)
  #lastIndex = 0
  #writes = 0

  constructor(store: Store) {
    this.#store = store
  }

  /** `writes` at once, each of so many entries; resolves when all have ended. */
  append(writes: number, entries: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = writes
      for (let nth = 0; nth < writes; nth += 1) {
        this.#store.persist(this.#nextWrite(entries), (error) => {
          left -= 1
          if (error !== undefined) reject(error)
          else if (left === 0) resolve()
        })
      }
    })
  }

  readLast(count: number): unknown {
    const end = this.#lastIndex + 1
    const start = Math.max(1, end - count)
    return this.#store.read(LogIndex(start), LogIndex(end), READ_BYTES_MAX)
  }

  close(): Promise<void> {
    return closed(this.#store)
  }

  #nextWrite(count: number): Parameters<Store['persist']>[0] {
    this.#writes += 1
    const entries = Array.from({ length: count }, () => {
      this.#lastIndex += 1
      const index = LogIndex(this.#lastIndex)
      return { term: Term(1), index, kind: 'records', payload: this.#payload } as const
    })
    return { id: this.#writes, hardState: undefined, truncateFrom: undefined, entries }
  }
}

const closed = (store: Store): Promise<void> =>
  new Promise((resolve, reject) => {
    store.close((error) => (error === undefined ? resolve() : reject(error)))
  })

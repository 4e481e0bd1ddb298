import { RaftmarkError } from '../../base/errors.ts'
import { GroupId, LogIndex, NodeId } from '../../contract/types.ts'
import { systemClock } from '../../os/clock.ts'
import { crc32c } from '../../os/crc32c.ts'
import { disk } from '../../os/disk.ts'
import { importModule } from '../../os/import-module.ts'
import type { Store } from '../../replica/store/store.ts'
import { storeAdapterOf } from '../../replica/store/store-module.ts'
import { HOST_ENTRY_BYTES, type StoreHostLine, type StoreHostPlan } from './store-host-plan.ts'
import { numbered, run, sameEntries } from './store-sequence.ts'

/** One store in a process of its own, which may be killed: `node store-host-main.js PLAN`. */
const plan: StoreHostPlan = JSON.parse(process.argv[2] ?? '')
const store = await open()
if (store === undefined) process.exit(0)
else if (plan.task === 'append') append(store)
else {
  say({ wrong: firstWrong(store) })
  store.close(() => process.exit(0))
}

async function open(): Promise<Store | undefined> {
  const adapter = storeAdapterOf(await importModule(plan.module), plan.module)
  try {
    const opened = adapter.open({
      directory: plan.directory,
      node: NodeId(1),
      group: GroupId(0),
      durability: plan.durability,
      disk,
      clock: systemClock,
      crc32c,
      syncDelayNs: 0,
    })
    say({ opened: opened.restored.lastIndex })
    return opened
  } catch (error) {
    // The boundary at which whatever a store throws becomes a value.
    const refused = error instanceof Error ? error.message : String(error)
    say({ refused, isMistake: error instanceof RaftmarkError })
    return undefined
  }
}

/** Keeps writing; its parent ends it, or its own input does. */
function append(opened: Store): void {
  let last: number = opened.restored.lastIndex
  const begin = (): void => {
    if (last === plan.lastIndex) return
    last += 1
    const index = last
    const [write] = numbered([{ entries: run(1, index, 1, HOST_ENTRY_BYTES) }])
    opened.persist({ ...write, id: index } as Parameters<Store['persist']>[0], (error) => {
      say(error === undefined ? { acknowledged: index } : { failed: error.message })
      // Not from here at once: a store may call this before `persist` returns.
      if (error === undefined) systemClock.defer(begin)
    })
  }
  for (let at = 0; at < plan.inFlight; at += 1) begin()
  process.stdin.on('end', () => process.exit(0)).resume()
}

function firstWrong(opened: Store): number {
  const { lastIndex } = opened.restored
  for (let index = 1; index <= lastIndex; index += 1) {
    const found = opened.read(LogIndex(index), LogIndex(index + 1), HOST_ENTRY_BYTES)
    if (!sameEntries(found, run(1, index, 1, HOST_ENTRY_BYTES))) return index
  }
  return 0
}

/** A pipe is written to at once (process I/O of Node on Linux), so a kill loses no line. */
function say(line: StoreHostLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

import { join } from 'node:path'
import { prngFromSeed } from '../../base/prng.ts'
import { hold } from './broken.ts'
import type { HostedStore, StoreHosting } from './store-hosting.ts'
import type { StoreLab } from './store-lab.ts'
import { hostingOf } from './store-process-rules.ts'
import type { StoreRule } from './store-rule.ts'

/** Outstanding when the power is cut: some are then in the middle of a sync, some wait for it. */
const IN_FLIGHT = 8
/** Writes that end between opening and a cut, at most: few, so that opening is cut into as well. */
const WRITES_MAX = 60

/** What a store promises about a file system that is shut down under it: the real thing. */
export const storeShutdownRules: readonly StoreRule[] = [
  {
    name: 'shutdown-keeps-acknowledged',
    promise: 'what has ended is there, as it was written, after its file system was shut down',
    asks: 'volume',
    check: async (lab) => {
      const hosting = hostingOf(lab)
      const mount = lab.freshDirectory()
      const prng = prngFromSeed(1)
      let acknowledged = 0
      for (let cut = 1; cut <= hosting.shutdowns; cut += 1) {
        const store = await onVolume(lab, hosting, mount, 'append')
        holdKept(store, acknowledged, cut)
        const ended = 1 + prng.below(WRITES_MAX)
        const wanted = (store.told.opened ?? 0) + ended
        await store.until(`${ended} writes that end`, (told) => told.acknowledged >= wanted)
        // What is said once the power is being cut does not count: an fdatasync that has begun when
        // ext4 is shut down may return 0 although its journal was aborted (see docs/STORES.md).
        acknowledged = Math.max(acknowledged, store.told.acknowledged)
        await hosting.cutPower(store)
      }
      const store = await onVolume(lab, hosting, mount, 'read')
      holdKept(store, acknowledged, hosting.shutdowns + 1)
      await store.until('a log that is read', ({ wrong }) => wrong !== undefined)
      const { wrong } = store.told
      await store.kill()
      hold(wrong === 0, 'entries as they were written', `another entry ${wrong}`)
    },
  },
]

function onVolume(
  lab: StoreLab,
  hosting: StoreHosting,
  mount: string,
  task: 'append' | 'read',
): Promise<HostedStore> {
  const { durability } = lab
  const plan = {
    directory: join(mount, 'store'),
    durability,
    task,
    inFlight: IN_FLIGHT,
    lastIndex: Number.MAX_SAFE_INTEGER,
  }
  return hosting.startOnVolume(plan, mount)
}

function holdKept({ told: { opened = 0 } }: HostedStore, acknowledged: number, cut: number): void {
  const sequence = `shutdown ${cut - 1} under ${IN_FLIGHT} writes in flight`
  const wanted = `entries 1..${acknowledged}, all of which were acknowledged`
  hold(opened >= acknowledged, wanted, `a log that ends at ${opened}; sequence: ${sequence}`)
}

import { assert } from '../../base/assert.ts'
import { hold } from './broken.ts'
import { HOST_ENTRY_BYTES } from './store-host-plan.ts'
import type { HostedStore, StoreHosting } from './store-hosting.ts'
import type { StoreLab } from './store-lab.ts'
import { holdRefused } from './store-reopen-rules.ts'
import type { StoreRule } from './store-rule.ts'
import { restoredState, run, sameEntries } from './store-sequence.ts'

const ENTRIES = 40
const IN_FLIGHT = 4

/** What a store promises when other processes, and the end of its own, are in play. */
export const storeProcessRules: readonly StoreRule[] = [
  {
    name: 'two-processes',
    promise: 'a directory that another process has open is refused until that process is gone',
    asks: 'process',
    check: async (lab) => {
      const directory = lab.freshDirectory()
      const other = await started(lab, directory)
      try {
        holdRefused(lab, directory, 'a refusal while another process has it')
      } finally {
        await other.kill()
      }
      lab.open(directory)
    },
  },
  {
    name: 'outlives-its-process',
    promise: 'a write that has ended is there after its process was killed',
    asks: 'process',
    check: async (lab) => {
      const directory = lab.freshDirectory()
      const other = await started(lab, directory)
      await other.kill()
      const { entries } = restoredState(lab.open(directory).store)
      const wanted = run(1, 1, ENTRIES, HOST_ENTRY_BYTES)
      const sequence = `another process writes ${ENTRIES}, all end, SIGKILL, open`
      const seen = `${entries.length} entries; sequence: ${sequence}`
      hold(sameEntries(entries, wanted), `entries 1..${ENTRIES}`, seen)
    },
  },
]

/** Another process that has the store open, and has written all its entries. */
async function started(lab: StoreLab, directory: string): Promise<HostedStore> {
  const { durability } = lab
  const other = await hostingOf(lab).start({
    directory,
    durability,
    task: 'append',
    inFlight: IN_FLIGHT,
    lastIndex: ENTRIES,
  })
  try {
    await other.until(`${ENTRIES} writes that end`, ({ acknowledged }) => acknowledged === ENTRIES)
    return other
  } catch (error) {
    await other.kill()
    throw error
  }
}

export function hostingOf(lab: StoreLab): StoreHosting {
  assert(lab.hosting !== undefined, 'rules of processes are put to stores with a host only')
  return lab.hosting
}

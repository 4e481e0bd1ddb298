import { RaftmarkError } from '../../base/errors.ts'
import type { DiskFaults } from '../../replica/store/virtual-disk.ts'
import { Broken, hold } from './broken.ts'
import type { StoreLab } from './store-lab.ts'
import { MACHINE_DIRECTORY, StoreMachine } from './store-machine.ts'
import type { StoreRule } from './store-rule.ts'
import {
  type LogState,
  numbered,
  restoredState,
  run,
  sameState,
  scriptedWrites,
  statesOf,
} from './store-sequence.ts'

/** The write during which the disk fails; before the next it is well again. */
const FAULT_AT = 3

/** No divisor of any size, so that every field of every frame has its turn. */
const ALTERED_EVERY = 3

/** What a store promises about a disk that fails, and about files that somebody has altered. */
export const storeFaultRules: readonly StoreRule[] = [
  {
    name: 'failed-sync-is-final',
    promise: 'after a sync has failed no write succeeds any more',
    asks: 'on-disk',
    check: async (lab) => holdFinal(lab, { syncsToFail: 1 }),
  },
  {
    name: 'failed-write-is-final',
    promise: 'after a write has failed, or was cut short, no write succeeds any more',
    asks: 'on-disk',
    check: async (lab) => {
      holdFinal(lab, { writesToFail: 1, shortWriteBytes: 0 })
      holdFinal(lab, { writesToFail: 1, shortWriteBytes: 100 })
    },
  },
  {
    name: 'full-disk-is-final',
    promise: 'after the disk was full no write succeeds any more, also when there is room again',
    asks: 'on-disk',
    check: async (lab) => {
      const machine = new StoreMachine(lab, 1)
      const store = machine.open()
      const writes = numbered([
        { entries: run(1, 1, 1, 100) },
        { entries: run(1, 2, 1, 2_000_000) },
        { entries: run(1, 3, 1, 100) },
      ])
      const before = machine.outcomes(store, writes.slice(0, 1))
      machine.disk.faults.capacityBytes = 1_000_000
      const full = machine.outcomes(store, writes.slice(1, 2))
      machine.disk.faults.capacityBytes = Number.POSITIVE_INFINITY
      const after = machine.outcomes(store, writes.slice(2))
      holdFailed([...before, ...full, ...after], 2)
    },
  },
  {
    name: 'altered-files',
    promise: 'a flipped bit or a zeroed sector is refused, or changes nothing',
    asks: 'on-disk',
    check: async (lab) => {
      const log = await closedLog(lab)
      for (const [path, bytes] of log.files) {
        for (let at = 0; at < bytes.length; at += ALTERED_EVERY) {
          const flip = `bit ${at % 8} of byte ${at} of ${path} flipped`
          holdUnhurt(
            lab,
            log,
            flip,
            changed(log.files, path, (copy) => flipBit(copy, at)),
          )
        }
        for (let at = 0; at < bytes.length; at += 512) {
          const zero = `bytes ${at} to ${at + 511} of ${path} zeroed`
          holdUnhurt(
            lab,
            log,
            zero,
            changed(log.files, path, (copy) => copy.fill(0, at, at + 512)),
          )
        }
      }
    },
  },
  {
    name: 'cut-and-missing-files',
    promise: 'a file that is cut, missing, or in the place of another is refused, or held nothing',
    asks: 'on-disk',
    check: async (lab) => {
      const log = await closedLog(lab)
      for (const [path, bytes] of log.files) {
        const others = log.files.filter(([other]) => other !== path)
        holdUnhurt(lab, log, `${path} removed`, others)
        for (let size = 0; size < bytes.length; size += 64) {
          const cut: File = [path, bytes.slice(0, size), size]
          holdUnhurt(lab, log, `${path} cut to ${size} bytes`, [...others, cut])
        }
        for (const [other] of others) {
          holdUnhurt(lab, log, `${path} and ${other} swapped`, swapped(log.files, path, other))
        }
      }
    },
  },
]

function holdFinal(lab: StoreLab, faults: Partial<DiskFaults>): void {
  const machine = new StoreMachine(lab, 1)
  const healthy = { ...machine.disk.faults }
  const store = machine.open()
  const writes = scriptedWrites()
  const before = machine.outcomes(store, writes.slice(0, FAULT_AT - 1))
  Object.assign(machine.disk.faults, faults)
  const during = machine.outcomes(store, writes.slice(FAULT_AT - 1, FAULT_AT))
  Object.assign(machine.disk.faults, healthy)
  const after = machine.outcomes(store, writes.slice(FAULT_AT))
  holdFailed([...before, ...during, ...after], FAULT_AT)
}

/** All from the `first` write on, counted from 1, must have failed, and none before. */
function holdFailed(outcomes: readonly (string | undefined)[], first: number): void {
  const seen = outcomes.map(
    (error, at) => `${at + 1} ${error === undefined ? 'succeeded' : 'failed'}`,
  )
  const isFinal = outcomes.every((error, at) => (error !== undefined) === at + 1 >= first)
  hold(isFinal, `write ${first} and all later ones fail`, seen.join(', '))
}

/** Contents without the zeros at their end, and the size with them. */
type File = readonly [path: string, bytes: Uint8Array, size: number]
type ClosedLog = { readonly files: readonly File[]; readonly states: readonly LogState[] }

/** A log that was closed in good order: all of it was synced, and the store could know. */
async function closedLog(lab: StoreLab): Promise<ClosedLog> {
  const machine = new StoreMachine(lab, 1)
  // Without the large entry: every byte is altered in turn.
  const writes = scriptedWrites().filter(({ id }) => id !== 5)
  const store = machine.open()
  machine.outcomes(store, writes)
  store.close(() => undefined)
  machine.wait()
  const files = machine.disk.paths().map((path): File => {
    const file = machine.disk.open(path, 'existing')
    const bytes = new Uint8Array(file.size())
    file.read(0, bytes)
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1
    return [path, bytes.slice(0, end), bytes.length]
  })
  return { files, states: statesOf(writes) }
}

/** Opens the files: refused, or the whole log. */
function holdUnhurt(
  lab: StoreLab,
  { states }: ClosedLog,
  alteration: string,
  files: readonly File[],
): void {
  const machine = new StoreMachine(lab, 1)
  machine.disk.makeDirectory(MACHINE_DIRECTORY)
  for (const [path, bytes, size] of files) {
    const file = machine.disk.open(path, 'create')
    file.write(0, [bytes])
    file.truncate(size)
  }
  const found = openedState(machine, alteration)
  if (found === undefined) return
  const at = states.findLastIndex((state) => sameState(state, found))
  const wanted = `a refusal, or the log after write ${states.length - 1}`
  const seen = at === -1 ? 'a log that never was' : `the log after write ${at}`
  hold(at === states.length - 1, wanted, `${seen}; ${alteration}`)
}

function openedState(machine: StoreMachine, alteration: string): LogState | undefined {
  try {
    return restoredState(machine.open())
  } catch (error) {
    if (error instanceof RaftmarkError && error.place.file !== undefined) return undefined
    throw new Broken('a refusal that names the file', `${String(error)}; ${alteration}`)
  }
}

const changed = (
  files: readonly File[],
  path: string,
  change: (bytes: Uint8Array) => unknown,
): readonly File[] =>
  files.map(([name, bytes, size]): File => {
    if (name !== path) return [name, bytes, size]
    const copy = bytes.slice()
    change(copy)
    return [name, copy, size]
  })

const swapped = (files: readonly File[], a: string, b: string): readonly File[] =>
  files.map(([name, bytes, size]): File => {
    if (name === a) return [b, bytes, size]
    return [name === b ? a : name, bytes, size]
  })

const flipBit = (bytes: Uint8Array, at: number): void => {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
}

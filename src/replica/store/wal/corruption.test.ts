import { expect, test } from 'vitest'
import {
  restoredState,
  scriptedWrites,
  statesOf,
} from '../../../../src/experiment/conformance/store-sequence.ts'
import {
  createMachine,
  DIRECTORY,
  type Machine,
  openOn,
} from '../../../../test/support/store-script.ts'
import { crc32c } from '../../../base/crc32c.ts'
import { RaftmarkError } from '../../../base/errors.ts'
import type { Persist } from '../../consensus/effects.ts'
import type { Entry } from '../../consensus/message.ts'
import { encodeFrame, frameBytesOf, frameMemory } from './frame.ts'
import { encodeSegmentHeader, FORMAT_VERSION } from './segment-header.ts'
import { walAdapter } from './wal-store.ts'

const adapter = walAdapter({ segmentBytesMax: 1500, preallocatedBytes: 256 })
/** Without the large one: every byte of the log is altered in turn. */
const writes = scriptedWrites().filter(({ id }) => id !== 5)
const states = statesOf(writes).map((state) => JSON.stringify(state))

const writtenOnce = new Map<boolean, readonly [string, Uint8Array][]>()

/** The files of `writeLog` on a fresh disk. */
function writtenLog(isClosed: boolean): Machine {
  const files = writtenOnce.get(isClosed) ?? filesOf(writeLog(isClosed))
  writtenOnce.set(isClosed, files)
  const machine = createMachine(1)
  machine.disk.makeDirectory(DIRECTORY)
  for (const [path, bytes] of files) machine.disk.open(path, 'create').write(0, [bytes])
  return machine
}

/** A log whose every write was acknowledged before the next; closed in order or not. */
function writeLog(isClosed: boolean): Machine {
  const machine = createMachine(1)
  const store = openOn(machine, adapter)
  for (const write of writes) {
    store.persist(write, () => {})
    machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
  }
  if (isClosed) store.close(() => {})
  machine.clock.advanceTo(machine.clock.nowNs() + 100_000)
  machine.disk.killProcesses()
  return machine
}

const filesOf = ({ disk }: Machine): [string, Uint8Array][] =>
  disk.paths().map((path) => {
    const file = disk.open(path, 'existing')
    const bytes = new Uint8Array(file.size())
    file.read(0, bytes)
    return [path, bytes]
  })

const isSame = (a: readonly [string, Uint8Array][], b: typeof a): boolean =>
  a.length === b.length &&
  a.every(([path, bytes], at) => path === b[at]?.[0] && Buffer.compare(bytes, b[at][1]) === 0)

/** After how many writes the log stands, or the refusal. */
function reopened(machine: Machine): number | RaftmarkError {
  const before = filesOf(machine)
  try {
    const store = openOn(machine, adapter)
    const found = states.lastIndexOf(JSON.stringify(restoredState(store)))
    expect(found, 'the recovered log is that after some write').toBeGreaterThanOrEqual(0)
    return found
  } catch (error) {
    if (!(error instanceof RaftmarkError)) throw error
    expect(error.code).toBe('store-refused')
    expect(error.place.file).toContain(`${DIRECTORY}/`)
    expect(error.place.byte).toBeTypeOf('number')
    expect(isSame(filesOf(machine), before), 'nothing is overwritten').toBe(true)
    return error
  }
}

const segmentsOf = ({ disk }: Machine): readonly string[] =>
  disk.paths().filter((path) => path.endsWith('.wal'))

test.each([true, false])(
  'each altered byte is refused or was not provably synced: %s',
  (closed) => {
    const outcomes = { refused: 0, kept: 0 }
    const pristine = writtenLog(closed)
    for (const path of pristine.disk.paths()) {
      const size = pristine.disk.open(path, 'existing').size()
      for (let at = 0; at < size; at += 1) {
        const machine = writtenLog(closed)
        machine.disk.corrupt(path, (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
        })
        const found = reopened(machine)
        if (typeof found === 'number') {
          // Nothing names the last frame of a log that was not closed.
          expect(found, `${path} ${at}`).toBeGreaterThanOrEqual(writes.length - (closed ? 0 : 1))
          outcomes.kept += 1
        } else {
          expect(found.place.file).toBe(path)
          expect(found.place.byte).toBeLessThanOrEqual(at)
          outcomes.refused += 1
        }
      }
    }
    expect(outcomes.refused).toBeGreaterThan(1500)
    expect(outcomes.kept).toBeGreaterThan(10)
  },
)

test('zeroed sectors and cut files of a closed log are refused, or held nothing', () => {
  let refused = 0
  for (const path of segmentsOf(writtenLog(true))) {
    const size = writtenLog(true).disk.open(path, 'existing').size()
    for (let at = 0; at < size; at += 64) {
      const zeroed = writtenLog(true)
      zeroed.disk.corrupt(path, (bytes) => bytes.fill(0, at, at + 512))
      const cut = writtenLog(true)
      cut.disk.open(path, 'existing').truncate(at)
      for (const found of [reopened(zeroed), reopened(cut)]) {
        if (typeof found === 'number') expect(found).toBe(writes.length)
        else refused += 1
      }
    }
  }
  expect(refused).toBeGreaterThan(40)
})

test('a removed segment, and two that are swapped, are refused', () => {
  const count = segmentsOf(writtenLog(true)).length
  expect(count).toBeGreaterThan(2)
  for (let at = 0; at < count; at += 1) {
    const removed = writtenLog(true)
    removed.disk.remove(segmentsOf(removed)[at] as string)
    expect(reopened(removed)).toBeInstanceOf(RaftmarkError)
  }
  const swapped = writtenLog(true)
  const [first, second] = segmentsOf(swapped) as [string, string]
  swapped.disk.rename(first, `${first}.away`)
  swapped.disk.rename(second, first)
  swapped.disk.rename(`${first}.away`, second)
  expect(String(reopened(swapped))).toContain('holds segment 2')
})

test('a log under the name of the mark is refused: an empty log would be made in its place', () => {
  const machine = writtenLog(true)
  const [first] = segmentsOf(machine) as [string]
  machine.disk.rename(`${DIRECTORY}/synced`, `${DIRECTORY}/away`)
  machine.disk.rename(first, `${DIRECTORY}/synced`)
  machine.disk.rename(`${DIRECTORY}/away`, first)

  expect(String(reopened(machine))).toContain('is too large for what it is')
})

test('an old version of a synced sector is refused', () => {
  const path = `${DIRECTORY}/0000000001.wal`
  const machine = writtenLog(true)
  // The first frame again, where the second belongs: whole, but written for another place.
  machine.disk.corrupt(path, (bytes) => bytes.copyWithin(136, 64, 136))

  expect(reopened(machine)).toMatchObject({ place: { file: path, byte: 136 } })
})

test('a log of another node or group, a newer format and foreign files are refused by name', () => {
  const machine = writtenLog(true)
  const opening = (node: number, group: number) => () =>
    openOn(machine, adapter, 'D2', { node, group })
  expect(opening(2, 0)).toThrow('belongs to node 1, group 0')
  expect(opening(1, 7)).toThrow('belongs to node 1, group 0')

  const newer = writtenLog(true)
  const header = { version: FORMAT_VERSION + 1, node: 1, group: 0, segment: 1, previousCrc: 0 }
  newer.disk.corrupt(`${DIRECTORY}/0000000001.wal`, (bytes) =>
    bytes.set(encodeSegmentHeader(header, crc32c)),
  )
  expect(String(reopened(newer))).toContain('has format 2')

  const other = writtenLog(true)
  other.disk.open(`${DIRECTORY}/data.mdb`, 'create')
  expect(String(reopened(other))).toContain('data.mdb is no file of the store `wal`')
})

test('a directory that a store has open is refused', () => {
  const machine = createMachine(1)
  openOn(machine, adapter)

  expect(() => openOn(machine, adapter)).toThrow('is in use')
})

test('where nothing was synced, lost frames take what follows with them, into the next file', () => {
  const machine = createMachine(1)
  const store = openOn(machine, adapter, 'D1')
  for (const write of writes) store.persist(write, () => {})
  machine.disk.killProcesses()
  const [first] = segmentsOf(machine) as [string]

  // The first frame has no entries, so it ends where the second begins.
  machine.disk.corrupt(first, (bytes) => bytes.fill(0, 136))

  expect(reopened(machine)).toBe(1)
  expect(segmentsOf(machine)).toEqual([first])
})

test('a payload that looks like a frame vouches for nothing', () => {
  const machine = createMachine(1)
  const store = openOn(machine, adapter)
  const [vote, append] = writes as [Persist, Persist]
  const position = { segment: 1, byte: 136 + 72 + 16 }
  // Undamaged, in the right file, and 8 bytes from where it says that it is.
  const place = {
    position: { ...position, byte: position.byte + 8 },
    synced: { segment: 9, byte: 9 },
    previousCrc: 0,
    kept: undefined,
  }
  const forged = frameMemory(frameBytesOf(vote))
  encodeFrame(forged, 0, vote, place, crc32c)
  store.persist(vote, () => {})
  store.persist(
    { ...append, entries: [{ ...(append.entries[0] as Entry), payload: forged.bytes }] },
    () => {},
  )
  machine.clock.advanceTo(100_000)
  machine.disk.killProcesses()

  machine.disk.corrupt(`${DIRECTORY}/0000000001.wal`, (bytes) => bytes.fill(7, 140, 144))

  expect(reopened(machine)).toBe(1)
})

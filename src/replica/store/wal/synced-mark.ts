import type { Crc32c } from '../../../base/crc32c.ts'
import type { Disk } from '../disk.ts'
import type { Done } from '../group-sync.ts'
import { foreign } from '../refusal.ts'
import { type Position, START } from './position.ts'

export const MARK_NAME = 'synced'

const MARK_BYTES = 12

/**
 * Frames name what was synced before them, so nothing names the last ones. A store that is closed
 * in good order says here how far it came; a later damage to its end is then no torn tail.
 */
export function writeMark(
  options: { readonly disk: Disk; readonly directory: string; readonly crc32c: Crc32c },
  synced: Position,
  done: Done,
): void {
  const path = `${options.directory}/${MARK_NAME}`
  const isNew = !options.disk.exists(path)
  const file = options.disk.open(path, isNew ? 'create' : 'existing')
  const bytes = new Uint8Array(MARK_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, synced.segment, true)
  view.setUint32(4, synced.byte, true)
  view.setUint32(8, options.crc32c(bytes.subarray(0, 8)), true)
  file.write(0, [bytes])
  file.sync((error) => {
    file.close()
    if (error === undefined && isNew) options.disk.syncDirectory(options.directory, done)
    else done(error)
  })
}

/** The start when there is no mark, or half of one: then it vouches for nothing. */
export function readMark(options: {
  readonly disk: Disk
  readonly directory: string
  readonly crc32c: Crc32c
}): Position {
  const path = `${options.directory}/${MARK_NAME}`
  if (!options.disk.exists(path)) return START
  const file = options.disk.open(path, 'existing')
  if (file.size() > MARK_BYTES) {
    throw foreign(path, 'is too large for what it is', 'Give the files their names back.')
  }
  const bytes = new Uint8Array(MARK_BYTES)
  const filled = file.read(0, bytes)
  file.close()
  const view = new DataView(bytes.buffer)
  const isWhole =
    filled === MARK_BYTES && view.getUint32(8, true) === options.crc32c(bytes.subarray(0, 8))
  return isWhole ? { segment: view.getUint32(0, true), byte: view.getUint32(4, true) } : START
}

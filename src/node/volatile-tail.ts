import { RaftmarkError } from '../base/errors.ts'
import { disk } from '../os/disk.ts'
import type { Disk } from '../replica/store/disk.ts'
import { volatileDisk } from '../replica/store/volatile-disk.ts'

/** The machine's files, of which SIGKILL takes what was not synced. */
export type VolatileTail = {
  readonly disk: Disk
  /**
   * Throws RaftmarkError `subject-invalid` when no file was opened through `disk`: the store then
   * keeps its files by itself, and would outlive a SIGKILL without any sync.
   */
  requireUse(store: string): void
}

export function volatileTail(): VolatileTail {
  const tail = volatileDisk(disk)
  let isUsed = false
  return {
    disk: {
      ...tail,
      open: (path, mode) => {
        isUsed = true
        return tail.open(path, mode)
      },
    },
    requireUse: (store) => {
      if (isUsed) return
      throw new RaftmarkError('subject-invalid', `store ${store} opens its files by itself`, {
        nextStep: 'Only shutting down a file system shows what it loses, and that needs root.',
        place: { key: 'volatileTail' },
      })
    },
  }
}

import { RaftmarkError } from '../../base/errors.ts'
import { DiskError } from './disk.ts'

/** A store found its files damaged where they were known to be synced. Nothing was changed. */
export const damaged = (file: string, byte: number, found: string): RaftmarkError =>
  new RaftmarkError('store-refused', `${file} is damaged at byte ${byte}: ${found}`, {
    nextStep:
      'Restore the directory from a copy. Or remove it and give the node a new id: with its old ' +
      'one it could vote twice, and entries that it acknowledged may be held nowhere else.',
    place: { file, byte },
  })

/** The directory holds something, but not what this store may go on with. Nothing was changed. */
export const foreign = (file: string, found: string, nextStep: string): RaftmarkError =>
  new RaftmarkError('store-refused', `${file} ${found}`, { nextStep, place: { file, byte: 0 } })

/** What a refusal of the system means to the person who chose the directory. */
export function refusalOf(error: unknown, directory: string): unknown {
  if (!(error instanceof DiskError)) return error
  const place = { file: error.path }
  if (error.code === 'LOCKED') {
    return new RaftmarkError('store-refused', `${directory} is in use: ${error.message}`, {
      nextStep: 'End that process first, or choose another directory.',
      place,
      cause: error,
    })
  }
  return new RaftmarkError(
    'directory-unusable',
    `${directory} cannot be used as a store: ${error.message}`,
    {
      nextStep: nextSteps[error.code] ?? 'See what the system says of this file.',
      place,
      cause: error,
    },
  )
}

const nextSteps: Readonly<Record<string, string>> = {
  EACCES: 'Give this user the right to read and write it, or choose another directory.',
  EPERM: 'Give this user the right to read and write it, or choose another directory.',
  EROFS: 'The file system is mounted read-only: choose another directory.',
  ENOSPC: 'The disk is full: free some space, or choose another directory.',
  EDQUOT: 'The quota is used up: free some space, or choose another directory.',
  ENOTDIR: 'A part of this path is a file: choose another directory.',
  EIO: 'The device fails: look at the kernel log, and use another disk.',
  EMFILE: 'This process has too many files open: raise the limit (ulimit -n).',
}

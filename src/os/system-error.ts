import { type ErrorCode, RaftmarkError } from '../base/errors.ts'

type Refusal = { readonly code: ErrorCode; readonly nextStep: string }

const disk = (nextStep: string): Refusal => ({ code: 'directory-unusable', nextStep })
const machine = (nextStep: string): Refusal => ({ code: 'environment-lacking', nextStep })

/** What a system call can be refused with although the code is right, and what helps. */
const refusals: Readonly<Record<string, Refusal>> = {
  ENOSPC: disk('Free some space there, or choose a folder on another disk with --results DIR.'),
  EDQUOT: disk('Free some of your quota, or choose a folder on another disk with --results DIR.'),
  EROFS: disk('Choose a folder on a file system that can be written, with --results DIR.'),
  EACCES: disk('Choose a folder that you may write to, with --results DIR.'),
  EPERM: disk('Choose a folder that you may write to, with --results DIR.'),
  EIO: disk('Look at the disk’s health, or choose a folder on another one with --results DIR.'),
  EMFILE: machine('Allow more open files (ulimit -n).'),
  ENFILE: machine('Close other programs: the system has no open files left.'),
  ENOMEM: machine('Close other programs: the system has no memory left.'),
  EAGAIN: machine('Allow more processes (ulimit -u).'),
}

/**
 * The mistake that stands behind what the system refused: a full disk, a lacking right, a limit.
 * Undefined for every other error.
 */
export function refusalOf(error: unknown): RaftmarkError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const refusal = refusals[String(error.code)]
  if (refusal === undefined) return undefined
  const place = 'path' in error && typeof error.path === 'string' ? { file: error.path } : {}
  return new RaftmarkError(refusal.code, `the system refused: ${error.message}`, {
    nextStep: refusal.nextStep,
    place,
    cause: error,
  })
}

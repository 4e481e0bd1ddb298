import * as fs from 'node:fs'
import { DiskError } from '../replica/store/disk.ts'

/** How often a lock that vanishes while it is looked at is tried again. */
const ATTEMPTS_MAX = 5

/**
 * Takes the file for this process by creating it exclusively. It names its owner by process id and
 * start time, so that a dead owner's lock is told from one of a process that got the same id.
 */
export function takeLock(path: string): { release(): void } {
  const mine = `${process.pid} ${startTimeOf(process.pid)}\n`
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (createWith(path, mine)) return { release: () => releaseIfMine(path, mine) }
    removeIfStale(path)
  }
  throw new DiskError('LOCKED', path, `${path} changes hands all the time`)
}

/** Written beside and linked into place, so that nobody ever reads a lock without its owner. */
function createWith(path: string, owner: string): boolean {
  const draft = `${path}.${process.pid}`
  fs.writeFileSync(draft, owner)
  try {
    fs.linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    fs.unlinkSync(draft)
  }
}

function removeIfStale(path: string): void {
  const owner = ownerIn(path)
  if (owner === undefined) return
  const [id = '', startTime = ''] = owner.trim().split(' ')
  const living = startTimeOf(Number(id))
  // A power cut keeps the lock's name and loses what was in it: then nobody is its owner.
  if (living !== '' && living === startTime) {
    throw new DiskError('LOCKED', path, `process ${id} has taken it and is running`)
  }
  // Renamed first: of two that find the same stale lock only one may take it away.
  const taken = `${path}.stale.${process.pid}`
  try {
    fs.renameSync(path, taken)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (fs.readFileSync(taken, 'utf8') === owner) fs.unlinkSync(taken)
  else fs.renameSync(taken, path)
}

function releaseIfMine(path: string, mine: string): void {
  if (ownerIn(path) === mine) fs.unlinkSync(path)
}

function ownerIn(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * When the process started, in a form that only needs to be compared; '' if there is none, and
 * 'running' where the system has no /proc: then a lock of a reused process id counts as live.
 */
function startTimeOf(id: number): string {
  if (!Number.isSafeInteger(id) || id <= 0) return ''
  try {
    const stat = fs.readFileSync(`/proc/${id}/stat`, 'utf8')
    // The name in brackets may hold spaces; the start time is the 20th field after it. proc(5)
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? '' : (fields[18] ?? '')
  } catch (error) {
    if (fs.existsSync('/proc/self/stat')) return ''
    return isAlive(id, error) ? 'running' : ''
  }
}

function isAlive(id: number, cause: unknown): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ESRCH') return false
    if (code === 'EPERM') return true
    throw cause
  }
}

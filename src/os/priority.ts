import { getPriority, setPriority } from 'node:os'

/** Before everything that has the usual one, behind what keeps the machine alive. */
const RAISED_NICE = -10

/**
 * Lets the main thread of `pid` run before those that have the usual priority, where this user may
 * do that. Returns the nice value that it has now; `undefined` when the process is gone.
 *
 * Why: a generator that waits for a core behind the replicas that it loads sends late, and the
 * lateness is the scheduler's, not the subject's.
 */
export function raisePriority(pid: number): number | undefined {
  try {
    setPriority(pid, RAISED_NICE)
  } catch {
    // Only root may: then the send-lag gate says whether it mattered.
  }
  try {
    return getPriority(pid)
  } catch {
    return undefined
  }
}

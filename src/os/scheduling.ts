import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** How the kernel lets a thread run: before all others, before most of them, or as all of them. */
export type Scheduling = 'real-time' | 'raised' | 'usual'

const RAISED_NICE = -10
const CHRT_MS_MAX = 1_000

/** Fields of /proc/PID/stat after the name: see proc_pid_stat(5). */
const NICE_FIELD = 16
const POLICY_FIELD = 38
const ROUND_ROBIN = '2'

/**
 * Lets the main thread of `pid` run as soon as it has something to do, where this user may order
 * that: round robin through `chrt`, else a higher priority. Threads that it starts later run as
 * usual. Returns what it is now; `undefined` when the process is gone.
 *
 * Why: Linux lets a running thread finish its slice of about 3 ms before one that woke, whatever
 * their nice values. A generator that waits so long behind the replicas that it loads sends late,
 * and the lateness is the scheduler's, not the subject's.
 */
export function runAtOnce(pid: number): Scheduling | undefined {
  const chrt = spawnSync('chrt', ['-R', '-r', '-p', '1', String(pid)], {
    stdio: 'ignore',
    timeout: CHRT_MS_MAX,
  })
  if (chrt.status !== 0) raise(pid)
  return schedulingOf(pid)
}

export function schedulingOf(pid: number): Scheduling | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[POLICY_FIELD] === ROUND_ROBIN) return 'real-time'
    return Number(fields[NICE_FIELD]) < 0 ? 'raised' : 'usual'
  } catch {
    return undefined
  }
}

function raise(pid: number): void {
  try {
    setPriority(pid, RAISED_NICE)
  } catch {
    // Only root may: then the send-lag gate says whether it mattered.
  }
}

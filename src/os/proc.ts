import { readdirSync, readFileSync } from 'node:fs'

const NS_PER_TICK = 10_000_000 // USER_HZ is 100 on every Linux architecture that Node runs on.

/** What the operating system has counted for one process since it started. */
export type ProcessCost = {
  /** CPU time of all its threads, living and ended. Never too high, at most 20 ms too low. */
  readonly cpuNs: number
  /** How long its living threads were ready to run and had no core. */
  readonly runDelayNs: number
  readonly rssBytes: number
  /** The most it ever had. */
  readonly rssBytesMax: number
}

/** Undefined when there is no such process, or it has ended and only waits to be collected. */
export function costOfProcess(pid: number): ProcessCost | undefined {
  try {
    const stat = statFields(pid)
    if (stat === undefined || stat[0] === 'Z') return undefined
    const threads = threadTimes(pid)
    // The threads' own counters are exact, but an ended thread's are gone; those of the process
    // keep them, but are cut to whole ticks. Neither is ever too high, so the higher one is right.
    const ticks = Number(stat[11]) + Number(stat[12])
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return {
      cpuNs: Math.max(threads.cpuNs, ticks * NS_PER_TICK),
      runDelayNs: threads.runDelayNs,
      rssBytes: kibibytes(status, 'VmRSS') * 1024,
      rssBytesMax: kibibytes(status, 'VmHWM') * 1024,
    }
  } catch {
    return undefined
  }
}

/**
 * When the process began, in the kernel's ticks since boot: with it a process id names one process
 * for good. Undefined when there is no such process.
 */
export function startTimeOfProcess(pid: number): number | undefined {
  const stat = statFields(pid)
  return stat === undefined ? undefined : Number(stat[19])
}

/** Of the calling thread alone. */
export function costOfThisThread(): { readonly cpuNs: number; readonly runDelayNs: number } {
  return parseSchedstat(readFileSync('/proc/thread-self/schedstat', 'utf8'))
}

/** How the machine's cores spent their time since boot, all cores together. */
export type MachineTime = {
  readonly totalNs: number
  readonly idleNs: number
  /** Wanted by this machine, and given to others by the hypervisor. */
  readonly stealNs: number
}

export function machineTime(): MachineTime {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? ''
  // user nice system idle iowait irq softirq steal; guest times are within user and nice.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number)
  return {
    totalNs: ticks.reduce((sum, one) => sum + one, 0) * NS_PER_TICK,
    idleNs: ((ticks[3] ?? 0) + (ticks[4] ?? 0)) * NS_PER_TICK,
    stealNs: (ticks[7] ?? 0) * NS_PER_TICK,
  }
}

function threadTimes(pid: number): { cpuNs: number; runDelayNs: number } {
  let cpuNs = 0
  let runDelayNs = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const times = timesOfThread(pid, thread)
    cpuNs += times.cpuNs
    runDelayNs += times.runDelayNs
  }
  return { cpuNs, runDelayNs }
}

function timesOfThread(pid: number, thread: string): { cpuNs: number; runDelayNs: number } {
  try {
    return parseSchedstat(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'))
  } catch {
    return { cpuNs: 0, runDelayNs: 0 } // The thread ended between the listing and the reading.
  }
}

function parseSchedstat(text: string): { cpuNs: number; runDelayNs: number } {
  const [cpuNs = 0, runDelayNs = 0] = text.trim().split(' ').map(Number)
  return { cpuNs, runDelayNs }
}

/** The fields of /proc/PID/stat from the state on: the name before may hold spaces and brackets. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

const SECTOR_BYTES = 512 // Of the kernel's statistics, whatever the device's own is.
/** Devices whose writes end on others, or in memory. */
const NO_DISK = /^(loop|ram|zram|dm-|md|sr|fd)/

/**
 * What all disks of the machine were given to write since boot, by whomever; NaN where the system
 * does not tell. Not `write_bytes` of a process: it counts a page cache's folios as dirtied whole,
 * and made 4,400 bytes that are synced count 266,000 on ext4 of Linux 6.18.
 */
export function diskBytesWritten(): number {
  try {
    const disks = new Set(readdirSync('/sys/block').filter((name) => !NO_DISK.test(name)))
    const lines = readFileSync('/proc/diskstats', 'utf8').trim().split('\n')
    const written = lines.map((line) => {
      const fields = line.trim().split(/\s+/)
      return disks.has(fields[2] ?? '') ? Number(fields[9]) * SECTOR_BYTES : 0
    })
    return disks.size === 0 ? Number.NaN : written.reduce((sum, bytes) => sum + bytes, 0)
  } catch {
    return Number.NaN
  }
}

function kibibytes(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
}

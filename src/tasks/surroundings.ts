import { systemClock, wallClock } from '../os/clock.ts'
import { costOfProcess, diskBytesWritten, type MachineTime, machineTime } from '../os/proc.ts'

/** The machine's clocks and cores at one moment of a run. */
export type Moment = {
  readonly wallMs: number
  readonly monotonicMs: number
  readonly machine: MachineTime
  /** CPU time so far of the process that runs the experiment. */
  readonly harnessCpuNs: number
  /** Given to all disks since boot; absent in moments that earlier versions kept. */
  readonly diskBytesWritten?: number
}

/** What else happened on the machine while something was measured. */
export type Surroundings = {
  readonly seconds: number
  /** By how much the time of day and the monotonic clock disagree on how long it took. */
  readonly clockJumpMs: number
  /**
   * Share of all cores' time that went to others than the processes of the run: other programs,
   * other guests of the host, and the kernel's own threads. In [0, 1].
   */
  readonly foreignRatio: number
  /** The part of it that the hypervisor gave to other guests. */
  readonly stealRatio: number
}

export function momentNow(): Moment {
  return {
    wallMs: wallClock.nowMs(),
    monotonicMs: systemClock.nowNs() / 1e6,
    machine: machineTime(),
    harnessCpuNs: costOfProcess(process.pid)?.cpuNs ?? 0,
    diskBytesWritten: diskBytesWritten(),
  }
}

/** `runCpuNs`: CPU time of the nodes and the generator between the two moments. */
export function surroundingsOf(before: Moment, after: Moment, runCpuNs: number): Surroundings {
  const monotonicMs = after.monotonicMs - before.monotonicMs
  const totalNs = after.machine.totalNs - before.machine.totalNs
  const busyNs = totalNs - (after.machine.idleNs - before.machine.idleNs)
  const ownNs = runCpuNs + after.harnessCpuNs - before.harnessCpuNs
  const stealNs = after.machine.stealNs - before.machine.stealNs
  return {
    seconds: monotonicMs / 1_000,
    clockJumpMs: Math.abs(after.wallMs - before.wallMs - monotonicMs),
    // The kernel counts the machine's time in ticks and a process's exactly: noise can be < 0.
    foreignRatio: totalNs === 0 ? 0 : Math.max(0, (busyNs - ownNs) / totalNs),
    stealRatio: totalNs === 0 ? 0 : stealNs / totalNs,
  }
}

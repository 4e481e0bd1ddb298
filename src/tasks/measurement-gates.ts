import type { Durability } from '../contract/durability.ts'
import type { Calibration, MachineProbe } from '../experiment/calibrate/calibration.ts'
import { contradicts } from '../judgement/check/judge-durability.ts'
import type { Gate, RunFigures } from '../judgement/history/run-record.ts'
import type { Surroundings } from './surroundings.ts'

/** A generator that is later than this changes what it measures. */
const SEND_LAG_MS = 2
const SEND_LAG_SHARE = 0.05
const TIMER_LATENESS_FACTOR = 3
const ACHIEVED_RATIO_MIN = 0.99
/** The kernel's threads that write and sync for the nodes count as foreign: about 0.03. */
const FOREIGN_RATIO_MAX = 0.1
const STEAL_RATIO_MAX = 0.05
/** Where a disk alone varies; what is beyond it, somebody else uses the disk. */
const SYNC_DRIFT_MAX = 2
/** Of a loop on one core while none of our nodes runs. */
const RUN_DELAY_RATIO_MAX = 0.1
/** Between the halves of the measured part: see METHOD.md for where the limit comes from. */
const CPU_CHANGE_MAX = 0.25
/**
 * Of one sync for each append on each node of a majority; others began before the measured part.
 */
const SYNCED_SHARE = 0.95
/** One sync for ten thousand acknowledgements is none that anybody waited for. */
const SYNCS_PER_ACK_MIN = 0.0001
/** Time servers turn a clock by at most 0.05 %; what is beyond was set, or slept through. */
const CLOCK_JUMP_MS = 100
const CLOCK_SLEW_RATIO = 0.001

/** The gates that tell of others than the subject: a round that missed one is dropped whole. */
export const noiseGates: readonly string[] = [
  'foreign-load',
  'steal',
  'clock-jump',
  'sync-drift',
  'run-delay',
]

/**
 * The conditions under which a run means something. A closed loop has no intended times and no
 * offered rate, so it has neither of the first two gates.
 */
export function gatesOf(run: {
  readonly figures: RunFigures
  readonly calibration: Calibration
  /** Of CPU per request, between the halves of the measured part. */
  readonly cpuChange: number | undefined
  readonly surroundings: Surroundings | undefined
  /** Before its round. */
  readonly probe?: MachineProbe
  /** What its acknowledgements promise, by how many nodes, and what was once observed of it. */
  readonly claims?: DurabilityClaims
  /** Whether its nodes write to the disk. */
  readonly usesDisk?: boolean
}): readonly Gate[] {
  const { figures, calibration, cpuChange, surroundings, probe } = run
  const gates: Gate[] = []
  if (figures.offeredPerSecond !== undefined) {
    gates.push(sendLag(figures, calibration))
    // At the end of a search the rate is what is asked: it is confirmed or not, and that is said.
    if (figures.search === undefined) gates.push(achieved(figures, figures.offeredPerSecond))
  }
  const elections = figures.elections ?? 0
  gates.push(
    { name: 'elections', held: elections === 0, value: elections, limit: 0, unit: 'count' },
    warm(cpuChange),
  )
  if (surroundings !== undefined) {
    gates.push(foreignLoad(surroundings), steal(surroundings), steadyClock(surroundings))
  }
  const durability = durabilityGate(figures, run.claims)
  if (durability !== undefined) gates.push(durability)
  if (probe !== undefined) gates.push(runDelay(probe))
  if (probe !== undefined && run.usesDisk === true) gates.push(syncDrift(probe, calibration))
  return gates
}

export type DurabilityClaims = {
  readonly claimed: Durability
  readonly nodes: number
  /** By `raftmark check durability`; undefined when nobody looked. */
  readonly observed: Durability | undefined
}

/** One class is one step: what was observed may not be below what is claimed. */
const classOf = (durability: Durability): number => Number(durability.slice(1))

/**
 * A run under a promise that was seen not to be kept is not ranked beside those that keep it. Where
 * nobody looked, the nodes' own counters must at least not contradict it: with syncs for each
 * append (D3) each acknowledgement has one on each node of a majority, and with shared ones (D2)
 * there are some.
 */
function durabilityGate(
  { syncsPerAck }: RunFigures,
  claims: DurabilityClaims | undefined,
): Gate | undefined {
  if (claims === undefined || claims.claimed < 'D2') return undefined
  const { claimed, nodes, observed } = claims
  const name = 'durability'
  if (observed !== undefined && contradicts(claimed, observed)) {
    const [value, limit] = [classOf(observed), classOf(claimed)]
    return { name, held: false, value, limit, unit: 'class' }
  }
  if (syncsPerAck === undefined) return undefined
  const limit = claimed === 'D3' ? SYNCED_SHARE * (Math.floor(nodes / 2) + 1) : SYNCS_PER_ACK_MIN
  return { name, held: syncsPerAck >= limit, value: syncsPerAck, limit, unit: 'ratio' }
}

function steal({ stealRatio: value }: Surroundings): Gate {
  const limit = STEAL_RATIO_MAX
  return { name: 'steal', held: value <= limit, value, limit, unit: 'ratio' }
}

function runDelay({ runDelayRatio: value }: MachineProbe): Gate {
  const limit = RUN_DELAY_RATIO_MAX
  return { name: 'run-delay', held: value <= limit, value, limit, unit: 'ratio' }
}

/** By how much a sync takes longer or shorter than when the experiment began. */
function syncDrift({ syncMs }: MachineProbe, calibration: Calibration): Gate {
  const ratio = syncMs.p50 / calibration.syncMs.p50
  const value = Math.max(ratio, 1 / ratio)
  const limit = SYNC_DRIFT_MAX
  return { name: 'sync-drift', held: value <= limit, value, limit, unit: 'ratio' }
}

/** Too short to be halved, it may have changed by all of itself. */
function warm(cpuChange = 1): Gate {
  const value = Math.abs(cpuChange)
  return {
    name: 'warm',
    held: value <= CPU_CHANGE_MAX,
    value,
    limit: CPU_CHANGE_MAX,
    unit: 'ratio',
  }
}

function foreignLoad({ foreignRatio: value }: Surroundings): Gate {
  const limit = FOREIGN_RATIO_MAX
  return { name: 'foreign-load', held: value <= limit, value, limit, unit: 'ratio' }
}

function steadyClock({ clockJumpMs: value, seconds }: Surroundings): Gate {
  const limit = Math.max(CLOCK_JUMP_MS, seconds * 1_000 * CLOCK_SLEW_RATIO)
  return { name: 'clock-jump', held: value <= limit, value, limit, unit: 'ms' }
}

/** Too few requests for a p99 of the lag: the largest lag stands in, which is never smaller. */
function sendLag({ sendLagMs, responseMs }: RunFigures, calibration: Calibration): Gate {
  const value = sendLagMs.p99 ?? sendLagMs.max ?? 0
  const limit = Math.max(
    SEND_LAG_MS,
    SEND_LAG_SHARE * (responseMs.p99 ?? 0),
    TIMER_LATENESS_FACTOR * calibration.timerLatenessMs.p99,
  )
  return { name: 'send-lag-p99', held: value <= limit, value, limit, unit: 'ms' }
}

function achieved({ achievedPerSecond }: RunFigures, offeredPerSecond: number): Gate {
  const value = achievedPerSecond / offeredPerSecond
  return {
    name: 'achieved/offered',
    held: value >= ACHIEVED_RATIO_MIN,
    value,
    limit: ACHIEVED_RATIO_MIN,
    unit: 'ratio',
  }
}

import type { Durability } from '../../contract/durability.ts'
import type { Acks, FetchConsistency } from '../../contract/log-client.ts'

/**
 * When operations begin. All but `closed` are open loops: the moment does not depend on the
 * answers, so a stall delays every operation that is due in it. `steps` and `ramp` (linear) change
 * the rate while they last and arrive as `poisson` does. `closed` keeps `inFlight` operations
 * outstanding, over all producers together: it shows capacity, never latency at a load.
 */
export type Arrival =
  | { readonly kind: 'constant' | 'poisson'; readonly ratePerSecond: number }
  | { readonly kind: 'steps'; readonly steps: readonly RateStep[] }
  | { readonly kind: 'ramp'; readonly firstPerSecond: number; readonly lastPerSecond: number }
  | { readonly kind: 'closed'; readonly inFlight: number }
  | {
      /**
       * Probes of Poisson arrivals find the highest rate that holds; it is then measured. A rate
       * holds when all is acknowledged and at most 1 % takes longer than `slowMs`.
       */
      readonly kind: 'search'
      readonly firstPerSecond: number
      readonly ratePerSecondMax: number
      readonly probeSeconds: number
      readonly slowMs: number
      /** The share of the rate found at which is measured. 1 confirms it. */
      readonly measureRatio: number
    }

export type RateStep = { readonly ratePerSecond: number; readonly seconds: number }

/**
 * Which partition an operation goes to. `none`: one per producer. `round-robin`: from one to the
 * next. The others draw one of `keyCount` keys, each of which belongs to one partition: `zipf`
 * (the key of rank r with weight 1/r), `hotspot` (a fifth of the keys has four fifths of the
 * operations), `drifting` (a hotspot that moves on through the keys).
 */
export type Keys = 'none' | 'round-robin' | 'zipf' | 'hotspot' | 'drifting'

/**
 * Sizes of records' values, `payloadBytes` being the largest. `uniform`: all from 1 on alike.
 * `mixed`: one in sixteen is the largest, the others a sixteenth of it.
 */
export type PayloadSizes = 'fixed' | 'uniform' | 'mixed'

/** How consumers fetch. Each consumer follows every partition from its start and checks it. */
export type FetchShape = {
  readonly bytesMax: number
  readonly waitMsMax: number
  readonly consistency: FetchConsistency
}

/** The part of a workload file that one cluster can be asked to carry, with all defaults filled. */
export type Workload = {
  /** As in workloads/NAME.yaml. */
  readonly name: string
  /** What its figures answer; shown beside them. */
  readonly question: string
  /** What it cannot answer, where a reader might think so. */
  readonly caveat?: string
  /** Which values of the file's `sweep` this is; absent when it has none. */
  readonly variant?: Readonly<Record<string, number | string>>
  readonly placement: 'process' | 'in-process'
  /** The store that subjects without one run on; absent: the raft's own (`null` has none). */
  readonly store?: string
  readonly durability: Durability
  /** Added to every sync of the store. 0: none. */
  readonly syncDelayMs: number
  /** Added to each round trip between two nodes, half of it each way; clients' are not. 0: none. */
  readonly roundTripMs: number
  readonly arrival: Arrival
  readonly cpus: CpuLayout
  readonly partitions: number
  /** Idempotent producers, each with an id, an epoch and a sequence per partition. */
  readonly producers: number
  /** Tailing consumers; each verifies every record. 0: none, and no check of the records. */
  readonly consumers: number
  /** For so long from the begin of the measured phase on they fetch nothing, and then catch up. */
  readonly consumerPauseSeconds: number
  /** Beside them: consumers that read every partition from its start, again and again. */
  readonly replayingConsumers: number
  readonly keys: Keys
  /** For the key distributions that draw a key. */
  readonly keyCount: number
  /** Of one record's value, at most. */
  readonly payloadBytes: number
  readonly payloadSizes: PayloadSizes
  /** The share of a value that is zeros: 0 is incompressible. */
  readonly compressibleRatio: number
  readonly recordsPerBatch: number
  readonly acks: Acks
  /** Of an operation, with its retries: it enters the histogram at this, if unanswered. */
  readonly timeoutMs: number
  readonly fetch: FetchShape
  /** Outstanding operations of the warm-up's closed loop: what gives it the run's frame shape. */
  readonly warmUpInFlight: number
  /**
   * A run that is not warm by then goes on all the same: the gate `warm` judges what it measured.
   */
  readonly warmUpSecondsMax: number
  /** For a constant or poisson arrival: how long it runs, unmeasured, after the warm-up. */
  readonly rehearsalSeconds: number
  readonly measureSeconds: number
  /** For what is unanswered when the last operation was due, and for the consumers' catch-up. */
  readonly drainSecondsMax: number
  /** Whether history.ndjson is written: for checks that need every operation. */
  readonly history: boolean
}

/** All processes on all cores, or the generator on one of its own and the nodes on the others. */
export type CpuLayout = 'shared' | 'apart'

/** What workloads/NAME.yaml holds: a workload, and lists of values that make several of it. */
export type WorkloadFile = Workload & { readonly sweep?: Sweep }

/** Each key's values, in order; several keys are crossed, the last one varying fastest. */
export type Sweep = {
  readonly durability?: readonly Durability[]
  readonly cpus?: readonly CpuLayout[]
  readonly syncDelayMs?: readonly number[]
  readonly roundTripMs?: readonly number[]
  readonly inFlight?: readonly number[]
  readonly ratePerSecond?: readonly number[]
  readonly measureRatio?: readonly number[]
  readonly payloadBytes?: readonly number[]
  readonly partitions?: readonly number[]
}

/**
 * What a workload's figures are about: latency where operations wait for the schedule (`open`),
 * capacity where they wait for answers (`closed`), or the rate that was found (`search`).
 */
export function loopOf({ arrival }: Pick<Workload, 'arrival'>): 'open' | 'closed' | 'search' {
  if (arrival.kind === 'search' && arrival.measureRatio === 1) return 'search'
  return arrival.kind === 'closed' ? 'closed' : 'open'
}

/** A list of workloads with the question that it answers: workloads/suites/NAME.yaml. */
export type Suite = {
  readonly name: string
  readonly question: string
  /** RAFT or RAFT/STORE; a raft alone takes the store that the workload names. */
  readonly subjects: readonly string[]
  /** What the suite promises to need at most on two cores. */
  readonly secondsMax: number
  /** What it is to decide, by the names of workload files; absent: by rule, see METHOD.md. */
  readonly primary?: readonly { readonly workload: string; readonly metric: string }[]
  readonly parts: readonly SuitePart[]
}

export type SuitePart = {
  /** Names of workload files. */
  readonly workloads: readonly string[]
  /** `shared`: one cluster per round carries all of them in turn, each on new partitions. */
  readonly cluster: 'fresh' | 'shared'
  readonly rounds: number
  /** Instead of the suite's. */
  readonly subjects?: readonly string[]
  /** Instead of the workloads' own. */
  readonly measureSeconds?: number
  readonly warmUpSecondsMax?: number
}

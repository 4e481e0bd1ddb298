import { peakRateOf } from './arrival.ts'
import type { WorkloadFile } from './workload.ts'

/** Why a workload cannot be run although each of its values can: what and at which key. */
export type Contradiction = { readonly key: string; readonly message: string }

/** What a node accepts as one batch, unless it is told otherwise. */
const BATCH_BYTES_MAX = 1024 * 1024

/** Bytes of a record beside its value, and of a batch beside its records, rounded up. */
const RECORD_OVERHEAD_BYTES = 32
const BATCH_OVERHEAD_BYTES = 64

/** Operations that a run may plan: beyond it, a wrong unit is more likely than an intention. */
const OPERATIONS_MAX = 2e9

/** What the schema cannot say: how the values of a workload go together. */
export function contradictionOf(file: WorkloadFile): Contradiction | undefined {
  return rules.map((rule) => rule(file)).find((found) => found !== undefined)
}

type Rule = (file: WorkloadFile) => Contradiction | undefined

const rules: readonly Rule[] = [
  function sweepFitsTheArrival({ arrival, sweep }) {
    if (arrival.kind === 'closed' && sweep?.ratePerSecond !== undefined) {
      return at('sweep.ratePerSecond', 'a closed loop has no rate: sweep inFlight instead')
    }
    if (arrival.kind !== 'closed' && sweep?.inFlight !== undefined) {
      return at('sweep.inFlight', `a ${arrival.kind} arrival has no inFlight: sweep ratePerSecond`)
    }
    if (!('ratePerSecond' in arrival) && sweep?.ratePerSecond !== undefined) {
      return at('sweep.ratePerSecond', `the rate of ${arrival.kind} changes by itself`)
    }
    if (arrival.kind !== 'search' && sweep?.measureRatio !== undefined) {
      return at('sweep.measureRatio', 'only a search finds a rate to take a share of')
    }
    return undefined
  },
  function stepsFillTheTime({ arrival, measureSeconds }) {
    if (arrival.kind !== 'steps') return undefined
    const seconds = arrival.steps.reduce((sum, step) => sum + step.seconds, 0)
    if (Math.abs(seconds - measureSeconds) < 1e-6) return undefined
    return at('measureSeconds', `the steps last ${seconds} s, and so must the measured phase`)
  },
  function pauseEndsWithinTheTime({ consumerPauseSeconds, consumers, measureSeconds }) {
    if (consumerPauseSeconds === 0) return undefined
    if (consumers > 0 && consumerPauseSeconds < measureSeconds) return undefined
    return at('consumerPauseSeconds', 'a pause needs consumers, and an end in the measured phase')
  },
  function batchIsNotTooLarge({ payloadBytes, recordsPerBatch, sweep }) {
    const largest = Math.max(payloadBytes, ...(sweep?.payloadBytes ?? []))
    const bytes = recordsPerBatch * (largest + RECORD_OVERHEAD_BYTES) + BATCH_OVERHEAD_BYTES
    if (bytes <= BATCH_BYTES_MAX) return undefined
    return at('payloadBytes', `a batch would have ${bytes} bytes; nodes take ${BATCH_BYTES_MAX}`)
  },
  function amountIsSane({ arrival, measureSeconds, sweep }) {
    if (arrival.kind === 'closed' || arrival.kind === 'search') return undefined
    const rate = Math.max(peakRateOf(arrival), ...(sweep?.ratePerSecond ?? []))
    if (rate * measureSeconds <= OPERATIONS_MAX) return undefined
    return at(
      'measureSeconds',
      `${rate * measureSeconds} operations are more than one run can hold`,
    )
  },
  function closedLoopFeedsEveryProducer({ arrival, producers }) {
    if (arrival.kind !== 'closed' || arrival.inFlight >= producers || producers === 1)
      return undefined
    return at('producers', `${arrival.inFlight} in flight cannot keep ${producers} producers busy`)
  },
  function syncDelayNeedsAStore({ syncDelayMs, store, sweep }) {
    const none = syncDelayMs === 0 && sweep?.syncDelayMs === undefined
    if (none || store !== undefined) return undefined
    return at('syncDelayMs', 'name the `store` whose syncs are delayed, such as memory')
  },
  function amongNodesOnly({ placement, roundTripMs, sweep }) {
    if (placement === 'process' || (roundTripMs === 0 && sweep?.roundTripMs === undefined)) {
      return undefined
    }
    return at('roundTripMs', 'in one process there are no links')
  },
  function generatorIsApart({ placement, cpus, sweep }) {
    if (placement === 'process' || (cpus === 'shared' && sweep?.cpus === undefined)) {
      return undefined
    }
    return at('cpus', 'in one process nothing stands apart')
  },
]

const at = (key: string, message: string): Contradiction => ({ key, message })

import type { DispatchObserver, FailureCode, OperationTimes } from './dispatcher.ts'
import type { LatencyRecorder } from './latency-recorder.ts'

/** `done` and `failed` are of all phases, `warmUpRequests` of the warm-up, the rest measured. */
export type TallyCounts = {
  done: number
  failed: number
  warmUpRequests: number
  acknowledged: number
  acknowledgedInWindow: number
  retries: number
  lastAckNs: number
}

/** Counts how operations end, and has those of the measured phase recorded. */
export class Tally implements DispatchObserver {
  readonly #recorder: LatencyRecorder
  readonly #timeoutNs: number
  readonly #onEnd: (nowNs: number) => void
  readonly #onUnmeasured: (times: OperationTimes, isAcknowledged: boolean) => void
  readonly #failures = new Map<string, number>()
  readonly #counts: TallyCounts = {
    done: 0,
    failed: 0,
    warmUpRequests: 0,
    acknowledged: 0,
    acknowledgedInWindow: 0,
    retries: 0,
    lastAckNs: 0,
  }
  /** The measured phase ends here: what is acknowledged later is not its throughput. */
  windowEndNs = Number.POSITIVE_INFINITY

  constructor(options: {
    readonly recorder: LatencyRecorder
    readonly timeoutNs: number
    /** Called after each end, when its place is free again. */
    readonly onEnd: (nowNs: number) => void
    /** Called for each end outside the measured phase. */
    readonly onUnmeasured: (times: OperationTimes, isAcknowledged: boolean) => void
  }) {
    this.#recorder = options.recorder
    this.#timeoutNs = options.timeoutNs
    this.#onEnd = options.onEnd
    this.#onUnmeasured = options.onUnmeasured
  }

  get counts(): Readonly<TallyCounts> {
    return this.#counts
  }

  /** Of the measured phase. */
  get failures(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#failures)
  }

  onAcknowledged(times: OperationTimes): void {
    const counts = this.#counts
    counts.done += 1
    if (times.measured) {
      counts.acknowledged += 1
      if (times.doneNs <= this.windowEndNs) counts.acknowledgedInWindow += 1
      counts.retries += times.attempts - 1
      counts.lastAckNs = times.doneNs
      this.#recorder.acknowledged(times)
    } else this.#countUnmeasured(times, true)
    this.#onEnd(times.doneNs)
  }

  onFailed(times: OperationTimes, code: FailureCode): void {
    const counts = this.#counts
    counts.failed += 1
    if (times.measured) {
      this.#countFailure(code)
      counts.retries += times.attempts - 1
      this.#recorder.unacknowledged(times, this.#timeoutNs)
    } else this.#countUnmeasured(times, false)
    this.#onEnd(times.doneNs)
  }

  /** A measured operation could not be sent before its timeout. */
  onUnsent(intendedNs: number): void {
    this.#counts.failed += 1
    this.#countFailure('UNSENT')
    this.#recorder.unsent(intendedNs, this.#timeoutNs)
  }

  #countUnmeasured(times: OperationTimes, isAcknowledged: boolean): void {
    this.#counts.warmUpRequests += 1
    this.#onUnmeasured(times, isAcknowledged)
  }

  #countFailure(code: string): void {
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1)
  }
}

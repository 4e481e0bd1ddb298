import type { Clock, Timer } from '../../base/clock.ts'
import type { Schedule } from '../workload/schedule.ts'
import type { Dispatcher } from './dispatcher.ts'

const PIECE = 4096
/** While nothing can be sent, how often to look again. */
const BLOCKED_NS = 1_000_000

/**
 * Begins each operation when it is due, whatever became of those before it: one timer, set to the
 * next one due, sends all that is due when it rings. Its lateness is part of the response time and
 * is shown as send lag.
 */
export class OpenLoop {
  readonly #clock: Clock
  readonly #schedule: Schedule
  readonly #dispatcher: Dispatcher
  readonly #beginNs: number
  readonly #measured: boolean
  readonly #timeoutNs: number
  readonly #onUnsent: (intendedNs: number) => void
  readonly #piece = new Float64Array(PIECE)
  #filled = 0
  #next = 0
  #due = 0
  #timer: Timer | undefined

  constructor(options: {
    readonly clock: Clock
    readonly schedule: Schedule
    readonly dispatcher: Dispatcher
    /** Whether its operations belong to the measured phase. */
    readonly measured: boolean
    /** The schedule's 0. */
    readonly beginNs: number
    readonly timeoutNs: number
    /** An operation could not be sent before its timeout: too many are outstanding. */
    readonly onUnsent: (intendedNs: number) => void
  }) {
    this.#clock = options.clock
    this.#schedule = options.schedule
    this.#dispatcher = options.dispatcher
    this.#beginNs = options.beginNs
    this.#measured = options.measured
    this.#timeoutNs = options.timeoutNs
    this.#onUnsent = options.onUnsent
    this.#refill()
  }

  start(): void {
    this.#pump()
  }

  /** Forgets what is not due yet. */
  stop(): void {
    this.#timer?.cancel()
    this.#filled = 0
    this.#next = 0
  }

  /** What is due and could not be sent never will be. */
  giveUp(): void {
    this.#timer?.cancel()
    while (!this.exhausted) {
      this.#due += 1
      this.#onUnsent(this.#beginNs + (this.#piece[this.#next] as number))
      this.#next += 1
      if (this.exhausted) this.#refill()
    }
  }

  /** Operations that were due so far. */
  get due(): number {
    return this.#due
  }

  /** Every operation was begun or given up. */
  get exhausted(): boolean {
    return this.#next === this.#filled
  }

  #pump(): void {
    const nowNs = this.#clock.nowNs()
    while (!this.exhausted) {
      const intendedNs = this.#beginNs + (this.#piece[this.#next] as number)
      if (intendedNs > nowNs) {
        this.#wakeAt(intendedNs)
        return
      }
      if (this.#dispatcher.hasRoom) this.#dispatcher.begin(intendedNs, this.#measured)
      else if (intendedNs + this.#timeoutNs <= nowNs) this.#onUnsent(intendedNs)
      else {
        this.#wakeAt(nowNs + BLOCKED_NS)
        return
      }
      this.#due += 1
      this.#next += 1
      if (this.exhausted) this.#refill()
    }
  }

  #wakeAt(atNs: number): void {
    this.#timer = this.#clock.wakeAt(atNs, () => this.#pump())
  }

  #refill(): void {
    this.#filled = this.#schedule.fill(this.#piece)
    this.#next = 0
  }
}

import type { Clock, Timer } from '../../base/clock.ts'
import type { Schedule } from '../workload/schedule.ts'
import type { Dispatcher } from './dispatcher.ts'

const PIECE = 4096
/** While nothing can be sent, how often to look again. */
const BLOCKED_NS = 1_000_000

/**
 * Begins each operation when it is due, whatever became of those before it: one timer, set to the
 * next one due, sends all that is due when it rings; so does whoever knows that time has passed.
 * Its lateness is part of the response time and
 * is shown as send lag.
 */
export class OpenLoop {
  readonly #clock: Clock
  readonly #schedule: Schedule
  readonly #dispatcher: Dispatcher
  readonly #beginNs: number
  readonly #measured: boolean
  readonly #timeoutNs: number
  readonly #outstandingMax: number
  readonly #onUnsent: (intendedNs: number) => void
  readonly #piece = new Float64Array(PIECE)
  #filled = 0
  #next = 0
  #due = 0
  #timer: Timer | undefined
  #isArmed = false
  #isSending = false

  constructor(options: {
    readonly clock: Clock
    readonly schedule: Schedule
    readonly dispatcher: Dispatcher
    /** Whether its operations belong to the measured phase. */
    readonly measured: boolean
    /** The schedule's 0. */
    readonly beginNs: number
    readonly timeoutNs: number
    /** An operation that is due while so many are outstanding is left out. Default: none is. */
    readonly outstandingMax?: number
    /** An operation could not be sent before its timeout: too many are outstanding. */
    readonly onUnsent: (intendedNs: number) => void
  }) {
    this.#clock = options.clock
    this.#schedule = options.schedule
    this.#dispatcher = options.dispatcher
    this.#beginNs = options.beginNs
    this.#measured = options.measured
    this.#timeoutNs = options.timeoutNs
    this.#outstandingMax = options.outstandingMax ?? Number.POSITIVE_INFINITY
    this.#onUnsent = options.onUnsent
    this.#refill()
  }

  start(): void {
    this.sendDue(this.#clock.nowNs())
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

  /** To be called also when something else has woken the process: a timer rings up to 1 ms late. */
  sendDue(nowNs: number): void {
    // An answer that comes within `begin` must not begin the next one: the stack would grow.
    if (this.#isSending) return
    this.#isSending = true
    const wakeAtNs = this.#beginDue(nowNs)
    this.#isSending = false
    if (wakeAtNs !== undefined && !this.#isArmed) this.#wakeAt(wakeAtNs)
  }

  /** Returns when to look again; `undefined` when there is nothing more to begin. */
  #beginDue(nowNs: number): number | undefined {
    while (!this.exhausted) {
      const intendedNs = this.#beginNs + (this.#piece[this.#next] as number)
      if (intendedNs > nowNs) return intendedNs
      const isFull = this.#dispatcher.pending >= this.#outstandingMax
      const isLate = intendedNs + this.#timeoutNs <= nowNs
      if (isFull || (!this.#dispatcher.hasRoom && isLate)) this.#onUnsent(intendedNs)
      else if (this.#dispatcher.hasRoom) this.#dispatcher.begin(intendedNs, this.#measured)
      else return nowNs + BLOCKED_NS
      this.#due += 1
      this.#next += 1
      if (this.exhausted) this.#refill()
    }
    return undefined
  }

  #wakeAt(atNs: number): void {
    this.#isArmed = true
    this.#timer = this.#clock.wakeAt(atNs, () => {
      this.#isArmed = false
      this.sendDue(this.#clock.nowNs())
    })
  }

  #refill(): void {
    this.#filled = this.#schedule.fill(this.#piece)
    this.#next = 0
  }
}

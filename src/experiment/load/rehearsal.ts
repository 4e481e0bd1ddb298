import type { Clock } from '../../base/clock.ts'
import { prngFromSeed } from '../../base/prng.ts'
import type { OpenArrival } from '../workload/arrival.ts'
import { createSchedule } from '../workload/schedule.ts'
import type { Dispatcher } from './dispatcher.ts'
import { OpenLoop } from './open-loop.ts'

export type RehearsedArrival = Extract<OpenArrival, { readonly ratePerSecond: number }>

export type RehearsalOptions = {
  readonly clock: Clock
  readonly dispatcher: Dispatcher
  readonly arrival: RehearsedArrival
  readonly seconds: number
  readonly seed: number
  readonly timeoutNs: number
  /** Operations that are due while so many are outstanding are left out: no backlog is made. */
  readonly outstandingMax: number
}

/** Code is compiled once it has run often, so more often is sooner. */
const FAST_FACTOR = 2
/** Of its time. The rest is at the arrival's own rate, for what was compiled for more to settle. */
const FAST_SHARE = 0.5

/**
 * An open loop that nobody measures, between the closed loop of the warm-up and the measured one:
 * its frames are as small as theirs will be, and small frames run other code than full ones.
 */
export class Rehearsal {
  readonly #options: RehearsalOptions
  #loop: OpenLoop
  #isFast = true

  /** It begins at once. */
  constructor(options: RehearsalOptions, nowNs: number) {
    this.#options = options
    this.#loop = this.#begin(nowNs)
  }

  /** Returns whether it is over, with nothing outstanding. */
  tick(nowNs: number): boolean {
    if (!this.#loop.exhausted) return false
    if (this.#isFast) {
      this.#isFast = false
      this.#loop = this.#begin(nowNs)
      return false
    }
    return this.#options.dispatcher.pending === 0
  }

  stop(): void {
    this.#loop.stop()
  }

  #begin(beginNs: number): OpenLoop {
    const { arrival, seconds, seed, ...options } = this.#options
    const factor = this.#isFast ? FAST_FACTOR : 1
    const share = this.#isFast ? FAST_SHARE : 1 - FAST_SHARE
    const loop = new OpenLoop({
      ...options,
      schedule: createSchedule(
        { ...arrival, ratePerSecond: arrival.ratePerSecond * factor },
        {
          seconds: seconds * share,
          prng: prngFromSeed(seed).fork(this.#isFast ? 'fast rehearsal' : 'rehearsal'),
        },
      ),
      measured: false,
      beginNs,
      onUnsent: () => undefined,
    })
    loop.start()
    return loop
  }
}

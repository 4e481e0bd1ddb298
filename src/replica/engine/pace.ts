import { assert } from '../../base/assert.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import type { ClockChoice } from './design.ts'

/**
 * Axis A: what the protocol is told about time, and when it is woken. The core has no tick; a tick
 * design only rounds the time that it hands in.
 */
export interface Pace {
  /** The time to hand to the core now. Monotonic. */
  nowNs(): number
  /** Takes the wake-ups that are due into account; whether there were any. */
  takeWake(): boolean
  /** The core's deadline moved: a timer design sees to it that it is woken. */
  arm(deadlineNs: number): void
  stop(): void
}

export type PaceOptions = {
  readonly choice: ClockChoice
  readonly clock: Clock
  readonly prng: Prng
  /** Called when a wake-up is due; the engine then calls `takeWake` as soon as it may. */
  readonly onWake: () => void
}

export function createPace(options: PaceOptions): Pace {
  return options.choice.kind === 'timers'
    ? createTimerPace(options)
    : createTickPace(options, options.choice)
}

function createTimerPace({ clock, onWake }: PaceOptions): Pace {
  let timer: Timer | undefined
  let armedNs = Number.POSITIVE_INFINITY
  let deadlineNs = Number.POSITIVE_INFINITY
  let due = false

  // Every append moves the deadline back, so the timer is left where it is and looks again.
  const set = (): void => {
    armedNs = deadlineNs
    timer = clock.wakeAt(deadlineNs, fire)
  }
  const fire = (): void => {
    timer = undefined
    armedNs = Number.POSITIVE_INFINITY
    if (clock.nowNs() < deadlineNs) {
      set()
      return
    }
    due = true
    onWake()
  }

  return {
    nowNs: () => clock.nowNs(),
    takeWake: () => {
      const was = due
      due = false
      return was
    },
    arm: (atNs) => {
      deadlineNs = atNs
      if (atNs === Number.POSITIVE_INFINITY || due) return
      if (timer !== undefined && armedNs <= atNs) return
      timer?.cancel()
      set()
    },
    stop: () => timer?.cancel(),
  }
}

function createTickPace(
  { clock, prng, onWake }: PaceOptions,
  choice: Extract<ClockChoice, { kind: 'ticks' }>,
): Pace {
  const { periodNs, phase, missed } = choice
  assert(periodNs > 0, 'validateDesign refuses a period of 0')
  const startNs = clock.nowNs()
  const offsetNs = phase === 'aligned' ? 0 : prng.below(Math.min(periodNs, 2 ** 32))
  let nextNs = Math.floor(startNs / periodNs) * periodNs + offsetNs
  if (nextNs <= startNs) nextNs += periodNs
  // Logical time: it rises by one period per tick that was looked at, and by nothing else.
  let nowNs = startNs
  let pending = 0

  const fire = (): void => {
    const passed = 1 + Math.max(0, Math.floor((clock.nowNs() - nextNs) / periodNs))
    // A host that was busy finds one tick in its ticker, whatever it missed, or all of them.
    pending = missed === 'dropped' ? 1 : pending + passed
    nextNs += passed * periodNs
    timer = clock.wakeAt(nextNs, fire)
    onWake()
  }
  let timer = clock.wakeAt(nextNs, fire)

  return {
    nowNs: () => nowNs,
    takeWake: () => {
      const was = pending
      nowNs += was * periodNs
      pending = 0
      return was > 0
    },
    arm: () => {},
    stop: () => timer.cancel(),
  }
}

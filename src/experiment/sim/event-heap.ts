import type { Timer } from '../../base/clock.ts'

/** What counts as an event: figures of events per second are of these. */
export const eventKinds = { delivery: 1, timer: 2, disk: 3, client: 4, fault: 5 } as const

/** A number, since it is mixed into the hash of what happened. */
export type EventKind = (typeof eventKinds)[keyof typeof eventKinds]

/** What an event does. Classes and not closures, where there are many of them. */
export type Happening = { happen(): void }

/**
 * Something that will happen, unless it is called off. One class without heirs: a constructor that
 * many classes share makes every field of every event a search.
 */
export class SimEvent implements Timer {
  readonly kind: EventKind
  /** The node that it happens to, or 0. */
  readonly node: number
  /** `undefined` once called off. */
  happening: Happening | undefined
  atNs = 0
  /** Events of one instant happen in the order in which they were planned. */
  order = 0

  constructor(kind: EventKind, node: number, happening: Happening) {
    this.kind = kind
    this.node = node
    this.happening = happening
  }

  cancel(): void {
    this.happening = undefined
  }
}

/** Calls a function. */
export class Call implements Happening {
  readonly #call: () => void

  constructor(call: () => void) {
    this.#call = call
  }

  happen(): void {
    const call = this.#call
    call()
  }
}

/**
 * The next event first. A binary heap; it is the clock of the simulated world. Keys stand in arrays
 * of their own: a number in an object is one more place in memory to look at.
 */
export class EventHeap {
  readonly #events: SimEvent[] = []
  readonly #times: number[] = []
  readonly #orders: number[] = []

  get size(): number {
    return this.#events.length
  }

  /** The time of the next event; infinite when there is none. */
  get nextNs(): number {
    return this.#events.length === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number)
  }

  push(event: SimEvent): void {
    const { atNs, order } = event
    const events = this.#events
    const times = this.#times
    const orders = this.#orders
    let at = events.length
    events.push(event)
    times.push(atNs)
    orders.push(order)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const aboveNs = times[parent] as number
      if (aboveNs < atNs || (aboveNs === atNs && (orders[parent] as number) < order)) break
      this.#move(parent, at)
      at = parent
    }
    this.#set(at, event, atNs, order)
  }

  /** Takes the next event out. There must be one. */
  pop(): SimEvent {
    const first = this.#events[0] as SimEvent
    const last = this.#events.pop() as SimEvent
    const lastNs = this.#times.pop() as number
    const lastOrder = this.#orders.pop() as number
    if (this.#events.length > 0) this.#sink(last, lastNs, lastOrder)
    return first
  }

  /** Puts `event` at the top and lets it sink to its place. */
  #sink(event: SimEvent, atNs: number, order: number): void {
    const size = this.#events.length
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && this.#isBefore(child + 1, child)) child += 1
      const childNs = this.#times[child] as number
      if (atNs < childNs || (atNs === childNs && order < (this.#orders[child] as number))) break
      this.#move(child, at)
      at = child
    }
    this.#set(at, event, atNs, order)
  }

  #isBefore(a: number, b: number): boolean {
    const aNs = this.#times[a] as number
    const bNs = this.#times[b] as number
    return aNs < bNs || (aNs === bNs && (this.#orders[a] as number) < (this.#orders[b] as number))
  }

  #move(from: number, to: number): void {
    this.#events[to] = this.#events[from] as SimEvent
    this.#times[to] = this.#times[from] as number
    this.#orders[to] = this.#orders[from] as number
  }

  #set(at: number, event: SimEvent, atNs: number, order: number): void {
    this.#events[at] = event
    this.#times[at] = atNs
    this.#orders[at] = order
  }
}

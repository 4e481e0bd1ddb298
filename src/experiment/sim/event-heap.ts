/** Something that will happen, unless it is called off. */
export type SimEvent = {
  readonly atNs: number
  /** Events of one instant happen in the order in which they were planned. */
  readonly order: number
  readonly kind: EventKind
  /** The node that it happens to, or 0. */
  readonly node: number
  /** `undefined` once called off. */
  call: (() => void) | undefined
}

/** What counts as an event: figures of events per second are of these. */
export type EventKind = 'delivery' | 'timer' | 'disk' | 'client' | 'fault'

/** The next event first. A binary heap; it is the clock of the simulated world. */
export class EventHeap {
  readonly #events: SimEvent[] = []

  get size(): number {
    return this.#events.length
  }

  push(event: SimEvent): void {
    const events = this.#events
    let at = events.length
    events.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = events[parent] as SimEvent
      if (!isBefore(event, above)) break
      events[at] = above
      at = parent
    }
    events[at] = event
  }

  pop(): SimEvent | undefined {
    const events = this.#events
    const first = events[0]
    const last = events.pop()
    if (first === undefined || last === undefined || events.length === 0) return first
    this.#sink(last)
    return first
  }

  /** Puts `event` at the top and lets it sink to its place. */
  #sink(event: SimEvent): void {
    const events = this.#events
    const size = events.length
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      const right = child + 1
      if (right < size && isBefore(events[right] as SimEvent, events[child] as SimEvent)) {
        child = right
      }
      const below = events[child] as SimEvent
      if (!isBefore(below, event)) break
      events[at] = below
      at = child
    }
    events[at] = event
  }
}

const isBefore = (a: SimEvent, b: SimEvent): boolean =>
  a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order)

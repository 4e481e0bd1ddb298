import { assert } from '../../base/assert.ts'
import { EventHeap, type EventKind, type SimEvent } from './event-heap.ts'

/** What a run of the simulator ended with, when something that must hold did not. */
export type SimFailure = {
  readonly check: string
  readonly explanation: string
  readonly atNs: number
  readonly event: number
}

/** Thrown through the code of a process that dies within a call. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied'
}

const kindCodes: Record<EventKind, number> = { delivery: 1, timer: 2, disk: 3, client: 4, fault: 5 }

/** Tasks that one event may defer before the code is taken to be in a loop. */
const DEFERRED_MAX = 100_000

/**
 * Time and order of everything that happens in one simulated run: one thread, one heap. All that
 * happens is mixed into a hash, so that two runs of one seed can be told apart by one number.
 */
export class World {
  nowNs = 0
  eventCount = 0
  failure: SimFailure | undefined
  /** Called for each line of a readable trace; `undefined` in all but replays. */
  readonly trace: ((line: string) => void) | undefined
  /** Called after each event and all that it deferred, with the node that it happened to. */
  afterEvent: (node: number) => void = () => {}
  /** Whether events that happen to this node must wait: its process is stopped. */
  readonly #backlogs = new Map<number, SimEvent[]>()
  readonly #heap = new EventHeap()
  #deferred: (() => void)[] = []
  #order = 0
  #hash = 0x811c9dc5

  constructor(trace: ((line: string) => void) | undefined) {
    this.trace = trace
  }

  /** A short name of all that has happened. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0')
  }

  schedule(atNs: number, kind: EventKind, node: number, call: () => void): SimEvent {
    const event = { atNs: Math.max(atNs, this.nowNs), order: this.#order, kind, node, call }
    this.#order += 1
    this.#heap.push(event)
    return event
  }

  defer(task: () => void): void {
    this.#deferred.push(task)
  }

  mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193)
  }

  /** The first failure counts: what follows it may be its consequence. */
  fail(check: string, explanation: string): void {
    this.failure ??= { check, explanation, atNs: this.nowNs, event: this.eventCount }
    this.trace?.(`${this.time()} FAILED ${check}: ${explanation}`)
  }

  note(text: () => string): void {
    if (this.trace !== undefined) this.trace(`${this.time()} ${text()}`)
  }

  /** Lets things happen until `untilNs`, a failure, or `stop` says so. */
  run(untilNs: number, stop: () => boolean): void {
    // What was begun outside of any event, as the first campaign is.
    this.#doDeferred()
    while (this.failure === undefined && !stop()) {
      const event = this.#heap.pop()
      if (event === undefined || event.atNs > untilNs) {
        if (event !== undefined) this.#heap.push(event)
        this.nowNs = untilNs
        return
      }
      this.nowNs = event.atNs
      this.#happen(event)
    }
  }

  pause(node: number): void {
    if (!this.#backlogs.has(node)) this.#backlogs.set(node, [])
  }

  /** What was held up happens now, in its order. */
  resume(node: number): void {
    const backlog = this.#backlogs.get(node) ?? []
    this.#backlogs.delete(node)
    for (const { kind, call } of backlog) {
      if (call !== undefined) this.schedule(this.nowNs, kind, node, call)
    }
  }

  /** What was held up is lost: its process is dead. */
  forget(node: number): void {
    this.#backlogs.delete(node)
  }

  isPaused(node: number): boolean {
    return this.#backlogs.has(node)
  }

  #happen(event: SimEvent): void {
    const { call } = event
    if (call === undefined) return
    if (this.#backlogs.size > 0 && event.kind !== 'fault') {
      const backlog = this.#backlogs.get(event.node)
      if (backlog !== undefined) {
        backlog.push(event)
        return
      }
    }
    event.call = undefined
    this.eventCount += 1
    this.mix(kindCodes[event.kind] * 31 + event.node)
    this.mix(event.atNs | 0)
    this.#do(call)
    this.#doDeferred()
    this.afterEvent(event.node)
  }

  #doDeferred(): void {
    for (let at = 0; at < this.#deferred.length; at += 1) {
      assert(at < DEFERRED_MAX, 'one event defers tasks without end')
      this.#do(this.#deferred[at] as () => void)
    }
    if (this.#deferred.length > 0) this.#deferred.length = 0
  }

  /** A process that dies leaves its own code at once, and nobody else's. */
  #do(call: () => void): void {
    try {
      call()
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error
    }
  }

  time(): string {
    return `${(this.nowNs / 1e6).toFixed(3).padStart(10)} ms`
  }
}

import { assert } from '../../base/assert.ts'
import {
  Call,
  EventHeap,
  type EventKind,
  eventKinds,
  type Happening,
  SimEvent,
} from './event-heap.ts'

/** What a run of the simulator ended with, when something that must hold did not. */
export type SimFailure = {
  readonly check: string
  readonly explanation: string
  readonly atNs: number
  readonly event: number
}

/** Whoever defers tasks: they are lost with it. */
export type Process = { readonly isAlive: boolean }

/** Thrown through the code of a process that dies within a call. */
class ProcessDied extends Error {
  override readonly name = 'ProcessDied'
}

/** The only one: what it was thrown through says nothing, and a stack trace costs 20 µs. */
export const processDied = new ProcessDied('before an effect')

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
  /** What this event has deferred so far, and by whom. */
  readonly #deferred: ((() => void) | undefined)[] = []
  readonly #deferredBy: (Process | undefined)[] = []
  #deferredCount = 0
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
    return this.plan(atNs, kind, node, new Call(call))
  }

  plan(atNs: number, kind: EventKind, node: number, happening: Happening): SimEvent {
    const event = new SimEvent(kind, node, happening)
    this.planAgain(event, atNs)
    return event
  }

  /** For an event that was taken out. */
  planAgain(event: SimEvent, atNs: number): void {
    event.atNs = atNs > this.nowNs ? atNs : this.nowNs
    event.order = this.#order
    this.#order += 1
    this.#heap.push(event)
  }

  /** Does `task` after the present event, unless the process that wants it is dead by then. */
  defer(task: () => void, process: Process | undefined): void {
    this.#deferred[this.#deferredCount] = task
    this.#deferredBy[this.#deferredCount] = process
    this.#deferredCount += 1
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
      if (this.#heap.nextNs > untilNs) {
        this.nowNs = untilNs
        return
      }
      const event = this.#heap.pop()
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
    for (const event of backlog) this.planAgain(event, this.nowNs)
  }

  /** What was held up is lost: its process is dead. */
  forget(node: number): void {
    this.#backlogs.delete(node)
  }

  isPaused(node: number): boolean {
    return this.#backlogs.has(node)
  }

  #happen(event: SimEvent): void {
    const { happening } = event
    if (happening === undefined) return
    if (this.#backlogs.size > 0 && event.kind !== eventKinds.fault) {
      const backlog = this.#backlogs.get(event.node)
      if (backlog !== undefined) {
        backlog.push(event)
        return
      }
    }
    this.eventCount += 1
    this.mix(event.kind * 31 + event.node)
    this.mix(event.atNs | 0)
    try {
      happening.happen()
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error
    }
    if (this.#deferredCount > 0) this.#doDeferred()
    this.afterEvent(event.node)
  }

  /** The list keeps its room: cutting an array costs more than what was in it. */
  #doDeferred(): void {
    for (let at = 0; at < this.#deferredCount; at += 1) {
      assert(at < DEFERRED_MAX, 'one event defers tasks without end')
      const task = this.#deferred[at] as () => void
      const process = this.#deferredBy[at]
      this.#deferred[at] = undefined
      if (process === undefined || process.isAlive) this.#do(task)
    }
    this.#deferredCount = 0
  }

  /** A process that dies leaves its own code at once, and nobody else's. */
  #do(task: () => void): void {
    try {
      task()
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error
    }
  }

  time(): string {
    return `${(this.nowNs / 1e6).toFixed(3).padStart(10)} ms`
  }
}

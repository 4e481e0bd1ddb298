import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import { type Code, definitenessOf } from '../../contract/codes.ts'
import type { ProduceResult } from '../../contract/log-client.ts'
import { GroupId, type NodeId } from '../../contract/types.ts'
import { type Partitioner, producerOf } from '../workload/operations.ts'
import type { Workload } from '../workload/workload.ts'
import type { BatchFactory } from './batch-factory.ts'
import type { HistoryRecorder, ProduceEnd } from './history-recorder.ts'
import type { Ledger } from './ledger.ts'
import type { Routes } from './routes.ts'

const NS_PER_MS = 1_000_000

/** Before an operation is tried again: long enough for a leader to be found, short in a timeout. */
const RETRY_AFTER_NS = 10 * NS_PER_MS

/** How an operation that was not acknowledged ended: a code of the contract, or no answer. */
export type FailureCode = Code | 'UNANSWERED'

/** Who hears how operations end. Called in the dispatcher's own stack: keep it short. */
export interface DispatchObserver {
  onAcknowledged(operation: OperationTimes): void
  /** It has timed out or was refused. */
  onFailed(operation: OperationTimes, code: FailureCode): void
}

/** Valid during the call only: the object is used again. */
export type OperationTimes = {
  /** Whether it belongs to the measured phase. */
  measured: boolean
  intendedNs: number
  firstSentNs: number
  lastSentNs: number
  doneNs: number
  attempts: number
}

/** What a place of the table is used for. */
const FREE = 0
/** An attempt is out and unanswered. */
const SENT = 1
/** Waits to be tried again. */
const WAITING = 2
/** The operation has ended, but its last attempt is still unanswered. */
const ZOMBIE = 3

export type DispatcherOptions = {
  readonly workload: Workload
  /** The group of each partition. */
  readonly groups: readonly number[]
  readonly clock: Clock
  readonly batches: BatchFactory
  readonly partitionOf: Partitioner
  readonly ledger: Ledger
  readonly routes: Routes
  readonly observer: DispatchObserver
  readonly history?: HistoryRecorder
  /** Operations that can be outstanding. */
  readonly places: number
}

/**
 * Sends operations and brings each to exactly one end: acknowledged, refused, or out of time.
 *
 * A refused or lost attempt is sent again with the same sequence, so that it cannot happen twice,
 * until the operation's timeout. Attempts that wait go out in the order of their operations, as a
 * sequence demands. One attempt that may have happened makes the operation indefinite.
 *
 * Why a table of columns: at 100,000 operations a second, an object, a promise and a timer for
 * each would be what is measured.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #timeoutNs: number
  readonly #groups: readonly GroupId[]

  readonly #states: Uint8Array
  readonly #operations: Float64Array
  readonly #intendedNs: Float64Array
  readonly #firstSentNs: Float64Array
  readonly #lastSentNs: Float64Array
  readonly #sessions: Int32Array
  readonly #ordinals: Float64Array
  readonly #attempts: Int32Array
  readonly #measured: Uint8Array
  readonly #maybeHappened: Uint8Array
  readonly #targets: NodeId[] = []
  readonly #lastCodes: Code[] = []
  readonly #batches: (Uint8Array | undefined)[] = []
  readonly #callbacks: ((result: ProduceResult) => void)[] = []

  readonly #free: Int32Array
  #freeCount: number
  /** Places from here on have never been used. */
  #placesUsed = 0
  #waiting: number[] = []
  #retryAtNs = 0
  #nextOperation = 0
  #pending = 0
  readonly #times: OperationTimes = {
    measured: false,
    intendedNs: 0,
    firstSentNs: 0,
    lastSentNs: 0,
    doneNs: 0,
    attempts: 0,
  }

  constructor(options: DispatcherOptions) {
    const { places, workload } = options
    this.#options = options
    this.#timeoutNs = workload.timeoutMs * NS_PER_MS
    this.#groups = options.groups.map(GroupId)
    this.#states = new Uint8Array(places)
    this.#operations = new Float64Array(places)
    this.#intendedNs = new Float64Array(places)
    this.#firstSentNs = new Float64Array(places)
    this.#lastSentNs = new Float64Array(places)
    this.#sessions = new Int32Array(places)
    this.#ordinals = new Float64Array(places)
    this.#attempts = new Int32Array(places)
    this.#measured = new Uint8Array(places)
    this.#maybeHappened = new Uint8Array(places)
    this.#free = new Int32Array(places)
    for (let place = 0; place < places; place += 1) {
      this.#free[place] = places - 1 - place
      this.#callbacks.push((result) => this.#answered(place, result))
    }
    this.#freeCount = places
  }

  /** Whether `begin` may be called. */
  get hasRoom(): boolean {
    return this.#freeCount > 0
  }

  /** Operations that have begun and not ended. */
  get pending(): number {
    return this.#pending
  }

  /** Whether nothing is outstanding, not even an attempt of an operation that has ended. */
  get isQuiet(): boolean {
    return this.#freeCount === this.#states.length
  }

  /** Sends the next operation of the workload, which was due at `intendedNs`. */
  begin(intendedNs: number, measured: boolean): void {
    assert(this.#freeCount > 0, 'no room for an operation')
    this.#freeCount -= 1
    this.#pending += 1
    const place = this.#free[this.#freeCount] as number
    this.#placesUsed = Math.max(this.#placesUsed, place + 1)
    const operation = this.#nextOperation
    this.#nextOperation += 1
    const { workload, ledger, batches, partitionOf } = this.#options
    const partition = partitionOf(operation)
    const session = ledger.sessionAt(producerOf(operation, workload.producers), partition)
    this.#operations[place] = operation
    this.#intendedNs[place] = intendedNs
    this.#sessions[place] = session
    const ordinal = ledger.begin(session)
    this.#ordinals[place] = ordinal
    this.#attempts[place] = 0
    this.#measured[place] = measured ? 1 : 0
    this.#maybeHappened[place] = 0
    this.#batches[place] = batches.make(ledger.identityOf(session, ordinal))
    this.#send(place)
  }

  /** Ends what is out of time and sends again what waits. To be called every few milliseconds. */
  tick(nowNs: number): void {
    this.#expire(nowNs)
    if (this.#waiting.length > 0 && nowNs >= this.#retryAtNs) this.#resend()
  }

  /** Ends all that is pending as if its time were up: nobody waits any longer. */
  giveUp(): void {
    this.#expire(Number.POSITIVE_INFINITY)
  }

  #send(place: number): void {
    const { routes, ledger, clock, workload, history } = this.#options
    const nowNs = clock.nowNs()
    const session = this.#sessions[place] as number
    if (this.#attempts[place] === 0) {
      this.#firstSentNs[place] = nowNs
      ledger.sent(session, this.#ordinals[place] as number, nowNs)
      history?.produceBegan(session, this.#ordinals[place] as number, nowNs)
    }
    this.#attempts[place] = (this.#attempts[place] as number) + 1
    this.#lastSentNs[place] = nowNs
    this.#states[place] = SENT
    const partition = ledger.partitionOf(session)
    const target = routes.leaderOf(partition)
    this.#targets[place] = target
    const leftNs = (this.#intendedNs[place] as number) + this.#timeoutNs - nowNs
    routes.client(target).produce(
      {
        partition: this.#groups[partition] as GroupId,
        acks: workload.acks,
        timeoutMs: Math.max(1, Math.ceil(leftNs / NS_PER_MS)),
        batch: this.#batches[place] as Uint8Array,
      },
      this.#callbacks[place] as (result: ProduceResult) => void,
    )
  }

  #answered(place: number, result: ProduceResult): void {
    const state = this.#states[place]
    assert(state === SENT || state === ZOMBIE, 'a request was answered twice')
    const { code, baseOffset } = result
    const { ledger, clock, routes } = this.#options
    const nowNs = clock.nowNs()
    const session = this.#sessions[place] as number
    if (code === 'OK') {
      // NaN is no offset of any record, so an acknowledgement without one is found out.
      ledger.acknowledged(session, this.#ordinals[place] as number, baseOffset ?? Number.NaN)
    } else {
      const target = this.#targets[place] as NodeId
      routes.learn(ledger.partitionOf(session), target, code, result.leader)
      if (definitenessOf(code) === 'indefinite') this.#maybeHappened[place] = 1
    }
    if (state === ZOMBIE) this.#release(place)
    else if (code === 'OK') this.#succeed(place, nowNs, baseOffset)
    else this.#retryOrFail(place, code, nowNs)
  }

  #succeed(place: number, nowNs: number, baseOffset: number | undefined): void {
    this.#writeDown(place, { fate: 'acknowledged', code: 'OK', nowNs, baseOffset })
    const times = this.#timesOf(place, nowNs)
    this.#pending -= 1
    this.#release(place)
    this.#options.observer.onAcknowledged(times)
  }

  #retryOrFail(place: number, code: Code, nowNs: number): void {
    const deadlineNs = (this.#intendedNs[place] as number) + this.#timeoutNs
    this.#lastCodes[place] = code
    if (!mayBeSentAgain(code) || nowNs + RETRY_AFTER_NS >= deadlineNs) {
      this.#fail(place, { code, doneNs: Math.min(nowNs, deadlineNs), outstanding: false })
      return
    }
    this.#states[place] = WAITING
    if (this.#waiting.length === 0) this.#retryAtNs = nowNs + RETRY_AFTER_NS
    this.#waiting.push(place)
  }

  #fail(
    place: number,
    end: { readonly code: FailureCode; readonly doneNs: number; readonly outstanding: boolean },
  ): void {
    const { code, doneNs, outstanding } = end
    const { ledger, observer } = this.#options
    const session = this.#sessions[place] as number
    const indefinite = outstanding || this.#maybeHappened[place] === 1
    const fate = indefinite ? 'indefinite' : 'refused'
    ledger.gaveUp(session, this.#ordinals[place] as number, fate)
    ledger.startEpoch(session)
    this.#writeDown(place, { fate, code, nowNs: doneNs, baseOffset: undefined })
    const times = this.#timesOf(place, doneNs)
    this.#pending -= 1
    if (outstanding) this.#states[place] = ZOMBIE
    else this.#release(place)
    observer.onFailed(times, code)
  }

  #expire(nowNs: number): void {
    for (let place = 0; place < this.#placesUsed; place += 1) {
      const state = this.#states[place]
      if (state !== SENT && state !== WAITING) continue
      const doneNs = (this.#intendedNs[place] as number) + this.#timeoutNs
      if (doneNs > nowNs) continue
      const outstanding = state === SENT
      const code = outstanding ? 'UNANSWERED' : (this.#lastCodes[place] as Code)
      this.#fail(place, { code, doneNs, outstanding })
    }
    this.#waiting = this.#waiting.filter((place) => this.#states[place] === WAITING)
  }

  #resend(): void {
    const places = this.#waiting
    this.#waiting = []
    places.sort((a, b) => (this.#operations[a] as number) - (this.#operations[b] as number))
    for (const place of places) this.#send(place)
  }

  #writeDown(place: number, end: Omit<ProduceEnd, 'tries' | 'node'>): void {
    this.#options.history?.produceEnded(
      this.#sessions[place] as number,
      this.#ordinals[place] as number,
      { ...end, tries: this.#attempts[place] as number, node: this.#targets[place] as NodeId },
    )
  }

  #timesOf(place: number, doneNs: number): OperationTimes {
    this.#times.measured = this.#measured[place] === 1
    this.#times.intendedNs = this.#intendedNs[place] as number
    this.#times.firstSentNs = this.#firstSentNs[place] as number
    this.#times.lastSentNs = this.#lastSentNs[place] as number
    this.#times.attempts = this.#attempts[place] as number
    this.#times.doneNs = doneNs
    return this.#times
  }

  #release(place: number): void {
    this.#states[place] = FREE
    this.#batches[place] = undefined
    this.#free[this.#freeCount] = place
    this.#freeCount += 1
  }
}

/**
 * A definite refusal may pass, and an attempt that may have happened is recognised by its sequence.
 * What says that the request itself is wrong will be said again.
 */
function mayBeSentAgain(code: Code): boolean {
  switch (code) {
    case 'UNKNOWN_PARTITION':
    case 'BATCH_TOO_LARGE':
    case 'CORRUPT_BATCH':
    case 'FENCED':
    case 'UNSUPPORTED':
      return false
    default:
      return true
  }
}

import type { Clock } from '../../base/clock.ts'
import { sleepUntil } from '../../base/clock.ts'
import type { Code } from '../../contract/codes.ts'
import type { GroupId } from '../../contract/types.ts'
import type { Routes } from '../load/routes.ts'
import type { CutJournal, JournalBatch } from './cut-journal.ts'

const NS_PER_MS = 1_000_000
/** Each has one batch on its way. */
const PRODUCERS = 8
const ANSWER_MS_MAX = 2_000
const RETRY_NS = 20 * NS_PER_MS
/** How often it is looked whether what is waited for has come. */
const LOOK_NS = 5 * NS_PER_MS
/** The node has forgotten what this producer sent before: no retry helps. */
const hopeless: ReadonlySet<Code> = new Set(['OUT_OF_ORDER_SEQUENCE', 'FENCED', 'CORRUPT_BATCH'])

export type CutProducersOptions = {
  readonly clock: Clock
  readonly routes: Routes
  readonly journal: CutJournal
  readonly group: GroupId
}

/** Idempotent producers that send as fast as they are answered, until they are told to stop. */
export class CutProducers {
  readonly #options: CutProducersOptions
  #unanswered = 0
  #waiting = 0
  #isStopping = false
  #isOver = false
  /** A power cut is going on: see `duringCut`. */
  #isCut = false

  constructor(options: CutProducersOptions) {
    this.#options = options
  }

  /** Batches that were sent to some node and not answered. */
  get inFlight(): number {
    return this.#unanswered
  }

  start(): void {
    for (let producer = 1; producer <= PRODUCERS; producer += 1) this.#next(producer)
  }

  /** Resolves with whether `holds` came true before `limitMs`. */
  async until(holds: () => boolean, limitMs: number): Promise<boolean> {
    const { clock } = this.#options
    const endNs = clock.nowNs() + limitMs * NS_PER_MS
    while (!holds()) {
      if (clock.nowNs() > endNs) return false
      await sleepUntil(clock, clock.nowNs() + LOOK_NS)
    }
    return true
  }

  /**
   * What is acknowledged while `cut` goes on does not count and is sent again: after a real power
   * cut nobody would have heard it, and a sync that meets the shutdown may return as if done.
   */
  async duringCut(cut: () => Promise<void>): Promise<void> {
    this.#isCut = true
    try {
      await cut()
    } finally {
      this.#isCut = false
    }
  }

  /**
   * Begins no new batch; waits at most `limitMs` for those on their way, and then gives them up.
   */
  async stop(limitMs: number): Promise<void> {
    this.#isStopping = true
    await this.until(() => this.#unanswered + this.#waiting === 0, limitMs)
    this.#isOver = true
  }

  #next(producer: number): void {
    if (!this.#isStopping) this.#send(this.#options.journal.nextBatch(producer), 1)
  }

  #send(batch: JournalBatch, tries: number): void {
    const { routes, group } = this.#options
    const node = routes.leaderOf(0)
    this.#unanswered += 1
    const request = { partition: group, acks: 'quorum', timeoutMs: ANSWER_MS_MAX } as const
    routes.client(node).produce({ ...request, batch: batch.bytes }, (result) => {
      this.#unanswered -= 1
      if (this.#isOver) return
      if (result.code === 'OK' && !this.#isCut) {
        this.#options.journal.acknowledge(batch.operation, result, tries, node)
        this.#next(batch.producer)
        return
      }
      routes.learn(0, node, result.code, result.leader)
      this.#retry(batch, tries, result.code)
    })
  }

  #retry(batch: JournalBatch, tries: number, code: Code): void {
    const { clock, journal } = this.#options
    if (hopeless.has(code)) {
      journal.end(batch.operation, 'indefinite', code)
      return
    }
    this.#waiting += 1
    clock.wakeAt(clock.nowNs() + RETRY_NS, () => {
      this.#waiting -= 1
      if (!this.#isOver) this.#send(batch, tries + 1)
    })
  }
}

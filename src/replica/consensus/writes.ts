import { assert } from '../../base/assert.ts'
import { LogIndex } from '../../contract/types.ts'

/**
 * Which writes are on the way to the disk and what is durable. A write is remembered by the last
 * index that it holds, and a truncation lowers that: so a completion that comes late speaks only of
 * what is left of its write, and can never acknowledge a rewritten suffix.
 *
 * Source: etcd/raft testdata/async_storage_writes_append_aba_race.txt, solved there by terms.
 */
export class Writes {
  /** Parallel and ascending by id: the writes that are not complete. */
  readonly #ids: number[] = []
  readonly #lastIndexes: LogIndex[] = []
  #lastId = 0
  #persistedId = 0
  #hardStateId = 0
  /** The last write that a truncation lowered, and the first one that it lowered with it. */
  #cutFirstId = 0
  #cutLastId = 0
  #durableIndex: LogIndex

  constructor(durableIndex: LogIndex) {
    this.#durableIndex = durableIndex
  }

  get durableIndex(): LogIndex {
    return this.#durableIndex
  }

  /** What a message about the log waits for; `undefined` if all that was handed out is durable. */
  get logWaitsFor(): number | undefined {
    return this.#lastId > this.#persistedId ? this.#lastId : undefined
  }

  /** What a message about term and vote waits for. Often nothing while entries are written. */
  get hardStateWaitsFor(): number | undefined {
    return this.#hardStateId > this.#persistedId ? this.#hardStateId : undefined
  }

  /** The id of a new write, after which the store's log ends at `lastIndex`. */
  handOut(lastIndex: LogIndex, withHardState: boolean): number {
    this.#lastId += 1
    if (withHardState) this.#hardStateId = this.#lastId
    this.#ids.push(this.#lastId)
    this.#lastIndexes.push(lastIndex)
    return this.#lastId
  }

  /** Every write up to `id` is durable. Returns whether part of one was cut meanwhile. */
  complete(id: number): boolean {
    assert(id <= this.#lastId, 'this write was never handed out', id)
    if (id <= this.#persistedId) return false
    const wasCut = id >= this.#cutFirstId && this.#persistedId < this.#cutLastId
    this.#persistedId = id
    while (this.#ids.length > 0 && (this.#ids[0] as number) <= id) {
      this.#durableIndex = this.#lastIndexes[0] as LogIndex
      this.#ids.shift()
      this.#lastIndexes.shift()
    }
    return wasCut
  }

  truncateFrom(index: LogIndex): void {
    const last = LogIndex(index - 1)
    if (this.#durableIndex > last) this.#durableIndex = last
    for (let at = this.#ids.length - 1; at >= 0; at -= 1) {
      if ((this.#lastIndexes[at] as LogIndex) <= last) break
      this.#lastIndexes[at] = last
      this.#cutFirstId = this.#ids[at] as number
      this.#cutLastId = this.#lastId
    }
  }
}

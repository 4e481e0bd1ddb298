import type { LogIndex } from '../../contract/types.ts'
import type { Restored } from '../consensus/core.ts'
import type { Persist } from '../consensus/effects.ts'
import type { Entry } from '../consensus/message.ts'
import type { FaultSwitches } from './faulty-disk.ts'
import type { Done } from './group-sync.ts'
import type { Store, StoreCounters } from './store.ts'

/**
 * The faults of a disk around any store, also one that opens files of its own: a failing or full
 * write never reaches it, a failing sync is reported after it. Both are final, as in a store. What
 * `FaultSwitches` says of short writes and slow syncs needs the disk itself: see `faultyDisk` and
 * `DelayedStore`.
 */
export class FaultyStore implements Store {
  readonly restored: Restored
  readonly #store: Store
  readonly #faults: FaultSwitches
  readonly #refused: Done[] = []
  #outstanding = 0
  #failure: Error | undefined

  constructor(store: Store, faults: FaultSwitches) {
    this.restored = store.restored
    this.#store = store
    this.#faults = faults
  }

  get counters(): StoreCounters {
    return this.#store.counters
  }

  persist(write: Persist, done: Done): void {
    this.#failure ??= this.#writeFault()
    if (this.#failure !== undefined) {
      this.#refused.push(done)
      this.#maybeRefuse()
      return
    }
    this.#outstanding += 1
    this.#store.persist(write, (error) => {
      this.#outstanding -= 1
      this.#failure ??= error ?? this.#syncFault()
      done(this.#failure)
      this.#maybeRefuse()
    })
  }

  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    if (this.#failure !== undefined) throw this.#failure
    return this.#store.read(start, end, bytesMax)
  }

  compact(through: LogIndex): void {
    this.#store.compact(through)
  }

  close(done: Done): void {
    this.#store.close((error) => done(this.#failure ?? error))
  }

  /** Behind those that are outstanding: writes end in the order of the calls. */
  #maybeRefuse(): void {
    if (this.#outstanding > 0) return
    for (const done of this.#refused.splice(0)) done(this.#failure)
  }

  #writeFault(): Error | undefined {
    if (this.#faults.isFull) return new Error('the disk is full')
    if (this.#faults.writesToFail === 0) return undefined
    this.#faults.writesToFail -= 1
    return new Error('the write failed')
  }

  #syncFault(): Error | undefined {
    if (this.#faults.syncsToFail === 0) return undefined
    this.#faults.syncsToFail -= 1
    return new Error('the sync failed')
  }
}

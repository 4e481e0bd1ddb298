import type { Clock } from '../../base/clock.ts'
import { LatestValues } from '../../base/latest-values.ts'
import type { LogIndex } from '../../contract/types.ts'
import type { Restored } from '../consensus/core.ts'
import type { Persist } from '../consensus/effects.ts'
import type { Entry } from '../consensus/message.ts'
import { type Done, GroupSync } from './group-sync.ts'
import type { Store, StoreCounters } from './store.ts'

/**
 * Makes each sync of any store last `delayNs` longer. One sync runs at a time and covers what was
 * written before it began, as on a disk: a write that just misses one waits for two.
 */
export class DelayedStore implements Store {
  readonly restored: Restored
  readonly #store: Store
  readonly #clock: Clock
  readonly #delayNs: number
  readonly #groupSync: GroupSync
  readonly #achievedNs = new LatestValues()
  #asked = 0
  #written = 0
  #failure: Error | undefined
  #whenWritten: { readonly through: number; readonly call: () => void } | undefined

  constructor(
    store: Store,
    options: { readonly clock: Clock; readonly delayNs: number; readonly isShared: boolean },
  ) {
    this.restored = store.restored
    this.#store = store
    this.#clock = options.clock
    this.#delayNs = options.delayNs
    this.#groupSync = new GroupSync({
      sync: (done) => this.#sync(done),
      isShared: options.isShared,
    })
  }

  /** With the median of the delays that the clock really gave. */
  get counters(): StoreCounters {
    const syncDelayNsP50 = this.#achievedNs.median
    if (syncDelayNsP50 === undefined) return this.#store.counters
    return { ...this.#store.counters, syncDelayNsP50 }
  }

  persist(write: Persist, done: Done): void {
    this.#asked += 1
    this.#store.persist(write, (error) => {
      this.#written += 1
      this.#failure ??= error
      this.#maybeGoOn()
    })
    this.#groupSync.request(done)
  }

  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    return this.#store.read(start, end, bytesMax)
  }

  compact(through: LogIndex): void {
    this.#store.compact(through)
  }

  close(done: Done): void {
    if (this.#asked === 0) this.#store.close(done)
    else this.#groupSync.request((failure) => this.#store.close((error) => done(failure ?? error)))
  }

  /** Waits for the store's own completion, then for the delay. */
  #sync(done: Done): void {
    this.#whenWritten = { through: this.#asked, call: () => this.#delay(done) }
    this.#maybeGoOn()
  }

  #maybeGoOn(): void {
    const waiting = this.#whenWritten
    if (waiting === undefined) return
    if (this.#written < waiting.through && this.#failure === undefined) return
    this.#whenWritten = undefined
    waiting.call()
  }

  #delay(done: Done): void {
    if (this.#failure !== undefined) {
      done(this.#failure)
      return
    }
    const startNs = this.#clock.nowNs()
    this.#clock.wakeAt(startNs + this.#delayNs, () => {
      this.#achievedNs.add(this.#clock.nowNs() - startNs)
      done(this.#failure)
    })
  }
}

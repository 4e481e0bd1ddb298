import { InvariantError } from '../../base/assert.ts'
import type { LogIndex } from '../../contract/types.ts'
import type { Entry } from '../consensus/message.ts'
import type { Store } from '../store/store.ts'

/** Reads of the store. One may be the first to learn that the store has failed. */
export class StoredEntries {
  readonly #store: Store
  readonly #onFailure: (reason: string) => void

  constructor(store: Store, onFailure: (reason: string) => void) {
    this.#store = store
    this.#onFailure = onFailure
  }

  /** Entries in `[start, end)`, a prefix of them; empty only if the store has failed. */
  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    try {
      return this.#store.read(start, end, bytesMax)
    } catch (error) {
      if (error instanceof InvariantError || !(error instanceof Error)) throw error
      this.#onFailure(`store: ${error.message}`)
      return []
    }
  }
}

import type { LogIndex, NodeId } from '../../contract/types.ts'
import type { Restored } from '../../replica/consensus/core.ts'
import type { Persist } from '../../replica/consensus/effects.ts'
import type { Entry } from '../../replica/consensus/message.ts'
import type { Done } from '../../replica/store/group-sync.ts'
import type { Store, StoreCounters } from '../../replica/store/store.ts'
import type { ProtocolChecks } from './protocol-checks.ts'
import type { Process, World } from './world.ts'

export type Watch = {
  readonly world: World
  readonly checks: ProtocolChecks
  readonly node: NodeId
  /** Whose store it is. */
  readonly process: Process
  /** Called before each write; the process may die in it. */
  readonly beforeWrite: () => void
}

/** A store with what it is told and what it says laid open to the checks. */
export class WatchedStore implements Store {
  readonly restored: Restored
  readonly #store: Store
  readonly #watch: Watch

  constructor(store: Store, watch: Watch) {
    this.restored = store.restored
    this.#store = store
    this.#watch = watch
  }

  get counters(): StoreCounters {
    return this.#store.counters
  }

  persist(write: Persist, done: Done): void {
    const { checks, node, process, beforeWrite } = this.#watch
    if (!process.isAlive) return
    beforeWrite()
    checks.onPersist(node, write)
    this.#store.persist(write, (error) => {
      if (!process.isAlive) return
      if (error === undefined) checks.onDurable(node, write.id)
      else this.#noteFailure(write, error)
      done(error)
    })
  }

  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    return this.#store.read(start, end, bytesMax)
  }

  compact(through: LogIndex): void {
    this.#store.compact(through)
  }

  close(done: Done): void {
    this.#store.close(done)
  }

  #noteFailure(write: Persist, error: Error): void {
    const { world, node } = this.#watch
    world.note(() => `node ${node}: write ${write.id} failed: ${error.message}`)
  }
}

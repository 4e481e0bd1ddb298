import type { StoreLab } from './store-lab.ts'

/** One promise of the store port, and the smallest sequence that shows whether it is kept. */
export type StoreRule = {
  readonly name: string
  /** What a store promises, in a sentence. */
  readonly promise: string
  /**
   * Whom the rule can be put to. `durable`: stores that claim to outlive their process. `on-disk`:
   * those of them that do their I/O through the `Disk` port, so that a virtual disk can fail.
   * `process`: durable ones that can be opened in a process of their own. `volume`: those that
   * claim to outlive a power cut, where a file system can be shut down.
   */
  readonly asks: 'all' | 'durable' | 'on-disk' | 'process' | 'volume'
  /** Resolves when the promise is kept; otherwise rejects, with `Broken` if it knows how. */
  readonly check: (lab: StoreLab) => Promise<void>
}

export type StoreRuleResult = {
  readonly rule: string
  readonly verdict: 'held' | 'broken' | 'not-claimed'
  /** The promise; or what was expected, what was seen, and the sequence that shows it. */
  readonly detail: string
}

import type { AdapterLab } from './adapter-lab.ts'

/** One promise of the contract, and the smallest exchange that shows whether it is kept. */
export type AdapterRule = {
  readonly name: string
  /** What a node promises, in a sentence. */
  readonly promise: string
  /** Resolves when the promise is kept; otherwise rejects, with `Broken` if it knows how. */
  readonly check: (lab: AdapterLab) => Promise<void>
}

export type RuleResult = {
  readonly rule: string
  /** `unsupported`: the manifest says that it is not kept, and why. */
  readonly verdict: 'held' | 'broken' | 'unsupported'
  /** The promise; or what was expected, what was seen, and the exchange that shows it. */
  readonly detail: string
}

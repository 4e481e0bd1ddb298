import type { MicroTimes } from './measure-engine.ts'

/** What one process measures: the argument of micro-main, as JSON. */
export type MicroPlan = MicroTimes & {
  readonly engine: string
  /** For a store: the file that exports its adapter. */
  readonly module: string | undefined
  /** Exists; a store writes into it. */
  readonly directory: string
}

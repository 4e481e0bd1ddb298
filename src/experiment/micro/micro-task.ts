/** What is measured: `run` is one sample. */
export type MicroTask = {
  readonly name: string
  /** Operations that one call of `run` does; figures are those of one of them. */
  readonly operations: number
  /** May return a promise, or `overriddenDuration` in ms when only a part of it counts. */
  readonly run: () => unknown
}

/** A part of the product with its tasks, alone in its process. */
export type MicroEngine = {
  readonly tasks: readonly MicroTask[]
  readonly close?: () => Promise<void>
}

/** An operation of well below a microsecond, or a few: many of them are timed as one sample. */
export function repeated(name: string, operation: () => unknown, operations = 100): MicroTask {
  return {
    name,
    operations,
    // The last result is returned: somebody might look at it, as far as the optimiser knows.
    run: () => {
      let last: unknown
      for (let nth = 0; nth < operations; nth += 1) last = operation()
      return last
    },
  }
}

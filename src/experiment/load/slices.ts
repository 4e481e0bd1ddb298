import { type FromGenerator, type LoadPhase, SLICE_MS } from './plan.ts'

const NS_PER_MS = 1_000_000

type Counts = { readonly done: number; readonly failed: number }

/** Tells the parent when a phase begins, and of each slice how many operations ended in it. */
export class Slices {
  readonly #tell: (message: FromGenerator) => void
  readonly #counts: Counts
  #phase: LoadPhase = 'warm-up'
  #beganNs = 0
  #endNs = 0
  #before: Counts = { done: 0, failed: 0 }

  /** `counts` is read at the end of each slice. */
  constructor(tell: (message: FromGenerator) => void, counts: Counts) {
    this.#tell = tell
    this.#counts = counts
  }

  enter(phase: LoadPhase, nowNs: number): void {
    this.#phase = phase
    this.#beganNs = nowNs
    this.#next(nowNs)
    this.#tell({ kind: 'phase', phase })
  }

  tick(nowNs: number): void {
    if (nowNs < this.#endNs) return
    this.#tell({
      kind: 'slice',
      slice: {
        phase: this.#phase,
        elapsedMs: (nowNs - this.#beganNs) / NS_PER_MS,
        requestsDone: this.#counts.done - this.#before.done,
        requestsFailed: this.#counts.failed - this.#before.failed,
      },
    })
    this.#next(nowNs)
  }

  #next(nowNs: number): void {
    const { done, failed } = this.#counts
    this.#before = { done, failed }
    this.#endNs = nowNs + SLICE_MS * NS_PER_MS
  }
}

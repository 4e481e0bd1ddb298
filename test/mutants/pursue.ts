import { Worker } from 'node:worker_threads'
import type { Found, Hunt, Tidings } from './hunt.ts'

export type Outcome = { readonly runs: number; readonly found: Found | undefined }

/** A run that says nothing for so long does not end: twenty of them take about a second. */
const SILENCE_MS_MAX = 30_000
const HEAP_MIB_MAX = 1_024

/** Runs a bundled program in a thread of its own; a thread that hangs or dies is a find too. */
export function pursue(program: string, hunt: Hunt): Promise<Outcome> {
  return new Promise((resolve) => {
    let runs = 0
    const worker = new Worker(program, {
      workerData: hunt,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    })
    const end = (found: Found | undefined): void => {
      clearTimeout(timer)
      worker.removeAllListeners()
      worker.on('error', () => {})
      void worker.terminate()
      resolve({ runs, found })
    }
    const lost = (check: string, explanation: string): void =>
      end({ check, explanation, scenario: hunt.scenarios.join(', '), seed: 0 })
    const silent = (): void => lost('hang', `nothing heard for ${SILENCE_MS_MAX / 1e3} s`)
    let timer = setTimeout(silent, SILENCE_MS_MAX)
    worker.on('message', (tidings: Tidings) => {
      runs = tidings.runs
      clearTimeout(timer)
      if (tidings.isDone) end(tidings.found)
      else timer = setTimeout(silent, SILENCE_MS_MAX)
    })
    worker.on('error', (error) =>
      lost('exception', error instanceof Error ? error.message : `${error}`),
    )
    worker.on('exit', (code) => lost('exception', `the thread ended with ${code}`))
  })
}

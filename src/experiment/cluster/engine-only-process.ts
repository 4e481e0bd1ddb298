import { RaftmarkError } from '../../base/errors.ts'
import type { Guard } from '../../os/guard.ts'
import type { EngineOnlyResult } from './engine-only.ts'

export type EngineOnlyPlan = {
  /** A name that `designNamed` knows. */
  readonly design: string
  readonly nodes: number
  readonly clients: number
  /** About how long the measured part takes; the number of operations is found by pilots. */
  readonly seconds: number
  readonly seed: number
}

/** A young generation that holds what one burst allocates; recorded with each run. */
export const ENGINE_ONLY_V8_FLAGS = ['--max-semi-space-size=64'] as const

/** Pilots and measurement take a few times `seconds`; beyond this the process is wedged. */
const ENGINE_ONLY_SECONDS_MAX = 120

/**
 * Measures in a fresh process, so that no measurement finds code that another one has warmed or
 * spoilt. `program` is the bundled engine-only.js. Throws RaftmarkError `adapter-exited` when the
 * process ends without a result, and ends it when `signal` is aborted.
 */
export async function runEngineOnly(
  plan: EngineOnlyPlan,
  options: {
    readonly guard: Guard
    readonly program: string
    readonly directory: string
    readonly stderrFile: string
    readonly signal: AbortSignal
  },
): Promise<EngineOnlyResult> {
  const { guard, program, directory, stderrFile, signal } = options
  const child = await guard.start({
    argv: [process.execPath, ...ENGINE_ONLY_V8_FLAGS, program, JSON.stringify(plan)],
    directory,
    stderrFile,
  })
  const kill = (): void => child.signal('SIGKILL')
  signal.addEventListener('abort', kill)
  const limit = AbortSignal.timeout(ENGINE_ONLY_SECONDS_MAX * 1_000)
  limit.addEventListener('abort', kill)
  let line: string | undefined
  child.onLine((text) => {
    line ??= text
  })
  try {
    const { exitCode } = await child.ended
    if (exitCode === 0 && line !== undefined) return JSON.parse(line)
    throw new RaftmarkError(
      'adapter-exited',
      limit.aborted
        ? `the engine-only process took longer than ${ENGINE_ONLY_SECONDS_MAX} s`
        : `the engine-only process ended with ${exitCode ?? 'a signal'} and no result`,
      { nextStep: `See ${stderrFile} for its last words.` },
    )
  } finally {
    signal.removeEventListener('abort', kill)
    limit.removeEventListener('abort', kill)
  }
}

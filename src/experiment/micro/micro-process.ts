import { RaftmarkError } from '../../base/errors.ts'
import type { MicroEngineFigures } from '../../judgement/history/micro-record.ts'
import { systemClock } from '../../os/clock.ts'
import type { Guard } from '../../os/guard.ts'
import { within } from '../../os/within.ts'
import type { MicroPlan } from './micro-plan.ts'

/** A few seconds are usual; a slow disk fills a log to recover for longer. */
const PROCESS_MS_MAX = 5 * 60_000

/**
 * Measures one engine in a fresh process, so that no engine finds code that another has warmed or
 * spoilt. `program` is the compiled micro-main.js. Rejects with RaftmarkError `adapter-exited`.
 */
export async function measureInProcess(
  plan: MicroPlan,
  options: {
    readonly guard: Guard
    readonly program: string
    readonly stderrFile: string
    readonly signal: AbortSignal
  },
): Promise<MicroEngineFigures> {
  const { guard, program, stderrFile, signal } = options
  const child = await guard.start({
    argv: [process.execPath, program, JSON.stringify(plan)],
    directory: plan.directory,
    stderrFile,
  })
  let line: string | undefined
  child.onLine((text) => {
    line ??= text
  })
  const failed = (how: string): RaftmarkError => {
    child.signal('SIGKILL')
    return new RaftmarkError('adapter-exited', `the process that measures ${plan.engine} ${how}`, {
      nextStep: `See ${stderrFile} for its last words.`,
    })
  }
  const { exitCode } = await within(child.ended, {
    clock: systemClock,
    limitMs: PROCESS_MS_MAX,
    late: () => failed(`took longer than ${PROCESS_MS_MAX / 60_000} minutes`),
    signal,
  })
  if (exitCode !== 0 || line === undefined) throw failed(`ended with ${exitCode ?? 'a signal'}`)
  return JSON.parse(line)
}

import { execFile } from 'node:child_process'

/** No program takes longer to tell its version, unless it is broken. */
const ANSWER_MS_MAX = 10_000

/**
 * The first line that a program prints when it is asked for its version; undefined when it is not
 * installed, fails or does not answer.
 */
export function firstLineOf(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { timeout: ANSWER_MS_MAX, killSignal: 'SIGKILL' } as const
    execFile(program, args, options, (error, stdout, stderr) => {
      // Java says its version on standard error.
      const line = `${stdout}\n${stderr}`.split('\n').find((one) => one.trim() !== '')
      resolve(error === null ? line?.trim() : undefined)
    })
  })
}

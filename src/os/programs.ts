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

/** What a program says that prints its result and ends. */
export type ProgramOutput =
  | { readonly state: 'ended'; readonly stdout: string }
  | { readonly state: 'not-found' }
  /** In words, its own first line among them. */
  | { readonly state: 'failed'; readonly reason: string }

/** Far more than any program that is asked prints. */
const OUTPUT_BYTES_MAX = 16 * 1_048_576

/** Runs a program in `directory` until it ends; beyond `limitMs` it is killed and has failed. */
export function outputOf(
  program: string,
  args: readonly string[],
  { directory, limitMs }: { readonly directory: string; readonly limitMs: number },
): Promise<ProgramOutput> {
  const options = {
    cwd: directory,
    timeout: limitMs,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_BYTES_MAX,
  } as const
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ state: 'ended', stdout })
      if (error.code === 'ENOENT') return resolve({ state: 'not-found' })
      const words = stderr.trim().split('\n')[0] || error.message
      const late = `it did not end within ${limitMs / 1_000} s`
      resolve({ state: 'failed', reason: error.killed === true ? late : words })
    })
  })
}

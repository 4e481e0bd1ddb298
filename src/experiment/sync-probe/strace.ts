import { existsSync, readFileSync } from 'node:fs'
import { firstLineOf } from '../../os/programs.ts'

/** Calls that make something durable before they return. */
const CALLS = ['fsync', 'fdatasync', 'sync_file_range', 'msync', 'syncfs', 'sync'] as const

/** `-ttt`: seconds since 1970, with which our wall clock is compared. */
const LINE = /^(?:\d+\s+)?(?<atSeconds>\d+\.\d+)\s+(?<call>[a-z_]+)\(/

/** Its version; undefined where it is not installed, or may not trace. */
export async function straceVersion(): Promise<string | undefined> {
  const said = await firstLineOf('strace', ['-f', '-o', '/dev/null', 'echo', 'traced'])
  return said === 'traced' ? firstLineOf('strace', ['-V']) : undefined
}

/** What to start instead of `argv`, so that its syncs are written to `file`. */
export const traced = (
  file: string,
  argv: readonly [string, ...string[]],
): readonly [string, ...string[]] => [
  'strace',
  // -D: the tracer is the grandchild, so that the process that was started is the node itself.
  ...['-D', '-f', '-qq', '-ttt', '--seccomp-bpf', '-e', 'signal=none'],
  ...['-e', `trace=${CALLS.join(',')}`, '-o', file],
  ...argv,
]

/** Syncs in `file` that began in [startMs, endMs), by the wall clock. */
export function syncsIn(file: string, startMs: number, endMs: number): number {
  if (!existsSync(file)) return 0
  return syncTimes(readFileSync(file, 'utf8')).filter((ms) => ms >= startMs && ms < endMs).length
}

/** A call that another thread interrupts is written as two lines; only the first one has `(`. */
export function syncTimes(text: string): readonly number[] {
  return text.split('\n').flatMap((line) => {
    const { atSeconds, call } = LINE.exec(line)?.groups ?? {}
    const isSync = CALLS.some((name) => name === call)
    return isSync ? [Number(atSeconds) * 1_000] : []
  })
}

import { readFile } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import { type ErrorCode, RaftmarkError } from '../../base/errors.ts'
import { CONTRACT_VERSION, type Handshake } from '../../contract/node-config.ts'
import type { Ended, GuardedProcess } from '../../os/guarded-process.ts'
import { within } from '../../os/within.ts'

/** A node's process as far as its messages are concerned. */
export type Launch = {
  readonly adapter: string
  readonly node: number
  readonly argv: readonly string[]
  readonly directory: string
  readonly stderrFile: string
  /** Where it was told to listen. */
  readonly address: string
  readonly process: GuardedProcess
}

const STDERR_LINES_MAX = 12

/**
 * Waits for the one line with which a node says that it serves. Rejects with RaftmarkError
 * `adapter-exited` or `adapter-handshake-failed`. Lines after the first go to `onMore`.
 */
export async function awaitHandshake(
  launch: Launch,
  options: {
    readonly clock: Clock
    readonly limitMs: number
    readonly signal?: AbortSignal | undefined
    readonly onMore: (failure: Promise<RaftmarkError>) => void
  },
): Promise<void> {
  const first = new Promise<string>((resolve) => {
    let lines = 0
    launch.process.onLine((line) => {
      lines += 1
      if (lines === 1) resolve(line)
      else if (lines === 2) options.onMore(launchError(launch, ...saidMore(line)))
    })
  })
  const outcome = await within(Promise.race([first, launch.process.ended]), {
    ...options,
    late: () => launchError(launch, 'adapter-handshake-failed', silent(options.limitMs)),
  })
  if (typeof outcome !== 'string') {
    throw await launchError(launch, 'adapter-exited', `${howItEnded(outcome)} before it served`)
  }
  const fault = faultOf(outcome, launch.address)
  if (fault !== undefined) throw await launchError(launch, 'adapter-handshake-failed', fault)
}

/** The error of one node: what it did, how it was started, and what it said last. */
export async function launchError(
  launch: Launch,
  code: ErrorCode,
  what: string,
): Promise<RaftmarkError> {
  const said = await lastLines(launch.stderrFile)
  const quote = said.length === 0 ? ['(nothing on standard error)'] : said
  const message = [
    `node ${launch.node} of "${launch.adapter}" ${what}`,
    `  command: ${launch.argv.join(' ')}`,
    `  in: ${launch.directory}`,
    ...quote.map((line) => `  stderr: ${line}`),
  ].join('\n')
  return new RaftmarkError(code, message, {
    nextStep: `Run the command by hand, or read ${launch.stderrFile} whole.`,
    place: { file: launch.stderrFile },
  })
}

export function howItEnded(ended: Ended): string {
  if (ended.signal !== undefined) return `was ended by ${ended.signal}`
  return `ended with exit code ${ended.exitCode ?? 'unknown'}`
}

const silent = (limitMs: number) =>
  `printed no line on standard output within ${limitMs / 1_000} s (limit handshakeMs)`

const saidMore = (line: string): [ErrorCode, string] => [
  'adapter-handshake-failed',
  `printed a second line on standard output, where only the handshake may be: ${shortened(line)}`,
]

function faultOf(line: string, address: string): string | undefined {
  const expected: Handshake = { raftmark: CONTRACT_VERSION, address }
  const said = parseObject(line)
  if (said === undefined || !('raftmark' in said)) {
    return `printed ${shortened(line)} instead of ${JSON.stringify(expected)}`
  }
  if (said['raftmark'] !== CONTRACT_VERSION) {
    const theirs = JSON.stringify(said['raftmark'])
    return `speaks contract ${theirs}, but this raftmark speaks contract ${CONTRACT_VERSION}`
  }
  if (said['address'] === address) return undefined
  return `serves at ${JSON.stringify(said['address'])}, but was told to listen at ${address}`
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const shortened = (line: string): string =>
  JSON.stringify(line.length > 120 ? `${line.slice(0, 120)}…` : line)

async function lastLines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-STDERR_LINES_MAX).filter(Boolean)
}

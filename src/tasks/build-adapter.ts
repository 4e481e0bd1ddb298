import { readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Timer } from '../base/clock.ts'
import { RaftmarkError } from '../base/errors.ts'
import type { Adapter, StoreFolder } from '../experiment/cluster/adapter-manifest.ts'
import { systemClock } from '../os/clock.ts'
import { freshToken } from '../os/entropy.ts'
import { createGuard, type Guard } from '../os/guard.ts'
import type { GuardedProcess } from '../os/guarded-process.ts'
import { within } from '../os/within.ts'
import { isBuilt, noteBuilt, sourcesHash } from './build-stamp.ts'
import { isStore } from './read-adapter.ts'

/** A first build may have to fetch and compile a library with all that it needs. */
const BUILD_MS_MAX = 30 * 60_000
const LINES_SHOWN = 15
const FOLLOW_NS = 5_000_000_000

export type BuildAdapterOptions = {
  readonly adapter: Adapter | StoreFolder
  readonly guard: Guard
  /** Exists: the output of the build is kept in it. */
  readonly directory: string
  /** Where, instead. */
  readonly log?: string
  /** Called now and then with the last line of the build's output. */
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal
}

/** `current`: it was built from exactly these sources before, and nothing was done. */
export type BuildOutcome = 'nothing-to-build' | 'current' | 'built'

/** Where programs come from that builds need. */
const sourceOf: Readonly<Record<string, string>> = {
  cargo: 'Get Rust 1.88 or newer from https://rustup.rs, open a new shell, and try again.',
  go: 'Get Go from https://go.dev/dl, open a new shell, and try again.',
}

/**
 * Runs the `build` command of an adapter in its folder; nothing is done when it has none, or when
 * its program was built from the same sources. Rejects with RaftmarkError `adapter-invalid`, which
 * quotes the last lines, when it fails or takes half an hour, and `environment-lacking` when its
 * program is not there.
 */
export async function buildAdapter(options: BuildAdapterOptions): Promise<BuildOutcome> {
  const { adapter, directory } = options
  const command = adapter.manifest.build?.join(' ')
  if (command === undefined) return 'nothing-to-build'
  if (isBuilt(adapter)) return 'current'
  const hash = isStore(adapter) ? '' : sourcesHash(adapter)
  const log = options.log ?? join(directory, `build-${freshToken(8)}.log`)
  const build = await startBuild(options, log)
  const lines: string[] = []
  build.onLine((line) => lines.push(line))
  build.endInput()
  const stopFollowing = followLog(log, options.onLine)
  const failed = async (how: string): Promise<RaftmarkError> => {
    build.signal('SIGKILL')
    const said = (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '')
    const last = [...lines, ...said].slice(-LINES_SHOWN).join('\n')
    return new RaftmarkError('adapter-invalid', `the build of this adapter ${how}:\n${last}`, {
      nextStep: `Run "${command}" in ${adapter.directory} until it succeeds.`,
      place: { file: join(adapter.directory, 'adapter.json'), key: 'build' },
    })
  }
  try {
    const { exitCode } = await within(build.ended, {
      clock: systemClock,
      limitMs: BUILD_MS_MAX,
      signal: options.signal,
      late: () => failed(`took more than ${BUILD_MS_MAX / 60_000} minutes`),
    })
    if (exitCode !== 0) throw await failed(`ended with exit code ${exitCode}`)
  } finally {
    stopFollowing()
  }
  noteBuilt(adapter, hash)
  return 'built'
}

async function startBuild(
  { adapter, guard }: BuildAdapterOptions,
  log: string,
): Promise<GuardedProcess> {
  const [program = '', ...rest] = adapter.manifest.build ?? []
  const command = program === 'node' ? process.execPath : program
  try {
    const { directory } = adapter
    return await guard.start({ argv: [command, ...rest], directory, stderrFile: log })
  } catch (cause) {
    const nextStep = sourceOf[program]
    if (nextStep === undefined) throw cause
    const message = `${adapter.manifest.name} is built with ${program}, which cannot be started`
    throw new RaftmarkError('environment-lacking', message, { nextStep, cause })
  }
}

/** Tells the last line of a growing log, now and then, until the returned call. */
function followLog(log: string, onLine: ((line: string) => void) | undefined): () => void {
  if (onLine === undefined) return () => undefined
  let last = ''
  let timer: Timer | undefined
  const look = (): void => {
    const line = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1)?.trim() ?? ''
    if (line !== '' && line !== last) onLine(line)
    last = line
    timer = systemClock.wakeAt(systemClock.nowNs() + FOLLOW_NS, look)
  }
  timer = systemClock.wakeAt(systemClock.nowNs() + FOLLOW_NS, look)
  return () => timer?.cancel()
}

export type BuildProgress = {
  /** Where the build says what it does; removed when it succeeded. */
  readonly onLog: (path: string) => void
  readonly onLine: (line: string) => void
}

/** The same for a command that does nothing else. */
export async function buildAdapterAlone(
  adapter: Adapter | StoreFolder,
  { onLog, onLine }: BuildProgress,
): Promise<BuildOutcome> {
  if (adapter.manifest.build === undefined) return 'nothing-to-build'
  if (isBuilt(adapter)) return 'current'
  const guard = await createGuard()
  const log = join(tmpdir(), `raftmark-build-${adapter.manifest.name}-${freshToken(8)}.log`)
  try {
    onLog(log)
    const outcome = await buildAdapter({ adapter, guard, directory: tmpdir(), log, onLine })
    await rm(log, { force: true })
    return outcome
  } finally {
    await guard.close()
  }
}

import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { Adapter, StoreFolder } from '../experiment/cluster/adapter-manifest.ts'
import { systemClock } from '../os/clock.ts'
import { freshToken } from '../os/entropy.ts'
import { createGuard, type Guard } from '../os/guard.ts'
import { within } from '../os/within.ts'

/** A first build may have to fetch and compile a library with all that it needs. */
const BUILD_MS_MAX = 30 * 60_000
const LINES_SHOWN = 15

export type BuildAdapterOptions = {
  readonly adapter: Adapter | StoreFolder
  readonly guard: Guard
  /** Exists: the output of the build is kept in it. */
  readonly directory: string
  readonly signal?: AbortSignal
}

/**
 * Runs the `build` command of an adapter in its folder; nothing is done when it has none. Rejects
 * with RaftmarkError `adapter-invalid`, which quotes the last lines, when it fails or takes half
 * an hour, and `environment-lacking` when its program is not there.
 */
export async function buildAdapter(options: BuildAdapterOptions): Promise<void> {
  const { adapter, guard, directory } = options
  const [program, ...rest] = adapter.manifest.build ?? []
  if (program === undefined) return
  const log = join(directory, `build-${freshToken(8)}.log`)
  const command = program === 'node' ? process.execPath : program
  const build = await guard.start({
    argv: [command, ...rest],
    directory: adapter.directory,
    stderrFile: log,
  })
  const lines: string[] = []
  build.onLine((line) => lines.push(line))
  build.endInput()
  const failed = async (how: string): Promise<RaftmarkError> => {
    build.signal('SIGKILL')
    const said = (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '')
    const last = [...lines, ...said].slice(-LINES_SHOWN).join('\n')
    return new RaftmarkError('adapter-invalid', `the build of this adapter ${how}:\n${last}`, {
      nextStep: `Run "${[program, ...rest].join(' ')}" in ${adapter.directory} until it succeeds.`,
      place: { file: join(adapter.directory, 'adapter.json'), key: 'build' },
    })
  }
  const { exitCode } = await within(build.ended, {
    clock: systemClock,
    limitMs: BUILD_MS_MAX,
    signal: options.signal,
    late: () => failed(`took more than ${BUILD_MS_MAX / 60_000} minutes`),
  })
  if (exitCode !== 0) throw await failed(`ended with exit code ${exitCode}`)
}

/** The same for a command that does nothing else. Returns whether there was anything to build. */
export async function buildAdapterAlone(adapter: Adapter | StoreFolder): Promise<boolean> {
  const guard = await createGuard()
  const directory = join(tmpdir(), `raftmark-build-${freshToken(12)}`)
  try {
    await guard.makeTemporary(directory)
    await buildAdapter({ adapter, guard, directory })
    return adapter.manifest.build !== undefined
  } finally {
    await guard.close()
  }
}

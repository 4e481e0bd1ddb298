import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { lastMicro, saveMicro } from '../archive/micro-results.ts'
import { RaftmarkError } from '../base/errors.ts'
import { microEngines } from '../experiment/micro/micro-engines.ts'
import type { MicroPlan } from '../experiment/micro/micro-plan.ts'
import { measureInProcess } from '../experiment/micro/micro-process.ts'
import {
  compareMicro,
  type MicroComparison,
  type MicroEngineFigures,
  type MicroRecord,
} from '../judgement/history/micro-record.ts'
import { isoTime, wallClock } from '../os/clock.ts'
import { freshToken } from '../os/entropy.ts'
import { ensureWritable } from '../os/files.ts'
import type { Guard } from '../os/guard.ts'
import { describeMachine } from '../os/machine.ts'
import { packageRoot } from '../os/package-root.ts'
import { storeModuleOf } from './load-store.ts'
import { didYouMean } from './nearest-name.ts'
import { readAdapters } from './read-adapters.ts'
import { underGuard } from './under-guard.ts'

/** Each task: about 0.6 s; with starts and logs to recover, all of it about a minute. */
const TIMES = { timeMs: 400, warmUpMs: 150 } as const

/** Compiled and not bundled, so that a store and its host share the classes of its errors. */
const microProgram = join(packageRoot, 'dist/src/experiment/micro/micro-main.js')

/** What `raftmark micro --json` prints. */
export type MicroDocument = MicroRecord & {
  /** Against the newest one in the folder of results; null when there is none. */
  readonly before: MicroComparison | null
}

export type MicroOptions = {
  readonly resultsDirectory: string
  /** Folders of stores beside the shipped ones. */
  readonly adapters: readonly string[]
  /** Names of engines, a store's being `store/NAME`; all when empty. */
  readonly engines: readonly string[]
  readonly onEngine: (engine: string) => void
}

/**
 * Measures each engine in a process of its own, keeps the figures in the folder of results and
 * compares them with the last ones there. Rejects with RaftmarkError `flag-invalid` for an engine
 * that there is not, `directory-unusable` and `adapter-exited`.
 */
export async function measureMicro(
  options: MicroOptions,
): Promise<{ readonly document: MicroDocument | undefined; readonly exitCode: number }> {
  const { resultsDirectory } = options
  const modules = await modulesOf(options)
  await ensureWritable(resultsDirectory)
  return underGuard(
    () => undefined,
    async (guard, interruption) => {
      try {
        const engines = await measureAll(options, modules, guard, interruption.signal)
        const { cpuModel, nodeVersion, fileSystem } = await describeMachine(resultsDirectory)
        const record: MicroRecord = {
          schema: 'raftmark/micro/1',
          takenAt: isoTime(wallClock),
          machine: { cpuModel, nodeVersion, fileSystemType: fileSystem.type },
          engines,
        }
        const last = lastMicro(resultsDirectory, [...modules.keys()])
        await saveMicro(resultsDirectory, record)
        const before = last === undefined ? null : compareMicro(record, last)
        return { document: { ...record, before }, exitCode: 0 }
      } catch (error) {
        if (!interruption.signal.aborted) throw error
        return { document: undefined, exitCode: interruption.exitCode ?? 1 }
      }
    },
  )
}

/** Engine → the file of its store, if it is one. */
async function modulesOf(options: MicroOptions): Promise<ReadonlyMap<string, string | undefined>> {
  const { stores } = await readAdapters(options.adapters)
  const all = new Map<string, string | undefined>([
    ...Object.keys(microEngines).map((name) => [name, undefined] as const),
    ...[...stores.values()].map(
      (store) => [`store/${store.manifest.name}`, storeModuleOf(store)] as const,
    ),
  ])
  const unknown = options.engines.find((name) => !all.has(name))
  if (unknown !== undefined) {
    throw new RaftmarkError('flag-invalid', `nothing called ${unknown} can be measured`, {
      nextStep: didYouMean(unknown, all.keys()),
    })
  }
  const wanted = options.engines.length === 0 ? [...all.keys()] : options.engines
  return new Map(wanted.map((name) => [name, all.get(name)]))
}

async function measureAll(
  { resultsDirectory, onEngine }: MicroOptions,
  modules: ReadonlyMap<string, string | undefined>,
  guard: Guard,
  signal: AbortSignal,
): Promise<readonly MicroEngineFigures[]> {
  // Where results lie, so do the files of a store in an experiment.
  const parent = join(resultsDirectory, `micro-${freshToken(12)}`)
  await guard.makeTemporary(parent)
  const engines: MicroEngineFigures[] = []
  for (const [engine, module] of modules) {
    onEngine(engine)
    const name = engine.replace('/', '-')
    const directory = join(parent, name)
    mkdirSync(directory)
    const plan: MicroPlan = { ...TIMES, engine, module, directory }
    const stderrFile = join(parent, `${name}.log`)
    engines.push(await measureInProcess(plan, { guard, program: microProgram, stderrFile, signal }))
  }
  await guard.removeTemporary(parent)
  return engines
}

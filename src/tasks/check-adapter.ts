import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { Adapter, StoreFolder } from '../experiment/cluster/adapter-manifest.ts'
import type { RuleResult } from '../experiment/conformance/adapter-rule.ts'
import {
  checkStore,
  type StoreCheckReport,
  storeRules,
} from '../experiment/conformance/check-store.ts'
import { adapterRules, runAdapterRules } from '../experiment/conformance/run-adapter-rules.ts'
import { StoreHosting } from '../experiment/conformance/store-hosting.ts'
import type { StoreRuleResult } from '../experiment/conformance/store-rule.ts'
import { freshToken } from '../os/entropy.ts'
import type { Guard } from '../os/guard.ts'
import { openNodeVolumes } from '../os/node-volumes.ts'
import { packageRoot } from '../os/package-root.ts'
import { buildAdapter } from './build-adapter.ts'
import { adapterNamed } from './list-adapters.ts'
import { loadStore, storeModuleOf } from './load-store.ts'
import { didYouMean } from './nearest-name.ts'
import { isStore, readAdapter } from './read-adapter.ts'
import { readAdapters } from './read-adapters.ts'
import { underGuard } from './under-guard.ts'

/** Compiled and not bundled, so that a store and its host share the classes of its errors. */
const storeHostProgram = join(packageRoot, 'dist/src/experiment/conformance/store-host-main.js')

/** What `raftmark adapter check --json` prints for one raft. */
export type AdapterCheck = {
  readonly schema: 'raftmark/adapter-check/1'
  readonly adapter: string
  readonly rules: readonly RuleResult[]
}

export type CheckProgress =
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'adapter'; readonly name: string; readonly rules: number }
  | { readonly kind: 'rule'; readonly result: RuleResult | StoreRuleResult }

export type CheckAdaptersOptions = {
  /**
   * Names of shipped rafts, `NAME@TUNING` for one with a tuning of its adapter.json, `store/NAME`
   * for stores, or folders with an adapter.json.
   */
  readonly adapters: readonly string[]
  /** Of the file system under a store that claims to outlive one. */
  readonly shutdowns: number
  /** Called with each step as soon as it is known. */
  readonly onProgress: (progress: CheckProgress) => void
}

export type CheckOutcome = {
  readonly checks: readonly (AdapterCheck | StoreCheckReport)[]
  /** 1 as soon as one rule of one adapter is broken; of a signal when one ended the check. */
  readonly exitCode: number
}

/**
 * Builds each adapter, if it says how, and holds a raft to every rule of the contract (about 15 s
 * for one that keeps them all), a store to every rule of the store port. Rejects with
 * RaftmarkError `adapter-not-found`, and `adapter-invalid` when its manifest is wrong or its build
 * fails; what a node or a store does wrong is a result, no error.
 */
export async function checkAdapters(options: CheckAdaptersOptions): Promise<CheckOutcome> {
  const adapters = await Promise.all(options.adapters.map(tunedAt))
  const onFirst = (name: NodeJS.Signals) =>
    options.onProgress({ kind: 'notice', text: `${name}: stopping` })
  const checks: (AdapterCheck | StoreCheckReport)[] = []
  const ended = await underGuard(onFirst, async (guard, interruption) => {
    try {
      for (const adapter of adapters) {
        checks.push(await checkOne(adapter, guard, options, interruption.signal))
      }
    } catch (error) {
      if (!interruption.signal.aborted) throw error
    }
    return interruption.exitCode
  })
  const isBroken = checks.some(({ rules }) => rules.some(({ verdict }) => verdict === 'broken'))
  return { checks, exitCode: ended ?? (isBroken ? 1 : 0) }
}

/** A folder with an adapter.json, or else the shipped adapter of that name. */
export async function adapterAt(nameOrDirectory: string): Promise<Adapter | StoreFolder> {
  const isFolder = existsSync(join(nameOrDirectory, 'adapter.json'))
  const isPath =
    isFolder || (nameOrDirectory.includes('/') && !/^store\/[^/]+$/.test(nameOrDirectory))
  return isPath
    ? readAdapter(nameOrDirectory)
    : adapterNamed(await readAdapters([]), nameOrDirectory)
}

type Tuned = {
  readonly adapter: Adapter | StoreFolder
  /** As in a subject; empty without one. */
  readonly word: string
  readonly tuning: Readonly<Record<string, string | number | boolean>>
}

/** Rejects with `subject-invalid` when the adapter names no such tuning. */
async function tunedAt(text: string): Promise<Tuned> {
  const [name = '', word = '', ...more] = text.split('@')
  if (word === '' || more.length > 0)
    return { adapter: await adapterAt(text), word: '', tuning: {} }
  const adapter = await adapterAt(name)
  const known = isStore(adapter) ? {} : adapter.manifest.tuning
  const tuning = known[word]
  if (tuning !== undefined) return { adapter, word: `@${word}`, tuning }
  throw new RaftmarkError('subject-invalid', `"${text}": ${name} has no tuning ${word}`, {
    nextStep: didYouMean(word, Object.keys(known)),
  })
}

async function checkOne(
  { adapter, word, tuning }: Tuned,
  guard: Guard,
  { onProgress, shutdowns }: CheckAdaptersOptions,
  signal: AbortSignal,
): Promise<AdapterCheck | StoreCheckReport> {
  const { name, build } = adapter.manifest
  const directory = join(tmpdir(), `raftmark-check-${freshToken(12)}`)
  await guard.makeTemporary(directory)
  try {
    if (build !== undefined) {
      onProgress({ kind: 'notice', text: `building ${name}: ${build.join(' ')}` })
    }
    await buildAdapter({ adapter, guard, directory, signal })
    const onResult = (result: RuleResult | StoreRuleResult) => onProgress({ kind: 'rule', result })
    if (isStore(adapter)) {
      onProgress({ kind: 'adapter', name: `store/${name}`, rules: storeRules.length })
      const store = await loadStore(adapter)
      const volumesDirectory = join(directory, 'volumes')
      mkdirSync(volumesDirectory)
      const hosting = new StoreHosting({
        guard,
        program: storeHostProgram,
        module: storeModuleOf(adapter),
        directory,
        volumes: await openNodeVolumes({ guard, directory: volumesDirectory }),
        shutdowns,
      })
      const options = { directory: join(directory, 'store'), hosting, onResult, signal }
      return await checkStore(store, options)
    }
    onProgress({ kind: 'adapter', name: `${name}${word}`, rules: adapterRules.length })
    const rules = await runAdapterRules(
      { adapter, guard, directory, tuning },
      adapterRules,
      onResult,
      signal,
    )
    return { schema: 'raftmark/adapter-check/1', adapter: `${name}${word}`, rules }
  } finally {
    await guard.removeTemporary(directory)
  }
}

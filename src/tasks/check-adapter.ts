import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import type { RuleResult } from '../experiment/conformance/adapter-rule.ts'
import { adapterRules, runAdapterRules } from '../experiment/conformance/run-adapter-rules.ts'
import { freshToken } from '../os/entropy.ts'
import { createGuard, type Guard } from '../os/guard.ts'
import { listenForInterrupts } from '../os/interrupt.ts'
import { buildAdapter } from './build-adapter.ts'
import { showAdapter } from './list-adapters.ts'
import { readAdapter } from './read-adapter.ts'

/** What `raftmark adapter check --json` prints for one adapter. */
export type AdapterCheck = {
  readonly schema: 'raftmark/adapter-check/1'
  readonly adapter: string
  readonly rules: readonly RuleResult[]
}

export type CheckProgress =
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'adapter'; readonly name: string; readonly rules: number }
  | { readonly kind: 'rule'; readonly result: RuleResult }

export type CheckAdaptersOptions = {
  /** Names of shipped adapters, or folders with an adapter.json. */
  readonly adapters: readonly string[]
  /** Called with each step as soon as it is known. */
  readonly onProgress: (progress: CheckProgress) => void
}

export type CheckOutcome = {
  readonly checks: readonly AdapterCheck[]
  /** 1 as soon as one rule of one adapter is broken; of a signal when one ended the check. */
  readonly exitCode: number
}

/**
 * Builds each adapter, if it says how, and holds it to every rule of the contract: about 15 s for
 * one that keeps them all. Rejects with RaftmarkError `adapter-not-found`, and `adapter-invalid`
 * when its manifest is wrong or its build fails; what a node does wrong is a result, no error.
 */
export async function checkAdapters(options: CheckAdaptersOptions): Promise<CheckOutcome> {
  const adapters = await Promise.all(options.adapters.map(adapterAt))
  const guard = await createGuard()
  const interruption = listenForInterrupts({
    onFirst: (name) => options.onProgress({ kind: 'notice', text: `${name}: stopping` }),
    lastAct: () => guard.killAll(),
  })
  const checks: AdapterCheck[] = []
  try {
    for (const adapter of adapters) {
      checks.push(await checkOne(adapter, guard, options, interruption.signal))
    }
  } catch (error) {
    if (!interruption.signal.aborted) throw error
  } finally {
    interruption.dispose()
    await guard.close()
  }
  const isBroken = checks.some(({ rules }) => rules.some(({ verdict }) => verdict === 'broken'))
  return { checks, exitCode: interruption.exitCode ?? (isBroken ? 1 : 0) }
}

/** A folder with an adapter.json, or else the shipped adapter of that name. */
export function adapterAt(nameOrDirectory: string): Promise<Adapter> {
  const isFolder = existsSync(join(nameOrDirectory, 'adapter.json'))
  const isPath = isFolder || nameOrDirectory.includes('/')
  return isPath ? readAdapter(nameOrDirectory) : showAdapter([], nameOrDirectory)
}

async function checkOne(
  adapter: Adapter,
  guard: Guard,
  { onProgress }: CheckAdaptersOptions,
  signal: AbortSignal,
): Promise<AdapterCheck> {
  const { name } = adapter.manifest
  const directory = join(tmpdir(), `raftmark-check-${freshToken(12)}`)
  await guard.makeTemporary(directory)
  try {
    if (adapter.manifest.build !== undefined) {
      onProgress({ kind: 'notice', text: `building ${name}: ${adapter.manifest.build.join(' ')}` })
    }
    await buildAdapter({ adapter, guard, directory, signal })
    onProgress({ kind: 'adapter', name, rules: adapterRules.length })
    const rules = await runAdapterRules(
      { adapter, guard, directory },
      adapterRules,
      (result) => onProgress({ kind: 'rule', result }),
      signal,
    )
    return { schema: 'raftmark/adapter-check/1', adapter: name, rules }
  } finally {
    await guard.removeTemporary(directory)
  }
}

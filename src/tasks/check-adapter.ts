import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import type { RuleResult } from '../experiment/conformance/adapter-rule.ts'
import { adapterRules, runAdapterRules } from '../experiment/conformance/run-adapter-rules.ts'
import type { Guard } from '../os/guard.ts'
import { buildAdapter } from './build-adapter.ts'

/** What `raftmark adapter check --json` prints for one adapter. */
export type AdapterCheck = {
  readonly schema: 'raftmark/adapter-check/1'
  readonly adapter: string
  readonly rules: readonly RuleResult[]
}

export type CheckAdapterOptions = {
  readonly adapter: Adapter
  readonly guard: Guard
  /** For logs and data; must not exist; is removed in the end. */
  readonly directory: string
  /** Called with each rule's result as soon as it is known. */
  readonly onResult?: (result: RuleResult) => void
}

/** How many rules there are, for who shows progress. */
export const adapterRuleCount: number = adapterRules.length

/**
 * Builds the adapter, if it says how, and holds it to every rule of the contract: about 40 s for
 * one that keeps them all. Rejects with RaftmarkError `adapter-invalid` when the build fails; what a
 * node does wrong is a result, not an error.
 */
export async function checkAdapter(options: CheckAdapterOptions): Promise<AdapterCheck> {
  const { adapter, guard, directory, onResult } = options
  await guard.makeTemporary(directory)
  try {
    await buildAdapter({ adapter, guard, directory })
    const rules = await runAdapterRules({ adapter, guard, directory }, adapterRules, onResult)
    return { schema: 'raftmark/adapter-check/1', adapter: adapter.manifest.name, rules }
  } finally {
    await guard.removeTemporary(directory)
  }
}

/** The exit code of the command: 1 as soon as one rule of one adapter is broken. */
export const exitCodeOfChecks = (checks: readonly AdapterCheck[]): 0 | 1 =>
  checks.some(({ rules }) => rules.some(({ verdict }) => verdict === 'broken')) ? 1 : 0

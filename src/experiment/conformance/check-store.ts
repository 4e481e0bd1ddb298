import { RaftmarkError } from '../../base/errors.ts'
import type { Durability } from '../../contract/durability.ts'
import { DiskError } from '../../replica/store/disk.ts'
import type { StoreAdapter } from '../../replica/store/store.ts'
import { Broken } from './broken.ts'
import { storeCompactionRules } from './store-compaction-rules.ts'
import { storeFaultRules } from './store-fault-rules.ts'
import type { StoreHosting } from './store-hosting.ts'
import { StoreLab } from './store-lab.ts'
import { storeLiveRules } from './store-live-rules.ts'
import { storePowerCutRules } from './store-power-cut-rules.ts'
import { storeProcessRules } from './store-process-rules.ts'
import { storeReopenRules } from './store-reopen-rules.ts'
import type { StoreRule, StoreRuleResult } from './store-rule.ts'
import { storeShutdownRules } from './store-shutdown-rules.ts'

/** What `raftmark adapter check store/NAME --json` prints for one store. */
export type StoreCheckReport = {
  readonly schema: 'raftmark/store-check/1'
  readonly store: string
  readonly rules: readonly StoreRuleResult[]
}

export type CheckStoreOptions = {
  /** For the store's files; must not exist; is removed in the end. */
  readonly directory: string
  /** The store's default, its first, when left out. */
  readonly durability?: Durability
  readonly onResult?: (result: StoreRuleResult) => void
  readonly rules?: readonly StoreRule[]
  /** Opens the store in other processes; without it the rules about these are not put to it. */
  readonly hosting?: StoreHosting
  /** Ends the check between two rules. */
  readonly signal?: AbortSignal
}

/** All that a store must keep; live rules first, since they show whether it uses the port. */
export const storeRules: readonly StoreRule[] = [
  ...storeLiveRules,
  ...storeReopenRules,
  ...storeProcessRules,
  ...storeShutdownRules,
  ...storeCompactionRules,
  ...storePowerCutRules,
  ...storeFaultRules,
]

/** What leads up to a broken rule is shown as far as this. */
const SEQUENCE_LINES_MAX = 12

/**
 * Holds a store to the rules of the port: some seconds. What the store does wrong is a result; a
 * rule that it cannot be put to is `not-claimed`, with the reason.
 */
export async function checkStore(
  adapter: StoreAdapter,
  options: CheckStoreOptions,
): Promise<StoreCheckReport> {
  const durability = options.durability ?? adapter.durabilities[0] ?? 'D0'
  const { directory, hosting } = options
  const lab = new StoreLab({ adapter, durability, directory, hosting })
  const rules: StoreRuleResult[] = []
  try {
    for (const rule of options.rules ?? storeRules) {
      options.signal?.throwIfAborted()
      const result = await resultOf(lab, rule)
      rules.push(result)
      options.onResult?.(result)
    }
    return { schema: 'raftmark/store-check/1', store: adapter.name, rules }
  } finally {
    await lab.remove()
  }
}

async function resultOf(lab: StoreLab, rule: StoreRule): Promise<StoreRuleResult> {
  const reason = whyNotAsked(lab, rule)
  if (reason !== undefined) return { rule: rule.name, verdict: 'not-claimed', detail: reason }
  lab.transcript.length = 0
  try {
    await rule.check(lab)
    await lab.closeAll()
    return { rule: rule.name, verdict: 'held', detail: rule.promise }
  } catch (error) {
    const sequence = lab.transcript.slice(0, SEQUENCE_LINES_MAX).join('; ')
    const seen = messageOf(error)
    const shown = sequence === '' ? seen : `${seen}; sequence: ${sequence}`
    return { rule: rule.name, verdict: 'broken', detail: `${rule.promise}: ${shown}` }
  }
}

/** The boundary at which whatever a store throws becomes a value. */
function messageOf(error: unknown): string {
  if (error instanceof Broken) return error.message
  if (error instanceof RaftmarkError || error instanceof DiskError) {
    return `refused with ${error.code}: ${error.message}`
  }
  return `threw ${String(error)}`
}

function whyNotAsked(lab: StoreLab, { asks }: StoreRule): string | undefined {
  if (asks === 'all') return undefined
  if (lab.durability === 'D0') return 'it claims to keep nothing beyond its process (D0)'
  if (asks === 'on-disk' && !lab.usesDisk) {
    return 'it opens files of its own, and no virtual disk can fail those'
  }
  if (asks === 'on-disk' || asks === 'durable') return undefined
  if (lab.hosting === undefined) return 'no other process can open it here'
  return asks === 'volume' ? whyNotShutDown(lab.durability, lab.hosting) : undefined
}

function whyNotShutDown(durability: Durability, { volumes }: StoreHosting): string | undefined {
  if (durability === 'D1') return 'it claims to outlive its process, not a power cut (D1)'
  return 'lacking' in volumes ? `no file system can be shut down: ${volumes.lacking}` : undefined
}

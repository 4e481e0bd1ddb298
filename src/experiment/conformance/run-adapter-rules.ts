import { RaftmarkError } from '../../base/errors.ts'
import { adapterClusterRules } from './adapter-cluster-rules.ts'
import { adapterFetchRules } from './adapter-fetch-rules.ts'
import { AdapterLab, type AdapterLabOptions } from './adapter-lab.ts'
import { adapterProduceRules } from './adapter-produce-rules.ts'
import type { AdapterRule, RuleResult } from './adapter-rule.ts'
import { adapterStartRules } from './adapter-start-rules.ts'
import { adapterStreamRules } from './adapter-stream-rules.ts'
import { Broken, Unsupported } from './broken.ts'

/** All that an adapter in any language must keep. */
export const adapterRules: readonly AdapterRule[] = [
  ...adapterStartRules,
  ...adapterStreamRules,
  ...adapterProduceRules,
  ...adapterFetchRules,
  ...adapterClusterRules,
]

/** Lines of an exchange that are shown; what came before them only led there. */
const EXCHANGE_LINES_MAX = 6
/** A leader that changed meanwhile explains a broken rule once or twice, not always. */
const TRIES_MAX = 3

/** Checks `rules` one after the other, and tells each result as soon as it is known. */
export async function runAdapterRules(
  options: AdapterLabOptions,
  rules: readonly AdapterRule[] = adapterRules,
  onResult: (result: RuleResult) => void = () => undefined,
  signal?: AbortSignal,
): Promise<readonly RuleResult[]> {
  const lab = new AdapterLab(options)
  const results: RuleResult[] = []
  try {
    for (const rule of rules) {
      signal?.throwIfAborted()
      const result = await resultOf(lab, rule)
      results.push(result)
      onResult(result)
    }
    return results
  } finally {
    await lab.close()
  }
}

async function resultOf(lab: AdapterLab, rule: AdapterRule): Promise<RuleResult> {
  const { exceptions = [] } = lab.adapter.manifest
  const exception = exceptions.find((each) => each.rule === rule.name)
  if (exception !== undefined) {
    return { rule: rule.name, verdict: 'unsupported', detail: exception.reason }
  }
  for (let tries = 1; ; tries += 1) {
    const elections = await lab.elections()
    const result = await triedOnce(lab, rule)
    const isDisturbed = (await lab.elections()) !== elections
    if (result.verdict !== 'broken' || !isDisturbed || tries === TRIES_MAX) return result
  }
}

async function triedOnce(lab: AdapterLab, { name, promise, check }: AdapterRule) {
  lab.transcript.length = 0
  try {
    await check(lab)
    return { rule: name, verdict: 'held', detail: promise } as const
  } catch (error) {
    // The boundary at which what a node did becomes a value; our own mistakes go on.
    if (error instanceof Unsupported) {
      return { rule: name, verdict: 'unsupported', detail: error.message } as const
    }
    if (!(error instanceof Broken || error instanceof RaftmarkError)) throw error
    const exchange = lab.transcript.slice(-EXCHANGE_LINES_MAX).join(' · ')
    const detail = `${promise}: ${error.message}${exchange === '' ? '' : `; exchange: ${exchange}`}`
    return { rule: name, verdict: 'broken', detail } as const
  }
}

import type { Ablation, AblationInteraction, AblationStep } from '../judgement/history/ablation.ts'
import type { MetricComparison } from '../judgement/history/metric-comparison.ts'

/** What the choices buy and what nobody can say, in sentences, the most important first. */
export function concludeAblation(ablation: Ablation): readonly string[] {
  const steps = ablation.steps.map((step) => ({ lead: leadOf(ablation, step), ...step }))
  const open = steps.filter(({ metrics }) => !metrics.some(isDifferent))
  return [
    ...sentences(`All choices at once, ${ablation.from} → ${ablation.to}`, ablation.total),
    ...steps.flatMap(({ lead, metrics }) => sentences(lead, metrics)),
    ...open.map(({ lead, metrics }) => `${lead}: no difference is proven${detectableOf(metrics)}.`),
    ...interactionSentences(ablation.interactions),
    ...ablation.impossible.map(
      ({ axes, reason }) => `${axes.join(' and ')} alone cannot be taken: ${reason}.`,
    ),
    'This speaks of this engine. Whether a choice buys the same in a library, only runs of that ' +
      'library tell.',
  ]
}

function leadOf({ from, to }: Ablation, step: AblationStep): string {
  const others = { from: `others as in ${from}`, to: `others as in ${to}`, all: 'on average' }
  return `${step.axis} ${step.name}, ${step.from} → ${step.to}, ${others[step.end]}`
}

const isDifferent = ({ verdict }: MetricComparison): boolean =>
  verdict === 'better' || verdict === 'worse'

function sentences(lead: string, metrics: readonly MetricComparison[]): readonly string[] {
  const decided = metrics.filter(isDifferent).map(effectText)
  return decided.length === 0 ? [] : [`${lead}: ${decided.join('; ')}.`]
}

function effectText({ workload, metric, role, estimate, low, high, verdict }: MetricComparison) {
  const mark = role === 'primary' ? '' : ', secondary'
  return (
    `${workload} ${metric} ×${ratio(estimate)} ` +
    `(95 % interval ${ratio(low)}–${ratio(high)}${mark}), ${verdict}`
  )
}

/** What was declared could have been found from this size on. */
function detectableOf(metrics: readonly MetricComparison[]): string {
  const primary = metrics.find(({ role }) => role === 'primary')
  if (primary?.detectable === null || primary?.detectable === undefined) return ''
  return `; ${primary.metric} could have been from ×${ratio(primary.detectable)} on`
}

function interactionSentences(interactions: readonly AblationInteraction[]): readonly string[] {
  if (interactions.length === 0) return []
  const found = interactions.flatMap(({ axes: [one, other], metrics }) => {
    const with_ = other === 'rest' ? 'the others' : other
    return sentences(`With ${with_} as well, what ${one} buys is multiplied`, metrics)
  })
  return found.length > 0 ? found : ['No interaction of the choices is proven.']
}

const ratio = (value: number | null): string => (value === null ? 'n/a' : value.toFixed(2))

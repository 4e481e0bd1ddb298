import type { Ablation, AblationStep } from '../judgement/history/ablation.ts'
import type { MetricComparison } from '../judgement/history/metric-comparison.ts'
import { roledLabel } from './experiment-tables.ts'
import { quantityOrNone } from './quantity.ts'
import { wrapped } from './text-table.ts'

/** What each choice buys, one line for each metric. */
export function renderAblation(ablation: Ablation): string {
  const { from, to, steps, interactions, total } = ablation
  return [
    `What the choices between ${from} and ${to} buy: after ÷ before`,
    ...steps.flatMap((step) => [
      `${step.axis} ${step.name}: ${step.from} → ${step.to} (${othersOf(ablation, step)})`,
      ...step.metrics.map(metricLine),
    ]),
    ...interactions.flatMap(({ axes: [one, other], metrics }) => [
      `${one} with ${other} ÷ ${one} without: 1 when they do not interact`,
      ...metrics.map(metricLine),
    ]),
    `all at once: ${from} → ${to}`,
    ...total.map(metricLine),
  ]
    .map((line) => wrapped(line, '    '))
    .join('\n')
}

const othersOf = ({ from, to }: Ablation, { end }: AblationStep): string =>
  end === 'all' ? 'averaged over the others' : `others as in ${end === 'from' ? from : to}`

function metricLine(one: MetricComparison): string {
  const name = `${one.workload} ${roledLabel(one)}`.padEnd(40)
  const { estimate, low, high } = one
  const ratio = `×${quantityOrNone(estimate)}`.padEnd(7)
  const interval =
    low === null || high === null ? 'no interval' : `${rounded(low)}–${rounded(high)}`
  return `  ${name} ${ratio} ${interval.padEnd(12)} ${one.verdict}`
}

const rounded = (value: number): string => quantityOrNone(value)

import type { ExperimentPlan } from '../judgement/history/experiment-record.ts'
import { durationText } from './quantity.ts'
import { textTable } from './text-table.ts'

/** What would run, in its order, and how long it would take. */
export function renderPlan(plan: ExperimentPlan, seconds: number): string {
  const rows = plan.runs.map(({ id, round, workload, subject, seed }) => [
    id.slice(id.lastIndexOf('.') + 1),
    String(round),
    workload,
    subject,
    String(seed),
  ])
  return [
    `${plan.name}: ${plan.runs.length} runs, about ${durationText(seconds)}, nothing was started`,
    textTable(['run', 'round', 'workload', 'subject', 'seed'], rows, { left: true }),
    `again: ${plan.command}`,
  ].join('\n')
}

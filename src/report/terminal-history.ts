import { quantity } from './quantity.ts'
import { textTable, wrapped } from './text-table.ts'

type History = {
  readonly subject: string
  readonly workload: string
  readonly metric: string
  readonly points: readonly {
    readonly experiment: string
    readonly value: number
    readonly runs: number
  }[]
  readonly changes: readonly {
    readonly experiment: string
    readonly ratio: number
    readonly harnessChanged: boolean
  }[]
}

export function renderHistory(history: History): string {
  const { subject, workload, metric, points, changes } = history
  const rows = points.map(({ experiment, value, runs }) => [
    experiment,
    quantity(value),
    String(runs),
  ])
  const sentences = changes.map(({ experiment, ratio, harnessChanged }) => {
    const doubt = harnessChanged ? ', but the harness changed then too' : ''
    return wrapped(`- ×${quantity(ratio)} since ${experiment}${doubt}`)
  })
  return [
    `${metric} of ${subject} under ${workload}`,
    textTable(['experiment', 'value', 'runs'], rows),
    ...(sentences.length === 0 ? ['no change was found'] : sentences),
  ].join('\n')
}

import type { ExperimentResult } from '../judgement/history/experiment-record.ts'
import type { Slope } from '../judgement/history/run-trends.ts'
import { quantity } from './quantity.ts'

const MEBIBYTE = 2 ** 20

/** What crept in a cell's runs, and which of them never became steady. */
export function trendSentences({ workload, subject, perRun }: ExperimentResult): readonly string[] {
  const used = perRun.filter(({ rankable }) => rankable)
  const slopes = used.flatMap(({ run, trends }) =>
    (trends?.slopes ?? []).map((slope) => `${workload}: ${subject}: ${slopeText(slope)} (${run}).`),
  )
  const classes = used.flatMap(({ trends }) => trends?.steadiness?.class ?? [])
  const unsteady = classes.filter((one) => one === 'slowdown' || one === 'no-steady-state')
  if (unsteady.length === 0) return slopes
  const counted = [...new Set(unsteady)].map(
    (name) => `${name} ${classes.filter((one) => one === name).length}`,
  )
  const share = `${unsteady.length} of ${classes.length} runs did not stay at their level`
  return [...slopes, `${workload}: ${subject}: ${share} (${counted.join(', ')}).`]
}

function slopeText({ figure, perHour, low, high, level }: Slope): string {
  const [name, unit, scale] = words[figure]
  const text = (value: number) => `${value > 0 ? '+' : ''}${quantity(value / scale)}`
  const interval = `95 % within the run ${text(low)} to ${text(high)}`
  const range = `${text(perHour)} ${unit} an hour, ${interval}`
  const creeps = low > 0 ? 'grows' : high < 0 ? 'falls' : 'does not creep measurably'
  return `${name} ${creeps}: ${range}, at a level of ${quantity(level / scale)} ${unit}`
}

const words: Readonly<Record<Slope['figure'], readonly [string, string, number]>> = {
  p50Ms: ['p50', 'ms', 1],
  p99Ms: ['p99', 'ms', 1],
  rssBytes: ['memory of all nodes', 'MiB', MEBIBYTE],
  writtenBytes: ['what all nodes have written', 'MiB', MEBIBYTE],
}

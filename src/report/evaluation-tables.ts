import type { Evaluation } from '../judgement/score/evaluation.ts'
import type { Citations } from './citations.ts'
import { type Block, type Cited, paragraph } from './document.ts'
import { valueText } from './evaluation-prose.ts'

/** Stars by condition; a feature that the evidence does not decide has none. */
export function features(
  { rubric, knowledge }: Evaluation,
  citations: Citations,
): readonly Block[] {
  const rows = rubric.features.map(({ title, rungs }): readonly Cited[] => {
    const answers = rungs.map((rung) => knowledge.evaluate(rung.when.expression))
    const first = answers.findIndex((answer) => answer !== false)
    const rung = answers[first] === true ? rungs[first] : undefined
    if (rung === undefined) return [{ text: title }, { text: 'unknown' }, { text: '' }]
    const sources = citations.ofClaims(knowledge, knowledge.claimsOf(rung.when.expression))
    const stars = '★'.repeat(rung.stars) + '☆'.repeat(5 - rung.stars)
    return [{ text: title }, { text: `${stars} ${rung.stars}/5` }, { text: rung.means, sources }]
  })
  return [{ kind: 'table', head: ['feature', 'stars', 'because'], rows }]
}

/** Published figures, those measured here, and engine-only ones, which never stand beside them. */
export function benchmarks(evaluation: Evaluation, citations: Citations): readonly Block[] {
  return [
    ...figureTable('Published', evaluation, citations, [
      ['performance.publishedPerSecond', 'operations/s, the highest published'],
      ['performance.publishedClients', 'clients'],
    ]),
    ...figureTable('Measured by raftmark, over processes and gRPC', evaluation, citations, [
      ['measured.steadyP50Ms', 'ms, median response at the steady workload'],
      ['measured.steadyP99Ms', 'ms, 99th percentile'],
      ['measured.cpuMicrosPerRecord', 'µs of CPU per record, leader and followers'],
      ['measured.syncsPerAck', 'syncs per acknowledged batch, all nodes'],
      ['measured.capacityPerSecond', 'records/s, one-box capacity'],
      ['measured.capacityOfNull', 'of the harness’s ceiling'],
    ]),
    ...figureTable('Measured by raftmark, engine only: not to be compared', evaluation, citations, [
      ['measured.engineOnlyPerSecond', 'operations/s in one process'],
    ]),
  ]
}

function figureTable(
  title: string,
  { knowledge, rubric, set }: Evaluation,
  citations: Citations,
  figures: readonly (readonly [claim: string, unit: string])[],
): readonly Block[] {
  const rows = figures.flatMap(([claim, unit]): readonly (readonly Cited[])[] => {
    const row = knowledge.rowOf(claim)
    if (row === undefined) return []
    const { interval, note } = row
    const range =
      interval === undefined ? '' : ` (${valueText(interval.low)}–${valueText(interval.high)})`
    const figure = {
      text: valueText(row.value) + range,
      sources: citations.ofClaims(knowledge, [claim]),
    }
    return [[figure, { text: unit }, { text: note }]]
  })
  if (rows.length > 0) {
    return [
      paragraph(`**${title}.**`),
      { kind: 'table', head: ['figure', 'unit', 'conditions'], rows },
    ]
  }
  const command = figures
    .flatMap(([claim]) => rubric.claims.get(claim)?.measuredBy ?? [])
    .map((text) => text.replaceAll('{raft}', set.raft))[0]
  const how = command === undefined ? '' : ` Measure it with: \`${command}\`.`
  return [paragraph(`**${title}.** Nothing yet.${how}`)]
}

/** Every release that the evidence names, oldest first. */
export function releases({ set }: Evaluation, citations: Citations): readonly Block[] {
  const rows = set.rows
    .filter(({ claim }) => claim === 'version.latest')
    .sort((one, other) => (one.factDate < other.factDate ? -1 : 1))
    .map(({ value, source, kind, factDate, lookedAt, note }): readonly Cited[] => {
      const number = citations.ofSource({ source, kind, factDate, lookedAt })
      return [{ text: String(value), sources: [number] }, { text: factDate }, { text: note }]
    })
  return rows.length < 2 ? [] : [{ kind: 'table', head: ['release', 'date', ''], rows }]
}

/** Systems that are built on it, as far as they were looked at. */
export function users({ systems, set }: Evaluation, citations: Citations): readonly Block[] {
  const own = systems.filter(({ raft }) => raft === set.raft)
  if (own.length === 0) return []
  const rows = own.map(({ system, uses, source, factDate, lookedAt }): readonly Cited[] => {
    const number = citations.ofSource({ source, kind: 'document', factDate, lookedAt })
    return [{ text: system }, { text: uses, sources: [number] }]
  })
  return [{ kind: 'table', head: ['system', 'how it uses it'], rows }]
}

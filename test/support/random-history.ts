import type { Prng } from '../../src/base/prng.ts'
import { type History, HistoryBuilder } from '../../src/judgement/history/history.ts'
import type {
  HistoryLine,
  InvokeLine,
  ReadBackLine,
  ReturnLine,
} from '../../src/judgement/history/schema.ts'

/** An operation with the instant at which it takes effect, `undefined` if never. */
type Planned = {
  readonly invoke: InvokeLine
  readonly effectNs: number | undefined
  readonly returnNs: number
  readonly outcome: 'ok' | 'fail' | 'indefinite'
}

const OPERATIONS_MAX = 8
const TIME_MAX = 24

/**
 * A small history that some log could have answered; up to three things about it are then
 * changed, so that about a quarter of all histories are explained by no order of operations.
 */
export function randomHistory(prng: Prng): readonly HistoryLine[] {
  const planned = Array.from({ length: 2 + prng.below(OPERATIONS_MAX - 1) }, (_, i) =>
    plan(prng, i),
  )
  const lines = answer(planned, prng)
  let perturbed = lines
  for (let changes = prng.below(4); changes > 0; changes -= 1) perturbed = perturb(perturbed, prng)
  const run: HistoryLine = {
    t: 'run',
    v: 1,
    subject: 'random',
    clock: 'virtual',
    guarantees: { idempotent: true, ordered: false },
  }
  return [run, ...perturbed, { t: 'end', ts: TIME_MAX * 2, ops: planned.length }]
}

export function buildHistory(lines: readonly HistoryLine[]): History {
  const builder = new HistoryBuilder()
  for (const line of lines) {
    const refused = builder.add(line)
    if (refused !== undefined) throw new Error(`${refused}: ${JSON.stringify(line)}`)
  }
  return builder.build()
}

function plan(prng: Prng, i: number): Planned {
  const begin = prng.below(TIME_MAX)
  const returnNs = begin + prng.below(8)
  const base = { t: 'inv', i, c: i, ts: begin, p: 0 } as const
  if (prng.below(5) < 2) {
    const consistency = prng.below(3) === 0 ? 'committed' : 'linearizable'
    const invoke: InvokeLine = { ...base, f: 'fetch', from: prng.below(3), consistency }
    const seenNs = consistency === 'committed' ? prng.below(returnNs + 1) : undefined
    const effectNs = seenNs ?? begin + prng.below(returnNs - begin + 1)
    return { invoke, effectNs, returnNs, outcome: 'ok' }
  }
  const size = prng.below(3) === 0 ? 1 + prng.below(3) : 1
  const vals = Array.from({ length: size }, (_, at) => i * 10 + at)
  const invoke: InvokeLine = { ...base, f: 'produce', vals }
  const fate = prng.below(8)
  if (fate === 0) return { invoke, effectNs: undefined, returnNs, outcome: 'fail' }
  if (fate > 3) {
    const effectNs = begin + prng.below(returnNs - begin + 1)
    return { invoke, effectNs, returnNs, outcome: 'ok' }
  }
  const effectNs = fate === 1 ? undefined : begin + prng.below(TIME_MAX)
  return { invoke, effectNs, returnNs, outcome: 'indefinite' }
}

/** Lets every operation take effect in the order of the instants, and notes what it is told. */
function answer(planned: readonly Planned[], prng: Prng): HistoryLine[] {
  const log: number[] = []
  const batchEnds = [0]
  const returns: ReturnLine[] = []
  const effective = planned.filter((one) => one.effectNs !== undefined)
  effective.sort((a, b) => (a.effectNs ?? 0) - (b.effectNs ?? 0))
  for (const one of effective) {
    const { invoke, returnNs: ts } = one
    if (invoke.f === 'fetch') {
      const served = serve(invoke, log, batchEnds, prng)
      if (served !== undefined) returns.push({ t: 'ret', i: invoke.i, ts, r: 'ok', ...served })
      continue
    }
    if (one.outcome === 'ok') {
      returns.push({ t: 'ret', i: invoke.i, ts, r: 'ok', base: log.length })
    }
    log.push(...invoke.vals)
    batchEnds.push(log.length)
  }
  for (const { invoke, returnNs: ts, outcome } of planned) {
    if (outcome === 'ok' || (outcome === 'indefinite' && prng.below(2) === 0)) continue
    returns.push({ t: 'ret', i: invoke.i, ts, r: outcome, err: 'TIMED_OUT' })
  }
  const readBack: ReadBackLine = { t: 'readback', n: 1, p: 0, start: 0, vals: log }
  return [
    ...planned.map((one) => one.invoke),
    ...returns,
    ...(prng.below(2) === 0 ? [readBack] : []),
  ]
}

/** What a fetch that takes effect now is told; `undefined` if that would say nothing at all. */
function serve(
  invoke: Extract<InvokeLine, { f: 'fetch' }>,
  log: readonly number[],
  batchEnds: readonly number[],
  prng: Prng,
): Pick<ReturnLine, 'offs' | 'hw'> | undefined {
  const ends = batchEnds.filter((end) => end >= invoke.from)
  const end = ends[prng.below(Math.max(1, ends.length))] ?? invoke.from
  const offs = log.slice(invoke.from, end).map((v, at) => [invoke.from + at, v] as const)
  if (prng.below(6) > 0) return { offs, hw: log.length }
  return offs.length > 0 || log.length <= invoke.from ? { offs } : undefined
}

/** Changes one thing that a log or a network could get wrong, and keeps the schema. */
function perturb(lines: readonly HistoryLine[], prng: Prng): HistoryLine[] {
  const at = prng.below(lines.length)
  return lines.map((line, i) => (i === at ? perturbLine(line, lines, prng) : line))
}

function perturbLine(line: HistoryLine, lines: readonly HistoryLine[], prng: Prng): HistoryLine {
  const shifted = (n: number): number => Math.max(0, n + (prng.below(2) === 0 ? 1 : -1))
  if (line.t === 'readback') return { ...line, vals: changed(line.vals, prng) }
  if (line.t === 'inv') {
    const returned = lines.find((other) => other.t === 'ret' && other.i === line.i)
    const latest = returned?.t === 'ret' ? returned.ts : TIME_MAX
    return { ...line, ts: latest - prng.below(Math.min(latest, 3) + 1) }
  }
  if (line.t !== 'ret' || line.r !== 'ok') return line
  if (line.base !== undefined) {
    const choice = prng.below(3)
    if (choice === 0) return { t: 'ret', i: line.i, ts: line.ts, r: 'fail', err: 'NOT_LEADER' }
    return choice === 1 ? { ...line, base: shifted(line.base) } : { ...line, ts: line.ts + 3 }
  }
  const offs = line.offs ?? []
  const choice = prng.below(3)
  if (choice === 0 && line.hw !== undefined) return { ...line, hw: shifted(line.hw) }
  if (choice === 1) {
    const values = changed(
      offs.map(([, value]) => value),
      prng,
    )
    return { ...line, offs: values.map((value, i) => [(offs[0]?.[0] ?? 0) + i, value]) }
  }
  return { ...line, offs: offs.slice(0, -1) }
}

/** Drops the last, swaps two, repeats one or puts in a foreign value. */
function changed(values: readonly number[], prng: Prng): readonly number[] {
  if (values.length === 0) return [999]
  const at = prng.below(values.length)
  const other = prng.below(values.length)
  switch (prng.below(4)) {
    case 0:
      return values.slice(0, -1)
    case 1:
      return values.map((v, i) =>
        i === at ? (values[other] ?? v) : i === other ? (values[at] ?? v) : v,
      )
    case 2:
      return values.map((v, i) => (i === at ? (values[other] ?? v) : v))
    default:
      return values.map((v, i) => (i === at ? 999 : v))
  }
}

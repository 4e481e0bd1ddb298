import { type Prng, prngFromSeed } from '../src/base/prng.ts'
import { judgeHistory } from '../src/judgement/check/judge-history.ts'
import { type History, HistoryBuilder } from '../src/judgement/history/history.ts'
import type { HistoryLine } from '../src/judgement/history/schema.ts'

/**
 * How long the judging of one partition's history takes: 64 clients at once, one fetch among ten
 * operations, a read-back at the end. Making and parsing the history is a figure and no claim.
 */
const CLIENTS = 64
const FETCH_RECORDS = 10
const MILLION = 1_000_000
const GIB = 2 ** 30

const clean = measure({ operations: 100_000, indefiniteRatio: 0 }, 5)
const large = measure({ operations: MILLION, indefiniteRatio: 0.02 }, 3)
const rssBytes = process.resourceUsage().maxRSS * 1024

const claims = [
  atMost('100,000 operations (ms)', clean.judgeMs, 200),
  atMost('1,000,000 operations, 2 % indefinite (ms)', large.judgeMs, 1000),
  atMost('memory of the whole process, history included (bytes)', rssBytes, GIB),
]
const figures = { clean, large, rssBytes, operationsPerSecond: (MILLION / large.judgeMs) * 1000 }
console.log(JSON.stringify({ bench: 'check', figures, claims }))
process.exitCode = claims.every(({ held }) => held) ? 0 : 1

type Shape = { readonly operations: number; readonly indefiniteRatio: number }

/** The fastest repetition: foreign load can only slow one down. */
function measure(shape: Shape, repetitions: number) {
  const buildStart = process.hrtime.bigint()
  const history = makeHistory(shape)
  const buildMs = msSince(buildStart)
  let judgeMs = Number.POSITIVE_INFINITY
  let verdict = 'unknown'
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const start = process.hrtime.bigint()
    verdict = judgeHistory(history).verdict
    judgeMs = Math.min(judgeMs, msSince(start))
  }
  if (verdict !== 'valid') throw new Error(`the history of the bench is ${verdict}`)
  return { operations: shape.operations, buildMs, judgeMs }
}

function makeHistory({ operations, indefiniteRatio }: Shape): History {
  const builder = new HistoryBuilder()
  const prng = prngFromSeed(1)
  const log: number[] = []
  let nowNs = 0
  const add = (line: HistoryLine): void => {
    const refused = builder.add(line)
    if (refused !== undefined) throw new Error(refused)
  }
  add({
    t: 'run',
    v: 1,
    subject: 'bench',
    clock: 'virtual',
    guarantees: { idempotent: true, ordered: false },
  })
  for (let i = 0; i < operations; i += CLIENTS) {
    const from = Math.max(0, log.length - FETCH_RECORDS)
    const burst = Math.min(CLIENTS, operations - i)
    for (let c = 0; c < burst; c += 1) add(invoke(i + c, c, nowNs, from))
    nowNs += 1000
    for (let c = 0; c < burst; c += 1) {
      if (isFetch(i + c)) add(served(i + c, nowNs, log, from))
      else addProduced(i + c, prng)
    }
    nowNs += 1000
  }
  add({ t: 'readback', n: 1, p: 0, start: 0, vals: log })
  add({ t: 'end', ts: nowNs, ops: operations })
  return builder.build()

  function addProduced(i: number, draw: Prng): void {
    const unknown = draw.ratio() < indefiniteRatio
    if (!unknown || draw.below(2) === 0) log.push(i)
    const ts = nowNs
    add(
      unknown
        ? { t: 'ret', i, ts, r: 'indefinite', err: 'TIMED_OUT' }
        : { t: 'ret', i, ts, r: 'ok', base: log.length - 1, node: 1 },
    )
  }
}

function isFetch(i: number): boolean {
  return i % 10 === 9
}

function invoke(i: number, c: number, ts: number, from: number): HistoryLine {
  if (!isFetch(i)) return { t: 'inv', i, c, ts, p: 0, f: 'produce', vals: [i] }
  return { t: 'inv', i, c, ts, p: 0, f: 'fetch', from, consistency: 'linearizable' }
}

function served(i: number, ts: number, log: readonly number[], from: number): HistoryLine {
  const offs = log.slice(from, from + FETCH_RECORDS).map((value, at) => [from + at, value] as const)
  return { t: 'ret', i, ts, r: 'ok', offs, hw: log.length, node: 1 }
}

function msSince(startNs: bigint): number {
  return Math.round(Number(process.hrtime.bigint() - startNs) / 1e4) / 100
}

function atMost(claim: string, value: number, limit: number) {
  return { claim, value, limit, held: value <= limit }
}

import { prngFromSeed } from '../../src/base/prng.ts'
import { judgeHistory } from '../../src/judgement/check/judge-history.ts'
import { searchOrder } from '../../src/judgement/check/search-order.ts'
import { buildHistory, randomHistory } from './random-history.ts'

export type Agreement = {
  readonly histories: number
  readonly valid: number
  readonly invalid: number
  /** The fast checker said that it does not know; the search may. */
  readonly undecided: number
  readonly withIndefinite: number
  /** Seeds on which both decided, differently. */
  readonly disagreements: readonly number[]
}

const STATES_MAX = 100_000

/** Asks both checkers about `count` random small histories. */
export function compareCheckers(count: number, firstSeed = 0): Agreement {
  let valid = 0
  let undecided = 0
  let invalid = 0
  let withIndefinite = 0
  const disagreements: number[] = []
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const lines = randomHistory(prngFromSeed(seed))
    const { fast, slow } = verdictsOf(lines)
    const returns = lines.filter((line) => line.t === 'ret')
    const invokes = lines.filter((line) => line.t === 'inv')
    const definite = returns.filter((line) => line.r !== 'indefinite').length
    if (definite < invokes.length) withIndefinite += 1
    if (fast === 'unknown') undecided += 1
    else if (fast !== slow) disagreements.push(seed)
    else if (fast === 'valid') valid += 1
    else invalid += 1
  }
  return { histories: count, valid, invalid, undecided, withIndefinite, disagreements }
}

export function verdictsOf(lines: ReturnType<typeof randomHistory>) {
  const history = buildHistory(lines)
  const { checks } = judgeHistory(history)
  const fast = checks.find((result) => result.check === 'linearizable')
  const partition = history.partitions[0]
  if (partition === undefined || fast === undefined) throw new Error('no partition was used')
  const slow = searchOrder(partition, { statesMax: STATES_MAX })
  return { fast: fast.verdict, slow: slow.verdict, checks }
}

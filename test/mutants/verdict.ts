import type { Found } from './hunt.ts'
import type { Family, Row } from './row.ts'

/** A bug that another check than an expected one sees may be another bug: it is `missed`. */
export type Fate = 'caught' | 'missed' | 'equivalent' | 'not-yet-possible'

export type Result = {
  readonly row: Row
  readonly fate: Fate
  readonly runs: number
  readonly found: Found | undefined
}

/** The check of what the simulator missed and real processes showed. */
export const IN_PROCESSES = 'in processes'

/** What the whole run must come to. */
export const limits = { caughtRatioMin: 0.95, equivalentMax: 8 }

/** What is not as it must be; empty when all limits hold. */
export function shortfalls(results: readonly Result[], control: Found | undefined): string[] {
  const possible = results.filter(({ fate }) => fate === 'caught' || fate === 'missed')
  const caught = possible.filter(({ fate }) => fate === 'caught')
  const equivalent = results.filter(({ fate }) => fate === 'equivalent')
  const found: string[] = []
  if (control !== undefined) {
    found.push(
      `the sources as they are fail ${control.check} at ${control.scenario} ${control.seed}`,
    )
  }
  if (caught.length < limits.caughtRatioMin * possible.length) {
    const least = `${limits.caughtRatioMin * 100} %`
    found.push(`${caught.length} of ${possible.length} possible bugs are caught, not ${least}`)
  }
  if (equivalent.length > limits.equivalentMax) {
    found.push(
      `${equivalent.length} rows are called equivalent, not at most ${limits.equivalentMax}`,
    )
  }
  for (const family of missedFamilies(possible)) found.push(`all of "${family}" is missed`)
  return found
}

function missedFamilies(possible: readonly Result[]): Family[] {
  const all = new Set(possible.map(({ row }) => row.family))
  const seen = new Set(
    possible.filter(({ fate }) => fate === 'caught').map(({ row }) => row.family),
  )
  return [...all].filter((family) => !seen.has(family))
}

/** One line a row, as the run prints it. */
export function describe({ row, fate, runs, found }: Result): string {
  const head = `${String(row.number).padStart(2)} ${fate.padEnd(16)} ${row.name}`
  if (row.kind !== 'mutation') return `${head}: ${row.why}`
  if (found === undefined) return `${head}: not seen in ${runs} runs`
  const expected = fate === 'caught' ? '' : ` was not expected to see it (${found.explanation})`
  const where =
    found.check === IN_PROCESSES
      ? `, ${found.scenario}, after ${runs} runs of the simulator`
      : ` after ${runs} runs, ${found.scenario} ${found.seed}`
  const mask = row.mask === undefined ? '' : `; second order: ${row.mask}`
  return `${head}: ${found.check}${expected}${where}${mask}`
}

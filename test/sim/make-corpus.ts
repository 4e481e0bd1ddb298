import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pastFailures } from './past-failures.ts'
import { runPlanted } from './run-planted.ts'

/**
 * Plans of past failures, made anew: each bug is planted back, a seed that fails is looked for, and
 * cut down to the smallest plan that still does. Needed only when plans change their form.
 */
const SEEDS_MAX = 20_000
const TRIES_MAX = 1_000

const wanted = process.argv.slice(2)
for (const { name, check, scenario, changes } of pastFailures) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const limits = { seedsMax: SEEDS_MAX, triesMax: TRIES_MAX }
  const answer = await runPlanted(changes, { kind: 'shrink', scenario, check, ...limits })
  if (answer === undefined) throw new Error(`${name}: no seed of ${scenario} fails ${check}`)
  const path = join(import.meta.dirname, 'corpus', `${name}.json`)
  writeFileSync(path, `${JSON.stringify(answer.plan, undefined, 2)}\n`)
  const { faults, clients, nodes, seed } = answer.plan
  const size = `${nodes} nodes, ${faults.length} faults, ${clients.length} clients`
  process.stdout.write(`${name}: seed ${seed}, ${size}, ${answer.outcome.events} events\n`)
}

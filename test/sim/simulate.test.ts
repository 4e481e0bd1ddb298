import { execFileSync } from 'node:child_process'
import { afterEach, expect, test, vi } from 'vitest'
import { planOf } from '../../src/experiment/sim/plan.ts'
import { scenarioNamed, scenarioNames } from '../../src/experiment/sim/scenario.ts'
import { runSeeds } from '../../src/experiment/sim/seeds.ts'
import { simulate } from '../../src/experiment/sim/simulate.ts'

afterEach(() => vi.unstubAllGlobals())

test('a run of `short` has work, faults and events enough to mean something', () => {
  const sums = runSeeds(scenarioNamed('short'), { start: 0, end: 150 }, true)

  expect(sums.failures).toEqual([])
  expect(sums.acknowledged / sums.seeds).toBeGreaterThanOrEqual(20)
  expect(sums.faults / sums.seeds).toBeGreaterThanOrEqual(3)
  expect(sums.events / sums.seeds).toBeGreaterThanOrEqual(300)
})

test.each(scenarioNames.filter((name) => name !== 'long'))('scenario "%s" is clean', (name) => {
  const sums = runSeeds(scenarioNamed(name), { start: 1_000, end: 1_025 }, true)

  expect(sums.failures).toEqual([])
})

test('scenario "long" is clean', () => {
  expect(runSeeds(scenarioNamed('long'), { start: 0, end: 3 }, true).failures).toEqual([])
})

test('seeds that were false alarms of the simulator itself raise none', () => {
  // A node alone leads the term of a write that a crash took back.
  expect(simulate(planOf(scenarioNamed('swarm'), 972)).failure).toBeUndefined()
})

test('one seed lives the same life twice in one process', () => {
  const plan = planOf(scenarioNamed('swarm'), 7)

  expect(simulate(plan)).toEqual(simulate(plan))
})

test('one seed lives the same life in another process with another heap', () => {
  const here = [3, 42].map((seed) => simulate(planOf(scenarioNamed('short'), seed)).hash)

  const there = [3, 42].map((seed) => replayElsewhere(seed).hash)

  expect(there).toEqual(here)
})

test('nothing in a simulated life reads the real clock or entropy', () => {
  const poison = (name: string) => () => {
    throw new Error(`${name} was called`)
  }
  for (const name of ['setTimeout', 'setImmediate', 'setInterval', 'queueMicrotask']) {
    vi.stubGlobal(name, poison(name))
  }
  vi.stubGlobal('performance', { now: poison('performance.now') })
  vi.stubGlobal('crypto', undefined)
  vi.stubGlobal('Math', Object.create(Math, { random: { value: poison('Math.random') } }))
  vi.stubGlobal('Date', poison('Date'))
  const hrtime = vi.spyOn(process, 'hrtime').mockImplementation(poison('process.hrtime') as never)

  const outcome = simulate(planOf(scenarioNamed('short'), 5))

  hrtime.mockRestore()
  expect(outcome.failure).toBeUndefined()
  expect(outcome.acknowledged).toBeGreaterThan(0)
})

test('a life without clients and faults ends too: shrinking may leave nothing else', () => {
  const plan = { ...planOf(scenarioNamed('event'), 0), faults: [], clients: [] }

  expect(simulate(plan).failure).toBeUndefined()
})

test('a trace tells who did what, and watching changes nothing', () => {
  const plan = planOf(scenarioNamed('short'), 11)
  const lines: string[] = []

  const watched = simulate(plan, { onTrace: (line) => lines.push(line) })

  expect(watched.hash).toBe(simulate(plan).hash)
  expect(lines.some((line) => line.includes('AppendEntries term='))).toBe(true)
  expect(lines.some((line) => line.includes('leads term'))).toBe(true)
})

function replayElsewhere(seed: number): { readonly hash: string } {
  const node = ['--max-semi-space-size=1', '--import', 'tsx', '--conditions', 'raftmark-source']
  const command = ['bin/dev.js', 'sim', 'replay', String(seed), '--json']
  const output = execFileSync(process.execPath, [...node, ...command], { maxBuffer: 1 << 26 })
  return JSON.parse(output.toString())
}

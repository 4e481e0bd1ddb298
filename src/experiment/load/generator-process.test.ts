import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainPlan } from '../../../test/support/load-under-test.ts'
import { createGuard, type Guard } from '../../os/guard.ts'
import { type GeneratorLimits, generatorLimits, startGenerator } from './generator-process.ts'
import type { FromGenerator } from './plan.ts'

let folder = ''
let guard: Guard

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raftmark-generator-'))
  guard = await createGuard()
})

afterAll(async () => {
  await guard.close()
  await rm(folder, { recursive: true })
})

/** A program in place of the generator. */
function start(program: string, limits: GeneratorLimits = generatorLimits) {
  return startGenerator(plainPlan, {
    guard,
    limits,
    stderrFile: join(folder, 'generator.log'),
    argv: [process.execPath, '-e', program],
  })
}

test('messages arrive in order, a report in one piece, and the end of its input ends it', async () => {
  const generator = await start(`
    const say = (line) => console.log(JSON.stringify(line))
    say({ kind: 'phase', phase: 'warm-up' })
    say({ kind: 'histogram', name: 'response', encoded: 'abc' })
    say({ kind: 'report', report: { requests: 7 } })
    process.stdin.resume()`)
  const messages: FromGenerator[] = []
  generator.onMessage((message) => messages.push(message))

  await generator.ended

  expect(messages).toEqual([
    { kind: 'phase', phase: 'warm-up' },
    { kind: 'report', report: { requests: 7, histograms: { response: 'abc' } } },
  ])
})

test('it is told its plan, and when to measure and to stop', async () => {
  const generator = await start(`
    const { createInterface } = require('node:readline')
    const heard = []
    createInterface({ input: process.stdin }).on('line', (line) => {
      const order = JSON.parse(line)
      heard.push(order.kind === 'plan' ? order.plan.runId : order.kind)
      if (heard.length === 3) console.log(JSON.stringify({ kind: 'report', report: { heard } }))
    })`)
  const messages: FromGenerator[] = []
  generator.onMessage((message) => messages.push(message))
  generator.measure()
  generator.stop()

  await generator.ended

  expect(messages).toMatchObject([{ report: { heard: ['test', 'measure', 'stop'] } }])
})

test.each([
  { what: 'ends without a report', program: 'process.exit(3)', message: /ended \(exit code 3\)/ },
  { what: 'prints rubbish', program: 'console.log("hello")', message: /printed “hello”/ },
  {
    what: 'says that it failed',
    program: `console.log('{"kind":"failed","message":"no memory"}'); process.stdin.resume()`,
    message: /failed: no memory/,
  },
])('one that $what is an error that says so', async ({ program, message }) => {
  const generator = await start(program)

  await expect(generator.ended).rejects.toMatchObject({
    code: 'adapter-exited',
    message: expect.stringMatching(message),
  })
})

test('one that says nothing is killed, and so is one that does not end', async () => {
  const limits = { silenceMs: 100, endMs: 100 }
  const silent = await start('setInterval(() => 1, 1000)', limits)
  await expect(silent.ended).rejects.toMatchObject({ message: expect.stringMatching(/nothing/) })

  const report = `console.log('{"kind":"report","report":{}}')`
  const endless = await start(`${report}; setInterval(() => 1, 1000)`, {
    ...limits,
    silenceMs: 10_000,
  })
  await endless.ended
})

import { expect, test } from 'vitest'
import {
  expectNothingLeft,
  kill,
  pass,
  scratchFolder,
  startCommandLine,
  workloadIn,
} from '../support/command-line.ts'

/** Named limits, from the blow to the end of the command; a busy machine doubles real times. */
const ENDS_AFTER_DEATH_MS = 20_000
const ENDS_AFTER_SILENCE_MS = 45_000

const long = { warmUpSecondsMax: 30, measureSeconds: 30 }

/** Each phase of a run: what to wait for, and a load that stays in it. */
const phases = {
  start: { change: long, after: 'node', settleMs: 0 },
  'warm-up': { change: long, after: 'generator', settleMs: 300 },
  measure: { change: { ...long, warmUpSecondsMax: 0 }, after: 'generator', settleMs: 1_500 },
} as const

test.concurrent.for([
  ['start', 3],
  ['warm-up', 1],
  ['measure', 1],
  ['measure', 3],
] as const)(
  'in the phase %s node %d is killed: it is named, exit code 2',
  async ([name, node], context) => {
    const { change, after, settleMs } = phases[name]
    const folder = scratchFolder(context)
    const command = startCommandLine(context, folder, run(workloadIn(folder, change)))
    await command.untilThereIs(after)
    await pass(settleMs)

    kill((await command.untilThereIs('node', node)).pid, 'SIGKILL')

    const { exitCode, stderr } = await command.endWithin(ENDS_AFTER_DEATH_MS)
    expect(stderr).toContain(`Error: node ${node} of "event" was ended by SIGKILL`)
    expect(stderr).toMatch(/^Next: /m)
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
    expect(exitCode).toBe(2)
    await expectNothingLeft(command)
  },
)

test.concurrent.for([1, 3])(
  'node %d is stopped for good while it is measured',
  async (node, context) => {
    const folder = scratchFolder(context)
    const change = { warmUpSecondsMax: 0, measureSeconds: 3 }
    const command = startCommandLine(context, folder, run(workloadIn(folder, change)))
    await command.untilThereIs('generator')
    await pass(1_000)

    kill((await command.untilThereIs('node', node)).pid, 'SIGSTOP')

    const { exitCode, stderr } = await command.endWithin(ENDS_AFTER_SILENCE_MS)
    expect(stderr).toMatch(new RegExp(`Error: node ${node} of "event" did not answer within 5 s`))
    expect(exitCode).toBe(2)
    await expectNothingLeft(command)
  },
)

test.concurrent('a node that is wedged before it serves is given up after its limit', async (context) => {
  const folder = scratchFolder(context)
  const command = startCommandLine(context, folder, run(workloadIn(folder)))

  kill((await command.untilThereIs('node', 2)).pid, 'SIGSTOP')

  const { exitCode, stderr } = await command.endWithin(ENDS_AFTER_SILENCE_MS)
  expect(stderr).toContain('node 2 of "event" printed no line on standard output within 20 s')
  expect(exitCode).toBe(2)
  await expectNothingLeft(command)
})

test.concurrent('a paused node that goes on in time costs nothing but its rank', async (context) => {
  const folder = scratchFolder(context)
  const change = { warmUpSecondsMax: 0, measureSeconds: 3 }
  const command = startCommandLine(context, folder, run(workloadIn(folder, change)))
  await command.untilThereIs('generator')
  await pass(1_000)
  const { pid } = await command.untilThereIs('node', 3)

  kill(pid, 'SIGSTOP')
  await pass(1_000)
  kill(pid, 'SIGCONT')

  const { exitCode, stdout } = await command.endWithin(ENDS_AFTER_SILENCE_MS)
  expect(stdout).toContain('verdict: valid')
  expect(exitCode).toBe(0)
  await expectNothingLeft(command)
})

test.concurrent.for(['warm-up', 'measure'] as const)(
  'the generator is killed in %s',
  async (name, context) => {
    const { change, settleMs } = phases[name]
    const folder = scratchFolder(context)
    const command = startCommandLine(context, folder, run(workloadIn(folder, change)))
    const { pid } = await command.untilThereIs('generator')
    await pass(settleMs)

    kill(pid, 'SIGKILL')

    const { exitCode, stderr } = await command.endWithin(ENDS_AFTER_DEATH_MS)
    expect(stderr).toContain('Error: The load generator ended (signal SIGKILL)')
    expect(exitCode).toBe(2)
    await expectNothingLeft(command)
  },
)

test.concurrent.for(['SIGKILL', 'SIGSTOP'] as const)(
  'the echo process of the calibration gets %s',
  async (signal, context) => {
    const folder = scratchFolder(context)
    const command = startCommandLine(context, folder, run(workloadIn(folder)))

    kill((await command.untilThereIs('echo')).pid, signal)

    const { exitCode, stderr } = await command.endWithin(ENDS_AFTER_DEATH_MS)
    expect(stderr).toContain('Error: the echo process of the loopback round trip')
    expect(exitCode).toBe(2)
    await expectNothingLeft(command)
  },
)

const run = (workload: string) => ['run', workload, '--subject', 'event/wal', '--rounds', '1']

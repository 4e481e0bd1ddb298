import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  type CommandLine,
  expectNothingLeft,
  kill,
  pass,
  scratchFolder,
  startCommandLine,
  type TestOf,
  until,
  workloadIn,
} from '../support/command-line.ts'

/** From the first signal to the end: drain, stop of the nodes, summary. */
const ENDS_CLEANLY_MS = 20_000
/** From the second signal: nothing is waited for. */
const ENDS_AT_ONCE_MS = 5_000

const long = { warmUpSecondsMax: 0, measureSeconds: 60 }

test.concurrent.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s while it measures: ends cleanly and keeps what was measured',
  async ([name, code], context) => {
    const command = start(context)
    await command.untilThereIs('generator')
    await pass(2_000)

    command.signal(name)

    const { exitCode, stderr } = await command.endWithin(ENDS_CLEANLY_MS)
    expect(stderr).toContain(`${name}: stopping; what was measured is kept`)
    expect(exitCode).toBe(code)
    const { interrupted, rankable, figures } = onlyRunOf(await resultsOf(context, command))
    expect(interrupted).toEqual(expect.any(String))
    expect(rankable).toBe(false)
    expect(figures.requests).toBeGreaterThan(0)
    await expectNothingLeft(command)
  },
)

test.concurrent.for(['cli', 'warden', 'node', 'generator'] as const)(
  'Ctrl-C as soon as there is a %s ends cleanly',
  async (role, context) => {
    const command = start(context)
    await command.untilThereIs(role)
    await command.untilSaid(/measuring what this machine can do/)

    command.signal('SIGINT')

    const { exitCode, stderr } = await command.endWithin(ENDS_CLEANLY_MS)
    expect(stderr).not.toContain('Error')
    expect(exitCode).toBe(130)
    await expectNothingLeft(command)
  },
)

test.concurrent('Ctrl-C twice ends at once', async (context) => {
  const command = start(context)
  await command.untilThereIs('generator')
  for (const { pid, role } of command.processes()) {
    // Nothing that would have to be waited for may be waited for.
    if (role === 'node') kill(pid, 'SIGSTOP')
  }

  command.signal('SIGINT')
  await command.untilSaid(/SIGINT: stopping/)
  command.signal('SIGINT')

  const { exitCode } = await command.endWithin(ENDS_AT_ONCE_MS)
  expect(exitCode).toBe(130)
  await expectNothingLeft(command)
})

test.concurrent.for([
  ['with a stopped node', stopOne],
  ['after its warden was killed', killWarden],
] as const)(
  'kill -9 of the command, %s: five seconds later nothing is left',
  async ([, prepare], context) => {
    const command = start(context)
    await command.untilThereIs('generator')
    await prepare(command)

    command.signal('SIGKILL')

    await command.endWithin(ENDS_AT_ONCE_MS)
    await expectNothingLeft(command)
    expect(await resultsOf(context, command)).toBeDefined()
  },
)

test.concurrent('the warden is killed while it measures: it is replaced and the run goes on', async (context) => {
  const command = start(context, { warmUpSecondsMax: 0, measureSeconds: 1 })
  await command.untilThereIs('generator')

  await killWarden(command)

  const { exitCode } = await command.endWithin(ENDS_CLEANLY_MS)
  expect(exitCode).toBe(0)
  await expectNothingLeft(command)
})

function start(context: TestOf, change: object = long): CommandLine {
  const folder = scratchFolder(context)
  const workload = workloadIn(folder, change)
  return startCommandLine(context, folder, [
    'run',
    workload,
    '--subject',
    'event/wal',
    '--rounds',
    '1',
  ])
}

async function stopOne(command: CommandLine): Promise<void> {
  kill((await command.untilThereIs('node', 2)).pid, 'SIGSTOP')
}

async function killWarden(command: CommandLine): Promise<void> {
  const { pid } = await command.untilThereIs('warden')
  kill(pid, 'SIGKILL')
  const next = () => command.processes().find((one) => one.role === 'warden' && one.pid !== pid)
  await until(
    () => next() !== undefined,
    5_000,
    () => 'there was a new warden',
  )
}

type Results = {
  readonly experiments: readonly { readonly id: string }[]
  readonly folder: string
}

/** What `results list` reads after the command has ended, however it did. */
async function resultsOf(context: TestOf, { folder }: CommandLine): Promise<Results> {
  const list = startCommandLine(context, folder, ['results', 'list', '--json'])
  const { exitCode, stdout, stderr } = await list.endWithin(ENDS_CLEANLY_MS)
  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  return { ...JSON.parse(stdout), folder }
}

function onlyRunOf({ experiments, folder }: Results) {
  expect(experiments).toHaveLength(1)
  const path = join(folder, 'results', 'runs', `${experiments[0]?.id}.001`, 'run.json')
  return JSON.parse(readFileSync(path, 'utf8'))
}

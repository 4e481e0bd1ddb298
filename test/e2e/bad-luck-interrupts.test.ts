import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  type CommandLine,
  expectNothingLeft,
  kill,
  scratchFolder,
  startCommandLine,
  workloadIn,
} from '../support/command-line.ts'

/** From the first signal to the end: drain, stop of the nodes, summary. */
const ENDS_CLEANLY_MS = 20_000
/** From the second signal: nothing is waited for. */
const ENDS_AT_ONCE_MS = 5_000

const long = { warmUpSecondsMax: 0, measureSeconds: 60 }

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s while it measures: ends cleanly and keeps what was measured',
  async (name, code) => {
    const command = start()
    await command.untilThereIs('generator')
    await pass(2_000)

    command.signal(name)

    const { exitCode, stderr } = await command.endWithin(ENDS_CLEANLY_MS)
    expect(stderr).toContain(`${name}: stopping; what was measured is kept`)
    expect(exitCode).toBe(code)
    const { interrupted, rankable, figures } = onlyRunOf(await resultsOf(command))
    expect(interrupted).toEqual(expect.any(String))
    expect(rankable).toBe(false)
    expect(figures.requests).toBeGreaterThan(0)
    await expectNothingLeft(command)
  },
)

test.each(['cli', 'warden', 'node', 'generator'] as const)(
  'Ctrl-C as soon as there is a %s ends cleanly',
  async (role) => {
    const command = start()
    await command.untilThereIs(role)
    await command.untilSaid(/measuring what this machine can do/)

    command.signal('SIGINT')

    const { exitCode, stderr } = await command.endWithin(ENDS_CLEANLY_MS)
    expect(stderr).not.toContain('Error')
    expect(exitCode).toBe(130)
    await expectNothingLeft(command)
  },
)

test('Ctrl-C twice ends at once', async () => {
  const command = start()
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

test.each([
  ['with a stopped node', async (command: CommandLine) => stopOne(command)],
  ['after its warden was killed', async (command: CommandLine) => killWarden(command)],
])('kill -9 of the command, %s: five seconds later nothing is left', async (_, prepare) => {
  const command = start()
  await command.untilThereIs('generator')
  await prepare(command)

  command.signal('SIGKILL')

  await command.endWithin(ENDS_AT_ONCE_MS)
  await expectNothingLeft(command)
  expect(await resultsOf(command)).toBeDefined()
})

test('the warden is killed while it measures: it is replaced and the run goes on', async () => {
  const command = start({ warmUpSecondsMax: 0, measureSeconds: 1 })
  await command.untilThereIs('generator')

  await killWarden(command)

  const { exitCode } = await command.endWithin(ENDS_CLEANLY_MS)
  expect(exitCode).toBe(0)
  await expectNothingLeft(command)
})

function start(change: object = long): CommandLine {
  const folder = scratchFolder()
  const workload = workloadIn(folder, change)
  return startCommandLine(folder, ['run', workload, '--subject', 'event/wal', '--rounds', '1'])
}

async function stopOne(command: CommandLine): Promise<void> {
  kill((await command.untilThereIs('node', 2)).pid, 'SIGSTOP')
}

async function killWarden(command: CommandLine): Promise<void> {
  const { pid } = await command.untilThereIs('warden')
  kill(pid, 'SIGKILL')
  await expect
    .poll(() => command.processes().filter((one) => one.role === 'warden' && one.pid !== pid), {
      timeout: 5_000,
    })
    .toHaveLength(1)
}

type Results = {
  readonly experiments: readonly { readonly id: string }[]
  readonly folder: string
}

/** What `results list` reads after the command has ended, however it did. */
async function resultsOf({ folder }: CommandLine): Promise<Results> {
  const list = startCommandLine(folder, ['results', 'list', '--json'])
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

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

import { afterAll, expect, test } from 'vitest'
import { runCli, temporaryFolder } from '../support/run-cli.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

const commands = [
  ['run'],
  ['workload', 'list'],
  ['workload', 'show'],
  ['adapter', 'list'],
  ['adapter', 'info'],
  ['results', 'list'],
  ['results', 'show'],
  ['results', 'history'],
  ['results', 'rebuild'],
  ['results', 'prune'],
  ['results', 'export'],
  ['compare'],
  ['ablate'],
  ['report'],
  ['doctor'],
  ['calibrate'],
]

test('the help names every command', async () => {
  const { stdout, exitCode } = await runCli(['--help'], folder.path)

  for (const [first = ''] of commands) expect(stdout).toContain(first)
  expect(exitCode).toBe(0)
})

test.each(commands)('%s %s explains itself with an example', async (...command) => {
  const { stdout, exitCode } = await runCli([...command.filter(Boolean), '--help'], folder.path)

  expect(stdout).toContain('EXAMPLES')
  expect(stdout).toContain('--json')
  expect(exitCode).toBe(0)
})

test.each([
  [['workload', 'list'], 'raftmark/workloads/1'],
  [['workload', 'show', 'steady'], 'raftmark/workload/1'],
  [['workload', 'show', 'quick'], 'raftmark/suite/1'],
  [['adapter', 'list'], 'raftmark/adapters/1'],
  [['adapter', 'info', 'event'], 'raftmark/adapter/1'],
  [['results', 'list'], 'raftmark/results/1'],
  [['doctor'], 'raftmark/doctor/1'],
])('%s --json prints one document with its schema', async (args, schema) => {
  const { stdout, exitCode } = await runCli([...args, '--json'], folder.path)

  expect(JSON.parse(stdout)).toMatchObject({ schema })
  expect(exitCode).toBe(0)
})

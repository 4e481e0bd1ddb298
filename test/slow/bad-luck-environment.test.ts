import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Gate, RunRecord } from '../../src/judgement/history/run-record.ts'
import { packageRoot } from '../../src/os/package-root.ts'
import {
  expectNothingLeft,
  pass,
  scratchFolder,
  startCommandLine,
  workloadIn,
} from '../support/command-line.ts'

/** Start, calibration, the tiny load and the stop, on a machine that does much else. */
const ENDS_MS = 60_000

const support = join(packageRoot, 'test', 'support')

test.concurrent('a port that somebody took in the meantime: others are tried', async (context) => {
  const folder = scratchFolder(context)
  const adapter = adapterIn(folder, 'port-taken')

  const command = startCommandLine(context, folder, [...tinyRun(folder), '--adapter', adapter])

  const { exitCode, stdout, stderr } = await command.endWithin(ENDS_MS)
  expect(stderr).not.toContain('Error')
  expect(stdout).toContain('verdict: valid')
  expect(exitCode).toBe(0)
  expect(stderrOfNodes(folder)).toMatch(/EADDRINUSE|in use/)
  await expectNothingLeft(command)
})

test.concurrent('a slow start only takes longer', async (context) => {
  const folder = scratchFolder(context)
  const adapter = adapterIn(folder, 'slow-start')

  const command = startCommandLine(context, folder, [...tinyRun(folder), '--adapter', adapter])

  const { exitCode, stdout } = await command.endWithin(ENDS_MS)
  expect(stdout).toContain('verdict: valid')
  expect(exitCode).toBe(0)
  await expectNothingLeft(command)
})

test.concurrent('two commands at once share a results folder', async (context) => {
  const folder = scratchFolder(context)

  const commands = [1, 2].map(() => startCommandLine(context, folder, tinyRun(folder)))

  for (const command of commands) {
    const { exitCode, stdout } = await command.endWithin(ENDS_MS)
    expect(stdout).toContain('verdict: valid')
    expect(exitCode).toBe(0)
  }
  for (const command of commands) await expectNothingLeft(command)
  const list = startCommandLine(context, folder, ['results', 'list', '--json'])
  const { stdout, stderr } = await list.endWithin(ENDS_MS)
  expect(JSON.parse(stdout).experiments).toHaveLength(2)
  expect(stderr).toBe('')
})

/** Measured as soon as there is a generator, so that a test can say when. */
const fromTheStart = { warmUpSecondsMax: 0, measureSeconds: 6 }

const hasCompiler = spawnSync('cc', ['--version']).status === 0

test.runIf(hasCompiler).concurrent.for([3_600, -3_600])(
  'the clock is set by %d s while it measures: shown with the reason, and not ranked',
  async (seconds, context) => {
    const folder = scratchFolder(context)
    const library = join(folder, 'clock.so')
    const source = join(support, 'jumping-clock.c')
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'])
    const clock = join(folder, 'clock')
    const command = startCommandLine(context, folder, tinyRun(folder, fromTheStart), {
      LD_PRELOAD: library,
      RAFTMARK_TEST_CLOCK: clock,
    })
    await command.untilThereIs('generator')
    await pass(3_000)

    writeFileSync(clock, String(seconds))

    const { exitCode, stdout, stderr } = await command.endWithin(ENDS_MS)
    expect(stderr).not.toContain('Error')
    expect(stdout).toContain('event/wal is not ranked')
    const gate = gateOf(folder, 'clock-jump')
    expect(gate).toMatchObject({ held: false, unit: 'ms' })
    expect(gate?.value).toBeCloseTo(3_600_000, -3)
    expect(exitCode).toBe(0)
    await expectNothingLeft(command)
  },
)

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0

test.runIf(canMount).concurrent.for([
  ['while it measures', 48, /Error: node \d of "event" stopped serving group 0: .*no space left/],
  ['before it begins', 1, /Error: the system refused: .*no space left/],
] as const)('the disk is full %s', async ([, mebibytes, message], context) => {
  const folder = scratchFolder(context)
  const results = join(folder, 'results')
  mkdirSync(results)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'raftmark-test', results])
  context.onTestFinished(() => void execFileSync('umount', ['--lazy', results]))
  const change = { warmUpSecondsMax: 0, measureSeconds: 30, payloadBytes: 100_000 }

  const command = startCommandLine(context, folder, tinyRun(folder, change))

  const { exitCode, stderr } = await command.endWithin(ENDS_MS)
  expect(stderr).toMatch(message)
  expect(stderr).toMatch(/^Next: /m)
  expect(exitCode).toBe(2)
  await expectNothingLeft(command)
})

test('a machine under foreign load: measured, shown with the reason, and not ranked', async (context) => {
  const folder = scratchFolder(context)
  const burners = [1, 2].map(() => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }))
  context.onTestFinished(() => {
    for (const burner of burners) burner.kill('SIGKILL')
  })

  const command = startCommandLine(context, folder, tinyRun(folder))

  const { exitCode, stdout } = await command.endWithin(ENDS_MS)
  expect(stdout).toContain('event/wal is not ranked')
  expect(gateOf(folder, 'foreign-load')).toMatchObject({ held: false, limit: 0.1 })
  expect(exitCode).toBe(0)
  await expectNothingLeft(command)
})

const tinyRun = (folder: string, change: object = {}): readonly string[] => [
  ...['run', workloadIn(folder, change)],
  ...['--subject', 'event/wal', '--rounds', '1'],
]

/** An adapter of the name `event` whose nodes have bad luck at their start. */
function adapterIn(folder: string, way: string): string {
  const directory = join(folder, 'adapter')
  mkdirSync(directory)
  const shipped = join(packageRoot, 'adapters', 'raft', 'event', 'adapter.json')
  const { $schema: _, ...manifest } = JSON.parse(readFileSync(shipped, 'utf8'))
  const wrapper = join(support, 'fake-adapters', 'real-node-after.mjs')
  const start = ['node', wrapper, way, join(packageRoot, 'dist', 'node.js')]
  writeFileSync(join(directory, 'adapter.json'), JSON.stringify({ ...manifest, start }))
  return directory
}

function gateOf(folder: string, name: string): Gate | undefined {
  const [id = ''] = readdirSync(join(folder, 'results', 'runs'))
  const path = join(folder, 'results', 'runs', id, 'run.json')
  const { gates }: RunRecord = JSON.parse(readFileSync(path, 'utf8'))
  return gates.find((gate) => gate.name === name)
}

function stderrOfNodes(folder: string): string {
  return [1, 2, 3]
    .map((node) =>
      execFileSync('sh', ['-c', `cat results/runs/*/nodes/${node}/stderr.log`], { cwd: folder }),
    )
    .join('')
}

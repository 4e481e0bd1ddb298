import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import type { PowerCutRecord } from '../../src/judgement/history/power-cut-record.ts'
import { packageRoot } from '../../src/os/package-root.ts'
import {
  expectNothingLeft,
  scratchFolder,
  startCommandLine,
  type TestOf,
} from '../support/command-line.ts'

const ENDS_MS = 60_000
const canShutDown = process.getuid?.() === 0 && existsSync('/dev/loop-control')
/** Without it no program is found: what a machine without root is left with. */
const noPrograms = { PATH: '/nowhere' }

const schema = JSON.parse(
  readFileSync(join(packageRoot, 'docs/schemas/power-cut.schema.json'), 'utf8'),
)
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)

function check(
  testOf: TestOf,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const folder = scratchFolder(testOf)
  const command = ['check', 'power-cut', '--json', ...args]
  return startCommandLine(testOf, folder, command, environment)
}

test.runIf(canShutDown)(
  'what event/wal acknowledged outlives the end of its file systems, and the control shows it',
  async (testOf) => {
    const command = check(testOf, ['--subject', 'event/wal', '--cuts', '3', '--seed', '7'])
    const { exitCode, stdout, stderr } = await command.endWithin(ENDS_MS)

    const record: PowerCutRecord = JSON.parse(stdout)
    expect(record.reasons, stderr).toEqual([])
    expect(validate(record), JSON.stringify(validate.errors)).toBe(true)
    expect(record).toMatchObject({ method: 'filesystem-shutdown', cuts: 3, lost: 0 })
    expect(record.verdict).toBe('valid')
    expect(record.inFlight.min).toBeGreaterThanOrEqual(1)
    expect(record.control.lost).toBeGreaterThan(0)
    expect(record.scopes.map(({ cuts }) => cuts)).toEqual([1, 1, 1])
    expect(exitCode).toBe(0)
    const kept = join(command.folder, 'results', 'checks', record.id, 'power-cut.json')
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual(record)
    await expectNothingLeft(command)
    expect(imagesIn(command.folder)).toEqual([])
  },
)

test('without root a volatile tail stands in, and the report says why', async (testOf) => {
  const args = ['--subject', 'event/wal', '--cuts', '1', '--seed', '7']
  const { exitCode, stdout, stderr } = await check(testOf, args, noPrograms).endWithin(ENDS_MS)

  const record: PowerCutRecord = JSON.parse(stdout)
  expect(record, stderr).toMatchObject({ method: 'volatile-tail', lost: 0, verdict: 'valid' })
  expect(record.methodDetail).toMatch(/root|sh is not installed/)
  expect(record.control.lost).toBeGreaterThan(0)
  expect(exitCode).toBe(0)
})

test.runIf(canShutDown)('killed in the middle of a cut it leaves nothing', async (testOf) => {
  const command = check(testOf, ['--subject', 'event/wal', '--cuts', '50'])
  await command.untilThereIs('node', 3)
  expect(imagesIn(command.folder)).not.toEqual([])

  command.signal('SIGKILL')

  await command.ended
  await expectNothingLeft(command)
  await expect.poll(() => imagesIn(command.folder), { timeout: 5_000 }).toEqual([])
})

/** Backing files of loop devices that lie in `folder`, also those that were removed. */
function imagesIn(folder: string): readonly string[] {
  return readdirSync('/sys/block')
    .map((device) => `/sys/block/${device}/loop/backing_file`)
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').trim())
    .filter((image) => image.startsWith(folder))
}

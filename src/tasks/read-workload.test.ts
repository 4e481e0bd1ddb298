import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RaftmarkError } from '../base/errors.ts'
import { WorkloadLibrary } from './read-workload.ts'

const shipped = new WorkloadLibrary('workloads')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raftmark-workloads-'))
  await mkdir(join(folder, 'suites'))
  for (const name of ['workload.schema.json', 'suite.schema.json']) {
    await copyFile(join('workloads', name), join(folder, name))
  }
})

afterAll(() => rm(folder, { recursive: true }))

const QUESTION = 'question: Does the reader see every mistake?'
const LOOP = 'arrival:\n  kind: closed\n  inFlight: 1'

async function mistakeIn(text: string, name = 'mine'): Promise<RaftmarkError> {
  await writeFile(join(folder, `${name}.yaml`), text)
  const error: unknown = await new WorkloadLibrary(folder).workloads(name).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(RaftmarkError)
  return error as RaftmarkError
}

test('every shipped workload and suite is right, and every suite keeps its names', async () => {
  const names = await shipped.names()
  expect(names.workloads).toContain('steady')
  for (const name of names.workloads)
    expect((await shipped.workloads(name)).length).toBeGreaterThan(0)
  for (const name of names.suites) await shipped.suite(name)
})

test('defaults are filled in, a sweep becomes one workload a value', async () => {
  const cases = await shipped.workloads('engine-only')
  expect(cases.map((workload) => workload.arrival)).toEqual(
    [1, 64, 256, 1024, 4096].map((inFlight) => ({ kind: 'closed', inFlight })),
  )
  expect(cases[1]).toMatchObject({ variant: { inFlight: 64 }, keys: 'round-robin' })
  expect(cases[1]?.fetch).toEqual({ bytesMax: 131072, waitMsMax: 500, consistency: 'committed' })
  expect(cases[1]).not.toHaveProperty('sweep')
})

test('an unknown name is answered with the nearest', async () => {
  await expect(shipped.workloads('stedy')).rejects.toMatchObject({
    code: 'suite-not-found',
    nextStep: expect.stringContaining('Did you mean steady?'),
  })
})

test.each([
  {
    mistake: 'an unknown key',
    text: `name: mine\n${QUESTION}\n${LOOP}\npayloadBites: 10`,
    place: { line: 6, key: 'payloadBites' },
    message: 'payloadBites is no known key.',
    nextStep: 'Did you mean payloadBytes',
  },
  {
    mistake: 'an unknown key of the arrival',
    text: `name: mine\n${QUESTION}\n${LOOP}\n  inflight: 2`,
    place: { line: 6, key: 'arrival.inflight' },
    message: 'arrival.inflight is no known key.',
    nextStep: 'Did you mean inFlight',
  },
  {
    mistake: 'a value with a unit',
    text: `name: mine\n${QUESTION}\n${LOOP}\nstore: memory\nsyncDelayMs: 5s`,
    place: { line: 7, key: 'syncDelayMs' },
    message: 'syncDelayMs must be a number; found "5s".',
    nextStep: 'Write 5000: syncDelayMs is in milliseconds.',
  },
  {
    mistake: 'bytes with a unit',
    text: `name: mine\n${QUESTION}\n${LOOP}\npayloadBytes: 1KiB`,
    place: { line: 6, key: 'payloadBytes' },
    message: 'payloadBytes must be an integer; found "1KiB".',
    nextStep: 'Write 1024: payloadBytes is in bytes.',
  },
  {
    mistake: 'a negative number',
    text: `name: mine\n${QUESTION}\narrival:\n  kind: poisson\n  ratePerSecond: -5`,
    place: { line: 5, key: 'arrival.ratePerSecond' },
    message: 'arrival.ratePerSecond is -5; it must be >= 1.',
    nextStep: 'Operations (batches) per second',
  },
  {
    mistake: 'an absurd number',
    text: `name: mine\n${QUESTION}\n${LOOP}\npartitions: 1000000`,
    place: { line: 6, key: 'partitions' },
    message: 'partitions is 1000000; it must be <= 1024.',
    nextStep: 'It means',
  },
  {
    mistake: 'values that do not go together',
    text: `name: mine\n${QUESTION}\n${LOOP}\npayloadBytes: 1000\nrecordsPerBatch: 10000`,
    place: { line: 6, key: 'payloadBytes' },
    message: 'payloadBytes: a batch would have 10320064 bytes; nodes take 1048576',
    nextStep: 'Change one',
  },
  {
    mistake: 'steps that do not fill the time',
    text:
      `name: mine\n${QUESTION}\nmeasureSeconds: 9\narrival:\n  kind: steps\n  steps:\n` +
      '    - { ratePerSecond: 5, seconds: 4 }',
    place: { line: 3, key: 'measureSeconds' },
    message: 'measureSeconds: the steps last 4 s, and so must the measured phase',
    nextStep: 'Change one',
  },
  {
    mistake: 'a word that is none of the choices',
    text: `name: mine\n${QUESTION}\n${LOOP}\nacks: qorum`,
    place: { line: 6, key: 'acks' },
    message: 'acks cannot be "qorum".',
    nextStep: 'Did you mean quorum?',
  },
  {
    mistake: 'an unknown arrival',
    text: `name: mine\n${QUESTION}\narrival:\n  kind: open\n  ratePerSecond: 5`,
    place: { line: 4, key: 'arrival.kind' },
    message: 'arrival.kind cannot be "open".',
    nextStep: 'Use one of: constant, poisson, steps, ramp, closed, search.',
  },
  {
    mistake: 'a missing key',
    text: `name: mine\n${LOOP}`,
    place: { line: 1 },
    message: 'question is missing.',
    nextStep: 'Add it',
  },
  {
    mistake: 'a foreign name',
    text: `name: yours\n${QUESTION}\n${LOOP}`,
    place: { line: 1, key: 'name' },
    message: 'name: “yours” stands in the file mine.yaml.',
    nextStep: 'Write name: mine',
  },
  {
    mistake: 'a key twice',
    text: `name: mine\nname: mine\n${QUESTION}`,
    place: { line: 2 },
    message: 'This is no YAML: Map keys must be unique.',
    nextStep: 'Correct the line.',
  },
])('$mistake is refused with file, line and key', async ({ text, place, message, nextStep }) => {
  const error = await mistakeIn(text)

  expect(error.message).toBe(message)
  expect(error.place).toEqual({ file: join(folder, 'mine.yaml'), ...place })
  expect(error.nextStep).toContain(nextStep)
})

test('a suite that names no workload is refused at its line', async () => {
  const text = `name: two\n${QUESTION}\nsubjects: [tick]\nsecondsMax: 9\nparts:\n  - rounds: 1\n    workloads: [stedy]`
  await writeFile(join(folder, 'suites', 'two.yaml'), text)
  await writeFile(join(folder, 'steady.yaml'), `name: steady\n${QUESTION}\n${LOOP}`)

  await expect(new WorkloadLibrary(folder).suite('two')).rejects.toMatchObject({
    code: 'workload-invalid',
    place: { line: 7, key: 'parts.0.workloads.0' },
    nextStep: expect.stringContaining('steady'),
  })
})

test.each([
  ['a workload that it does not run', 'stedy', 'responseMs.p50', 'workload', 'steady'],
  ['a metric of another loop', 'steady', 'responseMs.p50', 'metric', 'achievedPerSecond'],
])(
  'a suite that is to decide %s is refused at its line',
  async (_, workload, metric, key, near) => {
    const primary = `primary:\n  - workload: ${workload}\n    metric: ${metric}\n`
    const text = `name: two\n${QUESTION}\nsubjects: [tick]\nsecondsMax: 9\n${primary}parts:\n  - rounds: 1\n    workloads: [steady]`
    await writeFile(join(folder, 'suites', 'two.yaml'), text)
    await writeFile(join(folder, 'steady.yaml'), `name: steady\n${QUESTION}\n${LOOP}`)

    await expect(new WorkloadLibrary(folder).suite('two')).rejects.toMatchObject({
      code: 'workload-invalid',
      place: { line: key === 'workload' ? 6 : 7, key: `primary.0.${key}` },
      nextStep: expect.stringContaining(near),
    })
  },
)

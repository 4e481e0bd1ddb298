import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { disk, type Examination, examinationLines, examineMachine, nodeVersion } from './doctor.ts'

test('a machine on which the tests run has what it needs for itself', async () => {
  const resultsDirectory = mkdtempSync(join(tmpdir(), 'raftmark-doctor-'))
  onTestFinished(() => rmSync(resultsDirectory, { recursive: true }))

  const { findings } = await examineMachine({ resultsDirectory })

  const states = new Map(findings.map(({ name, state }) => [name, state]))
  expect(states.get('node')).toBe('there')
  expect(states.get('results directory')).toBe('there')
  for (const { state, nextStep } of findings) expect(nextStep === undefined).toBe(state === 'there')
})

test('a results directory that cannot be written keeps the main job from running', async () => {
  const { findings, mainJobRuns } = await examineMachine({ resultsDirectory: '/proc/raftmark' })

  expect(mainJobRuns).toBe(false)
  expect(findings).toContainEqual(
    expect.objectContaining({ name: 'results directory', state: 'lacking' }),
  )
})

test.each([
  ['20.18.9', 'lacking'],
  ['20.19.0', 'there'],
  ['18.99.0', 'lacking'],
  ['24.1.0', 'there'],
])('Node.js %s is %s', (version, state) => {
  expect(nodeVersion(version).state).toBe(state)
})

test.each([
  ['ext4', 100 * 2 ** 30, 'there'],
  ['ext4', 2 ** 30, 'poor'],
  ['ext4', 2 ** 20, 'lacking'],
  ['tmpfs', 100 * 2 ** 30, 'poor'],
])('%s with %d bytes free is %s', (type, freeBytes, state) => {
  expect(disk({ type, freeBytes, device: 'd', mountPoint: '/' }).state).toBe(state)
})

test('what is lacking is said with its purpose and the next step', () => {
  const examination: Examination = {
    schema: 'raftmark/doctor/1',
    mainJobRuns: true,
    findings: [
      { name: 'node', state: 'there', found: '20.20.2', for: 'every run' },
      {
        name: 'fio',
        state: 'lacking',
        found: 'not found',
        for: 'the long calibration',
        nextStep: 'Install fio.',
      },
    ],
  }

  expect(examinationLines(examination)).toEqual([
    'there    node  20.20.2',
    'lacking  fio   not found',
    '               for: the long calibration',
    '               next: Install fio.',
    '',
    'The main job, "raftmark run quick", can run here.',
  ])
})
